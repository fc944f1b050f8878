"""Cells of tensors, by hand."""

import torch

from pixelization.networks.cells import (
    neighbour_cells,
    other_cells,
    pick,
    sample_cells,
    upsample_nearest,
)


def test_samples_of_a_cell():
    image = torch.arange(16.0).view(1, 1, 4, 4)
    samples = sample_cells(image, (2, 2), 2)  # cells of 2 x 2 pixels, all of them looked at
    assert samples[0, :, 0, 0, 0].tolist() == [0, 1, 4, 5]
    assert samples[0, :, 0, 1, 1].tolist() == [10, 11, 14, 15]


def test_neighbours_of_a_cell():
    grid = torch.arange(9.0).view(1, 1, 3, 3)
    neighbours = neighbour_cells(grid)
    assert neighbours[0, :, 0, 1, 1].tolist() == list(range(9))
    assert neighbours[0, :, 0, 0, 0].tolist() == [0, 0, 1, 0, 0, 1, 3, 3, 4]  # edges repeated
    assert other_cells(neighbours)[0, :, 0, 1, 1].tolist() == [0, 1, 2, 3, 5, 6, 7, 8]


def test_a_pixel_takes_the_cell_that_holds_its_centre():
    grid = torch.tensor([[[[1.0, 2.0, 3.0]]]])
    assert upsample_nearest(grid, (1, 7))[0, 0, 0].tolist() == [1, 1, 2, 2, 2, 3, 3]


def test_picked_candidates():
    candidates = torch.arange(8.0).view(1, 2, 2, 1, 2)  # two candidates of two channels, two cells
    index = torch.tensor([[[[1, 0]]]])
    assert pick(candidates, index)[0, :, 0].tolist() == [[4, 1], [6, 3]]
