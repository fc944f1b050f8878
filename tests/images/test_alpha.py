"""The colour under transparency."""

import numpy as np

from pixelization.images.alpha import fill_transparent

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def test_fill_transparent_by_hand():
    row = np.zeros((1, 7, 4), np.uint8)
    row[0, :, :3] = 99  # rubbish under the transparent pixels
    row[0, 0], row[0, 1] = (*RED, 255), (*BLUE, 128)
    row[0, 2, 3] = 127
    filled = fill_transparent(row, radius=2)[0].tolist()
    assert filled == [
        list(RED),
        list(BLUE),
        list(BLUE),
        list(BLUE),
        [255] * 3,
        [255] * 3,
        [255] * 3,
    ]
    assert (fill_transparent(np.zeros((3, 3, 4), np.uint8), radius=5) == 255).all()
