"""Sample sheets: pictures in rows, to be looked at. What is on them is the system's choice."""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

GAP = 4  # white pixels between pictures


def sheet(rows: Sequence[Sequence[np.ndarray]]) -> Image.Image:
    """One picture of rows of pictures: uint8 ``(H, W, 3)``, all of a row equally high."""
    padding = ((GAP, 0), (GAP, 0), (0, 0))
    padded = [
        np.concatenate([np.pad(cell, padding, constant_values=255) for cell in row], axis=1)
        for row in rows
    ]
    return Image.fromarray(np.concatenate(padded))


def image_tensor(sheet: Image.Image) -> Tensor:
    """A sheet as uint8 ``(3, H, W)`` for tensorboard."""
    return torch.from_numpy(np.array(sheet)).permute(2, 0, 1)
