"""Poles of round shapes become flat: no short run of cells lies on two longer ones.

Where a circle reaches half a cell over what it fills, networks give it two or three cells there,
and a coin looks like a naval mine. Runs of a curve get shorter away from its poles, never longer.
"""

import numpy as np

from pixelization.reducers.shown import CONTRAST, alike, both_ways, planes, shares

LONGEST = 3  # cells of a run at a pole; a longer one does not look like a nub
STEEP = 0.2  # of a cell: where a shape falls by more from one cell to the next it is no round one
OUTSIDE = 2  # rows of ground over a run: outlines of one cell are not drawn twice as thick
BEYOND = OUTSIDE - 1  # of these, that may be off the canvas
ROWS = OUTSIDE + 3  # that are looked at: two of ground, the run's, the outline's, and what it holds
SHADES = 16  # levels by which cells of a shape differ: shading has no poles
COVERED = 0.75  # of a cell, from which on it is the shape's


def flatten_poles(pixels: np.ndarray, sprite: np.ndarray) -> np.ndarray:
    """Take short runs of cells from the poles of round shapes.

    A run of one to three cells is at a pole where two longer ones of its colour are beside it, a
    row further in, and nothing but ground is over all of them. It becomes ground, and if it is of
    an outline of one cell, this is drawn straight. It stays where the picture shows a step beside
    it, as at the tip of a roof and at a bump, and where its shape covers most of it.

    Args:
        pixels: the picture, uint8 RGBA ``(H, W, 4)``.
        sprite: uint8 RGBA ``(h, w, 4)``, alpha 0 or 255.

    Returns:
        A new sprite, or the same one where nothing is to be done.
    """
    return both_ways(_flatten_level, pixels, sprite)


def _flatten_level(pixels: np.ndarray, sprite: np.ndarray) -> np.ndarray:
    flat = _flatten_tops(pixels, sprite)
    upturned = flat[::-1]
    bottoms = _flatten_tops(pixels[::-1], upturned)
    return flat if bottoms is upturned else np.ascontiguousarray(bottoms[::-1])


def _flatten_tops(pixels: np.ndarray, sprite: np.ndarray) -> np.ndarray:
    if sprite.shape[0] < ROWS:
        return sprite
    cells = _padded(sprite)
    corners = _corners(cells)
    for length in range(1, LONGEST + 1):
        flat = _without_runs(pixels, sprite, cells, corners[length - 1], length)
        if flat is not sprite:
            sprite, cells = flat, _padded(flat)
            corners = _corners(cells)
    return sprite


def _padded(sprite: np.ndarray) -> np.ndarray:
    """Its cells, ``(4, BEYOND + h, w)``: beyond the canvas there is what is at its border."""
    return np.pad(planes(sprite), ((0, 0), (BEYOND, 0), (0, 0)), mode="edge")


def _corners(cells: np.ndarray) -> list[np.ndarray]:
    """Where the longer run on the left may begin: for every length of a run at a pole the places of
    the ground over it, row by row of :func:`_padded`.

    Few are left by what is looked at here, so that all else costs little.
    """
    width = cells.shape[2]
    flat = cells.reshape(len(cells), -1)
    place = np.flatnonzero(_contrast(cells[:, OUTSIDE + 1 : -1], cells[:, OUTSIDE:-2]) >= CONTRAST)
    place += OUTSIDE * width
    found = []
    for length in range(1, LONGEST + 1):
        side = length + 1
        place = place[place % width <= width - 2 * side - length]
        place = place[alike(flat[:, place + side - 1], flat[:, place])]
        found.append(place[_same(flat[:, place + side], flat[:, place + width])])
    return found


def _without_runs(
    pixels: np.ndarray,
    sprite: np.ndarray,
    cells: np.ndarray,
    corners: np.ndarray,
    length: int,
) -> np.ndarray:
    """Without runs of this many cells at upper poles; arguments of the functions above."""
    if not len(corners):
        return sprite
    row, column = np.divmod(corners, cells.shape[2])
    side = length + 1  # cells of each of the longer runs that are looked at
    width = 2 * side + length
    rows = row[:, None] + np.arange(ROWS) - OUTSIDE
    window = cells[:, rows[:, :, None], (column[:, None] + np.arange(width))[:, None]]
    over, here, below, inside = slice(OUTSIDE), OUTSIDE, OUTSIDE + 1, OUTSIDE + 2
    ground, own, fill = (
        window[:, :, down, along] for down, along in ((here, 0), (below, 0), (below, side))
    )
    run, around = slice(side, side + length), slice(side - 1, side + length + 1)
    beside = np.ones(width, bool)
    beside[run] = False
    grounds = alike(window, ground[..., None, None])
    pole = grounds[:, over, around].all(axis=(1, 2)) & grounds[:, here, beside].all(axis=1)
    if not pole.any():  # what comes now takes longer
        return sprite
    owns, fills = _same(window, own[..., None, None]), alike(window, fill[..., None, None])
    pole &= owns[:, here, run].all(axis=1) & owns[:, below, beside].all(axis=1)
    solid = owns[:, below, run].all(axis=1)
    hollow = ~alike(fill, own) & ~alike(fill, ground)
    hollow &= fills[:, below, run].all(axis=1) & fills[:, inside, around].all(axis=1)
    pole &= solid | hollow
    if not pole.any():
        return sprite
    row, first = row[pole] - BEYOND, column[pole] + side
    # the run and a cell on either side
    seen = np.arange(-1, length + 1) + first[:, None]
    place = np.array((row.repeat(length + 2), seen.ravel()))
    colors = [each[:, pole].repeat(length + 2, axis=1) for each in (own, ground)]
    covered = shares(pixels, sprite.shape[:2], place, *colors).mean(axis=(1, 2)).reshape(seen.shape)
    inner = covered[:, 1:-1]
    falls = np.array((inner[:, 0] - covered[:, 0], inner[:, -1] - covered[:, -1]))
    goes = (falls < STEEP).all(axis=0) & (inner.max(axis=1) < COVERED)
    if not goes.any():
        return sprite
    flat = sprite.copy()
    for top, left, thin in zip(row[goes], first[goes], hollow[pole][goes], strict=True):
        cells_of_run = slice(left, left + length)
        if thin:
            flat[top + 1, cells_of_run] = sprite[top, cells_of_run]
        flat[top, cells_of_run] = sprite[top, left - 1]
    return flat


def _same(cells: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which are of one shape, ``(4, ...)``: nearer than what is only alike."""
    return np.asarray(_contrast(cells, others) <= SHADES)


def _contrast(cells: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(cells - others).max(axis=0, initial=0))
