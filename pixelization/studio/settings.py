"""What a page asks for, as values; and the same as a command and as a style file.

Knows how options are written; opens no file, and takes no name of one.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import PurePath
from typing import Any

import numpy as np

from pixelization.backends.choice import WEIGHTS_SUFFIXES
from pixelization.batch.options import SmoothOptions, SourceOptions
from pixelization.enlargers.base import NETWORK
from pixelization.errors import UserError
from pixelization.networks.shipped import DEFAULT_MODEL
from pixelization.palettes.classics import CLASSICS, classic_name
from pixelization.palettes.palette import Palette
from pixelization.pipeline.style import COLORED, Style, make_style
from pixelization.sheets.layout import TileGrid

PROGRAMS = {"pixelize": "pixelize", "snap": "pixel-snap", "depixelize": "depixelize"}
"""What the command of a tool is called."""
ENDINGS = {"pixelize": "sprite", "snap": "sprite", "depixelize": "smooth"}
"""What the name of a result ends in."""


@dataclass(frozen=True)
class Settings:
    """How a picture becomes a result.

    Attributes:
        tool: one of ``PROGRAMS``.
        model: the name of the networks; not for ``snap``.
        style: of sprites, or a :func:`~pixelization.pipeline.style.smooth_style`.
        source: how the picture is read.
        method: of ``depixelize``, one of :data:`~pixelization.enlargers.base.METHODS`.
        native: of ``depixelize``: the picture has one pixel per cell, and so says the style.
        drawing: of ``depixelize``.
    """

    tool: str = "pixelize"
    model: str = DEFAULT_MODEL
    style: Style = Style()
    source: SourceOptions = SourceOptions()
    method: str = NETWORK
    native: bool = False
    drawing: SmoothOptions = SmoothOptions()


@dataclass(frozen=True)
class FileOptions:
    """Which file is made of a result.

    Attributes:
        format: of an animation, see :func:`~pixelization.animation.writing.write_animation`; stills
            are PNG files.
        indexed: a PNG file with a colour table in the palette's order.
        scale: every cell as so many pixels; 1 is the sprite.
    """

    format: str = "png"
    indexed: bool = False
    scale: int = 1


def read_style(options: Mapping[str, Any]) -> Style:
    """The style of options as texts, numbers and truth values.

    A palette is a built-in name or colours; a list of colours, too. It is never a file.

    Raises:
        TypeError: there is no such option.
        UserError: a value is wrong.
    """
    values: dict[str, Any] = {
        name: _text(value) for name, value in options.items() if value not in (None, "", [], ())
    }
    if "palette" in values:
        try:
            values["palette"] = read_colors(values["palette"])
        except UserError as error:
            raise UserError(f"palette: {error}") from None
    return make_style(**values)


def read_colors(text: str) -> Palette | str:
    """The canonical name of a built-in palette, or colours as a palette.

    Raises:
        UserError: it is neither.
    """
    name = classic_name(text)
    if name is not None:
        return name
    try:
        return Palette.from_hex([code.strip() for code in text.split(",")])
    except ValueError as error:
        raise UserError(
            f"{error}; give colours like ff0000,00ff00, or one of {' '.join(CLASSICS)}"
        ) from None


def style_texts(style: Style) -> dict[str, str]:
    """The options of a style that differ from the defaults, as they are written.

    The keys are those of style files: ``outline-color``.
    """
    return {
        each.name.replace("_", "-"): _option_text(each.name, getattr(style, each.name))
        for each in fields(Style)
        if getattr(style, each.name) is not each.default
        and not _same(getattr(style, each.name), each.default)
    }


def style_file(style: Style) -> str:
    """A style file: YAML that :func:`~pixelization.pipeline.style_files.load_style` reads."""
    lines = [f"{key}: {text}" for key, text in style_texts(style).items()]
    return "\n".join([*lines, ""]) if lines else "{}\n"


def output_name(name: str, settings: Settings, suffix: str) -> str:
    """What the result of a file is called."""
    return f"{PurePath(name).stem}_{ENDINGS[settings.tool]}{suffix}"


def command(
    settings: Settings, name: str, suffix: str = ".png", options: FileOptions = FileOptions()
) -> str:
    """The command line that writes the same file.

    Args:
        settings: of the result.
        name: of the picture's file, in the current folder.
        suffix: of the result.
        options: of the file. A larger one is written beside the sprite.
    """
    words = [PROGRAMS[settings.tool], _operand(name), "-o"]
    words.append(_operand(output_name(name, settings, suffix)))
    asked = settings.tool == "pixelize" or (
        settings.tool == "depixelize" and settings.method == NETWORK
    )
    if asked and settings.model != DEFAULT_MODEL:
        words += _model(settings.model)
    texts = style_texts(settings.style)
    if settings.tool == "depixelize":
        words += _smooth_words(settings)
        texts = {key: text for key, text in texts.items() if key in ("cell-size", "alpha")}
        if settings.native:
            texts.pop("cell-size", None)
    for key, text in texts.items():
        words += [f"--{key}"] if text == "true" else [f"--{key}", text]
    if settings.tool != "pixelize" and settings.source.min_confidence == 0:
        words.append("--best-guess")
    elif (
        settings.tool != "pixelize"
        and settings.source.min_confidence != SourceOptions.min_confidence
    ):
        words += ["--min-confidence", _text(settings.source.min_confidence)]
    if settings.source.sheet == "auto":
        words += ["--sheet", "auto"]
    if isinstance(tiles := settings.source.sheet, TileGrid):
        words += ["--sheet", "{}x{}".format(*tiles.size)]
        words += ["--margin", str(tiles.margin)] if tiles.margin else []
        words += ["--spacing", str(tiles.spacing)] if tiles.spacing else []
    if settings.source.fps is not None:
        words += ["--fps", _text(settings.source.fps)]
    if options.indexed:
        words.append("--indexed")
    if options.scale > 1:
        words += ["--preview", str(options.scale)]
    return shlex.join(words)


def _smooth_words(settings: Settings) -> list[str]:
    """The options of ``depixelize`` that are none of a style."""
    drawing, words = settings.drawing, []
    if settings.method != NETWORK:
        words += ["--method", settings.method]
    if drawing.factor != SmoothOptions.factor:
        words += ["--factor", _text(drawing.factor)]
    words += ["--keep-colors"] * drawing.keep_colors
    words += ["--wrap"] * drawing.wrap
    words += ["--native"] * settings.native
    return words


def _model(name: str) -> list[str]:
    weights = PurePath(name).suffix in WEIGHTS_SUFFIXES
    return ["--weights", name] if weights else ["--model", name]


def _operand(name: str) -> str:
    """A file's name as an argument that is no option."""
    return f"./{name}" if name.startswith("-") else name


def _option_text(name: str, value: Any) -> str:
    if isinstance(value, Palette):
        return ",".join(value.hex())
    if name in COLORED and value is not None:
        return bytes(value).hex()
    return _text(value)


def _text(value: Any) -> str:
    """A value as it is written in options."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        separator = "," if any(isinstance(each, str) for each in value) else "x"
        return separator.join(_text(each) for each in value if each is not None)
    if isinstance(value, float):
        return f"{value + 0.0:.0f}" if value.is_integer() else repr(float(value))  # no -0
    return str(value)


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and not isinstance(value, Palette) and value == default
