"""The palette type."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pixelization.limits import PALETTE_COLORS


@dataclass(frozen=True, eq=False)
class Palette:
    """Colours in an order that matters: it is that of the file, and of the entries of an indexed
    image.

    Attributes:
        colors: uint8 ``(n, 3)`` sRGB, at least one, read-only; duplicates are allowed.
        name: for people; may be empty.

    Raises:
        ValueError: ``colors`` is of another kind or size.
        UserError: there are more than ``PALETTE_COLORS`` allows.
    """

    colors: np.ndarray
    name: str = ""

    def __post_init__(self) -> None:
        colors = np.asarray(self.colors)
        if colors.dtype != np.uint8 or colors.ndim != 2 or colors.shape[1] != 3:
            raise ValueError(
                f"expected colours of dtype uint8 and shape (n, 3), got {colors.dtype} "
                f"{colors.shape}"
            )
        if not len(colors):
            raise ValueError("a palette has at least 1 colour, not 0 colours")
        PALETTE_COLORS.check(len(colors), f"a palette of {len(colors)} colours")
        colors = colors.copy()
        colors.setflags(write=False)
        object.__setattr__(self, "colors", colors)

    def __len__(self) -> int:
        """The number of entries, duplicates included."""
        return len(self.colors)

    @classmethod
    def from_hex(cls, codes: Iterable[str], name: str = "") -> "Palette":
        """The palette of colours like ``ff0000`` or ``#f00``, in any case.

        Raises:
            ValueError: a code is neither 3 nor 6 hexadecimal digits, or there are none.
        """
        colors = [parse_hex(code) for code in codes]
        return cls(np.array(colors, np.uint8).reshape(-1, 3), name)

    def hex(self) -> list[str]:
        """The colours as ``ff0000``, lower case."""
        return [bytes(color).hex() for color in self.colors]


def parse_hex(code: str) -> tuple[int, int, int]:
    """``ff0000``, ``#ff0000``, ``f00`` or ``#f00``, in any case -> (255, 0, 0).

    Raises:
        ValueError: it is none of these.
    """
    digits = code.removeprefix("#")
    if re.fullmatch("[0-9a-fA-F]{3}|[0-9a-fA-F]{6}", digits) is None:
        raise ValueError(
            f"{code!r} is not a colour: expected 6 hexadecimal digits like ff8000, or 3 like f80"
        )
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue
