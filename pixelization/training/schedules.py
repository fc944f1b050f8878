"""Learning rates: pure functions of the step, so that a resumed run needs no state of them."""

import math
from dataclasses import dataclass

from pixelization.errors import UserError
from pixelization.training.sections import OptimConfig

MAX_STEPS = 99_999_999  # checkpoints are sorted by names of eight digits


@dataclass(frozen=True)
class Schedule:
    """Constant, then linearly to zero (Han et al. 2018, Sec. 3.4).

    Attributes:
        constant, decay: steps.
        stop: training ends after so many, if that is earlier; 0: it is not.
        warmup: the first of the constant ones, in which the rate rises.
    """

    constant: int
    decay: int
    stop: int = 0
    warmup: int = 0

    @property
    def steps(self) -> int:
        """After so many training ends; without a stop, the learning rate is zero then."""
        steps = self.constant + self.decay
        return min(steps, self.stop) if self.stop else steps

    def factor(self, step: int) -> float:
        """Of the learning rate in this step: 1 for ``constant`` steps, then falling to 0."""
        if step < self.warmup:
            return (step + 1) / self.warmup
        if step < self.constant:
            return 1.0
        return max(0.0, 1.0 - (step - self.constant) / max(1, self.decay))


@dataclass(frozen=True)
class CosineRestarts:
    """Half a cosine from 1 to ``floor``, again and again (Loshchilov and Hutter 2017, SGDR).

    Attributes:
        steps: after so many training ends, wherever the cosine is.
        period: steps of the first cosine.
        growth: each is so many times as long as the one before.
        floor: share of the learning rate that is left at the end of a cosine.
    """

    steps: int
    period: int
    growth: int
    floor: float

    def factor(self, step: int) -> float:
        """Of the learning rate in this step."""
        period = self.period
        while step >= period:
            step, period = step - period, period * self.growth
        return self.floor + (1 - self.floor) * (1 + math.cos(math.pi * step / period)) / 2


AnySchedule = Schedule | CosineRestarts


def schedule_of(optim: OptimConfig, *, images: int, batch_size: int) -> AnySchedule:
    """The schedule of a configuration, in steps.

    Args:
        images: of an epoch.
        batch_size: of the joint batch over all processes.

    Raises:
        UserError: it has too many steps, or they do not go together.
    """
    unit = steps_per_epoch(images, batch_size) if optim.unit == "epochs" else 1
    schedule = Schedule(
        optim.constant * unit, optim.decay * unit, optim.stop * unit, optim.warmup * unit
    )
    if schedule.steps > MAX_STEPS:
        raise UserError(
            f"optim.constant and optim.decay make {schedule.steps:,} steps: "
            f"give at most {MAX_STEPS:,}"
        )
    if optim.warmup > (optim.constant if optim.schedule == "linear" else 0):
        raise UserError(
            f"optim.warmup={optim.warmup} must lie in optim.constant of optim.schedule=linear"
        )
    if optim.schedule == "cosine_restarts":
        return CosineRestarts(schedule.steps, optim.period * unit, optim.period_growth, optim.floor)
    return schedule


def steps_per_epoch(images: int, batch_size: int) -> int:
    """Steps that show every one of ``images`` once (the last batch runs into the next epoch)."""
    return math.ceil(images / batch_size)
