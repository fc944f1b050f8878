"""The JSON beside a sprite sheet, as Aseprite and TexturePacker write it, scaled along with the
sheet. Of Phaser 3's multi-atlas, the texture that is the sheet counts.
"""

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeGuard

from pixelization.cells.sizes import cell_count, round_half_up
from pixelization.errors import UserError, shortened
from pixelization.files import read_whole, write_whole
from pixelization.json_text import format_json, parse_json
from pixelization.limits import SHEET_BYTES, SHEET_FRAMES, SHEET_PIXELS
from pixelization.sheets.layout import Box, span

MAX_NUMBER = 1_000_000  # pixels


@dataclass(frozen=True)
class AtlasFrame:
    """A frame of a sheet.

    Attributes:
        name: its key or file name; a number where it has none.
        box: where it is on the sheet, in pixels.
        place: what frames of one animation share if they lie upon one another: their size, what
            was trimmed off, and whether they are turned.
        duration: how long it is shown, in milliseconds; None where the file does not say.
    """

    name: str
    box: Box
    place: tuple[int, ...]
    duration: float | None = None


@dataclass(frozen=True)
class Atlas:
    """The JSON of a sheet, as Aseprite and TexturePacker write it (hash or array).

    Attributes:
        data: the whole of it.
        name: of the file, for messages.
        sheets: how many sheets the file describes; ``data`` describes one.
    """

    data: dict[str, Any]
    name: str
    sheets: int = 1

    @property
    def frames(self) -> list[AtlasFrame]:
        """All frames, in the order of the file."""
        return [
            _frame(label, entry, where) for label, where, entry in _entries(self.data, self.name)
        ]

    @property
    def boxes(self) -> list[Box]:
        """Where the frames are on the sheet, in pixels; each place once, without empty ones."""
        places = (_packed(entry, where) for _, where, entry in _entries(self.data, self.name))
        return list(dict.fromkeys(box for box in places if box.width and box.height))

    def check_fits(self, sheet_size: tuple[int, int]) -> None:
        """Raise ``UserError`` if a frame reaches beyond a sheet of (width, height) pixels."""
        for _, where, entry in _entries(self.data, self.name):
            box = _packed(entry, where)
            if box.right > sheet_size[0] or box.bottom > sheet_size[1]:
                beyond = f"the sheet of {sheet_size[0]}x{sheet_size[1]} pixels"
                raise UserError(
                    f"{where}: reaches to {box.right},{box.bottom}, beyond {beyond}: is the file "
                    "of this sheet?"
                )

    def scaled(
        self,
        source_boxes: Sequence[Box],
        target_boxes: Sequence[Box],
        cell: tuple[float, float],
        sheet_size: tuple[int, int],
        image_name: str,
    ) -> dict[str, Any]:
        """The JSON of the reduced sheet: all places and sizes in cells, everything else as it was.

        Frames keep to their tiles: one that fills a tile fills it afterwards, one that is trimmed
        stays inside. Pivots of slices are in pixels and are scaled, those of frames only if they
        are (TexturePacker's are shares of the frame).

        Args:
            source_boxes: the tiles in pixels of the old sheet; every frame must be inside one.
            target_boxes: the same tiles in the new sheet.
            cell: (width, height) of a cell in pixels of the old sheet.
            sheet_size: (width, height) of the new sheet.
            image_name: file name of the new sheet.

        Raises:
            UserError: a number is missing or no whole number, or a frame is not inside one tile.
        """
        data = copy.deepcopy(self.data)
        tiles = _Tiles(source_boxes, target_boxes)
        canvas = (0, 0)  # of the largest sprite, in cells
        for _, where, entry in _entries(data, self.name):
            size = _scale_entry(entry, where, tiles, cell)
            canvas = (max(canvas[0], size[0]), max(canvas[1], size[1]))
        meta = data.setdefault("meta", {})
        if not isinstance(meta, dict):
            raise UserError(f"{self.name}: meta: is no JSON object: export the file again")
        for where, key in _slice_keys(meta, self.name):
            _scale_slice(key, where, cell, canvas)
        page = _page(data)
        described = meta if page is data else page
        described.update(image=image_name, size={"w": sheet_size[0], "h": sheet_size[1]})
        return data


class _Tiles:
    """Tiles of the old sheet and of the new one, found by place without a look at all of them."""

    def __init__(self, sources: Sequence[Box], targets: Sequence[Box]) -> None:
        self._targets = dict(zip(sources, targets, strict=True))
        # about the size of a tile, so that few tiles share a bin
        count = max(1, len(self._targets))
        self._width = max(1, sum(tile.width for tile in self._targets) // count)
        self._height = max(1, sum(tile.height for tile in self._targets) // count)

    def around(self, box: Box) -> tuple[Box, Box] | None:
        """The tile that is ``box``, or the first that contains it, and where that one goes."""
        if box in self._targets:
            return box, self._targets[box]
        for tile in self._bins.get((box.x // self._width, box.y // self._height), ()):
            if tile.contains(box):
                return tile, self._targets[tile]
        return None

    @cached_property
    def _bins(self) -> dict[tuple[int, int], list[Box]]:
        """The tiles that reach into each bin; only frames that are no tile ask for it."""
        bins: dict[tuple[int, int], list[Box]] = {}
        for tile in self._targets:
            for column in range(tile.x // self._width, -(-tile.right // self._width)):
                for row in range(tile.y // self._height, -(-tile.bottom // self._height)):
                    bins.setdefault((column, row), []).append(tile)
        return bins


def find_atlas(sheet_path: str | Path) -> Path | None:
    """The JSON beside a sheet, if there is one: STEM.json, or that of all sheets of a multi-atlas.

    The latter is called as its sheets are without their number: ``art.json`` beside ``art-0.png``.
    JSON that describes something else does not count.
    """
    sheet = Path(sheet_path)
    path = sheet.with_suffix(".json")
    if path.is_file():
        try:
            return path if _is_atlas(_of_sheet(_parse(path), sheet.name)) else None
        except UserError:
            return path  # whoever reads it is told what is wrong with it
    numbered = re.fullmatch(r"(.+?)[-_.]?[0-9]+", sheet.stem)
    path = sheet.with_name(f"{numbered[1]}.json") if numbered else path
    if not path.is_file():
        return None
    try:
        data = _parse(path)
        return path if _textures(data) and _is_atlas(_of_sheet(data, sheet.name)) else None
    except UserError:
        return None  # most likely of something else


def read_atlas(path: str | Path, sheet: str | Path | None = None) -> Atlas:
    """Read the JSON of a sheet.

    Args:
        path: of the JSON.
        sheet: the sheet, whose name says which texture of a multi-atlas is meant; needed only if
            there are several.

    Raises:
        UserError: no such file, no JSON (names line and column), not the JSON of a sheet, a wrong
            number in it, or frames beyond a limit.
    """
    path = Path(path)
    return _atlas(_parse(path), str(path), None if sheet is None else Path(sheet).name)


def parse_atlas(data: bytes, name: str, sheet: str | None = None) -> Atlas:
    """The JSON of a sheet from the bytes of its file.

    Args:
        data: the file.
        name: of the file, for messages.
        sheet: the name of the sheet's file, as of :func:`read_atlas`.

    Raises:
        UserError: as of :func:`read_atlas`.
    """
    return _atlas(_parsed(data, name), name, sheet)


def _atlas(data: Any, path: str, sheet: str | None) -> Atlas:
    """What JSON says of a sheet, checked."""
    textures = _textures(data)
    data = _of_sheet(data, sheet)
    if not _is_atlas(data):
        if len(textures) > 1:
            names = ", ".join(shortened(_image_name(each), 40) for each in textures[:4])
            raise UserError(f"{path}: is of {len(textures)} sheets ({names}): name one of them")
        raise UserError(
            f'{path}: is not the JSON of a sheet: no "frames" with a "frame" each (export it as '
            "JSON hash or array)"
        )
    count = len(_page(data)["frames"])
    SHEET_FRAMES.check(count, f"{path}: {count} frames")
    atlas = Atlas(data, path, max(1, len(textures)))
    boxes = atlas.boxes
    SHEET_PIXELS.check(sum(box.width * box.height for box in boxes), f"{path}: its frames together")
    if not boxes:
        raise UserError(f"{path}: all frames are empty")
    # finds wrong numbers before the sheet is worked on
    atlas.scaled(boxes, boxes, (1, 1), (1, 1), "")
    return atlas


def write_json(obj: Any, path: str | Path, overwrite: bool = False) -> None:
    """Write a JSON file whole or not at all.

    ``UserError`` if it exists and ``overwrite`` is not set, or cannot be written.
    """
    write_whole(path, format_json(obj), overwrite=overwrite)


def _parse(path: Path) -> Any:
    return _parsed(read_whole(path, SHEET_BYTES), str(path))


def _parsed(data: bytes, path: str) -> Any:
    SHEET_BYTES.check(len(data), path)
    try:
        return parse_json(data)
    except ValueError as error:
        raise UserError(f"{path}: {error}: export it again") from None


def _textures(data: Any) -> list[dict[str, Any]]:
    """Those of Phaser 3's multi-atlas; none of other JSON."""
    textures = data.get("textures") if isinstance(data, dict) and "frames" not in data else None
    return (
        [each for each in textures if isinstance(each, dict)] if isinstance(textures, list) else []
    )


def _of_sheet(data: Any, sheet: str | None) -> Any:
    """The JSON with the one texture that is the sheet; as it is if it is no multi-atlas."""
    textures = _textures(data)
    if len(textures) < 2:
        return data
    return data | {"textures": [each for each in textures if _image_name(each) == sheet][:1]}


def _image_name(texture: dict[str, Any]) -> str:
    return re.split(r"[/\\]", str(texture.get("image", "")))[-1]


def _page(data: dict[str, Any]) -> dict[str, Any]:
    """What holds the frames: the whole, or the only texture of a multi-atlas."""
    textures = _textures(data)
    return textures[0] if len(textures) == 1 else data


def _is_atlas(data: Any) -> bool:
    frames = _page(data).get("frames") if isinstance(data, dict) else None
    entries = list(frames.values()) if isinstance(frames, dict) else frames
    if not isinstance(entries, list):
        return False
    return any(
        isinstance(entry, dict) and isinstance(entry.get("frame"), dict) for entry in entries
    )


def _entries(data: dict[str, Any], name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The frames, each with its name and how to call it in a message."""
    frames = _page(data)["frames"]
    for key, entry in frames.items() if isinstance(frames, dict) else enumerate(frames):
        label = entry.get("filename", key) if isinstance(entry, dict) else key
        where = f"{name}: frame {label!r}"
        if not isinstance(entry, dict):
            raise UserError(f"{where}: is no JSON object: export the file again")
        yield str(label), where, entry


def _slice_keys(meta: dict[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What Aseprite's slices are in each frame where they change."""
    slices = meta.get("slices", [])
    for index, piece in enumerate(slices if isinstance(slices, list) else [slices]):
        keys = piece.get("keys", []) if isinstance(piece, dict) else None
        if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
            raise UserError(
                f"{name}: meta: slice {index} has no list of keys: export the file again"
            )
        for key in keys:
            yield f"{name}: slice {piece.get('name', index)!r}", key


def _numbers(value: Any, where: str, keys: Sequence[str]) -> tuple[int, ...]:
    """The whole numbers of a rectangle, size or point."""
    found: list[int] = []
    for key in keys:
        number = value.get(key) if isinstance(value, dict) else None
        if not _is_whole(number):
            raise UserError(
                f"{where}: needs whole numbers {', '.join(keys)}: export the file again"
            )
        found.append(int(number))
    if any(number < 0 for key, number in zip(keys, found, strict=True) if key in "wh"):
        raise UserError(f"{where}: has a negative size: export the file again")
    return tuple(found)


def _is_whole(number: Any) -> TypeGuard[int | float]:
    """Whether it is a whole number of sensible size, 3.0 included, and not True, NaN or a text."""
    if type(number) not in (int, float) or not -MAX_NUMBER <= number <= MAX_NUMBER:
        return False
    return number == int(number)


def _packed(entry: dict[str, Any], where: str) -> Box:
    """The place of a frame on the sheet; ``w`` and ``h`` are those before it was turned."""
    x, y, width, height = _numbers(entry.get("frame"), f"{where}: frame", "xywh")
    if x < 0 or y < 0:
        raise UserError(f"{where}: is outside the sheet at {x},{y}: export the file again")
    return Box(x, y, height, width) if entry.get("rotated") is True else Box(x, y, width, height)


def _frame(label: str, entry: dict[str, Any], where: str) -> AtlasFrame:
    box = _packed(entry, where)
    place = [box.width, box.height, int(entry.get("rotated") is True)]
    for key, names in (("spriteSourceSize", "xywh"), ("sourceSize", "wh")):
        place += _numbers(entry[key], f"{where}: {key}", names) if key in entry else ()
    duration = entry.get("duration")
    if isinstance(duration, bool) or not isinstance(duration, int | float):
        duration = None
    if duration is not None and not 0 < duration < MAX_NUMBER:  # NaN, too
        duration = None
    return AtlasFrame(label, box, tuple(place), duration)


def _scale_entry(
    entry: dict[str, Any], where: str, tiles: _Tiles, cell: tuple[float, float]
) -> tuple[int, int]:
    """Scale a frame in place; returns the size of its sprite before trimming, in cells."""
    box = _packed(entry, where)
    place = _place(box, where, tiles, cell)
    before, after = (box.width, box.height), (place.width, place.height)
    if entry.get("rotated") is True:
        before, after, cell = before[::-1], after[::-1], cell[::-1]
    entry["frame"].update(x=place.x, y=place.y, w=after[0], h=after[1])

    trimmed: tuple[int, ...] = (0, 0, *before)
    if "spriteSourceSize" in entry:
        trimmed = _numbers(entry["spriteSourceSize"], f"{where}: spriteSourceSize", "xywh")
    totals = trimmed[2:]
    if "sourceSize" in entry:
        totals = _numbers(entry["sourceSize"], f"{where}: sourceSize", "wh")
    (x, width, total_width), (y, height, total_height) = (
        _scale_trim(
            trimmed[axis], trimmed[axis + 2], totals[axis], before[axis], after[axis], cell[axis]
        )
        for axis in (0, 1)
    )
    if "spriteSourceSize" in entry:
        entry["spriteSourceSize"].update(x=x, y=y, w=width, h=height)
    if "sourceSize" in entry:
        entry["sourceSize"].update(w=total_width, h=total_height)

    _scale_pivot(entry.get("pivot"), f"{where}: pivot", cell)
    _scale_mesh(entry, where, box, place, (totals[0], totals[1]), (total_width, total_height))
    return total_width, total_height


def _scale_pivot(pivot: Any, where: str, cell: tuple[float, float]) -> None:
    """Scale the pivot of a frame in place if it is in pixels; else it is in shares of the frame."""
    if not isinstance(pivot, dict):
        return
    x, y = pivot.get("x"), pivot.get("y")
    if isinstance(x, int) and isinstance(y, int) and max(x, y) > 1:
        x, y = _numbers(pivot, where, "xy")
        pivot.update(x=round_half_up(x / cell[0]), y=round_half_up(y / cell[1]))


def _scale_mesh(
    entry: dict[str, Any],
    where: str,
    box: Box,
    place: Box,
    before: tuple[int, int],
    after: tuple[int, int],
) -> None:
    """Scale TexturePacker's stretchable borders and polygons of a frame in place.

    Args:
        entry: the frame.
        where: how to call it in a message.
        box: where it was on the sheet, in pixels; ``verticesUV`` count from the sheet's corner.
        place: where it goes, in cells.
        before: (width, height) of its sprite before trimming, in pixels; ``borders`` and
            ``vertices`` count from its sides and corner.
        after: the same in cells.
    """

    def scaled(value: int, axis: int) -> int:
        return round_half_up(value * after[axis] / before[axis]) if before[axis] else 0

    if "borders" in entry:
        sides = "left", "top", "right", "bottom"
        borders = _numbers(entry["borders"], f"{where}: borders", sides)
        entry["borders"].update({side: scaled(borders[i], i % 2) for i, side in enumerate(sides)})
    if "vertices" in entry:
        points = _points(entry["vertices"], f"{where}: vertices")
        entry["vertices"] = [[scaled(x, 0), scaled(y, 1)] for x, y in points]
    if "verticesUV" in entry and box.width and box.height:
        points = _points(entry["verticesUV"], f"{where}: verticesUV")
        entry["verticesUV"] = [
            [
                place.x + round_half_up((x - box.x) * place.width / box.width),
                place.y + round_half_up((y - box.y) * place.height / box.height),
            ]
            for x, y in points
        ]


def _points(value: Any, where: str) -> list[tuple[int, int]]:
    """The corners of a polygon."""
    if not isinstance(value, list) or not all(
        isinstance(each, list) and len(each) == 2 and all(map(_is_whole, each)) for each in value
    ):
        raise UserError(f"{where}: needs pairs of whole numbers: export the file again")
    return [(int(x), int(y)) for x, y in value]


def _scale_trim(
    start: int, length: int, total: int, before: int, after: int, cell: float
) -> tuple[int, int, int]:
    """Along one side.

    Start and length of what trimming left, and the length before trimming, in cells.
    """
    inner = after if length == before else cell_count(length, cell)
    if length >= total:
        return 0, inner, inner
    total = max(cell_count(total, cell), inner)
    return min(max(0, round_half_up(start / cell)), total - inner), inner, total


def _place(box: Box, where: str, tiles: _Tiles, cell: tuple[float, float]) -> Box:
    """The place of a frame in the new sheet."""
    if not (box.width and box.height):
        return Box(round_half_up(box.x / cell[0]), round_half_up(box.y / cell[1]), 0, 0)
    found = tiles.around(box)
    if found is None:
        raise UserError(
            f"{where}: is not inside one tile of the sheet: take the tiles from this file, sheet "
            "'auto', or move it away"
        )
    tile, target = found
    if tile == box:
        return target
    x, width = span(box.x - tile.x, box.width, tile.width / target.width, target.width)
    y, height = span(box.y - tile.y, box.height, tile.height / target.height, target.height)
    return Box(target.x + x, target.y + y, width, height)


def _scale_slice(
    key: dict[str, Any], where: str, cell: tuple[float, float], canvas: tuple[int, int]
) -> None:
    """Scale the key of a slice in place. Its centre and pivot count from its own corner."""
    left, top, width, height = _numbers(key.get("bounds"), f"{where}: bounds", "xywh")
    (x, new_width), (y, new_height) = (
        span(left, width, cell[0], canvas[0]),
        span(top, height, cell[1], canvas[1]),
    )
    key["bounds"].update(x=x, y=y, w=new_width, h=new_height)
    if "center" in key:
        inner = _numbers(key["center"], f"{where}: center", "xywh")
        (cx, cw), (cy, ch) = (
            span(left + inner[0], inner[2], cell[0], x + new_width),
            span(top + inner[1], inner[3], cell[1], y + new_height),
        )
        key["center"].update(
            x=max(0, cx - x), y=max(0, cy - y), w=min(cw, new_width), h=min(ch, new_height)
        )
    if "pivot" in key:
        px, py = _numbers(key["pivot"], f"{where}: pivot", "xy")
        key["pivot"].update(
            x=round_half_up((left + px) / cell[0]) - x, y=round_half_up((top + py) / cell[1]) - y
        )
