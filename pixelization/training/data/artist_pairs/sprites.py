"""Sprites by artists, as numbers of colours: what pairs are made of."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from pixelization.cells.voting import HALF_OPAQUE
from pixelization.images.reading import read_image
from pixelization.training.data.sources import chances, drawn_place, source_of

MOST_COLORS = 31  # of a sprite; rarer ones become the nearest of these


class Sprite(NamedTuple):
    """A sprite at one pixel per cell.

    Attributes:
        labels: int64 ``(h, w)``; 0 is nothing, k the k-th color.
        colors: ``(K, 3)`` in [0, 1].
    """

    labels: np.ndarray
    colors: np.ndarray


def centred(sprite: Sprite, cells: int) -> Sprite:
    """A sprite in the middle of a square of ``cells`` x ``cells``, which is at least as large."""
    height, width = sprite.labels.shape
    top, left = (cells - height) // 2, (cells - width) // 2
    labels = np.zeros((cells, cells), np.int64)
    labels[top : top + height, left : left + width] = sprite.labels
    return Sprite(labels, sprite.colors)


def indexed(image: Image.Image) -> Sprite:
    """Number the colours of a sprite by how often they occur, the most frequent first."""
    pixels = np.asarray(image.convert("RGBA")).astype(np.int64)
    there = pixels[..., 3] >= HALF_OPAQUE
    colors, places, counts = np.unique(
        pixels[there][:, :3], axis=0, return_inverse=True, return_counts=True
    )
    order = np.argsort(-counts, kind="stable")
    kept = colors[order[:MOST_COLORS]]
    distances = ((colors[:, None] - kept[None]) ** 2).sum(-1)
    labels = np.zeros(there.shape, np.int64)
    labels[there] = distances.argmin(1)[places.reshape(-1)] + 1
    return Sprite(labels, kept / 255)


class SpriteSet:
    """Sprites, drawn by source and size class rather than by number: see
    :func:`~pixelization.training.data.sources.chances`.

    Args:
        paths: of their files, which say whose work they are.
        sprites: one for each.
        factors: by how much the sprites of a source count more (or less) than others, by source.
    """

    SIZES = (
        (16, 1.0),
        (32, 1.0),
        (48, 0.7),
        (96, 0.35),
    )  # up to this many cells on the longer side: weight

    def __init__(
        self,
        paths: Sequence[Path],
        sprites: Sequence[Sprite],
        factors: Mapping[str, float] | None = None,
    ) -> None:
        self.paths, self.sprites = list(paths), list(sprites)
        weights = [
            (factors or {}).get(source_of(path), 1.0) * self._size_weight(sprite)
            for path, sprite in zip(self.paths, self.sprites, strict=True)
        ]
        self.chances = chances(self.paths, weights)

    def __len__(self) -> int:
        return len(self.sprites)

    def draw(self, rng: np.random.Generator) -> Sprite:
        """A random sprite."""
        return self.sprites[drawn_place(self.chances, rng)]

    def _size_weight(self, sprite: Sprite) -> float:
        side = max(sprite.labels.shape)
        return next((weight for most, weight in self.SIZES if side <= most), 0.2)


def read_sprite_set(paths: Sequence[Path], factors: Mapping[str, float] | None = None) -> SpriteSet:
    """The sprites of PNG files; arguments as of :class:`SpriteSet`.

    Raises:
        UserError: a file cannot be read.
    """
    return SpriteSet(paths, [indexed(read_image(path)) for path in paths], factors)


def sprite_set_of(sprites: Mapping[str, np.ndarray]) -> SpriteSet:
    """The sprites of arrays.

    Args:
        sprites: uint8 ``(h, w, 4)`` by the name of their file without suffix.
    """
    return SpriteSet(
        [Path(f"{name}.png") for name in sprites],
        [indexed(Image.fromarray(sprite)) for sprite in sprites.values()],
    )
