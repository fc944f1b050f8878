"""From an image to its grid."""

from dataclasses import replace

import numpy as np

from pixelization.detection.axis import Axis, AxisGrid, Exact, axis_grids
from pixelization.detection.geometry import (
    SURE,
    Candidate,
    GridDetection,
    cells_inside,
    first_border,
    off_borders,
)
from pixelization.detection.lines import (
    DrawnLines,
    blurred_lines,
    drawn_lines,
    without_lines,
)
from pixelization.detection.parts import parts_of
from pixelization.detection.profiles import changes_along, lines_along
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
    """x and y of an image."""
    longest = max(2, min(LARGEST_CELL, max(image.shape[:2]) / FEWEST_CELLS))
    return Axis(lines_along(image, 0), longest), Axis(lines_along(image, 1), longest)


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
    if _alike((across, down), found.cell):
        return found
    phase = tuple(
        place - period if place else 0.0 for period, place in ((across, left), (down, top))
    )
    size = tuple(
        cells_inside(length, period, start)[1]
        for length, period, start in zip(found.image_size, (across, down), phase, strict=True)
    )
    return _rather(
        found, Candidate((across, down), (phase[0], phase[1]), (size[0], size[1]), UNSURE)
    )


def _rather(found: GridDetection, other: Candidate) -> GridDetection:
    """Another grid than was found, which is the first runner-up now; unsure."""
    before = Candidate(found.cell, found.phase, found.size, found.confidence)
    return replace(
        found,
        cell=other.cell,
        phase=other.phase,
        size=other.size,
        confidence=UNSURE,
        native=other.cell == (1.0, 1.0),
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


def _alike(first: tuple[float, float], second: tuple[float, float]) -> bool:
    """Whether cells have the same size, but for what a drawn or blurred grid may be off."""
    return bool(np.abs(np.divide(first, second) - 1).max() < BESIDE)


def _grid_of(image: np.ndarray) -> GridDetection:
    """The grid of an image, or that of the pixel art in a part of it.

    Bars, frames and shadows around pixel art rule its cells out, or let smaller ones win.
    """
    axes = axes_of(image)
    parts = parts_of(image)
    if not parts:
        return _grid_on(axes, image)
    exact, best = Exact.of(axes), None
    for part in parts:
        columns, rows = part
        inner = Exact.of(axes_of(image[rows, columns]), (columns.start, rows.start))
        if inner.outdoes(exact):
            exact, best = inner, part
    if best is not None:
        return _grid_in(best, image)
    found = _grid_on(axes, image)
    if _all_on_borders(found, image):
        return found
    for part in reversed(parts):
        inside = _grid_in(part, image)
        sides = [span.stop - span.start for span in part]
        if min(np.divide(sides, inside.cell)) >= FEWEST_CELLS:  # fewer fit by chance
            break
    else:
        return found
    if inside.confidence <= max(found.confidence, SURE) or _alike(inside.cell, found.cell):
        return found
    return _rather(found, Candidate(inside.cell, inside.phase, inside.size, UNSURE))


def _grid_in(part: tuple[slice, slice], image: np.ndarray) -> GridDetection:
    """The grid of a part, continued over the whole image."""
    columns, rows = part
    inside = image[rows, columns]
    found = _grid_on(axes_of(inside), inside)
    height, width = image.shape[:2]

    def continued(grid: Candidate) -> Candidate:
        phase, size = [], []
        for start, cell, first, length in zip(
            (columns.start, rows.start), grid.cell, grid.phase, (width, height), strict=True
        ):
            phase.append(first_border(first + start, cell))
            size.append(cells_inside(length, cell, phase[-1])[1])
        return replace(grid, phase=(phase[0], phase[1]), size=(size[0], size[1]))

    best = continued(Candidate(found.cell, found.phase, found.size, found.confidence))
    return replace(
        found,
        phase=best.phase,
        size=best.size,
        image_size=(width, height),
        candidates=tuple(continued(each) for each in found.candidates),
    )


def _grid_on(axes: tuple[Axis, Axis], image: np.ndarray) -> GridDetection:
    height, width = image.shape[:2]
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
