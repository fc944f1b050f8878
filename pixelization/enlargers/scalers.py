"""Classical enlargement of sprites by whole factors: no network.

Pillow's filters, and pixel art scalers of the optional package scalerack.
"""

from collections.abc import Callable, Sequence

import numpy as np

from pixelization.cells.sizes import Size
from pixelization.enlargers.base import CLASSICAL, FACTORS, Enlarge
from pixelization.errors import UserError
from pixelization.optional import optional_module
from pixelization.reducers import resampling

Scale = Callable[[np.ndarray, int], np.ndarray]
"""Enlarges uint8 ``(h, w, 3)`` by a factor, to ``(h * factor, w * factor, 3)``."""
# of those that know only some
KNOWN_FACTORS = {"epx": (2, 4, 8, 16), "hqx": (2, 3, 4), "xbr": (2, 3, 4, 5, 6)}


def classical_enlarger(method: str) -> Enlarge:
    """One of ``CLASSICAL`` as an enlarger.

    It draws by the smallest factor it knows that is not below the one wished for, else by the
    largest.

    Raises:
        UserError: there is no such method; when it is used: its package is missing.
    """
    if method not in CLASSICAL:
        raise UserError(f"unknown method '{method}': there are {', '.join(CLASSICAL)}")
    functions: dict[str, Scale] = {
        "epx": epx,
        "hqx": hqx,
        "xbr": xbr,
        "bicubic": resized(resampling.bicubic),
        "nearest": resized(resampling.nearest),
    }
    scale = functions[method]
    factors: Sequence[int] = KNOWN_FACTORS.get(method, range(FACTORS[0], FACTORS[1] + 1))

    def enlarge(cells: np.ndarray, factor: float) -> tuple[np.ndarray, float]:
        known = min((each for each in factors if each >= factor), default=max(factors))
        return scale(np.ascontiguousarray(cells), known), float(known)

    return enlarge


def resized(resample: Callable[[np.ndarray, Size], np.ndarray]) -> Scale:
    """A filter of :mod:`~pixelization.reducers.resampling` as a scaler by whole factors."""

    def scale(sprite: np.ndarray, factor: int) -> np.ndarray:
        height, width = sprite.shape[:2]
        return resample(sprite, (width * factor, height * factor))

    return scale


def epx(sprite: np.ndarray, factor: int) -> np.ndarray:
    """Scale2x, once per doubling.

    Args:
        sprite: uint8 ``(h, w, 3)``.
        factor: to enlarge by.

    Returns:
        uint8 ``(h * factor, w * factor, 3)``.

    Raises:
        UserError: ``factor`` is none of 2, 4, 8, 16; scalerack is missing.

    Source: Johnston 1992 (EPX), Mazzoleni 2001 (Scale2x).
    """
    _check_factor("epx", factor)
    scale2x = optional_module("scalerack").scale2x
    while factor > 1:
        sprite, factor = scale2x(sprite), factor // 2
    return sprite


def hqx(sprite: np.ndarray, factor: int) -> np.ndarray:
    """hq2x, hq3x, hq4x; arguments and result as of :func:`epx`.

    Raises:
        UserError: ``factor`` is none of 2, 3, 4; scalerack is missing.

    Source: Stepin 2003.
    """
    _check_factor("hqx", factor)
    return getattr(optional_module("scalerack"), f"hq{factor}x")(sprite)


def xbr(sprite: np.ndarray, factor: int) -> np.ndarray:
    """xBRZ, of the xBR family the one for all small factors; arguments and result as of
    :func:`epx`.

    Raises:
        UserError: ``factor`` is none of 2 to 6; scalerack is missing.

    Source: Hyllian 2011 (xBR), Zenju 2012 (xBRZ).
    """
    _check_factor("xbr", factor)
    return optional_module("scalerack").xbrz(sprite, factor)


def _check_factor(name: str, factor: int) -> None:
    if factor not in KNOWN_FACTORS[name]:
        *first, last = map(str, KNOWN_FACTORS[name])
        raise UserError(f"{name} does not enlarge by {factor}: use {', '.join(first)} or {last}")
