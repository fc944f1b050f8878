"""In numpy, the candidates near a cell are bit for bit those that the networks are trained with."""

import numpy as np
import pytest
import torch

from pixelization.cells.candidates import MARGIN, PLAIN, STEPS, WINDOW, near_candidates, settle
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
    return near_candidates(lattice, multiplied(lattice)).samples


@pytest.mark.parametrize("levels", [1, 2, 3, 255, 10_000])
@pytest.mark.parametrize("grid", [(1, 1), (1, 9), (7, 5), (16, 16)])
@pytest.mark.parametrize("clear", [0.0, 0.4, 1.0])
def test_they_are_those_of_tensors(levels, grid, clear):
    lattice = random_lattice(grid, levels, clear)
    expected = candidates(torch.from_numpy(lattice)).colors[..., : WINDOW + PLAIN, :]
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


def settled(lattice):
    return settle(near_candidates(lattice, multiplied(lattice)))


def test_where_all_is_one_colour_or_none_that_is_settled():
    lattice = random_lattice((3, 5), 255)
    colour = np.array([0.2, -0.4, 0.6, 1], np.float32)
    lattice[..., :16] = colour[:, None, None]
    lattice[:, 3, :, 24:] = -1  # whatever its colours are
    sprite, undecided = settled(lattice)
    # windows reach half a cell into the columns beside them
    assert undecided.tolist() == [1, 2, 3, 6, 7, 8, 11, 12, 13] and undecided.dtype == np.int64
    assert sprite.shape == (1, 4, 3, 5) and sprite.dtype == np.float32
    assert (sprite[0, :, :, 0] == colour[:, None]).all()
    assert (sprite[0, :, :, 4] == np.array([0, 0, 0, -1])[:, None]).all()


@pytest.mark.parametrize("y, x", [(4, 12), (4, 19), (19, 4), (19, 19), (11, 11)])
@pytest.mark.parametrize("channel", range(4))
def test_one_other_sample_in_the_window_and_the_cell_has_a_choice(y, x, channel):
    lattice = np.full((1, 4, 24, 24), 1, np.float32)
    lattice[0, channel, y, x] -= 3 / STEPS
    assert 4 in settled(lattice)[1]  # the cell amid
    lattice[0, channel, y, x] = 1 - 0.4 / STEPS  # means of equal samples may be rounded
    assert len(settled(lattice)[1]) == 0


@pytest.mark.parametrize("y, x", [(3, 12), (12, 3), (20, 12), (12, 20)])
def test_beyond_the_window_nothing_counts(y, x):
    lattice = np.ones((1, 4, 24, 24), np.float32)
    lattice[..., y, x] = -1
    undecided = settled(lattice)[1]
    assert 4 not in undecided and len(undecided) > 0


@pytest.mark.parametrize("phase", range(4))
def test_fine_patterns_are_no_flat_areas(phase):
    lattice = np.ones((1, 4, 32, 32), np.float32)
    lattice[:, :3, phase::4] = -1  # all 20 candidates of a cell may be black
    assert len(settled(lattice)[1]) == 16


@pytest.mark.parametrize("alpha, is_settled", [(-1, 1), (-0.5, 1), (-0.4, 0), (0.4, 0), (0.5, 1)])
def test_what_is_half_transparent_is_undecided(alpha, is_settled):
    lattice = np.full((1, 4, 16, 16), 0.25, np.float32)
    lattice[:, 3] = alpha
    sprite, undecided = settled(lattice)
    assert len(undecided) == 4 * (1 - is_settled)
    choices = candidates(torch.from_numpy(lattice))
    assert choices.settled().all() == bool(is_settled)
    if is_settled:
        assert (
            sprite[0]
            == np.reshape([0.25, 0.25, 0.25, 1] if alpha > 0 else [0, 0, 0, -1], (4, 1, 1))
        ).all()
    else:  # all colours and nothing are there to choose from
        assert choices.exists.all()


@pytest.mark.parametrize("clear", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("levels", [1, 3])
def test_what_is_settled_is_what_tensors_have_no_choice_of(clear, levels):
    lattice = random_lattice((8, 9), levels, clear)
    lattice[..., :40, :] = lattice[..., :1, :1]
    lattice[..., 30:] = np.where(lattice[..., 30:] > 0, 1, -0.6)
    choices = candidates(torch.from_numpy(lattice))
    sprite, undecided = settled(lattice)
    open_ = ~choices.settled()[0, ..., 0].numpy()
    assert (np.flatnonzero(open_) == undecided).all() and 0 < len(undecided) < open_.size
    first = choices.exists.byte().argmax(-1)[0].numpy()
    colours = np.take_along_axis(choices.colors[0].numpy(), first[..., None, None], 2)[:, :, 0]
    assert (sprite[0, :3].transpose(1, 2, 0) == colours)[~open_].all()
    assert ((sprite[0, 3] < 0) == (first == choices.colors.shape[3] - 1))[~open_].all()
