"""Options as people write them: texts to values."""

import math
import re
from collections.abc import Callable

from pixelization.cells.sizes import Longest
from pixelization.config import TRUTHS
from pixelization.palettes.palette import parse_hex

Color = tuple[int, int, int]
MOST_DIGITS = 1000  # of a whole number; what has a range says so of more than it takes


def number(text: str) -> float:
    """A number, or a fraction such as 16/3; ``ValueError`` if it is neither."""
    numerator, slash, denominator = text.partition("/")
    try:
        value = float(numerator) / (float(denominator) if slash else 1.0)
    except (ValueError, ZeroDivisionError):
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"'{text}' is not a number")
    return value


def whole(text: str) -> int:
    """A whole number; ``ValueError`` if it is none."""
    if not re.fullmatch(rf"[+-]?\d{{1,{MOST_DIGITS}}}", text):
        raise ValueError(f"'{text}' is not a whole number")
    return int(text)


def cell(text: str) -> float | tuple[float, float]:
    """``6``, ``16/3``, or ``6x5`` as (width, height); ``ValueError`` if it is none of them."""
    width, times, height = text.lower().partition("x")
    return (number(width), number(height)) if times else number(text)


def parts(text: str) -> tuple[float, float]:
    """``0.5x0.25`` as (right, down), or ``0.5`` for both; ``ValueError`` if it is neither."""
    value = cell(text)
    return value if isinstance(value, tuple) else (value, value)


def size(text: str) -> tuple[int, int | None] | Longest:
    """``64x48`` or ``64`` as (width, height), the height None if it is not given; ``max:64``.

    ``ValueError`` if it is none of them.
    """
    if longest := re.fullmatch(rf"max:(\d{{1,{MOST_DIGITS}}})", text, re.IGNORECASE):
        return Longest(int(longest[1]))
    match = re.fullmatch(rf"(\d{{1,{MOST_DIGITS}}})(?:[xX](\d{{1,{MOST_DIGITS}}}))?", text)
    if not match:
        raise ValueError(f"'{text}' is not a size such as 64x48, 64 or max:64")
    width, height = match.groups()
    return int(width), int(height) if height else None


def full_size(text: str) -> tuple[int, int]:
    """``64x48``, or ``64`` for a square, as (width, height); ``ValueError`` if it is neither."""
    match = size(text)
    if isinstance(match, Longest):
        raise ValueError(f"'{text}' is not a size such as 64x48 or 64")
    width, height = match
    return width, width if height is None else height


def sizes(text: str) -> tuple[tuple[int, int | None] | Longest, ...]:
    """Sizes with commas between them; ``ValueError`` if one is none."""
    return tuple(size(each.strip()) for each in text.split(","))


def palette_size(text: str) -> int | str:
    """A number of colours, or ``auto``, or ``hues``; ``ValueError`` if it is none of them."""
    if text in ("auto", "hues"):
        return text
    try:
        return whole(text)
    except ValueError as error:
        raise ValueError(f"{error}, nor auto or hues") from None


def color(text: str) -> Color | None:
    """A colour as those of palettes are written, as a triple.

    ``auto`` as None; ``ValueError`` if it is neither.
    """
    return None if text == "auto" else parse_hex(text)


def switch(text: str) -> bool:
    """YAML's words for true and false; ``ValueError`` for others."""
    if text.lower() not in TRUTHS:
        raise ValueError(f"'{text}' is neither true nor false")
    return TRUTHS[text.lower()]


def one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    """A parser that takes these texts only; ``ValueError`` for others."""

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"'{text}' is none of: {', '.join(choices)}")
        return text

    return parse
