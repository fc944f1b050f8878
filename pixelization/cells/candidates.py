"""The colours near a cell that it may take, in numpy: what the networks on the grid choose from.

It is the arithmetic of ``networks/candidates.py``, by which they are trained, on one picture and in
half of the time that graphs of tensors need. Tests compare the two.
"""

import numpy as np

from pixelization.cells.lattice import COLORED, SAMPLES

BLOCK = SAMPLES // 2  # samples per side of a block, of which one stands for all
MARGIN = SAMPLES // 2  # samples around the cell whose colours it may take, too
PER_CELL = SAMPLES // BLOCK
PER_WINDOW = (SAMPLES + 2 * MARGIN) // BLOCK
WINDOW, PLAIN = PER_WINDOW**2, PER_CELL**2
STEPS = 510
"""Integers from -510 to 510 stand for [-1, 1], four to a level of uint8: so whatever counts, in
whatever order, finds the same samples farthest.
"""


def near_candidates(lattice: np.ndarray, weighed: np.ndarray) -> np.ndarray:
    """The candidates of every cell that lie near it.

    They are 16 extremes of its window of 2 x 2 cells, then 4 plain samples. Of every block of half
    a cell the sample farthest from the mean of 3 x 3 blocks is taken, which is hardly ever a
    mixture of two colours. The plain samples are those amid the blocks of the cell itself.

    Args:
        lattice: RGBA float32 ``(1, 4, 8 h, 8 w)`` in [-1, 1].
        weighed: the same, :func:`~pixelization.cells.lattice.multiplied`.

    Returns:
        RGBA float32 ``(1, 20, 4, h, w)`` in [-1, 1].
    """
    samples = lattice[0]
    height, width = samples.shape[1] // SAMPLES, samples.shape[2] // SAMPLES
    # Blocks that begin cells apart from others, by rows and by columns: windows are slices then.
    places = _farthest(weighed[0]).reshape(height + 1, PER_CELL, width + 1, PER_CELL)
    extremes = samples.reshape(4, -1).take(places.transpose(1, 3, 0, 2), axis=1)
    near = np.empty((WINDOW + PLAIN, 4, height, width), np.float32)
    for number, (y, x) in enumerate(np.ndindex(PER_WINDOW, PER_WINDOW)):
        (down, row), (across, column) = divmod(y, PER_CELL), divmod(x, PER_CELL)
        near[number] = extremes[:, row, column, down : down + height, across : across + width]
    middle = slice(BLOCK // 2, None, BLOCK)
    plain = samples[:, middle, middle].reshape(4, height, PER_CELL, width, PER_CELL)
    near[WINDOW:] = plain.transpose(2, 4, 0, 1, 3).reshape(PLAIN, 4, height, width)
    return near[None]


def settled(near: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is decided without a network: most cells of drawings have one colour to take, or none.

    Args:
        near: of :func:`near_candidates`.

    Returns:
        The sprite, RGBA float32 ``(1, 4, h, w)`` in [-1, 1], alpha -1 or 1, colour 0 where nothing
        is; and which cells have a choice, int64 ``(n,)``, counted along the rows: these are
        anything.
    """
    first, alpha = near[0, 0], near[0, :, 3]
    empty = (alpha <= COLORED).all(axis=0)
    alike = (near[0] == first).all(axis=(0, 1)) & (first[3] >= -COLORED)
    sprite = first * ~empty
    sprite[3] = np.where(empty, -1, 1)
    return sprite[None], np.flatnonzero(~(empty | alike))


def _farthest(weighed: np.ndarray) -> np.ndarray:
    """Where in ``(4, 8 h, 8 w)`` the extremes of its blocks are: int ``(2 h + 2, 2 w + 2)``.

    Places count along the rows. The margin repeats the border.
    """
    height, width = weighed.shape[1:]
    apart = _apart(weighed[0])
    for plane in weighed[1:]:
        if plane.min() < 1:  # else no sample is apart: alpha where all is opaque
            apart += _apart(plane)
    # Their place is in the last digits, the first of them highest: so the maximum tells it.
    places = np.arange(BLOCK**2, dtype=np.int16).reshape(BLOCK, BLOCK)
    keys = (apart.view(np.uint16) << 4) + np.tile(places[::-1, ::-1], apart.shape[2] // BLOCK)
    best = keys.max(axis=1)
    best = np.maximum.reduce([best[:, x::BLOCK] for x in range(BLOCK)]).astype(np.int32)
    y, x = np.divmod(BLOCK**2 - 1 - best % BLOCK**2, BLOCK)
    y += np.arange(-MARGIN, height + MARGIN, BLOCK, dtype=np.int32)[:, None]
    x += np.arange(-MARGIN, width + MARGIN, BLOCK, dtype=np.int32)
    return np.asarray(y.clip(0, height - 1) * width + x.clip(0, width - 1))


def _apart(plane: np.ndarray) -> np.ndarray:
    """How many ``STEPS`` samples ``(8 h, 8 w)`` are from the mean of the 3 x 3 blocks around.

    int16 ``(2 h + 2, 4, 8 w + 8)``, by rows of blocks. One channel stays in a processor's cache.
    """
    steps = plane * np.float32(STEPS)
    blocks = _repeated(np.rint(steps, out=steps).astype(np.int16), MARGIN)
    blocks = blocks.reshape(-1, BLOCK, blocks.shape[1])
    rows = blocks.sum(axis=1, dtype=np.int16)
    total = _repeated(np.add.reduce([rows[:, x::BLOCK] for x in range(BLOCK)], dtype=np.int32), 1)
    total = total[:-2] + total[1:-1] + total[2:]
    total = total[:, :-2] + total[:, 1:-1] + total[:, 2:]
    count = (3 * BLOCK) ** 2
    mean = ((total + count // 2) // count).astype(np.int16)
    blocks -= mean.repeat(BLOCK, axis=1)[:, None]
    return np.abs(blocks, out=blocks)


def _repeated(plane: np.ndarray, times: int) -> np.ndarray:
    """A plane with its border repeated; ``np.pad`` takes several times as long."""
    plane = np.concatenate([plane[:1].repeat(times, 0), plane, plane[-1:].repeat(times, 0)])
    ends = plane[:, :1].repeat(times, 1), plane[:, -1:].repeat(times, 1)
    return np.concatenate([ends[0], plane, ends[1]], axis=1)
