"""Classical methods that the networks are compared with, by name.

``PIXELIZERS[name](image, size)`` reduces a uint8 ``(H, W, 3)`` image to uint8 ``(h, w, 3)``, one
pixel per cell, with ``size = (w, h)`` at most that of the image. ``DEPIXELIZERS[name](sprite,
factor)`` enlarges a uint8 ``(h, w, 3)`` sprite to ``(h * factor, w * factor, 3)``. Some need the
extra ``pixelization[baselines]`` or ``[measure]``. ``DETECTORS[name](image)`` recovers the sprite
that a uint8 ``(H, W, 3 or 4)`` image shows enlarged; all need ``pixelization[rivals]``.
"""

from collections.abc import Callable

import numpy as np

from pixelization.enlargers import scalers as upscaling
from pixelization.evaluation.rivals import detectors, quantizing
from pixelization.evaluation.rivals.abstraction import abstraction
from pixelization.evaluation.rivals.content_adaptive import content_adaptive
from pixelization.evaluation.rivals.outline import pixeloe, pixeloe_legacy
from pixelization.evaluation.rivals.perceptual import perceptual
from pixelization.reducers import resampling

PIXELIZERS: dict[str, Callable[[np.ndarray, tuple[int, int]], np.ndarray]] = {
    "nearest": resampling.nearest,
    "bilinear": resampling.bilinear,
    "bicubic": resampling.bicubic,
    "lanczos": resampling.lanczos,
    "area": resampling.area,
    "majority": resampling.majority,
    "posterise_nearest": quantizing.posterise_nearest,
    "kmeans16_nearest": quantizing.kmeans16_nearest,
    "kmeans16_majority": quantizing.kmeans16_majority,
    "perceptual": perceptual,
    "content_adaptive": content_adaptive,
    "abstraction": abstraction,
    "pixeloe": pixeloe,
    "pixeloe_legacy": pixeloe_legacy,
}

DEPIXELIZERS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "nearest": upscaling.nearest,
    "bilinear": upscaling.bilinear,
    "bicubic": upscaling.bicubic,
    "lanczos": upscaling.lanczos,
    "epx": upscaling.epx,
    "hqx": upscaling.hqx,
    "xbr": upscaling.xbr,
    "kopf_lischinski": upscaling.kopf_lischinski,
}

DETECTORS: dict[str, Callable[[np.ndarray], detectors.Recovered]] = {
    "perfect-pixel": detectors.perfect_pixel,
    "unfake": detectors.unfake,
    "proper-pixel-art": detectors.proper_pixel_art,
    "ai2pixelart": detectors.ai2pixelart,
}

__all__ = ["DEPIXELIZERS", "DETECTORS", "PIXELIZERS"]
