"""Cells beside each other that show the same become the same.

Networks look far, so a close decision falls this way in one cell and that way in the next, though
the picture is the same in both: the frame of a window gets teeth, and a sky's bands fray.
"""

import numpy as np

from pixelization.reducers.shown import both_ways, of_three


def unite_repeats(pixels: np.ndarray, sprite: np.ndarray) -> np.ndarray:
    """Give one colour to every level and every upright run of cells that show the same.

    Such a run has three cells and more, along which the picture does not change by one level, nor
    half a cell around them, for a line just beyond a cell may be the cell's. Its colour is the one
    that most of its cells have; of two equal parties, that of the first cell.

    Args:
        pixels: the picture, uint8 RGBA ``(H, W, 4)``.
        sprite: uint8 RGBA ``(h, w, 4)``.

    Returns:
        A new sprite, or the same one where nothing is to be done.
    """
    return both_ways(_unite_level, pixels, sprite)


def _unite_level(pixels: np.ndarray, sprite: np.ndarray) -> np.ndarray:
    colors = sprite.view(np.uint32)[..., 0]
    differ = colors[:, 1:] != colors[:, :-1]
    same = of_three(_same_as_next(pixels, sprite.shape[:2])) if differ.any() else differ
    if not (same & differ).any():
        return sprite
    begins = np.ones(colors.shape, bool)
    begins[:, 1:] = ~same
    runs = begins.cumsum() - 1
    # of every run and colour: where it is first met, and how often
    kinds = np.column_stack([runs, colors.ravel()])
    found, first, counts = np.unique(kinds, axis=0, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts, found[:, 0]))
    _, best = np.unique(found[order, 0], return_index=True)
    winners = found[order][best, 1].astype(np.uint32)
    united = winners[runs].reshape(colors.shape)
    return united[..., np.newaxis].view(np.uint8)


def _same_as_next(pixels: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Which cells, bool ``(h, w - 1)``, show what the cell at their right does: nothing changes
    along the row in both, and half a cell around.
    """
    (height, width), (rows, columns) = pixels.shape[:2], grid
    packed = pixels.view(np.uint32)[..., 0]
    halves = np.arange(2 * rows) * height // (2 * rows)
    changes = np.logical_or.reduceat(packed[:, 1:] != packed[:, :-1], halves, axis=0)
    pairs = np.pad(changes, ((1, 1), (0, 0))).reshape(rows + 1, 2, -1)
    either = np.logical_or.reduce(pairs, axis=1)
    before = np.zeros((rows, width), np.int32)
    # in a cell and half a cell above and below
    np.cumsum(either[1:] | either[:-1], axis=1, out=before[:, 1:])
    places = np.arange(columns - 1)
    first = ((2 * places - 1) * width // (2 * columns)).clip(0)
    last = (-((-2 * places - 5) * width // (2 * columns)) - 1).clip(None, width - 1)
    return np.asarray(before[:, first] == before[:, last])
