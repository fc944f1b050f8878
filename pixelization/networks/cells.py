"""Cells of an image: which pixels belong to a cell, and how to look into it."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.cells.sizes import Size
from pixelization.color.luma import LUMA_WEIGHTS

AROUND = 9
"""Cells that ``neighbour_cells`` gives: 3 x 3."""
ITSELF = 4
"""Index of the cell itself in ``neighbour_cells``."""


def size_of(image: Tensor) -> Size:
    """``(H, W)`` of ``(..., H, W)``."""
    return image.shape[-2], image.shape[-1]


def upsample_nearest(grid: Tensor, size: Size) -> Tensor:
    """Paint every cell of ``(B, C, h, w)`` flat; a pixel takes the cell that holds its centre."""
    return F.interpolate(grid, size=tuple(size), mode="nearest-exact")


def luma(image: Tensor) -> Tensor:
    """Luma of ``(B, 3, ...)`` as ``(B, 1, ...)``, in the range of the input (ITU-R BT.601)."""
    red, green, blue = image.unbind(1)
    return (LUMA_WEIGHTS[0] * red + LUMA_WEIGHTS[1] * green + LUMA_WEIGHTS[2] * blue).unsqueeze(1)


def sample_cells(image: Tensor, grid: Size, k: int) -> Tensor:
    """Look at ``k * k`` evenly spaced pixels of every cell.

    Args:
        image: ``(B, C, H, W)``.
        grid: size ``(h, w)`` in cells.
        k: samples per side of a cell.

    Returns:
        ``(B, k * k, C, h, w)``, samples in reading order, each an unchanged pixel of ``image``.
    """
    height, width = grid
    fine = F.interpolate(image, size=(height * k, width * k), mode="nearest-exact")
    batch, channels = image.shape[:2]
    fine = fine.view(batch, channels, height, k, width, k)
    return fine.permute(0, 3, 5, 1, 2, 4).reshape(batch, k * k, channels, height, width)


def pick(candidates: Tensor, index: Tensor) -> Tensor:
    """One of the candidates of every cell.

    Args:
        candidates: ``(B, K, C, h, w)``.
        index: int64 ``(B, 1, h, w)``.

    Returns:
        ``(B, C, h, w)``.
    """
    index = index.unsqueeze(2).expand(-1, -1, candidates.shape[2], -1, -1)
    return candidates.gather(1, index).squeeze(1)


def neighbour_cells(grid: Tensor) -> Tensor:
    """The 3 x 3 cells around every cell, in reading order, edges repeated.

    ``(B, C, h, w) -> (B, 9, C, h, w)``.
    """
    height, width = size_of(grid)
    padded = F.pad(grid, (1, 1, 1, 1), mode="replicate")
    shifts = [padded[:, :, dy : dy + height, dx : dx + width] for dy in range(3) for dx in range(3)]
    return torch.stack(shifts, dim=1)


def other_cells(around: Tensor) -> Tensor:
    """What ``neighbour_cells`` gives, without the cell itself.

    ``(B, 9, C, h, w) -> (B, 8, C, h, w)``.
    """
    return torch.cat([around[:, :ITSELF], around[:, ITSELF + 1 :]], dim=1)
