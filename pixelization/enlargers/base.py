"""What an enlarger is: cells in, a smooth image out."""

from collections.abc import Callable

import numpy as np

from pixelization.errors import UserError

# uint8 cells (h, w, 3) and the factor wished for -> uint8 image, and its pixels per cell; it may go
# on to the right and below.
Enlarge = Callable[[np.ndarray, float], tuple[np.ndarray, float]]
FACTORS = (2, 16)  # least and most pixels per cell


def check_factor(factor: float) -> None:
    """Raise ``UserError`` unless a result may have ``factor`` pixels per cell."""
    if not FACTORS[0] <= factor <= FACTORS[1]:
        raise UserError(
            f"factor {factor:g} is out of range: give one from {FACTORS[0]} to {FACTORS[1]}"
        )
