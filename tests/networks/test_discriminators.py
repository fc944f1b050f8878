"""PatchGAN: how much a logit sees, and how small an image may be."""

import pytest
import torch

from pixelization.networks.build import build_discriminator
from pixelization.networks.discriminators import judges
from pixelization.networks.schema import DiscriminatorConfig
from tests.networks.make import noise

SHAPES = [(4, (2, 2, 2, 1)), (3, (1, 2, 1)), (4, (2, 2, 1)), (3, (1, 2)), (5, (2,)), (7, (3, 1))]


def test_paper_discriminator_judges_70_pixel_patches():
    network = build_discriminator(DiscriminatorConfig(base_channels=4, norm="none"))
    image = torch.zeros(1, 3, 256, 256, requires_grad=True)
    network(image)[0, 0, 15, 15].backward()
    touched = image.grad.abs().sum((0, 1)).nonzero()
    assert (touched.max(0).values - touched.min(0).values + 1).tolist() == [70, 70]


@pytest.mark.parametrize("norm", ["instance", "spectral", "none"])
def test_norms(norm):
    network = build_discriminator(
        DiscriminatorConfig(base_channels=4, kernel_size=3, strides=(1, 2, 1), norm=norm)
    )
    assert network(noise(24, 24)).shape == (1, 1, 12, 12)


@pytest.mark.parametrize("kernel_size, strides", SHAPES)
@pytest.mark.parametrize("norm", ["instance", "none"])
def test_an_image_can_be_judged_if_the_network_computes(kernel_size, strides, norm):
    config = DiscriminatorConfig(
        base_channels=1, kernel_size=kernel_size, strides=strides, norm=norm
    )
    network = build_discriminator(config)
    for side in range(1, 40):
        try:
            network(noise(side, side))
            computes = True
        except (RuntimeError, ValueError):  # no pixel is left, or one that cannot be normalised
            computes = False
        assert judges(config, side) == computes, side
