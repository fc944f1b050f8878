"""Colours as integers, which sort and compare far faster than rows of three."""

import numpy as np


def pack(colors: np.ndarray) -> np.ndarray:
    """RGB, uint8 ``(..., 3)`` (further channels do not count), as ``0xRRGGBB``, int32 ``(...)``."""
    packed = colors[..., 0].astype(np.int32)
    for channel in (1, 2):
        packed <<= 8
        packed |= colors[..., channel]
    return packed


def unpack(packed: np.ndarray) -> np.ndarray:
    """The colours again, uint8 ``(..., 3)``."""
    return np.asarray(packed, ">u4")[..., None].view(np.uint8)[..., 1:].copy()


def commonest(packed: np.ndarray, count: int) -> np.ndarray:
    """The distinct ones of packed colours ``(n,)`` that occur most often, at most ``count``.

    The most frequent comes first; of equally frequent ones the lowest number.
    """
    colors, pixels = np.unique(packed, return_counts=True)
    return colors[np.argsort(-pixels, kind="stable")[:count]]
