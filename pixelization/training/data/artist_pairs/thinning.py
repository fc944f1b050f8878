"""Strokes one cell wide become thinner than a cell, as they are in drawings."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.training.data.artist_pairs.shapes import FINE, seen

STEP = 0.12  # of luma: what differs less is the same stroke
REACH = 3  # pixels around a thin cell in which its stroke may lie
HAIRLINE = 4  # the largest radius
LEAST_PIXELS = 2  # that a cell of a stroke keeps


def thinned(labels: Tensor, light: Tensor, thin: Tensor, radius: Tensor, cells: Tensor) -> Tensor:
    """Take ``radius`` pixels from each side of dark strokes, where the sprite's stroke is one cell
    wide.

    Every pixel there takes the label of the lightest pixel near. Elsewhere nothing changes: thinned
    everywhere, fills bleed. Of a stroke of eight pixels, a radius of 1, 2, 3 leaves 6, 4, 2; 4
    stands for a hairline of one pixel. A cell of a stroke that would vanish loses fewer.

    Args:
        labels: of the pixels, int64 ``(B, H, W)``.
        light: their luma, ``(B, H, W)``; that of nothing higher than any other.
        thin: cells of such strokes, bool ``(B, H / 8, W / 8)``.
        radius: of each sample, int64 ``(B,)`` from 0 to 4.
        cells: labels of the sprites' cells, int64 ``(B, H / 8, W / 8)``.

    Returns:
        The new labels.
    """
    where = _enlarged(thin)
    where = F.max_pool2d(where, 2 * REACH + 1, stride=1, padding=REACH).squeeze(1) > 0
    result = labels.clone()
    for size in range(1, HAIRLINE + 1):
        chosen = (radius >= size).nonzero().squeeze(1)
        if not len(chosen):
            break
        thinner = _thinned(labels[chosen], light[chosen], where[chosen], size)
        lost = thin[chosen] & (seen(cells[chosen], thinner) < LEAST_PIXELS)
        kept = _enlarged(lost).squeeze(1) > 0
        result[chosen] = torch.where(kept, result[chosen], thinner)
    return result


def _thinned(labels: Tensor, light: Tensor, where: Tensor, size: int) -> Tensor:
    """All strokes there by ``size`` pixels."""
    side = min(2 * size + 1, FINE)  # an even window takes one pixel more from one side
    around = (side // 2, (side - 1) // 2) * 2
    values = F.pad(light.unsqueeze(1), around, mode="replicate")
    lightest, places = F.max_pool2d(values, side, stride=1, return_indices=True)
    near = F.pad(labels.unsqueeze(1).float(), around, mode="replicate").long()
    near = near.flatten(1).gather(1, places.flatten(1)).view_as(labels)
    far = lightest.squeeze(1) - light > STEP
    return torch.where(where & far, near, labels)


def _enlarged(cells: Tensor) -> Tensor:
    """A mask of cells as one of pixels: float ``(B, 1, 8 h, 8 w)``."""
    return F.interpolate(cells.float().unsqueeze(1), scale_factor=FINE, mode="nearest")
