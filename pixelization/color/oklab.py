"""sRGB <-> Oklab, and the space in which colours are compared."""

import numpy as np

from pixelization.color.srgb import to_linear

LINEAR = to_linear(np.arange(256) / 255)  # of every sRGB level
_LINEAR_BOUNDS = to_linear((np.arange(255) + 0.5) / 255)  # a level begins half a step below it

_RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
).T
_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
).T
_LMS_TO_RGB = np.linalg.inv(_RGB_TO_LMS)
_LAB_TO_LMS = np.linalg.inv(_LMS_TO_LAB)
_K1, _K2 = 0.206, 0.03
_K3 = (1 + _K1) / (1 + _K2)

NOTICEABLE = 0.02
"""Distance in Oklab at which a difference between two fills can just be seen."""

FLARE = 0.01
"""Share of its light that a display sends out where it shows black.

Source: Stokes et al. 1996, "A Standard Default Color Space for the Internet - sRGB", the encoding
viewing flare.
"""


def oklab(colors: np.ndarray, flare: float = 0.0) -> np.ndarray:
    """Convert sRGB to Oklab.

    Args:
        colors: uint8 ``(..., 3)`` sRGB.
        flare: light that is added to all colours, of which 1 is white. Without, the cube root puts
            (1, 1, 1) three times as far from black as can just be seen; with :data:`FLARE`, levels
            of near-blacks count as little as they show.

    Returns:
        float64 ``(..., 3)``: lightness L in [0, 1]; a (green to red) and b (blue to yellow) in
            about [-0.32, 0.28], 0 for greys.

    Raises:
        ValueError: ``colors`` is not uint8 ``(..., 3)``.

    Source: Ottosson 2020, "A perceptual color space for image processing".
    """
    if colors.dtype != np.uint8 or colors.ndim < 1 or colors.shape[-1] != 3:
        raise ValueError(
            f"expected colours of dtype uint8 and shape (..., 3), got {colors.dtype} {colors.shape}"
        )
    light = LINEAR[colors] * (1 - flare) + flare if flare else LINEAR[colors]
    return np.cbrt(light @ _RGB_TO_LMS) @ _LMS_TO_LAB


def srgb(lab: np.ndarray) -> np.ndarray:
    """Convert Oklab to the nearest sRGB levels; what sRGB cannot show is clipped per channel.

    Args:
        lab: float ``(..., 3)`` as :func:`oklab` returns it.

    Returns:
        uint8 ``(..., 3)``.
    """
    linear = (lab @ _LAB_TO_LMS) ** 3 @ _LMS_TO_RGB
    return np.searchsorted(_LINEAR_BOUNDS, linear, side="right").astype(np.uint8)


def perceptual(colors: np.ndarray) -> np.ndarray:
    """Convert sRGB to a space in which equal distances look about equal.

    It is the space of the colour difference ΔEOKr2.

    Oklab itself stretches the darkest colours (a near-black outline of (20, 20, 20) would be drawn
    in navy rather than in black) and underrates hue (greys would take on a tint). So its lightness
    gets Ottosson's toe, which is close to that of CIELAB, and a and b count twice.

    Args:
        colors: uint8 ``(..., 3)`` sRGB.

    Returns:
        float64 ``(..., 3)``: lightness in [0, 1], 2 a, 2 b. About 0.02 is just noticeable.

    Raises:
        ValueError: ``colors`` is not uint8 ``(..., 3)``.

    Source: CSS Color Module Level 4, "Color Difference"; Ottosson 2021, "Okhsv and Okhsl" (the
    toe).
    """
    lab = oklab(colors)
    lightness = _K3 * lab[..., 0]
    shifted = lightness - _K1
    lab[..., 0] = 0.5 * (shifted + np.sqrt(shifted**2 + 4 * _K2 * lightness))
    lab[..., 1:] *= 2
    return lab
