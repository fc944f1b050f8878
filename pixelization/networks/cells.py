"""Cells of an image: which pixels belong to a cell, and how to look into it."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.color.luma import LUMINANCE


def upsample_nearest(grid: Tensor, size: tuple[int, int]) -> Tensor:
    """Paint every cell of ``(B, C, h, w)`` flat; a pixel takes the cell that holds its centre."""
    return F.interpolate(grid, size=tuple(size), mode="nearest-exact")


def luminance(image: Tensor) -> Tensor:
    """Luma of ``(B, 3, ...)`` as ``(B, 1, ...)``, in the range of the input (ITU-R BT.601)."""
    red, green, blue = image.unbind(1)
    return (LUMINANCE[0] * red + LUMINANCE[1] * green + LUMINANCE[2] * blue).unsqueeze(1)


def sample_cells(image: Tensor, grid: tuple[int, int], k: int) -> Tensor:
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


def neighbour_cells(grid: Tensor) -> Tensor:
    """The 3 x 3 cells around every cell, edges repeated: ``(B, C, h, w) -> (B, 9, C, h, w)``."""
    height, width = grid.shape[-2:]
    padded = F.pad(grid, (1, 1, 1, 1), mode="replicate")
    shifts = [padded[:, :, dy : dy + height, dx : dx + width] for dy in range(3) for dx in range(3)]
    return torch.stack(shifts, dim=1)


def other_cells(around: Tensor) -> Tensor:
    """What ``neighbour_cells`` gives, without the cell itself.

    ``(B, 9, C, h, w) -> (B, 8, C, h, w)``.
    """
    return torch.cat([around[:, :4], around[:, 5:]], dim=1)
