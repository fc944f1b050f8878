"""Reduction of the number of colours together with that of the size."""

import numpy as np

from pixelization.baselines.optional import optional_module
from pixelization.baselines.resampling import majority, nearest
from pixelization.palettes.assignment import apply_palette
from pixelization.palettes.extraction import kmeans_palette
from pixelization.palettes.palette import Palette

COLORS = 16  # the palette of Han et al. 2018 for photos, Sec. 4.1


def posterise_nearest(image: np.ndarray, size: tuple[int, int], *, levels: int = 4) -> np.ndarray:
    """Posterise, then subsample.

    Args:
        image: uint8 ``(H, W, 3)``.
        size: ``(w, h)`` of the result.
        levels: values that are left to each channel, spread evenly over 0 to 255; at least 2.

    Returns:
        uint8 ``(h, w, 3)``.

    Source: "Making Pixel Art with Deep Unsupervised Learning" (UNIMORE), "Approcci con interpolazione e
    posterizzazione". It used Photoshop and does not name the levels; 4 is Photoshop's own default.
    """
    step = nearest(image, size).astype(int) * levels // 256  # pixel by pixel, so it may as well follow the reduction
    return (step * 255 // (levels - 1)).astype(np.uint8)


def kmeans16_nearest(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Reduce the source to 16 colours by k-means, then subsample.

    Args:
        image: uint8 ``(H, W, 3)``.
        size: ``(w, h)`` of the result.

    Returns:
        uint8 ``(h, w, 3)`` of at most 16 colours.

    Source: Han et al. 2018, Sec. 4.1, Fig. 7: 16 colours by k-means for photos.
    """
    palette = _palette(image)
    return apply_palette(nearest(image, size), palette)


def kmeans16_majority(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Reduce the source to 16 colours by k-means, then let the pixels of every cell vote.

    Arguments, result and source as of :func:`kmeans16_nearest`.

    Raises:
        ValueError: a cell would own no pixel.
    """
    palette = _palette(image)
    return majority(apply_palette(image, palette), size)


def _palette(image: np.ndarray) -> Palette:
    optional_module("sklearn.cluster")  # imported by k-means when called
    return kmeans_palette(image, COLORS)
