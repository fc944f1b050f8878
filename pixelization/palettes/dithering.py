"""Mixing the colours of a palette by patterns of pixels: one door to all kinds of dithering."""

from functools import cache
from pathlib import Path

import numpy as np
import scipy

from pixelization.color.oklab import perceptual
from pixelization.images.sprites import painted, sprite_colors
from pixelization.palettes.assignment import apply_palette, distinct, nearest_point, unique_colors
from pixelization.palettes.diffusion import KERNELS, diffused
from pixelization.palettes.names import DITHERS
from pixelization.palettes.palette import Palette

# in [0, 1): weight of the contrast inside a pattern against the error of its mean colour
RELUCTANCE = 0.4
PARTNERS = 24  # nearest colours of the palette with which a colour may be mixed


def dither(
    sprite: np.ndarray, palette: Palette, kind: str = "none", strength: float = 1.0
) -> np.ndarray:
    """Draw a sprite in the colours of a palette, mixing them by a pattern.

    The ordered kinds (bayer, blue-noise) decide for every colour of the sprite which two colours of
    the palette it lies between, and in which ratio; a threshold matrix, repeated from the upper
    left corner, then picks one of them for each pixel. So a pixel depends on its own colour and
    place only, which keeps animations still, and colours near to one of the palette stay flat. The
    others spread the error of each pixel to pixels right and below that are not transparent. Both
    calculate in the space of ``oklab.perceptual``.

    Args:
        sprite: uint8 ``(h, w, 3)``, or ``(h, w, 4)`` with alpha 0 or 255.
        palette: whose colours opaque pixels get.
        kind: one of ``DITHERS``; "none" is :func:`apply_palette`.
        strength: in [0, 1]: how ready the ordered kinds are to mix, how much error the others
            spread; 0 is "none".

    Returns:
        uint8, shape of ``sprite``; alpha is kept, transparent pixels are (0, 0, 0, 0).

    Raises:
        ValueError: an array of another kind, no such ``kind``, or a strength out of range.

    Source: Bayer 1973 (matrices); Ulichney 1993, "The void-and-cluster method for dither array
    generation"; of error diffusion, ``palettes/diffusion.py``.
    """
    if kind not in DITHERS:
        raise ValueError(f"no dither '{kind}': choose one of {', '.join(DITHERS)}")
    if not 0 <= strength <= 1:
        raise ValueError(f"a dither's strength is from 0 to 1, not {strength}")
    if kind == "none" or strength == 0:
        return apply_palette(sprite, palette)
    if kind in KERNELS:
        return diffused(sprite, palette, KERNELS[kind], strength)
    return _ordered(sprite, palette, _thresholds(kind), strength)


def bayer(side: int) -> np.ndarray:
    """Bayer's matrix.

    The ranks 0 to ``side² - 1``, int64 ``(side, side)``; ``side`` is a power of 2.
    """
    if side == 1:
        return np.zeros((1, 1), np.int64)
    return np.block([[4 * bayer(side // 2) + offset for offset in row] for row in ((0, 2), (3, 1))])


@cache
def _thresholds(kind: str) -> np.ndarray:
    """Thresholds in (0, 1), evenly spread, float64 ``(n, n)``."""
    if kind == "blue-noise":
        # made by tools/blue_noise.py
        ranks = np.load(Path(__file__).with_name("blue_noise.npy"))
    else:
        ranks = bayer(int(kind.removeprefix("bayer")))
    return (ranks + 0.5) / ranks.size


def _ordered(
    sprite: np.ndarray, palette: Palette, thresholds: np.ndarray, strength: float
) -> np.ndarray:
    colors, index = distinct(sprite_colors(sprite))
    shades = unique_colors(palette)
    shades = shades[np.argsort(perceptual(shades)[:, 0], kind="stable")]
    dark, light, share = _mixes(colors, shades, strength)
    rows, columns = (np.arange(side) % len(thresholds) for side in index.shape)
    lit = share[index] > thresholds[rows[:, None], columns]
    return painted(sprite, shades[np.where(lit, light[index], dark[index])])


def _mixes(
    colors: np.ndarray, shades: np.ndarray, strength: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The best mix of two shades for every colour.

    Let p be the nearest shade, q another, v the way from p to the colour and d that from p to q. A
    mix with a share t of q is as bad as ``|v - t d|² + r t (1 - t) |d|²``. That is the error of the
    mean plus r times the variance of the pattern, so that distant colours do not make garish
    checkerboards. It is least at ``t = (v·u - r |d| / 2) / ((1 - r) |d|)``, u being the direction
    of d, and gains ``(1 - r) |d|² t²`` over p alone. Half of the way stays half. Close to p
    (t <= 0) nothing gains. r = 1 never mixes.

    Args:
        colors: uint8 ``(n, 3)``.
        shades: uint8 ``(m, 3)``, distinct, dark to light.
        strength: in (0, 1].

    Returns:
        The darker and the lighter shade, int64 ``(n,)`` each, and the share of the lighter one,
        float64 ``(n,)``.
    """
    reluctance = 1 - strength * (1 - RELUCTANCE)
    wanted, points = perceptual(colors), perceptual(shades)
    base = nearest_point(wanted, points)
    if len(shades) == 1:
        return base, base, np.zeros(len(base))
    lengths, partners = scipy.spatial.cKDTree(points).query(
        points, k=min(len(shades), 1 + PARTNERS)
    )
    lengths, partners = lengths[:, 1:], partners[:, 1:]  # the first is the shade itself
    ways = (points[partners] - points[:, None]) / lengths[..., None]
    offsets = wanted - points[base]
    gains = (ways[base] @ offsets[..., None])[..., 0] - reluctance / 2 * lengths[base]
    best = gains.argmax(axis=1)
    partner = partners[base, best]
    share = np.maximum(gains[np.arange(len(base)), best], 0) / (
        (1 - reluctance) * lengths[base, best]
    )
    # Told from dark to light, so that the pattern goes on where a gradient passes the middle
    # between two shades.
    return (
        np.minimum(base, partner),
        np.maximum(base, partner),
        np.where(base < partner, share, 1 - share),
    )
