"""Aseprite's sprites: their chunks, and every frame as it is seen.

Read are image layers, groups, linked cels, opacity, all three kinds of pixels and colour profiles.
What would look otherwise is refused by name: blend modes other than normal, and tilemaps.

Source: Aseprite File Format (.ase/.aseprite) Specifications, aseprite/docs/ase-file-specs.md.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from pixelization.errors import UserError
from pixelization.images.opening import check_size
from pixelization.images.profiles import in_srgb
from pixelization.limits import ANIMATION_PIXELS, FRAMES, PIXELS

FILE_MAGIC, FRAME_MAGIC = 0xA5E0, 0xF1FA
HEADER, FRAME_HEADER, CHUNK_HEADER = 128, 16, 6  # bytes
LAYER, CEL, CEL_EXTRA, PROFILE, TAGS, PALETTE = 0x2004, 0x2005, 0x2006, 0x2007, 0x2018, 0x2019
OLD_PALETTE = 0x0004
# The specification says 0x0011; Aseprite itself writes decimal 11.
OLDEST_PALETTES = (0x0011, 0x000B)
LAYER_VISIBLE, LAYER_EDITABLE, LAYER_BACKGROUND, LAYER_REFERENCE = 1, 2, 8, 64
IMAGE_LAYER, GROUP_LAYER, TILEMAP_LAYER = 0, 1, 2
RAW, LINKED, COMPRESSED = 0, 1, 2
OPACITY_IS_VALID, GROUP_OPACITY_IS_VALID = 1, 2
INDEXED, GREY, RGBA = 8, 16, 32  # bits of a pixel
DEFAULT_DURATION = 100  # milliseconds of a new frame
_VGA_MAX = 63  # the largest level of the oldest palettes


@dataclass(frozen=True)
class Tag:
    """Frames that have a name, such as "walk".

    Attributes:
        name: as the artist calls them.
        first, last: numbers of frames from 0, inclusive.
        direction: 0 forward, 1 reverse, 2 ping-pong, 3 ping-pong from the end.
        repeat: how often they are played, 0 for as the program likes.
        color: (R, G, B) in the timeline.
    """

    name: str
    first: int
    last: int
    direction: int = 0
    repeat: int = 0
    color: tuple[int, int, int] = (0, 0, 0)


class Layer(NamedTuple):
    """A layer, from the lowest on."""

    name: str
    shown: bool  # part of the picture: visible, as all groups around it, and no reference
    kind: int
    opacity: int
    blend: int
    background: bool


class Cel(NamedTuple):
    """What a layer has in a frame: a rectangle of pixels, decoded or not."""

    left: int
    top: int
    size: tuple[int, int]  # (width, height)
    opacity: int
    depth: int  # layers that it is drawn above its own
    data: memoryview
    compressed: bool


@dataclass
class Aseprite:
    """The structure of a file; no pixel is decoded.

    Attributes:
        size: (width, height) of the canvas.
        bits: of a pixel: 8 (indexed), 16 (grey and alpha) or 32 (RGBA).
        transparent: the index that is transparent on every layer but a background.
        durations: milliseconds of each frame.
        layers: from the lowest on.
        cels: of each frame, by the number of their layer.
        palettes: of each frame, uint8 ``(n, 4)``; shared where it stays. Only if indexed.
        tags: in the order of the file.
        profile: ICC, if one is embedded.
        remarks: one line each: what is left out.
    """

    size: tuple[int, int]
    bits: int
    transparent: int
    durations: list[int] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)
    cels: list[dict[int, Cel]] = field(default_factory=list)
    palettes: list[np.ndarray] = field(default_factory=list)
    tags: tuple[Tag, ...] = ()
    profile: bytes | None = None
    remarks: tuple[str, ...] = ()


class Fields:
    """The fields of a part of a file, one after the other.

    Args:
        data: the part.
        name: how messages call the file.
    """

    def __init__(self, data: memoryview, name: str) -> None:
        self.data, self.name, self.at = data, name, 0

    def take(self, count: int) -> memoryview:
        """The next bytes; ``UserError`` if there are fewer."""
        if count > len(self.data) - self.at:
            raise damaged(self.name, f"a part of {len(self.data)} bytes ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def unpack(self, format: str) -> tuple[Any, ...]:
        """The next numbers, little-endian; ``format`` is one of :mod:`struct`."""
        return struct.unpack("<" + format, self.take(struct.calcsize("<" + format)))

    def text(self) -> str:
        """The next text."""
        (length,) = self.unpack("H")
        return bytes(self.take(length)).decode("utf-8", "replace")

    def rest(self) -> memoryview:
        """All bytes that are left."""
        return self.take(len(self.data) - self.at)


def damaged(name: str, reason: str) -> UserError:
    """What to raise for a file that cannot be as it is."""
    return UserError(
        f"{name}: the Aseprite sprite is damaged or truncated ({reason}): save it again"
    )


def is_aseprite(head: bytes) -> bool:
    """Whether a file begins like an Aseprite sprite; ``head``: at least its first 134 bytes."""
    return head[4:6] == struct.pack("<H", FILE_MAGIC) and head[132:134] == struct.pack(
        "<H", FRAME_MAGIC
    )


def frame_count(data: bytes) -> int:
    """How many frames a file says it has."""
    return int.from_bytes(data[6:8], "little")


def read_structure(data: bytes, name: str) -> Aseprite:
    """Read the structure of a file that begins like an Aseprite sprite.

    Raises:
        UserError: damaged, truncated, empty or too large.
    """
    file = Fields(memoryview(data), name)
    _, _, count, width, height, bits, flags, speed = file.unpack("IHHHHHIH")
    transparent, _, pixel_width, pixel_height = file.unpack("8xB3xHBB")
    file.take(HEADER - file.at)
    if bits not in (INDEXED, GREY, RGBA):
        raise damaged(name, f"a pixel of {bits} bits")
    check_size((width, height), name)
    FRAMES.check(count, name)
    if count == 0:
        raise damaged(name, "no frames")
    sprite = Aseprite((width, height), bits, transparent)
    if pixel_width and pixel_height and pixel_width != pixel_height:
        sprite.remarks = (f"has pixels of {pixel_width}:{pixel_height}: they are read as squares",)
    builder = _Builder(sprite, flags, name)
    for _ in range(count):
        duration, chunks = frame_chunks(file)
        sprite.durations.append(duration or speed or DEFAULT_DURATION)
        builder.read_frame(chunks)
    sprite.tags = tuple(
        each for each in sprite.tags if each.first <= each.last < len(sprite.durations)
    )
    return sprite


def frame_chunks(file: Fields) -> tuple[int, Iterator[tuple[int, Fields]]]:
    """The duration of the next frame, and kind and fields of its chunks; the file moves on.

    Raises:
        UserError: it is no frame, or is truncated; also while the chunks are read.
    """
    size, magic, old_count, duration, count = file.unpack("IHHH2xI")
    if magic != FRAME_MAGIC or size < FRAME_HEADER:
        raise damaged(file.name, "where a frame should begin, none does")
    frame = Fields(file.take(size - FRAME_HEADER), file.name)

    def chunks() -> Iterator[tuple[int, Fields]]:
        for _ in range(count or old_count):
            length, kind = frame.unpack("IH")
            if length < CHUNK_HEADER:
                raise damaged(file.name, f"a chunk of {length} bytes")
            yield kind, Fields(frame.take(length - CHUNK_HEADER), file.name)

    return duration, chunks()


def palette_entries(
    chunks: Iterable[tuple[int, Fields]],
) -> dict[int, tuple[int, int, int, int]] | None:
    """What the palette chunks of one frame set: (R, G, B, A) by index; None if there are none.

    The chunk of today counts, and the old ones only where there is none.

    Raises:
        UserError: one is damaged.
    """
    read = {PALETTE: _new_palette, OLD_PALETTE: _old_palette}
    read |= dict.fromkeys(OLDEST_PALETTES, _oldest_palette)
    found: dict[int, dict[int, tuple[int, int, int, int]]] = {}
    for kind, chunk in chunks:
        if kind in read:
            found.setdefault(kind, {}).update(read[kind](chunk))
    return found[max(found)] if found else None


def picture(sprite: Aseprite, number: int, name: str) -> Image.Image:
    """A frame as it is seen, RGBA, sRGB.

    Args:
        sprite: of :func:`read_structure`.
        number: of the frame, from 0.
        name: how messages call the file.

    Raises:
        UserError: damaged, too large, or it uses what is not read.
    """
    cels = list(_shown(sprite, number, name))
    canvas = Image.new("RGBA", sprite.size)
    for layer, cel in cels:
        pixels = _pixels(sprite, number, layer, cel, name)
        opacity = _times(np.array(layer.opacity), np.array(cel.opacity))
        if opacity < 255:
            pixels[..., 3] = _times(pixels[..., 3], opacity)
        left, top = max(0, -cel.left), max(0, -cel.top)
        width, height = sprite.size
        inside = pixels[top : height - cel.top, left : width - cel.left]
        if inside.size:
            canvas.alpha_composite(
                Image.fromarray(np.ascontiguousarray(inside)),
                (max(0, cel.left), max(0, cel.top)),
            )
    if sprite.profile is None:
        return canvas
    return in_srgb(canvas, canvas, sprite.profile)


def check_work(sprite: Aseprite, numbers: Iterable[int], name: str) -> None:
    """Refuse files whose layers would take hours, before any is decoded.

    Args:
        sprite: of :func:`read_structure`.
        numbers: of the frames that are wanted.
        name: how messages call the file.

    Raises:
        UserError: too many pixels in all, or a frame uses what is not read.
    """
    pixels = 0
    for number in numbers:
        pixels += sprite.size[0] * sprite.size[1]
        for _, cel in _shown(sprite, number, name):
            area = cel.size[0] * cel.size[1]
            PIXELS.check(area, f"{name}: a layer of {cel.size[0]}x{cel.size[1]} pixels")
            pixels += area
    ANIMATION_PIXELS.check(pixels, f"{name}: layers of {pixels} pixels in all")


class _Builder:
    """Puts the chunks of a file together."""

    def __init__(self, sprite: Aseprite, flags: int, name: str) -> None:
        self.sprite, self.flags, self.name = sprite, flags, name
        self.groups: list[tuple[int, bool]] = []  # level and visibility of the groups around
        self.palette = np.zeros((0, 4), np.uint8)

    def read_frame(self, chunks: Iterable[tuple[int, Fields]]) -> None:
        self.sprite.cels.append({})
        palettes: list[tuple[int, Fields]] = []
        for kind, chunk in chunks:
            if kind == LAYER:
                self._layer(chunk)
            elif kind == CEL:
                self._cel(chunk)
            elif kind == TAGS:
                self.sprite.tags += tuple(_tags(chunk))
            elif kind == PROFILE:
                kind_of_profile, *_ = chunk.unpack("HHI8x")
                if kind_of_profile == 2:
                    self.sprite.profile = bytes(chunk.take(*chunk.unpack("I")))
            else:
                palettes.append((kind, chunk))
        if self.sprite.bits == INDEXED:
            self._palette(palette_entries(palettes))
            self.sprite.palettes.append(self.palette)

    def _palette(self, entries: dict[int, tuple[int, int, int, int]] | None) -> None:
        within = {at: color for at, color in (entries or {}).items() if at < 256}
        if within:
            table = np.zeros((max(len(self.palette), *(at + 1 for at in within)), 4), np.uint8)
            table[:, 3] = 255
            table[: len(self.palette)] = self.palette
            table[list(within)] = list(within.values())
            self.palette = table

    def _layer(self, chunk: Fields) -> None:
        flags, kind, level, blend, opacity = chunk.unpack("HHH4xHB3x")
        name = chunk.text()
        while self.groups and self.groups[-1][0] >= level:
            self.groups.pop()
        visible = bool(flags & LAYER_VISIBLE) and all(shown for _, shown in self.groups)
        if kind == GROUP_LAYER:
            self.groups.append((level, visible))
            valid = self.flags & GROUP_OPACITY_IS_VALID
            blend = blend if valid else 0
        else:
            valid = self.flags & OPACITY_IS_VALID
        self.sprite.layers.append(
            Layer(
                name,
                visible and not flags & LAYER_REFERENCE,
                kind,
                opacity if valid else 255,
                blend,
                bool(flags & LAYER_BACKGROUND),
            )
        )

    def _cel(self, chunk: Fields) -> None:
        layer, left, top, opacity, kind, depth = chunk.unpack("HhhBHh5x")
        if layer >= len(self.sprite.layers):
            raise damaged(self.name, f"a cel of layer {layer}, which is not there")
        cels = self.sprite.cels
        here = cels[-1]
        if kind == LINKED:
            (frame,) = chunk.unpack("H")
            if frame >= len(cels) - 1 or layer not in cels[frame]:
                raise damaged(self.name, f"a cel is linked to frame {frame + 1}, which has none")
            here[layer] = cels[frame][layer]._replace(depth=depth)
        elif kind in (RAW, COMPRESSED):
            size = chunk.unpack("HH")
            here[layer] = Cel(left, top, size, opacity, depth, chunk.rest(), kind == COMPRESSED)
        elif self.sprite.layers[layer].kind != TILEMAP_LAYER:
            raise damaged(self.name, f"a cel of kind {kind}")
        else:
            here[layer] = Cel(left, top, (0, 0), opacity, depth, chunk.data[:0], False)


def _shown(sprite: Aseprite, number: int, name: str) -> Iterator[tuple[Layer, Cel]]:
    """What is drawn in a frame, from the lowest on; ``UserError`` if a part of it is not read."""
    for layer in sprite.layers:
        odd = layer.blend or (layer.kind == GROUP_LAYER and layer.opacity < 255)
        if layer.shown and (odd or layer.kind == TILEMAP_LAYER):
            what = "is a tilemap" if layer.kind == TILEMAP_LAYER else "is blended in another way"
            raise UserError(
                f"{name}: layer {layer.name!r} {what}, which is not read: "
                "flatten the sprite, or export it as PNG"
            )
    cels = sprite.cels[number].items()
    for at, cel in sorted(cels, key=lambda each: (each[0] + each[1].depth, each[1].depth)):
        if sprite.layers[at].shown:
            yield sprite.layers[at], cel


def _pixels(sprite: Aseprite, number: int, layer: Layer, cel: Cel, name: str) -> np.ndarray:
    """The pixels of a cel, uint8 ``(h, w, 4)``."""
    width, height = cel.size
    channels = sprite.bits // 8
    wanted = width * height * channels
    data: bytes | memoryview = cel.data
    if cel.compressed and wanted:
        try:
            data = zlib.decompressobj().decompress(data, wanted)
        except zlib.error as error:
            raise damaged(name, f"frame {number + 1}: {error}") from None
    if len(data) < wanted:
        raise damaged(name, f"frame {number + 1}: {len(data)} of {wanted} bytes of pixels")
    stored = np.frombuffer(data, np.uint8, wanted).reshape(height, width, channels)
    if sprite.bits == RGBA:
        return stored.copy()
    if sprite.bits == GREY:
        return stored[..., [0, 0, 0, 1]]
    table = np.zeros((256, 4), np.uint8)
    table[:, 3] = 255
    palette = sprite.palettes[number]
    table[: len(palette)] = palette
    if not layer.background:
        table[sprite.transparent] = 0
    return table[stored[..., 0]]


def _times(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Product of shares of 255, rounded as Aseprite does."""
    product = a.astype(np.uint32) * b + 128
    return (((product >> 8) + product) >> 8).astype(np.uint8)


def _tags(chunk: Fields) -> Iterator[Tag]:
    (count,) = chunk.unpack("H8x")
    for _ in range(count):
        first, last, direction, repeat, red, green, blue = chunk.unpack("HHBH6xBBBx")
        yield Tag(chunk.text(), first, last, direction, repeat, (red, green, blue))


def _new_palette(chunk: Fields) -> dict[int, tuple[int, int, int, int]]:
    _, first, last = chunk.unpack("III8x")
    colors: dict[int, tuple[int, int, int, int]] = {}
    for index in range(first, last + 1):
        flags, red, green, blue, alpha = chunk.unpack("HBBBB")
        if flags & 1:
            chunk.text()
        colors[index] = (red, green, blue, alpha)
    return colors


def _old_palette(chunk: Fields) -> dict[int, tuple[int, int, int, int]]:
    """Packets of entries to skip, a count (0 is 256), RGB triples."""
    (packets,) = chunk.unpack("H")
    colors: dict[int, tuple[int, int, int, int]] = {}
    index = 0
    for _ in range(packets):
        skipped, count = chunk.unpack("BB")
        triples = chunk.take(3 * (count or 256))
        index += skipped
        for red, green, blue in zip(triples[::3], triples[1::3], triples[2::3], strict=True):
            colors[index] = (red, green, blue, 255)
            index += 1
    return colors


def _oldest_palette(chunk: Fields) -> dict[int, tuple[int, int, int, int]]:
    """The same with levels of 6 bits."""
    found = {}
    for index, (red, green, blue, alpha) in _old_palette(chunk).items():
        if max(red, green, blue) > _VGA_MAX:
            level = max(red, green, blue)
            raise UserError(
                f"{chunk.name}: an old palette (chunk 0x0011) has level {level}, "
                f"at most {_VGA_MAX} is possible: save the sprite again"
            )
        red, green, blue = (each * 255 // _VGA_MAX for each in (red, green, blue))
        found[index] = (red, green, blue, alpha)
    return found
