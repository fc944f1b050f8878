"""One training run, from a configuration to weights: the loop, and what is written when.

It knows periods, budgets and files. What is trained is the system's, how it is the trainer's.
"""

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tqdm import tqdm

from pixelization.config import as_dict, leaves
from pixelization.networks.devices import resolve_device
from pixelization.training import distributed
from pixelization.training.checkpoint import list_checkpoints, load_checkpoint, save_checkpoint
from pixelization.training.config import build_system, check_for_training
from pixelization.training.run_folder import RunFolder
from pixelization.training.schedules import schedule_of
from pixelization.training.systems.base import System, TrainingConfig
from pixelization.training.trainer import Trainer


def run_training(config: TrainingConfig, *, resume: bool) -> bool:
    """Train until the schedule or the wall-clock budget ends.

    Under ``torchrun`` every process calls this with the same arguments.

    Args:
        resume: continue from the newest checkpoint of the run folder; without one, start.

    Returns:
        Whether training is complete.

    Raises:
        UserError: anything wrong with the configuration, the data, a checkpoint or the losses.
    """
    check_for_training(config)
    rank, world_size = distributed.start(resolve_device(config.train.device))
    try:
        run = TrainingRun(config, resume=resume, rank=rank, world_size=world_size)
        try:
            return run.fit()
        finally:
            run.close()
    finally:
        distributed.stop()


def build_trainer(
    config: TrainingConfig, system: System, rank: int = 0, world_size: int = 1
) -> Trainer:
    """The trainer of a system that was built from the same configuration.

    Raises:
        UserError: the schedule has too many steps.
    """
    train = config.train
    return Trainer(
        system,
        config.optim,
        schedule_of(config.optim, images=len(system.data), batch_size=train.batch_size),
        batch_size=train.batch_size,
        seed=train.seed,
        rank=rank,
        world_size=world_size,
        bf16=train.bf16 and system.device.type == "cuda",
    )


class TrainingRun:
    """The parts of one run, and what happens after a step. Only rank 0 writes."""

    def __init__(self, config: TrainingConfig, *, resume: bool, rank: int, world_size: int) -> None:
        self.config, self.chief = config, rank == 0
        self.path = Path(config.train.out) / config.train.name
        checkpoints = list_checkpoints(self.path / "checkpoints") if resume else []
        state = load_checkpoint(checkpoints[-1]) if checkpoints else None

        # The folder last: what fails must not leave one behind.
        self.system = build_system(config)
        self.origin: dict[str, str] | None = None
        if state:
            self.origin = state["origin"]
        elif config.train.init:
            self.origin = self.system.start_from(config.train.init)
        self.trainer = build_trainer(config, self.system, rank, world_size)
        # Sum and number of every loss since the last logged step.
        self.recent: dict[str, tuple[float, int]] = {}
        if state:
            self.trainer.load_state_dict(state)
            self.recent = state["recent"]
        step, steps = self.trainer.step, self.trainer.schedule.steps
        self.batches = self.system.data.batches(
            batch_size=config.train.batch_size,
            start_step=step,
            steps=steps - step,
            rank=rank,
            world_size=world_size,
        )
        self.folder = RunFolder(self.path, config, step=step, resume=resume) if self.chief else None
        self._say(self.system.data.report())
        if state and (changed := changed_keys(state["config"], config)):
            self._say(
                "changed since the checkpoint, so this is no longer the same run: "
                + ", ".join(changed)
            )
        self._say(f"{'resumed' if state else 'started'} at step {step} of {steps}: {self.path}")

    def fit(self) -> bool:
        """Train until the batches end or the budget is spent; whether training is complete."""
        trainer, train = self.trainer, self.config.train
        deadline = time.monotonic() + 60 * train.max_minutes if train.max_minutes else math.inf
        steps = trainer.schedule.steps
        self.bar = tqdm(total=steps, initial=trainer.step, unit="step", disable=not self.chief)
        with self.bar:
            for batch in self.batches:
                self._after_step(trainer.train_step(batch))
                if distributed.any_process(time.monotonic() > deadline, trainer.device):
                    break
        if trainer.step % train.save_every:
            self._save()
        return trainer.step >= steps

    def close(self) -> None:
        """Close the run folder's files."""
        if self.folder:
            self.folder.close()

    def _after_step(self, losses: Mapping[str, float]) -> None:
        step, train = self.trainer.step, self.config.train
        for name, value in losses.items():
            total, count = self.recent.get(name, (0.0, 0))
            self.recent[name] = total + value, count + 1
        self.bar.update()
        if step % train.log_every == 0:
            self._log()
        if step % train.save_every == 0:
            self._save()
        if step % train.sample_every == 0 and self.folder:
            for name, sheet in self.system.sheets(self.trainer.ema.module).items():
                self.folder.sheet(step, name, sheet)

    def _log(self) -> None:
        """Means of the losses since the last time."""
        means = {name: total / count for name, (total, count) in self.recent.items()}
        self.recent = {}
        if self.folder:
            self.folder.scalars(self.trainer.step, means)
            self.bar.set_postfix(
                {
                    name.removeprefix("loss/"): f"{value:.3f}"
                    for name, value in means.items()
                    if name in self.system.shown
                }
            )

    def _save(self) -> None:
        trainer = self.trainer
        state = trainer.state_dict() | {
            "config": as_dict(self.config),
            "origin": self.origin,
            "recent": self.recent,
        }
        if self.chief:
            # The checkpoint last: a run that is stopped in between does these steps again, and with
            # them the weights.
            self.system.save(
                self.path / "weights.safetensors",
                trainer.ema.module,
                step=trainer.step,
                origin=self.origin,
            )
            save_checkpoint(
                self.path / "checkpoints", trainer.step, state, keep=self.config.train.keep
            )

    def _say(self, text: str) -> None:
        if self.folder:
            self.folder.log(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}")
            tqdm.write(text)


def changed_keys(before: dict[str, Any], config: Any) -> list[str]:
    """Keys whose values differ from those of a checkpoint, as ``data.crop``.

    Left out are keys that may change (see :func:`~pixelization.config.option`), and keys that the
    run did not know: their defaults stand for what was done then.
    """
    changed = []
    now = as_dict(config)
    for key, _, each in leaves(config):
        *sections, name = key.split(".")
        old, new = before, now
        for section in sections:
            old, new = old.get(section, {}), new[section]
        if name in old and old[name] != new[name] and not each.metadata.get("may_change"):
            changed.append(key)
    return changed
