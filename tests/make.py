"""Sprites, drawings and palettes that many tests work with."""

import numpy as np
from PIL import Image
from scipy import ndimage

from pixelization.palettes.palette import Palette


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
