"""From cells to smooth shapes in the same colours, as the artist may have had them in mind."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.color.luma import LUMINANCE

FINE = 8
"""Pixels of the drawing per side of a cell."""
# of luma in [0, 1]: by how much a line one cell wide differs from what is on both its sides
THIN = 0.2


def luma(colors: Tensor) -> Tensor:
    """Luma of ``(..., 3)`` in the range of the input (ITU-R BT.601)."""
    return colors @ colors.new_tensor(LUMINANCE)


def thin_cells(light: Tensor) -> Tensor:
    """Cells that belong to dark features one cell wide: no 2 x 2 cells around them are all as dark.

    Args:
        light: luma of the cells, ``(B, h, w)`` in [0, 1]; that of nothing as if it were light.

    Returns:
        bool ``(B, h, w)``.
    """
    corners = F.max_pool2d(F.pad(light.unsqueeze(1), (1, 1, 1, 1), mode="replicate"), 2, stride=1)
    closed = -F.max_pool2d(-corners, 2, stride=1)
    return (closed.squeeze(1) - light) > THIN


def smooth(labels: Tensor, weights: Tensor, sigma: Tensor) -> Tensor:
    """Blur the mask of every colour; a pixel takes the colour whose mask is highest.

    Args:
        labels: of the cells, int64 ``(B, h, w)``.
        weights: of the cells in the blur, ``(B, h, w)``: features one cell wide need more than 1 to
            survive it.
        sigma: of the Gaussian, in cells, ``(B,)``.

    Returns:
        Labels of the pixels, int64 ``(B, 8 h, 8 w)``.
    """
    down, across = (_blur(side, sigma) for side in labels.shape[-2:])
    result = labels.new_empty(len(labels), labels.shape[1] * FINE, labels.shape[2] * FINE)
    for index, (cells, weight) in enumerate(zip(labels, weights, strict=True)):
        numbers = cells.unique()  # one sample at a time: each has few of the colours
        blurred = down[index] @ ((cells == numbers[:, None, None]) * weight) @ across[index].T
        best, which = blurred[0], torch.zeros_like(result[index])
        for number, mask in enumerate(
            blurred[1:], 1
        ):  # far faster than argmax over the first dimension
            which.masked_fill_(mask > best, number)
            best = torch.maximum(best, mask)
        result[index] = numbers[which]
    return result


def _blur(cells: int, sigma: Tensor) -> Tensor:
    """How much of each cell every pixel sees, ``(B, 8 cells, cells)``: the Gaussian, integrated.

    The outer cells go on.
    """
    centres = (torch.arange(cells * FINE, dtype=torch.float32, device=sigma.device) + 0.5) / FINE
    borders = torch.arange(1, cells, dtype=torch.float32, device=sigma.device)
    distance = (borders - centres[:, None]) / (math.sqrt(2) * sigma[:, None, None])
    below = F.pad(F.pad(0.5 + 0.5 * torch.erf(distance), (1, 0)), (0, 1), value=1.0)
    return below.diff(dim=-1)
