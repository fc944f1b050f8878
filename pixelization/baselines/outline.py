"""Contrast-aware outline expansion, by the package pixeloe."""

import math

import numpy as np

from pixelization.baselines.optional import optional_module

THICKNESS = 2  # passes of erosion and dilation; pixeloe's default


def pixeloe(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Widen outlines, restore the colours, then take from each cell its darkest, lightest or centre pixel by contrast.

    These are the steps of ``pixeloe.legacy.pixelize.pixelize(mode="contrast", no_upscale=True)``; called one by one, because
    it keeps the proportions of the image and so misses the exact size.

    Args:
        image: uint8 ``(H, W, 3)``.
        size: ``(w, h)`` of the result.

    Returns:
        uint8 ``(h, w, 3)``.

    Raises:
        UserError: pixeloe or OpenCV is missing.

    Source: PixelOE, https://github.com/KohakuBlueleaf/PixelOE. The cells have 4, 8, 12 ... pixels there: with others
    the package's windows leave a strip of the image out.
    """
    cv2 = optional_module("cv2")
    expand = optional_module("pixeloe.legacy.outline").outline_expansion
    match_color = optional_module("pixeloe.legacy.color").match_color
    downscale = optional_module("pixeloe.legacy.downscale").downscale_mode["contrast"]

    (width, height), (rows, columns) = size, image.shape[:2]
    cell = 4 * max(1, round(math.sqrt(rows * columns / (width * height)) / 4))
    source = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), (width * cell, height * cell))
    with np.errstate(invalid="ignore", divide="ignore"):  # flat images have no deviation to match
        expanded, _ = expand(source, THICKNESS, THICKNESS, cell, 9, 4)
        matched = match_color(expanded, source)
    # It takes the square root of the number of cells, and cuts the sides that it computes from it to whole numbers.
    sprite = downscale(matched, math.sqrt(width * height) * (1 + 1e-9))
    return cv2.cvtColor(sprite, cv2.COLOR_BGR2RGB)
