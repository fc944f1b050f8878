"""Drawings that do not lie on the grid: displaced by a smooth random field."""

import torch
import torch.nn.functional as F
from torch import Tensor


def displacement(
    size: int, knots: int, amplitude: Tensor, shift: Tensor, generator: torch.Generator
) -> Tensor:
    """How far every pixel is moved, in cells, ``(B, 2, size, size)``: x and y.

    Args:
        size: pixels per side.
        knots: of the field per side.
        amplitude: largest local displacement in cells, ``(B,)``.
        shift: largest common displacement in cells, ``(B,)``.
    """
    batch = len(amplitude)
    coarse = torch.rand(batch, 2, knots, knots, generator=generator) * 2 - 1
    field = F.interpolate(coarse, size=(size, size), mode="bicubic", align_corners=False)
    common = torch.rand(batch, 2, 1, 1, generator=generator) * 2 - 1
    return field * amplitude[:, None, None, None] + common * shift[:, None, None, None]


def warped(picture: Tensor, field: Tensor, cells: int) -> Tensor:
    """Move the pixels of a picture ``(B, C, S, S)`` by a field ``(B, 2, S, S)`` in cells.

    The borders go on.
    """
    size = picture.shape[-1]
    places = (torch.arange(size, dtype=picture.dtype) + 0.5) * 2 / size - 1
    rows, columns = torch.meshgrid(places, places, indexing="ij")
    grid = torch.stack([columns, rows], dim=-1) + field.permute(0, 2, 3, 1) * (2 / cells)
    return F.grid_sample(picture, grid, mode="bilinear", padding_mode="border", align_corners=False)
