"""The way back: a sprite to a drawing of 8 x 8 samples per cell, in the colours around each cell.

Every sample is a mixture of the cell and its eight neighbours, so nothing is invented and edges are
as soft as the network wants them. As for all networks on the grid, the cost depends on cells.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.networks.cells import AROUND
from pixelization.networks.lattice import SAMPLES, GridBlocks, multiplied

FOCUS = 6.0  # how fast the first weight of a neighbour falls with its distance, before training


class DrawNet(nn.Module):
    """DepixelNet on the grid.

    Args:
        channels: on the grid.
        dilations: of the residual blocks, one block each.

    Attributes:
        reach: how many cells away another cell of the sprite can still change this one's samples.
    """

    def __init__(self, *, channels: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.sprite = nn.Conv2d(4, channels, 3, padding=1)
        self.blocks = GridBlocks(channels, dilations)
        self.weights = nn.Conv2d(channels, AROUND * SAMPLES**2, 1)
        nn.init.zeros_(self.weights.weight)
        self.weights.bias = nn.Parameter(_nearness().flatten())
        self.reach = 1 + self.blocks.reach

    def forward(self, sprite: Tensor) -> Tensor:
        """Draw.

        Args:
            sprite: RGBA ``(B, 4, h, w)`` in [-1, 1].

        Returns:
            RGBA ``(B, 4, 8 h, 8 w)`` in [-1, 1], colours multiplied by opacity about mid-grey.
            See :func:`~pixelization.networks.lattice.divided`.
        """
        batch, channels, height, width = sprite.shape
        weighed = multiplied(sprite)
        logits = self.weights(F.relu(self.blocks(self.sprite(weighed))))
        shares = logits.view(batch, AROUND, SAMPLES, SAMPLES, height, width).softmax(1)
        padded = F.pad(weighed, (1, 1, 1, 1), mode="replicate")
        drawn = torch.zeros_like(shares[:, :1]).expand(-1, channels, -1, -1, -1, -1)
        for place in range(AROUND):
            down, across = divmod(place, 3)
            colors = padded[..., down : down + height, across : across + width]
            drawn = drawn + shares[:, place : place + 1] * colors[:, :, None, None]
        samples = drawn.permute(0, 1, 4, 2, 5, 3)
        return samples.reshape(batch, channels, height * SAMPLES, width * SAMPLES)


def _nearness() -> Tensor:
    """Logits of the nine cells for each of 8 x 8 samples, ``(9, 8, 8)``: minus squared distance."""
    # on the CPU even where a network is built on "meta": arithmetic there imports torch's compiler
    samples = (torch.arange(SAMPLES, device="cpu") + 0.5) / SAMPLES - 0.5
    cells = torch.tensor([-1.0, 0.0, 1.0], device="cpu")
    distance = (samples - cells[:, None]) ** 2  # (3, 8)
    both = distance[:, None, :, None] + distance[None, :, None, :]
    return -FOCUS * both.flatten(0, 1)
