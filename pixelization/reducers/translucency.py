"""Cells that are half transparent, as shadows, glows, glass, ghosts and fades are.

A sprite's alpha is 0 or 255. This is what it leaves out.
"""

from collections.abc import Sequence

import numpy as np
import scipy
from numpy.lib.stride_tricks import sliding_window_view

from pixelization.cells.lattice import COLORED, signed
from pixelization.cells.voting import HALF_OPAQUE, majority_vote
from pixelization.images.alpha import with_alpha
from pixelization.reducers.sampling import cell_samples, voting_share

FAINTEST = 8  # alpha, of 255, up to which nothing is seen; as far from 255, nothing shines through
EVEN = 12  # of 255; how much the alpha of a cell may vary where it is even
MOST = 0.75  # of a cell's pixels, that have this alpha where the cell is not a soft edge
SLOW = 80  # of 255; how much alpha may change within a cell, and to the next, in a soft area
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


def half_transparent(
    pixels: np.ndarray, bounds: Sequence[np.ndarray], empty: np.ndarray | None = None
) -> np.ndarray | None:
    """The cells that are half transparent, with their alpha.

    They have one alpha all over, as glass has, or one that changes slowly from cell to cell, as
    glows and soft shadows have. Edges of what is opaque are left out, also soft ones: there alpha
    rises within a cell or two.

    Args:
        pixels: uint8 ``(H, W, 3)`` or ``(H, W, 4)``.
        bounds: of the cells along x and along y, in pixels, ascending.
        empty: cells that the sprite leaves empty, bool ``(h, w)``; of these, all that have no
            transparent pixel are half transparent, too.

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
    alphas = np.sort(samples[..., 3].astype(np.int16), axis=2)
    # of an even number the lower one, so that it is an alpha that is there
    level = alphas[..., (count - 1) // 2]
    half = (level > FAINTEST) & (level < 255 - FAINTEST)
    kept = _even(alphas, level, half) | _slow(alphas, level, half)
    if empty is not None:
        kept |= empty & half & (alphas[..., 0] > FAINTEST)
    if not kept.any():
        return None
    colors = majority_vote(
        np.ascontiguousarray(samples[..., :3]).reshape(height, width * count, 3), (height, width)
    )
    return with_alpha(colors, np.where(kept, level, 0).astype(np.uint8))


def _even(alphas: np.ndarray, level: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Cells of one alpha.

    Args:
        alphas: of the pixels of every cell, ``(h, w, count)``.
        level: of the cells, ``(h, w)``.
        half: which of them are half transparent, ``(h, w)``.
    """
    even = (np.abs(alphas - level[..., None]) <= EVEN).mean(axis=2) >= MOST
    even &= half
    # by chance, a soft edge is even in one cell, but not the same in the next
    near = np.zeros_like(even)
    for axis in (0, 1):
        alike = np.abs(np.diff(np.where(even, level, -1000), axis=axis)) <= EVEN
        alike &= np.take(even, range(1, even.shape[axis]), axis=axis)
        first, second = ((0, 1), (0, 0)), ((1, 0), (0, 0))  # of a pair, in rows
        near |= np.pad(alike, first[:: 1 - 2 * axis]) | np.pad(alike, second[:: 1 - 2 * axis])
    return even & (near | (alphas == level[..., None]).all(axis=2))


def _slow(alphas: np.ndarray, level: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Cells of areas, two wide at least, in which alpha changes slowly.

    Args:
        alphas: of the pixels of every cell, ascending, ``(h, w, count)``.
        level, half: as :func:`_even` takes them.
    """
    kept = np.zeros_like(half)
    if min(half.shape) < 2:
        return kept
    slow = half & (alphas[..., -1] - alphas[..., 0] <= SLOW)
    levels, all_slow = (sliding_window_view(each, (2, 2)) for each in (level, slow))
    squares = all_slow.all((2, 3)) & (np.ptp(levels, (2, 3)) <= SLOW)
    height, width = squares.shape
    for down, across in np.ndindex(2, 2):
        kept[down : down + height, across : across + width] |= squares
    return kept


def with_translucency(sprite: np.ndarray, translucent: np.ndarray) -> np.ndarray:
    """A sprite whose half transparent cells are so again.

    Args:
        sprite: uint8 ``(h, w, 4)``; cells that are seen keep their colour.
        translucent: of :func:`half_transparent`.

    Returns:
        uint8 ``(h, w, 4)``.
    """
    faint = translucent[..., 3] > 0
    colors = np.where((faint & (sprite[..., 3] == 0))[..., None], translucent, sprite)[..., :3]
    return with_alpha(colors, np.where(faint, translucent[..., 3], sprite[..., 3]))
