"""An image moved under its grid."""

import numpy as np
import pytest
from PIL import Image

from pixelization.reducers.offset import grid_corner, moved

PIXELS = np.random.default_rng(0).integers(0, 256, (8, 12, 4), np.uint8)


@pytest.mark.parametrize(
    ("cell", "corners"),
    [
        (8, [0, 2, 4, -2]),
        (5, [0, 1, 2, -1]),
        (3, [0, 1, 1, -1]),  # at most half a cell: 1.5 is 1
        (2, [0, 0, 1, 0]),
        (1, [0, 0, 0, 0]),
        (5.4, [0, 1, 3, -1]),
    ],
)
def test_corners_are_whole_pixels_at_most_half_a_cell_away(cell, corners):
    parts = (0, 0.25, 0.5, 0.75)
    assert [grid_corner((part, 0), (cell, 9))[0] for part in parts] == corners
    assert [grid_corner((0, part), (9, cell))[1] for part in parts] == corners


def test_at_one_side_pixels_are_lost_and_at_the_other_the_border_is_repeated():
    found = np.asarray(moved(Image.fromarray(PIXELS), (2, -1)))
    assert np.array_equal(found[1:, :-2], PIXELS[:-1, 2:])
    assert np.array_equal(found[0], found[1]) and np.array_equal(found[1:, -1], PIXELS[:-1, -1])
    assert np.array_equal(found[:, -2], found[:, -3])


def test_of_a_tile_that_repeats_nothing_is_lost():
    image = Image.fromarray(PIXELS).convert("RGB")
    found = np.asarray(moved(image, (2, -1), repeats=True))
    assert np.array_equal(found, np.roll(np.asarray(image), (1, -2), (0, 1)))
