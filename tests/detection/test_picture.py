"""The grid, drawn for people."""

import numpy as np

from pixelization.detection.geometry import GridDetection
from pixelization.detection.picture import COLOR, draw_grid


def test_lines_lie_on_the_borders_of_cells():
    image = np.full((12, 24, 3), 200, np.uint8)
    grid = GridDetection((12.0, 6.0), (0.0, 0.0), (2, 2), (24, 12), 0.5, False, ())
    drawn = draw_grid(image, grid)
    assert drawn.shape == (24, 48, 3)  # cells measure at least 8 pixels
    on_grid = (drawn == COLOR).all(axis=2)
    assert np.flatnonzero(on_grid.all(axis=0)).tolist() == [0, 24, 47]
    assert np.flatnonzero(on_grid.all(axis=1)).tolist() == [0, 12, 23]
    assert (drawn[~on_grid] == 200).all()


def test_native_pixels_become_large_enough_to_see():
    grid = GridDetection((1.0, 1.0), (0.0, 0.0), (5, 4), (5, 4), 1.0, True, ())
    assert draw_grid(np.zeros((4, 5, 3), np.uint8), grid).shape == (32, 40, 3)


def test_a_large_image_stays_as_large_as_it_is():
    grid = GridDetection((2.0, 2.0), (0.0, 0.0), (4500, 1), (9000, 2), 0.1, False, ())
    assert draw_grid(np.zeros((2, 9000, 3), np.uint8), grid).shape == (2, 9000, 3)
