"""Faithfulness of colours."""

import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab


def color_distance(image: np.ndarray, reference: np.ndarray) -> float:
    """Mean CIEDE2000 colour difference of two uint8 ``(h, w, 3)`` sRGB images; about 1 is just noticeable."""
    return float(deltaE_ciede2000(rgb2lab(image), rgb2lab(reference)).mean())
