"""DepixelNet as an enlarger, on any backend."""

import math
from fractions import Fraction

import numpy as np
from PIL import Image, ImageFilter

from pixelization.backends.base import HALO, MIN_SIDE, TILE, Backend, SpriteBackend
from pixelization.cells.sizes import Size
from pixelization.cells.tiling import tiles
from pixelization.cells.voting import paint_cells
from pixelization.enlargers.base import Enlarge


def network_enlarger(backend: Backend | SpriteBackend) -> Enlarge:
    """DepixelNet on any backend."""
    return (
        _grid_enlarger(backend) if isinstance(backend, SpriteBackend) else _image_enlarger(backend)
    )


def _grid_enlarger(backend: SpriteBackend) -> Enlarge:
    """One that draws cells."""

    def enlarge(cells: np.ndarray, factor: float) -> tuple[np.ndarray, float]:
        drawn = backend.draw(cells[None])[0]
        return drawn, drawn.shape[0] / cells.shape[0]

    return enlarge


def _image_enlarger(backend: Backend) -> Enlarge:
    """One that smooths enlarged cells, at the smallest cell size it knows, if twice the factor.

    If there is none, it draws at the largest. Made smaller, its edges are crisp. Drawn at the size
    wished for, they are soft, and cells run into each other. A median over nearly a cell
    straightens contours in between, and leaves strokes of one cell: medians move contours by their
    mean curvature (Oberman 2004).
    """

    def enlarge(cells: np.ndarray, factor: float) -> tuple[np.ndarray, float]:
        large = [each for each in backend.scales if 1 / each >= 2 * factor]
        scale: Fraction = max(large) if large else min(backend.scales)
        height, width = cells.shape[:2]
        grid = (_padded(height, scale), _padded(width, scale))
        cells = np.pad(cells, ((0, grid[0] - height), (0, grid[1] - width), (0, 0)), mode="edge")
        image_size: Size = (int(grid[0] / scale), int(grid[1] / scale))
        image = paint_cells(cells, image_size)
        smooth = np.empty_like(image)
        tile = TILE if backend.tileable else max(image_size)
        for _, window in tiles(grid, image_size, scale, tile=tile, halo=HALO):
            window.write(smooth, backend.depixelize(window.read(image)[None])[0])
        # the largest odd number below the cell size
        median = ImageFilter.MedianFilter(math.ceil(1 / scale / 2) * 2 - 1)
        return np.asarray(Image.fromarray(smooth).filter(median)), float(1 / scale)

    return enlarge


def _padded(cells: int, scale: Fraction) -> int:
    """So many cells measure a whole number of pixels, at least ``MIN_SIDE``."""
    unit = scale.numerator
    return math.ceil(max(Fraction(cells), MIN_SIDE * scale) / unit) * unit
