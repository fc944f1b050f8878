"""Cells of an image as 8 x 8 samples each, in numpy: what the networks on the grid see of it.

All backends share it, so that a picture is the same to each of them.
"""

import numpy as np

from pixelization.cells.sizes import Size
from pixelization.cells.voting import middle_pixels
from pixelization.errors import UserError

SAMPLES = 8
"""Samples per side of a cell: enough for a stroke of an eighth of a cell."""
COLORED = -0.5
"""Alpha, in [-1, 1], above which a sample has a colour that a cell can take: strokes may be thinner
than a pixel.
"""
BAND = 1 << 20  # pixels of the image that are looked at in one go; a tile may have many more
IN_CACHE = 1 << 15  # pixels whose floats stay in a processor's cache


def signed(levels: np.ndarray) -> np.ndarray:
    """uint8 as float32 in [-1, 1]."""
    values = levels.astype(np.float32, order="C")
    values /= np.float32(127.5)
    values -= np.float32(1)
    return values


def levels(values: np.ndarray) -> np.ndarray:
    """What networks made, floats in [-1, 1] (clipped), as uint8.

    Raises:
        UserError: some are no numbers.
    """
    if np.isnan(values).any():
        raise UserError(
            "the networks' weights give colours that are no numbers, as a training that has gone "
            "wrong leaves them: take other weights, or those of an earlier checkpoint"
        )
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
    down, across = down - top, across - left
    opaque = bool((part[..., 3] == 255).all())
    if not area:
        pixels = np.ascontiguousarray(part).view(np.uint32)[..., 0]  # RGBA at once
        pixels = pixels.take(across[:, 0], 1)
        samples = np.empty((1, 4, len(down), len(across)), np.float32)
        if opaque:
            samples[0, 3] = 1
        for channel in range(3 if opaque else 4):
            values = signed(pixels.view(np.uint8)[:, channel::4])
            # rows last: few are made floats; their numbers need no check
            values.take(down[:, 0], 0, out=samples[0, channel], mode="clip")
        return samples
    means = _means(_means_across(part[..., :3] if opaque else part, across), down, axis=1)
    if opaque:  # multiplied and divided by 1, colours would be the same
        return np.concatenate([means, np.ones_like(means[:1])])[None]
    return _divided(means[None])


def lattice_in_bands(image: np.ndarray, grid: Size, rows: slice, columns: slice) -> np.ndarray:
    """:func:`lattice_part`, by few rows of cells at a time: their pixels would take much memory."""
    pixels = image.shape[0] * image.shape[1] * (columns.stop - columns.start) / (grid[0] * grid[1])
    step = max(1, int(BAND / pixels))
    starts = range(rows.start, rows.stop, step)
    bands = (slice(start, min(start + step, rows.stop)) for start in starts)
    parts = [lattice_part(image, grid, band, columns) for band in bands]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2)


def multiplied(lattice: np.ndarray) -> np.ndarray:
    """RGBA float32 ``(B, 4, H, W)`` in [-1, 1] with its colours multiplied by opacity about
    mid-grey: what networks look at. The same array, if all of it is opaque.
    """
    if (lattice[:, 3] == 1).all():
        return lattice
    return np.concatenate([lattice[:, :3] * _opacity(lattice), lattice[:, 3:]], axis=1)


def _means_across(part: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Means along x of uint8 ``(H, W, 3 or 4)``, of RGBA multiplied by opacity about mid-grey.

    float32 ``(3 or 4, H, n)`` in [-1, 1].
    """
    height, width, channels = part.shape
    means = np.empty((channels, height, len(bounds)), np.float32)
    step = max(1, IN_CACHE // width)
    for start in range(0, height, step):
        rows = slice(start, start + step)
        pixels = signed(part[rows].transpose(2, 0, 1))
        if channels == 4:
            pixels[:3] *= (pixels[3] + np.float32(1)) / np.float32(2)
        means[:, rows] = _means(pixels, bounds, axis=2)
    return means


def _divided(pixels: np.ndarray) -> np.ndarray:
    """Colours that are multiplied by opacity as they were; mid-grey where nothing is."""
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
        centre = middle_pixels(side, total)[index]
        return np.stack([centre, centre], axis=1)
    return np.stack([index * side // total, ((index + 1) * side + total - 1) // total], axis=1)


def _means(pixels: np.ndarray, bounds: np.ndarray, axis: int) -> np.ndarray:
    """Means over the pixels from the first bound to before the second, along a side of three."""
    first, beyond = bounds.T
    count = beyond - first
    shape = [1, 1, 1]
    shape[axis] = -1
    steps = np.diff(first)
    even = len(steps) > 0 and (steps == steps[0]).all() and (count == count[0]).all()
    total = None
    for step in range(int(count.max())):
        if even:  # a view is faster than what is gathered
            place = slice(first[0] + step, first[-1] + step + 1, steps[0])
            values = pixels[(slice(None),) * axis + (place,)]
        else:
            values = pixels.take(np.minimum(first + step, pixels.shape[axis] - 1), axis)
            if step >= count.min():
                values *= (step < count).astype(np.float32).reshape(shape)
        if total is None:
            total = values.copy()
        else:
            total += values
    total /= count.astype(np.float32).reshape(shape)
    return total
