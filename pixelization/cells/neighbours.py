"""The 3x3 cells around every cell, and which of them are alike.

Knows places only: what alike means is the caller's. The networks' own is ``networks/cells.py``.
"""

from collections.abc import Callable

import numpy as np

OFFSETS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1))
"""(rows down, columns right) from a cell to itself and its eight neighbours, in reading order."""
OTHERS = tuple(offset for offset in OFFSETS if offset != (0, 0))
"""The same without the cell itself."""

_HALF = OTHERS[4:]  # the first four are the same pairs, seen from the other cell


def alike_neighbours(
    values: np.ndarray, alike: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> np.ndarray:
    """Which of its eight neighbours each cell is like.

    Args:
        values: ``(..., h, w)`` of cells.
        alike: of two parts of ``values``, each ``(..., m, n)``, whether cells at the same place are
            alike: bool ``(m, n)``. The order of the two makes no difference.

    Returns:
        bool ``(3, 3, h + 2, w + 2)``. ``[dy, dx, 1 + y, 1 + x]``, offsets from -1 to 1, is True
        where the cells ``(y, x)`` and ``(y + dy, x + dx)`` are alike. False where one of them is
        off the canvas, and for the offset (0, 0).
    """
    height, width = values.shape[-2:]
    like = np.zeros((3, 3, height + 2, width + 2), bool)
    for dy, dx in _HALF:
        left, right = max(0, -dx), width - max(0, dx)
        here = values[..., : height - dy, left:right]
        there = values[..., dy:, left + dx : right + dx]
        same = alike(here, there)
        like[dy, dx, 1 : 1 + height - dy, 1 + left : 1 + right] = same
        like[-dy, -dx, 1 + dy : 1 + height, 1 + left + dx : 1 + right + dx] = same
    return like
