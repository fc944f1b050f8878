"""The colours that a cell may take.

Real ones, from it and near it, or none.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.cells.candidates import (
    BLOCK,
    MARGIN,
    PER_CELL,
    PER_WINDOW,
    STEPS,
)
from pixelization.cells.lattice import COLORED, SAMPLES
from pixelization.networks.lattice import multiplied


class Candidates(NamedTuple):
    """What a cell may become; the last one is "nothing".

    Attributes:
        colors: ``(B, h, w, K, 3)`` in [-1, 1]; 0 for "nothing".
        exists: bool ``(B, h, w, K)``; at least one of every cell does.
    """

    colors: Tensor
    exists: Tensor

    def settled(self) -> Tensor:
        """Which cells have no choice: bool ``(B, h, w, 1)``."""
        return self.exists.sum(-1, keepdim=True) == 1


def candidates(lattice: Tensor) -> Candidates:
    """Gather the candidates of every cell.

    They are 16 extremes of its window of 2 x 2 cells, 4 plain samples, and nothing. Of every block
    of half a cell the sample farthest from the mean around is taken, which is hardly ever a mixture
    of two colours. Of the cell itself the samples amid its blocks are there as well, so that areas
    are not made of extremes. "Nothing" exists where the window is not opaque all over, and a colour
    where its sample has one. Where all of it is opaque and of one colour, there is that one
    to take.

    Args:
        lattice: RGBA ``(B, 4, 8 h, 8 w)`` in [-1, 1].
    """
    padded = F.pad(lattice, (MARGIN,) * 4, mode="replicate")
    steps = (multiplied(padded.detach()) * STEPS).round()
    window = _windows(_extremes(padded, steps), PER_WINDOW)
    middle = BLOCK // 2
    plain = _windows(lattice[..., middle::BLOCK, middle::BLOCK].permute(0, 2, 3, 1), PER_CELL)
    samples = torch.cat([window, plain], dim=3)
    batch, height, width, near, _channels = samples.shape
    alpha = samples[..., 3]
    colored = alpha > COLORED
    hollow = (alpha < -COLORED).any(dim=-1, keepdim=True)
    several = hollow | ~_flat(steps)
    colors = lattice.new_zeros(batch, height, width, near + 1, 3)
    colors[..., :near, :] = samples[..., :3]
    first, others = colored.split([1, near - 1], dim=-1)
    return Candidates(colors, torch.cat([first, others & several, hollow], dim=-1))


def _flat(steps: Tensor) -> Tensor:
    """Which cells have a window of one colour and opacity: bool ``(B, h, w, 1)``."""
    side = SAMPLES + 2 * MARGIN
    highest, lowest = (F.max_pool2d(each, side, SAMPLES) for each in (steps, -steps))
    return (highest == -lowest).all(1).unsqueeze(-1)


def _extremes(padded: Tensor, steps: Tensor) -> Tensor:
    """The sample of every block that is farthest from the mean of three by three blocks.

    ``(B, 2 h + 2, 2 w + 2, 4)``.

    Args:
        padded: the lattice, its margin repeated.
        steps: the same :func:`multiplied`, in whole ``STEPS``.
    """
    mean = F.pad(F.avg_pool2d(steps, BLOCK), (1, 1, 1, 1), mode="replicate")
    mean = F.avg_pool2d(mean, 3, 1, divisor_override=1)  # integers and sixteenths: exact
    mean = (mean / 9 + 0.5).floor()
    # One channel after the other: sums along a dimension of four are slow.
    channels = zip(_blocks(steps).unbind(1), mean.unbind(1), strict=True)
    apart = [(samples - around.unsqueeze(1)).abs() for samples, around in channels]
    farthest = (apart[0] + apart[1] + apart[2] + apart[3]).max(1).indices
    farthest = farthest[:, None, None].expand(-1, padded.shape[1], 1, -1, -1)
    return _blocks(padded).gather(2, farthest).squeeze(2).permute(0, 2, 3, 1)


def _blocks(picture: Tensor) -> Tensor:
    """The samples of every block: ``(B, C, 4 H, 4 W) -> (B, C, 16, H, W)``."""
    batch, channels, height, width = picture.shape
    blocks = picture.view(batch, channels, height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    return blocks.permute(0, 1, 3, 5, 2, 4).flatten(2, 3)


def _windows(blocks: Tensor, side: int) -> Tensor:
    """``side`` x ``side`` blocks for every cell: ``(B, H, W, 4) -> (B, h, w, side * side, 4)``."""
    windows = blocks.unfold(1, side, PER_CELL).unfold(2, side, PER_CELL)  # (B, h, w, 4, side, side)
    return windows.permute(0, 1, 2, 4, 5, 3).flatten(3, 4)
