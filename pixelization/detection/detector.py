"""From an image to its grid."""

from dataclasses import replace

import numpy as np

from pixelization.detection.axis import CHANCE, Axis, AxisGrid, axis_grids
from pixelization.detection.parts import parts_of
from pixelization.detection.geometry import (
    Candidate,
    GridDetection,
    cells_inside,
    off_borders,
)
from pixelization.detection.lines import (
    DrawnLines,
    blurred_lines,
    drawn_lines,
    without_lines,
)
from pixelization.detection.profiles import (
    changes_along,
    lines_along,
    without_crossing_edges,
)
from pixelization.detection.score import is_weak, probabilities

LARGEST_CELL = 80  # pixels
# along the longer side; smaller sprites are rare, large cells that fit by chance are not
FEWEST_CELLS = 8
RUNNERS_UP = 4
# of a cell, besides a pixel; how far a drawn grid may be from the grid of the cells below it
BESIDE = 0.15
# confidence at most, where a drawn grid does not fit the cells, or little speaks for one axis
UNSURE = 0.5


def axes_of(image: np.ndarray) -> tuple[Axis, Axis]:
    """x and y of an image.

    A screenshot's bars and panels have edges that go straight across it and need not be on the grid
    of the pixel art beside them. They are left out where all other changes of colour are on a grid
    and they are not: they would rule it out, and let smaller or slightly other cells win.
    """
    longest = max(2, min(LARGEST_CELL, max(image.shape[:2]) / FEWEST_CELLS))
    shown = [lines_along(image, axis) for axis in (0, 1)]
    less = [without_crossing_edges(lines) for lines in shown]
    axes = [Axis(lines, longest) for lines in shown]
    crossed = [fewer is not lines for fewer, lines in zip(less, shown, strict=True)]
    if any(crossed):
        rest = [Axis(fewer, longest, lines) for fewer, lines in zip(less, shown, strict=True)]
        periods = rest[0].periods + rest[1].periods
        for axis in (0, 1):
            if crossed[axis] and rest[axis].disproves_crossing(periods):
                axes[axis] = rest[axis]
    return axes[0], axes[1]


def detect_grid(image: np.ndarray) -> GridDetection:
    """Find the cells of an image of pixel art that may be enlarged, cropped, blurred or compressed.

    The cell size is sought where the changes of colour along an axis recur; each size is fitted
    with the kernels of usual enlargements, and the pair of axis grids is taken that explains most
    with the largest cells. A grid that is drawn over the image is taken off before.

    Args:
        image: uint8 ``(H, W, 3)`` or ``(H, W, 4)``. Edges of alpha count; colours under alpha 0 do
            not.

    Returns:
        The likeliest grid, with cells of 2 pixels or more along at least one axis, or ``native``.
        Whether it can be relied on is in ``confidence``, which is low for an image that is no pixel
        art.

    Raises:
        ValueError: the image is not uint8 RGB or RGBA, or has no pixel.
    """
    if (
        image.dtype != np.uint8
        or image.ndim != 3
        or image.shape[2] not in (3, 4)
        or 0 in image.shape
    ):
        raise ValueError(
            f"expected an image of dtype uint8 and shape (H, W, 3 or 4), got {image.dtype} "
            f"{image.shape}"
        )
    lines = drawn_lines(image)
    if lines is None:
        return _beside_blurred_lines(_grid_of(image), image)
    covered = (lines[0].covered, lines[1].covered)
    found = replace(_grid_of(without_lines(image, covered)), lines=covered)
    fits = all(map(_on_borders, lines, found.cell, found.phase))
    return found if fits else replace(found, confidence=min(found.confidence, UNSURE))


def _beside_blurred_lines(found: GridDetection, image: np.ndarray) -> GridDetection:
    """What was found; but if a drawn grid shows in the image that is another one, that grid,
    unsure.
    """
    grid = None if _all_on_borders(found, image) else blurred_lines(image)
    if grid is None:
        return found
    (across, left), (down, top) = grid
    if np.abs(np.array([across, down]) / found.cell - 1).max() < BESIDE:
        return found
    phase = tuple(
        place - period if place else 0.0 for period, place in ((across, left), (down, top))
    )
    size = tuple(
        cells_inside(length, period, start)[1]
        for length, period, start in zip(found.image_size, (across, down), phase, strict=True)
    )
    before = Candidate(found.cell, found.phase, found.size, found.confidence)
    return replace(
        found,
        cell=(across, down),
        phase=(phase[0], phase[1]),
        size=(size[0], size[1]),
        confidence=UNSURE,
        native=False,
        candidates=(before, *found.candidates)[:RUNNERS_UP],
    )


def _all_on_borders(found: GridDetection, image: np.ndarray) -> bool:
    """Whether all changes of colour are at borders of cells, to the pixel: no line is inside."""
    for axis, (cell, phase) in enumerate(zip(found.cell, found.phase, strict=True)):
        changes = changes_along(lines_along(image, axis))
        if found.native or off_borders(changes, cell, phase) > 0.5 + 1e-6:
            return False
    return True


def _on_borders(lines: DrawnLines, cell: float, phase: float) -> bool:
    """Whether grid lines begin where cells do."""
    return off_borders(lines.starts, cell, phase) <= 1 + BESIDE * cell


def _grid_of(image: np.ndarray) -> GridDetection:
    part = art_part(image)
    if part is None:
        return _grid_of0(image)
    columns, rows = part
    found = _grid_of0(image[rows, columns])
    phase = []
    size = []
    for start, cell, phase_, length in zip((columns.start, rows.start), found.cell, found.phase, image.shape[1::-1]):
        p = (phase_ + start) % cell
        p = p - cell if p > 1e-9 else 0.0
        phase.append(p)
        size.append(cells_inside(length, cell, p)[1])
    return replace(found, phase=tuple(phase), size=tuple(size), image_size=image.shape[1::-1])


def _axes(image):
    longest = max(2, min(LARGEST_CELL, max(image.shape[:2]) / FEWEST_CELLS))
    return [Axis(lines_along(image, axis), longest) for axis in (0, 1)]


def _exact(axes):
    periods = axes[0].periods + axes[1].periods
    return [max((g.cell for g in axis.exact_grids(axis.rank(periods))), default=1.0) for axis in axes]


def art_part(image):
    parts = parts_of(image)
    if not parts:
        return None
    whole = _axes(image)
    cells = _exact(whole)
    for part in parts:
        columns, rows = part
        axes = _axes(image[rows, columns])
        own = _exact(axes)
        larger = False
        for axis in (0, 1):
            if own[axis] < 1.99 or axes[axis].by_chance(own[axis]): break
            if own[axis] < 1.5 * cells[axis]: continue
            if axes[axis].by_chance(own[axis] / cells[axis]): break
            outside = np.setdiff1d(whole[axis]._changes, axes[axis]._changes + part[axis].start)
            if len(outside) * np.log(cells[axis]) >= CHANCE: break
            larger = True
        else:
            return part if larger else None
    return None


def _grid_of0(image: np.ndarray) -> GridDetection:
    height, width = image.shape[:2]
    axes = axes_of(image)
    if not (axes[0].changes or axes[1].changes):
        return GridDetection(
            (1.0, 1.0), (0.0, 0.0), (width, height), (width, height), 0.0, True, ()
        )

    grids = axis_grids(axes)
    flat = _flat_cells(image, axes, grids)
    if flat is not None:
        return flat
    pairs, chances = probabilities(axes, grids)
    # that it is no pixel art: nothing to find, but less confidence in the rest
    chances = np.delete(chances, 1)
    candidates = [Candidate((1.0, 1.0), (0.0, 0.0), (width, height), 0.0)]
    for pair in pairs:
        across, down = pair
        size = (
            cells_inside(axes[0].length, across.cell, across.phase)[1],
            cells_inside(axes[1].length, down.cell, down.phase)[1],
        )
        candidates.append(
            Candidate((across.cell, down.cell), (across.phase, down.phase), size, 0.0)
        )

    by_size: dict[tuple[int, int], list[int]] = {}
    for index in np.argsort(-chances):
        by_size.setdefault(candidates[index].size, []).append(index)
    ranked = []
    for same in by_size.values():
        score = float(chances[same].sum())
        if same[0] and is_weak(axes, pairs[same[0] - 1]):
            score = min(score, UNSURE)
        ranked.append(replace(candidates[same[0]], score=score))
    best, *others = sorted(ranked, key=lambda candidate: -candidate.score)
    native = best.cell == (1.0, 1.0)
    return GridDetection(
        best.cell,
        best.phase,
        best.size,
        (width, height),
        best.score,
        native,
        tuple(others[:RUNNERS_UP]),
    )


def _flat_cells(
    image: np.ndarray, axes: tuple[Axis, Axis], grids: tuple[list[AxisGrid], list[AxisGrid]]
) -> GridDetection | None:
    """The grid of cells that are one pixel wide or high, and larger along the other axis.

    None if there is none. Along the larger side, every change of colour is a border. With one pixel
    for each cell there, the image is native.
    """
    exact = [[grid for grid in each if grid.exact] for each in grids]
    for axis in (0, 1):
        if not exact[axis] or exact[1 - axis] or not axes[1 - axis].changes:
            continue
        grid = max(exact[axis], key=lambda grid: grid.cell)
        length = axes[axis].length
        first, count = cells_inside(length, grid.cell, grid.phase)
        middles = grid.phase + (first + np.arange(count) + 0.5) * grid.cell
        thin = np.take(image, middles.astype(int).clip(0, length - 1), axis=1 - axis)
        found = _grid_of(thin)
        if found.native:
            cell, phase = [1.0, 1.0], [0.0, 0.0]
            cell[axis], phase[axis] = grid.cell, grid.phase
            return GridDetection(
                (cell[0], cell[1]),
                (phase[0], phase[1]),
                found.size,
                (image.shape[1], image.shape[0]),
                found.confidence,
                False,
                (),
            )
    return None
