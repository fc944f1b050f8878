"""The canvas around a sprite: trimming and padding."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from pixelization.errors import UserError
from pixelization.images.sprites import check_sprite, opaque_cells
from pixelization.limits import PIXELS

Bounds = tuple[int, int, int, int]  # top, left, bottom, right


def bounding_box(sprites: Sequence[np.ndarray]) -> Bounds | None:
    """The smallest rectangle that holds the opaque cells of all frames.

    Args:
        sprites: at least one, each uint8 ``(h, w, 3)`` or ``(h, w, 4)``, all of one height and
            width.

    Returns:
        ``(top, left, bottom, right)`` in cells, the last two exclusive; None if nothing is opaque.

    Raises:
        ValueError: no sprite is given, or they differ in size.
    """
    sizes = {sprite.shape[:2] for sprite in sprites}
    if len(sizes) != 1:
        raise ValueError(f"expected sprites of one size, got {len(sizes)} sizes")
    opaque = np.zeros(sizes.pop(), bool)
    for sprite in sprites:
        check_sprite(sprite)
        opaque |= opaque_cells(sprite)
    rows, columns = (np.flatnonzero(opaque.any(axis=axis)).tolist() for axis in (1, 0))
    return (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1) if rows else None


def crop(sprite: np.ndarray, box: Bounds) -> np.ndarray:
    """A part of a sprite, as a copy.

    Args:
        sprite: uint8 ``(h, w, 3)`` or ``(h, w, 4)``.
        box: ``(top, left, bottom, right)`` in cells, the last two exclusive.

    Raises:
        ValueError: the box is empty or not within the sprite.
    """
    top, left, bottom, right = box
    if not (0 <= top < bottom <= sprite.shape[0] and 0 <= left < right <= sprite.shape[1]):
        raise ValueError(f"the box {box} is not within a sprite of shape {sprite.shape}")
    return sprite[top:bottom, left:right].copy()


def trim(sprite: np.ndarray) -> np.ndarray:
    """Cut off the transparent rows and columns at the edges.

    Of a sprite without opaque cells one transparent cell is left.
    """
    return crop(sprite, bounding_box([sprite]) or (0, 0, 1, 1))


def pad(
    sprite: np.ndarray, size: tuple[int, int], anchor: Literal["center", "bottom"] = "center"
) -> np.ndarray:
    """Place a sprite on a transparent canvas.

    Args:
        sprite: uint8 ``(h, w, 3)`` or ``(h, w, 4)``.
        size: ``(height, width)`` of the canvas in cells.
        anchor: ``center``, or ``bottom``: centred from left to right, standing on the bottom row.
            Where the space does not divide by two, the odd cell goes to the right and to the
            bottom.

    Returns:
        uint8 ``(height, width, 4)``; the sprite as it is, RGB if it was, if it has this size
        already.

    Raises:
        UserError: the sprite is larger than ``size``, or ``size`` is huge.
        ValueError: there is no such anchor.
    """
    check_sprite(sprite)
    if anchor not in ("center", "bottom"):
        raise ValueError(f"the anchor is center or bottom, not {anchor!r}")
    (height, width), (rows, columns) = sprite.shape[:2], size
    if height > rows or width > columns:
        problem = f"a sprite of {width}x{height} cells does not fit a canvas of {columns}x{rows}"
        raise UserError(f"{problem}: give a larger canvas or a smaller size, or trim the sprite")
    PIXELS.check(rows * columns, f"a canvas of {columns}x{rows} cells")
    if (height, width) == (rows, columns):
        return sprite.copy()
    top, left = (
        rows - height if anchor == "bottom" else (rows - height) // 2,
        (columns - width) // 2,
    )
    canvas = np.zeros((rows, columns, 4), np.uint8)
    canvas[top : top + height, left : left + width, : sprite.shape[2]] = sprite
    if sprite.shape[2] == 3:
        canvas[top : top + height, left : left + width, 3] = 255
    return canvas


def touches_border(sprite: np.ndarray) -> bool:
    """Whether an opaque cell lies at the edge of the canvas, where an outside outline would have no
    room.
    """
    if sprite.shape[2] == 3:
        return True
    alpha = sprite[..., 3]
    return bool(alpha[[0, -1]].any() or alpha[:, [0, -1]].any())
