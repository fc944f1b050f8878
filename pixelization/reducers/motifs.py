"""What lies by itself on one ground: eyes on a face, windows of a wall, buttons of a coat."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy

STEP = 24  # levels between neighbouring pixels, up to which they are of one area
GROUND = 6  # cells that a ground covers at least
SMALLEST, LARGEST = 0.5, 12  # cells that a motif covers at least, and has along a side at most
SQUARE = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class Motif:
    """Something that one ground surrounds.

    Attributes:
        top, left: of its box in the picture, in pixels.
        mask: what of the box is the motif, with all that it surrounds, bool ``(H', W')``.
        colors: of the box, int16 ``(H', W', 4)``.
        mean: of its colours, ``(4,)``.
        ground: the number of the area around it.
    """

    top: int
    left: int
    mask: np.ndarray
    colors: np.ndarray
    mean: np.ndarray
    ground: int


def find_motifs(
    pixels: np.ndarray, cell: tuple[float, float]
) -> tuple[np.ndarray, Iterator[Motif]]:
    """The areas of a picture in which colours change slowly, and what lies in them.

    Args:
        pixels: the picture, ``weighed``, int16 ``(H, W, 4)``.
        cell: (height, width) of a cell in pixels. What is nearer together than a cell is one motif,
            as an eye and its brow.

    Returns:
        The numbers of the areas, int ``(H, W)``, 0 between them; and the motifs.
    """
    areas, count = scipy.ndimage.label(_flat(pixels))
    large = np.bincount(areas.ravel(), minlength=count + 1) >= GROUND * cell[0] * cell[1]
    large[0] = False
    between = ~large[areas]
    parts, _ = scipy.ndimage.label(between, SQUARE)
    boxes = scipy.ndimage.find_objects(parts)
    long = np.array([False, *(_is_long(box, cell) for box in boxes)])
    between &= ~long[parts]  # borders between areas
    near = scipy.ndimage.maximum_filter(between, [max(1, round(side)) for side in cell])
    parts, _ = scipy.ndimage.label(near, SQUARE)
    return areas, _motifs(pixels, areas, between, parts, cell)


def _is_long(box: tuple[slice, slice], cell: tuple[float, float]) -> bool:
    return any(
        side.stop - side.start > LARGEST * length for side, length in zip(box, cell, strict=True)
    )


def _flat(pixels: np.ndarray) -> np.ndarray:
    """Which pixels differ little from all four neighbours."""
    flat = np.ones(pixels.shape[:2], bool)
    channels = np.ascontiguousarray(pixels.transpose(2, 0, 1), np.uint8)  # four times as fast
    for turned, along in ((flat, channels), (flat.T, channels.swapaxes(1, 2))):
        first, second = along[:, :-1], along[:, 1:]
        steps = np.maximum(first, second) - np.minimum(first, second)
        even = steps.max(axis=0) <= STEP
        turned[1:] &= even
        turned[:-1] &= even
    return flat


def _motifs(
    pixels: np.ndarray,
    areas: np.ndarray,
    between: np.ndarray,
    parts: np.ndarray,
    cell: tuple[float, float],
) -> Iterator[Motif]:
    """The motif of every part that is not too small or too large and has a ground."""
    for number, box in enumerate(scipy.ndimage.find_objects(parts), 1):
        mask = (parts[box] == number) & between[box]
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        (top, left), (bottom, right) = (
            [
                side.start + int(inside[end])
                for side, inside in zip(box, (rows, columns), strict=True)
            ]
            for end in (0, -1)
        )
        inside = slice(top, bottom + 1), slice(left, right + 1)
        mask = scipy.ndimage.binary_fill_holes(
            mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        )
        if _is_long(inside, cell) or mask.sum() < SMALLEST * cell[0] * cell[1]:
            continue
        around = areas[max(0, top - 1) : bottom + 2, max(0, left - 1) : right + 2]
        if around.shape != (mask.shape[0] + 2, mask.shape[1] + 2):
            continue  # at the border of the picture
        ground = np.bincount(around[~np.pad(mask, 1)]).argmax()
        if ground:
            colors = pixels[inside]
            yield Motif(top, left, mask, colors, colors[mask].mean(axis=0), int(ground))
