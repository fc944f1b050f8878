"""The rule for strokes alone: what GridNet of ``lite`` learned from, without any network."""

import numpy as np

from pixelization.networks.tensors import to_array, to_tensor
from pixelization.training.losses.targets import stroke_target


def rule(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """One real colour per cell, thin strokes kept.

    Args:
        image: uint8 ``(H, W, 3)``.
        size: ``(w, h)`` of the result.

    Returns:
        uint8 ``(h, w, 3)``.

    Source: :func:`pixelization.training.losses.targets.stroke_target`.
    """
    return to_array(stroke_target(to_tensor(image), size[::-1]))
