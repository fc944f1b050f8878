"""Networks from image to image whatever runs them: full-size pixel art and back."""

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import Literal

import numpy as np

from pixelization.backends.base import Grids, check_images, check_scale
from pixelization.cells.lattice import levels, signed
from pixelization.cells.sizes import grid_size
from pixelization.cells.voting import middle_pixels
from pixelization.networks.edges import Edges, edge_maps

Direction = Literal["pixelize", "depixelize"]


class WholeImageBackend(ABC):
    """A :class:`~pixelization.backends.base.Backend` without what runs its networks.

    Such networks have no grid of their own: their grids are the centre pixels of the cells.

    Args:
        scale: grid side / image side of the pixel art that comes out.
        tileable: see :class:`~pixelization.backends.base.Backend`.
        edges: what images to pixelize go through first.
    """

    def __init__(self, scale: Fraction, tileable: bool, edges: Edges) -> None:
        self._scale, self._tileable, self._edges = scale, tileable, edges

    @abstractmethod
    def _translated(self, direction: Direction, images: np.ndarray) -> np.ndarray:
        """What the network of one direction makes, float32 ``(B, 3, H, W)`` in [-1, 1] both."""

    @property
    def scales(self) -> tuple[Fraction, ...]:
        """See :class:`~pixelization.backends.base.Backend`."""
        return (self._scale,)

    @property
    def tileable(self) -> bool:
        """See :class:`~pixelization.backends.base.Backend`."""
        return self._tileable

    def pixelize(self, images: np.ndarray, scale: Fraction) -> Grids:
        """See :class:`~pixelization.backends.base.Backend`."""
        check_images(images)
        check_scale(scale, self.scales)
        made = self._images("pixelize", edge_maps(images, self._edges))
        height, width = made.shape[1:3]
        rows, columns = grid_size((height, width), scale)
        down, across = middle_pixels(height, rows), middle_pixels(width, columns)
        return Grids(made[:, down[:, None], across], made)

    def depixelize(self, images: np.ndarray) -> np.ndarray:
        """See :class:`~pixelization.backends.base.Backend`."""
        check_images(images)
        return self._images("depixelize", images)

    def _images(self, direction: Direction, images: np.ndarray) -> np.ndarray:
        made = self._translated(direction, signed(images.transpose(0, 3, 1, 2)))
        return np.ascontiguousarray(levels(made.transpose(0, 2, 3, 1)))
