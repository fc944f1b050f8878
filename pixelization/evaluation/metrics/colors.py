"""Faithfulness of colours."""

import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab

from pixelization.palettes.extraction import kmeans_palette


def color_distance(image: np.ndarray, reference: np.ndarray) -> float:
    """Mean CIEDE2000 colour difference of two uint8 ``(h, w, 3)`` sRGB images.

    About 1 is just noticeable.
    """
    return float(deltaE_ciede2000(rgb2lab(image), rgb2lab(reference)).mean())


def palette_distance(source: np.ndarray, sprite: np.ndarray, k: int) -> float:
    """Minimum colour palette distance (MCPD): how far the colours of a sprite are from those of its
    source.

    From each image a palette of ``k`` colours is taken by k-means in RGB. The distance is the mean,
    over the colours of both palettes, of the CIEDE2000 difference to the nearest colour of the
    other palette. An image with fewer than ``k`` colours has just these in its palette. The sizes
    of the two images need not agree.

    Args:
        source: uint8 ``(H, W, 3)`` sRGB.
        sprite: uint8 ``(h, w, 3)`` sRGB.
        k: colours per palette; the thesis uses 5, 10 and 20.

    Returns:
        At least 0, 0 for equal palettes, about 100 for black against white. Subsampling has 1 to 2:
            k-means finds other centres in fewer pixels.

    Raises:
        ValueError: an image is empty or not uint8 RGB, or ``k`` is not from 1 to 256.

    Source: Ekpete 2023 (master's thesis, NTNU), Sec. 7.1.1, Algorithm 2.
    """
    first, second = (rgb2lab(kmeans_palette(image, k).colors) for image in (source, sprite))
    distances = deltaE_ciede2000(first[:, None], second[None])
    return float(np.concatenate([distances.min(axis=1), distances.min(axis=0)]).mean())


def number_of_colors(sprite: np.ndarray) -> int:
    """How many distinct colours a uint8 ``(h, w, 3)`` sprite has, its background included."""
    return len(np.unique(sprite.reshape(-1, 3), axis=0))
