"""What the methods share that fit one region of pixels to every cell.

Each pixel knows the 3x3 cells around its own.
"""

from collections.abc import Iterable

import numpy as np
from scipy.ndimage import convolve

from pixelization.cells.neighbours import OFFSETS
from pixelization.cells.voting import cell_index, cell_starts, check_grid


class CellNeighbours:
    """The pixels of an image and the cells of a grid.

    Attributes:
        pixels: float64 ``(2, H, W)``, the (y, x) of the pixel centres in units of cells.
        centres: float64 ``(2, h, w)``, those of the cells: ``(i + 0.5, j + 0.5)``.
        outside: bool ``(9, H, W)``, in the order of ``OFFSETS``: there is no such cell.
    """

    def __init__(self, image_size: tuple[int, int], grid_size: tuple[int, int]) -> None:
        """Lay a grid of ``(h, w)`` cells over an image of ``(H, W)`` pixels.

        Raises:
            ValueError: a cell would own no pixel.
        """
        check_grid(image_size, grid_size)
        (height, width), (rows, columns) = image_size, grid_size
        self.grid_size = grid_size
        self._rows, self._columns = cell_index(height, rows), cell_index(width, columns)
        self._row_starts, self._column_starts = (
            cell_starts(height, rows),
            cell_starts(width, columns),
        )
        y, x = (np.arange(height) + 0.5) * rows / height, (np.arange(width) + 0.5) * columns / width
        self.pixels = np.stack(np.meshgrid(y, x, indexing="ij"))
        self.centres = np.indices(grid_size) + 0.5
        inside = np.zeros((rows + 2, columns + 2), bool)
        inside[1:-1, 1:-1] = True
        self.outside = np.stack([~self._at(inside, offset) for offset in OFFSETS])

    def spread(self, values: np.ndarray, offset: tuple[int, int]) -> np.ndarray:
        """Give every pixel the value of the cell at ``offset`` from its own.

        ``(..., h, w)`` becomes ``(..., H, W)``. Beyond the border it is the value of the nearest
        cell.
        """
        padded = np.pad(values, [(0, 0)] * (values.ndim - 2) + [(1, 1), (1, 1)], mode="edge")
        return self._at(padded, offset)

    def reduce(self, ufunc: np.ufunc, maps: Iterable[np.ndarray], initial: float) -> np.ndarray:
        """Bring values from pixels to cells: the opposite of :meth:`spread`.

        Args:
            ufunc: ``np.add`` or ``np.maximum``, with its neutral element ``initial``.
            maps: for each of ``OFFSETS``, ``(..., H, W)``: what a pixel gives to the cell there.

        Returns:
            ``(..., h, w)``; what went beyond the border is lost.
        """
        rows, columns = self.grid_size
        padded = np.empty(0)
        for (dy, dx), values in zip(OFFSETS, maps, strict=True):
            cells = ufunc.reduceat(
                ufunc.reduceat(values, self._row_starts, axis=-2), self._column_starts, axis=-1
            )
            if not padded.size:  # the first tells how many planes there are
                padded = np.full((*cells.shape[:-2], rows + 2, columns + 2), initial)
            target = padded[..., 1 + dy : 1 + dy + rows, 1 + dx : 1 + dx + columns]
            ufunc(target, cells, out=target)
        return padded[..., 1:-1, 1:-1]

    def _at(self, padded: np.ndarray, offset: tuple[int, int]) -> np.ndarray:
        return padded[..., self._rows + 1 + offset[0], :][..., self._columns + 1 + offset[1]]


def neighbour_mean(values: np.ndarray) -> np.ndarray:
    """Mean of the four neighbours in every plane of ``(..., h, w)``.

    Beyond the border, a cell counts for its neighbour.
    """
    cross = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]) / 4
    return convolve(values, cross.reshape((1,) * (values.ndim - 2) + (3, 3)), mode="nearest")
