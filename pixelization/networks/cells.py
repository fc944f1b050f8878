"""Cells of an image: which pixels belong to a cell, and how to look into it."""

import math
from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.cells.sizes import cells_along

SCALES = (Fraction(1, 4), Fraction(3, 16), Fraction(1, 8))
"""Grid side / image side of GridNet's three outputs (Han et al. 2018, Sec. 3.2.1)."""

LUMINANCE = (0.299, 0.587, 0.114)
NEAR_END = 0.38  # of a ramp between two colours, from either end: pixels in the middle quarter stay mixtures
ALIKE = 24 / 127.5  # ALIKE_LEVELS of metrics/sprites.py, in [-1, 1]: largest difference of a channel of two cells of one colour


def grid_size(image_size: tuple[int, int], scale: Fraction) -> tuple[int, int]:
    """Size ``(h, w)`` in cells of the grid of an image of ``(H, W)`` pixels at ``scale``."""
    height, width = image_size
    return cells_along(height, scale), cells_along(width, scale)


def samples_per_side(scale: Fraction) -> int:
    """Samples per side of a cell that leave no pixel between them: 4, 6, 8 for 1/4, 3/16, 1/8."""
    return math.ceil(1 / scale)


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
    """What ``neighbour_cells`` gives, without the cell itself: ``(B, 9, C, h, w) -> (B, 8, C, h, w)``."""
    return torch.cat([around[:, :4], around[:, 5:]], dim=1)


def with_company(grid: Tensor, around: Tensor, chosen: Tensor) -> Tensor:
    """Change only the cells that leave a rarer colour for one that more of their eight neighbours have.

    So strays go and nothing can become one, whatever a network thinks of colours that it has not met.

    Args:
        grid: what to change, ``(B, 3, h, w)`` in [-1, 1].
        around: its ``neighbour_cells``, ``(B, 9, 3, h, w)``.
        chosen: what to change it to, ``(B, 3, h, w)``.

    Returns:
        ``(B, 3, h, w)``, every cell that of ``grid`` or of ``chosen``.
    """
    neighbours = other_cells(around)
    had, would_have = (
        ((neighbours - color.unsqueeze(1)).abs().amax(dim=2, keepdim=True) <= ALIKE).sum(dim=1) for color in (grid, chosen)
    )
    return torch.where(would_have > had, chosen, grid)


def contrast_toggle(image: Tensor, threshold: float = 0.1, reach: float = 0.5) -> Tensor:
    """Undo anti-aliasing: every pixel takes the darkest or the lightest pixel of its 3 x 3 surroundings.

    The one nearer in luminance wins. A ramp of up to two pixels between two colours becomes a step,
    a thin stroke keeps its core, and no colour is made that the image does not have. Surroundings
    whose luminance spans less than ``threshold`` stay as they are, so that shading survives.

    Args:
        image: ``(B, 3, H, W)`` in [-1, 1].
        reach: share of the surroundings' range, from either end, within which a pixel takes that end; 0.5: every pixel does.

    Returns:
        The same shape; differentiable, each output pixel being a copy of an input pixel.

    Source: the toggle contrast operator of Kramer & Bruckner 1975, ordered by luminance.
    """
    light = luminance(image.detach())
    maximum, brightest = F.max_pool2d(light, 3, stride=1, padding=1, return_indices=True)
    minimum, darkest = F.max_pool2d(-light, 3, stride=1, padding=1, return_indices=True)
    minimum = -minimum
    itself = torch.arange(light[0].numel(), device=image.device).view_as(light[0])
    span = maximum - minimum
    chosen = torch.where(maximum - light < light - minimum, brightest, darkest)
    far = torch.minimum(maximum - light, light - minimum) > reach * span
    chosen = torch.where((span < threshold) | far, itself, chosen)
    pixels = image.flatten(2)
    return pixels.gather(2, chosen.flatten(2).expand_as(pixels)).view(image.shape)
