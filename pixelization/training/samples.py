"""Sample sheets: pictures in rows, to be looked at. What is on them is the system's choice."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

GAP = 4  # white pixels between pictures


def sheet(rows: Sequence[Sequence[np.ndarray]]) -> Image.Image:
    """One picture of rows of pictures: uint8 ``(H, W, 3)``, all of a row equally high."""
    padding = ((GAP, 0), (GAP, 0), (0, 0))
    padded = [
        np.concatenate([np.pad(cell, padding, constant_values=255) for cell in row], axis=1)
        for row in rows
    ]
    return Image.fromarray(np.concatenate(padded))
