"""Learning rates by the step."""

from dataclasses import replace

import pytest

from pixelization.errors import UserError
from pixelization.training.schedules import CosineRestarts, Schedule, schedule_of, steps_per_epoch
from pixelization.training.sections import OptimConfig


def test_learning_rate_is_constant_then_linear():
    schedule = Schedule(constant=2, decay=4)
    assert [schedule.factor(step) for step in range(7)] == [1, 1, 1, 0.75, 0.5, 0.25, 0]
    assert schedule.steps == 6


def test_an_epoch_of_steps_shows_every_image():
    assert [steps_per_epoch(images, 2) for images in (1, 4, 5)] == [1, 2, 3]


def test_cosine_with_warm_restarts_as_cs424_trains():
    optim = OptimConfig(schedule="cosine_restarts", constant=100, decay=0, lr=2e-4)
    schedule = schedule_of(optim, images=6, batch_size=3)
    assert schedule == CosineRestarts(steps=200, period=20, growth=2, floor=0.05)
    rates = [2e-4 * schedule.factor(2 * epoch) for epoch in (0, 5, 10, 30, 50, 70, 100)]
    assert rates == pytest.approx([2e-4, 1.05e-4, 2e-4, 2e-4, 1.05e-4, 2e-4, 1.4135e-4], rel=1e-4)
    assert 2e-4 * schedule.factor(19) == pytest.approx(1.12e-5, rel=1e-2)


def test_training_may_stop_while_the_rate_falls():
    """As the published code of Han et al. 2018: 150 of 100 + 100 epochs."""
    optim = OptimConfig(constant=100, decay=100, stop=150)
    schedule = schedule_of(optim, images=3, batch_size=1)
    assert schedule.steps == 450 and schedule.factor(449) == pytest.approx(0.5, abs=0.01)
    assert schedule_of(replace(optim, stop=300), images=3, batch_size=1).steps == 600


def test_the_rate_may_rise_at_first():
    optim = OptimConfig(unit="steps", warmup=4, constant=5, decay=2)
    schedule = schedule_of(optim, images=3, batch_size=1)
    assert [schedule.factor(step) for step in range(8)] == [0.25, 0.5, 0.75, 1, 1, 1, 0.5, 0]
    assert schedule.steps == 7


@pytest.mark.parametrize("kind, warmup", [("linear", 6), ("cosine_restarts", 1)])
def test_it_rises_only_before_a_constant_rate(kind, warmup):
    optim = OptimConfig(unit="steps", warmup=warmup, constant=5, decay=2, schedule=kind)
    with pytest.raises(UserError, match=f"optim.warmup={warmup} must lie in optim.constant"):
        schedule_of(optim, images=3, batch_size=1)
