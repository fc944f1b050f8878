"""Contrast-aware outline expansion, by the package pixeloe."""

import math

import numpy as np

from pixelization.baselines.optional import optional_module

PATCH, THICKNESS = 16, 2  # pixels of a cell while it works; passes of erosion and dilation: pixeloe's defaults


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

    Source: PixelOE, https://github.com/KohakuBlueleaf/PixelOE. It resizes the image so that a cell has 16 pixels; with
    patches as large as the cells of the image, often 4 or 8 pixels, outlines of this thickness blur and colours run.
    """
    cv2 = optional_module("cv2")
    expand = optional_module("pixeloe.legacy.outline").outline_expansion
    match_color = optional_module("pixeloe.legacy.color").match_color
    downscale = optional_module("pixeloe.legacy.downscale").downscale_mode["contrast"]

    width, height = size
    source = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), (width * PATCH, height * PATCH))
    with np.errstate(invalid="ignore", divide="ignore"):  # flat images have no deviation to match
        expanded, _ = expand(source, THICKNESS, THICKNESS, PATCH, 9, 4)
        matched = match_color(expanded, source)
    # It takes the square root of the number of cells, and cuts the sides that it computes from it to whole numbers.
    sprite = downscale(matched, math.sqrt(width * height) * (1 + 1e-9))
    return cv2.cvtColor(sprite, cv2.COLOR_BGR2RGB)
