"""Whole numbers of cells or pixels along the sides of images."""

import math
from dataclasses import dataclass
from fractions import Fraction

from pixelization.limits import RESULT_PIXELS

Size = tuple[int, int]
"""Of an array ``(height, width)``; of a PIL image, and wherever a user sees it, the other way."""


@dataclass(frozen=True)
class Longest:
    """A size that is told by its longer side alone.

    Attributes:
        cells: along that side, at least 1; of what is made for the screen, pixels.
    """

    cells: int

    def __str__(self) -> str:
        return f"max:{self.cells}"


WantedSize = tuple[int, int | None] | Longest
"""(width, height); a height of None keeps the aspect ratio, and so does the longer side alone."""

MIN_SIDE = 32
"""Pixels per side of the networks' smallest input."""
SCALES = (Fraction(1, 4), Fraction(3, 16), Fraction(1, 8))
"""Grid side / image side of GridNet's three outputs (Han et al. 2018, Sec. 3.2.1)."""


def round_half_up(value: float | Fraction) -> int:
    """To the nearest whole number, halves up (Python's ``round`` makes 2 of 2.5)."""
    return math.floor(value + 0.5)


def cells_along(side: int, scale: Fraction) -> int:
    """Cells along a side of so many pixels, halves to even; at least 1.

    ``scale`` is grid side / image side (Han et al. 2018, Sec. 3.2.1).
    """
    # ``round(side * scale)`` in whole numbers and without a branch, for graphs that are traced
    twice, unit = 2 * side * scale.numerator, scale.denominator
    odd = twice // (2 * unit) % 2
    return max(1, (twice + unit - 1 + odd) // (2 * unit))


def cell_count(length: float, cell: float | Fraction) -> int:
    """How many cells of ``cell`` pixels a length in pixels becomes, halves up; at least 1."""
    return max(1, round_half_up(length / cell))


def completed_size(size: WantedSize, like: Size) -> Size:
    """(width, height) of a size.

    What is not given keeps the aspect ratio of ``like``, (width, height), and is at least 1.
    """
    if isinstance(size, Longest):
        found = [_in_proportion(side, size.cells, max(like)) for side in like]
        return found[0], found[1]
    width, height = size
    return width, _in_proportion(like[1], width, like[0]) if height is None else height


def _in_proportion(side: int, wanted: int, of: int) -> int:
    """``side * wanted / of``, halves up, at least 1; in whole numbers, which may have any size."""
    return max(1, (2 * side * wanted + of) // (2 * of))


def grid_size(image_size: Size, scale: Fraction) -> Size:
    """Size ``(h, w)`` in cells of the grid of an image of ``(H, W)`` pixels at ``scale``."""
    height, width = image_size
    return cells_along(height, scale), cells_along(width, scale)


def samples_per_side(scale: Fraction) -> int:
    """Samples per side of a cell that leave no pixel between them: 4, 6, 8 for 1/4, 3/16, 1/8."""
    return math.ceil(1 / scale)


def check_pixels(size: Size, what: str) -> None:
    """Raise ``UserError`` if ``size`` is more than is computed."""
    RESULT_PIXELS.check(size[0] * size[1], f"{what} of {size[0]}x{size[1]} pixels")
