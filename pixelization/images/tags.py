"""Colour tags other than profiles, as browsers show them: cICP, sRGB, gAMA and cHRM.

| tag | in | what |
|---|---|---|
| cICP, nclx | PNG, AVIF | primaries and transfer function by number, ITU-T H.273 |
| sRGB | PNG | the image is sRGB: gAMA and cHRM do not count |
| gAMA with cHRM | PNG | a power function and primaries |
| gAMA alone | PNG | a power function, shown on a display of 2.2, as libpng does |

cICP goes before a profile, a profile before all others. cHRM without gAMA does not count, as in
Firefox and Chrome. What is within rounding of sRGB is sRGB.

Source: Portable Network Graphics (PNG) Specification (Third Edition), W3C 2025, sections 4.3 and
11.3.2; ITU-T H.273 (2021), tables 2 and 3; libpng, ``png_set_gamma``; ITU-R BT.2408 for the white
of PQ and HLG.
"""

import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PIL import Image

from pixelization.color.srgb import from_linear, to_linear

Curve = Callable[[np.ndarray], np.ndarray]
"""Stored values from 0 to 1 to linear light, where 1 is white."""

DISPLAY_GAMMA = 2.2
SAME_GAMMA = 0.05  # share by which powers may differ from 1 and count as 1, as in libpng
SAME_CHROMATICITY = 0.01  # of x and y, as in libpng
WHITE = 203.0  # of PQ and HLG, in cd/m2
PQ_PEAK, HLG_PEAK = 10_000.0, 1_000.0
LEVELS = 1 << 16  # of linear light: enough for 8 bits of sRGB
ROWS = 64  # that are converted at once
D65 = (0.3127, 0.3290)
SRGB = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
# White, red, green, blue: x and y each, in the order of cHRM.
PRIMARIES = {
    1: SRGB,
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (*D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
# Tags that have been followed, and must not be again by whoever reads the image once more.
TAGS = frozenset({"icc_profile", "cicp", "srgb", "gamma", "chromaticity"})


def tagged_in_srgb(colors: Image.Image, info: Mapping[Any, Any]) -> Image.Image:
    """What the image shows, by its colour tags.

    Args:
        colors: RGB or RGBA, as stored.
        info: tags as Pillow names them, and "cicp", its four numbers. Tags that make no sense do
            not count.

    Returns:
        RGB or RGBA; the same image where it is sRGB.
    """
    if "cicp" in info:
        primaries, transfer = info["cicp"][:2]
        if primaries not in PRIMARIES or transfer not in CURVES:
            return colors
        return _converted(colors, CURVES[transfer], PRIMARIES[primaries])
    gamma = info.get("gamma")
    if "srgb" in info or not gamma or not 1e-3 < gamma < 1e3:
        return colors
    power = 1 / (gamma * DISPLAY_GAMMA)
    like_srgb = abs(power - 1) < SAME_GAMMA
    chromaticity = info.get("chromaticity")
    if chromaticity is None:
        if like_srgb:
            return colors
        return _through(colors, np.rint(255 * (np.arange(256) / 255) ** power))
    return _converted(colors, to_linear if like_srgb else _power(1 / gamma), chromaticity)


def nclx(data: bytes) -> tuple[int, int, int, int] | None:
    """The colour tag of an AVIF file, as cICP; None if it has none.

    The first picture of the file is meant; a file of several may tag each.
    """
    at = data.find(b"colrnclx")
    if at < 0 or at + 15 > len(data):
        return None
    primaries, transfer, matrix, full = struct.unpack_from(">3HB", data, at + 8)
    return primaries, transfer, matrix, full >> 7


def _converted(colors: Image.Image, curve: Curve, chromaticity: tuple[float, ...]) -> Image.Image:
    """Colours of a curve and of primaries, white first, as sRGB."""
    linear = np.clip(curve(np.arange(256) / 255), 0, None)
    if np.allclose(chromaticity, SRGB, rtol=0, atol=SAME_CHROMATICITY):
        return _through(colors, np.rint(255 * from_linear(linear)))
    matrix = _matrix(chromaticity)
    if matrix is None:
        return colors
    levels = np.rint(255 * from_linear(np.arange(LEVELS) / (LEVELS - 1))).astype(np.uint8)
    # what each stored channel adds to each of sRGB, in levels
    shares = (LEVELS - 1) * matrix[..., np.newaxis] * linear
    pixels = np.array(colors)
    for at in range(0, len(pixels), ROWS):
        rows = pixels[at : at + ROWS]
        stored = [np.ascontiguousarray(rows[..., channel]) for channel in range(3)]
        for channel, parts in enumerate(shares):
            light = sum(part.take(values) for part, values in zip(parts, stored, strict=True))
            rows[..., channel] = levels.take((light.clip(0, LEVELS - 1) + 0.5).astype(np.uint16))
    return Image.fromarray(pixels)


def _through(colors: Image.Image, levels: np.ndarray) -> Image.Image:
    """Every channel but alpha through a table of 256 levels."""
    if np.array_equal(levels, np.arange(256)):
        return colors
    table = levels.astype(int).tolist() * 3
    return colors.point(table + list(range(256)) if colors.mode == "RGBA" else table)


def _matrix(chromaticity: tuple[float, ...]) -> np.ndarray | None:
    """Linear light of the primaries to that of sRGB, white to white, by Bradford's adaptation."""
    try:
        with np.errstate(all="ignore"):
            stored, srgb = _to_xyz(chromaticity), _to_xyz(SRGB)
            adapted = np.diag((BRADFORD @ srgb.sum(axis=1)) / (BRADFORD @ stored.sum(axis=1)))
            matrix = np.linalg.inv(srgb) @ np.linalg.inv(BRADFORD) @ adapted @ BRADFORD @ stored
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return None
    return matrix if np.isfinite(matrix).all() else None


def _to_xyz(chromaticity: tuple[float, ...]) -> np.ndarray:
    """Columns: XYZ of red, green and blue, which make the white of luminance 1."""
    white, *primaries = (
        np.array([x / y, 1, (1 - x - y) / y])
        for x, y in zip(chromaticity[::2], chromaticity[1::2], strict=True)
    )
    columns = np.stack(primaries, axis=1)
    return columns * np.linalg.solve(columns, white)


def _from_pq(value: np.ndarray) -> np.ndarray:
    root = value ** (32 / 2523)
    light = (np.clip(root - 0.8359375, 0, None) / (18.8515625 - 18.6875 * root)) ** (16384 / 2610)
    return light * PQ_PEAK / WHITE


def _from_hlg(value: np.ndarray) -> np.ndarray:
    scene = np.where(
        value <= 0.5, value**2 / 3, (np.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12
    )
    return scene**1.2 * HLG_PEAK / WHITE


def _power(gamma: float) -> Curve:
    return lambda value: value**gamma


CURVES: dict[int, Curve] = {
    # BT.709 and its like are shown as sRGB: what differs is the camera's curve, not the display's.
    **dict.fromkeys((1, 6, 13, 14, 15), to_linear),
    4: _power(2.2),
    5: _power(2.8),
    8: _power(1.0),
    16: _from_pq,
    18: _from_hlg,
}
