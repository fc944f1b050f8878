"""The way in which engines point gives the same cells as the plainer one that is trained."""

import pytest
import torch

from pixelization.cells.candidates import near_candidates, settle
from pixelization.networks.lattice import SAMPLES, multiplied
from pixelization.networks.planes import Choices, _taken, _voted, point_in_planes
from pixelization.networks.weights import load_weights, pretrained_path


def inputs(grid, seed=0, *, clear=0.0, levels=255):
    """A random picture of few levels, so that candidates are often equal, and its main colours."""
    random = torch.Generator().manual_seed(sum(grid) + 100 * seed)
    size = (1, 4, SAMPLES * grid[0], SAMPLES * grid[1])
    lattice = (torch.rand(size, generator=random) * levels).round() / levels * 2 - 1
    lattice[:, 3] = torch.where(torch.rand(size[0], *size[2:], generator=random) < clear, -1.0, 1.0)
    main = lattice.flatten(2).transpose(1, 2)[:, :16, :3].contiguous()
    exists = torch.rand(1, 16, generator=random) < 0.7
    return lattice, torch.full((1,), 5.3), main * exists.unsqueeze(2), exists


def in_planes(networks, lattice, *others):
    weighed = multiplied(lattice)
    near = near_candidates(lattice.numpy(), weighed.numpy())
    sprite, undecided = (torch.from_numpy(each) for each in settle(near))
    some = torch.from_numpy(near.samples).flatten(3).index_select(3, undecided)
    return point_in_planes(networks, weighed, some, sprite, undecided, *others)


@pytest.fixture(scope="module")
def networks():
    return load_weights(pretrained_path("lite"))[0].eval()


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    "grid, clear, levels",
    [
        ((1, 1), 0.0, 255),
        ((5, 9), 0.0, 255),
        ((12, 7), 0.4, 3),
        ((9, 8), 0.0, 2),
        ((16, 16), 1.0, 1),
    ],
)
@pytest.mark.parametrize("flat", [False, True])
def test_cells_are_those_of_the_plain_way(networks, grid, clear, levels, flat, seed):
    given = inputs(grid, seed, clear=clear, levels=levels)
    if flat:
        given[0][..., : grid[0] // 2 * SAMPLES, :] = given[0][..., :1, :1]
    given[0][:, 3, -3 * SAMPLES :, -3 * SAMPLES :] = 0  # neither opaque nor empty
    given[0][:, :3, -3 * SAMPLES :, -3 * SAMPLES :] = given[0][:, :3, -1:, -1:]
    plain = networks.point(*given)
    with torch.inference_mode():
        planes = in_planes(networks, *given)
    for expected, found in zip(plain, planes, strict=True):
        assert found.shape == expected.shape == (1, 4, *grid)
        assert (found != expected).any(1).float().mean() <= 0.01  # sums in another order
        assert torch.equal(found[:, 3], expected[:, 3])


def test_flat_cells_are_flat_whatever_is_beside_them(networks):
    lattice, size, main, exists = inputs((6, 6))
    color = torch.tensor([0.2, -0.4, 0.6, 1.0])
    lattice[..., : 5 * SAMPLES, :] = color[:, None, None]
    with torch.inference_mode():
        made = in_planes(networks, lattice, size, main, exists)
    for each in made:
        assert (each[..., :4, :] == color[:, None, None]).all()
        assert (each[..., 5:, :] != color[:, None, None]).any(1).all()


def test_there_may_be_no_second_stage(networks):
    given = inputs((4, 6))
    alone = type(networks)(networks.gridnet, None, networks.depixelnet)
    with torch.inference_mode():
        made = in_planes(alone, *given)
    assert made.grid is made.refined
    assert torch.equal(made.grid, networks.point(*given).grid)


@pytest.mark.parametrize("levels", [1, 2, 8, 40, 255])
@pytest.mark.parametrize("power", [1, 3, 12])
def test_a_cell_that_needs_no_vote_gets_what_a_vote_gives(levels, power):
    random = torch.Generator().manual_seed(levels + power)
    shares = torch.rand((1, 46, 500), generator=random) ** power
    colors = list((torch.rand((3, 1, 46, 500), generator=random) * levels).round() / levels * 2 - 1)
    none = torch.empty(0)
    taken = _taken(shares, shares.argmax(1, keepdim=True), Choices([], none, colors, none, none))
    index = _voted(*(each[0].T for each in (shares, *colors)))
    expected = torch.stack([color[0].T.gather(1, index[:, None])[:, 0] for color in colors])
    assert torch.equal(taken[0, :3], expected) and (taken[:, 3] == 1).all()
