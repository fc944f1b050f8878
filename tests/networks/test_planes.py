"""The way in which engines point gives the same cells as the plainer one that is trained."""

import pytest
import torch

from pixelization.cells.candidates import near_candidates, settle
from pixelization.color.luma import ALIKE
from pixelization.networks.candidates import Candidates
from pixelization.networks.lattice import SAMPLES, multiplied
from pixelization.networks.planes import _taken, point_in_planes
from pixelization.networks.pointer import NEVER, Pointed
from pixelization.networks.weights import load_weights, pretrained_path


def inputs(grid, seed=0, *, clear=0.0, levels=255):
    """A random picture of few levels, so that candidates are often equal, and its cells' size."""
    random = torch.Generator().manual_seed(sum(grid) + 100 * seed)
    size = (1, 4, SAMPLES * grid[0], SAMPLES * grid[1])
    lattice = (torch.rand(size, generator=random) * levels).round() / levels * 2 - 1
    lattice[:, 3] = torch.where(torch.rand(size[0], *size[2:], generator=random) < clear, -1.0, 1.0)
    return lattice, torch.full((1,), 5.3)


def in_planes(networks, lattice, cell_size):
    weighed = multiplied(lattice)
    near = near_candidates(lattice.numpy(), weighed.numpy())
    sprite, undecided = (torch.from_numpy(each) for each in settle(near))
    some = torch.from_numpy(near.samples).flatten(3).index_select(3, undecided)
    return point_in_planes(networks, weighed, some, sprite, undecided, cell_size)


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
    lattice, size = inputs((6, 6))
    color = torch.tensor([0.2, -0.4, 0.6, 1.0])
    lattice[..., : 5 * SAMPLES, :] = color[:, None, None]
    with torch.inference_mode():
        made = in_planes(networks, lattice, size)
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
def test_votes_are_counted_as_in_the_plain_way(levels, power):
    random = torch.Generator().manual_seed(levels + power)
    shares = torch.rand((500, 31), generator=random) ** power
    colors = (torch.rand((500, 30, 3), generator=random) * levels).round() / levels * 2 - 1
    all_ = torch.cat([colors, torch.zeros(500, 1, 3)], dim=1)
    candidates = Candidates(all_[None, None], torch.ones(1, 1, 500, 31, dtype=torch.bool))
    plain = Pointed(shares.log()[None, None], candidates, torch.empty(0)).sprite()
    planes = [color.T[None] for color in colors.unbind(2)]
    best = shares.argmax(1)[None, None]
    assert torch.equal(
        _taken(shares.T[None], shares.sum(1)[None, None], best, planes), plain[:, :, 0]
    )


@pytest.mark.parametrize("best, wins", [(0.3, 0), (0.27, 1)])
def test_what_has_half_of_all_wins_though_another_has_more(best, wins):
    """Of reds in a row only neighbours are alike: with 0.21 the best has half of all, or nearly."""
    places = torch.tensor([0, 1, 2, 2.9, 2.9, 2.9]) * 0.8 * ALIKE
    shares = torch.tensor([best, 0.21, 0.18, 0.12, 0.1, 0.39 - best, 0.0])
    colors = torch.zeros(7, 3)
    colors[:6, 0] = places
    candidates = Candidates(colors[None, None, None], (shares > 0)[None, None, None])
    plain = Pointed(shares.log().clamp_min(NEVER)[None, None, None], candidates, torch.empty(0))
    assert plain.sprite()[0, 0, 0, 0] == places[wins]
    near = [color[None, :6, None] for color in colors.unbind(1)]
    most = shares.argmax().view(1, 1, 1)
    made = _taken(shares[None, :, None], shares.sum().view(1, 1, 1), most, near)
    assert made[0, 0, 0] == places[wins]
