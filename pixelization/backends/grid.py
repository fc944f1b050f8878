"""Networks on the grid whatever runs them: images in tiles of cells, sprites in and out."""

from abc import ABC, abstractmethod
from fractions import Fraction

import numpy as np

from pixelization.backends.base import Sprites, check_rgb
from pixelization.cells.candidates import NEARBY, near_candidates, settle
from pixelization.cells.lattice import SAMPLES, lattice_in_bands, levels, multiplied, signed
from pixelization.cells.sizes import Size
from pixelization.cells.tiling import tiles

TILE = 160  # cells per side of a tile, its margin not counted: 0.5 to 0.7 GiB; margins cost time


class GridBackend(ABC):
    """A :class:`~pixelization.backends.base.SpriteBackend` without what runs its networks.

    A tile equals the same cells of the whole: its margin reaches as far as the networks see, and
    every sample is computed by itself.

    Args:
        reach: how many cells away another cell can still change one of the sprite.
        draw_reach: the same of DepixelNet's drawing.
    """

    def __init__(self, reach: int, draw_reach: int) -> None:
        self.reach, self.draw_reach = reach, draw_reach

    @abstractmethod
    def _point(self, inputs: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """GridNet's grid and the sprite, RGBA float32 ``(1, 4, h, w)`` in [-1, 1] each.

        Args:
            inputs: of :func:`~pixelization.networks.planes.point_in_planes`, by their names.
        """

    @abstractmethod
    def _drawn(self, sprite: np.ndarray) -> np.ndarray:
        """What DepixelNet draws of RGBA float32 ``(1, 4, h, w)``: ``(1, 4, 8 h, 8 w)``."""

    def sprites(self, images: np.ndarray, grid: Size) -> Sprites:
        """See :class:`~pixelization.backends.base.SpriteBackend`."""
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 4 or not images.size:
            raise ValueError(
                "expected images of dtype uint8 and shape (B, H, W, 4), "
                f"got {images.dtype} {images.shape}"
            )
        made = [self._sprite(image, grid) for image in images]
        return Sprites(*(np.stack(each) for each in zip(*made, strict=True)))

    def draw(self, sprites: np.ndarray) -> np.ndarray:
        """See :class:`~pixelization.backends.base.SpriteBackend`."""
        check_rgb(sprites)
        grid = (sprites.shape[1], sprites.shape[2])
        size = (grid[0] * SAMPLES, grid[1] * SAMPLES)
        results = np.empty((len(sprites), *size, 3), np.uint8)
        halo = self.draw_reach * SAMPLES
        for sprite, result in zip(sprites, results, strict=True):
            windows = tiles(grid, size, Fraction(1, SAMPLES), tile=TILE * SAMPLES, halo=halo)
            for cells, pixels in windows:
                colors = signed(cells.read(sprite).transpose(2, 0, 1)[None])
                drawn = self._drawn(np.concatenate([colors, np.ones_like(colors[:, :1])], axis=1))
                pixels.write(result, levels(drawn[0, :3].transpose(1, 2, 0)))
        return results

    def _sprite(self, image: np.ndarray, grid: Size) -> tuple[np.ndarray, np.ndarray]:
        """GridNet's grid and the sprite, uint8 ``(h, w, 4)``."""
        size = np.array([image.shape[1] / grid[1]], np.float32)
        results = (np.empty((*grid, 4), np.uint8), np.empty((*grid, 4), np.uint8))
        for window, _ in tiles(grid, grid, Fraction(1), tile=TILE, halo=self.reach):
            lattice = lattice_in_bands(image, grid, *window.outer)
            made = self._decided(lattice, size)
            for result, part in zip(results, made, strict=True):
                cells = levels(part[0].transpose(1, 2, 0))
                cells[cells[..., 3] == 0] = 0
                window.write(result, cells)
        return results

    def _decided(self, lattice: np.ndarray, cell_size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What :meth:`_point` gives; networks are not asked of cells that have no choice.

        Args:
            lattice: RGBA float32 ``(1, 4, 8 h, 8 w)`` in [-1, 1].
            cell_size: pixels per cell, float32 ``(1,)``.
        """
        weighed = multiplied(lattice)
        near = near_candidates(lattice, weighed)
        base, undecided = settle(near)
        if not len(undecided):
            return base, base
        samples = near.samples.reshape(1, NEARBY, 4, -1)
        all_ = len(undecided) == samples.shape[3]  # every cell has a choice, as in a photo
        return self._point(
            {
                "weighed": weighed,
                "near": samples if all_ else samples.take(undecided, 3),
                "base": base,
                "undecided": undecided,
                "cell_size": cell_size,
            }
        )
