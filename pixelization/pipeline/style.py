"""How sprites should look: one frozen dataclass whose fields are the options of the tools and the keys of style files."""

import difflib
import math
import numbers
import os
import re
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixelization.config import read_layers
from pixelization.errors import UserError

if TYPE_CHECKING:
    from pixelization.palettes.palette import Palette

DITHERS = ("none", "bayer2", "bayer4", "bayer8", "floyd-steinberg", "atkinson", "blue-noise")
FITS = ("sprite", "source")
OUTLINES = ("none", "outside", "inside")
MAX_COLORS = 256
Color = tuple[int, int, int]


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
    if not re.fullmatch(r"[+-]?\d{1,9}", text):
        raise ValueError(f"'{text}' is not a whole number")
    return int(text)


def cell(text: str) -> float | tuple[float, float]:
    """``6``, ``16/3``, or ``6x5`` as (width, height); ``ValueError`` if it is none of them."""
    width, times, height = text.lower().partition("x")
    return (number(width), number(height)) if times else number(text)


def size(text: str) -> tuple[int, int | None]:
    """``64x48`` or ``64`` as (width, height), the height None if it is not given; ``ValueError`` if it is neither."""
    match = re.fullmatch(r"(\d{1,6})(?:[xX](\d{1,6}))?", text)
    if not match:
        raise ValueError(f"'{text}' is not a size such as 64x48 or 64")
    width, height = match.groups()
    return int(width), int(height) if height else None


def full_size(text: str) -> tuple[int, int]:
    """``64x48``, or ``64`` for a square, as (width, height); ``ValueError`` if it is neither."""
    width, height = size(text)
    return width, width if height is None else height


def palette_size(text: str) -> int | str:
    """A number of colours, or ``auto``."""
    return text if text == "auto" else whole(text)


def color(text: str) -> Color | None:
    """A colour as those of palettes are written, as a triple; ``auto`` as None; ``ValueError`` if it is neither."""
    from pixelization.palettes.palette import parse_hex

    return None if text == "auto" else parse_hex(text)


def switch(text: str) -> bool:
    """YAML's words for true and false; ``ValueError`` for others."""
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError(f"'{text}' is neither true nor false")
    return words[text.lower()]


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"'{text}' is none of {', '.join(choices)}")
        return text

    return parse


def _option(default: Any, parse: Callable[[str], Any], about: str, metavar: str | None = None) -> Any:
    return field(default=default, metadata={"parse": parse, "help": about, "metavar": metavar})


@dataclass(frozen=True)
class Style:
    """Options of :mod:`pixelization.pipeline.sprites`; every field is also a flag of ``pixelize`` and a key of a style file.

    Attributes:
        cell_size: pixels of the source per cell, or (width, height), at least 2 (when snapping 1), fractions allowed; None: 16/3
            (when snapping as detected), unless ``size`` is given.
        size: instead, ``(width, height)`` of the sprite (of each tile of a sheet) in cells; a height of None keeps the aspect
            ratio.
        palette: the only colours of the result: a :class:`~pixelization.palettes.Palette`, a palette file, the name of a
            built-in palette, or hexadecimal colours ``ff0000,00ff00``.
        colors: instead, so many colours, 1 to 256, found by k-means in Oklab; ``"auto"``: as many as the hues ask for.
        fit: what ``colors`` are taken from: the voted ``"sprite"`` or the ``"source"``.
        dither: one of ``DITHERS``; needs a palette or colours.
        dither_strength: 0 (none) to 1 (full).
        remove_background: makes the flat colour around the drawing transparent, by a flood fill from the border.
        holes: with ``remove_background``, also areas of that colour that the drawing encloses.
        isolated: gives stray single cells the colour of their surroundings.
        jaggies: takes the doubled corners out of one-cell lines.
        outline: draws the silhouette's outline ``"outside"`` or ``"inside"`` of it.
        outline_color: RGB; None: a dark shade of the neighbouring cell.
        trim: cuts transparent margins off, the same for all frames.
        pad: ``(width, height)`` of the canvas that the result is centred on.
        still: animation: a cell whose source pixels change by at most this much of 255 keeps its colour.
        hysteresis: animation: a cell keeps its colour unless the new one is this far away in Oklab.

    Raises:
        UserError: a value is out of range, or two exclude each other.
    """

    cell_size: float | tuple[float, float] | None = _option(
        None, cell, "pixels of the input per cell (default: pixelize 16/3, at least 2; pixel-snap: as detected)", "N | WxH"
    )
    size: tuple[int, int | None] | None = _option(
        None, size, "size of the sprite, or of each tile, in cells; W alone keeps the aspect ratio", "WxH | W"
    )
    palette: "Palette | str | Path | None" = _option(
        None, str, "only these colours: a file, a built-in name, or hex,hex,...", "P"
    )
    colors: int | str | None = _option(
        None, palette_size, "only N colours, taken from the image; auto: as many as it asks for", "N"
    )
    fit: str = _option("sprite", _one_of(FITS), "what --colors are taken from: sprite (default) or source", "WHAT")
    dither: str = _option("none", _one_of(DITHERS), f"one of {', '.join(DITHERS)}", "KIND")
    dither_strength: float = _option(1.0, number, "0 to 1 (default: 1)", "S")
    remove_background: bool = _option(False, switch, "make the flat colour around the drawing transparent")
    holes: bool = _option(False, switch, "with --remove-background, also enclosed areas of that colour")
    isolated: bool = _option(False, switch, "give stray single cells the colour of their surroundings")
    jaggies: bool = _option(False, switch, "take the doubled corners out of one-cell lines")
    outline: str = _option("none", _one_of(OUTLINES), f"of the silhouette: one of {', '.join(OUTLINES)}", "WHERE")
    outline_color: Color | None = _option(
        None, color, "#rrggbb or #rgb, or auto (default): a dark shade of each neighbour", "COLOR"
    )
    trim: bool = _option(False, switch, "cut transparent margins off")
    pad: tuple[int, int] | None = _option(
        None, full_size, "centre the result on a transparent canvas of this size in cells", "WxH"
    )
    still: int = _option(
        8, whole, "animation: change of a source pixel, of 255, up to which a cell keeps its colour (default: 8)", "N"
    )
    hysteresis: float = _option(
        0.03, number, "animation: change of a cell's colour in Oklab that is ignored (default: 0.03)", "D"
    )

    def __post_init__(self) -> None:
        for first, second in EXCLUSIVE:
            if getattr(self, first) is not None and getattr(self, second) is not None:
                raise UserError(f"{_words(first)} and {_words(second)} exclude each other: give one")
        for each in fields(self):
            try:
                _check(each.name, getattr(self, each.name))
            except ValueError as error:
                raise UserError(f"{_words(each.name)} {error}") from None
        if self.dither != "none" and self.palette is None and self.colors is None:
            raise UserError(f"dither {self.dither} needs colours to mix: give a palette or a number of colors")
        if self.holes and not self.remove_background:
            raise UserError("holes does nothing without remove background: give both")


def _is_whole(value: Any, least: int = 1, most: int = 10**6) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and least <= value <= most


def _is_number(value: Any, least: float, most: float) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and least <= value <= most


def _is_cell(value: Any) -> bool:
    return _is_number(value, 1e-6, 1e6)


def _is_tuple(value: Any, length: int, holds: Callable[[Any], bool]) -> bool:
    return isinstance(value, (tuple, list)) and len(value) == length and all(map(holds, value))


def _is_size(value: Any) -> bool:
    return _is_tuple(value, 2, lambda side: side is None or _is_whole(side)) and value[0] is not None


def _is_color(value: Any) -> bool:
    return _is_tuple(value, 3, lambda channel: _is_whole(channel, 0, 255))


# What fields must be, and how to say that.
_ALLOWED = {
    "cell_size": (lambda x: x is None or _is_cell(x) or _is_tuple(x, 2, _is_cell), "a number of pixels"),
    "size": (lambda x: x is None or _is_size(x), "(width, height) in cells"),
    "palette": (lambda x: x is None or isinstance(x, (str, Path)) or hasattr(x, "colors"), "a Palette, a file or a name"),
    "colors": (lambda x: x is None or x == "auto" or _is_whole(x, 1, MAX_COLORS), f"1 to {MAX_COLORS}, or auto"),
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


def load_style(path: str | Path, given: Mapping[str, Any] | None = None) -> Style:
    """The style of a YAML file, with what the caller gave on top.

    Keys are the names of the fields, with ``-`` or ``_``; ``_base_`` names another style file to start from. A palette
    file is looked for beside the style file first.

    Args:
        path: of the file.
        given: field -> value; wins over the file, also over what it excludes (``size`` over the file's ``cell_size``).

    Raises:
        UserError: the file cannot be read, a key is unknown or a value is wrong.
    """
    values, given = {}, given or {}
    for source, layer in read_layers(Path(path)):
        values = _over(values, {name: _parsed(source, name, text) for name, text in _known(source, layer).items()})
    try:
        return Style(**_over(values, given))
    except UserError as error:
        if _problem(given) == str(error):  # which has nothing to do with the file
            raise
        raise UserError(f"{path}: {error}") from None


def _problem(values: Mapping[str, Any]) -> str | None:
    """What is wrong with a style of these values."""
    try:
        Style(**values)
    except UserError as error:
        return str(error)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both together; what ``above`` sets also removes what it excludes from ``below``."""
    excluded = {pair[1 - i] for pair in EXCLUSIVE for i in (0, 1) if above.get(pair[i]) is not None}
    if above.get("remove_background") is False:
        excluded.add("holes")
    return {name: value for name, value in below.items() if name not in excluded} | dict(above)


def _known(source: Path, layer: Mapping[str, Any]) -> dict[str, Any]:
    names = [each.name for each in fields(Style)]
    known = {}
    for key, value in layer.items():
        name = str(key).replace("-", "_")
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            advice = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(names)}"
            raise UserError(f"{source}: unknown key '{key}'; {advice}")
        known[name] = value
    return known


def _parsed(source: Path, name: str, value: Any) -> Any:
    if name == "palette" and isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = ",".join(value)
    if not isinstance(value, str):
        raise UserError(f"{source}: {name}: expected one value, got {reprlib.repr(value)}")
    if name in ("palette", "outline_color") and "" in map(str.strip, value.split(",")):
        advice = "YAML takes # for the start of a comment: put colours that begin with it in quotes, as '#1a1c2c'"
        raise UserError(f"{source}: {name}: a colour is missing; {advice}")
    parse = next(each.metadata["parse"] for each in fields(Style) if each.name == name)
    try:
        parsed = _palette(source.parent, value) if name == "palette" else parse(value)
        _check(name, parsed)
    except (ValueError, UserError) as error:
        raise UserError(f"{source}: {name}: {error}") from None
    return parsed


def _palette(folder: Path, text: str) -> str:
    """The palette that a style file in ``folder`` means: a file there, or what it is elsewhere; ``UserError`` if it is nothing."""
    from pixelization.palettes.lookup import find_palette

    # os.path.isfile, unlike Path.is_file, takes a long list of colours for a missing file.
    found = str(folder / text) if os.path.isfile(folder / text) else text
    if Path(found).suffix and "," not in found and not os.path.isfile(found):
        raise UserError(f"there is no file {found}, neither beside the style file nor here")
    find_palette(found)
    return found


def _words(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: Any) -> str:
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return "x".join(str(each) for each in value if each is not None)
    if isinstance(value, numbers.Integral):
        return str(value)
    return f"{float(value):g}" if isinstance(value, numbers.Real) else reprlib.repr(value).strip("'")
