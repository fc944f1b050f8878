"""What happens to drawings and photos and not to sprites: texture, blur, noise, JPEG."""

import io

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from pixelization.images.opening import open_image


def blurred(picture: Tensor, sigma: Tensor) -> Tensor:
    """Gaussian blur of ``(B, C, H, W)`` by ``sigma (B,)`` pixels, up to 1.

    Values at the borders go on.
    """
    taps = torch.arange(-2.0, 3.0)
    kernel = torch.exp(-(taps**2) / (2 * sigma.clamp_min(1e-3)[:, None] ** 2))
    kernel = kernel / kernel.sum(1, keepdim=True)
    batch, channels = picture.shape[:2]
    kernel = kernel.repeat_interleave(channels, 0)
    flat = F.pad(picture, (2, 2, 2, 2), mode="replicate").flatten(0, 1).unsqueeze(0)
    flat = F.conv2d(flat, kernel[:, None, :, None], groups=batch * channels)
    flat = F.conv2d(flat, kernel[:, None, None, :], groups=batch * channels)
    return flat.view_as(picture)


def jpeg(picture: Tensor, quality: int) -> Tensor:
    """What JPEG leaves of the colours of RGBA ``(4, H, W)`` in [0, 1]; alpha stays."""
    pixels = (picture[:3] * 255).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "JPEG", quality=quality)
    kept = np.array(open_image(file.getvalue(), "the sprite", ("JPEG",)))
    back = torch.from_numpy(kept).permute(2, 0, 1) / 255
    return torch.cat([back, picture[3:]])
