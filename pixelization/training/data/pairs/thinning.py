"""Strokes one cell wide become thinner than a cell, as they are in drawings."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.training.data.pairs.shapes import FINE

STEP = 0.12  # of luma: what differs less is the same stroke
REACH = 3  # pixels around a thin cell in which its stroke may lie


def thinned(labels: Tensor, light: Tensor, thin: Tensor, radius: Tensor) -> Tensor:
    """Take ``radius`` pixels from each side of dark strokes, where the sprite's stroke is one cell wide.

    Every pixel there takes the label of the lightest pixel near. Elsewhere nothing changes: thinned everywhere, fills bleed.

    Args:
        labels: of the pixels, int64 ``(B, H, W)``.
        light: their luma, ``(B, H, W)``; that of nothing higher than any other.
        thin: cells of such strokes, bool ``(B, H / 8, W / 8)``.
        radius: of each sample, int64 ``(B,)`` from 0 to 3.

    Returns:
        The new labels.
    """
    where = F.interpolate(thin.float().unsqueeze(1), scale_factor=FINE, mode="nearest")
    where = F.max_pool2d(where, 2 * REACH + 1, stride=1, padding=REACH).squeeze(1) > 0
    result = labels.clone()
    for size in (1, 2, 3):
        chosen = (radius == size).nonzero().squeeze(1)
        if len(chosen):
            values = light[chosen].unsqueeze(1)
            lightest, places = F.max_pool2d(values, 2 * size + 1, stride=1, padding=size, return_indices=True)
            near = labels[chosen].flatten(1).gather(1, places.flatten(1)).view_as(labels[chosen])
            far = (lightest - values).squeeze(1) > STEP
            result[chosen] = torch.where(where[chosen] & far, near, labels[chosen])
    return result
