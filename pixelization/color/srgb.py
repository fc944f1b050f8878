"""The transfer curve of sRGB: stored values to linear light, and back.

Source: IEC 61966-2-1.
"""

import numpy as np


def to_linear(values: np.ndarray) -> np.ndarray:
    """Linear light of stored values; both float, from 0 to 1."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def from_linear(light: np.ndarray) -> np.ndarray:
    """Stored values of linear light, which is clipped; both float, from 0 to 1."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
