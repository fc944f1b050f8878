"""Tiles that repeat: what lies beyond the border of the image is its other side."""

import numpy as np
from PIL import Image

from pixelization.cells.sizes import WantedSize
from pixelization.cells.tiling import cells_around
from pixelization.reducers.base import CellSize, Reduce, Reduced, sprite_size


def reduce_wrapped(
    reduce: Reduce,
    image: Image.Image,
    *,
    cell_size: CellSize | None,
    size: WantedSize | None,
) -> Reduced:
    """A sprite whose cells at the border know those at the other side.

    Args:
        reduce: networks as a reducer.
        image: RGB or RGBA.
        cell_size, size: of the sprite, as of
            :func:`~pixelization.reducers.networks.reduce_by_networks`.

    Raises:
        UserError: as of ``reduce``.
    """
    cells = sprite_size(image.size, cell_size, size)
    around = [cells_around(*each) for each in zip(cells, image.size, strict=True)]
    pixels = np.asarray(image)
    across, down = (
        count * side // along for count, side, along in zip(around, image.size, cells, strict=True)
    )
    padded = np.pad(pixels, ((down, down), (across, across), (0, 0)), mode="wrap")
    large = (cells[0] + 2 * around[0], cells[1] + 2 * around[1])
    result = reduce(Image.fromarray(padded), cell_size=None, size=large)
    left, top = around
    inner = (slice(top, top + cells[1]), slice(left, left + cells[0]))
    return Reduced(
        Image.fromarray(np.ascontiguousarray(np.asarray(result.sprite)[inner])),
        (image.width / cells[0], image.height / cells[1]),
        None if result.translucent is None else result.translucent[inner],
        result.shade,
        result.fills,
    )
