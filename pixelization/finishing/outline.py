"""An outline around the silhouette."""

from typing import Literal

import numpy as np
import scipy

from pixelization.color.oklab import oklab, perceptual, srgb
from pixelization.errors import UserError
from pixelization.finishing.likeness import ALIKE_DISTANCE
from pixelization.images.sprites import check_sprite
from pixelization.palettes.assignment import nearest
from pixelization.palettes.palette import Palette

SHADE = 0.45  # of the lightness; of a and b too, which keeps the hue, and every colour within sRGB
DARK = 0.4  # L of Oklab up to which a cell needs no outline inside
# perceptual; a cell that differs less from its own dark shade looks like an outline already
NEAR_SHADE = 0.13
# perceptual; up to which a cell is the dark shade of a neighbour, but for rounding
OWN_SHADE = 0.01

# the cells that touch: by a side, by a side or a corner
CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)
SQUARE = np.ones((3, 3), bool)


def edge_cells(sprite: np.ndarray) -> np.ndarray:
    """Which opaque cells of uint8 ``(h, w, 4)`` have a transparent one at a side: ``(h, w)``.

    Beyond the canvas nothing is transparent: there is no room for an outline.
    """
    opaque = sprite[..., 3] > 0
    return opaque & scipy.ndimage.binary_dilation(~opaque, CROSS)


def outlined_cells(
    sprite: np.ndarray,
    color: tuple[int, int, int] | None = None,
    palette: Palette | None = None,
) -> np.ndarray:
    """Which opaque cells at the silhouette already look like the outline that would be drawn.

    Args:
        sprite: uint8 ``(h, w, 4)``.
        color: (R, G, B) of the outline; cells that look like it count. None: cells do that are so
            dark that their shade looks almost the same, or that look like the shade of an opaque
            neighbour, as an outline of :func:`add_outline` does.
        palette: of the sprite, and of the outline at last; cells of its darkest colour count, too,
            if their shade is that as well.

    Returns:
        bool ``(h, w)``; only cells with a transparent one at a side.
    """
    edge = edge_cells(sprite)
    colors = sprite[..., :3]
    seen = perceptual(colors)
    if color is not None:
        distance = np.linalg.norm(seen - perceptual(np.array(color, np.uint8)), axis=2)
        return edge & (distance <= ALIKE_DISTANCE)
    dark = srgb(oklab(colors) * SHADE)
    shades = perceptual(dark)
    there = np.linalg.norm(seen - shades, axis=2) <= NEAR_SHADE
    if palette is not None:
        darkest = palette.colors[oklab(palette.colors)[:, 0].argmin()]
        same = palette.colors[nearest(dark, palette)] == darkest
        there |= (same & (colors == darkest)).all(axis=2)
    around = np.pad(shades, ((1, 1), (1, 1), (0, 0)), constant_values=np.inf)
    around[1:-1, 1:-1][sprite[..., 3] == 0] = np.inf
    height, width = edge.shape
    for down, across in ((0, 1), (1, 0), (1, 2), (2, 1)):
        shade = around[down : down + height, across : across + width]
        there |= np.linalg.norm(seen - shade, axis=2) <= OWN_SHADE
    return edge & there


def add_outline(
    sprite: np.ndarray,
    where: Literal["outside", "inside"] = "outside",
    color: tuple[int, int, int] | None = None,
    *,
    palette: Palette | None = None,
    corners: bool = False,
) -> np.ndarray:
    """Draw an outline of one pixel along the silhouette, or complete the one that is there.

    Outside, cells at the silhouette that look like an outline already get no second one
    (:func:`outlined_cells`): nothing is painted where only such cells are near.

    The size stays: an outside outline is cut off where opaque cells touch the edge of the canvas
    (``touches_border``; ``pad`` first). An inside outline runs along that edge.

    Args:
        sprite: uint8 ``(h, w, 4)``.
        where: ``outside`` paints the transparent cells at the silhouette, ``inside`` the others,
            which keep their alpha.
        color: (R, G, B) of the outline. None: a dark shade of what it borders on ("selective
            outline"), which is the cell itself inside and the darkest opaque neighbour outside:
            45 % of its lightness, the same hue. Inside, cells that are dark already (L of Oklab at
            most 0.4) then stay as they are.
        palette: see :func:`outlined_cells`; the outline itself is in any colour.
        corners: cells that touch the silhouette by a corner only belong to the outline too; it is
            then thicker on slopes.

    Returns:
        uint8 ``(h, w, 4)``.

    Raises:
        UserError: the sprite is RGB: nothing in it is transparent, so it has no silhouette.
        ValueError: ``where`` or ``color`` is of another kind.
    """
    check_sprite(sprite)
    if where not in ("outside", "inside"):
        raise ValueError(f"an outline is outside or inside, not {where!r}")
    if color is not None and (len(color) != 3 or not all(0 <= value <= 255 for value in color)):
        raise ValueError(f"expected a colour of three numbers from 0 to 255, got {color!r}")
    if sprite.shape[2] == 3:
        raise UserError(
            "the sprite has no transparent background, so there is nothing to outline: remove its "
            "background first"
        )

    result, opaque, touching = sprite.copy(), sprite[..., 3] > 0, SQUARE if corners else CROSS
    if where == "outside":
        bare = opaque & ~outlined_cells(sprite, color, palette)
        outline = scipy.ndimage.binary_dilation(bare, touching) & ~opaque
        result[outline, 3] = 255
    else:
        # beyond the canvas counts as transparent
        outline = opaque & ~scipy.ndimage.binary_erosion(opaque, touching)
    if color is not None:
        result[outline, :3] = color
        return result

    lab = oklab(sprite[..., :3])
    y, x = np.nonzero(outline)
    if where == "inside":
        light = lab[y, x, 0] > DARK
        y, x = y[light], x[light]
        result[y, x, :3] = srgb(lab[y, x] * SHADE)
        return result
    lightness = np.pad(np.where(opaque, lab[..., 0], np.inf), 1, constant_values=np.inf)
    offsets = np.argwhere(touching)  # of the neighbours, plus 1, which is what the padding adds
    around_y, around_x = y[:, None] + offsets[:, 0], x[:, None] + offsets[:, 1]
    darkest = lightness[around_y, around_x].argmin(axis=1, keepdims=True)
    giver = tuple(
        np.take_along_axis(along, darkest, axis=1)[:, 0] - 1 for along in (around_y, around_x)
    )
    result[y, x, :3] = srgb(lab[giver] * SHADE)
    return result
