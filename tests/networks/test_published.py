"""Generators of pytorch-CycleGAN-and-pix2pix: the same functions, from files that it wrote."""

import pytest
import torch
from torch import nn

from pixelization.errors import UserError
from pixelization.networks.weights import load_weights
from tests.networks.make import noise

NORMS = {
    "instance": lambda channels: nn.InstanceNorm2d(channels),
    "batch": lambda channels: nn.BatchNorm2d(channels),
}


class Residual(nn.Module):
    def __init__(self, width, norm, dropout):
        super().__init__()
        bias = norm == "instance"

        def half():
            conv = nn.Conv2d(width, width, 3, bias=bias)
            return [nn.ReflectionPad2d(1), conv, NORMS[norm](width)]

        middle = [nn.ReLU(), nn.Dropout(0.5)] if dropout else [nn.ReLU()]
        self.conv_block = nn.Sequential(*half(), *middle, *half())

    def forward(self, x):
        return x + self.conv_block(x)


class ResNet(nn.Module):
    """As published: layers by their index in one sequence."""

    def __init__(self, width, blocks, norm, dropout=False):
        super().__init__()
        bias, normed = norm == "instance", NORMS[norm]
        layers = [
            nn.ReflectionPad2d(3),
            nn.Conv2d(3, width, 7, bias=bias),
            normed(width),
            nn.ReLU(),
        ]
        for many in (1, 2):
            conv = nn.Conv2d(many * width, 2 * many * width, 3, 2, 1, bias=bias)
            layers += [conv, normed(2 * many * width), nn.ReLU()]
        layers += [Residual(4 * width, norm, dropout) for _ in range(blocks)]
        for many in (4, 2):
            half = many * width // 2
            up = nn.ConvTranspose2d(many * width, half, 3, 2, 1, output_padding=1, bias=bias)
            layers += [up, normed(half), nn.ReLU()]
        self.model = nn.Sequential(
            *layers, nn.ReflectionPad2d(3), nn.Conv2d(width, 3, 7), nn.Tanh()
        )

    def forward(self, x):
        return self.model(x)


class Level(nn.Module):
    """As published: each level holds the next one."""

    def __init__(self, outer, inner, level, norm, fed=None):
        super().__init__()
        bias, normed = norm == "instance", NORMS[norm]
        self.outermost = fed is not None
        down = nn.Conv2d(fed or outer, inner, 4, 2, 1, bias=bias)
        twice = inner if level is None else 2 * inner
        if self.outermost:
            up = [nn.ReLU(), nn.ConvTranspose2d(twice, 3, 4, 2, 1), nn.Tanh()]
            layers = [down, level, *up]
        else:
            up = [nn.ReLU(), nn.ConvTranspose2d(twice, outer, 4, 2, 1, bias=bias), normed(outer)]
            middle = [] if level is None else [normed(inner), level]
            layers = [nn.LeakyReLU(0.2), down, *middle, *up]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        made = self.model(x)
        return made if self.outermost else torch.cat([x, made], 1)


class UNet(nn.Module):
    def __init__(self, width, norm):
        super().__init__()
        level = Level(8 * width, 8 * width, None, norm)
        for outer, inner in ((4, 8), (2, 4), (1, 2)):
            level = Level(outer * width, inner * width, level, norm)
        self.model = Level(3, width, level, norm, fed=3)

    def forward(self, x):
        return self.model(x)


def saved(network, path):
    torch.manual_seed(0)
    for parameter in network.parameters():
        nn.init.normal_(parameter, 0, 0.3)
    torch.save(network.state_dict(), path)
    return network


@pytest.mark.parametrize(
    "network, kind",
    [
        (lambda: ResNet(4, 2, "instance"), "resnet"),
        (lambda: ResNet(4, 1, "instance", dropout=True), "resnet"),
        (lambda: ResNet(3, 2, "batch"), "resnet"),
        (lambda: UNet(2, "instance"), "unet"),
        (lambda: UNet(2, "batch"), "unet"),
    ],
)
def test_it_computes_what_the_published_network_does(network, kind, tmp_path):
    theirs = saved(network(), tmp_path / "latest_net_G_A.pth")
    for layer in theirs.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
    networks, metadata = load_weights(tmp_path / "latest_net_G_A.pth")
    assert f'"kind": "{kind}"' in metadata["config"] and metadata["name"] == "latest_net_G_A"
    image = noise(64, 64)
    with torch.no_grad():
        expected = theirs.train()(image)  # batch norm of one image
        found = networks.eval().pixelize(image)
    assert expected.std() > 0.1
    assert torch.allclose(found, expected, atol=2e-4)
    with pytest.raises(UserError, match="no network for the way back"):
        networks.depixelize(image)


def refused(path):
    with pytest.raises(UserError) as caught:
        load_weights(path)
    message = str(caught.value)
    assert "\n" not in message and str(path) in message
    return message


def test_files_that_hold_something_else_are_refused(tmp_path):
    path = tmp_path / "a.pth"
    assert "no such file" in refused(path)
    path.write_bytes(b"hello")
    assert "damaged" in refused(path)
    tensors = saved(ResNet(2, 1, "instance"), path).state_dict()
    for change in (
        {"model.30.weight": torch.zeros(1)},
        {"model.1.weight": torch.zeros(5, 3, 7, 7)},
    ):
        torch.save(tensors | change, path)
        assert "no generator" in refused(path)
    torch.save({key: value for key, value in tensors.items() if "conv_block" not in key}, path)
    assert "no generator" in refused(path)
    torch.save({}, path)
    assert "no generator" in refused(path)
    torch.save(tensors | {"model.1.bias": torch.full((2,), float("nan"))}, path)
    assert "finite" in refused(path)


def test_code_in_a_file_does_not_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    torch.save({"model.1.weight": Evil()}, tmp_path / "evil.pth")
    refused(tmp_path / "evil.pth")
    assert not (tmp_path / "ran").exists()
