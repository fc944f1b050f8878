"""Sections of a training's configuration that several systems share.

They know what a key means and which values it takes. They do not know what is trained.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pixelization.config import option
from pixelization.errors import UserError
from pixelization.limits import BATCH_PIXELS

LONGEST_NAME = 200  # bytes of the name of a run; file systems take 255


@dataclass(frozen=True)
class DataConfig:
    """Two unpaired sets of images, and how samples are made of them."""

    cartoons: str = option(
        "",
        "folder of cartoons (domain A), searched with its subfolders, or of shards of them "
        "(python -m pixelization shards); training needs it",
    )
    sprites: str = option(
        "",
        "folder of sprites at native resolution (domain B), 1 pixel = 1 cell; training needs this "
        "or pictures",
    )
    pictures: str = option(
        "",
        "folder of full-size pixel art of unknown cell size (domain B), as in the paper (Sec. 3.4)",
    )
    drawings: int = option(
        0,
        "random drawings that the program makes in place of a folder that is not named, to try "
        "training without images; 0: none (ours)",
        least=0,
        most=10_000,
    )
    masks: str = option(
        "",
        "folder with a mask for every cartoon, of the same path and name, .png: where it is black, "
        "white is seen; empty: cartoons stay (ours)",
    )
    val_cartoons: str = option(
        "",
        "folder of cartoons for the sample sheets; empty: some of the training cartoons (ours)",
        may_change=True,
    )
    val_sprites: str = option(
        "",
        "folder of sprites for the sample sheets; empty: some of the training sprites (ours)",
        may_change=True,
    )
    crop: int = option(
        256,
        'side of the square training image, in pixels: "We resize all images to 256 x 256"',
        least=32,
        most=4096,
    )
    fit: Literal["crop", "whole", "stretch", "square"] = option(
        "crop",
        "how cartoons and pictures become a square: crop: a random window | whole: made smaller if "
        "need be, on white | stretch: resized, whatever their shape | square: the middle, resized "
        "(ours)",
    )
    jitter: int = option(
        0,
        "whole, stretch, square: so many pixels more per side, then a random window; Zhu et al. "
        "2017: 30 (ours)",
        least=0,
        most=4096,
    )
    canvas: Literal["packed", "single"] = option(
        "packed",
        "sprites are shown: packed in columns | single: one on white, in the middle (ours)",
    )
    balanced: bool = option(
        False,
        "pictures and single sprites are drawn in shuffled epochs, each as often as others; else "
        "by chance (ours)",
    )
    min_zoom: float = option(
        1.0,
        "cartoons are resized by a random factor in [min_zoom, 1] before the crop; 1: never (ours)",
        above=0,
        most=1,
    )
    flip: bool = option(
        False,
        "random horizontal flip of both domains (ours; neither paper nor published code flips)",
    )
    permute_colors: bool = option(
        False, "random permutation of the RGB channels of both domains (ours)"
    )
    workers: int = option(
        1,
        "loader processes; 0 loads in the training process (ours)",
        least=0,
        most=256,
        may_change=True,
    )
    licences: str = option(
        "",
        "of the training images, written into the weights file; cleared where images are named "
        "without (ours)",
        may_change=True,
    )


def check_data(data: DataConfig, batch_size: int) -> None:
    """Raise ``UserError`` unless both domains have images, and a step not too many pixels.

    Args:
        data: where images come from.
        batch_size: cartoons of a step.
    """
    batch = f"train.batch_size={batch_size} with data.crop={data.crop}"
    BATCH_PIXELS.check(batch_size * data.crop**2, batch)
    if not data.cartoons and not data.drawings:
        raise UserError("data.cartoons is not set: name the folder with the cartoons")
    if data.sprites and data.pictures:
        raise UserError(
            "data.sprites and data.pictures are both set: clear one, as with data.sprites="
        )
    if not (data.sprites or data.pictures or data.drawings):
        raise UserError(
            "neither data.sprites (native resolution) nor data.pictures (full size) is set"
        )


@dataclass(frozen=True)
class OptimConfig:
    """Optimizers, schedule, and what steadies them."""

    optimizer: Literal["adam", "muon"] = option(
        "adam",
        "adam | muon, which moves kernels of convolutions alike in all directions (Jordan et al. "
        "2024; ours), of the generators; discriminators have Adam",
    )
    lr: float = option(
        2e-4,
        "Adam's, of the generators: \"All networks are trained with a learning rate of 0.0002 "
        'initially."',
        above=0,
        most=10,
    )
    lr_discriminator: float = option(2e-4, "and of the discriminators", above=0, most=10)
    betas: tuple[float, float] = option(
        (0.5, 0.999),
        '"the Adam solver"; its decay rates are the published code\'s',
        least=0,
        below=1,
    )
    weight_decay: float = option(
        0.0,
        "share of the weights that is taken away per step, times the learning rate; AdamW "
        "(Loshchilov and Hutter 2019; ours)",
        least=0,
        most=10,
    )
    unit: Literal["epochs", "steps"] = option(
        "epochs",
        "epochs | steps, of warmup, constant, decay, stop and period; an epoch is one pass over "
        "the cartoons",
    )
    warmup: int = option(
        0,
        "linear: epochs or steps at the beginning, in which the learning rate rises (ours)",
        least=0,
        most=10**8,
    )
    constant: int = option(
        100, 'at the full learning rate: "After 100 epochs, ...', least=0, most=10**8
    )
    decay: int = option(
        150,
        '... we linearly decay the rate to zero in 150 epochs.", where training ends',
        least=0,
        most=10**8,
    )
    stop: int = option(
        0,
        "training ends before, after so many; 0: it does not (the published code)",
        least=0,
        most=10**8,
    )
    schedule: Literal["linear", "cosine_restarts"] = option(
        "linear",
        "linear | cosine_restarts, for constant + decay epochs or steps (Loshchilov and Hutter "
        "2017)",
    )
    period: int = option(10, "cosine_restarts: epochs or steps to the first", least=1, most=10**8)
    period_growth: int = option(
        2, "cosine_restarts: each period is so many times the one before", least=1, most=1000
    )
    floor: float = option(
        0.05, "cosine_restarts: share of the learning rate before a restart", least=0, most=1
    )
    clip_norm: float = option(
        0.0, "largest gradient norm of a network; 0: no clipping (ours)", least=0
    )
    clip: Literal["network", "joint"] = option(
        "network", "network | joint: the norm of all generators together (ours)"
    )
    pool_size: int = option(
        30,
        "fakes in each discriminator's history, 0: none: "
        '"a buffer to store the last 30 generated images"',
        least=0,
        most=100_000,
    )
    ema_decay: float = option(
        0.0,
        "per step, of the averaged generators that are saved as weights; 0: no averaging, as in "
        "the paper",
        least=0,
        below=1,
    )


@dataclass(frozen=True)
class TrainConfig:
    """The run: where it computes, and what it writes how often."""

    name: str = option("base", "the run folder is out/name", may_change=True)
    out: str = option("runs", "parent of the run folders", may_change=True)
    init: str = option(
        "",
        "weights to start from, of the same model, or the name of one that ships; what has no loss "
        "stays as it is there (ours)",
        may_change=True,
    )
    init_part: str = option(
        "",
        "the only network that is taken from init, such as a2b; empty: all (ours)",
        may_change=True,
    )
    seed: int = option(0, "of everything random", least=0, below=2**32)
    batch_size: int = option(
        1,
        'images of each domain in a step, over all processes together: "the batch size of 1"',
        least=1,
        most=65_536,
    )
    device: Literal["auto", "cpu", "cuda"] = option("auto", "auto | cpu | cuda", may_change=True)
    bf16: bool = option(
        True, "compute in bfloat16 on CUDA; the CPU, where it is slower, never does (ours)"
    )
    channels_last: bool = option(
        True,
        "memory layout: for tensor cores, and for wide layers on the CPU; "
        "artists ignores it (ours)",
    )
    max_minutes: float = option(
        0.0, "minutes until training saves and stops; 0: none (ours)", least=0, may_change=True
    )
    save_every: int = option(500, "steps between checkpoints", least=1, may_change=True)
    log_every: int = option(
        20, "steps between scalars, which are means over them", least=1, may_change=True
    )
    sample_every: int = option(1000, "steps between sample sheets", least=1, may_change=True)
    keep: int = option(2, "newest checkpoints that are kept", least=1, may_change=True)

    def check(self) -> None:
        """Raise ``UserError`` unless the name is that of a folder, and the parent can be one."""
        for key in ("name", "out"):
            if not _names_a_file(getattr(self, key)):
                raise UserError(f"train.{key}={getattr(self, key)!r} is no name of a folder")
        if len(os.fsencode(self.name)) > LONGEST_NAME:
            raise UserError(f"train.name is longer than {LONGEST_NAME} bytes: give a shorter one")
        if self.name in ("", "..") or Path(self.name).name != self.name:
            raise UserError(
                f"train.name={self.name!r} must be the name of a folder in train.out, without '/'"
            )


def _names_a_file(name: str) -> bool:
    """Whether a file can have the name: no zero, and characters that are bytes there."""
    try:
        return b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        return False
