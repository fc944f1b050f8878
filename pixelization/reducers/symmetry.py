"""Drawings that are their own mirror images: so is the grid on them, and so are the cells.

Networks know no symmetry, and a feature that lies otherwise on the grid than its mirror image comes
out otherwise, eyes above all. So the grid is moved by a quarter of a cell at most, until the axis
is on a border or amid a cell, and cells of the right half are those of the left one. This is done
where the picture is symmetric, and nowhere else: hair and shadows often are not.
"""

import numpy as np
from PIL import Image

from pixelization.cells.sizes import Size
from pixelization.images.alpha import on_white

LONGEST = 512  # pixels of the longer side of what is looked at
WITHIN = (0.3, 0.7)  # parts of the width between which an axis may be
SYMMETRIC = 0.35  # share of the edges that must meet their mirror images
DIFFERENT = 0.04  # mean difference of a cell's surroundings from their mirror image, in [0, 1]
OF_CONTRAST = 0.1  # the same, as a share of the contrast there: gradients are not mirrored
CONTRAST = 0.2  # of a cell's surroundings, from which on it shows something
SHARE = 0.3  # of the cells that show something, which must have mirror images


def symmetric_axis(image: Image.Image, grid: Size) -> int | None:
    """:func:`find_axis`, where enough of the cells have mirror images for the grid to be moved.

    Args:
        image: RGB or RGBA.
        grid: size ``(h, w)`` in cells.
    """
    axis = find_axis(image)
    if axis is None:
        return None
    alike, contrast = _alike(image, axis, grid)
    shows = contrast >= CONTRAST
    return axis if (alike & shows).sum() >= SHARE * shows.sum() else None


def find_axis(image: Image.Image) -> int | None:
    """Where an image is mirrored: column x is the mirror image of column ``axis - x``.

    None: it is not symmetric, about nothing near its middle. The share of edges that meet their
    mirror images is told by the convolution of the edges with themselves, of which the axis is the
    maximum.

    Args:
        image: RGB or RGBA.
    """
    times = -(-max(image.width, image.height) // LONGEST)
    small = image.reduce(times) if times > 1 else image
    height, width = small.height, small.width
    edges = np.zeros((height, width), np.float32)
    for plane in _planes(small):
        seen, steps = plane.astype(np.float32), np.zeros_like(edges)
        steps[:, 1:-1] += np.abs(seen[:, 2:] - seen[:, :-2])
        steps[1:-1] += np.abs(seen[2:] - seen[:-2])
        np.maximum(edges, steps, out=edges)
    spectrum = np.fft.rfft(edges, 2 * width, axis=1)
    met = np.fft.irfft((spectrum * spectrum).sum(axis=0), 2 * width)
    # Less what would meet if edges lay anywhere.
    met -= edges.mean() ** 2 * height * (width - np.abs(np.arange(2 * width) - (width - 1)))
    first, last = (round(2 * part * width) for part in WITHIN)
    axis = first + int(met[first : last + 1].argmax())
    if not edges.any() or met[axis] < SYMMETRIC * edges.var() * edges.size:
        return None
    return times * axis + times - 1


def even_corner(axis: int, width: int, columns: int) -> int:
    """Pixels further right than the image at which a grid begins that lies evenly on both halves.

    At most a quarter of a cell.

    Args:
        axis: of :func:`find_axis`.
        width: of the image.
        columns: of the grid.
    """
    half = width / columns / 2
    middle = (axis + 1) / 2
    return round(middle - round(middle / half) * half)


def mirrored(sprite: np.ndarray, image: Image.Image, axis: int) -> np.ndarray:
    """The right half of a sprite taken from its left one, where the image is symmetric.

    Of the two columns beside an axis on a border, both take the cell that stands out from the one
    beside it: a line on the axis runs now in one of them, now in the other.

    Args:
        sprite: uint8 ``(h, w, 3 or 4)``.
        image: what it was made of.
        axis: of :func:`find_axis`, on the image under the grid.

    Returns:
        A new sprite.
    """
    columns = np.arange(sprite.shape[1])
    middle = round((axis + 1) / (image.width / sprite.shape[1]))  # in halves of a cell
    partners = middle - 1 - columns
    taken = (partners >= 0) & (partners < columns)
    right, left = columns[taken], partners[taken]
    alike, _ = _alike(image, axis, sprite.shape[:2])
    both = alike[:, right] & alike[:, left]
    made = sprite.copy()
    made[:, right] = np.where(both[..., None], sprite[:, left], sprite[:, right])
    if len(right) > 1 and right[0] - left[0] == 1:
        inner, outer = (sprite[:, [left[place], right[place]]].astype(int) for place in (0, 1))
        apart = np.abs(inner - outer).max(axis=2)
        rows = both[:, 0] & (apart[:, 1] > apart[:, 0])
        made[rows, left[0]] = made[rows, right[0]] = sprite[rows, right[0]]
    return made


def _alike(image: Image.Image, axis: int, grid: Size) -> tuple[np.ndarray, np.ndarray]:
    """Which cells have surroundings like their mirror images, bool ``(h, w)``; and the contrast of
    all surroundings, in [0, 1].
    """
    columns = np.arange(image.width)
    partners = axis - columns
    inside = (partners >= 0) & (partners < image.width)
    rows, across = (
        np.arange(count) * side // count
        for count, side in zip(grid, (image.height, image.width), strict=True)
    )

    def by_cell(plane: np.ndarray, operation: np.ufunc, kind: type) -> np.ndarray:
        tall = operation.reduceat(plane, rows, axis=0, dtype=kind)
        return _around(operation.reduceat(tall, across, axis=1), operation)

    apart = np.zeros((image.height, image.width), np.uint8)
    contrast = np.zeros(grid, np.uint8)
    for plane in _planes(image):  # one after the other: pictures may be large
        other = plane[:, partners.clip(0, image.width - 1)]
        np.maximum(apart, np.maximum(plane, other) - np.minimum(plane, other), out=apart)
        high, low = (by_cell(plane, each, np.uint8) for each in (np.maximum, np.minimum))
        np.maximum(contrast, high - low, out=contrast)
    apart *= inside
    count = by_cell(np.broadcast_to(inside, apart.shape), np.add, np.float32)
    mean = by_cell(apart, np.add, np.float32) / count.clip(1)
    alike = (count > 0) & (mean < 255 * DIFFERENT) & (mean < OF_CONTRAST * contrast)
    return alike, contrast / np.float32(255)


def _around(cells: np.ndarray, operation: np.ufunc) -> np.ndarray:
    """An operation over the 3 x 3 cells around each, ``(h, w)``; the border is repeated."""
    wide = np.pad(cells, 1, mode="edge")
    tall = operation(operation(wide[:-2], wide[1:-1]), wide[2:])
    return np.asarray(operation(operation(tall[:, :-2], tall[:, 1:-1]), tall[:, 2:]))


def _planes(image: Image.Image) -> list[np.ndarray]:
    """Red, green and blue on white, and alpha, uint8 ``(h, w)`` each."""
    planes = [np.asarray(band) for band in on_white(image).split()]
    return planes + ([np.asarray(image.getchannel("A"))] if image.mode == "RGBA" else [])
