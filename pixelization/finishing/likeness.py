"""Which cells of a sprite look alike: what the rules for stray pixels and lines are made of."""

import numpy as np

from pixelization.color.oklab import perceptual

ALIKE_DISTANCE = 0.06  # perceptual, up to which two cells look alike; about 0.02 is just noticeable
TRANSPARENT = 9.0  # on a fourth axis, farther away than any two colours are


def look(sprite: np.ndarray) -> np.ndarray:
    """Points whose distance says how different cells look.

    Returns:
        float32 ``(4, h, w)``: the three coordinates of ``perceptual``, lightness first, and
            transparency: 0 if opaque, else 9.
        All transparent cells are one point, whatever colour is stored in them.
    """
    points = np.zeros((4, *sprite.shape[:2]), np.float32)
    points[:3] = np.moveaxis(perceptual(sprite[..., :3]), 2, 0)
    if sprite.shape[2] == 4:
        transparent = sprite[..., 3] == 0
        points[:3, transparent] = 0
        points[3, transparent] = TRANSPARENT
    return points


def like_neighbours(points: np.ndarray) -> np.ndarray:
    """Which of its eight neighbours each cell looks like.

    Args:
        points: ``(4, h, w)`` as from ``look``.

    Returns:
        bool ``(3, 3, h + 2, w + 2)``: ``[dy, dx, 1 + y, 1 + x]``, offsets from -1 to 1, is True
        where the cell ``(y, x)`` looks like the cell ``(y + dy, x + dx)``; False where one of them
        is off the canvas, and for the offset (0, 0).
    """
    height, width = points.shape[1:]
    like = np.zeros((3, 3, height + 2, width + 2), bool)
    for dy, dx in ((0, 1), (1, -1), (1, 0), (1, 1)):
        left, right = max(0, -dx), width - max(0, dx)
        difference = points[:, : height - dy, left:right] - points[:, dy:, left + dx : right + dx]
        same = np.einsum("cyx,cyx->yx", difference, difference) <= ALIKE_DISTANCE**2
        like[dy, dx, 1 : 1 + height - dy, 1 + left : 1 + right] = same
        like[-dy, -dx, 1 + dy : 1 + height, 1 + left + dx : 1 + right + dx] = same
    return like
