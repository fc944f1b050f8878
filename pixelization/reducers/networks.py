"""The networks as a reducer: image -> GridNet -> PixelNet -> vote."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from PIL import Image

from pixelization.backends.base import MIN_SIDE


@dataclass(frozen=True)
class PixelizeResult:
    """A sprite and where it comes from.

    Attributes:
        sprite: one pixel per cell; RGBA with alpha 0 or 255 if the source has transparent pixels,
            else RGB.
        network_output: PixelNet's image (RGB), at the size the networks ran at.
        grid: GridNet's grid (RGB), of the sprite's size.
        cell_size: width and height of a cell in pixels of the source.
        scale: grid side / image side of the networks' run.
    """

    sprite: Image.Image
    network_output: Image.Image
    grid: Image.Image
    cell_size: tuple[float, float]
    scale: Fraction


def _resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Area mean along a side that shrinks, bicubic along one that grows.

    Both skip a side that stays.
    """
    smaller = (min(image.width, size[0]), min(image.height, size[1]))
    return image.resize(smaller, Image.Resampling.BOX).resize(size, Image.Resampling.BICUBIC)


def _with_alpha(colors: np.ndarray, alpha: np.ndarray | None) -> Image.Image:
    """RGB ``(h, w, 3)`` and alpha ``(h, w)`` as one image.

    Where nothing is visible, the colour is zero.
    """
    if alpha is None:
        return Image.fromarray(colors)
    return Image.fromarray(
        np.dstack([np.where(alpha[..., None] > 0, colors, 0).astype(np.uint8), alpha])
    )


def _pad_to_minimum(
    image: np.ndarray, grid: tuple[int, int], scale: Fraction
) -> tuple[np.ndarray, tuple[int, int]]:
    """Repeat the edge on the right and at the bottom up to ``MIN_SIDE``.

    Returns the image and its grid ``(h, w)``.
    """
    grid = tuple(max(cells, math.ceil(MIN_SIDE * scale)) for cells in grid)
    padding = [(0, max(MIN_SIDE, side) - side) for side in image.shape[:2]]
    return np.pad(image, (*padding, (0, 0)), mode="edge") if any(map(any, padding)) else image, grid
