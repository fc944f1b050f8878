"""Pixels of cells whose borders may be anywhere."""

from collections.abc import Sequence

import numpy as np

MIDDLE, WIDE = 0.6, 4  # the share of a cell's side that votes, in cells of at least so many pixels
VOTERS = 15  # at most so many pixels per side of a cell; more would only be slower


def voting_share(bounds: Sequence[np.ndarray]) -> float:
    """The share of a cell's sides whose pixels say what the cell is.

    Those at the border of large cells have been blurred, compressed or cut.
    """
    wide = min(float(np.median(np.diff(each))) for each in bounds) >= WIDE
    return MIDDLE if wide else 1.0


def cell_samples(pixels: np.ndarray, bounds: Sequence[np.ndarray], share: float) -> np.ndarray:
    """Pixels from the middle of every cell, evenly spread over that share of its sides.

    Args:
        pixels: ``(H, W, C)``.
        bounds: of the cells along x and along y, in pixels, ascending.
        share: of a cell's sides, in (0, 1].

    Returns:
        ``(h, w, count, C)``.
    """
    (columns, across), (rows, down) = (
        _places(each, side, share) for each, side in zip(bounds, pixels.shape[1::-1], strict=True)
    )
    height, width = len(rows) // down, len(columns) // across
    found = pixels[rows[:, None], columns].reshape(height, down, width, across, -1)
    return found.transpose(0, 2, 1, 3, 4).reshape(height, width, down * across, -1)


def _places(bounds: np.ndarray, side: int, share: float) -> tuple[np.ndarray, int]:
    """Along one axis, the pixels that are sampled, cell after cell, and how many each cell has."""
    bounds = bounds.clip(0, side)
    lengths = np.diff(bounds)
    count = int(min(VOTERS, max(1, round(share * float(np.median(lengths))))))
    offsets = ((np.arange(count) + 0.5) / count - 0.5) * share
    places = (bounds[:-1] + bounds[1:])[:, None] / 2 + lengths[:, None] * offsets
    return places.astype(np.int64).clip(0, side - 1).ravel(), count
