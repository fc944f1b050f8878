"""One training run, from a configuration to weights.

Builds the parts, and saves, logs and samples by period.
"""

import time
from pathlib import Path

import torch
from PIL import ImageOps
from tqdm import tqdm

from pixelization.errors import UserError
from pixelization.images.alpha import on_white
from pixelization.images.reading import list_images, read_image
from pixelization.networks.build import build_cascade, build_discriminator
from pixelization.networks.cascade import Cascade
from pixelization.networks.devices import resolve_device
from pixelization.networks.weights import load_weights, save_weights
from pixelization.optional import optional_module
from pixelization.training import distributed
from pixelization.training.checkpoint import list_checkpoints, load_checkpoint, save_checkpoint
from pixelization.training.config import Config, config_to_dict, validate_for_training
from pixelization.training.data.loader import UnpairedData, steps_per_epoch
from pixelization.training.losses.objective import Objective
from pixelization.training.run_folder import RunFolder
from pixelization.training.samples import cartoon_sheet, sprite_sheet
from pixelization.training.trainer import Trainer

SAMPLES = 6  # rows of a sample sheet
# What may change from one session of a run to the next without changing what is learned.
HARMLESS = {
    "data.val_cartoons",
    "data.val_sprites",
    "data.workers",
    "data.licences",
    "train.name",
    "train.out",
    "train.init",
    "train.device",
    "train.keep",
    "train.log_every",
    "train.max_minutes",
    "train.sample_every",
    "train.save_every",
}


def run_training(config: Config, *, resume: bool) -> bool:
    """Train until the schedule or the wall-clock budget ends.

    Under ``torchrun`` every process calls this with the same arguments.

    Args:
        resume: continue from the newest checkpoint of the run folder; without one, start.

    Returns:
        Whether training is complete.

    Raises:
        UserError: anything wrong with the configuration, the data, a checkpoint or the losses.
    """
    validate_for_training(config)
    rank, world_size = distributed.start(resolve_device(config.train.device))
    try:
        run = TrainingRun(config, resume=resume, rank=rank, world_size=world_size)
        try:
            return run.fit()
        finally:
            run.close()
    finally:
        distributed.stop()


class TrainingRun:
    """The parts of one run, and what happens after a step. Only rank 0 writes."""

    def __init__(self, config: Config, *, resume: bool, rank: int, world_size: int) -> None:
        self.config, self.rank, self.world_size = config, rank, world_size
        self.chief = rank == 0
        self.path = Path(config.train.out) / config.train.name
        checkpoints = list_checkpoints(self.path / "checkpoints") if resume else []
        state = load_checkpoint(checkpoints[-1]) if checkpoints else None
        step = state["step"] if state else 0

        # The data first: a wrong path must fail in a second. The folder last: what fails must not
        # leave one behind.
        self.data = UnpairedData(config.data, scales=config.model.fractions, seed=config.train.seed)
        initial = self.origin = None
        if state:
            self.origin = state.get("origin")
        elif config.train.init:
            initial, self.origin = load_weights(config.train.init)
        self.trainer = build_trainer(config, self.data, rank, world_size, initial=initial)
        if state:
            self.trainer.load_state_dict(state)
        # Sum and number of every loss since the last logged step. Older checkpoints have none.
        self.recent: dict[str, tuple[float, int]] = state.get("recent", {}) if state else {}
        self.sheet_inputs = _sheet_inputs(config, self.data) if self.chief else None
        self.loader = self.data.loader(
            batch_size=config.train.batch_size,
            start_step=self.trainer.step,
            steps=self.trainer.total_steps - self.trainer.step,
            rank=rank,
            world_size=world_size,
        )
        self.folder = RunFolder(self.path, config, step=step, resume=resume) if self.chief else None
        self._say(self.data.report())
        if state and (changed := _changed(state["config"], config_to_dict(config))):
            self._say(
                f"changed since the checkpoint, so this is no longer the same run: {', '.join(changed)}"
            )
        self._say(
            f"{'resumed' if state else 'started'} at step {step} of {self.trainer.total_steps}: {self.path}"
        )

    def fit(self) -> bool:
        """Train; returns whether training is complete."""
        trainer, train = self.trainer, self.config.train
        self.bar = tqdm(
            total=trainer.total_steps, initial=trainer.step, unit="step", disable=not self.chief
        )
        with self.bar:
            complete = trainer.fit(self.loader, self._after_step, max_minutes=train.max_minutes)
        if trainer.step % train.save_every:
            self._save()
        return complete

    def close(self) -> None:
        """Close the run folder's files."""
        if self.folder:
            self.folder.close()

    def _after_step(self, losses: dict[str, float]) -> None:
        step, train = self.trainer.step, self.config.train
        for name, value in losses.items():
            total, count = self.recent.get(name, (0.0, 0))
            self.recent[name] = total + value, count + 1
        self.bar.update()
        if step % train.log_every == 0:
            means = {name: total / count for name, (total, count) in self.recent.items()}
            self.recent = {}
            if self.chief:
                self.folder.scalars(step, means)
                self.bar.set_postfix(
                    {
                        name.removeprefix("loss/"): f"{means[name]:.3f}"
                        for name in means
                        if name in SHOWN
                    }
                )
        if step % train.save_every == 0:
            self._save()
        if step % train.sample_every == 0 and self.chief:
            self._sample()

    def _save(self) -> None:
        state = self.trainer.state_dict() | {
            "config": config_to_dict(self.config),
            "origin": self.origin,
            "recent": self.recent,
        }
        if self.chief:
            # The checkpoint last: a run that is stopped in between does these steps again, and with
            # them the weights.
            save_weights(
                self.path / "weights.safetensors",
                self.trainer.ema.module,
                config=self.config.model,
                name=self.config.train.name,
                step=self.trainer.step,
                data_sha256=self.data.sha256,
                licences=self.config.data.licences,
                origin=self.origin,
            )
            save_checkpoint(
                self.path / "checkpoints", self.trainer.step, state, keep=self.config.train.keep
            )

    def _sample(self) -> None:
        cascade, step = self.trainer.ema.module, self.trainer.step
        scale = cascade.scales[len(cascade.scales) // 2]
        cartoons, sprites = self.sheet_inputs
        self.folder.sheet(step, "cartoons", cartoon_sheet(cascade, cartoons, scale))
        if sprites:
            self.folder.sheet(
                step, "sprites", sprite_sheet(cascade, sprites, scale, self.config.data.crop)
            )

    def _say(self, text: str) -> None:
        if self.chief:
            self.folder.log(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}")
            tqdm.write(text)


SHOWN = (
    "loss/G/grid_l1",
    "loss/G/pixel_l1",
    "loss/G/depixel_mirror_output",
    "loss/G/depixel_drawn_output",
    "loss/D_grid/fake",
    "loss/D_pixel/fake",
)


def build_trainer(
    config: Config,
    data: UnpairedData,
    rank: int = 0,
    world_size: int = 1,
    *,
    initial: Cascade | None = None,
) -> Trainer:
    """Build the networks, the objective and the schedule, and the trainer that holds them.

    Args:
        initial: generators whose weights the new ones take over; None: random ones, by
            ``train.seed``.

    Raises:
        UserError: ``initial`` is of another model; the device, or a package that a loss needs, is
            missing.
    """
    train, optim = config.train, config.optim
    device = resolve_device(train.device)
    torch.manual_seed(train.seed)
    cascade = build_cascade(config.model)
    if initial:
        _take_over(initial, cascade, config.train.init)
    discriminators = {
        "grid": build_discriminator(config.model.d_grid),
        "pixel": build_discriminator(config.model.d_pixel),
        "depixel": build_discriminator(config.model.d_depixel),
    }
    layout = torch.channels_last if train.channels_last else torch.contiguous_format
    for network in (cascade, *discriminators.values()):
        network.to(device=device, memory_format=layout)
    objective = Objective(config.loss)
    if "depixel_sprite_output" in objective.pair_terms:
        optional_module("scalerack")  # now, not in the first step
    unit = steps_per_epoch(len(data), train.batch_size) if optim.unit == "epochs" else 1
    return Trainer(
        cascade,
        discriminators,
        objective,
        optim,
        constant=optim.constant * unit,
        decay=optim.decay * unit,
        batch_size=train.batch_size,
        seed=train.seed,
        rank=rank,
        world_size=world_size,
        bf16=train.bf16 and device.type == "cuda",
    )


def _take_over(initial: Cascade, cascade: Cascade, path: str) -> None:
    shapes, wanted = (
        {name: value.shape for name, value in each.state_dict().items()}
        for each in (initial, cascade)
    )
    if shapes != wanted:
        raise UserError(
            f"{path}: weights of another model: set model as they were trained with, or train.init="
        )
    cascade.load_state_dict(initial.state_dict())


def _changed(before: dict, now: dict, prefix: str = "") -> list[str]:
    """Keys whose values differ, as ``data.crop``.

    Where a run is kept, its name and how often it saves do not matter.
    """
    keys: list[str] = []
    for key, value in now.items():
        if isinstance(value, dict):
            keys += _changed(before.get(key, {}), value, f"{prefix}{key}.")
        elif before.get(key) != value and prefix + key not in HARMLESS:
            keys.append(prefix + key)
    return keys


def _sheet_inputs(config: Config, data: UnpairedData):
    """The images of the sample sheets.

    Spread over the validation folders, else over the training data.
    """
    cartoons = (
        list_images(config.data.val_cartoons, recursive=True)
        if config.data.val_cartoons
        else data.cartoon_paths
    )
    sprites = (
        list_images(config.data.val_sprites, recursive=True)
        if config.data.val_sprites
        else data.sprite_paths
    )
    spread = [paths[:: max(1, len(paths) // SAMPLES)][:SAMPLES] for paths in (cartoons, sprites)]
    side = 2 * config.data.crop
    pictures = [
        ImageOps.pad(on_white(read_image(path)), (side, side), color="white") for path in spread[0]
    ]
    return pictures, [read_image(path).convert("RGBA") for path in spread[1]]
