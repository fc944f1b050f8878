"""What lies by itself on one ground: eyes on a face, windows of a wall, buttons of a coat."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pixelization.reducers.components import components, filled

STEP = 24  # levels between neighbouring pixels, up to which they are of one area
GROUND = 6  # cells that a ground covers at least
MOST_PARTS = 1000  # of more, a picture is a texture and has no motifs
SMALLEST, LARGEST = 0.5, 12  # cells that a motif covers at least, and has along a side at most


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
    areas, boxes = components(_flat(pixels))
    large = np.bincount(areas.ravel(), minlength=len(boxes) + 1) >= GROUND * cell[0] * cell[1]
    large[0] = False
    between = ~large[areas]
    parts, boxes = components(between, corners=True)
    long = ((boxes[:, 2:] - boxes[:, :2]) > LARGEST * np.array(cell)).any(axis=1)
    between &= ~np.concatenate([[False], long])[parts]  # borders between areas
    parts, boxes = components(_joined(between, cell), corners=True)
    if len(boxes) > MOST_PARTS:
        boxes = boxes[:0]
    return areas, _motifs(pixels, areas, between, parts, boxes, cell)


def _joined(mask: np.ndarray, cell: tuple[float, float]) -> np.ndarray:
    """A mask and what is nearer to it than half a cell, in a square."""
    for turned, side in ((False, cell[0]), (True, cell[1])):
        size = max(1, round(side))
        along = mask.T if turned else mask
        before = np.pad(along, ((size // 2 + 1, size - size // 2 - 1), (0, 0))).cumsum(axis=0)
        near = before[size:] > before[:-size]
        mask = near.T if turned else near
    return mask


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
    boxes: np.ndarray,
    cell: tuple[float, float],
) -> Iterator[Motif]:
    """The motif of every part that is not too small or too large and has a ground."""
    for number, (*corner, bottom, right) in enumerate(boxes.tolist(), 1):
        box = slice(corner[0], bottom), slice(corner[1], right)
        mask = (parts[box] == number) & between[box]
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        top, left = corner[0] + int(rows[0]), corner[1] + int(columns[0])
        mask = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        height, width = mask.shape
        is_long = height > LARGEST * cell[0] or width > LARGEST * cell[1]
        if is_long or height * width < SMALLEST * cell[0] * cell[1]:
            continue
        mask = filled(mask)
        if mask.sum() < SMALLEST * cell[0] * cell[1]:
            continue
        around = areas[max(0, top - 1) : top + height + 1, max(0, left - 1) : left + width + 1]
        if around.shape != (height + 2, width + 2):
            continue  # at the border of the picture
        ground = np.bincount(around[~np.pad(mask, 1)]).argmax()
        if ground:
            colors = pixels[top : top + height, left : left + width]
            yield Motif(top, left, mask, colors, colors[mask].mean(axis=0), int(ground))
