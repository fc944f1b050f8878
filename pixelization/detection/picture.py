"""A picture of an image with its grid drawn in, for people to look at."""

import math

import numpy as np

from pixelization.detection.geometry import GridDetection

ROOM = 8  # pixels that a cell measures at least in the picture
LARGEST = 8192  # pixels of the picture's longer side, unless the image is larger
COLOR = (255, 0, 160)  # of the grid; rare in pictures


def draw_grid(image: np.ndarray, grid: GridDetection) -> np.ndarray:
    """The image, every pixel repeated until cells are large enough, with the grid on it.

    Args:
        image: uint8 ``(H, W, 3)``.
        grid: of this image, as detected, sure or not.

    Returns:
        uint8 ``(H * n, W * n, 3)``; a line of one pixel begins at every border of a cell.
    """
    factor = min(math.ceil(ROOM / min(grid.cell)), max(1, LARGEST // max(image.shape[:2])))
    picture = image.repeat(factor, axis=0).repeat(factor, axis=1)
    for axis in (0, 1):
        side = picture.shape[1 - axis]
        places = np.round(grid.bounds(axis) * factor).astype(int).clip(0, side - 1)
        picture[(slice(None), places) if axis == 0 else places] = COLOR
    return picture
