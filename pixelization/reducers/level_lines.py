"""Level and upright lines stay in one row: cells in which a picture shows a line alike are alike.

Networks decide every cell, and a line just between two rows is a close decision: a hint from far
away, and it goes on in the other row, or in neither.
"""

from itertools import groupby
from typing import NamedTuple

import numpy as np

from pixelization.cells.sizes import Size
from pixelization.reducers.shown import (
    CONTRAST,
    NEAR,
    SAMPLES,
    alike,
    both_ways,
    of_three,
    planes,
    samples,
    weighed,
)

ALONG = (1, 4, 6)  # eighths of a cell at which a picture is looked at
DRIFT = 0.12  # of a cell: what lies further from a line is not shown as it is
FINEST = 32  # samples across a line in a cell: nearly all pixels of cells up to so many
LEAST = 2  # cells of a line from which on it is one
THICK = 1.25  # cells: thicker lines may be in both rows
CLEAR = 0.1  # of a line, that lies in one row more than in the other, or either is right
UPPER, LOWER = 1, 2  # where a line is; 3: in both rows, 0: in neither


class Line(NamedTuple):
    """A level line.

    Attributes:
        row: the one above the two in which it may lie.
        columns: those that show it alike, ``(n,)``.
        further: others in which it goes on, along something else or to its end, ``(m,)``.
        state: what all these are to become; 0: they stay.
    """

    row: int
    columns: np.ndarray
    further: np.ndarray
    state: int


def straighten_lines(pixels: np.ndarray, sprite: np.ndarray) -> np.ndarray:
    """Put level and upright lines into one row of cells, or two, where the picture has them alike.

    Two rows are looked at, and those above and below them. In every column a line, that is what has
    a contrast to both, is in the upper row, in the lower, in both or in neither. Columns of which
    the picture shows the same, and half a cell above and below, belong together, if they are three
    side by side, and so do such stretches. A line no thicker than a cell comes into the row in
    which more of it lies, if some column has it there, or else where most have it; what is thicker
    becomes what most columns with a line have. Cells that had no line and another colour take that
    of the nearest that had, and those that lose it what lies beyond. A line goes on where something
    else stands on it or crosses it in its colour. Lines in the outermost row stay as they are, and
    so does what is noisy: it is nowhere the same.

    Args:
        pixels: the picture, uint8 RGBA ``(H, W, 4)``.
        sprite: uint8 RGBA ``(h, w, 4)``, alpha 0 or 255.

    Returns:
        A new sprite, or the same one where nothing is to be done.
    """
    return both_ways(_straighten_level, pixels, sprite)


def _straighten_level(pixels: np.ndarray, sprite: np.ndarray) -> np.ndarray:
    grid = sprite.shape[:2]
    cells = planes(sprite)
    above, below = cells[:, :-3], cells[:, 3:]
    ground = alike(above, below)
    upper, lower = (
        np.minimum(_contrast(row, above), _contrast(row, below)) >= CONTRAST
        for row in (cells[:, 1:-2], cells[:, 2:-1])
    )
    states = UPPER * upper + LOWER * lower
    beside = alike(above[..., :-1], above[..., 1:]) & alike(below[..., :-1], below[..., 1:])
    lines = []
    torn = sorted(_torn(pixels, grid, states, beside))
    for row, models in groupby(torn, key=lambda model: model[0]):
        shown = _shown(pixels, grid, np.array([row]), np.arange(grid[1])[None])[0]
        known = np.zeros(grid[1], bool)
        for _, column in models:
            if not known[column]:
                lines.append(_line(shown, cells, states, ground, beside, row, column))
                known[[column, *lines[-1].columns]] = True
    straight, changed = sprite, np.zeros(grid, bool)
    for line in sorted(lines, key=lambda line: -len(line.columns)):
        # where a longer one has been, others do not count any more
        if not line.state or changed[line.row : line.row + 4, line.columns].any():
            continue
        straight = sprite.copy() if straight is sprite else straight
        free = ~changed[line.row : line.row + 4, line.further].any(axis=0)
        line = line._replace(further=line.further[free])
        for columns in (line.columns, line.further):
            changed[line.row + 1 : line.row + 3, columns] = True
        _draw(straight, states[line.row], line)
    return straight


def _draw(straight: np.ndarray, states: np.ndarray, line: Line) -> None:
    """Put a line into a sprite whose states in its two rows were these, ``(w,)``."""
    columns, further = line.columns, line.further
    every = np.concatenate([columns, further])
    for bit, at in ((UPPER, line.row + 1), (LOWER, line.row + 2)):
        if line.state & bit:
            has = columns[states[columns] & bit > 0]
            ink = straight[at, has[_nearest(every, has)]]
            lack = ~alike(*(weighed(each).T for each in (straight[at, every], ink)))
            straight[at, every[lack]] = ink[lack]
    if line.state == UPPER | LOWER:
        return
    # where the line was in the other row, that is now what lies beyond
    drawn, other, beyond = np.array([1, 2, 3] if line.state == UPPER else [2, 1, 0]) + line.row
    cells = planes(straight[[drawn, other]])[..., further]
    both = further[alike(cells[:, 0], cells[:, 1])]
    gone = np.concatenate([columns, both])
    straight[other, gone] = straight[beyond, gone]


def _nearest(columns: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which of others is nearest to each column."""
    return np.asarray(np.abs(columns[:, None] - others).argmin(axis=1))


def _torn(
    pixels: np.ndarray, grid: Size, states: np.ndarray, beside: np.ndarray
) -> list[tuple[int, int]]:
    """Where a line may go on otherwise than it should: rows and columns.

    It does so from one column to the next, or from one stretch to another one in the same rows.
    """
    pairs = np.argwhere(of_three(beside) & (states[:, :-1] != states[:, 1:]))
    if len(pairs):
        shown = _shown(pixels, grid, pairs[:, 0], pairs[:, 1:] + [0, 1])
        pairs = pairs[_near(shown, shown[:, 0]).all(axis=1)]
    equal = beside & (states[:, :-1] == states[:, 1:])
    stretches = np.where(equal[:, :-1] & equal[:, 1:], states[:, :-2], 0)
    kinds = [(stretches == state).any(axis=1) for state in (UPPER, LOWER, UPPER | LOWER)]
    found = [(int(row), int(column)) for row, column in pairs]
    for row in np.flatnonzero(np.sum(kinds, axis=0) > 1).tolist():
        begins = np.flatnonzero(np.diff(stretches[row], prepend=0) * stretches[row])
        shown = _shown(pixels, grid, np.array([row]), begins[None])[0]
        others = stretches[row, begins] != stretches[row, begins, None]
        found += [
            (row, int(begin))
            for begin, model, other in zip(begins, shown, others, strict=True)
            if (_near(shown, model) & other).any()
        ]
    return found


def _line(
    shown: np.ndarray,
    cells: np.ndarray,
    states: np.ndarray,
    ground: np.ndarray,
    beside: np.ndarray,
    row: int,
    column: int,
) -> Line:
    """The line that one column shows.

    Args:
        shown: of the row, ``(w, 3, t, 4)``, see :func:`_shown`.
        cells: of the sprite, :func:`~pixelization.reducers.shown.planes`.
        states, ground, beside: of all rows, ``(h - 3, w)``, beside ``(h - 3, w - 1)``.
        row, column: of the model.
    """
    same = _near(shown, shown[column])
    joined = of_three((same[:-1] & same[1:] & beside[row])[None])[0]
    within = np.zeros(states.shape[1], bool)
    within[:-1] |= joined
    within[1:] |= joined
    model = shown[column, 0]
    strength = _strength(model)
    ink = alike(cells[:, row + 1 : row + 3], model[strength.argmax(), :, None, None])
    within &= states[row] & ~(UPPER * ink[0] + LOWER * ink[1]) == 0  # another line lies there, too
    columns = np.flatnonzero(within)
    torn = (states[row, columns] != states[row, columns[:1]]).any()
    if not torn or strength.max() <= NEAR:
        return Line(row, columns, columns, 0)
    thick = strength > strength.max() // 2
    there = np.abs(shown[:, :, thick] - model[thick]).max(axis=(2, 3)) <= NEAR
    clear = within | there.all(axis=1)
    stretch = np.cumsum(~clear)
    goes_on = clear & np.isin(stretch, stretch[within])
    tips = _beside(goes_on) & ~goes_on & there.any(axis=1) & ground[row] & (states[row] > 0)
    further = np.flatnonzero((goes_on | tips) & ~within)
    return Line(row, columns, further, _winner(states[row, columns], shown[column]))


def _beside(columns: np.ndarray) -> np.ndarray:
    """Columns, bool ``(w,)``, that are beside one of these, or one of these."""
    padded = np.pad(columns, 1)
    return np.asarray(padded[:-2] | padded[1:-1] | padded[2:])


def _winner(run: np.ndarray, shown: np.ndarray) -> int:
    """What all states ``(n,)`` of a run are to become; 0 if they are to stay.

    Args:
        run: states of its columns.
        shown: of one of them, ``(3, t, 4)``, see :func:`_shown`.
    """
    have = np.array([(run & bit > 0).sum() for bit in (UPPER, LOWER)])
    if have.sum() < LEAST:
        return 0
    line = _strength(shown)
    fine = line.shape[1] // 3
    inside = line[:, fine // 2 : fine // 2 + 2 * fine].reshape(-1, 2, fine)
    covers = inside.mean(axis=(0, 2)) / line.max()
    if covers.sum() > THICK:
        return int(1 + np.bincount(run, minlength=4)[1:].argmax())
    clear = abs(covers[0] - covers[1]) > CLEAR * covers.sum() and have[covers.argmax()]
    return (UPPER, LOWER)[(covers if clear else have).argmax()]


def _shown(pixels: np.ndarray, grid: Size, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """What a picture shows in two rows of cells and half a cell above and below.

    Args:
        pixels: the picture.
        grid: size of the sprite in cells.
        rows: the one above both, ``(n,)``.
        columns: ``(n, m)``.

    Returns:
        Samples, int16 RGBA ``(n, m, 3, t, 4)``: at three places along a cell, and downwards.
    """
    fine = min(max(SAMPLES, -(-pixels.shape[0] // grid[0])), FINEST) // 2 * 2
    tall = (rows[:, None] + 1) * fine + np.arange(-fine // 2, 2 * fine + fine // 2)
    wide = columns[..., None] * fine + np.array(ALONG) * fine // 8
    return weighed(samples(pixels, grid, tall[:, None, None], wide[..., None], fine))


def _strength(shown: np.ndarray) -> np.ndarray:
    """How far samples ``(..., t, 4)`` are from the first and from the last, ``(..., t)``."""
    ends = shown[..., :1, :], shown[..., -1:, :]
    return np.minimum(*(np.abs(shown - end).max(axis=-1) for end in ends))


def _contrast(cells: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(cells - others).max(axis=0))


def _near(shown: np.ndarray, model: np.ndarray) -> np.ndarray:
    """Which columns ``(..., m, 3, t, 4)`` show what the first place of a model ``(..., 3, t, 4)``
    does.
    """
    first = model[..., None, :1, :, :]
    contrast = np.abs(first - first[..., :1, :]).max(axis=(-1, -2, -3))
    fine = shown.shape[-2] / 3
    apart = np.abs(shown - first).sum(axis=-2, dtype=np.int32).max(axis=(-1, -2)) / fine
    return np.asarray((apart <= DRIFT * contrast) & (contrast > NEAR))
