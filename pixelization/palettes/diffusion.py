"""Error diffusion: what a pixel's colour is off by goes to the pixels after it.

It is published as a pixel at a time. Here it is a whole diagonal at a time, which gives the same in
a hundredth of the time; a test holds both together.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from pixelization.color.oklab import perceptual
from pixelization.images.sprites import painted, sprite_colors
from pixelization.palettes.assignment import distinct, unique_colors
from pixelization.palettes.palette import Palette

Kernel = tuple[tuple[int, int, float], ...]

# Where the error of a pixel goes: (rows down, columns right, share).
KERNELS: dict[str, Kernel] = {
    # Floyd and Steinberg 1976, "An Adaptive Algorithm for Spatial Greyscale"
    "floyd-steinberg": ((0, 1, 7 / 16), (1, -1, 3 / 16), (1, 0, 5 / 16), (1, 1, 1 / 16)),
    # Atkinson's filter as in HyperScan, 1987; a quarter of the error is dropped
    "atkinson": (
        (0, 1, 1 / 8),
        (0, 2, 1 / 8),
        (1, -1, 1 / 8),
        (1, 0, 1 / 8),
        (1, 1, 1 / 8),
        (2, 0, 1 / 8),
    ),
}

# Where a palette's colour stands well enough for another, so that less error is spread:
SIMILAR = 0.1  # distance, and
ASIDE = 1 / 3  # share of the way to the next colour of the palette


def diffused(sprite: np.ndarray, palette: Palette, kernel: Kernel, strength: float) -> np.ndarray:
    """A sprite in the colours of a palette, by error diffusion.

    Args:
        sprite: uint8 ``(h, w, 3)``, or ``(h, w, 4)`` with alpha 0 or 255.
        palette: whose colours opaque pixels get.
        kernel: of ``KERNELS``.
        strength: in [0, 1]: how much of its error a pixel hands on. Colours that the palette has
            hand on less (see ``_unlikeness``), transparent pixels nothing.

    Returns:
        uint8, shape of ``sprite``; alpha is kept, transparent pixels are (0, 0, 0, 0).

    Whatever sends its error to a pixel has a smaller ``x + 2 y``. So all pixels of equal
    ``x + 2 y`` can be calculated at once::

        0 1 2 3 4
        2 3 4 5 6
        4 5 6 7 8

    Arrays have an axis of these diagonals and one of rows. Along them, what goes ``right`` and
    ``down`` in the sprite comes ``right + 2 down`` diagonals later, ``down`` rows below. Diagonals
    are short: a sprite of 64x64 pixels has 190. So what counts is how few calls of NumPy each
    takes. One product gathers all errors, another compares all shades, one write sends the error
    on. What is constant is repeated in advance.
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
    values, weights = values.reshape(diagonals, -1), weights.reshape(diagonals, -1)
    choices = np.empty((diagonals, height), np.int64)

    shares = _shares(kernel)
    reach, copies = shares.shape
    received, outgoing = _mail(diagonals, height, reach, copies)
    for diagonal in range(diagonals):
        # its rows that are in the sprite
        first, end = max(0, (diagonal - width) // 2 + 1), min(height, diagonal // 2 + 1)
        part = slice(4 * first, 4 * end)
        before = received[copies * diagonal : copies * (diagonal + reach), part]
        value = values[diagonal, part]
        value += shares.ravel().dot(before)
        np.maximum(value, low[part], out=value)
        np.minimum(value, high[part], out=value)
        choice = choices[diagonal, first:end]
        best = value.reshape(-1, 4).dot(farness).argmin(axis=1, out=choice)
        value -= points.take(best, axis=0).ravel()
        value *= weights[diagonal, part]
        outgoing[diagonal][:, part] = value
    return painted(sprite, shades[_by_pixel(choices, width)])


def _shares(kernel: Kernel) -> np.ndarray:
    """What a diagonal gets of those before it: float64 ``(reach, copies)``.

    The last row is of the diagonal just before it, the first of the one ``reach`` before. Column
    ``down`` is of what was sent ``down`` rows below.
    """
    reach = max(right + 2 * down for down, right, _ in kernel)
    copies = 1 + max(down for down, _, _ in kernel)
    shares = np.zeros((reach, copies))
    for down, right, share in kernel:
        shares[-(right + 2 * down), down] = share  # counted from the end
    return shares


def _mail(diagonals: int, height: int, reach: int, copies: int) -> tuple[np.ndarray, np.ndarray]:
    """One memory of errors, seen by those who get them and by those who send them.

    ``errors[reach + diagonal, down]`` is what the diagonal sends ``down`` rows below, stored at the
    rows that it goes to. So all that a diagonal gets lies in the ``reach`` diagonals before it, at
    its own rows. The first of them finds zeros.

    Returns:
        By receiver, ``((reach + diagonals) * copies, 4 * (height + copies))``: the four coordinates
            of all rows in one line. By sender, ``(diagonals, copies, 4 * height)``: each copy
            begins one row later, so that all of them lie at the sender's rows.
    """
    errors = np.zeros((reach + diagonals, copies, 4 * (height + copies)))
    by_diagonal, by_copy, by_number = errors.strides
    outgoing = as_strided(
        errors[reach:],
        (diagonals, copies, 4 * height),
        (by_diagonal, by_copy + 4 * by_number, by_number),
    )
    return errors.reshape(-1, errors.shape[2]), outgoing


def _by_pixel(diagonals: np.ndarray, width: int) -> np.ndarray:
    """What is stored by diagonal and row, seen by pixel: ``(h, w, ...)``.

    One column to the right is one diagonal on. One row down is two diagonals and one row on.
    """
    step, row, *rest = diagonals.strides
    return as_strided(
        diagonals, (diagonals.shape[1], width, *diagonals.shape[2:]), (2 * step + row, step, *rest)
    )


def _unlikeness(colors: np.ndarray, points: np.ndarray) -> np.ndarray:
    """How much of its error each colour spreads, in [0, 1].

    Without this, a white sheet in a palette whose white is a little off would be sprinkled with
    blue dots.

    Args:
        colors, points: of the sprite and of the palette, ``(n, 3)`` and ``(m, 3)``, perceptual.
    """
    # squared distances to the nearest shade and to the next
    first, second = np.full((2, len(colors)), np.inf)
    squares = (colors**2).sum(axis=1)
    for point in points:
        distance = squares - (colors @ (2 * point) - point @ point)
        second = np.minimum(second, np.maximum(first, distance))
        first = np.minimum(first, distance)
    first, second = np.sqrt(np.maximum(first, 0)), np.sqrt(second)
    return np.minimum(1, np.maximum(first / SIMILAR, first / (first + second) / ASIDE) ** 2)
