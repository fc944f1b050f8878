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
    for length in range(1, LONGEST + 1):
        sprite = _without_runs(pixels, sprite, length)
    return sprite


def _without_runs(pixels: np.ndarray, sprite: np.ndarray, length: int) -> np.ndarray:
    """Without runs of this many cells at upper poles."""
    side = length + 1  # cells of each of the longer runs that are looked at
    width = 2 * side + length
    if sprite.shape[0] < ROWS or sprite.shape[1] < width:
        return sprite
    # Beyond the canvas there is what is at its border.
    cells = np.pad(planes(sprite), ((0, 0), (BEYOND, 0), (0, 0)), mode="edge")
    rows, columns = cells.shape[1] - ROWS + 1, cells.shape[2] - width + 1
    over, above, here, below, inside = (
        [cells[:, top : top + rows, left : left + columns] for left in range(width)]
        for top in range(ROWS)
    )
    ground, own, fill = here[0], below[0], below[side]
    run, ends = range(side, side + length), (side - 1, side + length)
    pole = np.abs(own - ground).max(axis=0, initial=0) >= CONTRAST
    for column in (*run, *ends):
        pole &= alike(above[column], ground) & alike(over[column], ground)
    for column in (*range(side), *range(side + length, width)):
        pole &= alike(here[column], ground) & _same(below[column], own)
    solid, hollow = np.ones_like(pole), ~alike(fill, own) & ~alike(fill, ground)
    for column in run:
        pole &= _same(here[column], own)
        solid &= _same(below[column], own)
        hollow &= alike(below[column], fill)
    for column in (*run, *ends):
        hollow &= alike(inside[column], fill)
    row, column = np.nonzero(pole & (solid | hollow))
    if not len(row):
        return sprite
    colors = [each[:, row, column].repeat(length + 2, axis=1) for each in (own, ground)]
    outlined = hollow[row, column]
    row += OUTSIDE - BEYOND
    # the run and a cell on either side
    seen = np.arange(-1, length + 1) + column[:, None] + side
    place = np.array((row.repeat(length + 2), seen.ravel()))
    covered = shares(pixels, sprite.shape[:2], place, *colors).mean(axis=(1, 2)).reshape(seen.shape)
    inner = covered[:, 1:-1]
    steps = np.array((inner[:, 0] - covered[:, 0], inner[:, -1] - covered[:, -1]))
    goes = (steps < STEEP).all(axis=0) & (inner.max(axis=1) < COVERED)
    if not goes.any():
        return sprite
    flat = sprite.copy()
    for top, left, thin in zip(row[goes], seen[goes, 1], outlined[goes], strict=True):
        cells_of_run = slice(left, left + length)
        if thin:
            flat[top + 1, cells_of_run] = sprite[top, cells_of_run]
        flat[top, cells_of_run] = sprite[top, left - 1]
    return flat


def _same(cells: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which are of one shape, ``(4, ...)``: nearer than what is only alike."""
    return np.asarray(np.abs(cells - others).max(axis=0, initial=0) <= SHADES)
