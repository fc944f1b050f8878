"""A system that is no cascade: the trainer trains it without knowing more than its interface."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from pixelization.training.data.loader import load_batches
from pixelization.training.losses.adversarial import AdversarialLoss
from pixelization.training.losses.objective import Adversarial, Objective, Term
from pixelization.training.losses.terms import l1
from pixelization.training.schedules import Schedule
from pixelization.training.sections import OptimConfig
from pixelization.training.systems.base import Step, System
from pixelization.training.trainer import Trainer

TRAINING = Path(__file__).parents[2] / "pixelization" / "training"


class Pair(NamedTuple):
    drawing: torch.Tensor
    sprite: torch.Tensor


class PairData:
    """Drawings that are their sprites, darker."""

    def __len__(self):
        return 10

    def report(self):
        return "10 pairs"

    def sample(self, index):
        sprite = np.random.default_rng(index).random((3, 8, 8), dtype=np.float32)
        return Pair(sprite / 2, sprite)

    def batches(self, **options):
        return load_batches(self, **options)


class PairStep(Step):
    def __init__(self, system, batch, noise):
        super().__init__(dict(system.discriminators.items()), system.adversarial)
        self.sprite = batch.sprite
        self.drawn = system.generators["drawer"](batch.drawing + noise)

    def reals(self, judge):
        return [self.sprite]


TERMS = (
    Term(
        name="l1",
        meaning="drawn against the sprite",
        formula="|d - s|",
        source="ours",
        trains="drawer",
        compute=lambda step: l1(step.drawn, step.sprite),
    ),
    Adversarial(
        name="adversarial",
        meaning="against the critic",
        formula="GAN(D(d))",
        source="ours",
        trains="drawer",
        judge="critic",
        fakes=lambda step: {"drawn": step.drawn},
    ),
)


class PairSystem(System):
    def __init__(self, weights):
        torch.manual_seed(0)
        self.data = PairData()
        self.generators = nn.ModuleDict({"drawer": nn.Conv2d(3, 3, 1)})
        self.discriminators = nn.ModuleDict({"critic": nn.Conv2d(3, 1, 3)})
        self.objective = Objective(TERMS, weights)
        self.adversarial = AdversarialLoss("lsgan")

    @classmethod
    def check(cls, config):
        pass

    def start_from(self, path, part=""):
        raise NotImplementedError

    def step(self, batch, randomness):
        noise = [rng.normal(0, 0.01, (3, 1, 1)) for rng in randomness.per_slot()]
        return PairStep(self, batch, torch.tensor(np.stack(noise), dtype=torch.float32))

    def sheets(self, generators):
        return {}

    def save(self, path, generators, *, step, origin):
        raise NotImplementedError


def trained(steps, state=None, weights=(1.0, 0.1)):
    system = PairSystem(dict(zip(("l1", "adversarial"), weights, strict=True)))
    optim = OptimConfig(lr=0.02, pool_size=4, ema_decay=0.5)
    trainer = Trainer(system, optim, Schedule(100, 0), batch_size=2, seed=3)
    if state:
        trainer.load_state_dict(state)
    batches = system.data.batches(batch_size=2, start_step=trainer.step, steps=steps)
    return trainer, [trainer.train_step(batch) for batch in batches]


def test_it_learns_with_a_judge():
    trainer, losses = trained(60)
    assert set(trainer.players) == {"G_drawer", "D_critic"} and set(trainer.pools) == {"drawn"}
    names = {"loss/G/l1", "loss/G/adversarial", "loss/D_critic/real", "loss/D_critic/fake"}
    assert set(losses[0]) == names
    assert losses[-1]["loss/G/l1"] < 0.5 * losses[0]["loss/G/l1"]


def test_it_resumes_bit_for_bit():
    whole, losses = trained(8)
    half, first = trained(3)
    rest, second = trained(5, half.state_dict() | {"step": half.step})
    assert first + second == losses
    for name, value in whole.ema.state_dict().items():
        assert torch.equal(value, rest.ema.state_dict()[name])


def test_a_judge_without_a_term_is_not_trained():
    trainer, losses = trained(2, weights=(1.0, 0.0))
    assert set(losses[0]) == {"loss/G/l1"} and not trainer.pools
    before = PairSystem({"l1": 1.0, "adversarial": 0.0}).discriminators.state_dict()
    after = trainer.system.discriminators.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_only_systems_know_networks_by_name():
    for path in TRAINING.glob("*.py"):
        text = path.read_text(encoding="utf-8").lower()
        for name in ("gridnet", "pixelnet", "depixel", '"grid', '"pixel"', '"pixel_'):
            assert name not in text, (path.name, name)
