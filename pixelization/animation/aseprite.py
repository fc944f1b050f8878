"""Aseprite's sprites as animations; their chunks are read in :mod:`pixelization.images.aseprite`.

Written here, because the libraries that write them are new or need a later Python.

Source: Aseprite File Format (.ase/.aseprite) Specifications, aseprite/docs/ase-file-specs.md.
"""

import math
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pixelization.animation.frames import AnimationSource, Frame, Played, ticks
from pixelization.color.packing import commonest, pack, unpack
from pixelization.errors import UserError
from pixelization.images.alpha import with_alpha
from pixelization.images.aseprite import (
    CEL,
    CEL_EXTRA,
    CHUNK_HEADER,
    COMPRESSED,
    DEFAULT_DURATION,
    FILE_MAGIC,
    FRAME_HEADER,
    FRAME_MAGIC,
    HEADER,
    IMAGE_LAYER,
    INDEXED,
    LAYER,
    LAYER_BACKGROUND,
    LAYER_EDITABLE,
    LAYER_REFERENCE,
    LAYER_VISIBLE,
    OPACITY_IS_VALID,
    PALETTE,
    PROFILE,
    RGBA,
    TAGS,
    Tag,
    check_work,
    picture,
    read_structure,
)
from pixelization.images.sprites import opaque_cells
from pixelization.palettes.indexed import indexed_image
from pixelization.palettes.names import MAX_COLORS
from pixelization.palettes.palette import Palette

LARGEST = (1 << 16) - 1  # pixels per side, frames, milliseconds of a frame
SPRITE, SOURCE = "sprite", "source"  # what the layers are called
_GRID = 16  # pixels; what Aseprite shows by default
_FIXED = 1 << 16  # numbers of 16 bits before and after the point


@dataclass(frozen=True)
class SourceLayer:
    """What the frames were made from: a hidden reference layer below the sprite's.

    Aseprite draws such a layer scaled, and exports nothing of it.

    Attributes:
        pictures: of every frame, uint8 ``(H, W, 3)`` or ``(H, W, 4)``.
        box: (left, top, width, height) of where they lie, in pixels of the sprite, with fractions.
    """

    pictures: Iterable[np.ndarray]
    box: tuple[float, float, float, float]


def read_aseprite(data: bytes, name: str) -> AnimationSource:
    """Read the structure of an Aseprite sprite, of one frame or more.

    Raises:
        UserError: damaged, truncated, empty or too large; or it uses what is not read, see
            :mod:`pixelization.images.aseprite`.
    """
    sprite = read_structure(data, name)
    count = len(sprite.durations)
    check_work(sprite, range(count), name)

    def frames() -> Iterator[Frame]:
        for number, duration in enumerate(sprite.durations):
            yield Frame(picture(sprite, number, name), float(duration))

    return AnimationSource(
        "aseprite", sprite.size, 0, count, True, frames, sprite.remarks, sprite.tags
    )


def write_aseprite(played: Played, source: SourceLayer | None = None) -> tuple[bytes, list[str]]:
    """An Aseprite sprite with one image layer, "sprite", and perhaps a layer "source" below it.

    Args:
        played: if indexed, with a palette, and frames whose alpha is 0 or 255. Without a palette
            the sprite has the colours of the frames, those of most pixels first. A duration of 0
            becomes 100, as it is played. The number of plays is not stored.
        source: for the layer "source". Not if indexed: its colours would not be in the palette.

    Returns:
        The file, and remarks: what it does not keep.

    Raises:
        UserError: too large, too many frames, too long, or, if indexed, more than 256 colours.
        ValueError: indexed, and a colour is not in the palette; or without one, or with a source.
    """
    frames, palette, indexed = played.frames, played.palette, played.indexed
    height, width = frames[0].shape[:2]
    if max(height, width, len(frames)) > LARGEST:
        raise UserError(
            f"{len(frames)} frames of {width}x{height} pixels are too much for Aseprite: at most "
            f"{LARGEST} frames, and {LARGEST} pixels per side"
        )
    if indexed and source is not None:
        raise ValueError("an indexed sprite has no layer for its source")
    remarks = []
    if played.plays and len(frames) > 1:
        remarks.append("an Aseprite sprite does not say how often it is played: it is played on")
    background = transparent = 0
    if indexed:
        if palette is None:
            raise ValueError("an indexed sprite needs a palette")
        table, images, clear = _indexed(frames, palette, played.transparent_first)
        transparent = clear or 0
        # Only on a background the transparent entry is a colour like others.
        background = LAYER_BACKGROUND if clear is None else 0
    else:
        colors = _commonest(frames) if palette is None else palette
        table = np.insert(colors, 3, 255, axis=1)
        if played.transparent_first:
            table = np.insert(table, 0, 0, axis=0)
        images = [with_alpha(frame) for frame in frames]
    own = int(source is not None)  # the number of the sprite's layer
    first = [_profile(), _palette(table)]
    if source is not None:
        first.append(_layer(SOURCE, LAYER_REFERENCE))
    first.append(_layer(SPRITE, LAYER_VISIBLE | LAYER_EDITABLE | background))
    if played.tags:
        first.append(_tags(played.tags))
    pictures = iter(source.pictures) if source is not None else iter(())
    parts = []
    for image, duration in zip(images, ticks(played.durations, 1, LARGEST), strict=True):
        chunks, first = first, []
        if source is not None:
            chunks += _reference(next(pictures), source.box)
        chunks.append(_cel(own, image))
        parts.append(_frame(chunks, duration or DEFAULT_DURATION))
    body = b"".join(parts)
    header = struct.pack(
        "<IHHHHHIH8xB3xHBBhhHH",
        HEADER + len(body),
        FILE_MAGIC,
        len(frames),
        width,
        height,
        INDEXED if indexed else RGBA,
        OPACITY_IS_VALID,
        DEFAULT_DURATION,
        transparent,
        len(table),
        1,
        1,
        0,
        0,
        _GRID,
        _GRID,
    )
    return header.ljust(HEADER, b"\0") + body, remarks


def _indexed(
    frames: Sequence[np.ndarray], palette: np.ndarray, transparent_first: bool
) -> tuple[np.ndarray, list[np.ndarray], int | None]:
    """Colour table ``(n, 4)``, frames as indices ``(h, w)``, index of transparent."""
    height = len(frames[0])
    image = indexed_image(
        np.concatenate(list(frames)), Palette(palette), transparent_first=transparent_first
    )
    colors = np.array(image.getpalette("RGB"), np.uint8).reshape(-1, 3)
    table = np.insert(colors, 3, 255, axis=1)
    clear = image.info.get("transparency")
    if clear is not None:
        table[clear] = 0
    index = np.asarray(image)
    return table, [index[at : at + height] for at in range(0, len(index), height)], clear


def _commonest(frames: Sequence[np.ndarray]) -> np.ndarray:
    """The colours that most pixels have, at most 256, uint8 ``(n, 3)``; black if there are none."""
    packed = [pack(frame[opaque_cells(frame)]) for frame in frames]
    kept = commonest(np.concatenate(packed), MAX_COLORS)
    return unpack(kept) if len(kept) else np.zeros((1, 3), np.uint8)


def _frame(chunks: Sequence[bytes], duration: int) -> bytes:
    body = b"".join(chunks)
    count = min(len(chunks), 0xFFFF)
    size = FRAME_HEADER + len(body)
    return struct.pack("<IHHH2xI", size, FRAME_MAGIC, count, duration, len(chunks)) + body


def _chunk(kind: int, data: bytes) -> bytes:
    return struct.pack("<IH", CHUNK_HEADER + len(data), kind) + data


def _text(text: str) -> bytes:
    data = text.encode()[:LARGEST]
    return struct.pack("<H", len(data)) + data


def _profile() -> bytes:
    """Colours are sRGB."""
    return _chunk(PROFILE, struct.pack("<HHI8x", 1, 0, 0))


def _palette(table: np.ndarray) -> bytes:
    """Of colours ``(n, 4)``."""
    entries = b"".join(struct.pack("<H4B", 0, *color) for color in table.tolist())
    return _chunk(PALETTE, struct.pack("<III8x", len(table), 0, len(table) - 1) + entries)


def _layer(name: str, flags: int) -> bytes:
    return _chunk(LAYER, struct.pack("<HHH4xHB3x", flags, IMAGE_LAYER, 0, 0, 255) + _text(name))


def _tags(tags: Sequence[Tag]) -> bytes:
    entries = (
        struct.pack("<HHBH6xBBBx", tag.first, tag.last, tag.direction, tag.repeat, *tag.color)
        + _text(tag.name)
        for tag in tags
    )
    return _chunk(TAGS, struct.pack("<H8x", len(tags)) + b"".join(entries))


def _cel(layer: int, image: np.ndarray, left: int = 0, top: int = 0) -> bytes:
    """Of pixels ``(h, w)`` or ``(h, w, 4)``."""
    height, width = image.shape[:2]
    place = struct.pack("<HhhBHh5xHH", layer, left, top, 255, COMPRESSED, 0, width, height)
    return _chunk(CEL, place + zlib.compress(image.tobytes()))


def _reference(image: np.ndarray, box: tuple[float, float, float, float]) -> list[bytes]:
    """The cel of a picture that is drawn scaled into a box, on layer 0."""
    left, top = (math.floor(place) for place in box[:2])
    exact = (round(number * _FIXED) for number in box)
    extra = struct.pack("<I4i16x", 1, *exact)  # 1: the exact bounds count
    return [_cel(0, with_alpha(image), left, top), _chunk(CEL_EXTRA, extra)]
