"""Where on an image the grid begins: the image is moved under it."""

import math

import numpy as np
from PIL import Image


def grid_corner(offset: tuple[float, float], cell_size: tuple[float, float]) -> tuple[int, int]:
    """How many pixels further right and down than the image a grid begins.

    More than half a cell to the right is the rest to the left, which is negative: so at most half a
    cell of the image is lost, to the nearest pixel.

    Args:
        offset: (right, down) in cells, each in [0, 1).
        cell_size: (width, height) of a cell in pixels.
    """
    right, down = (
        _halves_to_zero((part - (part > 0.5)) * side)
        for part, side in zip(offset, cell_size, strict=True)
    )
    return right, down


def _halves_to_zero(value: float) -> int:
    """To the nearest whole number: cells of one pixel stay where they are."""
    return int(math.copysign(math.ceil(abs(value) - 0.5), value))


def moved(image: Image.Image, corner: tuple[int, int], *, repeats: bool = False) -> Image.Image:
    """What a grid that begins elsewhere sees of an image, for a grid that begins with the image.

    Pixels are moved whole, so no colours are mixed. What comes in at one side is the border,
    repeated.

    Args:
        image: RGB or RGBA.
        corner: of the grid, of :func:`grid_corner`.
        repeats: the image is a tile, and beyond its border is its other side.
    """
    if not any(corner):
        return image
    pixels = np.asarray(image)
    for axis, step in zip((1, 0), corner, strict=True):
        places = np.arange(step, step + pixels.shape[axis])
        pixels = pixels.take(places, axis, mode="wrap" if repeats else "clip")
    return Image.fromarray(pixels)
