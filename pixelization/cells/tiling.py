"""Cuts a large image, and the grid that lies over it, into tiles with surroundings."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

LEAST_AROUND = 8  # cells at least, that are put around a tile that repeats


@dataclass(frozen=True)
class Window:
    """A part of an array (``inner``), and the part with its surroundings (``outer``).

    Rows first.
    """

    inner: tuple[slice, slice]
    outer: tuple[slice, slice]

    def read(self, array: np.ndarray) -> np.ndarray:
        """The outer part."""
        return array[self.outer]

    def write(self, array: np.ndarray, outer: np.ndarray) -> None:
        """Of a new outer part, put the inner part into its place."""
        rows, columns = (
            slice(i.start - o.start, i.stop - o.start)
            for i, o in zip(self.inner, self.outer, strict=True)
        )
        array[self.inner] = outer[rows, columns]


def tiles(
    grid: tuple[int, int], image: tuple[int, int], scale: Fraction, *, tile: int, halo: int
) -> Iterator[tuple[Window, Window]]:
    """Cut a grid and its image alike.

    All tiles begin between two cells and at a whole pixel. So the grid of a tile is a part of the
    grid.

    Args:
        grid: ``(h, w)`` in cells.
        image: ``(H, W)`` in pixels, H = round(h / scale).
        scale: grid side / image side.
        tile: pixels per side of a tile, its halo not counted; a smaller image is one tile.
        halo: pixels of surroundings, a multiple of ``scale``'s denominator.

    Yields:
        The window of the tile in the grid, and the one in the image.
    """
    rows, columns = (
        list(_cuts(*sides, scale, tile, halo)) for sides in zip(grid, image, strict=True)
    )
    for row in rows:
        for column in columns:
            in_cells, in_pixels = (
                Window(
                    *((slice(*y), slice(*x)) for y, x in zip(row[unit], column[unit], strict=True))
                )
                for unit in (0, 1)
            )
            yield in_cells, in_pixels


def _cuts(
    cells: int, pixels: int, scale: Fraction, tile: int, halo: int
) -> Iterator[tuple[list, list]]:
    """Along one side: (inner, outer) bounds of every tile in cells, and the same in pixels."""
    unit, margin = scale.numerator, int(halo * scale)
    step = math.ceil(cells / math.ceil(pixels / tile) / unit) * unit
    for start in range(0, cells, step):
        stop = min(start + step, cells)
        bounds = [(start, stop), (max(start - margin, 0), min(stop + margin, cells))]
        # The image of n cells may end at a fraction of a pixel: its last cell ends where the image
        # does.
        yield (
            bounds,
            [
                tuple(pixels if cell == cells else int(cell / scale) for cell in pair)
                for pair in bounds
            ],
        )


def cells_around(cells: int, pixels: int) -> int:
    """How many cells are put at either end of a side of so many cells and pixels.

    They measure a whole number of pixels, and are at most the whole side.
    """
    unit = cells // math.gcd(cells, pixels)
    return min(cells, math.ceil(LEAST_AROUND / unit) * unit)
