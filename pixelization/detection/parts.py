"""The parts of a screenshot, between the edges of what it shows beside pixel art."""

from itertools import pairwise, product

import numpy as np

from pixelization.detection.profiles import changes_along, lines_along

CROSSES = 0.5  # of the lines, over which one step of colour goes straight on
NARROWEST = 8  # pixels; what is narrower between two edges is a frame or a shadow


def parts_of(image: np.ndarray) -> list[tuple[slice, slice]]:
    """Ever smaller parts of an image, each between straight edges that cross the one before.

    A desktop, a frame, a title bar and a panel have such edges, which need not be on the grid of
    the pixel art beside them. Of all that lies between them, the part is taken that has the most
    columns and rows at which colours change.

    Args:
        image: uint8 ``(H, W, 3 or 4)``.

    Returns:
        Columns and rows, in pixels of the image; the largest part first, without the image itself.
    """
    parts = [(slice(0, image.shape[1]), slice(0, image.shape[0]))]
    while True:
        columns, rows = parts[-1]
        inside = image[rows, columns]
        across, down = (_between_edges(lines_along(inside, axis)) for axis in (0, 1))
        blocks = [
            (_moved(each, columns.start), _moved(other, rows.start))
            for each, other in product(across, down)
        ]
        if not blocks or blocks == parts[-1:]:
            return parts[1:]
        parts.append(max(blocks, key=lambda block: _changes(image[block[1], block[0]])))


def _between_edges(lines: np.ndarray) -> list[slice]:
    """What is between the places of an axis where one step of colour crosses most of the lines."""
    steps = np.diff(lines, axis=1)
    run = longest = np.zeros(steps.shape[1], int)
    before = np.zeros_like(steps[0])
    for step in steps:
        run = np.where(step.any(axis=1), np.where((step == before).all(axis=1), run, 0) + 1, 0)
        longest, before = np.maximum(longest, run), step
    edges = np.flatnonzero(longest >= CROSSES * len(lines)) + 1
    ends = [0, *edges.tolist(), lines.shape[1]]
    return [slice(first, last) for first, last in pairwise(ends) if last - first >= NARROWEST]


def _changes(image: np.ndarray) -> int:
    return min(len(changes_along(lines_along(image, axis))) for axis in (0, 1))


def _moved(part: slice, by: int) -> slice:
    return slice(part.start + by, part.stop + by)
