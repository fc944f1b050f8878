"""Cells change only to colours that more of their neighbours have."""

import torch
from torch import Tensor

from pixelization.color.luma import ALIKE
from pixelization.networks.cells import ITSELF, other_cells


def with_company(around: Tensor, chosen: Tensor) -> Tensor:
    """Change only cells that leave a rarer colour for one that more of their neighbours have.

    So strays go and nothing can become one, whatever a network thinks of colours that it has not
    met. Neighbours are the eight cells around a cell.

    Args:
        around: ``neighbour_cells`` of the grid to change, ``(B, 9, 3, h, w)`` in [-1, 1].
        chosen: what to change it to, ``(B, 3, h, w)``.

    Returns:
        ``(B, 3, h, w)``, every cell that of the grid or of ``chosen``.
    """
    grid, neighbours = around[:, ITSELF], other_cells(around)
    had, would_have = (
        ((neighbours - color.unsqueeze(1)).abs().amax(dim=2, keepdim=True) <= ALIKE).sum(dim=1)
        for color in (grid, chosen)
    )
    return torch.where(would_have > had, chosen, grid)
