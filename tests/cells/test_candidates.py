"""In numpy, the candidates near a cell are bit for bit those that the networks are trained with."""

import numpy as np
import pytest
import torch

from pixelization.cells.candidates import MARGIN, PLAIN, WINDOW, near_candidates
from pixelization.cells.lattice import SAMPLES, multiplied
from pixelization.networks.candidates import candidates


def random_lattice(grid, levels, clear=0.0, seed=0):
    """Few levels make many samples that are equally far from the mean around."""
    rng = np.random.default_rng(seed)
    size = (1, 4, SAMPLES * grid[0], SAMPLES * grid[1])
    lattice = (rng.integers(0, levels + 1, size) / levels * 2 - 1).astype(np.float32)
    if clear < 1:
        lattice[:, 3] = np.where(rng.random(lattice[:, 3].shape) < clear, -1, 1)
    return lattice


def near(lattice):
    return near_candidates(lattice, multiplied(lattice))


@pytest.mark.parametrize("levels", [1, 2, 3, 255, 10_000])
@pytest.mark.parametrize("grid", [(1, 1), (1, 9), (7, 5), (16, 16)])
@pytest.mark.parametrize("clear", [0.0, 0.4, 1.0])
def test_they_are_those_of_tensors(levels, grid, clear):
    lattice = random_lattice(grid, levels, clear)
    none = torch.zeros(1, 0, 3), torch.zeros(1, 0, dtype=torch.bool)
    expected = candidates(torch.from_numpy(lattice), *none).colors[..., : WINDOW + PLAIN, :]
    found = near(lattice)
    assert found.shape == (1, WINDOW + PLAIN, 4, *grid) and found.dtype == np.float32
    assert (found[:, :, :3].transpose(0, 3, 4, 1, 2) == expected.numpy()).all()


def test_alpha_comes_with_its_colour():
    lattice = random_lattice((4, 6), 255, clear=0.5)
    lattice[:, 0] = lattice[:, 3]
    found = near(lattice)
    assert (found[:, :, 0] == found[:, :, 3]).all() and (found[:, :, 3] < 0).any()


def test_of_two_that_are_as_far_the_first_is_taken():
    lattice = np.zeros((1, 4, 24, 24), np.float32)
    lattice[:, 3] = 1
    lattice[:, :3, 9, 10], lattice[:, :3, 10, 9] = -0.8, 0.8  # of the middle's upper left block
    assert (near(lattice)[0, 5, :3, 1, 1] == np.float32(-0.8)).all()
    assert (near(lattice.swapaxes(2, 3))[0, 5, :3, 1, 1] == np.float32(0.8)).all()


@pytest.mark.parametrize("clear", [0.0, 0.3])
def test_a_tile_has_those_of_the_whole(clear):
    lattice = random_lattice((9, 8), 255, clear)
    lattice[..., :40, :] = lattice[..., :1, :1]  # some of it is flat, and opaque or not
    tile = np.ascontiguousarray(lattice[..., 2 * SAMPLES : 7 * SAMPLES, SAMPLES : 8 * SAMPLES])
    # means of the blocks around reach one cell far
    inner = near(tile)[..., 1:-1, 1:-1]
    assert (inner == near(lattice)[..., 3:6, 2:7]).all()
    assert MARGIN < SAMPLES
