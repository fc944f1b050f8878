"""The colours that a cell may take.

Real ones, from it and near it, the main ones of the picture, or none.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.networks.lattice import SAMPLES, opacity

BLOCK = SAMPLES // 2  # samples per side of a block, of which one stands for all
MARGIN = SAMPLES // 2  # samples around the cell whose colours it may take, too
PER_CELL = SAMPLES // BLOCK
PER_WINDOW = (SAMPLES + 2 * MARGIN) // BLOCK
WINDOW, PLAIN = PER_WINDOW**2, PER_CELL**2
# alpha from which on a sample has a colour that a cell can take: strokes may be thinner than a
# pixel
OPAQUE = -0.5


class Candidates(NamedTuple):
    """What a cell may become; the last one is "nothing".

    Attributes:
        colors: ``(B, h, w, K, 3)`` in [-1, 1]; 0 for "nothing".
        exists: bool ``(B, h, w, K)``; at least one of every cell does.
    """

    colors: Tensor
    exists: Tensor


def candidates(lattice: Tensor, main: Tensor, main_exists: Tensor) -> Candidates:
    """Gather the candidates of every cell.

    They are 16 extremes of its window of 2 x 2 cells, 4 plain samples, the main colours, and
    nothing. Of every block of half a cell the sample farthest from the mean around is taken, which
    is hardly ever a mixture of two colours. Of the cell itself the samples amid its blocks are
    there as well, so that areas are not made of extremes. "Nothing" exists where the window is not
    opaque all over, and colours where it is not empty all over.

    Args:
        lattice: RGBA ``(B, 4, 8 h, 8 w)`` in [-1, 1].
        main: colours of the whole picture, ``(B, M, 3)`` in [-1, 1].
        main_exists: bool ``(B, M)``.
    """
    height, width = (side // SAMPLES for side in lattice.shape[-2:])
    window = _windows(_extremes(lattice), PER_WINDOW)
    middle = BLOCK // 2
    plain = _windows(lattice[..., middle::BLOCK, middle::BLOCK].permute(0, 2, 3, 1), PER_CELL)
    samples = torch.cat([window, plain], dim=3)
    colored = samples[..., 3] > OPAQUE
    some = colored.any(dim=-1, keepdim=True)
    hollow = (samples[..., 3] < -OPAQUE).any(dim=-1, keepdim=True)
    batch, count = main.shape[:2]
    spread = main[:, None, None].expand(batch, height, width, count, 3)
    colors = torch.cat([samples[..., :3], spread, torch.zeros_like(samples[..., :1, :3])], dim=3)
    return Candidates(
        colors, torch.cat([colored, main_exists[:, None, None] & some, hollow], dim=-1)
    )


def _extremes(lattice: Tensor) -> Tensor:
    """The sample of every block that is farthest from the mean of three by three blocks.

    ``(B, 2 h + 2, 2 w + 2, 4)``, the margin of the lattice repeated.
    """
    padded = F.pad(lattice, (MARGIN,) * 4, mode="replicate")
    mean = F.avg_pool2d(padded[:, :3] * opacity(padded), BLOCK)
    mean = torch.cat([mean, F.avg_pool2d(padded[:, 3:], BLOCK)], dim=1)
    mean = F.avg_pool2d(F.pad(mean, (1, 1, 1, 1), mode="replicate"), (1, 3), 1)
    mean = F.avg_pool2d(mean, (3, 1), 1).permute(0, 2, 3, 1).unsqueeze(3)
    batch, channels, height, width = padded.shape
    blocks = padded.view(batch, channels, height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    blocks = blocks.permute(0, 2, 4, 3, 5, 1).flatten(3, 4)  # (B, H, W, samples, 4)
    alpha = blocks[..., 3]
    weighed = blocks[..., :3] * ((alpha + 1) / 2).unsqueeze(-1)
    distance = (weighed - mean[..., :3]).abs().sum(-1) + (alpha - mean[..., 3]).abs()
    farthest = distance.argmax(-1)[..., None, None].expand(-1, -1, -1, 1, channels)
    return blocks.gather(3, farthest).squeeze(3)


def _windows(blocks: Tensor, side: int) -> Tensor:
    """``side`` x ``side`` blocks for every cell: ``(B, H, W, 4) -> (B, h, w, side * side, 4)``."""
    windows = blocks.unfold(1, side, PER_CELL).unfold(2, side, PER_CELL)  # (B, h, w, 4, side, side)
    return windows.flatten(4).transpose(3, 4)
