"""How much a picture at one pixel per cell looks like pixel art: stray pixels and blended edges."""

import numpy as np

from pixelization.cells.neighbours import alike_neighbours
from pixelization.color.luma import ALIKE_LEVELS

BACKGROUND = 240  # a pixel at least this light in all channels is background
EDGE = 60  # RGB distance between two pixels with one between them that makes an edge


def isolated_share(sprite: np.ndarray) -> float:
    """Share of the foreground pixels that differ from all eight neighbours.

    Args:
        sprite: uint8 ``(h, w, 3)`` on white.

    Returns:
        In [0, 1]; 0 without foreground.
    """
    pixels = np.moveaxis(sprite.astype(np.int16), 2, 0)
    on_paper = np.pad(pixels, ((0, 0), (1, 1), (1, 1)), constant_values=255)
    # twice a border: of white paper, and of those that have no neighbours
    alike = alike_neighbours(on_paper, _one_color)[..., 2:-2, 2:-2]
    accompanied = alike.any(axis=(0, 1))
    foreground = pixels.min(axis=0) < BACKGROUND
    return float((foreground & ~accompanied).sum() / max(1, foreground.sum()))


def intermediate_share(sprite: np.ndarray) -> float:
    """Share of the edges that run through a blended ("anti-aliased") pixel.

    An edge is three pixels in a row or a column whose outer two differ. It is blended if the middle
    one lies between them, from 15 to 85 % of the way, and close to the straight line that joins
    them in RGB.

    Args:
        sprite: uint8 ``(h, w, 3)``.

    Returns:
        In [0, 1]; 0 without edges.
    """
    blended = edges = 0
    for image in (sprite.astype(float), sprite.astype(float).transpose(1, 0, 2)):
        before, middle, after = image[:-2], image[1:-1], image[2:]
        step = after - before
        length = np.sqrt((step**2).sum(axis=2))
        way = ((middle - before) * step).sum(axis=2) / np.maximum(length**2, 1)
        aside = np.sqrt((((middle - before) - way[..., None] * step) ** 2).sum(axis=2))
        edge = length > EDGE
        edges += edge.sum()
        blended += (edge & (way > 0.15) & (way < 0.85) & (aside < 0.2 * length)).sum()
    return float(blended / max(1, edges))


def _one_color(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Whether int16 colours ``(3, h, w)`` count as one: bool ``(h, w)``."""
    difference: np.ndarray = np.abs(first - second)
    return difference.max(axis=0) <= ALIKE_LEVELS
