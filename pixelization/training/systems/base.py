"""What a trainer trains, seen from the trainer: networks, terms, judged images, sheets, weights.

A system is one module of this room, ``systems/NAME.py``, a line in the table of
``training/config.py``, and a file in ``configs/``. The module holds:

1. a *configuration*: a frozen dataclass with a field for every section. ``system``, ``optim`` and
   ``train`` are needed (see :class:`TrainingConfig`), ``data``, ``model`` and ``loss`` are usual.
   Fields are made by :func:`~pixelization.config.option`, with their meaning and range.
2. its *terms*: a tuple of :class:`~pixelization.training.losses.objective.Term` and
   :class:`~pixelization.training.losses.objective.Adversarial`. A term is declared there and
   nowhere else. ``weights_section(TERMS)`` makes the section ``loss.weights`` of them.
3. a :class:`Step`: one batch on its way through the networks. It holds what terms look at, as
   ``cached_property`` where it costs something. So a pass is gone only if a term with a weight
   looks at it, and only once.
4. a :class:`System`: builds data, networks and objective, and turns a batch into a step.

The trainer does the rest: an optimizer per network, the schedule, one loss and one backward pass
for all generators, then a loss for each discriminator that an ``Adversarial`` term names, histories
of fakes, clipping, overflows, averaged generators, checkpoints. In each step it calls, in this
order:

- ``system.step(batch, randomness)``: moves the batch to the device and makes targets, in float32.
- ``system.objective.compute(step)``: under autocast, discriminators frozen.
- for each judge ``term.fakes(step)`` and ``step.reals(judge)``: after the generators have moved,
  discriminators trainable.

What is random derives from ``randomness`` and from nothing else. Then runs can be resumed, and do
not depend on the number of processes.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from pixelization.errors import UserError
from pixelization.networks.build import Networks
from pixelization.networks.weights import UNKNOWN, load_weights, pretrained_path, save_weights
from pixelization.training.losses.adversarial import AdversarialLoss
from pixelization.training.losses.objective import Objective
from pixelization.training.sections import OptimConfig, TrainConfig

SHEET_ROWS = 6  # of a sample sheet


class TrainingConfig(Protocol):
    """What a trainer reads of a system's configuration."""

    @property
    def system(self) -> str:
        """Key of the table in ``training/config.py``."""

    @property
    def optim(self) -> OptimConfig:
        """Optimizers and schedule."""

    @property
    def train(self) -> TrainConfig:
        """The run."""

    def check(self) -> None:
        """Raise ``UserError`` unless the keys go together; ranges have been checked."""


class TrainingData(Protocol):
    """Where batches come from."""

    @property
    def sha256(self) -> str:
        """Hash of all images: a ``cached_property``, which takes a while at first."""

    def __len__(self) -> int:
        """Samples of an epoch."""

    def report(self) -> str:
        """What there is, for the log."""

    def skipped(self) -> list[str]:
        """What was found unusable so far, and why, for the log."""

    def files(self) -> list[Path]:
        """The files that it is made of, in order; those that are not there have no part in it."""

    def batches(
        self, *, batch_size: int, start_step: int, steps: int, rank: int, world_size: int
    ) -> Iterator[Any]:
        """One batch per step: this process's share of each.

        See :func:`~pixelization.training.data.loader.load_batches`.
        """


class Randomness:
    """All that is random in a step: a pure function of the seed, the step and the slot.

    Args:
        seed: of the run.
        step: counted from 0.
        slots: the joint batch's slots that this process holds.
    """

    def __init__(self, seed: int, step: int, slots: range) -> None:
        self.key, self.slots = (seed, step), slots

    def shared(self) -> np.random.Generator:
        """For what the whole joint batch shares: the same in every process."""
        return np.random.default_rng(self.key)

    def per_slot(self) -> list[np.random.Generator]:
        """One for each sample that this process holds."""
        # not ending in 0: numpy's (seed, step, 0) is its (seed, step)
        return [np.random.default_rng((*self.key, slot, 2)) for slot in self.slots]


def seed_dropout(randomness: Randomness) -> None:
    """Have dropout, which draws from torch's own generator, draw the same in the same step."""
    torch.manual_seed(int(randomness.per_slot()[0].integers(2**63)))


class Step(ABC):
    """One batch on its way through a system.

    Args:
        judges: the discriminators by name.
        adversarial: what they are asked, and the loss of both sides.
    """

    def __init__(self, judges: Mapping[str, nn.Module], adversarial: AdversarialLoss) -> None:
        self.judges, self.adversarial = judges, adversarial

    @abstractmethod
    def reals(self, judge: str) -> list[Tensor]:
        """The batches ``(B, 3, h, w)`` that a discriminator learns to take for real."""


class System(ABC):
    """Networks, data and objective of one training.

    Attributes:
        config: of the experiment, with the sections ``model``, ``data`` and ``train``.
        data: where batches come from.
        generators: one module. Each of its children is a player, ``G_<name>``. The whole is
            averaged, shown on sheets and saved.
        discriminators: each a player, ``D_<name>``.
        objective: the terms that have a weight.
        shown: names of losses in the log that the progress bar shows.
    """

    config: Any
    data: TrainingData
    generators: nn.Module
    discriminators: nn.ModuleDict
    objective: Objective
    shown: ClassVar[tuple[str, ...]] = ()

    @classmethod
    @abstractmethod
    def check(cls, config: Any) -> None:
        """Check what only training needs, before anything is built.

        Raises:
            UserError: data is missing, or losses, networks and data do not go together.
        """

    def move_to(self, device: torch.device) -> None:
        """Move generators and discriminators to a device, in the layout that the run asks for."""
        channels_last = self.config.train.channels_last
        layout = torch.channels_last if channels_last else torch.contiguous_format
        for network in (self.generators, self.discriminators):
            # torch's stubs do not know the argument
            network.to(device=device, memory_format=layout)  # type: ignore[call-overload]

    def start_from(self, path: str, part: str = "") -> dict[str, str]:
        """Take over the generators of a weights file.

        Args:
            path: of the file, or the name of a model that is shipped with the package.
            part: the only one that is taken over, such as ``a2b``; empty: all.

        Returns:
            The file's metadata, which :meth:`save` gets as ``origin``.

        Raises:
            UserError: the file cannot be used, or is of other networks.
        """
        known = os.path.isfile(path) or Path(path).suffix
        initial, origin = load_weights(path if known else pretrained_path(path))
        parts = dict(self.generators.named_children())
        if part and part not in parts:
            raise UserError(f"train.init_part={part}: there are {', '.join(parts)}")
        theirs: nn.Module = initial
        ours: nn.Module = self.generators
        if part and part in dict(initial.named_children()):
            theirs, ours = initial.get_submodule(part), parts[part]
        shapes, wanted = (
            {name: value.shape for name, value in each.state_dict().items()}
            for each in (theirs, ours)
        )
        if shapes != wanted:
            alone = [name for name, each in initial.named_children() if list(each.parameters())]
            lacking = f" (they hold {', '.join(alone)} only)" if len(alone) < len(parts) else ""
            raise UserError(
                f"{path}: weights of another model{lacking}: "
                "set model as they were trained with, train.init_part, or train.init="
            )
        ours.load_state_dict(theirs.state_dict())
        return origin

    @abstractmethod
    def step(self, batch: Any, randomness: Randomness) -> Step:
        """Begin a step: the batch on the device, targets and random choices made."""

    @abstractmethod
    def sheets(self, generators: nn.Module) -> dict[str, Image.Image]:
        """Sample sheets by name: what generators like this system's make of a few fixed images."""

    def scores(self, generators: nn.Module) -> dict[str, float]:
        """What generators like this system's are worth, for the log, as often as sheets are made.

        Scalars by name, such as ``validation/dino_a2b``; by default none.
        """
        return {}

    def save(
        self, path: Path, generators: nn.Module, *, step: int, origin: dict[str, str] | None
    ) -> None:
        """Write generators like this system's as weights that the package loads.

        Args:
            step: training steps.
            origin: metadata of the weights that training began with.

        Raises:
            UserError: the file cannot be written.
        """
        assert isinstance(generators, Networks), "generators like this system's"
        save_weights(
            path,
            generators,
            config=self.config.model,
            name=self.config.train.name,
            step=step,
            data_sha256=self.data.sha256,
            licences=self.config.data.licences or UNKNOWN,
            origin=origin,
        )

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return next(self.generators.parameters()).device
