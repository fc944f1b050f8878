"""Level and upright edges become straight: cells that an edge cuts alike go to the same side.

Networks decide every cell, and an edge amid cells is a close decision: a hint from far away, and a
cell goes to the other side than those beside it. So a window has a notch, and a table has teeth.
"""

import numpy as np

from pixelization.cells.sizes import Size
from pixelization.reducers.shown import (
    CONTRAST,
    SAMPLES,
    alike,
    both_ways,
    of_three,
    planes,
    samples,
    weighed,
)

ALONG = (2, 5, 10, 13)  # eighths of a cell and the next one, at which an edge is looked at
DRIFT = 0.06  # of a cell: an edge that moves by more from one to the next of these is no edge
FINEST = 32  # samples across an edge in a cell: all pixels of cells up to so many
LENGTH = 3  # cells that a picture cuts alike, from which on there is an edge: lines turn, too


def straighten_edges(pixels: np.ndarray, sprite: np.ndarray) -> np.ndarray:
    """Take the teeth from level and upright edges.

    A cell is on an edge where it is like the cell above it and not like the one below it, or the
    other way round. Neighbours along it belong together where the picture shows the edge at the
    same height in both. All of such a run, of three and more, become what most of them are, each by
    the colour of its own neighbour on that side; of two equal parties, what the first is. Lines of
    one cell have no such cells but where they step, and would be cut there: runs of which one would
    leave the other stay.

    Args:
        pixels: the picture, uint8 RGBA ``(H, W, 4)``.
        sprite: uint8 RGBA ``(h, w, 4)``, alpha 0 or 255.

    Returns:
        A new sprite, or the same one where nothing is to be done.
    """
    return both_ways(_straighten_level, pixels, sprite)


def _straighten_level(pixels: np.ndarray, sprite: np.ndarray) -> np.ndarray:
    cells = planes(sprite)
    above, here, below = cells[:, :-2], cells[:, 1:-1], cells[:, 2:]
    sides = alike(here, below).astype(np.int8) - alike(here, above)
    contrast = np.abs(above - below).max(axis=0, initial=0)
    edges = (sides != 0) & (contrast >= CONTRAST)
    beside = edges[:, :-1] & edges[:, 1:]
    beside &= alike(above[..., :-1], above[..., 1:]) & alike(below[..., :-1], below[..., 1:])

    def only_level(pairs: np.ndarray) -> np.ndarray:
        """Which of these cells, bool ``(h - 2, w - 1)``, show the edge as the next one does."""
        row, column = np.nonzero(pairs)
        least = np.minimum(contrast[row, column], contrast[row, column + 1])
        moved = _moved(pixels, sprite.shape[:2], row + 1, column)
        level = np.zeros_like(pairs)
        level[row, column] = moved <= DRIFT * least
        return level

    beside = of_three(beside)
    teeth = only_level(beside & (sides[:, :-1] != sides[:, 1:])).any(axis=1, keepdims=True)
    if not teeth.any():
        return sprite
    begins = np.ones(sides.shape, bool)
    begins[:, 1:] = ~only_level(beside & teeth)
    runs = begins.cumsum().reshape(begins.shape) - 1
    votes = np.bincount(runs.ravel(), sides.ravel())
    winners = np.where(votes == 0, sides[begins], np.sign(votes)).astype(int)[runs]
    goes = (winners != sides) & (np.bincount(runs.ravel())[runs] >= LENGTH)
    cut = goes[:-1] & goes[1:] & (sides[:-1] > 0) & (sides[1:] < 0)
    goes &= ~np.isin(runs, np.concatenate([runs[:-1][cut], runs[1:][cut]]))
    row, column = np.nonzero(goes)
    straight = sprite.copy()
    straight[row + 1, column] = sprite[row + 1 + winners[row, column], column]
    return straight


def _moved(pixels: np.ndarray, grid: Size, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """How much of what cells show, and half a cell above and below, moves up to amid the next one.

    Args:
        pixels: the picture.
        grid: size of the sprite in cells.
        row, column: of ``n`` cells.

    Returns:
        ``(n,)`` in levels of the channel that changes most, as parts of a cell.
    """
    fine = min(max(SAMPLES, -(-pixels.shape[0] // grid[0])), FINEST)
    tall = row * fine + np.arange(-fine // 2, fine + fine // 2)[:, None]
    wide = column * fine + np.reshape(ALONG, (len(ALONG), 1, 1)) * fine // 8
    steps = np.diff(weighed(samples(pixels, grid, tall, wide, fine)), axis=0)
    return np.asarray(np.abs(steps).sum(axis=1, dtype=np.int32).max(axis=(0, 2)) / fine)
