"""Which colour of a palette a pixel gets."""

import numpy as np
import scipy

from pixelization.color.oklab import perceptual
from pixelization.color.packing import pack, unpack
from pixelization.images.sprites import painted, sprite_colors
from pixelization.palettes.palette import Palette

ALL_PAIRS = 300_000  # up to so many pairs, comparing all is faster than a tree


def nearest(image: np.ndarray, palette: Palette) -> np.ndarray:
    """Find for every pixel the colour of a palette that looks most like it: the least ΔEOKr2 (see
    ``oklab.perceptual``).

    Args:
        image: uint8 ``(..., 3)`` sRGB.
        palette: to choose from.

    Returns:
        int64 ``(...)``, indices into the palette; the first one among equal colours. A colour of
        the palette gets itself.

    Raises:
        ValueError: the image is not uint8 ``(..., 3)``.
    """
    colors, index = distinct(image)
    first = _first_indices(palette)  # of equal colours, the search may return any
    return first[nearest_point(perceptual(colors), perceptual(palette.colors[first]))][index]


def nearest_point(wanted: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Which point is nearest to each of those wanted.

    Args:
        wanted: ``(n, 3)``.
        points: ``(m, 3)``.

    Returns:
        int64 ``(n,)``, indices into ``points``.
    """
    if len(wanted) * len(points) > ALL_PAIRS:
        return scipy.spatial.cKDTree(points).query(wanted)[1]
    return ((points**2).sum(axis=1) / 2 - wanted @ points.T).argmin(axis=1)


def apply_palette(sprite: np.ndarray, palette: Palette) -> np.ndarray:
    """Give every opaque pixel the colour of the palette that looks most like its own.

    Args:
        sprite: uint8 ``(h, w, 3)``, or ``(h, w, 4)`` with alpha 0 or 255.
        palette: to choose from.

    Returns:
        uint8, shape of ``sprite``; alpha is kept, transparent pixels are (0, 0, 0, 0).

    Raises:
        ValueError: the sprite is not a uint8 RGB or RGBA image.
    """
    return painted(sprite, palette.colors[nearest(sprite_colors(sprite), palette)])


def distinct(colors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct ones among uint8 ``(..., 3)``, as ``(n, 3)`` in ascending order, and which of
    them each is, ``(...)``.
    """
    if colors.dtype != np.uint8 or colors.ndim < 1 or colors.shape[-1] != 3:
        raise ValueError(
            f"expected colours of dtype uint8 and shape (..., 3), got {colors.dtype} {colors.shape}"
        )
    packed, index = np.unique(pack(colors).ravel(), return_inverse=True)
    return unpack(packed), index.reshape(colors.shape[:-1])


def unique_colors(palette: Palette) -> np.ndarray:
    """The colours of a palette without repetitions, in its order: uint8 ``(m, 3)``."""
    return palette.colors[_first_indices(palette)]


def _first_indices(palette: Palette) -> np.ndarray:
    """Where each colour of a palette occurs first, ascending."""
    return np.sort(np.unique(pack(palette.colors), return_index=True)[1])
