"""What a sprite is: uint8, one pixel per cell, alpha 0 or 255, black where nothing is seen."""

import numpy as np
from PIL import Image

from pixelization.cells.voting import HALF_OPAQUE


def hard_edged(sprite: Image.Image) -> Image.Image:
    """A sprite as the rest of the package expects it.

    Alpha 0 or 255 (from 128), and no colour where nothing is seen.
    """
    if sprite.mode != "RGBA":
        return sprite
    pixels = np.array(sprite)
    opaque = pixels[..., 3] >= HALF_OPAQUE
    pixels[..., 3] = 255
    return Image.fromarray(pixels * opaque[..., None])


def check_sprite(sprite: np.ndarray) -> None:
    """Raise ``ValueError`` unless this is uint8 ``(h, w, 3 or 4)`` with at least one cell."""
    _check_kind(sprite)
    if sprite.size == 0:
        raise ValueError(f"expected a sprite with at least one cell, got shape {sprite.shape}")


def opaque_cells(sprite: np.ndarray) -> np.ndarray:
    """Which cells of a sprite, with alpha or without, can be seen: bool ``(h, w)``."""
    return sprite[..., 3] > 0 if sprite.shape[2] == 4 else np.ones(sprite.shape[:2], bool)


def sprite_colors(sprite: np.ndarray) -> np.ndarray:
    """The colours of a sprite, black where it is transparent: uint8 ``(h, w, 3)``.

    Raises:
        ValueError: the sprite is not a uint8 ``(h, w, 3)`` or ``(h, w, 4)`` array.
    """
    _check_kind(sprite)
    if sprite.shape[2] == 3:
        return sprite
    return np.where(sprite[..., 3:] > 0, sprite[..., :3], np.uint8(0))


def painted(sprite: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """A sprite in other colours, uint8 ``(h, w, 3)``.

    Transparent where ``sprite`` is, and (0, 0, 0, 0) there.
    """
    if sprite.shape[2] == 3:
        return colors
    alpha = sprite[..., 3:]
    return np.concatenate([np.where(alpha > 0, colors, np.uint8(0)), alpha], axis=2)


def _check_kind(sprite: np.ndarray) -> None:
    if sprite.dtype != np.uint8 or sprite.ndim != 3 or sprite.shape[2] not in (3, 4):
        found = f"{sprite.dtype} {sprite.shape}"
        raise ValueError(f"expected a sprite of dtype uint8 and shape (h, w, 3 or 4), got {found}")
