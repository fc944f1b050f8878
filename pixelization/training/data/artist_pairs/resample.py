"""Drawings at the resolutions that people have.

2 to 8 pixels per cell (more are averaged down to 8 before a network looks).
"""

import torch.nn.functional as F
from torch import Tensor

CELL_SIZES = (2.5, 3.0, 4.0, 4.0, 16 / 3, 16 / 3, 16 / 3, 8.0, 8.0, 8.0)
"""Pixels per side of a cell, each as often as it stands here.

Those of 64, 48 and 32 cells at 256 pixels most often.
"""


def resampled(picture: Tensor, side: int, *, soft: bool) -> Tensor:
    """Reduce ``(C, S, S)``, premultiplied, to ``side`` pixels a side.

    ``soft``: by a wider kernel than the pixel.
    """
    picture = picture.unsqueeze(0)
    if side >= picture.shape[-1]:
        return picture.squeeze(0)
    if soft:
        small = F.interpolate(
            picture, size=(side, side), mode="bilinear", antialias=True, align_corners=False
        )
    else:
        small = F.interpolate(picture, size=(side, side), mode="area")
    return small.squeeze(0)
