"""Every method that a comparison may name, beside the networks and the detector of this package.

Some need the extra ``pixelization[baselines]`` or ``[measure]``. All detectors need
``pixelization[rivals]``.
"""

from collections.abc import Callable

import numpy as np

from pixelization.cells.sizes import Size
from pixelization.enlargers import scalers
from pixelization.evaluation.rivals import detectors, quantizing
from pixelization.evaluation.rivals.abstraction import abstraction
from pixelization.evaluation.rivals.content_adaptive import content_adaptive
from pixelization.evaluation.rivals.kopf_lischinski import kopf_lischinski
from pixelization.evaluation.rivals.perceptual import perceptual
from pixelization.evaluation.rivals.pixeloe import pixeloe, pixeloe_legacy
from pixelization.evaluation.rivals.rule import rule
from pixelization.reducers import resampling

PIXELIZERS: dict[str, Callable[[np.ndarray, Size], np.ndarray]] = {
    "nearest": resampling.nearest,
    "bilinear": resampling.bilinear,
    "bicubic": resampling.bicubic,
    "lanczos": resampling.lanczos,
    "area": resampling.area,
    "majority": resampling.majority,
    "posterise_nearest": quantizing.posterise_nearest,
    "hue_slots": quantizing.hue_slots,
    "kmeans16_nearest": quantizing.kmeans16_nearest,
    "kmeans16_majority": quantizing.kmeans16_majority,
    "perceptual": perceptual,
    "content_adaptive": content_adaptive,
    "abstraction": abstraction,
    "pixeloe": pixeloe,
    "pixeloe_legacy": pixeloe_legacy,
    "rule": rule,
}
"""Reduce uint8 ``(H, W, 3)`` to uint8 ``(h, w, 3)``, one pixel per cell.

``(w, h)`` is given, and at most that of the image.
"""

DEPIXELIZERS: dict[str, scalers.Scale] = {
    "nearest": scalers.resized(resampling.nearest),
    "bilinear": scalers.resized(resampling.bilinear),
    "bicubic": scalers.resized(resampling.bicubic),
    "lanczos": scalers.resized(resampling.lanczos),
    "epx": scalers.epx,
    "hqx": scalers.hqx,
    "xbr": scalers.xbr,
    "kopf_lischinski": kopf_lischinski,
}
"""Enlarge a sprite, uint8 ``(h, w, 3)``, by a factor, to ``(h * factor, w * factor, 3)``."""

DETECTORS: dict[str, Callable[[np.ndarray], detectors.Recovered]] = {
    "perfect-pixel": detectors.perfect_pixel,
    "unfake": detectors.unfake,
    "proper-pixel-art": detectors.proper_pixel_art,
    "ai2pixelart": detectors.ai2pixelart,
}
"""Recover the sprite that an image, uint8 ``(H, W, 3 or 4)``, shows enlarged."""
