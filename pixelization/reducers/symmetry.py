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


def find_axis(image: Image.Image) -> int | None:
    """Where an image is mirrored: column x is the mirror image of column ``axis - x``.

    None: it is not symmetric. The share of edges that meet their mirror images is told by the
    convolution of the edges with themselves, of which the axis is the maximum.

    Args:
        image: RGB or RGBA.
    """
    times = -(-max(image.width, image.height) // LONGEST)
    seen = _planes(image.reduce(times) if times > 1 else image)
    edges = np.zeros(seen.shape[1:], np.float32)
    edges[:, 1:-1] += np.abs(seen[..., 2:] - seen[..., :-2]).max(axis=0)
    edges[1:-1] += np.abs(seen[:, 2:] - seen[:, :-2]).max(axis=0)
    height, width = seen.shape[1:]
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

    Args:
        sprite: uint8 ``(h, w, 3 or 4)``.
        image: what it was made of.
        axis: of :func:`find_axis`, on the image under the grid.

    Returns:
        A new sprite.
    """
    columns = np.arange(sprite.shape[1])
    middle = round((axis + 1) / 2 / (image.width / sprite.shape[1]) * 2)  # in halves of a cell
    partners = middle - 1 - columns
    taken = (partners >= 0) & (partners < columns)
    right, left = columns[taken], partners[taken]
    alike = _alike(image, axis, sprite.shape[:2])
    made = sprite.copy()
    both = alike[:, right] & alike[:, left]
    made[:, right] = np.where(both[..., None], sprite[:, left], sprite[:, right])
    return made


def _alike(image: Image.Image, axis: int, grid: Size) -> np.ndarray:
    """Which cells have surroundings like their mirror images, bool ``(h, w)``."""
    seen = _planes(image)
    columns = np.arange(image.width)
    partners = axis - columns
    inside = (partners >= 0) & (partners < image.width)
    apart = np.abs(seen - seen[..., partners.clip(0, image.width - 1)]).max(axis=0)
    apart[:, ~inside] = 1
    rows, across = (
        np.arange(count) * side // count for count, side in zip(grid, seen.shape[1:], strict=True)
    )

    def by_cell(plane: np.ndarray, operation: np.ufunc) -> np.ndarray:
        return operation.reduceat(operation.reduceat(plane, rows, axis=-2), across, axis=-1)

    counts = by_cell(np.ones_like(apart), np.add)
    apart = _around(by_cell(apart, np.add), np.add) / _around(counts, np.add)
    high = _around(by_cell(seen, np.maximum), np.maximum)
    low = _around(by_cell(seen, np.minimum), np.minimum)
    contrast = (high - low).max(axis=0)
    return np.asarray((apart < DIFFERENT) & (apart < OF_CONTRAST * contrast))


def _around(cells: np.ndarray, operation: np.ufunc) -> np.ndarray:
    """An operation over the 3 x 3 cells around each, ``(..., h, w)``; the border is repeated."""
    wide = np.pad(cells, ((0, 0),) * (cells.ndim - 2) + ((1, 1), (1, 1)), mode="edge")
    tall = operation(operation(wide[..., :-2, :], wide[..., 1:-1, :]), wide[..., 2:, :])
    return np.asarray(operation(operation(tall[..., :-2], tall[..., 1:-1]), tall[..., 2:]))


def _planes(image: Image.Image) -> np.ndarray:
    """Colours on white and alpha, float32 ``(4, h, w)`` in [0, 1]."""
    rgba = np.asarray(image.convert("RGBA"))
    planes = np.empty((4, *rgba.shape[:2]), np.float32)
    planes[:3] = np.asarray(on_white(image).convert("RGB")).transpose(2, 0, 1)
    planes[3] = rgba[..., 3]
    planes /= 255
    return planes
