"""Sprites, drawings and palettes that many tests work with."""

import numpy as np

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
