"""How sprites should look.

One frozen dataclass whose fields are the options of the tools and the keys of style files.
"""

import numbers
import reprlib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixelization.errors import UserError
from pixelization.pipeline.parsing import (
    Color,
    cell,
    color,
    full_size,
    number,
    one_of,
    palette_size,
    size,
    switch,
    whole,
)

if TYPE_CHECKING:
    from pixelization.palettes.palette import Palette

DITHERS = ("none", "bayer2", "bayer4", "bayer8", "floyd-steinberg", "atkinson", "blue-noise")
FITS = ("sprite", "source")
OUTLINES = ("none", "outside", "inside")
MAX_COLORS = 256


def _option(
    default: Any, parse: Callable[[str], Any], about: str, metavar: str | None = None
) -> Any:
    return field(default=default, metadata={"parse": parse, "help": about, "metavar": metavar})


@dataclass(frozen=True)
class Style:
    """Options of :mod:`pixelization.pipeline.sprites`; every field is also a flag of ``pixelize``
    and a key of a style file.

    Attributes:
        cell_size: pixels of the source per cell, or (width, height), at least 2 (when snapping 1),
            fractions allowed; None: 16/3 (when snapping as detected), unless ``size`` is given.
        size: instead, ``(width, height)`` of the sprite (of each tile of a sheet) in cells; a
            height of None keeps the aspect ratio.
        palette: the only colours of the result: a :class:`~pixelization.palettes.Palette`, a
            palette file, the name of a built-in palette, or hexadecimal colours ``ff0000,00ff00``.
        colors: instead, so many colours, 1 to 256, found by k-means in Oklab; ``"auto"``: as many
            as the hues ask for.
        fit: what ``colors`` are taken from: the voted ``"sprite"`` or the ``"source"``.
        dither: one of ``DITHERS``; needs a palette or colours.
        dither_strength: 0 (none) to 1 (full).
        remove_background: makes the flat colour around the drawing transparent, by a flood fill
            from the border.
        holes: with ``remove_background``, also areas of that colour that the drawing encloses.
        isolated: gives stray single cells the colour of their surroundings.
        jaggies: takes the doubled corners out of one-cell lines.
        outline: draws the silhouette's outline ``"outside"`` or ``"inside"`` of it.
        outline_color: RGB; None: a dark shade of the neighbouring cell.
        trim: cuts transparent margins off, the same for all frames.
        pad: ``(width, height)`` of the canvas that the result is centred on.
        still: animation: a cell whose source pixels change by at most this much of 255 keeps its
            colour.
        hysteresis: animation: a cell keeps its colour unless the new one is this far away in Oklab.

    Raises:
        UserError: a value is out of range, or two exclude each other.
    """

    cell_size: float | tuple[float, float] | None = _option(
        None,
        cell,
        "pixels of the input per cell (default: pixelize 16/3, at least 2; pixel-snap: as detected)",
        "N | WxH",
    )
    size: tuple[int, int | None] | None = _option(
        None,
        size,
        "size of the sprite, or of each tile, in cells; W alone keeps the aspect ratio",
        "WxH | W",
    )
    palette: "Palette | str | Path | None" = _option(
        None, str, "only these colours: a file, a built-in name, or hex,hex,...", "P"
    )
    colors: int | str | None = _option(
        None,
        palette_size,
        "only N colours, taken from the image; auto: as many as it asks for",
        "N",
    )
    fit: str = _option(
        "sprite", one_of(FITS), "what --colors are taken from: sprite (default) or source", "WHAT"
    )
    dither: str = _option("none", one_of(DITHERS), f"one of {', '.join(DITHERS)}", "KIND")
    dither_strength: float = _option(1.0, number, "0 to 1 (default: 1)", "S")
    remove_background: bool = _option(
        False, switch, "make the flat colour around the drawing transparent"
    )
    holes: bool = _option(
        False, switch, "with --remove-background, also enclosed areas of that colour"
    )
    isolated: bool = _option(
        False, switch, "give stray single cells the colour of their surroundings"
    )
    jaggies: bool = _option(False, switch, "take the doubled corners out of one-cell lines")
    outline: str = _option(
        "none", one_of(OUTLINES), f"of the silhouette: one of {', '.join(OUTLINES)}", "WHERE"
    )
    outline_color: Color | None = _option(
        None, color, "#rrggbb or #rgb, or auto (default): a dark shade of each neighbour", "COLOR"
    )
    trim: bool = _option(False, switch, "cut transparent margins off")
    pad: tuple[int, int] | None = _option(
        None, full_size, "centre the result on a transparent canvas of this size in cells", "WxH"
    )
    still: int = _option(
        8,
        whole,
        "animation: change of a source pixel, of 255, up to which a cell keeps its colour (default: 8)",
        "N",
    )
    hysteresis: float = _option(
        0.03,
        number,
        "animation: change of a cell's colour in Oklab that is ignored (default: 0.03)",
        "D",
    )

    def __post_init__(self) -> None:
        for first, second in EXCLUSIVE:
            if getattr(self, first) is not None and getattr(self, second) is not None:
                raise UserError(
                    f"{_words(first)} and {_words(second)} exclude each other: give one"
                )
        for each in fields(self):
            try:
                _check(each.name, getattr(self, each.name))
            except ValueError as error:
                raise UserError(f"{_words(each.name)} {error}") from None
        if self.dither != "none" and self.palette is None and self.colors is None:
            raise UserError(
                f"dither {self.dither} needs colours to mix: give a palette or a number of colors"
            )
        if self.holes and not self.remove_background:
            raise UserError("holes does nothing without remove background: give both")


def _is_whole(value: Any, least: int = 1, most: int = 10**6) -> bool:
    return (
        isinstance(value, numbers.Integral)
        and not isinstance(value, bool)
        and least <= value <= most
    )


def _is_number(value: Any, least: float, most: float) -> bool:
    return (
        isinstance(value, numbers.Real) and not isinstance(value, bool) and least <= value <= most
    )


def _is_cell(value: Any) -> bool:
    return _is_number(value, 1e-6, 1e6)


def _is_tuple(value: Any, length: int, holds: Callable[[Any], bool]) -> bool:
    return isinstance(value, (tuple, list)) and len(value) == length and all(map(holds, value))


def _is_size(value: Any) -> bool:
    return (
        _is_tuple(value, 2, lambda side: side is None or _is_whole(side)) and value[0] is not None
    )


def _is_color(value: Any) -> bool:
    return _is_tuple(value, 3, lambda channel: _is_whole(channel, 0, 255))


# What fields must be, and how to say that.
_ALLOWED = {
    "cell_size": (
        lambda x: x is None or _is_cell(x) or _is_tuple(x, 2, _is_cell),
        "a number of pixels",
    ),
    "size": (lambda x: x is None or _is_size(x), "(width, height) in cells"),
    "palette": (
        lambda x: x is None or isinstance(x, (str, Path)) or hasattr(x, "colors"),
        "a Palette, a file or a name",
    ),
    "colors": (
        lambda x: x is None or x == "auto" or _is_whole(x, 1, MAX_COLORS),
        f"1 to {MAX_COLORS}, or auto",
    ),
    "fit": (lambda x: x in FITS, " or ".join(FITS)),
    "dither": (lambda x: x in DITHERS, "one of " + ", ".join(DITHERS)),
    "dither_strength": (lambda x: _is_number(x, 0, 1), "0 to 1"),
    "outline": (lambda x: x in OUTLINES, "one of " + ", ".join(OUTLINES)),
    "outline_color": (lambda x: x is None or _is_color(x), "(red, green, blue), each 0 to 255"),
    "pad": (lambda x: x is None or _is_tuple(x, 2, _is_whole), "a size of at least 1x1"),
    "still": (lambda x: _is_whole(x, 0, 255), "0 to 255"),
    "hysteresis": (lambda x: _is_number(x, 0, 1), "0 to 1"),
}
EXCLUSIVE = (("cell_size", "size"), ("palette", "colors"))


def _check(name: str, value: Any) -> None:
    """Raise ``ValueError`` unless this field may have this value."""
    holds, allowed = _ALLOWED.get(name, (lambda x: True, ""))
    if not holds(value):
        raise ValueError(f"{_shown(value)} is out of range: give {allowed}")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: Any) -> str:
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return "x".join(str(each) for each in value if each is not None)
    if isinstance(value, numbers.Integral):
        return str(value)
    return (
        f"{float(value):g}" if isinstance(value, numbers.Real) else reprlib.repr(value).strip("'")
    )
