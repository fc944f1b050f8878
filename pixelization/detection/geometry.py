"""Which cells of a grid count, and what a detection is."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pixelization.cells.sizes import round_half_up
from pixelization.errors import UserError

SURE = 0.9
"""Confidence from which a detection is right at least 99 times in 100: docs/results-snap.md."""


def cells_inside(length: int, cell: float, phase: float) -> tuple[int, int]:
    """The cells of which at least half is inside an axis.

    Args:
        length: of the axis in pixels.
        cell: size in pixels.
        phase: of the first border at or before pixel 0, in (-cell, 0].

    Returns:
        The first such cell (0, or 1 where less than half of cell 0 is inside), and how many there
            are: at least 1.
    """
    first = int(phase < -cell / 2)
    end = round_half_up((length - phase) / cell)
    return first, max(1, end - first)


def first_border(phase: float, cell: float) -> float:
    """The same phase in (-cell, 0], in pixels."""
    behind = -phase % cell
    return -behind if behind < cell * (1 - 1e-9) else 0.0


def off_borders(places: np.ndarray, cell: float, phase: float) -> float:
    """How far places are from the nearest borders of cells at most, in pixels; 0 of no place."""
    borders = (places - phase) / cell
    return float(np.abs(borders - np.round(borders)).max(initial=0) * cell)


@dataclass(frozen=True)
class Candidate:
    """A grid that an image may have.

    Attributes:
        cell: width and height of a cell in pixels.
        phase: pixels from the left and upper side of the image to the first border at or before it,
            in (-cell, 0].
        size: the native size in cells, ``(w, h)``; cells at the sides count if at least half of
            them is inside.
        score: probability, in [0, 1], that this is the native size.
    """

    cell: tuple[float, float]
    phase: tuple[float, float]
    size: tuple[int, int]
    score: float


@dataclass(frozen=True)
class GridDetection:
    """The grid of an image.

    Attributes:
        cell, phase, size: as in ``Candidate``.
        image_size: ``(W, H)`` in pixels.
        confidence: probability, in [0, 1], that ``size`` is right; to be relied on from ``SURE``.
        native: every pixel is a cell.
        candidates: the runners-up, the likeliest first.
        lines: the columns and the rows of pixels that a drawn grid covers; they show no cell.
    """

    cell: tuple[float, float]
    phase: tuple[float, float]
    size: tuple[int, int]
    image_size: tuple[int, int]
    confidence: float
    native: bool
    candidates: tuple[Candidate, ...]
    lines: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())

    def bounds(self, axis: int) -> np.ndarray:
        """The borders of the cells that count, in pixels: float64, ascending, one more than cells.

        Args:
            axis: 0 for x, 1 for y, the order of ``cell``, ``phase`` and ``size``. Borders outside
                the image are moved to its side.
        """
        length, cell, phase = self.image_size[axis], self.cell[axis], self.phase[axis]
        first = cells_inside(length, cell, phase)[0]
        return (phase + (first + np.arange(self.size[axis] + 1)) * cell).clip(0, length)


class UnsureError(UserError):
    """The program will not guess; the message names its best guesses. Exit code 3.

    Attributes:
        grid: the ``GridDetection`` that is not sure enough.
    """

    def __init__(self, message: str, grid: "GridDetection"):
        super().__init__(message, option="cell_size")
        self.grid = grid

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle, which knows of the message alone."""
        return type(self), (str(self), self.grid)
