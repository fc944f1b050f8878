"""Contrast-aware outline expansion, by the package pixeloe.

As it is now, and as it was first published.
"""

import contextlib
import logging
import math

import numpy as np
import torch

from pixelization.networks.torchvision_import import import_torchvision
from pixelization.optional import optional_module
from pixelization.reducers.resampling import bicubic

# Pixels of a cell while it works, and width of the expansion: the defaults of pixeloe now, and of
# its first version.
PATCH, THICKNESS = 6, 3
LEGACY_PATCH, LEGACY_THICKNESS = 16, 2


def pixeloe(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Widen outlines, restore the colours, then take from each cell its darkest, lightest or centre
    lightness by contrast.

    This is ``pixeloe.torch.pixelize.pixelize`` with its defaults, on the image resized (bicubic) so
    that a cell has the 6 pixels of these defaults.

    Args:
        image: uint8 ``(H, W, 3)``.
        size: ``(w, h)`` of the result.

    Returns:
        uint8 ``(h, w, 3)``.

    Raises:
        UserError: pixeloe is missing.

    Source: PixelOE, https://github.com/KohakuBlueleaf/PixelOE.
    """
    with contextlib.suppress(ModuleNotFoundError):  # pixeloe says then what is missing
        import_torchvision()
    pixelize = optional_module("pixeloe.torch.pixelize").pixelize
    # it would warn on stdout that nothing is compiled
    logging.getLogger("PixelOE").setLevel(logging.ERROR)
    width, height = size
    source = bicubic(image, (width * PATCH, height * PATCH))
    tensor = torch.from_numpy(source.transpose(2, 0, 1)[None] / np.float32(255))
    with torch.inference_mode():
        sprite = pixelize(
            tensor, pixel_size=PATCH, thickness=THICKNESS, no_post_upscale=True, backend="torch"
        )
    # A black image has no deviation to match: not a number.
    return (sprite[0].nan_to_num(0).clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()


def pixeloe_legacy(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The first version of :func:`pixeloe`, with OpenCV; arguments and result are the same.

    These are the steps of ``pixeloe.legacy.pixelize.pixelize(mode="contrast", no_upscale=True)``;
    called one by one, because it keeps the proportions of the image and so misses the exact size.
    It resizes the image so that a cell has 16 pixels; with patches as large as the cells of the
    image, often 4 or 8 pixels, outlines of this thickness blur and colours run.

    Raises:
        UserError: pixeloe or OpenCV is missing.
    """
    cv2 = optional_module("cv2")
    expand = optional_module("pixeloe.legacy.outline").outline_expansion
    match_color = optional_module("pixeloe.legacy.color").match_color
    downscale = optional_module("pixeloe.legacy.downscale").downscale_mode["contrast"]

    width, height = size
    source = cv2.resize(
        cv2.cvtColor(image, cv2.COLOR_RGB2BGR), (width * LEGACY_PATCH, height * LEGACY_PATCH)
    )
    with np.errstate(invalid="ignore", divide="ignore"):  # flat images have no deviation to match
        expanded, _ = expand(source, LEGACY_THICKNESS, LEGACY_THICKNESS, LEGACY_PATCH, 9, 4)
        matched = match_color(expanded, source)
    # It takes the square root of the number of cells, and cuts the sides that it computes from it
    # to whole numbers.
    sprite = downscale(matched, math.sqrt(width * height) * (1 + 1e-9))
    return cv2.cvtColor(sprite, cv2.COLOR_BGR2RGB)
