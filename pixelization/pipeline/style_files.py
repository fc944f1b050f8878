"""Styles in YAML files: reads them, knows no option by name but the colours."""

import os
import reprlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pixelization.config import parse_mapping, read_layers
from pixelization.errors import UserError, advice, shortened
from pixelization.pipeline.style import COLORED, OPTIONS, Style, check_option, converted, layered


def load_style(path: str | Path, given: Mapping[str, Any] | None = None) -> Style:
    """The style of a YAML file, with what the caller gave on top.

    Keys are the names of the fields, with ``-`` or ``_``; ``_base_`` names another style file to
    start from. A palette file is looked for beside the style file first.

    Args:
        path: of the file.
        given: field -> value, or its text. It wins over the file, also over what it excludes:
            ``size`` over the file's ``cell_size``.

    Raises:
        UserError: the file cannot be read, a key is unknown or a value is wrong.
    """
    values: dict[str, Any] = {}
    given = converted(given or {})
    for source, layer in read_layers(Path(path)):
        palette = partial(_palette, source.parent)
        values = layered(values, _parsed_all(str(source), layer, palette))
    try:
        return Style(**layered(values, given))
    except UserError as error:
        if _problem(given) == str(error):  # which has nothing to do with the file
            raise
        raise UserError(f"{path}: {error}") from None


def parse_style(data: bytes, name: str, palette: Callable[[str], Any]) -> Style:
    """The style of a YAML file in memory, which names no other file.

    Args:
        data: the file.
        name: of the file, for messages.
        palette: makes what is meant of the text of a palette.

    Raises:
        UserError: as of :func:`load_style`, or it starts from another file.
    """
    values = parse_mapping(data, name)
    if "_base_" in values:
        raise UserError(f"{name}: starts from {shortened(values['_base_'])}: put its keys in here")
    parsed = _parsed_all(name, values, palette)
    try:
        return Style(**parsed)
    except UserError as error:
        raise UserError(f"{name}: {error}") from None


def read_from(path: str | Path) -> list[Path]:
    """The style file and those that it starts from.

    Raises:
        UserError: one cannot be read.
    """
    return [source for source, _ in read_layers(Path(path))]


def _problem(values: Mapping[str, Any]) -> str | None:
    """What is wrong with a style of these values."""
    try:
        Style(**values)
    except UserError as error:
        return str(error)
    return None


def _parsed_all(
    source: str, layer: Mapping[str, Any], palette: Callable[[str], Any]
) -> dict[str, Any]:
    """The values of a file by the names of the fields; ``palette`` as of :func:`parse_style`."""
    known = _known(source, layer)
    return {name: _parsed(source, name, text, palette) for name, text in known.items()}


def _known(source: str, layer: Mapping[str, Any]) -> dict[str, Any]:
    known = {}
    for key, value in layer.items():
        name = str(key).replace("-", "_")
        if name not in OPTIONS:
            raise UserError(f"{source}: unknown key '{shortened(key)}'; {advice(name, OPTIONS)}")
        known[name] = value
    return known


def _parsed(source: str, name: str, value: Any, palette: Callable[[str], Any]) -> Any:
    if (
        name == "palette"
        and isinstance(value, list)
        and all(isinstance(each, str) for each in value)
    ):
        value = ",".join(value)
    if not isinstance(value, str):
        raise UserError(f"{source}: {name}: expected one value, got {reprlib.repr(value)}")
    if name in ("palette", *COLORED) and "" in map(str.strip, value.split(",")):
        raise UserError(
            f"{source}: {name}: a colour is missing; YAML takes # for the start of a comment: "
            "put colours that begin with it in quotes, as '#1a1c2c'"
        )
    try:
        if name == "palette":
            parsed: Any = palette(value)
        else:
            parsed = OPTIONS[name].metadata["parse"](value)
        check_option(name, parsed)
    except (ValueError, UserError) as error:
        raise UserError(f"{source}: {name}: {error}") from None
    return parsed


def _palette(folder: Path, text: str) -> str:
    """The palette that a style file in ``folder`` means: a file there, or what it is elsewhere."""
    # os.path.isfile, unlike Path.is_file, takes a long list of colours for a missing file.
    found = str(folder / text) if os.path.isfile(folder / text) else text
    if Path(found).suffix and "," not in found and not os.path.isfile(found):
        raise UserError(f"there is no file {found}, neither beside the style file nor here")
    return found
