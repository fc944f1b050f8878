"""Darker edges, as artists shade the borders of forms."""

import numpy as np
from scipy import ndimage

from pixelization.cleanup.likeness import check_sprite, opaque_cells
from pixelization.cleanup.outline import CROSS, DARK
from pixelization.palettes.oklab import oklab, srgb

STEP = 0.1  # how much lighter, in L of Oklab, a neighbour must be for an edge to lie between
TRANSPARENT = 2.0  # as lightness: an edge to every colour


def shade_edges(sprite: np.ndarray, strength: float = 0.25) -> np.ndarray:
    """Darken the darker side of every edge ("selective outlining").

    A cell gets darker if one of the four cells beside it is transparent or clearly lighter. Its hue stays. Cells that are dark
    already, such as drawn outlines, keep their colour; so does what lies beyond the canvas: its border is no edge.

    Args:
        sprite: uint8 ``(h, w, 3)`` or ``(h, w, 4)``.
        strength: 0 (nothing changes) to 1 (edges become black): the share of lightness and chroma that is taken away.

    Returns:
        uint8, shape of ``sprite``.

    Raises:
        ValueError: the strength is out of range.
    """
    check_sprite(sprite)
    if not 0 <= strength <= 1:
        raise ValueError(f"strength {strength} is out of range: give 0 to 1")
    lab = oklab(sprite[..., :3])
    opaque = opaque_cells(sprite)
    lightness = np.where(opaque, lab[..., 0], TRANSPARENT)
    lightest = ndimage.maximum_filter(lightness, footprint=CROSS, mode="nearest")
    edges = opaque & (lightness > DARK) & (lightest - lightness > STEP)
    result = sprite.copy()
    result[edges, :3] = srgb(lab[edges] * (1 - strength))
    return result
