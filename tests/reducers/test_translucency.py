"""Cells that are half transparent all over."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pixelization.reducers.snapping import snap
from pixelization.reducers.translucency import flat_translucency, with_translucency


def glassy(seed=0, side=12):
    """A sprite with a shadow of alpha 90 and glass of alpha 170."""
    rng = np.random.default_rng(seed)
    sprite = np.zeros((side, side, 4), np.uint8)
    sprite[2:9, 2:9, :3] = rng.integers(0, 256, (7, 7, 3))
    sprite[2:9, 2:9, 3] = 255
    sprite[4:6, 4:7, 3] = 170
    sprite[9:11, 1:10] = (20, 10, 30, 90)
    return sprite


def times(sprite, factor):
    return sprite.repeat(factor, axis=0).repeat(factor, axis=1)


def bounds(cells, factor):
    return [np.arange(cells + 1.0) * factor] * 2


@pytest.mark.parametrize("factor", [1, 2, 3, 5, 8])
def test_flat_cells_are_found_with_their_colour_and_alpha(factor):
    sprite = glassy()
    found = flat_translucency(times(sprite, factor), bounds(12, factor))
    half = (sprite[..., 3] > 0) & (sprite[..., 3] < 255)
    assert (found[half] == sprite[half]).all() and not found[~half].any()


@pytest.mark.parametrize("factor", [1, 4])
def test_a_sprite_gets_its_half_transparency_back(factor):
    sprite = glassy(1)
    result = snap(times(sprite, factor), cell_size=factor)
    assert (with_translucency(np.asarray(result.sprite), result.translucent) == sprite).all()


def test_soft_edges_are_not_flat():
    drawing = Image.new("L", (1280, 1280))
    ImageDraw.Draw(drawing).ellipse((200, 160, 1100, 1010), fill=255)
    alpha = np.asarray(drawing.resize((320, 320), Image.Resampling.BOX))
    pixels = np.dstack([np.full((320, 320, 3), 90, np.uint8), alpha])
    assert ((alpha > 20) & (alpha < 235)).sum() > 300
    for cells in (32, 40, 48, 64, 80):
        assert flat_translucency(pixels, [np.linspace(0, 320, cells + 1)] * 2) is None


def test_what_is_opaque_or_almost_has_none():
    pixels = np.full((8, 8, 4), 250, np.uint8)
    pixels[:, 4:, 3] = 3
    assert flat_translucency(pixels, bounds(8, 1)) is None
    assert flat_translucency(pixels[..., :3], bounds(8, 1)) is None
