"""The colours near a cell that it may take, in numpy: what the networks on the grid choose from.

It is the arithmetic of ``networks/candidates.py``, by which they are trained, on one picture and in
half of the time that graphs of tensors need. Tests compare the two.
"""

from typing import NamedTuple

import numpy as np

from pixelization.cells.lattice import COLORED, SAMPLES

BLOCK = SAMPLES // 2  # samples per side of a block, of which one stands for all
MARGIN = SAMPLES // 2  # samples around the cell whose colours it may take, too
PER_CELL = SAMPLES // BLOCK
PER_WINDOW = (SAMPLES + 2 * MARGIN) // BLOCK
WINDOW, PLAIN = PER_WINDOW**2, PER_CELL**2
NEARBY = WINDOW + PLAIN  # candidates that lie near a cell
STEPS = 510
"""Integers from -510 to 510 stand for [-1, 1], four to a level of uint8: so whatever counts, in
whatever order, finds the same samples farthest, and means of equal samples are equal.
"""


class Near(NamedTuple):
    """What lies in and near cells.

    Attributes:
        samples: candidates, RGBA float32 ``(1, 20, 4, h, w)`` in [-1, 1].
        flat: which cells have a window of one colour and opacity, bool ``(h, w)``.
    """

    samples: np.ndarray
    flat: np.ndarray


def near_candidates(lattice: np.ndarray, weighed: np.ndarray) -> Near:
    """The candidates of every cell that lie near it.

    They are 16 extremes of its window of 2 x 2 cells, then 4 plain samples. Of every block of half
    a cell the sample farthest from the mean of 3 x 3 blocks is taken, which is hardly ever a
    mixture of two colours. The plain samples are those amid the blocks of the cell itself.

    Args:
        lattice: RGBA float32 ``(1, 4, 8 h, 8 w)`` in [-1, 1].
        weighed: the same, :func:`~pixelization.cells.lattice.multiplied`.
    """
    samples = lattice[0]
    height, width = samples.shape[1] // SAMPLES, samples.shape[2] // SAMPLES
    places, flat = _looked_at(weighed[0])
    # Blocks that begin cells apart from others, by rows and by columns: windows are slices then.
    places = places.reshape(height + 1, PER_CELL, width + 1, PER_CELL)
    extremes = samples.reshape(4, -1).take(places.transpose(1, 3, 0, 2), axis=1)
    near = np.empty((NEARBY, 4, height, width), np.float32)
    for number, (y, x) in enumerate(np.ndindex(PER_WINDOW, PER_WINDOW)):
        (down, row), (across, column) = divmod(y, PER_CELL), divmod(x, PER_CELL)
        near[number] = extremes[:, row, column, down : down + height, across : across + width]
    middle = slice(BLOCK // 2, None, BLOCK)
    plain = samples[:, middle, middle].reshape(4, height, PER_CELL, width, PER_CELL)
    near[WINDOW:] = plain.transpose(2, 4, 0, 1, 3).reshape(PLAIN, 4, height, width)
    return Near(near[None], flat)


def settle(near: Near) -> tuple[np.ndarray, np.ndarray]:
    """Decide without a network what has no choice: cells with a window of one colour, or of none.

    Returns:
        A sprite, RGBA float32 ``(1, 4, h, w)`` in [-1, 1], alpha -1 or 1, colour 0 where nothing
        is; and the numbers of the cells that have a choice, int64 ``(n,)``, counted along the rows.
        What the sprite has in these means nothing.
    """
    alpha = near.samples[0, :, 3]
    empty = (alpha <= COLORED).all(axis=0)
    opaque = (alpha >= -COLORED).all(axis=0)
    sprite = near.samples[:, 0] * ~empty
    sprite[:, 3] = np.where(empty, -1, 1)
    return sprite, np.flatnonzero(~(empty | (near.flat & opaque)))


def _looked_at(weighed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where in ``(4, 8 h, 8 w)`` the extremes of its blocks are, int ``(2 h + 2, 2 w + 2)``, and
    which windows are flat, bool ``(h, w)``.

    Places count along the rows. The margin repeats the border.
    """
    height, width = weighed.shape[1:]
    shape = (height + 2 * MARGIN) // BLOCK, (width + 2 * MARGIN) // BLOCK
    # Alpha, where all is opaque, has no sample that is apart.
    planes = [plane for plane in weighed if plane.min() < 1]
    blocks = np.empty((len(planes), shape[0], BLOCK, BLOCK * shape[1]), np.int16)
    sums = np.empty((len(planes), *shape), np.int32)
    even, colors = np.ones(shape, bool), np.zeros(shape, np.int64)
    steps = np.empty((height, width), np.float32)
    for plane, inside, sum_ in zip(planes, blocks, sums, strict=True):  # one stays in the cache
        np.multiply(plane, np.float32(STEPS), out=steps)
        _put(np.rint(steps, out=steps), inside.reshape(BLOCK * shape[0], -1), MARGIN)
        sum_[:] = _by_block(inside, np.add, np.int32)
        highest = _by_block(inside, np.maximum, np.int16)
        even &= sum_ == BLOCK**2 * highest
        colors = colors * (2 * STEPS + 1) + highest  # one number for all channels
    apart = np.zeros(blocks.shape[1:], np.int16)
    for inside, mean in zip(blocks, _means(sums), strict=True):
        inside -= mean.repeat(BLOCK, axis=1)[:, None]
        apart += np.abs(inside, out=inside)
    flat = _by_window(even, np.logical_and)
    flat &= _by_window(colors, np.maximum) == _by_window(colors, np.minimum)
    # Their place is in the last digits, the first of them highest: so the maximum tells it.
    numbers = np.arange(BLOCK**2, dtype=np.uint16).reshape(BLOCK, BLOCK)
    keys = apart.view(np.uint16)
    keys <<= 4
    keys += np.tile(numbers[::-1, ::-1], apart.shape[2] // BLOCK)
    number = ~_by_block(keys, np.maximum, np.int32) & (BLOCK**2 - 1)
    y, x = number // BLOCK, number & (BLOCK - 1)
    y += np.arange(-MARGIN, height + MARGIN, BLOCK, dtype=np.int32)[:, None]
    x += np.arange(-MARGIN, width + MARGIN, BLOCK, dtype=np.int32)
    return y.clip(0, height - 1) * width + x.clip(0, width - 1), flat


def _by_block(blocks: np.ndarray, reduced: np.ufunc, dtype: type) -> np.ndarray:
    """Sums or extremes of blocks: ``(m, 4, 4 n)`` to ``(m, n)``, by rows of blocks."""
    rows = reduced.reduce(blocks, axis=1, dtype=blocks.dtype)
    return np.asarray(reduced.reduce([rows[:, x::BLOCK] for x in range(BLOCK)], dtype=dtype))


def _by_window(blocks: np.ndarray, reduced: np.ufunc) -> np.ndarray:
    """Extremes of the windows of cells: ``(2 h + 2, 2 w + 2)`` to ``(h, w)``."""
    for _ in range(2):  # downwards, then across
        last = len(blocks) - PER_WINDOW + 1
        starts = [blocks[y : last + y : PER_CELL] for y in range(PER_WINDOW)]
        blocks = reduced.reduce(starts).swapaxes(0, 1)
    return blocks


def _means(sums: np.ndarray) -> np.ndarray:
    """Sums of blocks, int32 ``(C, m, n)``, to means of the 3 x 3 blocks around, int16."""
    padded = np.empty((len(sums), sums.shape[1] + 2, sums.shape[2] + 2), np.int32)
    for plane, inside in zip(sums, padded, strict=True):
        _put(plane, inside, 1)
    total = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    total = total[..., :-2] + total[..., 1:-1] + total[..., 2:]
    count = (3 * BLOCK) ** 2
    return ((total + count // 2) // count).astype(np.int16)


def _put(plane: np.ndarray, inside: np.ndarray, margin: int) -> None:
    """A plane into a larger one, with its border repeated; ``np.pad`` takes several times as
    long.
    """
    amid = slice(margin, -margin)
    inside[amid, amid] = plane
    inside[amid, :margin], inside[amid, -margin:] = plane[:, :1], plane[:, -1:]
    inside[:margin], inside[-margin:] = inside[margin], inside[-margin - 1]
