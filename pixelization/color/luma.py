"""Luma of ITU-R BT.601, and how unlike two colours may be to count as one."""

import numpy as np

LUMA_WEIGHTS = (0.299, 0.587, 0.114)
"""Of red, green and blue."""
ALIKE_LEVELS = 24
"""Largest difference of any channel, of 255, between two cells of one colour."""
ALIKE = ALIKE_LEVELS / 127.5
"""The same for tensors in [-1, 1]."""


def luma(colors: np.ndarray) -> np.ndarray:
    """Luma of ``(..., 3)`` in the input's range; of floats in their precision, else in float64."""
    kind = colors.dtype if np.issubdtype(colors.dtype, np.floating) else np.dtype(float)
    return colors.astype(kind, copy=False) @ np.array(LUMA_WEIGHTS, kind)
