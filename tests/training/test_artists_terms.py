"""The terms of networks that point: their values by hand, and which networks they reach."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from pixelization.networks.candidates import Candidates
from pixelization.networks.lattice import multiplied
from pixelization.networks.pointer import NEVER, Pointed
from pixelization.training.config import build_system, load_config
from pixelization.training.losses.pointing import matching
from pixelization.training.systems.artists_terms import (
    SHIFT,
    TERMS,
    Augmentation,
    chosen,
    on_white,
    part,
)
from pixelization.training.systems.base import Randomness

SMOKE = Path(__file__).parents[2] / "configs/artists_smoke.yaml"
BY_NAME = {term.name: term for term in TERMS}
FIRST, BOTH = {"gridnet"}, {"gridnet", "pixelnet"}
TRAINED = {  # by each term: its own network, and those that its gradient goes through
    "grid_pairs": FIRST,
    "grid_teacher": FIRST,
    "grid_mirror": {"gridnet", "depixelnet"},
    "pixel_pairs": BOTH,
    "pixel_teacher": BOTH,
    "pixel_l1": BOTH,
    "pixel_gradient": BOTH,
    "pixel_adversarial": BOTH,
    "pixel_adversarial_far": BOTH,
    "depixel_mirror": {"gridnet", "pixelnet", "depixelnet"},
    "depixel_l1": {"depixelnet"},
    "depixel_gradient": {"depixelnet"},
}


@pytest.fixture(scope="module")
def system():
    system = build_system(load_config(SMOKE))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        for parameter in system.generators.parameters():  # some start at zero
            nn.init.normal_(parameter, std=0.3)
    return system


@pytest.fixture(scope="module")
def batch(system):
    return next(iter(system.data.batches(batch_size=3, start_step=0, steps=1)))


@pytest.fixture
def step(system, batch):
    system.generators.zero_grad(set_to_none=True)
    return system.step(batch, Randomness(1, 0, range(3)))


@pytest.mark.parametrize("name", BY_NAME)
def test_a_term_is_a_number_and_reaches_its_networks(name, system, step):
    value = BY_NAME[name].compute(step)
    assert value.shape == () and value.isfinite() and value > 0
    value.backward()
    reached = {
        key
        for key, network in system.generators.named_children()
        if any(each.grad is not None and each.grad.abs().sum() > 0 for each in network.parameters())
    }
    assert reached == TRAINED[name] and BY_NAME[name].trains in reached
    gradients = [each.grad for each in system.generators.parameters() if each.grad is not None]
    assert all(gradient.isfinite().all() for gradient in gradients)


def perfect(pointed, target):
    """The same candidates, with scores that have all of what matches and nothing else."""
    matches, _ = matching(*pointed.candidates, target)
    return pointed._replace(scores=torch.where(matches > 0.999, 0.0, NEVER))


@pytest.mark.parametrize(
    "name, stage, samples",
    [
        ("grid_pairs", "first", slice(0, 3)),
        ("grid_teacher", "first", slice(3, 6)),
        ("pixel_pairs", "second", slice(0, 3)),
        ("pixel_teacher", "second", slice(3, 6)),
        ("grid_mirror", "again", slice(0, 2)),
    ],
)
def test_the_right_candidate_costs_least(name, stage, samples, step):
    term = BY_NAME[name]
    before = term.compute(step)
    pointed = getattr(step, stage)
    target = step.all.target[samples] if stage == "again" else step.all.target
    setattr(step, stage, perfect(pointed, target))
    assert term.compute(step) < 1e-3 < before
    # and what the other samples answer does not matter
    spoilt = getattr(step, stage).scores.clone()
    if stage != "again":
        others = [index for index in range(6) if not samples.start <= index < samples.stop]
        spoilt[others] = torch.randn_like(spoilt[others])
    setattr(step, stage, pointed._replace(scores=spoilt))
    assert term.compute(step) < 1e-3


@pytest.mark.parametrize("name", ["pixel_l1", "pixel_gradient"])
def test_the_teachers_sprite_costs_nothing(name, step):
    step.sprites = step.all.target.clone()
    assert BY_NAME[name].compute(step) == 0
    step.sprites[:3] = 0  # pairs do not count
    assert BY_NAME[name].compute(step) == 0
    step.sprites[3, :, 4, 4] = torch.tensor([0.3, -0.2, 0.9, 1])
    assert BY_NAME[name].compute(step) > 0


def test_l1_is_the_mean_difference_on_white(step):
    step.sprites = step.all.target.clone()
    step.sprites[3, :3, 0, 0] += 0.5
    count = 3 * step.sprites[3:, 0].numel()
    assert BY_NAME["pixel_l1"].compute(step).item() == pytest.approx(3 * 0.5 / count)


@pytest.mark.parametrize("name", ["depixel_l1", "depixel_gradient"])
def test_the_drawing_that_is_wished_for_costs_nothing(name, step):
    step.drawn = multiplied(step.all.smooth[:2])
    assert BY_NAME[name].compute(step) == 0
    step.drawn = step.drawn.clone()
    step.drawn[1, 2, 5, 5] += 1
    assert BY_NAME[name].compute(step) > 0


def test_a_cartoon_that_comes_back_costs_nothing(system, step, monkeypatch):
    cartoons = multiplied(step.all.lattice[3:5])
    monkeypatch.setattr(system.generators.depixelnet, "forward", lambda sprite: cartoons)
    assert BY_NAME["depixel_mirror"].compute(step) == 0


@pytest.mark.parametrize("name", ["pixel_adversarial", "pixel_adversarial_far"])
def test_an_adversary_that_is_taken_in_costs_nothing(name, step):
    judge = BY_NAME[name].judge
    step.judges = {judge: lambda sprites: torch.ones(len(sprites), 1, 3, 3)}
    assert BY_NAME[name].compute(step) == 0
    step.judges = {judge: lambda sprites: torch.zeros(len(sprites), 1, 3, 3)}
    assert BY_NAME[name].compute(step) == 2  # squared, of drawings' sprites and of cartoons'


def test_a_step_without_a_teacher_has_pairs_alone(system, batch):
    step = system.step(batch._replace(taught=None), Randomness(1, 0, range(3)))
    assert len(step.all.target) == 3 and set(step.fakes("near")) == {"near_pairs"}
    for name in ("grid_pairs", "grid_mirror", "pixel_pairs", "pixel_adversarial", "depixel_l1"):
        assert BY_NAME[name].compute(step).isfinite()


def test_the_drawing_of_a_sprite_is_looked_at_with_its_own_colours(step):
    step.drawn = multiplied(step.all.smooth[:2])
    seen = {}
    step._gridnet = lambda lattice, batch: seen.update(lattice=lattice, batch=batch)
    assert step.again is None
    smooth = step.all.smooth[:2]
    there = (smooth[:, 3:] > -0.9).expand(-1, 3, -1, -1)
    assert torch.allclose(seen["lattice"][:, :3][there], smooth[:, :3][there], atol=1e-5)
    assert torch.equal(seen["lattice"][:, 3], smooth[:, 3]) and len(seen["batch"].target) == 2


def test_parts_of_a_batch(step):
    some = part(step.first, slice(1, 3))
    assert torch.equal(some.scores, step.first.scores[1:3])
    assert torch.equal(some.candidates.colors, step.first.candidates.colors[1:3])
    assert torch.equal(some.features, step.first.features[1:3])


def test_on_white_by_hand():
    # opaque red, nothing, and half of a red whose colours are multiplied
    pixels = [[1.0, -1, -1, 1], [0, 0, 0, -1], [0.5, -0.5, -0.5, 0]]
    sprite = torch.tensor(pixels).T.reshape(1, 4, 1, 3)
    assert on_white(sprite)[0, :, 0].T.tolist() == [[1, -1, -1], [1, 1, 1], [1, 0, 0]]


def pointed(scores):
    """One cell: white, black, or nothing."""
    colors = torch.tensor([[1.0, 1, 1], [-1, -1, -1], [0, 0, 0]])[None, None, None]
    scores = torch.tensor(scores)[None, None, None].requires_grad_()
    return Pointed(scores, Candidates(colors, torch.ones(1, 1, 1, 3) > 0), torch.zeros(1, 1, 1, 1))


@pytest.mark.parametrize(
    "scores, rgba", [([0.0, 1, 0], [-1, -1, -1, 1]), ([0.0, 1, 2], [0, 0, 0, -1])]
)
def test_what_is_chosen_is_hard_and_its_gradient_is_that_of_the_mean(scores, rgba):
    cell = pointed(scores)
    sprite = chosen(cell)
    assert torch.equal(sprite.flatten(), torch.tensor(rgba, dtype=torch.float32))
    weights = torch.tensor([0.7, -0.2, 0.4, 1.3]).view(1, 4, 1, 1)
    (sprite * weights).sum().backward()
    soft = pointed(scores)
    white, black, nothing = soft.scores.softmax(-1).flatten()
    mean = torch.stack([white - black] * 3 + [white + black - nothing])
    (mean * weights.flatten()).sum().backward()
    assert torch.allclose(cell.scores.grad, soft.scores.grad, atol=1e-6)
    assert cell.scores.grad.abs().sum() > 0


def augmentation(**changes):
    """One that changes nothing but what is said."""
    augment = Augmentation(np.random.default_rng(0))
    augment.flips, augment.turned = [], False
    augment.channels, augment.shifts = [0, 1, 2], [0, 0]
    for name, value in changes.items():
        assert hasattr(augment, name)
        setattr(augment, name, value)
    return augment


SOME = torch.arange(3 * 4 * 4.0).view(1, 3, 4, 4) / 100


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, SOME),
        ({"flips": [2]}, SOME.flip(2)),
        ({"flips": [3]}, SOME.flip(3)),
        ({"flips": [2, 3]}, SOME.rot90(2, (2, 3))),
        ({"turned": True}, SOME.transpose(2, 3)),
        ({"channels": [2, 0, 1]}, torch.stack([SOME[:, 2], SOME[:, 0], SOME[:, 1]], dim=1)),
    ],
)
def test_augmentations_by_hand(changes, expected):
    assert torch.equal(augmentation(**changes)(SOME), expected)


@pytest.mark.parametrize("down, across", [(1, 0), (0, -2), (-3, 2)])
def test_what_a_shift_brings_in_is_white(down, across):
    shifted = augmentation(shifts=[down, across])(SOME)
    for y in range(4):
        for x in range(4):
            inside = 0 <= y - down < 4 and 0 <= x - across < 4
            expected = SOME[0, :, y - down, x - across] if inside else torch.ones(3)
            assert torch.equal(shifted[0, :, y, x], expected)


def test_all_of_a_step_is_changed_alike_and_steps_differ():
    first, second, other = (
        Augmentation(Randomness(1, index, range(2)).shared()) for index in (5, 5, 6)
    )
    sprites = torch.rand(4, 3, 9, 9)
    assert first(sprites).shape == sprites.shape
    assert torch.equal(first(sprites), second(sprites))
    assert torch.equal(first(sprites)[2:], first(sprites[2:]))
    assert not torch.equal(first(sprites), other(sprites))


def test_augmentations_are_all_there_and_gradients_pass():
    made = [Augmentation(np.random.default_rng(seed)) for seed in range(60)]
    assert {tuple(each.flips) for each in made} == {(), (2,), (3,), (2, 3)}
    assert {each.turned for each in made} == {True, False}
    assert len({tuple(each.channels) for each in made}) == 6
    assert {shift for each in made for shift in each.shifts} == set(range(-SHIFT, SHIFT + 1))
    sprites = torch.rand(2, 3, 9, 9, requires_grad=True)
    for each in made[:9]:
        (gradient,) = torch.autograd.grad(each(sprites).sum(), sprites)
        down, across = each.shifts
        assert gradient.sum() == 2 * 3 * (9 - abs(down)) * (9 - abs(across))


def test_real_sprites_and_fakes_go_through_the_same_change(step):
    step.sprites = step.all.target
    (real,) = step.reals("near")
    fakes = step.fakes("near")
    assert torch.equal(real, fakes["near_pairs"])
    assert set(fakes) == {"near_pairs", "near_taught"} and set(step.fakes("far")) == {
        "far_pairs",
        "far_taught",
    }
