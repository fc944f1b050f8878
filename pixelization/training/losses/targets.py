"""What the L1 and gradient losses compare with: the input "resized" to a grid.

That is Eq. 14 and 15 of Han et al. 2018. The paper does not say how it resizes. Area averaging
blends, and teaches blur; subsampling tears thin strokes.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.networks.cells import sample_cells
from pixelization.networks.rules.antialiasing import NEAR_END, contrast_toggle
from pixelization.networks.rules.strokes import stroke_choice


def resize_to_grid(image: Tensor, grid: tuple[int, int], method: str) -> Tensor:
    """Resize ``image (B, 3, H, W)`` to ``(B, 3, h, w)``.

    Args:
        grid: size ``(h, w)`` in cells.
        method: ``nearest`` (the cell's centre pixel), ``area`` (mean) or ``stroke`` (see
            :func:`stroke_target`).

    Raises:
        ValueError: unknown method.
    """
    if method == "nearest":
        return F.interpolate(image, size=grid, mode="nearest-exact")
    if method == "area":
        return F.interpolate(image, size=grid, mode="area")
    if method == "stroke":
        return stroke_target(image, grid)
    raise ValueError(f"unknown target '{method}': nearest, area or stroke")


@torch.no_grad()
def stroke_target(image: Tensor, grid: tuple[int, int]) -> Tensor:
    """One real colour per cell, thin strokes kept.

    It is what :func:`~pixelization.networks.rules.strokes.stroke_choice` chooses, after
    anti-aliasing is undone.

    Args:
        image: ``(B, 3, H, W)`` in [-1, 1].
        grid: size ``(h, w)`` in cells.

    Returns:
        ``(B, 3, h, w)``, every cell a copy of a pixel of ``image``.
    """
    k = math.ceil(max(image.shape[-2] / grid[0], image.shape[-1] / grid[1]))
    chosen = stroke_choice(contrast_toggle(image), grid, k).unsqueeze(2)
    return (
        sample_cells(contrast_toggle(image, reach=NEAR_END), grid, k)
        .gather(1, chosen.expand(-1, -1, 3, -1, -1))
        .squeeze(1)
    )
