"""The second stage.

Starts as the identity, may take what neighbours took, and makes up no colour.
"""

import torch

from pixelization.networks.candidates import Candidates, candidates
from pixelization.networks.pointer import NEVER, CellNet, Pointed
from pixelization.networks.refiner import AROUND, RefineNet, with_neighbours


def first_stage(side=6):
    torch.manual_seed(2)
    lattice = torch.rand(1, 4, 8 * side, 8 * side) * 2 - 1
    lattice[:, 3] = lattice[:, 3].sign()
    main = torch.rand(1, 16, 3) * 2 - 1
    net = CellNet(width=4, channels=8, dilations=(1,), hidden=4)
    return net.point(lattice, torch.tensor([8.0]), main, torch.ones(1, 16, dtype=torch.bool))


def test_an_untrained_stage_changes_nothing():
    first = first_stage()
    sharp = first._replace(scores=first.scores * 1e4)  # no two candidates are nearly equal
    assert torch.equal(
        RefineNet(features=8, channels=8, dilations=(1,))(sharp).sprite(), sharp.sprite()
    )


def test_what_the_cells_around_took_comes_first():
    sprite = torch.rand(1, 4, 4, 5)
    sprite[:, 3] = 1
    lattice = torch.ones(1, 4, 32, 40)
    choices = with_neighbours(
        sprite, candidates(lattice, torch.zeros(1, 0, 3), torch.zeros(1, 0, dtype=torch.bool))
    )
    assert torch.equal(choices.colors[0, 1, 2, 4], sprite[0, :3, 1, 2])  # itself, in the middle
    assert torch.equal(choices.colors[0, 1, 2, 1], sprite[0, :3, 0, 2])  # above
    assert torch.equal(
        choices.colors[0, 0, 0, 0], sprite[0, :3, 0, 0]
    )  # beyond the border: the border again
    assert choices.exists[..., :AROUND].all() and not choices.exists[..., -1].any()


def test_beside_an_empty_cell_a_cell_may_become_empty():
    sprite = torch.ones(1, 4, 1, 4)
    sprite[..., 0] = torch.tensor([0.0, 0, 0, -1])[None, :, None]
    opaque = candidates(
        torch.ones(1, 4, 8, 32), torch.zeros(1, 0, 3), torch.zeros(1, 0, dtype=torch.bool)
    )
    choices = with_neighbours(sprite, opaque)
    assert choices.exists[0, 0, :, -1].tolist() == [True, True, False, False]
    assert choices.exists[0, 0, 1, :AROUND].tolist() == [False, True, True] * 3


def test_scores_of_what_does_not_exist_stay_never_and_gradients_stay_in_the_stage():
    first = first_stage()
    first.features.retain_grad()
    stage = RefineNet(features=8, channels=8, dilations=(1, 2))
    for parameter in stage.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    second = stage(first)
    assert (second.scores[~second.candidates.exists] <= NEVER).all()
    second.scores.log_softmax(-1)[..., 4].sum().backward()
    assert first.features.grad is None
    assert all(parameter.grad is not None for parameter in stage.parameters())


def test_the_second_stage_sees_far():
    assert RefineNet().reach >= 20


def test_equal_candidates_share_their_probability():
    colors = torch.tensor([[1.0, 1, 1]] * 3 + [[-1.0, -1, -1], [0, 0, 0]])[None, None, None]
    pointed = Pointed(
        torch.tensor([1.0, 1, 1, 1.5, -9])[None, None, None],
        Candidates(colors, torch.ones(1, 1, 1, 5) > 0),
        None,
    )
    assert pointed.sprite()[0, :, 0, 0].tolist() == [
        1,
        1,
        1,
        1,
    ]  # three whites win over a black that is more probable than each
