"""Blind sheets: sprites with letters in an order drawn anew for every row.

A study is a folder, and its key is a file elsewhere::

    rows01.png ...       sheets of some rows each, to look at
    tiles/01_A.png ...   every sprite at one pixel per cell, and 01_source.png
    study.json           the question and how many rows and letters there are
"""

import json
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from pixelization.cells.sizes import Size
from pixelization.errors import UserError, reason
from pixelization.evaluation.study.key import LETTERS, Key, Question, write_key
from pixelization.files import sweep, temporary_folder
from pixelization.images.alpha import on_white

TILE, GAP, CAPTION = 288, 10, 20  # pixels
MAX_SOURCE = 2 * TILE  # pixels; larger sources are reduced for judges
BACKDROP, FRAME = (90, 90, 90), (128, 128, 128)
DOWN = {"ranking": 3, "forgery": 4}  # rows below one another on a sheet
ACROSS = {"ranking": 1, "forgery": 2}  # and beside one another
SOURCE, TILES, ABOUT = "source", "tiles", "study.json"


@dataclass(frozen=True)
class Row:
    """What is compared with one another.

    Attributes:
        name: unique in the study.
        source: the picture that sprites were made of; None where judges are not to see it.
        sprites: by method, all of one size; transparency is shown as white.
    """

    name: str
    source: Image.Image | None
    sprites: dict[str, Image.Image]


def write_study(
    folder: Path, key_file: Path, rows: Sequence[Row], question: Question, seed: int
) -> Key:
    """Write a study and its key.

    Args:
        folder: of the study, which must be new.
        key_file: where no judge looks: not in that folder.
        rows: in the order in which they are shown.
        question: of ``key.QUESTIONS``.
        seed: of the order of the letters.

    Raises:
        UserError: the folder or the key exists or cannot be written, the key would lie in the
            folder, there are no rows, or the sprites of a row differ in size or number.
    """
    check_places(folder, key_file)
    if not rows:
        raise UserError("nothing to judge: no image has a sprite of every method")
    for row in rows:
        check_row(row)
    rng = random.Random(seed)
    order = {row.name: tuple(rng.sample(sorted(row.sprites), len(row.sprites))) for row in rows}
    key = Key(question, tuple(row.name for row in rows), order)
    sweep(folder.parent)
    try:
        with temporary_folder(folder.parent) as new:
            _write_tiles(new / TILES, rows, key)
            for number, sheet in enumerate(_sheets(rows, key), start=1):
                sheet.save(new / f"rows{number:02d}.png", optimize=True)
            about = {"question": question, "letters": [len(order[row.name]) for row in rows]}
            (new / ABOUT).write_text(json.dumps(about) + "\n", encoding="utf-8")
            write_key(key_file, key)
            os.replace(new, folder)  # fails where there is one by now that holds anything
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({reason(error)})") from None
    return key


def check_places(folder: Path, key_file: Path) -> None:
    """Raise ``UserError`` unless a study and its key can come there.

    See :func:`write_study`; a caller asks before the sprites are made.
    """
    inside, key = os.path.realpath(folder), os.path.realpath(key_file)
    if Path(key).is_relative_to(inside):
        raise UserError(f"{key_file}: is in the judges' folder: name a place outside of {folder}")
    for path in (folder, key_file):
        try:
            path.lstat()
        except FileNotFoundError:
            continue
        except OSError as error:  # a name that is too long, a folder that may not be looked into
            raise UserError(f"{path}: cannot be written ({reason(error)})") from None
        raise UserError(f"{path}: exists: name a new one")


def sprite_size(size: Size) -> Size:
    """The pixels at which a sprite of ``(w, h)`` cells is shown.

    As many as a whole factor lets it have in a tile, so that cells are equal squares. What is
    larger than a tile is reduced.
    """
    factor = TILE // max(size)
    return (size[0] * factor, size[1] * factor) if factor else _scaled(size, TILE)


def source_size(size: Size, sprite: Size) -> Size:
    """The pixels at which a source of ``(w, h)`` pixels is shown beside sprites of ``sprite``
    cells: as large as they."""
    return _scaled(size, max(sprite_size(sprite)))


def is_sprite(source: Size, sprite: Size) -> bool:
    """Whether a source has fewer pixels than what was made of it: then it shows cells, and the
    others are smooth."""
    return max(source) < max(sprite)


def _scaled(size: Size, longest: int) -> Size:
    width, height = (max(1, round(side * longest / max(size))) for side in size)
    return width, height


def _shown(image: Image.Image, caption: str, sprite: Size) -> Image.Image:
    """A tile with an image of a row whose sprites measure ``sprite``."""
    if caption == SOURCE:
        size, cells = source_size(image.size, sprite), is_sprite(image.size, sprite)
    else:
        size, cells = sprite_size(image.size), max(image.size) <= TILE
    image = image.resize(size, Image.Resampling.NEAREST if cells else Image.Resampling.LANCZOS)
    return _tile(image)


def _tile(image: Image.Image) -> Image.Image:
    """In the middle of a square on grey."""
    tile = Image.new("RGB", (TILE, TILE), FRAME)
    tile.paste(image, ((TILE - image.width) // 2, (TILE - image.height) // 2))
    return tile


def check_row(row: Row) -> None:
    """Raise ``UserError`` if the sprites of a row differ in size, or are too few or too many."""
    sizes = {name: "x".join(map(str, sprite.size)) for name, sprite in row.sprites.items()}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise UserError(f"{row.name}: sprites differ in size and would be known by it: {told}")
    if not 2 <= len(row.sprites) <= len(LETTERS):
        raise UserError(f"{row.name}: {len(row.sprites)} methods: give 2 to {len(LETTERS)}")


def _lettered(row: Row, key: Key) -> list[tuple[str, Image.Image]]:
    """What a row shows, on white, with its caption: the source, then the sprites by letter."""
    shown = []
    if row.source is not None:
        source = on_white(row.source.convert("RGBA"))
        source.thumbnail((MAX_SOURCE, MAX_SOURCE), Image.Resampling.LANCZOS)
        shown.append((SOURCE, source))
    order = zip(key.letters(row.name), key.order[row.name], strict=True)
    return shown + [
        (letter, on_white(row.sprites[method].convert("RGBA"))) for letter, method in order
    ]


def _write_tiles(folder: Path, rows: Sequence[Row], key: Key) -> None:
    folder.mkdir()
    for number, row in enumerate(rows, start=1):
        for caption, image in _lettered(row, key):
            image.save(folder / f"{number:02d}_{caption}.png", optimize=True)


def _sheets(rows: Sequence[Row], key: Key) -> list[Image.Image]:
    down, across = DOWN[key.question], ACROSS[key.question]
    sheets = []
    for start in range(0, len(rows), down * across):
        part = [_lettered(row, key) for row in rows[start : start + down * across]]
        width = max(map(len, part)) * (TILE + GAP)
        columns, lines = min(across, len(part)), -(-len(part) // across)
        size = (columns * (width + GAP), lines * (TILE + CAPTION))
        sheet = Image.new("RGB", size, BACKDROP)
        draw = ImageDraw.Draw(sheet)
        for index, shown in enumerate(part):
            top, left = index // across * (TILE + CAPTION), index % across * (width + GAP)
            sprite = shown[-1][1].size
            for column, (caption, image) in enumerate(shown):
                place = (left + column * (TILE + GAP), top + CAPTION)
                text = f"row {start + index + 1}: {caption}" if column == 0 else caption
                draw.text((place[0] + 4, top + 4), text, fill="white")
                sheet.paste(_shown(image, caption, sprite), place)
        sheets.append(sheet)
    return sheets
