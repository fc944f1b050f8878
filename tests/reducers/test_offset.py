"""An image moved under its grid."""

import numpy as np
import pytest
from PIL import Image

from pixelization.reducers.offset import moved

COLUMNS = np.arange(12, dtype=np.uint8)
IMAGE = Image.fromarray(
    np.stack([np.broadcast_to(COLUMNS, (8, 12)), *np.mgrid[:8, :12]], 2).astype(np.uint8)
)


@pytest.mark.parametrize(
    ("part", "step", "seen"),
    [
        (0.0, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        (0.25, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11]),
        (0.5, 2, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11, 11]),
        (0.75, -1, [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (0.1, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),  # less than half a pixel
    ],
)
def test_cells_of_four_pixels_see_what_a_part_of_them_away_lies(part, step, seen):
    pixels = np.asarray(moved(IMAGE, (part, 0.0), (3, 2)))
    assert pixels[0, :, 0].tolist() == seen
    assert np.array_equal(pixels[:, :, 1], np.asarray(IMAGE)[:, :, 1]), "rows stay"
    around = np.asarray(moved(IMAGE, (part, 0.0), (3, 2), repeats=True))
    assert np.array_equal(around[0, :, 0], np.roll(COLUMNS, -step)), "of a tile nothing is lost"


def test_it_moves_down_as_well_and_cells_need_not_be_square():
    pixels = np.asarray(moved(IMAGE.convert("RGBA"), (0.5, 0.5), (2, 4)))  # cells of 6 x 2 pixels
    assert pixels[:, 0, 1].tolist() == [1, 2, 3, 4, 5, 6, 7, 7]
    assert pixels[0, :, 0].tolist() == [3, 4, 5, 6, 7, 8, 9, 10, 11, 11, 11, 11]
