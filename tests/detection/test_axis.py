"""The grids of one axis."""

import numpy as np

from pixelization.detection.detector import detect_grid


def test_the_fit_does_not_make_cells_larger_than_an_eighth_of_the_image():
    noise = np.random.default_rng(59)
    image = (noise.integers(0, 4, (31, 31, 3)) * 40 + 60).astype(np.uint8)
    # a period below the limit fits best with cells above it
    image[noise.random((31, 31)) < 0.3] = 200
    found = detect_grid(image)
    assert (
        max(*found.cell, *(cell for candidate in found.candidates for cell in candidate.cell))
        <= 31 / 8
    )
