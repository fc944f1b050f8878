"""What a picture shows in the cells of a sprite, and which cells are alike: for all that looks at
networks' cells afterwards.
"""

from collections.abc import Callable

import numpy as np

from pixelization.cells.sizes import Size

NEAR = 48  # levels by which alike colours may differ in a channel
CONTRAST = 64  # levels between a shape and what is around it, at least in one channel
SAMPLES = 8  # per side of a cell


def samples(
    pixels: np.ndarray, grid: Size, rows: np.ndarray, columns: np.ndarray, per_cell: int
) -> np.ndarray:
    """The pixels at these places.

    Args:
        pixels: the picture, ``(H, W, 4)``.
        grid: size of the sprite in cells.
        rows, columns: of samples, ``per_cell`` to a side of a cell; they broadcast. Those off the
            picture are taken from its border.
        per_cell: samples along a side of a cell.
    """
    down, across = (
        ((2 * sample + 1) * side // (2 * count * per_cell)).clip(0, side - 1)
        for sample, side, count in zip((rows, columns), pixels.shape, grid, strict=False)
    )
    return np.asarray(pixels[down, across])


def weighed(colors: np.ndarray) -> np.ndarray:
    """RGBA ``(..., 4)`` as int16, colours multiplied by alpha: where nothing is, all are 0."""
    many = colors.astype(np.int16)
    if (colors[..., 3] < 255).any():
        product = colors[..., :3].astype(np.uint16) * colors[..., 3:]
        many[..., :3] = (product + 1 + (product >> 8)) >> 8  # a 255th of it, rounded down
    return many


def planes(sprite: np.ndarray) -> np.ndarray:
    """A sprite ``(h, w, 4)``, :func:`weighed`, as ``(4, h, w)``, which is faster to compare."""
    return np.ascontiguousarray(weighed(sprite).transpose(2, 0, 1))


def alike(cells: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which have nearly the same colour, or are both transparent; ``(4, ...)`` :func:`weighed`."""
    return np.asarray(np.abs(cells - others).max(axis=0, initial=0) <= NEAR)


def shares(
    pixels: np.ndarray, grid: Size, place: np.ndarray, own: np.ndarray, ground: np.ndarray
) -> np.ndarray:
    """How much the samples of cells are of their own colour in the picture rather than of what is
    around, in [0, 1], ``(n, 8, 8)``.

    Args:
        pixels: the picture.
        grid: size of the sprite in cells.
        place: of ``n`` cells, ``(2, n)``.
        own, ground: colours of these and of what is around them, ``(4, n)``.
    """
    rows, columns = place[..., None] * SAMPLES + np.arange(SAMPLES)
    shown = weighed(samples(pixels, grid, rows[..., None], columns[:, None], SAMPLES))
    way = (own - ground).astype(np.float32).T
    share = np.einsum("nyxc,nc->nyx", shown - ground.T[:, None, None], way)
    share /= np.square(way).sum(axis=1)[:, None, None]
    return np.asarray(share.clip(0, 1))


def of_three(pairs: np.ndarray) -> np.ndarray:
    """Which pairs of neighbours along a row, bool ``(h, w - 1)``, have another one beside them:
    two pairs are three cells."""
    longer = np.zeros_like(pairs)
    longer[:, 1:] |= pairs[:, :-1]
    longer[:, :-1] |= pairs[:, 1:]
    return np.asarray(pairs & longer)


def both_ways(
    level: Callable[[np.ndarray, np.ndarray], np.ndarray], pixels: np.ndarray, sprite: np.ndarray
) -> np.ndarray:
    """Mend what is level, and then, in the same way, what is upright.

    Args:
        level: gives a new sprite of a picture and a sprite, or the same one.
        pixels, sprite: uint8 RGBA.

    Returns:
        A new sprite, or the same one where nothing is to be done.
    """
    mended = level(pixels, sprite)
    turned = mended.swapaxes(0, 1)
    upright = level(pixels.swapaxes(0, 1), turned)
    return mended if upright is turned else np.ascontiguousarray(upright.swapaxes(0, 1))
