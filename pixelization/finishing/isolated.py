"""Stray pixels take the colour of their surroundings."""

import math

import numpy as np

from pixelization.cells.neighbours import OTHERS
from pixelization.finishing.likeness import ALIKE_DISTANCE, cell_features, similar_neighbours
from pixelization.images.sprites import check_sprite

AGREE = 0.75  # share of the neighbours that must look alike
CHUNK = 4096  # cells compared at once, which bounds the memory
REACH = 8  # cells between the two pixels of a pair, at most


def remove_isolated(sprite: np.ndarray, *, contrast: float = 0.25) -> np.ndarray:
    """Remove single pixels that belong to nothing around them.

    A pixel is isolated if it looks like none of its eight neighbours (perceptual distance above
    0.06). It is removed, which means that it takes the most frequent colour around it, if three
    quarters of its neighbours look alike and it differs from them by at most ``contrast``. Pixels
    that stand out more are taken for details (a black eye, a highlight, a star) and stay, and so do
    pairs: isolated pixels that look alike, in one row, at most eight cells apart (eyes, nostrils,
    buttons). A lone opaque pixel in transparency goes and a hole of one transparent pixel is
    filled, at any contrast.

    This is repeated until nothing changes, so a second call has nothing to do. Every colour that is
    given is that of a neighbour. Dithering consists of isolated pixels: clean up before it.

    Args:
        sprite: uint8 ``(h, w, 3)`` or ``(h, w, 4)``.
        contrast: the largest perceptual distance (black to white is 1) at which a pixel counts as
            stray; ``math.inf``: all do, pairs included.

    Returns:
        uint8, shape of ``sprite``.
    """
    check_sprite(sprite)
    result, features = sprite.copy(), cell_features(sprite)
    # This ends: a pixel that changes takes the colour of a neighbour that is not isolated, hence
    # stays as it is; and what any other pixel looks like is not isolated either and stays. So every
    # round leaves fewer isolated pixels.
    while True:
        cells, givers = _strays(features, contrast)
        if cells.size == 0:
            return result
        y, x = cells
        from_y, from_x = givers
        result[y, x] = result[from_y, from_x]
        features[:, y, x] = features[:, from_y, from_x]


def _strays(features: np.ndarray, contrast: float) -> tuple[np.ndarray, np.ndarray]:
    """The cells to change and the neighbours that give them their colours.

    Rows and columns ``(2, n)`` of each.
    """
    isolated = ~similar_neighbours(features).any(axis=(0, 1))  # with a border, as all that follows
    width = isolated.shape[1]
    # the border is like nothing
    framed = np.full((len(features), isolated.size), np.nan, np.float32)
    framed.reshape(-1, *isolated.shape)[:, 1:-1, 1:-1] = features
    cells = np.flatnonzero(isolated & ~np.isnan(framed[0]).reshape(isolated.shape))
    steps = np.array([dy * width + dx for dy, dx in OTHERS])
    neighbours = cells + steps[:, None]  # (8, n)
    near = framed.take(neighbours, axis=1)  # (4, 8, n)
    # How many of its cell's neighbours, itself included, look like a neighbour, and how many have
    # exactly its colour.
    supporters, copies = (np.empty(neighbours.shape, np.int64) for _ in range(2))
    for start in range(0, len(cells), CHUNK):
        part = slice(start, start + CHUNK)
        difference = near[:, :, None, part] - near[:, None, :, part]
        distance = np.einsum("cijn,cijn->ijn", difference, difference)
        (distance <= ALIKE_DISTANCE**2).sum(axis=1, out=supporters[:, part])
        (distance == 0).sum(axis=1, out=copies[:, part])
    rank = 16 * supporters + copies - near[0] / 2  # the darkest among equals
    rank[isolated.take(neighbours)] = -1  # may not give, nor may the border
    best = (rank.argmax(axis=0), np.arange(len(cells)))
    giver, support, count = neighbours[best], supporters[best], (~np.isnan(near[0])).sum(axis=0)

    own, given = framed.take(cells, axis=1), near[(slice(None), *best)]
    was_clear, gets_clear = own[3] > 0, given[3] > 0
    stray = support >= AGREE * count
    stray &= np.sqrt(((own - given) ** 2).sum(axis=0)) <= contrast
    if contrast < math.inf:
        stray &= ~_paired(*np.divmod(cells, width), own)
    lone = support == count
    hole = count == len(OTHERS)
    chosen = np.where(was_clear, hole, np.where(gets_clear, lone, stray)) & (rank[best] >= 0)
    return _places(cells[chosen], width), _places(giver[chosen], width)


def _places(index: np.ndarray, width: int) -> np.ndarray:
    """Rows and columns of the sprite, ``(2, n)``, of indices into the array with a border."""
    return np.stack(np.divmod(index, width)) - 1


def _paired(rows: np.ndarray, columns: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Which of the cells, in reading order, have one that looks like them before or after them in
    the same row.
    """
    pair = (np.diff(rows) == 0) & (np.diff(columns) <= REACH)
    pair &= (np.diff(features, axis=1) ** 2).sum(axis=0) <= ALIKE_DISTANCE**2
    return np.append(pair, False) | np.append(False, pair)
