"""Whose work an image is, and how often each of several is drawn."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

import numpy as np


def source_of(path: str | PurePath) -> str:
    """The source of an image: its file's name up to the first underscore."""
    return PurePath(path).name.split("_")[0]


def chances(paths: Sequence[PurePath], factors: Sequence[float] | float = 1.0) -> np.ndarray:
    """Chances of images of which many may be of one source.

    A source counts as the square root of its images: one with hundreds of frames of one figure
    would else teach that figure.

    Args:
        paths: of the images.
        factors: by how much each image counts more (or less), or all of them.

    Returns:
        Of each, the chance of it and those before it, float64, ascending to 1.
    """
    sources = [source_of(path) for path in paths]
    counts = Counter(sources)
    weights = np.multiply(factors, [counts[source] ** -0.5 for source in sources])
    return np.cumsum(weights) / np.sum(weights)


def drawn_place(chances: np.ndarray, rng: np.random.Generator) -> int:
    """The place of a random image, by what :func:`chances` gives."""
    return min(int(np.searchsorted(chances, rng.random())), len(chances) - 1)
