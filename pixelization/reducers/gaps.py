"""Thin lines that a picture joins and its sprite does not: gaps of one or two cells are filled.

Networks decide every cell, and where a line runs between two cells, each may leave it to the other.
All ends of lines are looked at together, each with a window of cells around it.
"""

from typing import NamedTuple

import numpy as np

from pixelization.cells.neighbours import alike_neighbours
from pixelization.cells.sizes import Size
from pixelization.reducers.shown import NEAR, alike, planes, samples

REACH = 3  # cells around the end of a line in which it may go on
SIDE = 2 * REACH + 1  # of a window
SAMPLES = 4  # per side of a cell, that are looked at for what leads where
CONTRAST = 96  # levels between a line and its ground, at least in one channel
LENGTH = 4  # cells of a line in the window, on both sides of the gap: dots are none
LONE = 0.5  # share of a window that is ground
SHOWN = 0.5  # share of the line's colour, or of opacity, from which on a sample is the line's
ASIDE = 0.35  # parts of the way from ground to line by which a sample's colour may be beside it
MANY = 256  # windows that are looked at in one go: noise has ends in every other cell
RING = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))

Cell = tuple[int, int]


class Windows(NamedTuple):
    """``n`` ends of lines, each amid a window of ``SIDE`` x ``SIDE`` cells.

    Attributes:
        ends: row and column of each, ``(n, 2)``.
        line, ground: colours of the line and of what it lies on, int16 RGBA ``(n, 4)``.
        free: which cells of a window have the ground's colour, bool ``(n, SIDE, SIDE)``.
        goal: which ones have the line's and are not joined with its end in there.
    """

    ends: np.ndarray
    line: np.ndarray
    ground: np.ndarray
    free: np.ndarray
    goal: np.ndarray

    def only(self, which: np.ndarray) -> "Windows":
        """Some of them."""
        return Windows(*(each[which] for each in self))


def join_lines(pixels: np.ndarray, sprite: np.ndarray) -> np.ndarray:
    """Fill the gaps of lines on a ground.

    A line ends in a cell that has one neighbour of its colour at most, or two side by side. It goes
    on where a cell of its colour lies two or three cells further, not joined with it around there,
    and samples of its colour lead to it without a gap. Then of the cells of the ground between
    both, the one or two become the line's on which most of these samples lie. All this where half
    of the cells around are ground: elsewhere artists leave gaps, too. Lines and gaps of less than
    a quarter of a cell are seen where samples meet them.

    Args:
        pixels: the picture, uint8 RGBA ``(H, W, 4)``.
        sprite: uint8 RGBA ``(h, w, 4)``, alpha 0 or 255.

    Returns:
        A new sprite, or the same one where nothing is to be filled.
    """
    wide = np.full((4, *(side + 2 * REACH for side in sprite.shape[:2])), -1, np.int16)
    wide[:, REACH:-REACH, REACH:-REACH] = sprite.transpose(2, 0, 1)
    ends, joined = _ends(sprite), sprite
    parts = (_open(wide, ends[start : start + MANY]) for start in range(0, len(ends), MANY))
    for part in parts:
        if not len(part.ends):  # as often: what follows takes long, however few there are
            continue
        found, covers = _covered(pixels, sprite.shape[:2], part)
        for end, line, _, free, goal, cover in zip(*found, covers, strict=True):
            y, x = end.tolist()
            if joined is not sprite:  # another end may have filled the gap
                same = _alike(wide[:, y : y + SIDE, x : x + SIDE], line[:, None, None])
                goal, free = same & ~_joined(same), free & ~same
            for row, column in _way(free, goal, cover):
                joined = sprite.copy() if joined is sprite else joined
                wide[:, y + row, x + column] = line
                joined[y + row - REACH, x + column - REACH] = line
    return joined


def _ends(sprite: np.ndarray) -> np.ndarray:
    """Cells ``(n, 2)`` of a sprite in which a line ends."""
    like = alike_neighbours(planes(sprite), alike)[:, :, 1:-1, 1:-1]
    ring = np.stack([like[y, x] for y, x in RING])
    count = ring.sum(axis=0, dtype=np.int8)
    side_by_side = (ring & np.roll(ring, 1, axis=0)).any(axis=0)
    return np.argwhere((sprite[..., 3] > 0) & ((count <= 1) | ((count == 2) & side_by_side)))


def _open(wide: np.ndarray, ends: np.ndarray) -> Windows:
    """Those ends from which free cells may lead to more of the line."""
    steps = np.arange(SIDE)
    cells = wide[:, ends[:, :1, None] + steps[:, None], ends[:, 1:, None] + steps]
    line = cells[:, :, REACH, REACH]
    same = _alike(cells, line[:, :, None, None])
    ground, some = _grounds(cells, line)
    empty = ground[3, :, None, None] == 0
    free = ~same & np.where(empty, cells[3] == 0, _alike(cells, ground[:, :, None, None]))
    goal = same & ~_joined(same)
    contrast = (ground[3] == 0) | (np.abs(line - ground)[:3].max(axis=0) >= CONTRAST)
    long = same.sum(axis=(1, 2)) >= LENGTH
    lone = free.sum(axis=(1, 2)) >= LONE * (cells[3] >= 0).sum(axis=(1, 2))
    line_art = some & contrast & long & lone
    return Windows(ends, line.T, ground.T, free, goal).only(_reaches(free, goal) & line_art)


def _grounds(cells: np.ndarray, line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What most of the neighbours of ends are that are not the line, ``(4, n)``; and whether there
    are any, bool ``(n,)``.
    """
    ring = np.stack([cells[:, :, REACH + y, REACH + x] for y, x in RING], axis=2)
    others = ~_alike(ring, line[:, :, None]) & (ring[3] >= 0)
    same = (ring[..., None] == ring[..., None, :]).all(axis=0)
    votes = (same & others[:, None]).sum(axis=2) * others
    most = votes.argmax(axis=1)
    return ring[:, np.arange(len(most)), most], others.any(axis=1)


def _way(free: np.ndarray, goal: np.ndarray, cover: np.ndarray) -> list[Cell]:
    """One or two free cells from the middle of a window to beside a goal, those covered most."""
    free, near = free & (cover > 0), _grown(goal & (cover > 0))
    ways = []
    for y, x in RING:
        one = (REACH + y, REACH + x)
        if free[one] and near[one]:
            ways.append([one])
        elif free[one]:
            twos = [(one[0] + down, one[1] + across) for down, across in RING]
            ways += [[one, two] for two in twos if free[two] and near[two]]
    return min(ways, key=lambda way: (len(way), -sum(cover[cell] for cell in way)), default=[])


def _covered(pixels: np.ndarray, grid: Size, found: Windows) -> tuple[Windows, np.ndarray]:
    """Those windows in which the line may go on, and how many samples of each cell are the line's
    and lead to its end: ``(n, SIDE, SIDE)``.

    Args:
        pixels: the picture.
        grid: size of the sprite in cells.
        found: windows of the sprite.
    """
    places = np.arange(-REACH * SAMPLES, (REACH + 1) * SAMPLES)
    rows, columns = (start[:, None] * SAMPLES + places for start in found.ends.T)
    inside = ((rows >= 0) & (rows < grid[0] * SAMPLES))[:, :, None]
    inside = inside & ((columns >= 0) & (columns < grid[1] * SAMPLES))[:, None]
    shown = samples(pixels, grid, rows[:, :, None], columns[:, None], SAMPLES)
    line, ground = (colors.T[:, :, None, None] for colors in (found.line, found.ground))
    of_line = _shown(np.moveaxis(shown, 3, 0).astype(np.float32), line, ground) & inside
    # Few of them are a gap's. Where none of the samples that a way needs is the line's, what leads
    # where, which takes long, need not be known.
    some = _by_cell(of_line) > 0
    goes = _reaches(found.free & some, found.goal & some)
    return found.only(goes), _by_cell(_joined(of_line[goes], SAMPLES))


def _reaches(free: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """In which windows ``(n, SIDE, SIDE)`` one or two free cells lead from the middle to beside a
    goal.
    """
    beside = slice(REACH - 1, REACH + 2)
    first = np.zeros_like(free)
    first[:, beside, beside] = free[:, beside, beside]
    return np.asarray((_grown(first) & free & _grown(goal)).any(axis=(1, 2)))


def _by_cell(mask: np.ndarray) -> np.ndarray:
    """How many samples of each cell of windows ``(n, ...)`` are set: ``(n, SIDE, SIDE)``."""
    cells = mask.reshape(-1, SIDE, SAMPLES, SIDE, SAMPLES)
    return np.asarray(cells.sum(axis=(2, 4)))


def _shown(seen: np.ndarray, line: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """Which samples ``(4, n, h, w)`` are a line's rather than its ground's."""
    colors, opacity = seen[:3], seen[3] / 255
    way = (line - ground)[:3].astype(np.float32)
    apart = (colors - ground[:3]) * opacity  # what is half transparent lies on the ground
    length = (way * way).sum(axis=0)
    share = (apart * way).sum(axis=0) / length.clip(1)
    aside = np.square(apart).sum(axis=0) - share * share * length
    shown = (share > SHOWN) & (aside < ASIDE**2 * length)
    on_nothing = (ground[3] == 0).ravel()
    if on_nothing.any():
        near = np.abs(colors[:, on_nothing] - line[:3, on_nothing]).max(axis=0) <= 2 * NEAR
        shown[on_nothing] = near & (opacity[on_nothing] > SHOWN)
    return shown


def _alike(cells: np.ndarray, color: np.ndarray) -> np.ndarray:
    """Which cells are opaque and nearly of a colour; int16 ``(4, ...)``, bool ``(...)``."""
    apart = np.abs(cells[:3] - color[:3])
    return np.asarray((apart.max(axis=0) <= NEAR) & (cells[3] > 0))


def _joined(mask: np.ndarray, scale: int = 1) -> np.ndarray:
    """What of windows ``(..., n, n)`` is joined with the cell in their middle, at sides or corners.

    Args:
        scale: how many places a cell has along a side.
    """
    # A row is a number and its places, 64 at most, are bits: all of them grow at once.
    places = 1 << np.arange(mask.shape[-1], dtype=np.uint64)
    middle = slice(REACH * scale, (REACH + 1) * scale)
    rows = mask @ places
    grown = np.zeros_like(rows)
    grown[..., middle] = rows[..., middle] & places[middle].sum()
    joined = np.zeros_like(rows)
    while (grown != joined).any():
        joined = grown
        wide = joined | joined << 1 | joined >> 1
        tall = wide.copy()
        tall[..., 1:] |= wide[..., :-1]
        tall[..., :-1] |= wide[..., 1:]
        grown = tall & rows
    return (joined[..., None] & places) > 0


def _grown(mask: np.ndarray) -> np.ndarray:
    """A mask ``(..., n, m)`` and all that is at its sides and corners."""
    tall = mask.copy()
    tall[..., 1:, :] |= mask[..., :-1, :]
    tall[..., :-1, :] |= mask[..., 1:, :]
    wide = tall.copy()
    wide[..., 1:] |= tall[..., :-1]
    wide[..., :-1] |= tall[..., 1:]
    return wide
