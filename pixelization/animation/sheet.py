"""Animations as a sheet: all frames on one PNG file, and a JSON file that says where they are.

The JSON is Aseprite's (hash), which Phaser, PixiJS and the importers of other engines read.
"""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pixelization.animation.frames import Played, ticks
from pixelization.animation.sequence import is_pattern
from pixelization.errors import UserError
from pixelization.files import whole_files
from pixelization.images.alpha import with_alpha
from pixelization.images.aseprite import DEFAULT_DURATION, Tag
from pixelization.json_text import format_json
from pixelization.limits import SIDE
from pixelization.palettes.indexed import indexed_image
from pixelization.palettes.palette import Palette

LARGEST = 2048  # pixels along a side: what every GPU that runs WebGL 2 takes as a texture
_FORMATS = {"RGBA": "RGBA8888", "RGB": "RGB888", "P": "I8"}
DIRECTIONS = ("forward", "reverse", "pingpong", "pingpong_reverse")  # as Tag numbers them


def sheet_files(path: str | Path) -> list[Path]:
    """The files of a sheet: itself, and its JSON, ``walk.json`` beside ``walk.png``.

    Raises:
        UserError: the name does not end in .png, or is a pattern of numbered images.
    """
    path = Path(path)
    if path.suffix.lower() != ".png" or is_pattern(path):
        raise UserError(
            f"{path}: a sheet of frames is one PNG file: end its name in .png, with no number"
        )
    return [path, path.with_suffix(".json")]


def write_sheet(played: Played, path: str | Path, *, overwrite: bool) -> list[str]:
    """Write all frames beside each other, in rows of at most ``LARGEST`` pixels, and their JSON.

    Args:
        played: the JSON has its durations in whole milliseconds of the same total, and 100, as
            browsers show them, for those of 0. Only if it is indexed the sheet has a colour table.
        path: of the sheet, see :func:`sheet_files`.
        overwrite: replace files that exist.

    Returns:
        Remarks for the user.

    Raises:
        UserError: the name is not that of a PNG file, the sheet would be larger than any image that
            is read, or one of the files exists (then none is written) or cannot be written.
    """
    files = sheet_files(path)
    frames = played.frames
    height, width, channels = frames[0].shape
    columns = min(len(frames), max(1, LARGEST // width))
    rows = -(-len(frames) // columns)
    size = columns * width, rows * height
    what = f"a sheet of {len(frames)} frames of {width}x{height} pixels"
    SIDE.check(max(size), what)
    if rows * columns > len(frames):
        frames, channels = [with_alpha(frame) for frame in frames], 4  # the rest has no pixels
    sheet = np.zeros((*size[::-1], channels), np.uint8)
    described: dict[str, Any] = {}
    times = ticks(played.durations, 1, 1_000_000)
    for number, (frame, duration) in enumerate(zip(frames, times, strict=True)):
        x, y = number % columns * width, number // columns * height
        sheet[y : y + height, x : x + width] = frame
        described[f"{files[0].stem} {number}"] = {
            "frame": {"x": x, "y": y, "w": width, "h": height},
            "rotated": False,
            "trimmed": False,
            "spriteSourceSize": {"x": 0, "y": 0, "w": width, "h": height},
            "sourceSize": {"w": width, "h": height},
            "duration": duration or DEFAULT_DURATION,
        }
    image = Image.fromarray(sheet)
    if played.indexed and played.palette is not None:
        image = indexed_image(
            sheet, Palette(played.palette), transparent_first=played.transparent_first
        )
    meta = {
        "app": "pixelization",
        "image": files[0].name,
        "format": _FORMATS[image.mode],
        "size": {"w": size[0], "h": size[1]},
        "scale": "1",
        "frameTags": [_described(tag) for tag in played.tags],
    }
    with whole_files(files, overwrite=overwrite) as (picture, text):
        image.save(picture, format="PNG")
        text.write_text(format_json({"frames": described, "meta": meta}), encoding="utf-8")
    if max(size) <= LARGEST:
        return []
    return [
        f"{what} has {size[0]}x{size[1]} pixels: GPUs may take no more than {LARGEST} along a "
        "side: make smaller sprites, or several sheets"
    ]


def _described(tag: Tag) -> dict[str, Any]:
    """A tag as Aseprite's JSON has it."""
    red, green, blue = tag.color
    repeat = {"repeat": str(tag.repeat)} if tag.repeat else {}
    known = tag.direction < len(DIRECTIONS)  # programs newer than this one may know others
    return {
        "name": tag.name,
        "from": tag.first,
        "to": tag.last,
        "direction": DIRECTIONS[tag.direction if known else 0],
        "color": f"#{red:02x}{green:02x}{blue:02x}ff",
        **repeat,
    }
