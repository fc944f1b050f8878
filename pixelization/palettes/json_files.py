"""Palettes as JSON: Lospec's, Pixelorama's, and plain lists of colours."""

import re
from typing import Any

from pixelization import json_text
from pixelization.errors import UserError
from pixelization.limits import PALETTE_COLORS
from pixelization.palettes.binary import build_palette
from pixelization.palettes.palette import Palette, parse_hex

_TUPLE = re.compile(r"\(([^()]*)\)")  # Pixelorama: (red, green, blue, alpha), each from 0 to 1


def parse_json(text: str, file: str, name: str) -> Palette:
    """A palette of JSON: a list of colours, or an object with a list ``colors``.

    Colours are texts such as ``ff8000`` or ``#ff8000ff`` (Lospec), objects with a text ``hex``,
    ``color`` or ``data`` ``"(1, 0.5, 0, 1)"`` (Pixelorama), or lists of 3 or 4 levels up to 255.
    Fully transparent ones are left out.

    Args:
        text: the whole file.
        file: stands in messages.
        name: of the palette, if the file gives none.

    Raises:
        UserError: no JSON, no such list, or an entry that is no colour.
    """
    try:
        data = json_text.parse_json(text)
    except ValueError as error:
        raise UserError(f"{file}: {error}: export it again") from None
    colors = data.get("colors") if isinstance(data, dict) else data
    if not isinstance(colors, list):
        raise UserError(f"{file}: is JSON, but no palette: it has no list of colors")
    PALETTE_COLORS.check(len(colors), f"{file}: a palette of {len(colors)} colours")
    if isinstance(data, dict) and isinstance(data.get("name"), str):
        name = data["name"] or name
    if all(isinstance(each, dict) and type(each.get("index")) is int for each in colors):
        colors = sorted(colors, key=lambda each: each["index"])  # Pixelorama's places
    found = [_color(each, f"{file}: color {index}") for index, each in enumerate(colors)]
    return build_palette([color[:3] for color in found if color[3]], file, name)


def _color(entry: Any, where: str) -> tuple[int, int, int, int]:
    """Levels and alpha of one entry."""
    if isinstance(entry, dict):
        named = [entry[key] for key in ("data", "hex", "color", "rgb") if key in entry]
        entry = named[0] if named else [entry.get(key) for key in ("r", "g", "b")]
    if isinstance(entry, str):
        if match := _TUPLE.fullmatch(entry.strip()):
            return _levels(match[1].split(","), 255, where)
        code = re.sub("^(#|0[xX])", "", entry.strip())
        alpha = 255
        if re.fullmatch("[0-9a-fA-F]{8}", code):
            code, alpha = code[:6], int(code[6:], 16)
        try:
            return (*parse_hex(code), alpha)
        except ValueError:
            pass
    elif isinstance(entry, list):
        return _levels(entry, 1, where)
    raise UserError(f"{where}: is no colour like ff8000: export the file again")


def _levels(values: list[Any], scale: int, where: str) -> tuple[int, int, int, int]:
    """Three or four numbers, times ``scale``, as levels."""
    try:
        numbers = [float(value) * scale for value in values]
    except (TypeError, ValueError, OverflowError):
        numbers = []
    if len(numbers) not in (3, 4) or not all(0 <= number <= 255.5 for number in numbers):
        raise UserError(f"{where}: is no colour of 3 or 4 levels: export the file again")
    red, green, blue, alpha = (int(min(255, number + 0.5)) for number in [*numbers, 255][:4])
    return red, green, blue, alpha
