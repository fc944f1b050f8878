"""Cells that are half transparent, as shadows, glows, glass, ghosts and fades are.

A sprite's alpha is 0 or 255. This is what it leaves out.
"""

from collections.abc import Sequence

import numpy as np
import scipy
from numpy.lib.stride_tricks import sliding_window_view

from pixelization.cells.voting import HALF_OPAQUE, majority_vote
from pixelization.images.alpha import with_alpha
from pixelization.reducers.sampling import cell_samples, voting_share

FAINTEST = 8  # alpha, of 255, up to which nothing is seen; as far from 255, nothing shines through
EVEN = 12  # of 255; how much the alpha of a cell may vary where it is even
MOST = 0.75  # of a cell's pixels, that have this alpha where the cell is not a soft edge
SLOW = 80  # of 255; how much alpha may change within a cell, and to the next, in a soft area
# Least alpha of areas below half, and how much of a cell they are wide in both directions: edges of
# strokes are narrower, of three pixels or fewer, too. What the networks do not see may be softer.
AREAS = ((63, 1 / 4), (FAINTEST, 1))
SQUARE = np.ones((3, 3), bool)
COARSE = 8  # places in a cell at which such an area is looked up
EDGE = 2  # pixels of a soft edge of what lies on such an area


def without_faint_areas(pixels: np.ndarray, cell: tuple[float, float]) -> np.ndarray:
    """A picture whose areas are empty where they cover less than half: shadows and glows.

    Networks on the grid count pixels of a quarter opacity, since hairlines have no others. An area
    of these would become opaque. Of soft edges beside such an area, it is taken off: the edge of a
    figure would have the colour of its shadow.

    Args:
        pixels: uint8 ``(H, W, 4)``.
        cell: (width, height) of a cell in pixels.

    Returns:
        The same without them; itself, if there is no such area.
    """
    alpha = pixels[..., 3]
    areas = np.zeros(alpha.shape, bool)
    for least, share in AREAS:
        faint = (alpha > least) & (alpha < HALF_OPAQUE)
        if not faint.any():
            continue
        size = [max(3, 2 * round(share * side / 2) + 1) for side in reversed(cell)]
        areas |= scipy.ndimage.grey_opening(faint.view(np.uint8), size) > 0
    if not areas.any():
        return pixels
    result = pixels.copy()
    reach = max(1, round(max(cell)))
    window = _around(areas, reach + EDGE)  # distances take much memory
    result[window] = _without(pixels[window], areas[window], reach)
    return result


def _around(mask: np.ndarray, reach: int) -> tuple[slice, slice]:
    """The box of a mask, and so many pixels around it."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    top, left = (max(0, int(places[0]) - reach) for places in (rows, columns))
    return slice(top, int(rows[-1]) + reach + 1), slice(left, int(columns[-1]) + reach + 1)


def _without(pixels: np.ndarray, areas: np.ndarray, reach: int) -> np.ndarray:
    """A picture without these areas, which go on for so many pixels where they are narrow."""
    alpha = pixels[..., 3]
    seen = alpha > FAINTEST
    near = scipy.ndimage.binary_dilation(  # corners and tips, too, where no square fits
        areas, SQUARE, reach, mask=seen & (alpha < HALF_OPAQUE)
    )
    near = (near | scipy.ndimage.binary_dilation(near, SQUARE, EDGE)) & seen & (alpha < 255)
    # at their border areas may hold edges of what lies on them
    inside = scipy.ndimage.binary_erosion(areas, SQUARE, EDGE, border_value=1)
    inside = inside if inside.any() else areas
    every = max(1, reach // COARSE)  # they change slowly
    if not inside[::every, ::every].any():
        every = 1
    nearest = scipy.ndimage.distance_transform_edt(
        ~inside[::every, ::every], return_distances=False, return_indices=True
    )
    near &= ~inside
    rows, columns = np.nonzero(near)
    below = pixels[tuple(every * place[rows // every, columns // every] for place in nearest)]
    result = pixels.copy()
    result[inside] = 0
    result[near] = _taken_off(pixels[near], below)
    return result


def _taken_off(pixels: np.ndarray, below: np.ndarray) -> np.ndarray:
    """What lies on something half transparent, by itself: the edge of a figure on its shadow.

    Source: Porter and Duff 1984, "Compositing Digital Images", the operator over, for its upper
    picture.

    Args:
        pixels: both together, uint8 ``(n, 4)``.
        below: what lies below, uint8 ``(n, 4)``; not opaque.

    Returns:
        uint8 ``(n, 4)``; alpha 0 where nothing lies on it.
    """
    (color, alpha), (color_below, alpha_below) = (
        (each[:, :3] / 255, each[:, 3:] / 255) for each in (pixels, below)
    )
    own = np.maximum(0, (alpha - alpha_below) / (1 - alpha_below))
    light = alpha * color - (1 - own) * alpha_below * color_below
    color = np.clip(light / np.maximum(own, 1 / 255), 0, 1)
    return np.rint(255 * np.concatenate([color, own], axis=1)).astype(np.uint8)


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
    colors = majority_vote(
        np.ascontiguousarray(samples[..., :3]).reshape(height, width * count, 3), (height, width)
    )
    found = with_alpha(colors, np.where(kept, level, 0).astype(np.uint8))
    if empty is not None:
        rest = empty & half & (alphas[..., 0] > FAINTEST) & ~kept
        found[rest] = _below(samples[rest])
    return found if found[..., 3].any() else None


def _below(samples: np.ndarray) -> np.ndarray:
    """What lies below the edge of a figure in a cell that is not the figure's: its shadow.

    Args:
        samples: of cells, ``(n, count, 4)``.

    Returns:
        The pixel of each that has the least alpha, ``(n, 4)``.
    """
    return samples[np.arange(len(samples)), samples[..., 3].argmin(axis=1)]


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
