"""Whether sprites are at native resolution, one pixel per cell, as training takes them to be."""

from collections.abc import Callable

import numpy as np

LOOKED_AT = 16  # sprites: a few milliseconds each
FEWEST = 4  # of which more than half must be enlarged: among 1,500 of ours none looks like it


def block_side(pixels: np.ndarray) -> int:
    """The largest k for which an image consists of blocks of k x k equal pixels.

    Args:
        pixels: ``(H, W)`` or ``(H, W, C)``.
    """
    side = int(np.gcd(*pixels.shape[:2]))
    for axis in (0, 1):
        lines = np.moveaxis(pixels, axis, 0)
        changes = (lines[1:] != lines[:-1]).reshape(len(lines) - 1, -1).any(1)
        side = int(np.gcd.reduce(np.flatnonzero(changes) + 1, initial=side))
    return side


def told_if_enlarged(count: int, pixels: Callable[[int], np.ndarray]) -> str:
    """What to tell the user where most of ``count`` sprites are enlarged; else nothing.

    Args:
        count: of all sprites; a few of them are looked at.
        pixels: gives a sprite by its number, as :func:`block_side` takes it.
    """
    chosen = range(0, count, max(1, -(-count // LOOKED_AT)))
    if len(chosen) < FEWEST:
        return ""
    sides = sorted(block_side(pixels(index)) for index in chosen)
    usual = sides[(len(sides) - 1) // 2]
    if usual == 1:
        return ""
    return (
        f"; most sprites are enlarged, in blocks of {usual}x{usual} pixels, and training needs one "
        "pixel per cell: pixel-snap SPRITES -o NATIVE"
    )
