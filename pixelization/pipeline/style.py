"""How sprites should look: one frozen dataclass, and nothing of what makes them.

Its fields are the options of the commands, of the Python calls, and the keys of style files. Beside
each field stands everything about it: its default, its text form, its range and its help. Importing
this module is cheap, because every ``--help`` does it.
"""

import numbers
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from pixelization.cells.sizes import Longest, WantedSize
from pixelization.errors import UserError, advice
from pixelization.palettes.names import CLASSICS, DITHERS, MAX_COLORS
from pixelization.palettes.palette import Palette
from pixelization.pipeline.parsing import (
    Color,
    cell,
    color,
    full_size,
    number,
    one_of,
    palette_size,
    parts,
    size,
    switch,
    whole,
)

FITS = ("sprite", "source")
MATCHES = ("areas", "nearest")
OUTLINES = ("none", "outside", "inside")
ALPHAS = ("hard", "keep")
EXCLUSIVE = (("cell_size", "size"), ("palette", "colors"))
COLORED = ("background_color", "outline_color")
"""What is one colour."""
OF_BACKGROUND = ("holes", "background_color")
"""What says more about ``remove_background``."""
MOST_CELLS = 10**6  # along a side
COLOR_RANGE = "(red, green, blue), each 0 to 255"


def _is_number(value: Any, least: float, most: float) -> bool:
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    return real and least <= value <= most


def _is_whole(value: Any, least: int = 1, most: int = MOST_CELLS) -> bool:
    return isinstance(value, numbers.Integral) and _is_number(value, least, most)


def _is_tuple(value: Any, length: int, holds: Callable[[Any], bool]) -> bool:
    return isinstance(value, tuple | list) and len(value) == length and all(map(holds, value))


def _is_length(value: Any) -> bool:
    return _is_number(value, 1e-6, 1e6)


def _is_cell(value: Any) -> bool:
    return _is_length(value) or _is_tuple(value, 2, _is_length)


def _is_part(value: Any) -> bool:
    return _is_number(value, 0, 1) and value < 1


def _is_color(value: Any) -> bool:
    return _is_tuple(value, 3, lambda channel: _is_whole(channel, 0, 255))


def _is_size(value: Any) -> bool:
    if isinstance(value, Longest):
        return _is_whole(value.cells)
    return (
        _is_tuple(value, 2, lambda side: side is None or _is_whole(side)) and value[0] is not None
    )


def _option(
    default: Any,
    parse: Callable[[str], Any],
    about: str,
    metavar: str | None = None,
    *,
    holds: Callable[[Any], bool],
    allowed: str,
) -> Any:
    """A field of :class:`Style`.

    Args:
        default: its value if nobody gives one; where it is None, None is allowed.
        parse: makes a value of a text; ``ValueError`` if there is none.
        about: for ``--help``.
        metavar: what stands for the value in ``--help``; None for switches, which take none.
        holds: whether a value is in range.
        allowed: which values are, for messages.
    """
    about_it = {
        "parse": parse,
        "help": about,
        "metavar": metavar,
        "holds": holds,
        "allowed": allowed,
    }
    return field(default=default, metadata=about_it)


def _choice(default: str, choices: tuple[str, ...], about: str, metavar: str) -> Any:
    return _option(
        default,
        one_of(choices),
        about,
        metavar,
        holds=lambda value: isinstance(value, str) and value in choices,
        allowed=" or ".join(choices) if len(choices) == 2 else f"one of {', '.join(choices)}",
    )


def _switch(about: str) -> Any:
    return _option(
        False,
        switch,
        about,
        holds=lambda value: isinstance(value, bool | np.bool_),
        allowed="true or false",
    )


@dataclass(frozen=True)
class Style:
    """Options of :mod:`pixelization.pipeline.sprites`.

    Every field is also a flag of ``pixelize`` and ``pixel-snap``, and a key of a style file. A
    value may be given as it is written there, as a text: ``outline_color="#ff0000"``.

    Attributes:
        cell_size: pixels of the source per cell, or (width, height). Fractions are allowed. At
            least 2, or 1 to keep every pixel; when snapping at least 1. Where neither it nor
            ``size`` is given, the longer side has 64 cells (of a sheet that of the largest tile),
            or as many as there can be; when snapping, the cells are those that are detected.
        size: instead, ``(width, height)`` of the sprite (of each tile of a sheet) in cells. A
            height of None, or a whole number, keeps the aspect ratio. ``"max:64"``, which is
            ``Longest(64)``, is at most so many cells along the longer side.
        offset: (right, down): the grid begins this part of a cell away from the image's corner,
            each in [0, 1); one number counts for both. Eyes, lines and symmetry come out otherwise.
            Not for snapping, and not for sheets.
        symmetric: where the drawing is its own mirror image, from left to right, the sprite is,
            too; the grid begins where it lies evenly on both halves. Not for snapping; animations
            and sheets stay as they are.
        palette: the only colours of the result: a :class:`~pixelization.palettes.Palette`, a
            palette file, the name of a built-in palette, or hexadecimal colours ``ff0000,00ff00``.
        colors: instead, so many colours, 1 to 256, found by k-means in Oklab. ``"auto"``: as many
            as the hues ask for; ``"hues"``: one for every hue, by k-means in sRGB.
        fit: what ``colors`` are taken from: the voted ``"sprite"`` or the ``"source"``.
        match: which colour of a palette each gets where nothing is dithered: ``"nearest"``, or
            ``"areas"``: the nearest, but areas that touch keep different ones where the palette has
            some, and in photos cells between two take the one around them. So the same colour may
            get another one in another picture.
        dither: one of ``DITHERS``; needs a palette or colours.
        dither_strength: 0 (none) to 1 (full).
        merge: colours nearer than this distance in Oklab become the commonest of them, 0 to 1.
            0.05 makes fewer and flatter shades. None: the strays of flat fills join these, where
            the default model chose the colours.
        remove_background: makes the flat colour around the drawing transparent, by a flood fill
            from the border.
        holes: with ``remove_background``, also areas of that colour that the drawing encloses.
        background_color: with ``remove_background``, RGB of what is removed; None: the colour that
            most of the border has.
        isolated: gives stray single cells the colour of their surroundings.
        jaggies: takes the doubled corners out of one-cell lines.
        outline: draws the silhouette's outline ``"outside"`` or ``"inside"`` of it.
        outline_color: RGB; None: a dark shade of the neighbouring cell.
        trim: cuts transparent margins off, the same for all frames.
        pad: ``(width, height)`` of the canvas that the result is centred on; a whole number is
            both.
        alpha: ``"hard"``: every cell is opaque or transparent. ``"keep"``: cells that are half
            transparent all over, as in shadows and glass, stay so.
        wrap: the picture is a tile that repeats: what lies beyond its border is its other side.
        still: animation: a cell whose source pixels change by at most this much of 255 keeps its
            colour.
        hysteresis: animation: a cell keeps its colour unless the new one is this far away in Oklab.

    Raises:
        UserError: a value is out of range, two exclude each other, or there is no such palette.
    """

    cell_size: float | tuple[float, float] | None = _option(
        None,
        cell,
        "pixels of the input per cell; 1 keeps every pixel",
        "N | WxH",
        holds=_is_cell,
        allowed="a number of pixels",
    )
    size: WantedSize | None = _option(
        None,
        size,
        "size of the sprite, or of each tile, in cells; W alone keeps the aspect ratio, max:N is "
        "the longer side (default: pixelize max:64; pixel-snap as detected)",
        "WxH | W | max:N",
        holds=_is_size,
        allowed=f"(width, height) in cells, each 1 to {MOST_CELLS}",
    )
    offset: tuple[float, float] = _option(
        (0.0, 0.0),
        parts,
        "of pixelize: the grid begins X of a cell further right and Y further down, each 0 to less "
        "than 1: eyes and lines come out otherwise",
        "XxY",
        holds=lambda value: _is_tuple(value, 2, _is_part),
        allowed="two parts of a cell, such as 0.5x0.25, each from 0 to less than 1",
    )
    symmetric: bool = _switch(
        "of pixelize: where the drawing is its own mirror image, from left to right, the sprite is"
    )
    palette: Palette | str | Path | None = _option(
        None,
        str,
        f"only these colours: a file, hex,hex,..., or one of {', '.join(CLASSICS)}",
        "P",
        holds=lambda value: isinstance(value, Palette | str | Path),
        allowed="a Palette, as Palette.from_hex makes of a list, a file, a name or hex,hex,...",
    )
    colors: int | str | None = _option(
        None,
        palette_size,
        "only N colours, taken from the image; auto: as many as it asks for; hues: one per hue",
        "N",
        holds=lambda value: value in ("auto", "hues") or _is_whole(value, 1, MAX_COLORS),
        allowed=f"1 to {MAX_COLORS}, auto or hues",
    )
    fit: str = _choice("sprite", FITS, "what --colors are taken from: sprite or source", "WHAT")
    match: str = _choice(
        "areas",
        MATCHES,
        "which colour of the palette each gets: nearest: that; areas (default): but areas that "
        "touch keep different ones, and stray cells of photos join those around",
        "KIND",
    )
    dither: str = _choice("none", DITHERS, f"one of {', '.join(DITHERS)}", "KIND")
    dither_strength: float = _option(
        1.0,
        number,
        "0 to 1",
        "S",
        holds=lambda value: _is_number(value, 0, 1),
        allowed="0 to 1",
    )
    merge: float | None = _option(
        None,
        number,
        "colours nearer than D in Oklab become one, the commonest (default: only strays of flat "
        "fills join these, in sprites of lite's networks)",
        "D",
        holds=lambda value: _is_number(value, 0, 1),
        allowed="0 to 1",
    )
    remove_background: bool = _switch("make the flat colour around the drawing transparent")
    holes: bool = _switch("with --remove-background, also enclosed areas of that colour")
    background_color: Color | None = _option(
        None,
        color,
        "with --remove-background: #rrggbb or #rgb, or auto (default): what most of the border has",
        "COLOR",
        holds=_is_color,
        allowed=COLOR_RANGE,
    )
    isolated: bool = _switch("give stray single cells the colour of their surroundings")
    jaggies: bool = _switch("take the doubled corners out of one-cell lines")
    outline: str = _choice(
        "none", OUTLINES, f"of the silhouette: one of {', '.join(OUTLINES)}", "WHERE"
    )
    outline_color: Color | None = _option(
        None,
        color,
        "#rrggbb or #rgb, or auto (default): a dark shade of each neighbour",
        "COLOR",
        holds=_is_color,
        allowed=COLOR_RANGE,
    )
    trim: bool = _switch("cut transparent margins off")
    pad: tuple[int, int] | None = _option(
        None,
        full_size,
        "centre the result on a transparent canvas of this size in cells",
        "WxH",
        holds=lambda value: _is_tuple(value, 2, _is_whole),
        allowed=f"a size of at least 1x1 and at most {MOST_CELLS}x{MOST_CELLS}",
    )
    alpha: str = _choice(
        "hard", ALPHAS, "hard: opaque or not; keep: flat half transparency stays", "KIND"
    )
    wrap: bool = _switch("of pixelize: the picture is a tile that repeats: no seams")
    still: int = _option(
        8,
        whole,
        "change of a source pixel, of 255, up to which a cell keeps its colour",
        "N",
        holds=lambda value: _is_whole(value, 0, 255),
        allowed="0 to 255",
    )
    hysteresis: float = _option(
        0.03,
        number,
        "change of a cell's colour in Oklab that is ignored",
        "D",
        holds=lambda value: _is_number(value, 0, 1),
        allowed="0 to 1",
    )

    def __post_init__(self) -> None:
        given = {name: getattr(self, name) for name in OPTIONS}
        for name, value in converted(given).items():
            object.__setattr__(self, name, value)  # frozen: this is the last time
        for first, second in EXCLUSIVE:
            if getattr(self, first) is not None and getattr(self, second) is not None:
                raise UserError(
                    f"{_words(first)} and {_words(second)} exclude each other: give one"
                )
        for each in fields(self):
            try:
                check_option(each.name, getattr(self, each.name))
            except ValueError as error:
                raise UserError(f"{_words(each.name)} {error}") from None
        if self.dither != "none" and self.palette is None and self.colors is None:
            raise UserError(
                f"dither {self.dither} needs colours to mix: give a palette or a number of colors"
            )
        if self.symmetric and any(self.offset):
            raise UserError(
                "symmetric finds where the grid begins, as an offset says: give one of them"
            )
        for name in OF_BACKGROUND:
            if getattr(self, name) and not self.remove_background:
                raise UserError(f"{_words(name)} does nothing without remove background: give both")


OPTIONS = {each.name: each for each in fields(Style)}
ONE_NUMBER: dict[str, Callable[[Any], bool]] = {
    "size": _is_whole,
    "pad": _is_whole,
    "offset": _is_part,
}
"""Options of two numbers of which one may be given, and whether it is one."""


def make_style(style: Style | None = None, **options: Any) -> Style:
    """A style with some options put in, as a caller from Python gives them.

    Args:
        style: what the options are put into; the default is ``Style()``.
        options: fields of :class:`Style`. A value may also be a text, as on the command line; a
            size or an offset may be one number. An option wins over what it excludes in ``style``.

    Raises:
        TypeError: there is no such option.
        UserError: a value is wrong, as of :class:`Style`.
    """
    below = {} if style is None else {name: getattr(style, name) for name in OPTIONS}
    return Style(**layered(below, converted(options)))


def check_on_sheet(style: Style) -> None:
    """Raise ``UserError`` if a style moves what is on the tiles of a sheet."""
    if style.trim or style.pad or any(style.offset):
        raise UserError("trim, pad and offset move what is on a sheet: leave them out")


def smooth_style(cell_size: Any = None, alpha: str = Style.alpha, *, native: bool = False) -> Style:
    """The style of sprites that smooth images are drawn of.

    Args:
        cell_size: pixels of the picture per cell, as of :func:`make_style`; None: as detected.
        alpha: as of :class:`Style`.
        native: the picture has one pixel per cell.

    Raises:
        UserError: a value is wrong, or both say how large cells are.
    """
    if native and cell_size is not None:
        raise UserError("native and cell size exclude each other: give one")
    return make_style(cell_size=1.0 if native else cell_size, alpha=alpha)


def layered(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both together; what ``above`` sets also removes what it excludes from ``below``."""
    excluded = {pair[1 - i] for pair in EXCLUSIVE for i in (0, 1) if above.get(pair[i]) is not None}
    if above.get("symmetric"):
        excluded.add("offset")
    if any(above.get("offset") or ()):
        excluded.add("symmetric")
    if above.get("remove_background") is False:
        excluded.update(OF_BACKGROUND)
    return {name: value for name, value in below.items() if name not in excluded} | dict(above)


def converted(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options with their texts parsed, and lists as tuples.

    Raises:
        TypeError: there is no such option.
        UserError: a text is none of the option's.
    """
    values = {}
    for name, value in options.items():
        if name not in OPTIONS:
            raise TypeError(f"there is no option '{name}'; {advice(name, OPTIONS)}")
        one_number = name in ONE_NUMBER and ONE_NUMBER[name](value)
        if isinstance(value, str) or one_number:
            try:
                value = OPTIONS[name].metadata["parse"](str(value))
            except ValueError as error:
                raise UserError(f"{_words(name)}: {error}") from None
        values[name] = tuple(value) if isinstance(value, list) else value
    return values


def check_option(name: str, value: Any) -> None:
    """Refuse a value that an option may not have.

    Raises:
        ValueError: it is out of range; the message says what is allowed.
        UserError: it is the name of a palette that there is not.
    """
    option = OPTIONS[name]
    if value is None and option.default is None:
        return
    if not option.metadata["holds"](value):
        allowed = option.metadata["allowed"]
        raise ValueError(f"{_shown(value)} is out of range: give {allowed}")
    if name == "palette" and not isinstance(value, Palette):
        # The readers of palettes import Pillow; whoever names no palette need not wait for them.
        from pixelization.palettes.lookup import find_palette  # noqa: PLC0415

        find_palette(str(value))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: Any) -> str:
    pair = isinstance(value, tuple | list) and len(value) == 2
    if pair and all(each is None or isinstance(each, numbers.Real) for each in value):
        return "x".join(str(each) for each in value if each is not None)
    if isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_):
        return reprlib.repr(int(value))  # without the middle of very many digits
    if isinstance(value, bool | np.bool_ | Longest):
        return str(value)
    return (
        f"{float(value):g}" if isinstance(value, numbers.Real) else reprlib.repr(value).strip("'")
    )
