"""From step to batch.

A pure function of the seed, so that workers, processes and resumes cannot change it.
"""

import hashlib
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from pixelization.cells.sizes import cells_along
from pixelization.errors import UserError
from pixelization.training.config import DataConfig
from pixelization.training.data.datasets import Crops, ImageSet, SpriteCanvases


class Batch(NamedTuple):
    """One process's share of a step, uint8; either ``grids`` or ``picture`` is None.

    Attributes:
        cartoon: ``(B, 3, S, S)``, domain A.
        grids: for each scale, sprites at 1 px per cell ``(B, 3, n, n)``, domain B.
        picture: full-size pixel art of unknown cell size ``(B, 3, S, S)``, domain B.
    """

    cartoon: Tensor
    grids: tuple[Tensor, ...] | None
    picture: Tensor | None


class UnpairedData:
    """The two unpaired domains of a configuration.

    Sample ``g`` of the run (step * batch size + slot) shows cartoon ``g`` of an endless sequence of
    shuffled epochs, beside a random draw of pixel art.

    Args:
        config: folders and augmentation; exactly one of ``sprites`` and ``pictures`` is set.
        scales: of the grids.
        seed: of order, draws and augmentation.

    Attributes:
        sha256: hash of the names and pixels of all training images: which data made a set of
            weights.

    Raises:
        UserError: a folder is missing or holds no usable image.
    """

    def __init__(self, config: DataConfig, *, scales: tuple[Fraction, ...], seed: int) -> None:
        options = {"flip": config.flip, "permute_colors": config.permute_colors}
        self.workers, self.seed = config.workers, seed
        digest = hashlib.sha256()
        self.sets = {"cartoons": ImageSet(config.cartoons, transparent=False, digest=digest)}
        self.cartoons = Crops(
            self.sets["cartoons"], crop=config.crop, min_zoom=config.min_zoom, **options
        )
        self.sprites = self.pictures = None
        if config.sprites:
            self.sets["sprites"] = ImageSet(config.sprites, transparent=True, digest=digest)
            sizes = tuple(cells_along(config.crop, scale) for scale in scales)
            self.sprites = SpriteCanvases(self.sets["sprites"], sizes=sizes, **options)
        else:
            self.sets["pictures"] = ImageSet(config.pictures, transparent=False, digest=digest)
            self.pictures = Crops(self.sets["pictures"], crop=config.crop, **options)
        self.sha256 = digest.hexdigest()

    def __len__(self) -> int:
        """Cartoons, which make an epoch."""
        return len(self.sets["cartoons"])

    @property
    def cartoon_paths(self) -> list:
        """The cartoons' files, sorted."""
        return self.sets["cartoons"].paths

    @property
    def sprite_paths(self) -> list:
        """The native-resolution sprites' files, sorted; none if domain B is full-size pictures."""
        return self.sets["sprites"].paths if "sprites" in self.sets else []

    def report(self) -> str:
        """How many images there are, and which files were skipped and why."""
        lines = [", ".join(f"{len(images)} {name}" for name, images in self.sets.items())]
        for images in self.sets.values():
            lines += [f"skipped {reason}" for _, reason in images.skipped]
        return "\n".join(lines)

    def sample(self, index: int) -> Batch:
        """Sample ``index`` of the run, without the batch dimension, as arrays."""
        epoch, position = divmod(index, len(self))
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self))
        rng = np.random.default_rng((self.seed, epoch, position, 1))
        cartoon = self.cartoons.sample(int(order[position]), rng)
        if self.sprites:
            return Batch(cartoon, self.sprites.sample(rng), None)
        return Batch(
            cartoon, None, self.pictures.sample(int(rng.integers(len(self.pictures.images))), rng)
        )

    def loader(
        self, *, batch_size: int, start_step: int, steps: int, rank: int = 0, world_size: int = 1
    ) -> Iterator[Batch]:
        """Batches of steps ``start_step`` to ``start_step + steps``: this process's share of each.

        Args:
            batch_size: of the joint batch over all processes.

        Raises:
            UserError: the batch cannot be shared equally; from the iterator: an image cannot be
                read any more.
        """
        if batch_size % world_size:
            raise UserError(
                f"train.batch_size {batch_size} cannot be shared by {world_size} processes: give a multiple"
            )
        share = batch_size // world_size
        first = rank * share
        keys = [
            [step * batch_size + slot for slot in range(first, first + share)]
            for step in range(start_step, start_step + steps)
        ]
        batches = DataLoader(
            _Samples(self),
            batch_sampler=keys,
            num_workers=self.workers,
            collate_fn=_collate,
            pin_memory=torch.cuda.is_available(),
            worker_init_fn=_one_thread,
        )
        return map(_batch_or_raise, batches)


class _Samples(Dataset):
    def __init__(self, data: UnpairedData) -> None:
        self.data = data

    def __getitem__(self, index: int) -> Batch | UserError:
        try:
            return self.data.sample(index)
        # returned: torch would put the worker's whole traceback into its message
        except UserError as error:
            return error


def _batch_or_raise(batch: Batch | UserError) -> Batch:
    if isinstance(batch, UserError):
        raise batch
    return batch


def _collate(samples: list[Batch | UserError]) -> Batch | UserError:
    for sample in samples:
        if isinstance(sample, UserError):
            return sample
    cartoons, grids, pictures = zip(*samples)
    return Batch(
        _stack(cartoons),
        None if grids[0] is None else tuple(_stack(scale) for scale in zip(*grids)),
        None if pictures[0] is None else _stack(pictures),
    )


def _stack(arrays: tuple[np.ndarray, ...]) -> Tensor:
    return torch.from_numpy(np.stack(arrays))


def _one_thread(worker: int) -> None:
    torch.set_num_threads(1)


def steps_per_epoch(images: int, batch_size: int) -> int:
    """Steps that show every one of ``images`` once (the last batch runs into the next epoch)."""
    return math.ceil(images / batch_size)
