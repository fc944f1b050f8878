"""What a reducer is: an image in, one pixel per cell out; and how large its sprites are."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import Image

from pixelization.cells.sizes import Longest, Size, WantedSize, cell_count, completed_size
from pixelization.errors import UserError

DEFAULT_SIZE = Longest(64)
"""Of sprites that networks make: the longer side, of tiles that of the largest."""
MIN_CELL_SIZE = 2  # of the networks; pixel art has cells from 1
CellSize = float | tuple[float, float]
"""Pixels per cell, or (width, height) of a cell."""


@dataclass(frozen=True)
class Reduced:
    """What a reducer gives, perhaps among other things.

    Attributes:
        sprite: one pixel per cell: RGB, or RGBA with alpha 0 or 255. Pixel art that has one
            pixel per cell already may keep its own alpha.
        cell_size: (width, height) of a cell in pixels of the image.
        translucent: what the sprite's alpha leaves out, as
            :func:`~pixelization.reducers.translucency.half_transparent` has it.
        shade: up to which distance in Oklab its colours are meant to be one, where it takes them
            from pixels of fills that scatter.
        fills: its cells fill the image evenly, and a cell may hold many colours there.
    """

    sprite: Image.Image
    cell_size: tuple[float, float]
    translucent: np.ndarray | None = None
    shade: float = 0.0
    fills: bool = False


class Reduce(Protocol):
    """Makes a sprite of an image: ``Pixelizer.networks`` and ``snap`` do."""

    def __call__(
        self, image: Image.Image, *, cell_size: CellSize | None, size: WantedSize | None
    ) -> Reduced: ...


def check_cell_size(cell_size: CellSize, minimum: float = MIN_CELL_SIZE) -> tuple[float, float]:
    """(width, height) of a cell.

    Raises:
        UserError: one of them is no number of at least ``minimum`` pixels; but 1 by 1 always is
            a cell.
    """
    width, height = cell_size if isinstance(cell_size, tuple | list) else (cell_size, cell_size)
    for side in (width, height):
        if not minimum <= side < math.inf and (width, height) != (1, 1):
            kept = "" if minimum == 1 else ", or 1 to keep every pixel"
            raise UserError(
                f"cell size {float(side):g} is out of range: "
                f"give a number of pixels, at least {minimum}{kept}"
            )
    return float(width), float(height)


def sprite_size(image_size: Size, cell_size: CellSize | None, size: WantedSize | None) -> Size:
    """(width, height) of the sprite that networks make of an image of (width, height) pixels.

    Where neither is given, the longer side has ``DEFAULT_SIZE``, or as many cells as there can be.

    Raises:
        UserError: a cell would be smaller than ``MIN_CELL_SIZE``.
        ValueError: both ``cell_size`` and ``size`` are given.
    """
    if size is not None:
        if cell_size is not None:
            raise ValueError("give either cell_size or size")
        return check_size(size, image_size, MIN_CELL_SIZE)
    if cell_size is None:
        return check_size(DEFAULT_SIZE, image_size, MIN_CELL_SIZE)
    cell = check_cell_size(cell_size)
    return cell_count(image_size[0], cell[0]), cell_count(image_size[1], cell[1])


def check_size(size: WantedSize, image_size: Size, minimum: float) -> Size:
    """(width, height) of a sprite, completed, for an image of (width, height) pixels.

    Of the size of an image, every pixel is a cell. A longer side has fewer cells than are asked for
    where the image has not enough pixels.

    Raises:
        UserError: a cell would be smaller than ``minimum`` pixels.
    """
    if isinstance(size, Longest):
        size = Longest(_most(size, max(image_size), minimum))
    width, height = completed_size(size, image_size)
    if (width, height) == image_size:
        return width, height
    largest = (cell_count(image_size[0], minimum), cell_count(image_size[1], minimum))
    if not (1 <= width <= largest[0] and 1 <= height <= largest[1]):
        least = "1 pixel" if minimum == 1 else f"{minimum:g} pixels"
        kept = "" if minimum == 1 else "; the image's own size keeps every pixel"
        raise UserError(
            f"size {width}x{height} is out of range for an image of "
            f"{image_size[0]}x{image_size[1]} pixels: a cell measures at least {least}, "
            f"so the largest size is {largest[0]}x{largest[1]}{kept}"
        )
    return width, height


def tile_cell(size: Longest, side: int, minimum: float) -> float:
    """Pixels of a cell, at least ``minimum``, of tiles whose longest side has so many pixels."""
    return side / _most(size, side, minimum)


def _most(size: Longest, side: int, minimum: float) -> int:
    """Cells along a side of so many pixels, at most those of ``size``."""
    return side if side <= size.cells else max(1, min(size.cells, math.floor(side / minimum)))
