"""Two translators between cartoons (A) and pixel art (B), as one module (Zhu et al. 2017)."""

from fractions import Fraction

import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.networks.edges import Edges

CELL = 4  # pixels: sprites are shown to training enlarged so many times (Ekpete 2023)


class CycleGAN(nn.Module):
    """A to B and B to A.

    Args:
        a2b, b2a: ``(B, 3, H, W)`` in [-1, 1] to the same shape and range.
        stride: the translators take sides that are multiples of it.
        local: whether a pixel depends on its surroundings only, so that images may go in tiles.
        edges: what images go through first: a preset of :mod:`pixelization.networks.edges`. The
            caller does that, on arrays.

    Attributes:
        scales: grid side / image side of the pixel art that comes out.
    """

    scales = (Fraction(1, CELL),)

    def __init__(
        self,
        a2b: nn.Module,
        b2a: nn.Module,
        *,
        stride: int = 1,
        local: bool = True,
        edges: Edges = "none",
    ) -> None:
        super().__init__()
        self.a2b, self.b2a = a2b, b2a
        self.stride, self.local, self.edges = stride, local, edges

    def pixelize(self, image: Tensor) -> Tensor:
        """Pixel art of ``image (B, 3, H, W)``, of its size; its cells are not exactly flat."""
        return self._translated(self.a2b, image)

    def depixelize(self, image: Tensor) -> Tensor:
        """A cartoon of enlarged pixel art ``(B, 3, H, W)`` with cells of ``CELL`` pixels."""
        return self._translated(self.b2a, image)

    def _translated(self, network: nn.Module, image: Tensor) -> Tensor:
        """Any size: the edge is repeated up to a multiple of the stride, and cut off again."""
        height, width = image.shape[-2:]
        down, right = -height % self.stride, -width % self.stride
        if down or right:
            image = F.pad(image, (0, right, 0, down), mode="replicate")
        return network(image)[..., :height, :width]
