"""The main colours of a picture, of tensors."""

import torch
from torch import Tensor

from pixelization.color import main_colors as arrays
from pixelization.networks.tensors import normalize, to_array


def main_colors(picture: Tensor) -> tuple[Tensor, Tensor]:
    """See :func:`pixelization.color.main_colors.main_colors`.

    Args:
        picture: RGBA ``(4, H, W)`` in [-1, 1].

    Returns:
        The colours, ``(COUNT, 3)`` in [-1, 1], 0 where there is none, and which of them exist,
        bool ``(COUNT,)``; on the picture's device.
    """
    pixels = to_array(picture).reshape(-1, 4)
    colors, exists = map(torch.from_numpy, arrays.main_colors(pixels))
    signed = normalize(colors) * exists.unsqueeze(1)
    return signed.to(picture.device), exists.to(picture.device)
