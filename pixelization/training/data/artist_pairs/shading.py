"""Light that changes slowly over a colour, in the drawing and in the sprite alike.

The choice of a cell is the same.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def shading(labels: Tensor, slopes: Tensor, cells_per_side: float) -> Tensor:
    """How much lighter every pixel (or cell) is than its colour: a slope of its own for every
    label.

    Args:
        labels: int64 ``(B, h, w)``.
        slopes: ``(B, K, 2)``, of luma in [0, 1] per canvas, down and across.
        cells_per_side: of the canvas, so that pixels and cells agree: centres are what counts.

    Returns:
        ``(B, h, w)``.
    """
    _batch, height, width = labels.shape
    rows = (torch.arange(height, device=labels.device) + 0.5) / height - 0.5
    columns = (torch.arange(width, device=labels.device) + 0.5) / width - 0.5
    down, across = (
        slopes[..., axis].gather(1, labels.flatten(1)).view(labels.shape) for axis in (0, 1)
    )
    return (down * rows[:, None] + across * columns) * (cells_per_side / 28)


def noise_field(
    batch: int, size: int, knots: tuple[int, int], generator: torch.Generator
) -> Tensor:
    """Smooth noise of standard deviation about 1, ``(B, size, size)``.

    With that many knots down and across.
    """
    coarse = torch.randn(batch, 1, *knots, generator=generator)
    return F.interpolate(coarse, size=(size, size), mode="bicubic", align_corners=False).squeeze(1)
