"""Cells change only for more company."""

import torch

from pixelization.networks.cells import neighbour_cells
from pixelization.networks.rules.company import with_company


def test_a_cell_changes_only_to_a_colour_that_more_of_its_neighbours_have():
    grid = torch.full((1, 3, 5, 5), -1.0)
    grid[..., 1, 1] = 1  # a stray
    grid[..., 3:, 3:] = 0  # a corner of four
    around = neighbour_cells(grid)
    # no cell has two white neighbours
    assert torch.equal(with_company(around, torch.ones_like(grid)), grid)
    cleaned = with_company(around, torch.full_like(grid, -1.0))
    assert cleaned[0, 0, 1, 1] == -1  # none of eight was white, seven are black
    # the image goes on as it ends: the corner cell has company
    assert (cleaned[..., 3:, 3:] == 0)[..., 1:, 1:].all()
    almost = grid + 0.1  # of one colour, as far as the count goes
    assert torch.equal(with_company(around, almost), grid)
