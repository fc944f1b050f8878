"""CIEDE2000, the colour difference in which results are judged.

The same numbers as scikit-image's, which is too large an install for this alone.
"""

import numpy as np

from pixelization.color.oklab import LINEAR

# Linear sRGB -> XYZ over that of its white, D65 (IEC 61966-2-1).
TO_XYZ = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
TO_XYZ /= TO_XYZ.sum(axis=1, keepdims=True)


def lab(colors: np.ndarray) -> np.ndarray:
    """CIELAB of sRGB colours: uint8 ``(..., 3)`` -> float64 ``(..., 3)``."""
    xyz = LINEAR[colors] @ TO_XYZ.T
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])],
        axis=-1,
    )


def ciede2000(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The difference of CIELAB colours ``(..., 3)``: float64 ``(...)``.

    2 is hardly noticeable, white to black is 100.

    Source: Sharma, Wu and Dalal 2005, "The CIEDE2000 color-difference formula", equations 2 to 22.
    """
    (l1, a1, b1), (l2, a2, b2) = (np.moveaxis(colors, -1, 0) for colors in (first, second))
    c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(c7 / (c7 + 25.0**7))
    a1, a2 = stretch * a1, stretch * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.arctan2(b1, a1) % (2 * np.pi), np.arctan2(b2, a2) % (2 * np.pi)
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + np.pi) % (2 * np.pi) - np.pi)
    hue = np.where(grey, h1 + h2, h1 + turn / 2)
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2)
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * np.cos(hue - np.pi / 6)
        + 0.24 * np.cos(2 * hue)
        + 0.32 * np.cos(3 * hue + np.pi / 30)
    )
    t -= 0.20 * np.cos(4 * hue - np.pi * 63 / 180)
    s_lightness = 1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    s_chroma, s_hue = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    c7 = chroma**7
    degrees = np.degrees(hue) % 360
    rotation = (
        -np.sin(np.pi / 3 * np.exp(-(((degrees - 275) / 25) ** 2)))
        * 2
        * np.sqrt(c7 / (c7 + 25.0**7))
    )
    # each difference in units of how well it is seen
    d_l, d_c, d_h = (l2 - l1) / s_lightness, (c2 - c1) / s_chroma, d_hue / s_hue
    return np.sqrt(np.maximum(d_l * d_l + d_c * d_c + d_h * d_h + rotation * d_c * d_h, 0))
