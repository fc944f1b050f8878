"""Cells change only to colours that more of their neighbours have."""

import torch
from torch import Tensor

from pixelization.color.luma import ALIKE
from pixelization.networks.cells import other_cells


def with_company(grid: Tensor, around: Tensor, chosen: Tensor) -> Tensor:
    """Change only the cells that leave a rarer colour for one that more of their eight neighbours
    have.

    So strays go and nothing can become one, whatever a network thinks of colours that it has not
    met.

    Args:
        grid: what to change, ``(B, 3, h, w)`` in [-1, 1].
        around: its ``neighbour_cells``, ``(B, 9, 3, h, w)``.
        chosen: what to change it to, ``(B, 3, h, w)``.

    Returns:
        ``(B, 3, h, w)``, every cell that of ``grid`` or of ``chosen``.
    """
    neighbours = other_cells(around)
    had, would_have = (
        ((neighbours - color.unsqueeze(1)).abs().amax(dim=2, keepdim=True) <= ALIKE).sum(dim=1)
        for color in (grid, chosen)
    )
    return torch.where(would_have > had, chosen, grid)
