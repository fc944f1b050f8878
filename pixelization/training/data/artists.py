"""Artists' sprites with drawings made of them, beside real cartoons with a teacher's sprites.

From a configuration to samples. It knows neither networks nor losses.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pixelization.config import option
from pixelization.errors import UserError
from pixelization.images.reading import list_images
from pixelization.training.data.artist_pairs import scenes
from pixelization.training.data.artist_pairs.kept import KeptPairs
from pixelization.training.data.artist_pairs.maker import PairBatch, PairMaker, PairOptions
from pixelization.training.data.artist_pairs.sprites import read_sprite_set, sprite_set_of
from pixelization.training.data.drawings import DrawnSprites
from pixelization.training.data.loader import load_batches
from pixelization.training.data.native import told_if_enlarged
from pixelization.training.data.sources import source_of
from pixelization.training.data.teacher import DrawnTeacher, Teacher, TeacherFolder, taught_pair

EASIEST = 0.35  # difficulty of the first pairs
ROUGHNESS = 1.4  # of the pairs, times that of those which measure
# Chances of a pair, which measuring has less often: cartoons have few light lines on dark ground.
STROKES = 0.6  # of thin strokes over it
DARK = 0.15  # of a dark ground
MARGIN = 2  # cells that are cut off a canvas on every side


@dataclass(frozen=True)
class ArtistsDataConfig:
    """Artists' sprites, and cartoons with a teacher's sprites."""

    sprites: str = option("", "folder of artists' sprites at native resolution; pairs need it")
    cartoons: str = option("", "folder of square cartoons, which the teacher has seen")
    teacher: str = option(
        "",
        "folder of the teacher's sprites of the cartoons, of each size in the folder TEACHER/SIZE",
    )
    drawings: int = option(
        0,
        "random drawings in place of folders that are not named, to try training; 0: none",
        least=0,
        most=10_000,
    )
    sizes: tuple[int, ...] = option(
        (96, 64, 48, 32, 24, 16), "of the teacher's sprites, in cells", least=8, most=1024
    )
    chances: tuple[float, ...] = option(
        (0.14, 0.22, 0.28, 0.18, 0.08, 0.1), "of these sizes, in parts", least=0
    )
    halved: tuple[str, ...] = option(
        (), "sources whose sprites count half: names up to the first _"
    )
    left_out: tuple[str, ...] = option((), "sources that are not learned from, to be measured on")
    cells: int = option(24, "side of a sample in cells", least=8, most=256)
    ramp: int = option(
        9600, "samples until pairs are as hard as they get; 0: at once", least=0, most=10**9
    )
    kept: int = option(
        0,
        "pairs that are drawn once and learned from four times, with axes and channels in another "
        "order, after the ramp; 0: each sample has a new one",
        least=0,
        most=100_000,
    )
    clear: float = option(
        0.25, "chance that a cartoon's white ground becomes transparent", least=0, most=1
    )
    stroked: float = option(0.3, "chance of thin strokes over a cartoon", least=0, most=1)
    workers: int = option(1, "loader processes; 0: none", least=0, most=256, may_change=True)
    licences: str = option(
        "", "of the training images, written into the weights file", may_change=True
    )


class ArtistsBatch(NamedTuple):
    """One process's share of a step.

    A sample has the same parts, of arrays without a batch dimension.

    Attributes:
        pairs: drawings made of artists' sprites.
        taught: real cartoons with a teacher's sprites; None without a teacher.
    """

    pairs: PairBatch
    taught: PairBatch | None


class ArtistsData:
    """The samples of a configuration.

    Args:
        config: folders; where ``sprites`` or ``teacher`` is missing, ``drawings`` take its place.
        seed: of everything random.

    Raises:
        UserError: a folder is missing or holds nothing that can be used.
    """

    def __init__(self, config: ArtistsDataConfig, *, seed: int) -> None:
        self.config, self.seed = config, seed
        if config.sprites:
            paths = [
                path
                for path in list_images(config.sprites)
                if path.suffix.lower() == ".png" and source_of(path) not in config.left_out
            ]
            if not paths:
                of_others = " of sources that are not left out" if config.left_out else ""
                raise UserError(f"{config.sprites}: no sprites (PNG files){of_others} here")
            self.sprites = read_sprite_set(paths, dict.fromkeys(config.halved, 0.5))
        else:
            drawn = DrawnSprites(config.drawings)
            self.sprites = sprite_set_of(
                {f"drawing_{index}": drawn[index] for index in range(len(drawn))}
            )
        # once all are as hard as they get
        self._kept = KeptPairs(self._hard_pair, config.kept)
        self.teacher: Teacher | None = None
        if config.teacher:
            self.teacher = TeacherFolder(config.cartoons, config.teacher, config.sizes)
        elif config.drawings:
            self.teacher = DrawnTeacher(config.drawings)

    def __len__(self) -> int:
        """Sprites, which make an epoch."""
        return len(self.sprites)

    @cached_property
    def sha256(self) -> str:
        """Hash of all training images."""
        digest = hashlib.sha256(self.teacher.digest() if self.teacher else b"")
        for path, sprite in zip(self.sprites.paths, self.sprites.sprites, strict=True):
            digest.update(os.fsencode(f"{path.name} {sprite.labels.shape}\n"))
            digest.update(sprite.labels.tobytes() + sprite.colors.tobytes())
        return digest.hexdigest()

    def report(self) -> str:
        """See :class:`~pixelization.training.systems.base.TrainingData`."""
        sprites = f"{len(self.sprites)} sprites by artists"
        labels = [sprite.labels for sprite in self.sprites.sprites]
        sprites += told_if_enlarged(len(labels), labels.__getitem__)
        return f"{sprites}; {self.teacher.report()}" if self.teacher else sprites

    def skipped(self) -> list[str]:
        """See :class:`~pixelization.training.systems.base.TrainingData`."""
        return []  # what cannot be read is an error

    def files(self) -> list[Path]:
        """See :class:`~pixelization.training.systems.base.TrainingData`."""
        return self.sprites.paths + (self.teacher.files() if self.teacher else [])

    def sample(self, index: int) -> ArtistsBatch:
        """Sample ``index`` of the run."""
        seed = (self.seed, index)
        later = index - self.config.ramp
        if self.config.kept and later >= 0:
            pair = self._kept.sample(later, np.random.default_rng((*seed, 79)))
        else:
            pair = self.pair(index)
        if self.teacher is None:
            return ArtistsBatch(pair, None)
        return ArtistsBatch(pair, _first(self.taught((*seed, 77))))

    def pair(self, index: int) -> PairBatch:
        """The pair that is drawn for sample ``index``, as arrays without a batch dimension."""
        config, seed = self.config, (self.seed, index)
        hard = min(1.0, EASIEST + (1 - EASIEST) * index / config.ramp) if config.ramp else 1.0
        dark = np.random.default_rng((*seed, 78)).random() < DARK
        options = PairOptions(
            cells=config.cells + 2 * MARGIN,
            margin=MARGIN,
            difficulty=hard,
            roughness=ROUGHNESS,
            strokes=STROKES,
            ground=scenes.DARK if dark else None,
        )
        return _first(PairMaker(self.sprites, options).batch(1, seed))

    def _hard_pair(self, number: int) -> PairBatch:
        return self.pair(self.config.ramp + number)

    def taught(self, seed: tuple[int, ...]) -> PairBatch:
        """One cartoon with its teacher's sprite, as a batch of one."""
        assert self.teacher is not None, "a configuration with a teacher"
        config, rng = self.config, np.random.default_rng(seed)
        chances = np.array(config.chances) / sum(config.chances)
        size = int(rng.choice(config.sizes, p=chances))
        return taught_pair(
            self.teacher, size, config.cells, clear=config.clear, stroked=config.stroked, rng=rng
        )

    def batches(
        self, *, batch_size: int, start_step: int, steps: int, rank: int = 0, world_size: int = 1
    ) -> Iterator[ArtistsBatch]:
        """See :func:`~pixelization.training.data.loader.load_batches`."""
        return load_batches(
            self,
            batch_size=batch_size,
            start_step=start_step,
            steps=steps,
            rank=rank,
            world_size=world_size,
            workers=self.config.workers,
        )


def _first(batch: PairBatch) -> PairBatch:
    """A batch of one as arrays without a batch dimension."""
    return PairBatch(*(np.asarray(each[0].numpy()) for each in batch))  # type: ignore[arg-type]
