"""Strokes one cell wide become thinner than a cell, as they are in drawings."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.training.data.artist_pairs.shapes import FINE

STEP = 0.12  # of luma: what differs less is the same stroke
REACH = 3  # pixels around a thin cell in which its stroke may lie


def thinned(labels: Tensor, light: Tensor, thin: Tensor, radius: Tensor) -> Tensor:
    """Take ``radius`` pixels from each side of dark strokes, where the sprite's stroke is one cell
    wide.

    Every pixel there takes the label of the lightest pixel near. Elsewhere nothing changes: thinned
    everywhere, fills bleed. Of a stroke of eight pixels, a radius of 1, 2, 3 leaves 6, 4, 2; 4
    stands for a hairline of one pixel.

    Args:
        labels: of the pixels, int64 ``(B, H, W)``.
        light: their luma, ``(B, H, W)``; that of nothing higher than any other.
        thin: cells of such strokes, bool ``(B, H / 8, W / 8)``.
        radius: of each sample, int64 ``(B,)`` from 0 to 4.

    Returns:
        The new labels.
    """
    where = F.interpolate(thin.float().unsqueeze(1), scale_factor=FINE, mode="nearest")
    where = F.max_pool2d(where, 2 * REACH + 1, stride=1, padding=REACH).squeeze(1) > 0
    result = labels.clone()
    for size in (1, 2, 3, 4):
        chosen = (radius == size).nonzero().squeeze(1)
        if len(chosen):
            side = min(2 * size + 1, FINE)  # an even window takes one pixel more from one side
            values = F.pad(
                light[chosen].unsqueeze(1), (side // 2, (side - 1) // 2) * 2, mode="replicate"
            )
            lightest, places = F.max_pool2d(values, side, stride=1, return_indices=True)
            near = F.pad(
                labels[chosen].unsqueeze(1).float(),
                (side // 2, (side - 1) // 2) * 2,
                mode="replicate",
            ).long()
            near = near.flatten(1).gather(1, places.flatten(1)).view_as(labels[chosen])
            far = lightest.squeeze(1) - light[chosen] > STEP
            result[chosen] = torch.where(where[chosen] & far, near, labels[chosen])
    return result
