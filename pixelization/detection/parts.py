"""The part of a screenshot that shows pixel art, between the edges of what is around it."""

import os

import numpy as np

from pixelization.detection.profiles import changes_along, lines_along

CROSSES = float(os.environ.get("CR", "0.5"))


def parts_of(image: np.ndarray) -> list[tuple[slice, slice]]:
    """Ever smaller parts between straight edges that cross most of the one before.

    Such are the edges of what a screenshot shows beside pixel art: a desktop, a frame, a title bar,
    a panel. They need not be on its grid.

    Args:
        image: uint8 ``(H, W, 3 or 4)``.

    Returns:
        Columns and rows of each part.
    """
    parts: list[tuple[slice, slice]] = []
    columns, rows = slice(0, image.shape[1]), slice(0, image.shape[0])
    while True:
        across, down = (_crossing(lines_along(image[rows, columns], axis)) for axis in (0, 1))
        blocks = [(columns, rows)]
        blocks = [
            (slice(columns.start + left, columns.start + right), slice(rows.start + top, rows.start + bottom))
            for left, right in _between(across, columns)
            for top, bottom in _between(down, rows)
        ]
        best = max(blocks, key=lambda block: _richness(image[block[1], block[0]]), default=None)
        if best in (None, (columns, rows)):
            return parts
        columns, rows = best
        parts.append(best)


def _between(places, whole):
    ends = [0, *places.tolist(), whole.stop - whole.start]
    return [(first, last) for first, last in zip(ends, ends[1:], strict=False) if last - first >= 8]


def _richness(image):
    return min(len(changes_along(lines_along(image, axis))) for axis in (0, 1))


def _crossing(lines: np.ndarray) -> np.ndarray:
    """Where one and the same step of colour goes straight on over most of the lines."""
    steps = np.diff(lines, axis=1)
    goes_on = (steps[1:] == steps[:-1]).all(axis=2)
    run = longest = np.zeros(steps.shape[1], int)
    for step, same in zip(steps.any(axis=2), [False * goes_on[:1].any(), *goes_on], strict=True):
        run = np.where(step, np.where(same, run, 0) + 1, 0)
        longest = np.maximum(longest, run)
    return np.flatnonzero(longest >= CROSSES * len(lines)) + 1
