"""What a reducer is: an image in, one pixel per cell out."""

import math
from typing import Protocol

from PIL import Image

from pixelization.cells.sizes import cell_count, completed_size
from pixelization.errors import UserError

DEFAULT_CELL_SIZE = 16 / 3  # the paper's default: the scale 3/16
MIN_CELL_SIZE = 2
CellSize = float | tuple[float, float]  # pixels per cell, or (width, height)


def check_cell_size(cell_size: CellSize, minimum: float = MIN_CELL_SIZE) -> tuple[float, float]:
    """(width, height) of a cell.

    ``UserError`` unless both are numbers of at least ``minimum`` pixels.
    """
    width, height = cell_size if isinstance(cell_size, (tuple, list)) else (cell_size, cell_size)
    for side in (width, height):
        if not minimum <= side < math.inf:
            raise UserError(
                f"cell size {float(side):g} is out of range: give a number of pixels, at least {minimum}"
            )
    return float(width), float(height)


def sprite_size(
    image_size: tuple[int, int], cell_size: CellSize | None, size: tuple[int, int | None] | None
) -> tuple[int, int]:
    """Width and height of the sprite of an image of ``(width, height)`` pixels."""
    if size is None:
        cell = check_cell_size(DEFAULT_CELL_SIZE if cell_size is None else cell_size)
        return tuple(map(cell_count, image_size, cell))
    if cell_size is not None:
        raise ValueError("give either cell_size or size")
    width, height = completed_size(size, image_size)
    largest = tuple(cell_count(side, MIN_CELL_SIZE) for side in image_size)
    if not (1 <= width <= largest[0] and 1 <= height <= largest[1]):
        raise UserError(
            f"size {width}x{height} is out of range for an image of {image_size[0]}x{image_size[1]} pixels: "
            f"a cell needs {MIN_CELL_SIZE}x{MIN_CELL_SIZE} of them, so the largest size is {largest[0]}x{largest[1]}"
        )
    return width, height


class Reduced(Protocol):
    """An image with one pixel per cell.

    What :class:`~pixelization.reducers.networks.PixelizeResult` has, among other things.
    """

    @property
    def sprite(self) -> Image.Image: ...

    @property
    def cell_size(self) -> tuple[float, float]: ...


class Reduce(Protocol):
    """Makes a sprite of an image: :meth:`Pixelizer.pixelize` is one."""

    def __call__(
        self, image: Image.Image, *, cell_size: CellSize | None, size: tuple[int, int | None] | None
    ) -> Reduced: ...
