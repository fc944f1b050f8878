"""Error diffusion: the fast code gives what the plain one gives."""

import numpy as np
import pytest

from pixelization.palettes.diffusion import KERNELS, diffused, diffused_by_pixels
from tests.make import random_palette, random_sprite


@pytest.mark.parametrize("kind", KERNELS)
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 7), (23, 5), (6, 31)])
@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_diffusion_by_diagonals_is_diffusion_by_pixels(kind, size, strength):
    sprite, palette = random_sprite(3, size), random_palette(6, 3)
    for image in (sprite, sprite[..., :3]):
        plain = diffused_by_pixels(image, palette, KERNELS[kind], strength)
        assert plain.shape == image.shape
        assert np.array_equal(diffused(image, palette, KERNELS[kind], strength), plain)


def test_one_colour_has_no_error_to_choose_by():
    sprite, palette = random_sprite(4, (5, 6)), random_palette(1)
    drawn = diffused(sprite, palette, KERNELS["atkinson"], 1.0)
    assert np.array_equal(
        drawn, diffused_by_pixels(sprite, palette, KERNELS["atkinson"], 1.0)
    ) and set(map(tuple, drawn[drawn[..., 3] > 0, :3])) == {tuple(palette.colors[0])}
