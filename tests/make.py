"""Sprites, drawings and palettes that many tests work with."""

import numpy as np
from PIL import Image

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
