"""Which cells of a sprite look alike: what the rules for stray pixels and lines are made of."""

import numpy as np

from pixelization.cells.neighbours import alike_neighbours
from pixelization.color.oklab import perceptual

ALIKE_DISTANCE = 0.06  # perceptual, up to which two cells look alike; about 0.02 is just noticeable
TRANSPARENT = 9.0  # on a fourth axis, farther away than any two colours are


def cell_features(sprite: np.ndarray) -> np.ndarray:
    """Points whose distance says how different cells look.

    Args:
        sprite: uint8 ``(h, w, 3)`` or ``(h, w, 4)``.

    Returns:
        float32 ``(4, h, w)``: the three coordinates of ``perceptual``, lightness first, and
            transparency: 0 if opaque, 9 if transparent, in between what is half transparent. All
            transparent cells are one point, whatever colour is stored in them.
    """
    features = np.zeros((4, *sprite.shape[:2]), np.float32)
    features[:3] = np.moveaxis(perceptual(sprite[..., :3]), 2, 0)
    if sprite.shape[2] == 4:
        features[:3, sprite[..., 3] == 0] = 0
        features[3] = TRANSPARENT * (1 - sprite[..., 3] / np.float32(255))
    return features


def similar_neighbours(features: np.ndarray) -> np.ndarray:
    """Which of its eight neighbours each cell looks like.

    Args:
        features: ``(4, h, w)``, from ``cell_features``.

    Returns:
        bool ``(3, 3, h + 2, w + 2)``, as ``alike_neighbours`` has it.
    """
    return alike_neighbours(features, _similar)


def _similar(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    difference = first - second
    return np.einsum("cyx,cyx->yx", difference, difference) <= ALIKE_DISTANCE**2
