"""Error diffusion: the fast code gives what the plain one gives."""

import numpy as np
import pytest

from pixelization.color.oklab import perceptual
from pixelization.images.sprites import opaque_cells, painted, sprite_colors
from pixelization.palettes.assignment import unique_colors
from pixelization.palettes.diffusion import KERNELS, _unlikeness, diffused
from tests.make import random_palette, random_sprite


def diffused_by_pixels(sprite, palette, kernel, strength):
    """Error diffusion as it is published: pixel after pixel, row after row."""
    height, width = sprite.shape[:2]
    shades = unique_colors(palette)
    points = perceptual(shades)
    values = perceptual(sprite_colors(sprite))
    share_spread = strength * _unlikeness(values.reshape(-1, 3), points).reshape(height, width)
    drawn = np.zeros((height, width, 3), np.uint8)
    for y, x in np.argwhere(opaque_cells(sprite)):
        # A palette cannot make up for errors beyond its range.
        value = values[y, x].clip(points.min(axis=0), points.max(axis=0))
        nearest = np.linalg.norm(value - points, axis=1).argmin()
        drawn[y, x] = shades[nearest]
        error = share_spread[y, x] * (value - points[nearest])
        for down, right, share in kernel:
            if y + down < height and 0 <= x + right < width:
                values[y + down, x + right] += share * error
    return painted(sprite, drawn)


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
