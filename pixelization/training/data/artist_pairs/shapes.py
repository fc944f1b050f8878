"""From cells to smooth shapes in the same colours, as the artist may have had them in mind.

A drawing has ``SAMPLES`` pixels per side of a cell.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.cells.lattice import SAMPLES
from pixelization.color.luma import LUMA_WEIGHTS

# of luma in [0, 1]: by how much a line one cell wide differs from what is on both its sides
THIN = 0.2
LIGHT_NOTHING, DARK_NOTHING = 1.2, -0.2  # luma of nothing beside dark strokes, beside light ones
# A drawing shows every cell of its sprite: one that has fewer pixels weighs more, and again.
LEAST_PIXELS = 10  # of the 64 of a cell
MORE = 1.5  # times the weight, in each round
ROUNDS = 4  # at most


def luma(colors: Tensor) -> Tensor:
    """Luma of ``(..., 3)`` in the range of the input (ITU-R BT.601).

    It is rounded otherwise than that of :func:`~pixelization.networks.cells.luma`; with that, pairs
    would be others.
    """
    return colors @ colors.new_tensor(LUMA_WEIGHTS)


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


def thin_strokes(light: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
    """Cells of dark and of light features one cell wide, bool ``(B, h, w)`` each.

    Args:
        light: luma of the cells, ``(B, h, w)`` in [0, 1].
        there: which of them are not empty, bool ``(B, h, w)``.
    """
    dark = there & thin_cells(light.masked_fill(~there, LIGHT_NOTHING))
    return dark, there & thin_cells(1 - light.masked_fill(~there, DARK_NOTHING))


def smooth(labels: Tensor, weights: Tensor, sigma: Tensor) -> Tensor:
    """Blur the mask of every colour; a pixel takes the colour whose mask is highest.

    Cells that hardly show then, such as eyes and gleams, get more weight, a few times over: what a
    drawing does not show, nobody can find in it.

    Args:
        labels: of the cells, int64 ``(B, h, w)``.
        weights: of the cells in the blur at first, ``(B, h, w)``.
        sigma: of the Gaussian, in cells, ``(B,)``.

    Returns:
        Labels of the pixels, int64 ``(B, 8 h, 8 w)``.
    """
    down, across = (_blur(side, sigma) for side in labels.shape[-2:])
    result = []
    for cells, weight, rows, columns in zip(labels, weights, down, across, strict=True):
        pixels = _highest(cells, weight, rows, columns)
        for _ in range(ROUNDS):
            hidden = seen(cells, pixels) < LEAST_PIXELS
            if not hidden.any():
                break
            weight = torch.where(hidden, MORE * weight, weight)
            pixels = _highest(cells, weight, rows, columns)
        result.append(pixels)
    return torch.stack(result)


def seen(cells: Tensor, pixels: Tensor) -> Tensor:
    """How many of its own pixels have the label of a cell.

    Args:
        cells: labels, ``(..., h, w)``.
        pixels: labels, ``(..., 8 h, 8 w)``.

    Returns:
        int64 ``(..., h, w)``.
    """
    blocks = pixels.unflatten(-2, (-1, SAMPLES)).unflatten(-1, (-1, SAMPLES))
    return (blocks == cells[..., :, None, :, None]).sum((-3, -1))


def _highest(cells: Tensor, weight: Tensor, down: Tensor, across: Tensor) -> Tensor:
    """The label whose blurred mask is highest, ``(h, w) -> (8 h, 8 w)``."""
    numbers = cells.unique()
    blurred = down @ ((cells == numbers[:, None, None]) * weight) @ across.T
    best, which = blurred[0], torch.zeros(blurred.shape[1:], dtype=torch.int64)
    # far faster than argmax over the first dimension
    for number, mask in enumerate(blurred[1:], 1):
        which.masked_fill_(mask > best, number)
        best = torch.maximum(best, mask)
    return numbers[which]


def _blur(cells: int, sigma: Tensor) -> Tensor:
    """How much of each cell every pixel sees, ``(B, 8 cells, cells)``: the Gaussian, integrated.

    The outer cells go on.
    """
    centres = (
        torch.arange(cells * SAMPLES, dtype=torch.float32, device=sigma.device) + 0.5
    ) / SAMPLES
    borders = torch.arange(1, cells, dtype=torch.float32, device=sigma.device)
    distance = (borders - centres[:, None]) / (math.sqrt(2) * sigma[:, None, None])
    below = F.pad(F.pad(0.5 + 0.5 * torch.erf(distance), (1, 0)), (0, 1), value=1.0)
    return below.diff(dim=-1)
