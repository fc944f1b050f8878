"""What becomes of the thin dark strokes of a drawing, and how much darkness they cost."""

import numpy as np
from scipy import ndimage

from pixelization.cells.voting import paint_cells
from pixelization.color.luma import luma

CONTRAST = 60  # of 255: how much darker than both its sides a pixel of a stroke is
DARK = 80  # luma, of 255, below which a pixel is dark
RARE = 0.005  # a share of stroke pixels below this is too small to be measured


def stroke_recall(source: np.ndarray, sprite: np.ndarray) -> float:
    """Share of the thin dark strokes of the source that the sprite still shows.

    A stroke is thinner than a cell: closing the luma with a square of a cell's size fills it in, by
    at least ``CONTRAST``. Its pixel is found again if the luma of the cell that it lies in is
    nearer to the stroke's than to the filled-in surroundings'.

    Args:
        source: uint8 ``(H, W, 3)`` on white.
        sprite: uint8 ``(h, w, 3)``, one pixel per cell of the source.

    Returns:
        In [0, 1]; NaN if fewer than 0.5 % of the source's pixels belong to strokes.

    Source: the black top-hat transform (Serra 1982; Meyer 1979).
    """
    light = luma(source.astype(np.float32))
    cell = max(source.shape[0] / sprite.shape[0], source.shape[1] / sprite.shape[1])
    side = max(2, round(cell))
    filled = ndimage.grey_closing(light, size=(side, side), mode="nearest")
    strokes = filled - light >= CONTRAST
    if strokes.mean() < RARE:
        return float("nan")
    found = paint_cells(luma(sprite.astype(np.float32)), light.shape) <= (light + filled) / 2
    return float(found[strokes].mean())


def dark_area_ratio(sources: list[np.ndarray], sprites: list[np.ndarray]) -> float:
    """Dark area of the sprites over that of their sources: 1 keeps it, more means thicker strokes.

    Of all images together: an image with next to nothing dark would have an enormous ratio of its
    own.

    Args:
        sources: uint8 ``(H, W, 3)`` each, on white.
        sprites: uint8 ``(h, w, 3)`` each, in the same order.

    Returns:
        At least 0; NaN if nothing is dark in the sources.
    """
    dark = sum(_dark_share(source) for source in sources)
    return sum(map(_dark_share, sprites)) / dark if dark else float("nan")


def _dark_share(image: np.ndarray) -> float:
    return float((luma(image.astype(np.float32)) < DARK).mean())
