"""Cells of an image as 8 x 8 samples each, in numpy: what the networks on the grid see of it.

All engines share it, so that a picture is the same to each of them.
"""

import numpy as np

from pixelization.cells.sizes import Size

SAMPLES = 8
"""Samples per side of a cell: enough for a stroke of an eighth of a cell."""
BAND = 1 << 20  # pixels of the image that are looked at in one go; a tile may have many more


def signed(levels: np.ndarray) -> np.ndarray:
    """uint8 as float32 in [-1, 1]."""
    return levels.astype(np.float32) / np.float32(127.5) - np.float32(1)


def levels(values: np.ndarray) -> np.ndarray:
    """Floats in [-1, 1] (clipped) as uint8."""
    return ((values + np.float32(1)) * np.float32(127.5)).round().clip(0, 255).astype(np.uint8)


def lattice_part(image: np.ndarray, grid: Size, rows: slice, columns: slice) -> np.ndarray:
    """Some cells of a whole image, each looked at in 8 x 8 places.

    Pixels are repeated where a cell has fewer than eight of them a side, so that every sample is a
    real colour; where it has more, they are averaged over the samples.

    Args:
        image: uint8 ``(H, W, 4)``.
        grid: size ``(h, w)`` in cells of the whole.
        rows, columns: which cells, with a start and a stop.

    Returns:
        float32 ``(1, 4, 8 n, 8 m)`` in [-1, 1]. Its bits do not depend on which other cells are
        asked for.
    """
    height, width = image.shape[:2]
    area = height > grid[0] * SAMPLES and width > grid[1] * SAMPLES
    across = _samples(columns, grid[1], width, area)
    down = _samples(rows, grid[0], height, area)
    top, left = int(down.min()), int(across.min())
    part = image[top : int(down.max()) + 1, left : int(across.max()) + 1]
    pixels = signed(part.transpose(2, 0, 1)[None])
    down, across = down - top, across - left
    if not area:
        return np.ascontiguousarray(pixels[..., down[:, 0], :][..., across[:, 0]])
    means = _means(_means(_multiplied(pixels), across, axis=3), down, axis=2)
    return _divided(means)


def lattice_in_bands(image: np.ndarray, grid: Size, rows: slice, columns: slice) -> np.ndarray:
    """:func:`lattice_part`, by few rows of cells at a time: their pixels would take much memory."""
    pixels = image.shape[0] * image.shape[1] * (columns.stop - columns.start) / (grid[0] * grid[1])
    step = max(1, int(BAND / pixels))
    starts = range(rows.start, rows.stop, step)
    bands = (slice(start, min(start + step, rows.stop)) for start in starts)
    return np.concatenate([lattice_part(image, grid, band, columns) for band in bands], axis=2)


def _multiplied(pixels: np.ndarray) -> np.ndarray:
    """Colours multiplied by opacity, about mid-grey, ready to be averaged."""
    return np.concatenate([pixels[:, :3] * _opacity(pixels), pixels[:, 3:]], axis=1)


def _divided(pixels: np.ndarray) -> np.ndarray:
    """The inverse; mid-grey where nothing is."""
    colors = pixels[:, :3] / _opacity(pixels).clip(np.float32(1e-3))
    return np.concatenate([colors.clip(-1, 1), pixels[:, 3:]], axis=1)


def _opacity(pixels: np.ndarray) -> np.ndarray:
    return (pixels[:, 3:] + np.float32(1)) / np.float32(2)


def _samples(cells: slice, count: int, side: int, area: bool) -> np.ndarray:
    """First pixel, and first pixel beyond, of each sample: int64 ``(n, 2)``.

    Not by area, a sample is the pixel that holds its centre.
    """
    index = np.arange(cells.start * SAMPLES, cells.stop * SAMPLES)
    total = count * SAMPLES
    if not area:
        centre = (2 * index + 1) * side // (2 * total)
        return np.stack([centre, centre], axis=1)
    return np.stack([index * side // total, ((index + 1) * side + total - 1) // total], axis=1)


def _means(pixels: np.ndarray, bounds: np.ndarray, axis: int) -> np.ndarray:
    """Means over the pixels from the first bound to before the second, along a side."""
    first, beyond = bounds.T
    shape = [1, 1, 1, 1]
    shape[axis] = -1
    total = np.zeros_like(pixels.take(first, axis))
    for step in range(int((beyond - first).max())):
        inside = (first + step < beyond).astype(np.float32).reshape(shape)
        place = np.minimum(first + step, pixels.shape[axis] - 1)
        total += pixels.take(place, axis) * inside
    return total / (beyond - first).astype(np.float32).reshape(shape)
