"""The networks of CycleGAN: sizes of the published code, shapes, any size of image."""

import pytest
import torch
from torch import nn

from pixelization.networks.attention import SelfAttention
from pixelization.networks.build import build_cyclegan, build_discriminator
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
