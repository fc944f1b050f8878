"""uint8 arrays <-> tensors in [-1, 1]."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def to_tensor(image: Image.Image | np.ndarray) -> Tensor:
    """RGB image or uint8 ``(H, W, 3)`` -> float32 ``(1, 3, H, W)`` in [-1, 1]."""
    pixels = np.array(image)
    return normalize(torch.from_numpy(pixels).permute(2, 0, 1).unsqueeze(0))


def to_array(tensor: Tensor) -> np.ndarray:
    """``(1, 3, H, W)`` or ``(3, H, W)`` in [-1, 1] (clipped) -> uint8 ``(H, W, 3)``."""
    image = tensor[0] if tensor.dim() == 4 else tensor
    return (
        ((image.float() + 1) * 127.5)
        .round_()
        .clamp_(0, 255)
        .to(torch.uint8)
        .permute(1, 2, 0)
        .contiguous()
        .cpu()
        .numpy()
    )


def normalize(images: Tensor) -> Tensor:
    """uint8 in [0, 255] -> float32 in [-1, 1], any shape and device."""
    return images.float().div_(127.5).sub_(1)
