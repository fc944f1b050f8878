"""Mixing the colours of a palette by patterns of pixels."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import as_strided
from scipy.spatial import cKDTree

from pixelization.color.oklab import perceptual
from pixelization.images.sprites import painted, sprite_colors
from pixelization.palettes.assignment import apply_palette, distinct, nearest_point, unique_colors
from pixelization.palettes.names import DITHERS
from pixelization.palettes.palette import Palette

# in [0, 1): weight of the contrast inside a pattern against the error of its mean colour
RELUCTANCE = 0.4
PARTNERS = 24  # nearest colours of the palette with which a colour may be mixed
# Where a palette's colour stands well enough for another, so that less error is spread:
SIMILAR = 0.1  # distance, and
ASIDE = 1 / 3  # share of the way to the next colour of the palette

# Where the error of a pixel goes: (rows down, columns right, share).
KERNELS = {
    "floyd-steinberg": ((0, 1, 7 / 16), (1, -1, 3 / 16), (1, 0, 5 / 16), (1, 1, 1 / 16)),
    "atkinson": (
        (0, 1, 1 / 8),
        (0, 2, 1 / 8),
        (1, -1, 1 / 8),
        (1, 0, 1 / 8),
        (1, 1, 1 / 8),
        (2, 0, 1 / 8),
    ),
}


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
    generation"; Floyd and Steinberg 1976; Atkinson's filter as in HyperScan, 1987.
    """
    if kind not in DITHERS:
        raise ValueError(f"no dither '{kind}': choose one of {', '.join(DITHERS)}")
    if not 0 <= strength <= 1:
        raise ValueError(f"a dither's strength is from 0 to 1, not {strength}")
    if kind == "none" or strength == 0:
        return apply_palette(sprite, palette)
    if kind in KERNELS:
        return _diffused(sprite, palette, KERNELS[kind], strength)
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
        # Made by void-and-cluster with a Gaussian of 1.5 pixels: the code is in the tests.
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

    A mix of the nearest shade p with a share t of another, q, is as bad as ``|v - t d|² + r t (1 -
    t) |d|²``, with v from p to the colour, d from p to q: the error of the mean plus r times the
    variance of the pattern, so that distant colours do not make garish checkerboards. It is least
    at ``t = (v·u - r |d| / 2) / ((1 - r) |d|)``, u being the direction of d, and gains ``(1 - r)
    |d|² t²`` over p alone. Half of the way stays half; close to p (t <= 0) nothing gains. r = 1 never mixes.

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
    lengths, partners = cKDTree(points).query(points, k=min(len(shades), 1 + PARTNERS))
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


def _diffused(sprite: np.ndarray, palette: Palette, kernel: tuple, strength: float) -> np.ndarray:
    """Error diffusion as if pixel after pixel, row after row, but a whole diagonal at a time.

    Whatever sends its error to a pixel has a smaller ``x + 2 y``, so all pixels of equal ``x + 2
    y`` can be calculated at once::

        0 1 2 3 4
        2 3 4 5 6
        4 5 6 7 8

    Arrays have an axis of these diagonals and one of rows. Along them, what goes ``right`` and
    ``down`` in the sprite comes ``right + 2 down`` diagonals later, ``down`` rows below. Diagonals
    are short: a sprite of 64x64 pixels has 190. So what counts is how few calls of NumPy each
    takes: one product gathers all errors, another compares all shades, one write sends the error
    on, and what is constant is repeated in advance.
    """
    height, width = sprite.shape[:2]
    shades = unique_colors(palette)
    points = perceptual(shades)
    colors, index = distinct(sprite_colors(sprite))
    wanted = perceptual(colors)
    spread = strength * _unlikeness(wanted, points)[index]
    if sprite.shape[2] == 4:
        spread *= sprite[..., 3] > 0

    # The shade p nearest to the value v has the least |p|² / 2 - v·p. With a fourth coordinate of 1
    # in v, that is a product: (v, 1)·(-p, |p|² / 2). In the shades themselves it is 1 too, so that
    # the error, v - p, has 0.
    farness = np.column_stack([-points, (points**2).sum(axis=1) / 2]).T
    points, wanted = np.insert(points, 3, 1, axis=1), np.insert(wanted, 3, 1, axis=1)
    # A palette cannot make up for errors beyond its range: they would add up and smear far over the
    # sprite.
    low, high = np.tile(points.min(axis=0), height), np.tile(points.max(axis=0), height)

    diagonals = width + 2 * height - 2
    # what lies beside the sprite is not looked at
    values, weights = np.empty((2, diagonals, height, 4))
    _by_pixel(values, width)[...] = wanted[index]
    _by_pixel(weights, width)[...] = spread[..., None]
    choices = np.empty((diagonals, height), np.int64)

    # errors[reach + diagonal, down] is what the diagonal sends ``down`` rows below, stored at the
    # rows that it goes to. So all that a diagonal gets lies in the ``reach`` diagonals before it,
    # at its own rows; the first of them finds zeros.
    copies, reach = (
        1 + max(down for down, _, _ in kernel),
        max(right + 2 * down for down, right, _ in kernel),
    )
    # the four coordinates of all rows in one line
    errors = np.zeros((reach + diagonals, copies, 4 * (height + copies)))
    shares = np.zeros((reach, copies))
    for down, right, share in kernel:
        shares[-(right + 2 * down), down] = share  # counted from the end: -1 is the diagonal before
    lines, shares = errors.reshape(-1, errors.shape[2]), shares.ravel()
    # The same memory for the sender: each copy begins one row later, so that all of them lie at the
    # sender's rows.
    by_diagonal, by_copy, by_number = errors.strides
    outgoing = as_strided(
        errors[reach:],
        (diagonals, copies, 4 * height),
        (by_diagonal, by_copy + 4 * by_number, by_number),
    )

    by_diagonals = zip(
        values.reshape(diagonals, -1), weights.reshape(diagonals, -1), choices, outgoing
    )
    for diagonal, (value, weight, choice, sent) in enumerate(by_diagonals):
        # its rows that are in the sprite
        first, end = max(0, (diagonal - width) // 2 + 1), min(height, diagonal // 2 + 1)
        part = slice(4 * first, 4 * end)
        value = value[part]
        value += shares.dot(lines[copies * diagonal : copies * (diagonal + reach), part])
        np.maximum(value, low[part], out=value)
        np.minimum(value, high[part], out=value)
        best = value.reshape(-1, 4).dot(farness).argmin(axis=1, out=choice[first:end])
        value -= points.take(best, axis=0).ravel()
        value *= weight[part]
        sent[:, part] = value
    return painted(sprite, shades[_by_pixel(choices, width)])


def _by_pixel(diagonals: np.ndarray, width: int) -> np.ndarray:
    """What is stored by diagonal ``x + 2 y`` and row, ``(w + 2 h - 2, h, ...)``, seen by row and
    column: ``(h, w, ...)``.

    One column to the right is one diagonal on; one row down is two diagonals and one row on.
    """
    step, row, *rest = diagonals.strides
    return as_strided(
        diagonals, (diagonals.shape[1], width, *diagonals.shape[2:]), (2 * step + row, step, *rest)
    )


def _unlikeness(colors: np.ndarray, shades: np.ndarray) -> np.ndarray:
    """How much of its error each colour spreads, in [0, 1].

    Without this, a white sheet in a palette whose white is a little off would be sprinkled with
    blue dots.
    """
    # squared distances to the nearest shade and to the next
    first, second = np.full((2, len(colors)), np.inf)
    squares = (colors**2).sum(axis=1)
    for shade in shades:
        distance = squares - (colors @ (2 * shade) - shade @ shade)
        second = np.minimum(second, np.maximum(first, distance))
        first = np.minimum(first, distance)
    first, second = np.sqrt(np.maximum(first, 0)), np.sqrt(second)
    return np.minimum(1, np.maximum(first / SIMILAR, first / (first + second) / ASIDE) ** 2)
