"""The networks of CycleGAN: sizes of the published code, shapes, any size of image."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from pixelization.networks.attention import BlockAttention, SelfAttention, SqueezeExcite
from pixelization.networks.build import build_cyclegan, build_discriminator
from pixelization.networks.discriminators import judges
from pixelization.networks.quantising import VectorQuantiser
from pixelization.networks.schema import (
    CycleDiscriminatorConfig,
    CycleGANConfig,
    CycleGeneratorConfig,
    DiscriminatorConfig,
)
from tests.networks.make import noise


def generator(**options):
    return build_cyclegan(CycleGANConfig(generator=CycleGeneratorConfig(**options))).a2b


def count(network):
    return sum(parameter.numel() for parameter in network.parameters())


def missing_biases(network):
    """Biases that the published code has with instance norm, which takes them away again."""
    layers = [
        each for each in network.modules() if isinstance(each, nn.Conv2d | nn.ConvTranspose2d)
    ]
    return sum(layer.out_channels for layer in layers if layer.bias is None)


@pytest.mark.parametrize(
    "parameters, options",
    [
        (7_841_411, {"num_blocks": 6, "norm": "instance_affine"}),
        (11_383_427, {"num_blocks": 9, "norm": "instance_affine", "upsampling": "nearest"}),
        (54_413_955, {"kind": "unet", "norm": "instance_affine"}),
    ],
)
def test_parameters_of_the_published_networks(parameters, options):
    with torch.device("meta"):
        assert count(generator(**options)) == parameters


@pytest.mark.parametrize(
    "parameters, options",
    [
        (7_837_699, {"num_blocks": 6}),
        (11_378_179, {"num_blocks": 9}),
        (54_409_603, {"kind": "unet"}),
    ],
)
def test_parameters_with_the_biases_that_instance_norm_takes_away(parameters, options):
    with torch.device("meta"):
        network = generator(**options)
        assert count(network) + missing_biases(network) == parameters


def test_the_thesis_keeps_the_biases_of_nearest_up_sampling():
    with torch.device("meta"):
        network = generator(norm="instance_affine", upsampling="nearest")
        up = network.up1.conv.out_channels + network.up2.conv.out_channels
        assert count(network) + up == 11_383_619


@pytest.mark.parametrize(
    "parameters, norm",
    [(2_764_737, "spectral"), (2_764_737 - 896, "instance"), (2_764_737 + 896, "instance_affine")],
)
def test_parameters_of_the_70_pixel_discriminator(parameters, norm):
    with torch.device("meta"):
        network = build_discriminator(DiscriminatorConfig(norm=norm))
        assert count(network) == parameters  # 896 channels are normalised
        assert network(torch.empty(1, 3, 256, 256)).shape == (1, 1, 30, 30)


@pytest.mark.parametrize("upsampling", ["deconv", "nearest"])
@pytest.mark.parametrize("size", [(32, 32), (37, 50)])
def test_a_resnet_keeps_any_size(upsampling, size):
    network = generator(base_channels=4, num_blocks=1, upsampling=upsampling)
    made = network(noise(*size))
    assert made.shape == (1, 3, *size) and made.abs().max() <= 1


def test_a_unet_has_a_pixel_in_the_middle_and_takes_multiples_only():
    network = generator(kind="unet", base_channels=2, norm="instance_affine")
    sizes = []
    for down in network.downs:
        down.register_forward_hook(lambda *call: sizes.append(tuple(call[2].shape[1:])))
    assert network(noise(256, 256)).shape == (1, 3, 256, 256)
    widths, sides = (2, 4, 8, 16, 16, 16, 16, 16), (128, 64, 32, 16, 8, 4, 2, 1)
    assert sizes == [(width, side, side) for width, side in zip(widths, sides, strict=True)]
    with pytest.raises(ValueError, match="multiples of 256, got 128x256"):
        network(noise(256, 128))


def test_a_unet_of_any_size_is_padded_by_its_edge():
    networks = build_cyclegan(
        CycleGANConfig(generator=CycleGeneratorConfig("unet", base_channels=2, num_downs=5))
    )
    image = noise(40, 64)
    padded = torch.cat([image, image[:, :, -1:].expand(-1, -1, 24, -1)], dim=2)
    assert torch.equal(networks.pixelize(image), networks.a2b(padded)[:, :, :40])
    assert not networks.local and networks.stride == 32


@pytest.mark.parametrize("kind, places", [("resnet", 1), ("unet", 3)])
def test_dropout_is_for_training_only(kind, places, monkeypatch):
    network = generator(kind=kind, base_channels=2, num_blocks=1, dropout=0.5)
    image = noise(256, 256)
    calls = []
    dropout = nn.functional.dropout

    def counted(x, chance, training):
        calls.append((chance, training))
        return dropout(x, chance, training)

    monkeypatch.setattr(nn.functional, "dropout", counted)
    assert not torch.equal(network(image), network(image))
    assert calls == 2 * places * [(0.5, True)]
    network.eval()
    assert torch.equal(network(image), network(image))


def test_strided_convolutions_pad_with_zeros_and_others_reflect():
    network = generator(base_channels=2, num_blocks=1)
    modes = {
        name: layer.padding_mode
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Conv2d)
    }
    zeros = {name for name, mode in modes.items() if mode == "zeros"}
    assert zeros == {"trunk.conv2.conv", "trunk.conv3.conv"}


def test_self_attention_has_the_published_sizes_and_begins_as_none():
    with torch.device("meta"):
        plain, attentive = (generator(norm="instance_affine", attention=on) for on in (False, True))
        assert count(attentive) - count(plain) == 82_241
        plain, attentive = (
            build_discriminator(CycleDiscriminatorConfig(norm="spectral", attention=on))
            for on in (False, True)
        )
        assert count(attentive) - count(plain) == 328_321
    torch.manual_seed(0)
    attentive = generator(base_channels=4, num_blocks=1, attention=True)
    plain = generator(base_channels=4, num_blocks=1)
    missing, extra = plain.load_state_dict(attentive.state_dict(), strict=False)
    assert not missing and all(name.startswith("trunk.residual.1.") for name in extra)
    assert torch.equal(plain(noise(32, 32)), attentive(noise(32, 32)))


def test_self_attention_by_a_plain_loop():
    torch.manual_seed(0)
    layer, x = SelfAttention(8), torch.randn(2, 8, 3, 4)
    with torch.no_grad():
        layer.gamma.fill_(0.7)
        made = layer(x)
        query, key, value = (each(x).flatten(2) for each in (layer.query, layer.key, layer.value))
        shares = (query.transpose(1, 2) @ key).softmax(-1)
        expected = x + 0.7 * (value @ shares.transpose(1, 2)).reshape(x.shape)
    assert torch.allclose(made, expected, atol=1e-5)


def gate_by_hand(layer, vector):
    """Two matrices with a ReLU between."""
    first, _, second = layer.gate
    narrow = (first.weight[..., 0, 0] @ vector).clamp_min(0)
    return second.weight[..., 0, 0] @ narrow


def test_squeeze_and_excite_by_hand():
    torch.manual_seed(0)
    layer, x = SqueezeExcite(32), torch.randn(1, 32, 3, 4)
    with torch.no_grad():
        shares = gate_by_hand(layer, x[0].mean((1, 2))).sigmoid()
        assert torch.allclose(layer(x), x * shares[:, None, None], atol=1e-6)


def test_block_attention_by_hand():
    torch.manual_seed(0)
    layer, x = BlockAttention(32), torch.randn(1, 32, 9, 8)
    with torch.no_grad():
        gates = gate_by_hand(layer, x[0].mean((1, 2))) + gate_by_hand(layer, x[0].amax((1, 2)))
        weighed = x[0] * gates.sigmoid()[:, None, None]
        maps = torch.stack([weighed.mean(0), weighed.amax(0)])
        padded = torch.nn.functional.pad(maps, (3, 3, 3, 3))
        window = (padded[:, 2:9, 5:12] * layer.place.weight[0]).sum()
        assert torch.allclose(layer(x)[0, :, 2, 5], weighed[:, 2, 5] * window.sigmoid(), atol=1e-5)


@pytest.mark.parametrize("gates, extra", [("squeeze", 9 * 8192), ("cbam", 9 * (8192 + 98))])
def test_parameters_of_gates(gates, extra):
    """Of each of nine blocks: 256 to 16 channels and back; two maps with 7 x 7 pixels."""
    with torch.device("meta"):
        assert count(generator(gates=gates)) - count(generator()) == extra


def test_mixed_gates_take_turns():
    network = generator(base_channels=4, num_blocks=3, gates="mixed")
    kinds = [type(block.gate) for block in network.trunk.residual]
    assert kinds == [BlockAttention, SqueezeExcite, BlockAttention]
    assert network(noise(32, 40)).shape == (1, 3, 32, 40)
    narrow = CycleGeneratorConfig(base_channels=4, num_blocks=1, gates="cbam")
    assert not build_cyclegan(CycleGANConfig(generator=narrow)).local


def test_a_quantiser_takes_the_nearest_code_and_passes_gradients_on():
    layer = VectorQuantiser(2, 3)
    layer.codes.data = torch.tensor([[0.0, 0.0], [1.0, 1.0], [5.0, 5.0]])
    x = torch.tensor([[0.9, 0.2], [1.5, 0.0]]).view(1, 2, 1, 2).requires_grad_()
    made = layer(x)  # the vectors are (0.9, 1.5) and (0.2, 0)
    assert torch.allclose(made.flatten(2)[0].T, torch.tensor([[1.0, 1.0], [0.0, 0.0]]))
    made.sum().backward()
    assert (x.grad == 1).all() and layer.codes.grad is None
    distance = (0.1**2 + 0.5**2 + 0.2**2 + 0) / 4
    assert layer.loss.item() == pytest.approx(1.25 * distance)
    layer.loss.backward()
    assert layer.codes.grad[0].abs().sum() > 0 and (layer.codes.grad[2] == 0).all()


def test_parameters_of_codes():
    with torch.device("meta"):
        assert count(generator(codes=512)) - count(generator()) == 512 * 256


@pytest.mark.parametrize(
    "strides, side, features", [((2,) * 4, 256, (512, 16, 16)), ((2,) * 3, 96, (256, 12, 12))]
)
def test_two_heads_of_the_report(strides, side, features):
    config = CycleDiscriminatorConfig(strides=strides, heads="both")
    with torch.device("meta"):
        network, image = build_discriminator(config), torch.empty(2, 3, side, side)
        patch, whole = network(image)
        found = network.features(image)
    assert patch.shape == (2, 1, *features[1:]) and whole.shape == (2, 1)
    assert found[-1].shape == (2, *features) and len(found) == len(strides)
    widths = [3, *(64 * 2**level for level in range(len(strides)))]
    convolutions = sum(16 * a * b for a, b in pairwise(widths))
    assert count(network) == convolutions + 9 * widths[-1] + 1 + widths[-1] + 1


@pytest.mark.parametrize("side", [15, 16, 17, 31, 32, 33])
def test_two_heads_judge_what_they_compute(side):
    config = CycleDiscriminatorConfig(base_channels=1, strides=(2,) * 4, heads="both")
    network = build_discriminator(config)
    try:
        network(noise(side, side))
        computes = True
    except (RuntimeError, ValueError):
        computes = False
    assert judges(config, side) == computes
