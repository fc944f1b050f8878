"""Sheets of captioned pictures: what tools/doc_pictures*.py and tools/demo.py share."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pixelization.apps.cli.running import run_tool
from pixelization.images.writing import write_png

LINE_HEIGHT, MARGIN, PAPER = 14, 8, (255, 255, 255)
CHECK, CHECKS = 6, ((196, 196, 196), (228, 228, 228))  # what is seen through transparent cells
MARK = (255, 0, 255)  # cells that changed
FONT = ImageFont.load_default(12)


class Tile(NamedTuple):
    """A picture and what is written above it.

    ``pixels`` is uint8 ``(h, w, 3)`` or ``(h, w, 4)``, every one ``zoom`` squared.
    """

    caption: str
    pixels: np.ndarray
    zoom: int


def write_sheets(
    prog: str,
    about: str,
    makers: Sequence[Callable[[], list[list[Tile]]]],
    folder: Path,
    argv: Sequence[str] | None,
) -> int:
    """Write what every maker makes to FOLDER/NAME.png, NAME being its own; returns the exit code.

    Args:
        prog: the tool's name.
        about: what its ``--help`` says.
        folder: unless ``argv``, the command line, has another one.
    """
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        default=folder,
        help=f"folder (default: docs/images/{folder.name})",
    )
    args = parser.parse_args(argv)

    def body() -> int:
        for make in makers:
            path = args.out / f"{make.__name__}.png"
            write_png(composed(make()), path, overwrite=True)
            print(path)
        return 0

    return run_tool(prog, body)


def marked(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """``after``, pale, with the cells that differ in ``MARK``."""
    pale = after.copy()
    pale[..., :3] = 160 + after[..., :3].astype(int) * 95 // 255
    pale[(before != after).any(axis=2), :3] = MARK
    return pale


class Placed(NamedTuple):
    """A tile as it stands on its sheet: lines of caption from ``top`` on, the image at ``box``.

    ``box`` is (left, upper, right, lower) in pixels.
    """

    lines: list[str]
    top: int
    image: Image.Image
    box: tuple[int, int, int, int]


def placed(rows: Sequence[Sequence[Tile]]) -> list[Placed]:
    """Where every tile of the rows stands."""
    pen, tiles, top = ImageDraw.Draw(Image.new("1", (1, 1))), [], 0
    pen.font = FONT
    for row in rows:
        images = [enlarged(tile) for tile in row]
        captions = [
            wrapped(pen, tile.caption, image.width) for tile, image in zip(row, images, strict=True)
        ]
        upper, left = top + MARGIN // 2 + LINE_HEIGHT * max(map(len, captions)), MARGIN
        for lines, image in zip(captions, images, strict=True):
            box = (left, upper, left + image.width, upper + image.height)
            tiles.append(Placed(lines, top, image, box))
            left += image.width + MARGIN
        top = upper + max(image.height for image in images) + MARGIN
    return tiles


def composed(rows: Sequence[Sequence[Tile]]) -> Image.Image:
    """Rows of tiles, each under its caption; transparent cells show squares."""
    tiles = placed(rows)
    width, height = (max(tile.box[side] for tile in tiles) + MARGIN for side in (2, 3))
    page = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(page)
    pen.font = FONT
    for tile in tiles:
        for number, line in enumerate(tile.lines):
            pen.text((tile.box[0], tile.top + LINE_HEIGHT * number), line, fill="black")
        page.paste(tile.image, tile.box[:2])
    return page


def enlarged(tile: Tile) -> Image.Image:
    """The tile's pixels on squares of ``CHECK`` pixels, where they are transparent."""
    pixels = tile.pixels.repeat(tile.zoom, axis=0).repeat(tile.zoom, axis=1)
    parity = (np.indices(pixels.shape[:2]) // CHECK).sum(axis=0) % 2
    image = Image.fromarray(np.array(CHECKS, np.uint8)[parity])
    top = Image.fromarray(pixels)
    image.paste(top, (0, 0), top if top.mode == "RGBA" else None)
    return image


def wrapped(pen: ImageDraw.ImageDraw, text: str, width: int) -> list[str]:
    """The text in lines no wider than this, unless a single word is."""
    lines: list[str] = []
    for word in text.split():
        if lines and pen.textlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
