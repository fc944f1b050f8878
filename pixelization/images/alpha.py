"""What stands for transparent pixels where only colours are looked at."""

import numpy as np
import scipy
from PIL import Image

from pixelization.cells.voting import HALF_OPAQUE


def on_white(image: Image.Image) -> Image.Image:
    """An RGB or RGBA image as RGB, composed on white."""
    if image.mode == "RGB":
        return image
    canvas = Image.new("RGBA", image.size, "white")
    canvas.alpha_composite(image)
    return canvas.convert("RGB")


def fill_transparent(rgba: np.ndarray, radius: float) -> np.ndarray:
    """Give transparent pixels a colour that cannot be seen in the result.

    The colour stored under transparent pixels is arbitrary and must never reach a network; a plain
    white background would bleed into the cells at the edge.

    Args:
        rgba: uint8 ``(H, W, 4)``, colours not premultiplied.
        radius: in pixels.

    Returns:
        uint8 ``(H, W, 3)``: pixels with alpha of at least 128 keep their colour; others take that
            of the nearest such pixel within ``radius``, and white beyond.
    """
    opaque = rgba[..., 3] >= HALF_OPAQUE
    if not opaque.any():
        return np.full((*rgba.shape[:2], 3), 255, np.uint8)
    distance, nearest = scipy.ndimage.distance_transform_edt(~opaque, return_indices=True)
    colors = rgba[..., :3][tuple(nearest)]
    colors[distance > radius] = 255
    return colors


def over(
    above: np.ndarray, cover: np.ndarray | float, below: np.ndarray, alpha: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """One thing over another, in floats: "over" of Porter and Duff (1984).

    All broadcast with one another.

    Args:
        above: its colours, not premultiplied.
        cover: its alpha in [0, 1].
        below, alpha: the same of what is below.

    Returns:
        Colours, which mean nothing where alpha is 0, and alpha.
    """
    covered = cover + alpha * (1 - cover)
    mixed = above * cover + below * alpha * (1 - cover)
    return mixed / np.maximum(covered, np.finfo(float).tiny), covered


def with_alpha(colors: np.ndarray, alpha: np.ndarray | None = None) -> np.ndarray:
    """Colours and alpha as one sprite or image.

    Args:
        colors: uint8 ``(h, w, 3)``, or ``(h, w, 4)`` if no alpha is given.
        alpha: uint8 ``(h, w)``; default: that of ``colors``, or else opaque.

    Returns:
        uint8 ``(h, w, 4)``. Where alpha is 0 and was given, so is the colour.
    """
    if alpha is None:
        if colors.shape[2] == 4:
            return colors
        return np.dstack([colors, np.full(colors.shape[:2], 255, np.uint8)])
    return np.dstack([np.where(alpha[..., None] > 0, colors, 0).astype(np.uint8), alpha])
