"""Depixelizing pixel art: outlines as splines."""

import numpy as np

from pixelization.errors import UserError
from pixelization.optional import optional_module


def kopf_lischinski(sprite: np.ndarray, factor: int) -> np.ndarray:
    """Draw the outlines of a sprite as splines, anti-aliased.

    Args:
        sprite: uint8 ``(h, w, 3)``.
        factor: at least 2.

    Returns:
        uint8 ``(h * factor, w * factor, 3)``.

    Raises:
        UserError: ``factor`` is below 2; scalerack is missing.

    Source: Kopf and Lischinski 2011, in scalerack's version, which leaves out the harmonic maps of
    the cells.
    """
    if factor < 2:
        raise UserError(f"kopf_lischinski does not enlarge by {factor}: use 2 or more")
    return optional_module("scalerack").depixelize(sprite, factor)
