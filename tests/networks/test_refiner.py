"""The second stage.

Starts as nearly the identity, may take what neighbours took, and makes up no colour.
"""

import torch

from pixelization.cells.candidates import PLAIN, WINDOW
from pixelization.networks.candidates import candidates
from pixelization.networks.cells import AROUND
from pixelization.networks.lattice import multiplied
from pixelization.networks.pointer import NEVER, CellNet
from pixelization.networks.refiner import SETTLED, RefineNet, with_neighbours
from pixelization.networks.schema import PointingConfig


def first_stage(side=6, seed=2):
    torch.manual_seed(seed)
    lattice = torch.rand(1, 4, 8 * side, 8 * side) * 2 - 1
    lattice[:, 3] = lattice[:, 3].sign()
    net = CellNet(widths=(4, 4), channels=8, dilations=(1,), hidden=4)
    return net(lattice, torch.tensor([8.0]))


def refiner(dilations=(1, 2)):
    torch.manual_seed(5)
    return RefineNet(features=8, channels=8, dilations=dilations, hidden=4)


def test_an_untrained_stage_changes_next_to_nothing():
    first = first_stage(side=12, seed=0)
    changed = (refiner()(first).sprite() != first.sprite()).any(1)
    assert changed.float().mean() < 0.1  # neighbours have a small vote
    sharp = first._replace(scores=first.scores * 1e4)  # no two candidates are nearly equal
    assert torch.equal(refiner()(sharp).sprite(), sharp.sprite())


def test_a_sprite_that_is_known_is_not_asked_for_again():
    first, stage = first_stage(), refiner()
    for parameter in stage.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    assert torch.equal(stage(first).scores, stage(first, first.sprite()).scores)
    other = stage(first, torch.ones_like(first.sprite()))
    assert not torch.equal(stage(first).scores, other.scores)


def test_what_the_cells_around_took_comes_first():
    sprite = torch.rand(1, 4, 4, 5)
    sprite[:, 3] = 1
    lattice = torch.rand(1, 4, 32, 40)
    lattice[:, 3] = 1
    choices = with_neighbours(sprite, candidates(lattice))
    assert torch.equal(choices.colors[0, 1, 2, 4], sprite[0, :3, 1, 2])  # itself, in the middle
    assert torch.equal(choices.colors[0, 1, 2, 1], sprite[0, :3, 0, 2])  # above
    assert torch.equal(
        choices.colors[0, 0, 0, 0], sprite[0, :3, 0, 0]
    )  # beyond the border: the border again
    assert choices.exists[..., :AROUND].all() and not choices.exists[..., -1].any()


def test_what_is_near_the_cell_comes_next_and_nothing_last():
    first = first_stage()
    choices = with_neighbours(first.sprite(), first.candidates)
    near = WINDOW + PLAIN
    assert choices.colors.shape[3] == AROUND + near + 1  # the last one is nothing
    assert torch.equal(choices.colors[..., AROUND:-1, :], first.candidates.colors[..., :near, :])
    assert torch.equal(choices.exists[..., AROUND:-1], first.candidates.exists[..., :near])
    assert (choices.colors[..., -1, :] == 0).all()


def test_beside_an_empty_cell_what_is_opaque_stays():
    sprite = torch.ones(1, 4, 1, 4)
    sprite[..., 0] = torch.tensor([0.0, 0, 0, -1])[None, :, None]
    lattice = torch.rand(1, 4, 8, 32)
    lattice[:, 3] = 1
    choices = with_neighbours(sprite, candidates(lattice))
    assert not choices.exists[..., -1].any()
    assert choices.exists[0, 0, 1, :AROUND].tolist() == [False, True, True] * 3


def test_a_cell_without_a_choice_gets_none():
    sprite = torch.rand(1, 4, 2, 3)
    sprite[:, 3, 0, 0], sprite[:, 3, 1, 2] = -1, 1
    flat = torch.ones(1, 4, 16, 24)
    choices = candidates(flat)
    assert choices.settled().all()
    found = with_neighbours(sprite, choices)
    assert found.settled().all() and found.exists[..., AROUND].all()
    empty = flat.clone()
    empty[:, 3] = -1
    choices = candidates(empty)
    found = with_neighbours(sprite, choices)
    assert found.settled().all() and found.exists[..., -1].all()


def test_how_sure_cells_without_a_choice_are():
    lattice = torch.ones(1, 4, 16, 48)
    lattice[:, :3, :, :8] = torch.rand(3, 16, 8) * 2 - 1
    lattice[:, 3, :, 32:] = -1
    net = CellNet(widths=(4, 4), channels=8, dilations=(1,), hidden=4)
    first = net(lattice, torch.tensor([8.0]))
    assert first.candidates.settled()[0, 0, :, 0].tolist() == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]
    stage, seen = refiner(), []
    stage.sprite.register_forward_hook(lambda _, given, __: seen.append(given[0][0, 4]))
    stage(first)
    assert (seen[0][:, 2] == SETTLED).all() and (seen[0][:, 5] == 1).all()  # flat, and empty
    assert (seen[0][:, [0, 1, 3, 4]] < 1).all()


def test_what_does_not_exist_is_never_taken():
    stage = refiner()
    for parameter in stage.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    second = stage(first_stage())
    assert (second.scores[~second.candidates.exists] == NEVER).all()
    assert second.candidates.exists.any(-1).all()


def test_gradients_go_into_the_features_and_not_into_the_scores_of_the_first_stage():
    first = first_stage()
    for part in first.scores, first.features:
        part.retain_grad()
    stage = refiner()
    for parameter in stage.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    stage(first).scores.log_softmax(-1)[..., 4].sum().backward()
    assert first.scores.grad is None and first.features.grad.abs().sum() > 0
    assert all(parameter.grad.abs().sum() > 0 for parameter in stage.parameters())


def test_the_second_stage_sees_twenty_cells_across_and_no_farther_than_it_says():
    dilations = PointingConfig().pixelnet.dilations
    stage, side = refiner(dilations), 61
    assert 2 * stage.reach + 1 >= 20
    for parameter in stage.parameters():  # the zero start would hide what the blocks see
        torch.nn.init.normal_(parameter, std=0.3)
    sprite = torch.rand(1, 4, side, side).requires_grad_()
    stage.requires_grad_(False)
    x = stage.sprite(torch.cat([multiplied(sprite), sprite[:, :1]], dim=1))
    stage.blocks(x + stage.features(torch.randn(1, 8, side, side)))[0, :, 30, 30].sum().backward()
    rows = (sprite.grad.abs().amax((0, 1, 3)) > 0).nonzero()
    assert 10 <= 30 - rows.min() <= stage.reach and 10 <= rows.max() - 30 <= stage.reach
