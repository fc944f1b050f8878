"""Two unpaired sets of images: cartoons, and pixel art.

From a configuration to samples. It knows neither networks nor batches of more than one.
"""

import hashlib
import os
from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch import Tensor

from pixelization.cells.sizes import cells_along
from pixelization.errors import UserError
from pixelization.training.data.datasets import (
    MEMORY,
    Crops,
    Images,
    ImageSet,
    SingleSprites,
    SpriteCanvases,
    Whole,
)
from pixelization.training.data.drawings import DrawnCartoons, DrawnSprites
from pixelization.training.data.loader import load_batches
from pixelization.training.data.native import told_if_enlarged
from pixelization.training.sections import DataConfig


class Sample(NamedTuple):
    """One slot of a batch, uint8; either ``grids`` or ``picture`` is None.

    Attributes:
        cartoon: ``(3, S, S)``, domain A.
        grids: for each scale, sprites at 1 px per cell ``(3, n, n)``, domain B.
        picture: full-size pixel art of unknown cell size ``(3, S, S)``, domain B.
    """

    cartoon: np.ndarray
    grids: tuple[np.ndarray, ...] | None
    picture: np.ndarray | None


class Batch(NamedTuple):
    """One process's share of a step: the parts of a :class:`Sample`, each ``(B, ...)``."""

    cartoon: Tensor
    grids: tuple[Tensor, ...] | None
    picture: Tensor | None


class UnpairedData:
    """The two unpaired domains of a configuration.

    Sample ``g`` of the run (step * batch size + slot) shows cartoon ``g`` of an endless sequence of
    shuffled epochs, beside a random draw of pixel art.

    Args:
        config: folders and augmentation; at most one of ``sprites`` and ``pictures`` is set. Where
            a folder is missing, ``drawings`` says how many drawings take its place.
        scales: of the grids.
        seed: of order, draws and augmentation.

    Raises:
        UserError: a folder is missing or holds no usable image.
    """

    def __init__(self, config: DataConfig, *, scales: tuple[Fraction, ...], seed: int) -> None:
        flip, permute = config.flip, config.permute_colors
        self.workers, self.seed = config.workers, seed
        memory = MEMORY // max(1, config.workers)  # every loader process keeps images of its own
        cartoons: Images
        if config.cartoons:
            cartoons = ImageSet(
                config.cartoons, transparent=False, masks=config.masks, memory=memory
            )
        else:
            cartoons = DrawnCartoons(config.drawings)
        self.sets: dict[str, Images] = {"cartoons": cartoons}
        self.cartoons = _squares(cartoons, config, min_zoom=config.min_zoom)
        self.sprites: SpriteCanvases | SingleSprites | None = None
        self.pictures: Crops | Whole | None = None
        if config.pictures:
            self.sets["pictures"] = ImageSet(config.pictures, transparent=False, memory=memory)
            self.pictures = _squares(self.sets["pictures"], config)
        else:
            if config.sprites:
                self.sets["sprites"] = ImageSet(config.sprites, transparent=True, memory=memory)
            else:
                self.sets["sprites"] = DrawnSprites(config.drawings)
            sizes = tuple(cells_along(config.crop, scale) for scale in scales)
            kind = SpriteCanvases if config.canvas == "packed" else SingleSprites
            self.sprites = kind(
                self.sets["sprites"], sizes=sizes, flip=flip, permute_colors=permute
            )
            if config.balanced and config.canvas == "packed":
                raise UserError(
                    "data.balanced needs one sprite at a time: set data.canvas=single, or "
                    "data.balanced=false"
                )
        self.balanced = config.balanced
        # Two epochs are in use where a batch runs from one into the next.
        self._order = lru_cache(maxsize=2)(self._shuffled)

    def __len__(self) -> int:
        """Cartoons, which make an epoch."""
        return len(self.sets["cartoons"])

    @cached_property
    def sha256(self) -> str:
        """Hash of the names and pixels of all usable images: which data made a set of weights.

        It decodes every image: about 5 ms each, once in a run, when weights are first saved.
        """
        digest = hashlib.sha256()
        for images in self.sets.values():
            for name, pixels in images.usable():
                digest.update(os.fsencode(f"{name} {pixels.shape}\n"))
                digest.update(pixels.tobytes())
        return digest.hexdigest()

    def report(self) -> str:
        """How many images there are, and whether sprites are enlarged."""
        counts = ", ".join(f"{len(images)} {name}" for name, images in self.sets.items())
        sprites = self.sets.get("sprites")
        if isinstance(sprites, ImageSet):
            counts += told_if_enlarged(len(sprites), sprites.__getitem__)
        return counts

    def skipped(self) -> list[str]:
        """See :class:`~pixelization.training.systems.base.TrainingData`.

        All that there are, once ``sha256`` was asked for.
        """
        return [reason for images in self.sets.values() for reason in images.skipped]

    def files(self) -> list[Path]:
        """See :class:`~pixelization.training.systems.base.TrainingData`."""
        return [path for images in self.sets.values() for path in images.paths]

    def sample(self, index: int) -> Sample:
        """Sample ``index`` of the run."""
        epoch, position = divmod(index, len(self))
        rng = np.random.default_rng((self.seed, epoch, position, 1))
        cartoon = self.cartoons.sample(int(self._order(epoch)[position]), rng)
        if isinstance(self.sprites, SpriteCanvases):
            return Sample(cartoon, self.sprites.sample(rng), None)
        if self.sprites:
            chosen = self._chosen(len(self.sprites.images), index, rng)
            return Sample(cartoon, self.sprites.sample(chosen, rng), None)
        assert self.pictures is not None
        chosen = self._chosen(len(self.pictures.images), index, rng)
        return Sample(cartoon, None, self.pictures.sample(chosen, rng))

    def batches(
        self, *, batch_size: int, start_step: int, steps: int, rank: int = 0, world_size: int = 1
    ) -> Iterator[Batch]:
        """See :func:`~pixelization.training.data.loader.load_batches`."""
        return load_batches(
            self,
            batch_size=batch_size,
            start_step=start_step,
            steps=steps,
            rank=rank,
            world_size=world_size,
            workers=self.workers,
        )

    def _chosen(self, count: int, index: int, rng: np.random.Generator) -> int:
        """Which of ``count`` images of domain B sample ``index`` of the run shows."""
        if not self.balanced:
            return int(rng.integers(count))
        epoch, position = divmod(index, count)
        # not the order of domain A
        order = np.random.default_rng((self.seed, epoch, 7)).permutation(count)
        return int(order[position])

    def _shuffled(self, epoch: int) -> np.ndarray:
        """The order in which an epoch shows the cartoons."""
        return np.random.default_rng((self.seed, epoch)).permutation(len(self))


def _squares(images: Images, config: DataConfig, *, min_zoom: float = 1.0) -> Crops | Whole:
    """Full-size images as squares."""
    flip, permute = config.flip, config.permute_colors
    if config.fit == "crop":
        return Crops(images, crop=config.crop, min_zoom=min_zoom, flip=flip, permute_colors=permute)
    return Whole(
        images,
        side=config.crop,
        fit=config.fit,
        jitter=config.jitter,
        flip=flip,
        permute_colors=permute,
    )
