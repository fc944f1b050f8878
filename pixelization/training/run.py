"""One training run, from a configuration to weights: the loop, and what is written when.

It knows periods, budgets and files. What is trained is the system's, how it is the trainer's.
"""

import math
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tqdm import tqdm

from pixelization.config import as_dict, leaves
from pixelization.errors import UserError, is_lack_of_memory, shortened
from pixelization.interrupts import Interrupts
from pixelization.networks.devices import resolve_device
from pixelization.networks.weights import check_origin, load_weights
from pixelization.training import distributed
from pixelization.training.checkpoint import list_checkpoints, load_checkpoint, save_checkpoint
from pixelization.training.config import (
    DEFAULT_SYSTEM,
    IMAGES,
    build_system,
    check_for_training,
)
from pixelization.training.data.fingerprints import fingerprint
from pixelization.training.run_folder import (
    CHECKPOINTS,
    CONFIG,
    WEIGHTS,
    RunFolder,
    check_folder,
    former_config,
)
from pixelization.training.schedules import schedule_of
from pixelization.training.systems.base import System, TrainingConfig
from pixelization.training.trainer import Trainer

MAY_MOVE = {f"data.{name}" for name in (*IMAGES, "masks")}  # if the same images are in them
LONGEST_VALUE = 60  # characters of a changed value in the log


def run_training(config: TrainingConfig, *, resume: bool) -> bool:
    """Train until the schedule or the wall-clock budget ends, or a signal asks to stop.

    In each case everything is saved. Then a signal acts as it does elsewhere: Ctrl-C raises
    ``KeyboardInterrupt``. Under ``torchrun`` every process calls this with the same arguments.

    Args:
        resume: continue the run in the folder from its newest checkpoint; without one, from its
            start.

    Returns:
        Whether training is complete.

    Raises:
        UserError: anything wrong with the configuration, the data, a checkpoint or the losses; too
            little memory.
    """
    check_for_training(config)
    rank, world_size = distributed.start(resolve_device(config.train.device))
    try:
        run = TrainingRun(config, resume=resume, rank=rank, world_size=world_size)
        try:
            complete = run.fit()
        finally:
            run.close()
    except (MemoryError, RuntimeError) as error:
        if not is_lack_of_memory(error):
            raise
        raise UserError(
            "too little memory: reduce train.batch_size, the side of samples, or the networks"
        ) from error
    finally:
        distributed.stop()
    run.interrupts.act()
    return complete


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
        self.interrupts = Interrupts()
        if self.chief:
            check_folder(self.path, resume=resume)
        checkpoints = list_checkpoints(self.path / CHECKPOINTS) if resume else []
        state = load_checkpoint(checkpoints[-1]) if checkpoints else None
        if state and (system := state["config"].get("system", DEFAULT_SYSTEM)) != config.system:
            raise UserError(
                f"{self.path}: is a run of the system {shortened(system)}, not {config.system}: "
                f"resume it with --cfg {self.path / CONFIG}"
            )

        # The folder last: what fails must not leave one behind.
        self.system = build_system(config)
        self.origin: dict[str, str] | None = None
        if state:
            self.origin = state["origin"]
        elif config.train.init:
            self.origin = self.system.start_from(config.train.init, config.train.init_part)
            check_origin(config.train.init, self.origin)
        self.trainer = build_trainer(config, self.system, rank, world_size)
        # Sum and number of every loss and learning rate since the last logged step.
        self.recent: dict[str, tuple[float, int]] = {}
        if state:
            self.trainer.load_state_dict(state)
            self.recent = state["recent"]
        step, steps = self.trainer.step, self.trainer.schedule.steps
        self.saved: int | None = None  # the step of what lies in the folder
        self.resumed_at = step if state else None
        self.batches = self.system.data.batches(
            batch_size=config.train.batch_size,
            start_step=step,
            steps=steps - step,
            rank=rank,
            world_size=world_size,
        )
        data = self.system.data
        self.images = {"dates": fingerprint(data.files()), "report": data.report()}
        same_images, doubt, changes = True, "", []
        self.folder: RunFolder | None = None
        if self.chief:
            if state:
                same_images, doubt = self._compare_data(state["data"])
                changes = changed_keys(state["config"], config, same_images=same_images)
            self.folder = RunFolder(
                self.path, config, step=step, before=state["config"] if state and changes else None
            )
        self._say(self.images["report"])
        self.skipped: set[str] = set()
        self._say_skipped()
        if doubt:
            self._say(doubt)
        if changes:
            self._say(
                "changed since the checkpoint, so this is no longer the same run: "
                f"{'; '.join(changes)}; as it was: --cfg {former_config(self.path, step)}"
            )
        self._say(f"{'resumed' if state else 'started'} at step {step} of {steps}: {self.path}")

    def fit(self) -> bool:
        """Train until the batches end, the budget is spent or a signal comes.

        Returns whether training is complete.
        """
        trainer, train = self.trainer, self.config.train
        deadline = time.monotonic() + 60 * train.max_minutes if train.max_minutes else math.inf
        steps = trainer.schedule.steps
        # None: shown on terminals only
        hidden = None if self.chief else True
        self.bar = tqdm(total=steps, initial=trainer.step, unit="step", disable=hidden)
        with self.interrupts:
            with self.bar:
                for batch in self.batches:
                    self._after_step(trainer.train_step(batch))
                    stop = self.interrupts.number is not None or time.monotonic() > deadline
                    if distributed.any_process(stop, trainer.device):
                        break
            missing = self.saved != trainer.step and not self._is_saved()
            if distributed.any_process(missing, trainer.device):
                self._save()
        if self.interrupts.number is not None:
            advice = "" if trainer.step >= steps else "; continue with --resume"
            self._say(
                f"stopped by {self.interrupts.name} at step {trainer.step} of {steps}, saved"
                + advice
            )
        if trainer.step >= steps:
            weights = self.path / WEIGHTS
            self._say(
                f"done: the weights are {weights}; use them: "
                f"pixelize drawing.png -o sprite.png --weights {weights}"
            )
        return trainer.step >= steps

    def close(self) -> None:
        """Close the run folder's files."""
        if self.folder:
            self.folder.close()

    def _after_step(self, losses: Mapping[str, float]) -> None:
        step, train = self.trainer.step, self.config.train
        for name, value in (*losses.items(), *self.trainer.rates.items()):
            total, count = self.recent.get(name, (0.0, 0))
            self.recent[name] = total + value, count + 1
        self.bar.update()
        if step % train.log_every == 0:
            self._log()
        if step % train.save_every == 0:
            self._save()
        if step % train.sample_every == 0 and self.folder:
            self.folder.sheets(step, lambda: self.system.sheets(self.trainer.ema.module))
            if scores := self.system.scores(self.trainer.ema.module):
                self.folder.scalars(step, scores)

    def _log(self) -> None:
        """Means of losses and learning rates since the last time."""
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
            hashed = self._images_hash()
            # The checkpoint first: from it the weights can be made again, and not the other way.
            self._save_checkpoint(state)
            self.system.save(
                self.path / WEIGHTS, trainer.ema.module, step=trainer.step, origin=self.origin
            )
            if not hashed:  # the hash takes a while, and was made for the weights
                self._save_checkpoint(state)
            self._say_skipped()
        self.saved = trainer.step

    def _save_checkpoint(self, state: dict[str, Any]) -> None:
        data = self.images | {"sha256": self._images_hash()}
        folder, keep = self.path / CHECKPOINTS, self.config.train.keep
        save_checkpoint(folder, self.trainer.step, state | {"data": data}, keep=keep)

    def _images_hash(self) -> str:
        """The hash of the images, if it is known already; else nothing."""
        return vars(self.system.data).get("sha256", "")

    def _is_saved(self) -> bool:
        """Whether the run was resumed here and has its weights; it may have been killed between
        both."""
        if self.resumed_at != self.trainer.step:
            return False
        if not self.chief:
            return True
        step = self.trainer.step + int(self.origin["step"] if self.origin else 0)
        try:
            return load_weights(self.path / WEIGHTS)[1].get("step") == str(step)
        except UserError:
            return False

    def _compare_data(self, before: dict[str, str] | None) -> tuple[bool, str]:
        """Whether the images are known to be those of the checkpoint, and what to say if not."""
        if not before:  # an old checkpoint
            return False, ""
        if before.get("dates") == self.images["dates"]:
            if before.get("sha256"):
                vars(self.system.data)["sha256"] = before["sha256"]  # as if it had been asked for
            return True, ""
        if not before.get("sha256"):
            return False, "files of images are others than at the checkpoint: did images change?"
        # Copied, or in shards now? The hash leaves out what cannot be used, but how much that is
        # decides the order of samples.
        report = self.images["report"]
        if before.get("report", report) == report and before["sha256"] == self.system.data.sha256:
            return True, ""
        return False, "the images changed since the checkpoint, so this is no longer the same run"

    def _say_skipped(self) -> None:
        """Say what was found unusable since the last time."""
        for reason in self.system.data.skipped():
            if reason not in self.skipped:
                self.skipped.add(reason)
                self._say(f"skipped {reason}")

    def _say(self, text: str) -> None:
        if self.folder:
            self.folder.log(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}")
            with suppress(OSError):  # whoever read it may have gone; training goes on
                tqdm.write(text)


def changed_keys(before: dict[str, Any], config: Any, *, same_images: bool) -> list[str]:
    """Keys whose values differ from those of a checkpoint, as ``data.crop: 64 -> 96``.

    Left out are keys that may change (see :func:`~pixelization.config.option`). For keys that the
    run did not know, their defaults stand for what was done then.

    Args:
        before: the configuration of the checkpoint.
        config: that of now.
        same_images: folders of images have the same in them, so they may have other names.
    """
    changed = []
    now, unknown = as_dict(config), as_dict(type(config)())
    for key, _, each in leaves(config):
        *sections, name = key.split(".")
        old: Any = before
        new: Any = now
        default: Any = unknown
        for section in sections:
            old = old.get(section) if isinstance(old, dict) else None
            new, default = new[section], default[section]
        if not isinstance(old, dict):  # a section that the run did not know
            old = {}
        was, is_now = old.get(name, default[name]), new[name]
        if (
            was != is_now
            and not each.metadata.get("may_change")
            and not (same_images and key in MAY_MOVE and was and is_now)
        ):
            values = (shortened(repr(value), LONGEST_VALUE) for value in (was, is_now))
            changed.append(f"{key}: {' -> '.join(values)}")
    return changed
