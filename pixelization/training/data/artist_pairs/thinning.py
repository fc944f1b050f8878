"""Strokes one cell wide become thinner than a cell, as they are in drawings."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.cells.lattice import SAMPLES

STEP = 0.12  # of luma: what differs less is the same stroke
# Sides in pixels, by depth. The even one takes one pixel more from one side of a stroke.
WINDOWS = (3, 5, 7, 8, 9)
REACH = 3  # pixels around a thin cell in which its stroke may lie


def thinned(labels: Tensor, light: Tensor, thin: Tensor, radius: Tensor) -> Tensor:
    """Take ``radius`` pixels from each side of dark strokes, where the sprite's stroke is one cell
    wide.

    Every pixel there takes the label of the lightest pixel near. Elsewhere nothing changes: thinned
    everywhere, fills bleed. Of a stroke of eight pixels, a radius of 1, 2, 3 leaves 6, 4, 2; 4
    stands for a hairline of one pixel. Of narrower ones the middle stays, so that no stroke breaks.

    Args:
        labels: of the pixels, int64 ``(B, H, W)``.
        light: their luma, ``(B, H, W)``; that of nothing higher than any other.
        thin: cells of such strokes, bool ``(B, H / 8, W / 8)``.
        radius: of each sample, int64 ``(B,)`` from 0 to 4.

    Returns:
        The new labels.
    """
    where = F.interpolate(thin.float().unsqueeze(1), scale_factor=SAMPLES, mode="nearest")
    for window, padding in (((2 * REACH + 1, 1), (REACH, 0)), ((1, 2 * REACH + 1), (0, REACH))):
        where = F.max_pool2d(where, window, stride=1, padding=padding)
    where = where.squeeze(1) > 0
    result = labels.clone()
    for index, size in enumerate(radius.tolist()):
        if size:
            near, depth = _depth(labels[index], light[index])
            taken = where[index] & (depth > 0) & (depth <= size) & ~_middle(depth)
            result[index] = torch.where(taken, near, labels[index])
    return result


def _depth(labels: Tensor, light: Tensor) -> tuple[Tensor, Tensor]:
    """How far pixels of strokes are from their nearest side, and the label there, ``(H, W)``.

    The depth is 1 to 5, and 0 where no stroke is.
    """
    near, depth = labels, torch.zeros_like(light)
    for number, side in reversed(tuple(enumerate(WINDOWS, 1))):
        around = (side // 2, (side - 1) // 2) * 2
        values = F.pad(light[None, None], around, mode="replicate")
        lightest, places = _lightest(values, side)
        others = F.pad(labels[None, None].float(), around, mode="replicate").long()
        outer = lightest - light > STEP
        near = torch.where(outer, others.flatten()[places], near)
        depth = depth.masked_fill(outer, number)
    return near, depth


def _lightest(values: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """The highest value of every window and its place in ``values``, ``(H, W)`` each.

    Rows first, then columns: the same as at once, of equal ones the first too, and far faster.
    """
    across, columns = F.max_pool2d(values, (1, side), stride=1, return_indices=True)
    highest, rows = F.max_pool2d(across, (side, 1), stride=1, return_indices=True)
    return highest[0, 0], columns.flatten()[rows[0, 0]]


def _middle(depth: Tensor) -> Tensor:
    """Pixels of strokes that are as deep as those beside them, and those in gaps between two.

    ``(H, W) -> (H, W)``, bool.
    """
    deep = F.max_pool2d(depth[None, None], 3, stride=1, padding=1)[0, 0]
    line = (depth == deep).float() * (depth > 0)
    # closed: where a stroke slants, its deepest pixels do not touch each other
    wide = F.max_pool2d(F.pad(line[None, None], (2, 2, 2, 2)), 3, stride=1)
    closed = -F.max_pool2d(-wide, 3, stride=1)
    return closed[0, 0] > 0
