"""Tiles that repeat."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import Image
from scipy import ndimage

from pixelization.cells.tiling import LEAST_AROUND, cells_around
from pixelization.reducers.base import Reduced, sprite_size
from pixelization.reducers.wrapping import reduce_wrapped


def blurring(image, *, cell_size, size):
    """A reducer whose cells know their neighbours, and at the border nothing."""
    width, height = sprite_size(image.size, cell_size, size)
    pixels = np.asarray(image).astype(float)
    soft = ndimage.gaussian_filter(pixels, (6, 6, 0), mode="constant").astype(np.uint8)
    sprite = Image.fromarray(soft).resize((width, height), Image.Resampling.BOX)
    return Reduced(sprite, (image.width / width, image.height / height))


@pytest.mark.parametrize("size", [(16, 12), (13, 11), (16, None)])
def test_a_tile_moved_in_itself_gives_the_sprite_moved_in_itself(size):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (12, 16, 3), np.uint8).repeat(11, axis=0).repeat(13, axis=1)
    found = reduce_wrapped(blurring, Image.fromarray(pixels), cell_size=None, size=size)
    width, height = sprite_size((208, 132), None, size)
    assert found.sprite.size == (width, height)
    assert found.cell_size == (208 / width, 132 / height)
    if 208 % width or 132 % height:
        return
    moved = np.roll(pixels, (132 // height * 3, 208 // width * 5), axis=(0, 1))
    other = reduce_wrapped(blurring, Image.fromarray(moved), cell_size=None, size=size)
    back = np.roll(np.asarray(other.sprite), (-3, -5), axis=(0, 1))
    assert (back == np.asarray(found.sprite)).all()


@given(st.integers(1, 300), st.integers(1, 3000))
def test_what_is_put_around_is_whole_in_cells_and_pixels(cells, pixels):
    around = cells_around(cells, pixels)
    assert 1 <= around <= cells and around * pixels % cells == 0
    assert around >= min(cells, LEAST_AROUND)
