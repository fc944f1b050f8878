"""Sprites, drawings and palettes that many tests work with."""

import csv
import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from pixelization.palettes.palette import Palette
from pixelization.reducers.base import Reduced

TOOLS = Path(__file__).resolve().parents[1] / "tools"


@contextmanager
def tool_module(name: str) -> Iterator[ModuleType]:
    """A module of ``tools/``, which is no package, imported anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(TOOLS)
        try:
            yield importlib.import_module(name)
        finally:
            sys.modules.pop(name, None)


def random_palette(size, seed=0):
    """So many random colours."""
    return Palette(np.random.default_rng(seed).integers(0, 256, (size, 3), dtype=np.uint8))


def random_sprite(seed=0, size=(37, 50)):
    """Smooth colours, a hole, and holes here and there: uint8 ``(h, w, 4)``."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size[0], : size[1]] / max(size)
    waves = np.stack(
        [np.sin(5 * rng.normal() * x + 5 * rng.normal() * y + rng.normal()) for _ in range(3)],
        axis=2,
    )
    alpha = np.where(rng.random(size) < 0.1, 0, 255)
    alpha[5:12, 20:33] = 0
    sprite = np.concatenate([127.5 + 127.5 * waves, alpha[..., None]], axis=2).astype(np.uint8)
    sprite[alpha == 0] = 0
    return sprite


def drawing(width, height, mode="RGB", seed=0):
    """Smooth colours with a few hard edges; with alpha, a disc on nothing: a PIL image."""
    y, x = np.mgrid[:height, :width] / max(width, height)
    channels = [128 + 127 * np.sin(9 * x + k + seed) * np.cos(7 * y - k) for k in range(3)]
    pixels = np.stack(channels, axis=-1)
    pixels[height // 3 : height // 2] = (20, 30, 200)
    image = Image.fromarray(pixels.astype(np.uint8))
    if mode == "RGBA":
        middle = (width / max(width, height) / 2, height / max(width, height) / 2)
        disc = (x - middle[0]) ** 2 + (y - middle[1]) ** 2 < 0.1
        image.putalpha(Image.fromarray(np.where(disc, 255, 0).astype(np.uint8)))
        return image
    return image.convert(mode)


def enlarged(sprite, factor):
    """Every cell of ``(h, w, C)`` as ``factor`` x ``factor`` pixels."""
    return sprite.repeat(factor, axis=0).repeat(factor, axis=1)


LETTERS = {  # of sprite_of
    ".": (0, 0, 0, 0),
    "#": (10, 10, 10, 255),
    "w": (250, 250, 250, 255),
    "s": (240, 190, 150, 255),  # skin
    "t": (222, 172, 132, 255),  # skin in the shade, 0.07 darker
    "r": (200, 30, 40, 255),
    "b": (60, 80, 220, 255),
}


def sprite_of(*rows):
    """A sprite from letters, one string per row; RGB if nothing in it is transparent."""
    rgba = np.array([[LETTERS[letter] for letter in row] for row in rows], np.uint8)
    return rgba if (rgba[..., 3] == 0).any() else rgba[..., :3].copy()


WHITE, RED, INK = (255, 255, 255), (220, 40, 30), (20, 10, 40)


def mask(*rows):
    """Bool from letters: ``#`` is True."""
    return np.array([[letter == "#" for letter in row] for row in rows])


def silhouette(*rows, color=RED):
    """RGBA: ``#`` is opaque."""
    opaque = mask(*rows)
    return np.where(opaque[..., None], (*color, 255), 0).astype(np.uint8)


def scene(*rows, **colors):
    """RGB from letters; ``.`` is white, ``r`` red."""
    colors = {".": WHITE, "r": RED, **colors}
    return np.array([[colors[letter] for letter in row] for row in rows], np.uint8)


def random_cells(random):
    """RGBA of up to 11 x 11 cells without any order, half of them transparent."""
    sprite = random.integers(0, 256, (*random.integers(1, 12, 2), 4), dtype=np.uint8)
    sprite[..., 3] = random.choice([0, 255], sprite.shape[:2])
    sprite[sprite[..., 3] == 0] = 0
    return sprite


def walk(random, size, steps):
    """A line along the sides of cells, full of doubled corners: bool ``(size, size)``."""
    line = np.zeros((size, size), bool)
    place = np.array([size // 2, size // 2])
    for _ in range(steps):
        line[tuple(place)] = True
        place = np.clip(place + [(0, 1), (1, 0), (0, -1), (-1, 0)][random.integers(4)], 0, size - 1)
    return line


def shaded_sprite(seed=0, side=24, channels=3):
    """A blob with an outline and a few flat colours, with single pixels on it."""
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.normal(size=(side, side)), 1.5)
    shape = noise + 0.25 - 0.6 * np.hypot(*(np.mgrid[:side, :side] - side / 2)) / side > 0
    palette = rng.integers(40, 256, (5, 3))
    image = np.full((side, side, 4), (90, 140, 200, 255), np.uint8)
    image[..., :3][shape] = palette[rng.integers(0, 5, (side, side))][shape]
    image[shape & ~ndimage.binary_erosion(shape), :3] = 10
    if channels == 4:
        image[~shape] = 0
    return np.ascontiguousarray(image[..., :channels])


def middles(image, *, cell_size, size):
    """The pixel in the middle of every 8 x 8, which misses thin lines."""
    sprite = np.ascontiguousarray(np.asarray(image)[4::8, 4::8])
    return Reduced(Image.fromarray(sprite), (8.0, 8.0), fills=True)


def every_pixel(image, *, cell_size, size):
    """The image itself, alpha made hard, as if each of its pixels were a cell."""
    pixels = np.array(image)
    if pixels.shape[2] == 4:
        pixels[..., 3] = np.where(pixels[..., 3] >= 128, 255, 0)
        pixels[pixels[..., 3] == 0] = 0
    return Reduced(Image.fromarray(pixels), (1.0, 1.0))


def opaque_colors(frames):
    """The colours that can be seen in any of the frames, a set of triples."""
    pixels = np.concatenate([frame.reshape(-1, frame.shape[2]) for frame in frames])
    opaque = pixels[pixels[:, 3] == 255] if pixels.shape[1] == 4 else pixels
    return set(map(tuple, opaque[:, :3].tolist()))


def ball(column, background=(70, 130, 80)):
    """A light square on a flat ground."""
    frame = np.full((12, 24, 3), background, np.uint8)
    frame[4:8, column : column + 4] = (250, 240, 160)
    return frame


def blobs(seed, size=(20, 24), colors=5, alpha=True):
    """Random blobs of few colours, on transparency."""
    random = np.random.default_rng(seed)
    coarse = (
        random.integers(0, colors, (size[0] // 2, size[1] // 2)).repeat(2, axis=0).repeat(2, axis=1)
    )
    coarse = np.where(random.random(size) < 0.4, random.integers(0, colors, size), coarse)
    pixels = random.integers(0, 256, (colors, 3), dtype=np.uint8)[coarse]
    if not alpha:
        return pixels
    y, x = np.ogrid[: size[0], : size[1]]
    opaque = (y - size[0] / 2) ** 2 + (x - size[1] / 2) ** 2 < (min(size) / 2 - 2) ** 2
    return np.dstack([pixels * opaque[..., None], np.where(opaque, 255, 0)]).astype(np.uint8)


def cell_means(smooth, factor):
    """What alpha lets be seen of every cell."""
    alpha = smooth[..., 3:] / 255 if smooth.shape[2] == 4 else np.ones((*smooth.shape[:2], 1))
    height, width = (side // factor for side in smooth.shape[:2])

    def sums(values):
        return values.reshape(height, factor, width, factor, -1).sum(axis=(1, 3))

    return (sums(smooth[..., :3] * alpha) / np.maximum(sums(alpha), 1e-9)).round().astype(np.uint8)


def read_csv(path):
    """The rows of a table, dictionaries."""
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def json_lines(text):
    """What ``--json`` prints: an object per line."""
    return [json.loads(line) for line in text.splitlines()]
