"""What a cell of a sprite is: flat, beside a contrast, part of an outline, a stroke or a detail of
one cell.

Weights of the loss and shares of the measure are by these kinds.
"""

import torch
from torch import Tensor

from pixelization.color.luma import ALIKE
from pixelization.networks.cells import neighbour_cells, other_cells
from pixelization.training.data.artist_pairs.shapes import luma, thin_strokes


def differ(a: Tensor, b: Tensor) -> Tensor:
    """Whether cells of RGBA ``(B, 4, h, w)`` in [-1, 1] differ: bool ``(B, h, w)``.

    Two cells of nothing do not.
    """
    there = (a[:, 3] > 0) | (b[:, 3] > 0)
    colors = (a[:, :3] - b[:, :3]).abs().amax(1) >= ALIKE
    return there & (colors | ((a[:, 3] > 0) != (b[:, 3] > 0)))


def kinds(sprite: Tensor) -> dict[str, Tensor]:
    """Masks of the kinds of cells of RGBA ``(B, 4, h, w)`` in [-1, 1], bool ``(B, h, w)`` each; a
    cell may be several.

    ``contrast``: a cell above, below or beside differs. ``outline``: there, and beside nothing.
    ``dark``, ``light``: of a feature one cell wide that is darker (lighter) than what is on both
    its sides. ``detail``: none of eight neighbours is alike. ``flat``: not contrast. Empty cells
    count as contrast where they touch something.
    """
    others = other_cells(neighbour_cells(sprite)).unbind(1)
    around = [differ(sprite, other) for other in others]
    contrast = around[1] | around[3] | around[4] | around[6]
    there = sprite[:, 3] > 0
    empty = torch.stack([other[:, 3] <= 0 for other in others]).any(0)
    light = (luma(sprite[:, :3].movedim(1, -1)) + 1) / 2
    dark_line, light_line = thin_strokes(light, there)
    return {
        "contrast": contrast,
        "outline": contrast & there & empty,
        "dark": dark_line & contrast,
        "light": light_line & contrast & ~dark_line,
        "detail": torch.stack(around).all(0) & there,
        "flat": ~contrast,
    }


def weights(
    sprite: Tensor, *, contrast: float = 10.0, stroke: float = 20.0, detail: float = 20.0
) -> Tensor:
    """Weights of the cells in a loss, ``(B, h, w)``: 1 where flat, more beside contrasts.

    Strokes and details of one cell count most: in doubt a line stays whole, and a gap is seen at
    once.
    """
    kind = kinds(sprite)
    result = torch.where(kind["contrast"], contrast, 1.0)
    result = torch.where(kind["dark"] | kind["light"], stroke, result)
    return torch.where(kind["detail"], detail, result)
