"""The colours that a cell may take.

Real ones, from it and near it, the main ones of the picture, or none.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.networks.lattice import SAMPLES, multiplied

BLOCK = 2  # samples per side of a block, of which one stands for all
# samples beyond the cell, on each side, from which it may take a colour: the window is 1.5 cells
# wide
MARGIN = 2
AROUND = 8  # samples per side of the square whose mean the extremes are far from
WINDOW = ((SAMPLES + 2 * MARGIN) // BLOCK) ** 2
PLAIN = (SAMPLES // BLOCK) ** 2
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

    They are 36 extremes of its window, 16 plain samples, the main colours, and nothing. Of every 2
    x 2 samples of the window the one farthest from the mean around is taken, which is hardly ever a
    mixture of two colours; of the cell itself also plain ones, so that areas are not made of
    extremes. "Nothing" exists where the window is not opaque all over, and colours where it is not
    empty all over.

    Args:
        lattice: RGBA ``(B, 4, 8 h, 8 w)`` in [-1, 1].
        main: colours of the whole picture, ``(B, M, 3)`` in [-1, 1].
        main_exists: bool ``(B, M)``.
    """
    height, width = (side // SAMPLES for side in lattice.shape[-2:])
    window = _cells(_extremes(lattice), (SAMPLES + 2 * MARGIN) // BLOCK)
    plain = _cells(lattice[..., 1::BLOCK, 1::BLOCK], SAMPLES // BLOCK)
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
    """The sample of every block that is farthest from the mean around it.

    ``(B, 4, 4 h + 2, 4 w + 2)``, margins repeated.
    """
    padded = F.pad(lattice, (MARGIN,) * 4, mode="replicate")
    weighed = multiplied(padded)
    # One side after the other: a quarter of the sums.
    pad = AROUND // 2 - 1
    mean = F.avg_pool2d(weighed, (1, AROUND), (1, BLOCK), (0, pad), count_include_pad=False)
    mean = F.avg_pool2d(mean, (AROUND, 1), (BLOCK, 1), (pad, 0), count_include_pad=False)
    chosen = padded[..., ::BLOCK, ::BLOCK]
    farthest = (weighed[..., ::BLOCK, ::BLOCK] - mean).abs().sum(1, keepdim=True)
    for dy, dx in ((0, 1), (1, 0), (1, 1)):
        distance = (weighed[..., dy::BLOCK, dx::BLOCK] - mean).abs().sum(1, keepdim=True)
        chosen = torch.where(distance > farthest, padded[..., dy::BLOCK, dx::BLOCK], chosen)
        farthest = torch.maximum(distance, farthest)
    return chosen


def _cells(blocks: Tensor, side: int) -> Tensor:
    """``side * side`` blocks for every cell, cells four blocks apart.

    ``(B, 4, H, W) -> (B, h, w, side * side, 4)``.
    """
    step = SAMPLES // BLOCK
    windows = blocks.unfold(2, side, step).unfold(3, side, step)  # (B, 4, h, w, side, side)
    return windows.flatten(4).permute(0, 2, 3, 4, 1)
