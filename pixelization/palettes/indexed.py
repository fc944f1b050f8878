"""Sprites as images with a colour table."""

import numpy as np
from PIL import Image

from pixelization.errors import UserError
from pixelization.images.sprites import opaque_cells, sprite_colors
from pixelization.palettes.assignment import nearest
from pixelization.palettes.names import MAX_COLORS
from pixelization.palettes.palette import Palette


def indexed_image(
    sprite: np.ndarray, palette: Palette | None, *, transparent_first: bool = False
) -> Image.Image:
    """A sprite in mode P whose colour table is the palette, in its order.

    Args:
        sprite: uint8 ``(h, w, 3)`` or ``(h, w, 4)``; every opaque pixel has a colour of the
            palette.
        palette: its colour ``i`` becomes entry ``i``; if a pixel is transparent, entry
            ``len(palette)`` is the transparent one. None for a sprite without colours, one that is
            all transparent: entry 0 is then black.
        transparent_first: entry 0 is the transparent one, whether a pixel is transparent or not,
            and colour ``i`` becomes entry ``i + 1``, as old consoles and many engines want it.

    Raises:
        UserError: the palette has more than 256 colours, or transparency would be the 257th.
        ValueError: a colour is not in the palette.
    """
    palette = palette or Palette(np.zeros((1, 3), np.uint8))
    colors = sprite_colors(sprite)
    index = nearest(colors, palette)
    transparent = ~opaque_cells(sprite)
    if (palette.colors[index] != colors)[~transparent].any():
        raise ValueError("the sprite has colours that are not in the palette")
    table = palette.colors
    if len(table) > MAX_COLORS:
        raise UserError(
            f"a palette of {len(table)} colours does not fit {MAX_COLORS} entries: use a smaller "
            "one, or do not index the image"
        )
    clear = transparent_first or bool(transparent.any())
    place = 0 if transparent_first else len(table)
    if clear:
        if len(table) == MAX_COLORS:
            raise UserError(
                "a transparent image of 256 colours has no room in 256 entries: use 255 colours, "
                "or do not index it"
            )
        index = np.where(transparent, place, index + transparent_first)
        table = np.insert(table, place, 0, axis=0)
    image = Image.fromarray(index.astype(np.uint8), mode="P")
    image.putpalette(table.tobytes())
    if clear:
        image.info["transparency"] = place
    return image
