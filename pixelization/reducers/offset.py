"""Where the grid lies on an image: the image is moved under it."""

import numpy as np
from PIL import Image

from pixelization.cells.sizes import Size


def steps(offset: tuple[float, float], size: Size, cells: Size) -> tuple[int, int]:
    """How many pixels of an image of (width, height) a grid begins to the right and below.

    More than half a cell to the right is the rest to the left, which is negative: so at most half a
    cell of the image is lost.

    Args:
        offset: (right, down) in cells, each in [0, 1).
        size: (width, height) of the image.
        cells: (width, height) of the sprite.
    """
    right, down = (
        round((part - (part > 0.5)) * side / count)
        for part, side, count in zip(offset, size, cells, strict=True)
    )
    return right, down


def moved(
    image: Image.Image, offset: tuple[float, float], cells: Size, *, repeats: bool = False
) -> Image.Image:
    """What a grid that begins elsewhere sees of an image, for the grid at its corner.

    It is moved by whole pixels, so no colours are mixed. What comes in is the border, repeated.

    Args:
        image: RGB or RGBA.
        offset, cells: of :func:`steps`.
        repeats: the image is a tile, and beyond its border is its other side.
    """
    right, down = steps(offset, image.size, cells)
    if not right and not down:
        return image
    pixels = np.asarray(image)
    for axis, step in ((0, down), (1, right)):
        places = np.arange(step, step + pixels.shape[axis])
        pixels = pixels.take(places, axis, mode="wrap" if repeats else "clip")
    return Image.fromarray(pixels)
