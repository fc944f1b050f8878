"""The way back: a sprite to a drawing of 8 x 8 samples per cell, in the colours around each cell.

Every sample is a mixture of the cell and its eight neighbours, so nothing is invented and edges are
as soft as the network wants them. As for all networks on the grid, the cost depends on cells.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.networks.lattice import SAMPLES, GridBlock, multiplied

AROUND = 9  # the cells that a sample mixes: 3 x 3
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
        self.blocks = nn.Sequential(*(GridBlock(channels, dilation) for dilation in dilations))
        self.weights = nn.Linear(channels, SAMPLES**2 * AROUND)
        nn.init.zeros_(self.weights.weight)
        with torch.no_grad():
            self.weights.bias.copy_(_nearness().flatten())
        self.reach = 1 + sum(1 + dilation for dilation in dilations)

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
        features = F.relu(self.blocks(self.sprite(weighed))).permute(0, 2, 3, 1)
        shares = self.weights(features).unflatten(-1, (SAMPLES**2, AROUND)).softmax(-1)
        padded = F.pad(weighed, (1, 1, 1, 1), mode="replicate")
        around = padded.unfold(2, 3, 1).unfold(3, 3, 1).flatten(4).permute(0, 2, 3, 4, 1)
        samples = (shares @ around).view(batch, height, width, SAMPLES, SAMPLES, channels)
        samples = samples.permute(0, 5, 1, 3, 2, 4)
        return samples.reshape(batch, channels, height * SAMPLES, width * SAMPLES)


def _nearness() -> Tensor:
    """Logits of 8 x 8 samples for the nine cells, ``(64, 9)``: minus squared distance."""
    samples = (torch.arange(SAMPLES) + 0.5) / SAMPLES - 0.5
    distance = (samples[:, None] - torch.tensor([-1.0, 0.0, 1.0])) ** 2  # (8, 3)
    both = distance[:, None, :, None] + distance[None, :, None, :]  # (8, 8, 3, 3)
    return -FOCUS * both.view(SAMPLES**2, AROUND)
