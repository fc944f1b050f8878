"""What an enlarger is: cells in, a smooth image out. Knows no method but by name."""

from collections.abc import Callable

import numpy as np

from pixelization.errors import UserError

Enlarge = Callable[[np.ndarray, float], tuple[np.ndarray, float]]
"""uint8 cells ``(h, w, 3)`` and the factor wished for -> uint8 image ``(H, W, 3)``, and its pixels
per cell. The image may go on to the right and below.
"""
FACTORS = (2, 16)
"""Least and most pixels per cell of a result."""
DEFAULT_FACTOR = 4
NETWORK = "depixelnet"
CLASSICAL = ("epx", "hqx", "xbr", "bicubic", "nearest")
METHODS = (NETWORK, *CLASSICAL)


def draws_back(method: str, keep_colors: bool) -> bool:
    """Whether a method's cells are drawn back to the sprite's colours, if the caller wants that.

    DepixelNet lets the mean colours of cells drift. What classical methods make is better left as
    it is.
    """
    return keep_colors and method == NETWORK


def check_factor(factor: float) -> None:
    """Raise ``UserError`` unless a result may have ``factor`` pixels per cell."""
    if not FACTORS[0] <= factor <= FACTORS[1]:
        raise UserError(
            f"factor {factor:g} is out of range: give one from {FACTORS[0]} to {FACTORS[1]}"
        )
