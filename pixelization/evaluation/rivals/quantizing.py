"""Reduction of the number of colours together with that of the size."""

import numpy as np

from pixelization.palettes.assignment import apply_palette
from pixelization.palettes.extraction import ColorHistogram, hue_palette, kmeans_palette
from pixelization.reducers.resampling import area, majority, nearest

COLORS = 16  # the palette of Han et al. 2018 for photos, Sec. 4.1
LEVELS = 4  # of every channel


def posterise_nearest(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Posterise, then subsample.

    Args:
        image: uint8 ``(H, W, 3)``.
        size: ``(w, h)`` of the result.

    Returns:
        uint8 ``(h, w, 3)``, each channel one of 4 values spread evenly over 0 to 255.

    Source: "Making Pixel Art with Deep Unsupervised Learning" (UNIMORE), "Approcci con
    interpolazione e posterizzazione". It used Photoshop and does not name the levels; 4 is
    Photoshop's own default.
    """
    # pixel by pixel, so it may as well follow the reduction
    step = nearest(image, size).astype(int) * LEVELS // 256
    return (step * 255 // (LEVELS - 1)).astype(np.uint8)


def hue_slots(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Square slots, each the colour of the palette of hues that is nearest to its mean.

    Args:
        image: uint8 ``(H, W, 3)``.
        size: ``(w, h)`` of the result.

    Returns:
        uint8 ``(h, w, 3)`` of at most 16 colours.

    Source: UNIMORE, as above, "Palette Extraction" and what follows it; which statistic of a slot
    is compared is not said.
    """
    histogram = ColorHistogram()
    histogram.add(image)
    return apply_palette(area(image, size), hue_palette(histogram))


def kmeans16_nearest(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Reduce the source to 16 colours by k-means, then subsample.

    Args:
        image: uint8 ``(H, W, 3)``.
        size: ``(w, h)`` of the result.

    Returns:
        uint8 ``(h, w, 3)`` of at most 16 colours.

    Source: Han et al. 2018, Sec. 4.1, Fig. 7: 16 colours by k-means for photos.
    """
    return apply_palette(nearest(image, size), kmeans_palette(image, COLORS))


def kmeans16_majority(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Reduce the source to 16 colours by k-means, then let the pixels of every cell vote.

    Arguments, result and source as of :func:`kmeans16_nearest`.

    Raises:
        ValueError: a cell would own no pixel.
    """
    return majority(apply_palette(image, kmeans_palette(image, COLORS)), size)
