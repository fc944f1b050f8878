"""Cells that are half transparent all over, as shadows, glass, ghosts and fades are.

A sprite's alpha is 0 or 255. This is what it leaves out.
"""

from collections.abc import Sequence

import numpy as np
import scipy

from pixelization.cells.lattice import COLORED, signed
from pixelization.cells.voting import HALF_OPAQUE, majority_vote
from pixelization.images.alpha import with_alpha
from pixelization.reducers.sampling import cell_samples, voting_share

FAINTEST = 8  # alpha, of 255, up to which nothing is seen; as far from 255, nothing shines through
EVEN = 12  # of 255; how much the alpha of a cell may vary where it is even
MOST = 0.75  # of a cell's pixels, that have this alpha where the cell is not a soft edge
# of a cell: what is at least as wide in both directions, and three pixels, is no edge of a stroke
AREA = 1 / 4


def without_faint_areas(pixels: np.ndarray, cell: tuple[float, float]) -> np.ndarray:
    """A picture whose areas are empty where they cover less than half: shadows and glows.

    Networks on the grid count pixels of a quarter opacity, since hairlines have no others. An area
    of these would become opaque.

    Args:
        pixels: uint8 ``(H, W, 4)``.
        cell: (width, height) of a cell in pixels.

    Returns:
        The same with alpha 0 there; itself, if there is no such area.
    """
    faint = (signed(pixels[..., 3]) > COLORED) & (pixels[..., 3] < HALF_OPAQUE)
    if not faint.any():
        return pixels
    size = [max(3, 2 * round(AREA * side / 2) + 1) for side in reversed(cell)]
    areas = scipy.ndimage.grey_opening(faint.view(np.uint8), size)
    if not areas.any():
        return pixels
    areas = scipy.ndimage.maximum_filter(areas, size)  # their corners, where no square fits
    result = pixels.copy()
    result[faint & (areas > 0), 3] = 0
    return result


def flat_translucency(pixels: np.ndarray, bounds: Sequence[np.ndarray]) -> np.ndarray | None:
    """The cells that have one half transparent alpha, with it.

    Soft edges are left out: only part of their cells is half transparent, or their alpha varies.

    Args:
        pixels: uint8 ``(H, W, 3)`` or ``(H, W, 4)``.
        bounds: of the cells along x and along y, in pixels, ascending.

    Returns:
        uint8 ``(h, w, 4)``: colour and alpha of these cells, 0 elsewhere; None where there is none.
    """
    if pixels.shape[2] == 3:
        return None
    alpha = pixels[..., 3]
    if not ((alpha > FAINTEST) & (alpha < 255 - FAINTEST)).any():
        return None
    samples = cell_samples(pixels, bounds, voting_share(bounds))
    height, width, count = samples.shape[:3]
    alphas = samples[..., 3].astype(np.int16)
    # of an even number the lower one, so that it is an alpha that is there
    level = np.partition(alphas, (count - 1) // 2, axis=2)[..., (count - 1) // 2]
    even = (np.abs(alphas - level[..., None]) <= EVEN).mean(axis=2) >= MOST
    even &= (level > FAINTEST) & (level < 255 - FAINTEST)
    # by chance, a soft edge is even in one cell, but not the same in the next
    near = np.zeros_like(even)
    for axis in (0, 1):
        alike = np.abs(np.diff(np.where(even, level, -1000), axis=axis)) <= EVEN
        alike &= np.take(even, range(1, even.shape[axis]), axis=axis)
        first, second = ((0, 1), (0, 0)), ((1, 0), (0, 0))  # of a pair, in rows
        near |= np.pad(alike, first[:: 1 - 2 * axis]) | np.pad(alike, second[:: 1 - 2 * axis])
    even &= near | (alphas == level[..., None]).all(axis=2)
    if not even.any():
        return None
    colors = majority_vote(
        np.ascontiguousarray(samples[..., :3]).reshape(height, width * count, 3), (height, width)
    )
    return with_alpha(colors, np.where(even, level, 0).astype(np.uint8))


def with_translucency(sprite: np.ndarray, translucent: np.ndarray) -> np.ndarray:
    """A sprite whose half transparent cells are so again.

    Args:
        sprite: uint8 ``(h, w, 4)``; cells that are seen keep their colour.
        translucent: of :func:`flat_translucency`.

    Returns:
        uint8 ``(h, w, 4)``.
    """
    faint = translucent[..., 3] > 0
    colors = np.where((faint & (sprite[..., 3] == 0))[..., None], translucent, sprite)[..., :3]
    return with_alpha(colors, np.where(faint, translucent[..., 3], sprite[..., 3]))
