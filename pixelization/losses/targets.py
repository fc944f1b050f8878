"""What the L1 and gradient losses compare with: the input "resized" to a grid (Han et al. 2018, Eq. 14, 15).

The paper does not say how it resizes. Area averaging blends, and teaches blur; subsampling tears thin strokes.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.losses.strokes import stroke_cells
from pixelization.models.cells import contrast_toggle, luminance, sample_cells

STROKE_CONTRAST = 0.35  # top-hat on [-1, 1] luminance above which a pixel belongs to a thin stroke
LIGHT_SHARE = 0.24  # share of a cell's samples that must be a light stroke
STROKE_QUANTILE = 0.2  # a stroke cell takes at most this quantile of its samples from the stroke's end


def resize_to_grid(image: Tensor, grid: tuple[int, int], method: str) -> Tensor:
    """Resize ``image (B, 3, H, W)`` to ``(B, 3, h, w)``.

    Args:
        grid: size ``(h, w)`` in cells.
        method: ``nearest`` (the cell's centre pixel), ``area`` (mean) or ``stroke`` (see :func:`stroke_target`).

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

    Anti-aliased pixels are undone first. A top-hat of radius one cell marks thin dark and thin light strokes. Where both
    are marked, the light ones win only with more than twice the share, for drawings have dark outlines and light gaps between
    them. The cells that draw dark strokes (see :func:`stroke_cells`) take the median of their marked samples, the darkest,
    but at most their 20 %-darkest sample; cells that are light stroke by more than 24 % their 20 %-lightest. Every other cell takes
    its sample of median luminance. No colour is blended.

    Args:
        image: ``(B, 3, H, W)`` in [-1, 1].
        grid: size ``(h, w)`` in cells.

    Returns:
        ``(B, 3, h, w)``, every cell a copy of a pixel of ``image``.
    """
    height, width = image.shape[-2:]
    cell = max(height / grid[0], width / grid[1])
    source = contrast_toggle(image)
    light = luminance(source)
    dark_marks = _closing(light, round(cell)) - light > STROKE_CONTRAST
    light_marks = light + _closing(-light, round(cell)) > STROKE_CONTRAST

    k = math.ceil(cell)
    layers = torch.cat([source, light, dark_marks.float(), light_marks.float()], dim=1)
    samples = sample_cells(layers, grid, k)
    colors, brightness = samples[:, :, :3], samples[:, :, 3]
    dark_share, light_share = samples[:, :, 4].mean(1), samples[:, :, 5].mean(1)

    rank = torch.full_like(dark_share, (k * k - 1) // 2, dtype=torch.long)
    end = round(STROKE_QUANTILE * (k * k - 1))
    dark_wins = 2 * dark_share >= light_share
    rank[(light_share > LIGHT_SHARE) & ~dark_wins] = k * k - 1 - end
    rank = torch.where(stroke_cells(dark_share * dark_wins), (dark_share * k * k / 2).long().clamp(max=end), rank)
    chosen = brightness.argsort(dim=1, stable=True).gather(1, rank.unsqueeze(1))
    return colors.gather(1, chosen.unsqueeze(2).expand(-1, -1, 3, -1, -1)).squeeze(1)


def _closing(light: Tensor, radius: int) -> Tensor:
    """Morphological closing of ``(B, 1, H, W)`` with a square of side ``2 * radius + 1``.

    The image goes on beyond its border: a strip between a line and the border is not a thin stroke.
    """
    size, margin = 2 * radius + 1, 2 * radius
    dilated = F.max_pool2d(F.pad(light, (margin,) * 4, mode="replicate"), size, stride=1)
    return -F.max_pool2d(-dilated, size, stride=1)
