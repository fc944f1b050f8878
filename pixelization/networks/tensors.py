"""uint8 arrays <-> tensors in [-1, 1]."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def to_tensor(images: Image.Image | np.ndarray) -> Tensor:
    """``(B, H, W, C)`` of 0 to 255 -> float32 ``(B, C, H, W)`` in [-1, 1].

    One RGB image, or ``(H, W, C)``, becomes a batch of one.
    """
    pixels = torch.from_numpy(np.array(images))
    if pixels.dim() == 3:
        pixels = pixels.unsqueeze(0)
    return normalize(pixels.permute(0, 3, 1, 2))


def to_arrays(images: Tensor) -> np.ndarray:
    """``(B, C, H, W)`` in [-1, 1] (clipped) -> uint8 ``(B, H, W, C)``."""
    levels = ((images.float() + 1) * 127.5).round_().clamp_(0, 255).to(torch.uint8)
    return levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def to_array(image: Tensor) -> np.ndarray:
    """One image, ``(1, C, H, W)`` or ``(C, H, W)`` in [-1, 1] (clipped) -> uint8 ``(H, W, C)``.

    Raises:
        ValueError: it is a batch of more than one.
    """
    if image.dim() == 4 and len(image) != 1:
        raise ValueError(f"expected one image, got a batch of {len(image)}: use to_arrays")
    return to_arrays(image if image.dim() == 4 else image.unsqueeze(0))[0]


def normalize(images: Tensor) -> Tensor:
    """Numbers in [0, 255] -> float32 in [-1, 1], any shape and device."""
    return images.float().div_(127.5).sub_(1)
