"""What is told of a picture whose cells nobody has asked for: it may be pixel art already.

Knows what pixel art looks like; changes nothing.
"""

import numpy as np
from PIL import Image

from pixelization.animation.frames import Frame
from pixelization.detection.detector import detect_grid
from pixelization.detection.geometry import SURE
from pixelization.images.reading import read_image
from pixelization.pipeline.pictures import Animation, Picture, Sheet
from pixelization.pipeline.style import Style
from pixelization.reducers.base import DEFAULT_SIZE

FEW_COLORS = 256
"""Pixel art has fewer; a picture with more is not looked at any further."""
LARGEST = 1024  # pixels per side in which a grid is looked for, which takes a moment


def size_advice(picture: Picture, style: Style) -> tuple[str, ...]:
    """Remarks on a picture of which networks make a sprite of their own size.

    Args:
        picture: what the sprite is made of.
        style: the one asked for.

    Returns:
        Nothing if the style gives the cells; else one line if every pixel of the picture is kept,
        or if it shows pixel art already, as far as a quick look tells.
    """
    if style.size is not None or style.cell_size is not None or isinstance(picture, Sheet):
        return ()
    image = _first(picture)
    if max(image.size) <= DEFAULT_SIZE.cells:
        return (
            f"has {image.width}x{image.height} pixels: each is kept as a cell: "
            "give a size for fewer",
        )
    if max(image.size) > LARGEST or image.convert("RGB").getcolors(FEW_COLORS) is None:
        return ()
    grid = detect_grid(np.asarray(image))
    if grid.confidence < SURE:
        return ()
    width, height = grid.size
    return (
        f"shows pixel art already, of {width}x{height} cells: snap it, or give that size, "
        "to keep its cells",
    )


def _first(picture: Picture) -> Image.Image:
    """The still, or the first frame."""
    if not isinstance(picture, Animation):
        return picture.image
    frame = next(iter(picture.frames))
    return read_image(frame.image if isinstance(frame, Frame) else frame)
