"""From an image to its grid."""

from dataclasses import replace

import numpy as np

from pixelization.detection.axis import Axis, axis_grids
from pixelization.detection.geometry import Candidate, GridDetection, cells_inside
from pixelization.detection.score import probabilities

# confidence from which a detection is right at least 98 times in 100: docs/results-snap.md
SURE = 0.9
LARGEST_CELL = 80  # pixels
# along the longer side; smaller sprites are rare, large cells that fit by chance are not
FEWEST_CELLS = 8
RUNNERS_UP = 4


def axes_of(image: np.ndarray) -> tuple[Axis, Axis]:
    """x and y of an image."""
    longest = max(2, min(LARGEST_CELL, max(image.shape[:2]) / FEWEST_CELLS))
    return Axis(image, 0, longest), Axis(image, 1, longest)


def detect_grid(image: np.ndarray) -> GridDetection:
    """Find the cells of an image of pixel art that may be enlarged, cropped, blurred or compressed.

    The cell size is sought where the changes of colour along an axis recur; each size is fitted
    with the kernels of usual enlargements, and the pair of axis grids is taken that explains most
    with the largest cells.

    Args:
        image: uint8 ``(H, W, 3)`` or ``(H, W, 4)``. Edges of alpha count; colours under alpha 0 do
            not.

    Returns:
        The likeliest grid, with cells of 2 pixels or more, or ``native``. Whether it can be relied
        on is in ``confidence``, which is low for an image that is no pixel art.

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
    height, width = image.shape[:2]
    axes = axes_of(image)
    if not (axes[0].changes or axes[1].changes):
        return GridDetection(
            (1.0, 1.0), (0.0, 0.0), (width, height), (width, height), 0.0, True, ()
        )

    pairs, chances = probabilities(axes, axis_grids(axes))
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
    ranked = [
        replace(candidates[same[0]], score=float(chances[same].sum())) for same in by_size.values()
    ]
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
