"""The chunks of a PNG file, animated or not; Pillow decodes the pixels.

Pillow takes the hidden default image of an animation for its first frame, refuses damaged texts
and large profiles, and knows only some of the colour tags.

Source: Portable Network Graphics (PNG) Specification (Third Edition), W3C 2025, sections 5, 11.3
and 13.
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from PIL import Image

from pixelization.errors import UserError, printable
from pixelization.images.opening import check_size, decoding, open_image
from pixelization.limits import FRAMES

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PROFILE = 16 << 20  # bytes that are read of a colour profile
LENGTHS = {b"IHDR": 13, b"acTL": 8, b"fcTL": 26, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4}
COLORS = (b"gAMA", b"cHRM", b"sRGB", b"cICP", b"iCCP")
BEFORE_PIXELS = (b"PLTE", b"tRNS")


class Control(NamedTuple):
    """Contents of an fcTL chunk."""

    number: int
    width: int
    height: int
    left: int
    top: int
    delay: int
    unit: int
    disposal: int
    blend: int


class PngFrame(NamedTuple):
    """A frame: how it is shown, and where its compressed pixels lie in the file.

    ``control`` is None for a still image, and for the default image of an animation.
    """

    control: Control | None
    parts: tuple[slice, ...]


@dataclass(frozen=True)
class Png:
    """The structure of a PNG file.

    Attributes:
        size: (width, height) of the canvas.
        header: body of IHDR.
        shared: chunks that the pixels of all frames need.
        exif: the chunk with the orientation, or nothing.
        colors: colour tags as Pillow names them: "icc_profile", "gamma", "chromaticity", "srgb";
            also "cicp", its four numbers.
        frames: of the animation, or the one image.
        animated: whether it says that it is an animation, if only of one frame.
        plays: how often it is played in all, 0 for forever.
        remarks: one line each: what is damaged or missing.
    """

    size: tuple[int, int]
    header: bytes
    shared: bytes
    exif: bytes
    colors: dict[str, Any]
    frames: tuple[PngFrame, ...]
    animated: bool
    plays: int
    remarks: tuple[str, ...]

    @property
    def may_be_clear(self) -> bool:
        """Whether the pixels of any frame can have alpha."""
        return self.header[9] in (4, 6) or b"tRNS" in self.shared


class _BrokenOff(Exception):
    """The file cannot be read any further; the message is the reason, one line."""


class _Reader:
    """Goes through the chunks and keeps what is whole."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name = data, name
        self.header = b""
        self.count: int | None = None  # of frames that an animation announces
        self.plays = 1
        self.kept: dict[bytes, bytes] = {}
        self.palette: list[bytes] = []
        self.frames: list[tuple[Control | None, list[slice]]] = []
        self.sequence = 0
        self.remarks: list[str] = []

    def read(self) -> Png:
        reason = ""
        try:
            for kind, body in self._checked():
                if kind == b"IEND":
                    break
                self._take(kind, body)
        except _BrokenOff as end:
            reason = str(end)
        if not self.header or (reason and not self.frames):
            raise UserError(f"{self.name}: {reason or 'is damaged: it has no header'}")
        size = (*struct.unpack_from(">2I", self.header),)
        check_size(size, self.name)
        frames = [PngFrame(control, tuple(parts)) for control, parts in self.frames]
        if self.count is not None and any(frame.control for frame in frames):
            # A default image that is no frame is hidden.
            frames = [frame for frame in frames if frame.control]
        frames = frames[: self.count]
        png = self._structure(size, frames)
        whole = self._whole(png, reason)
        if not whole:
            raise UserError(f"{self.name}: {reason or 'is damaged: it has no picture'}")
        missing = f"only {len(whole)} of {self.count} frames could be read"
        if self.count is not None and len(whole) < self.count:
            reason = f"{reason}: {missing}" if reason else f"is damaged or truncated: {missing}"
        if reason:
            self.remarks.append(reason)
        return replace(png, frames=tuple(whole), remarks=tuple(self.remarks))

    def _checked(self) -> Iterator[tuple[bytes, slice]]:
        """The chunks whose checksum is right; the others, if a picture needs them, end it all."""
        cut = f"is damaged or truncated: it ends at byte {len(self.data)}"
        for kind, body in walk(self.data):
            start, end = body.start - 8, body.stop + 4
            if end > len(self.data):
                # what is there of the pixels may be enough
                if kind == b"IDAT" or (kind == b"fdAT" and body.start + 4 <= len(self.data)):
                    self._take(kind, slice(body.start, len(self.data)))
                raise _BrokenOff(f"{cut}, in the chunk that starts at byte {start}")
            checksum = int.from_bytes(self.data[body.stop : end], "big")
            wrong = "has a wrong checksum"
            if LENGTHS.get(kind, body.stop - body.start) != body.stop - body.start:
                wrong = f"has {body.stop - body.start} bytes"
            elif zlib.crc32(self.data[start + 4 : body.stop]) == checksum:
                yield kind, body
                continue
            # A small second letter means that a picture can be shown without it.
            if kind[:1].islower() and kind not in (b"acTL", b"fcTL", b"fdAT"):
                shown = printable(kind.decode("ascii", "replace"))
                self.remarks.append(f"the {shown} chunk at byte {start} {wrong} and does not count")
                continue
            raise _BrokenOff(f"is damaged: the chunk that starts at byte {start} {wrong}")
        raise _BrokenOff(f"{cut} without an end mark")

    def _take(self, kind: bytes, body: slice) -> None:
        here = self.data[body]
        if kind == b"IHDR":
            self.header = self.header or here
        elif kind in BEFORE_PIXELS and not self.frames_have_pixels:
            self.palette.append(chunk(kind, here))
        elif kind == b"eXIf" or (kind in COLORS and not self.frames_have_pixels):
            self.kept.setdefault(kind, here)
        elif kind == b"acTL" and self.count is None and not self.frames_have_pixels:
            count, plays = struct.unpack(">II", here)
            if count:
                # more plays than the format knows are forever
                self.count, self.plays = count, plays if plays < 1 << 31 else 0
        elif kind == b"IDAT":
            if not self.frames:
                # a still picture, or the default image of an animation that starts later
                self.frames.append((None, []))
            self.frames[-1][1].append(body)
        elif self.count is not None and kind in (b"fcTL", b"fdAT"):
            self._take_frame(kind, body)

    @property
    def frames_have_pixels(self) -> bool:
        return any(parts for _, parts in self.frames)

    def _take_frame(self, kind: bytes, body: slice) -> None:
        """A chunk of an animation; they are numbered."""
        here = self.data[body]
        if len(here) < 4 or int.from_bytes(here[:4], "big") != self.sequence:
            place = f"at byte {body.start}, frame {len(self.frames)}"
            raise _BrokenOff(f"is damaged {place}: a chunk is missing")
        self.sequence += 1
        if kind == b"fcTL":
            self.frames.append((Control._make(struct.unpack(">5I2H2B", here)), []))
            FRAMES.check(len(self.frames), self.name)
        elif self.frames:
            self.frames[-1][1].append(slice(body.start + 4, body.stop))

    def _whole(self, png: Png, reason: str) -> list[PngFrame]:
        """The frames before the first that is damaged; ``reason`` if the file broke off."""
        for number, frame in enumerate(png.frames):
            last = number == len(png.frames) - 1
            fits = bool(frame.parts) and (not frame.control or _fits(frame.control, png.size))
            if not fits and number == 0 and png.animated and not reason:
                place = f"reaches out of the {png.size[0]}x{png.size[1]} picture"
                raise UserError(f"{self.name}: frame 1 is damaged: it is empty or {place}")
            if not fits or (reason and last and not _decodes(png, self.data, frame)):
                return list(png.frames[:number])
        return list(png.frames)

    def _structure(self, size: tuple[int, int], frames: list[PngFrame]) -> Png:
        exif = self.kept.get(b"eXIf")
        return Png(
            size,
            self.header,
            b"".join(self.palette),
            chunk(b"eXIf", exif) if exif else b"",
            _tags(self.kept),
            tuple(frames),
            self.count is not None,
            self.plays,
            remarks=(),
        )


def read_structure(data: bytes, name: str) -> Png:
    """Read the structure of a PNG file and check its sums.

    What browsers show is read: frames before a place where the file is cut or damaged, and a
    picture without those of its chunks that it does not need. Remarks say so.

    Raises:
        UserError: no frame is whole; too large or empty.
    """
    return _Reader(data, name).read()


def is_moving(data: bytes) -> bool:
    """Whether it announces more than one frame; nothing is checked."""
    for kind, body in walk(data):
        if kind == b"acTL" and body.stop <= len(data):
            return int.from_bytes(data[body][:4], "big") > 1
        if kind in (b"IDAT", b"IEND"):
            return False
    return False


def open_frame(png: Png, data: bytes, frame: PngFrame, name: str, *, upright: bool) -> Image.Image:
    """The pixels of a frame, not decoded yet, with the colour tags of the file.

    Args:
        png: structure of the file.
        data: the file.
        frame: one of it.
        name: how messages call it.
        upright: hand on the orientation, too.

    Raises:
        UserError: damaged.
    """
    size = png.size if frame.control is None else (frame.control.width, frame.control.height)
    file = (
        PNG_SIGNATURE
        + chunk(b"IHDR", struct.pack(">II", *size) + png.header[8:])
        + png.shared
        + (png.exif if upright else b"")
        + chunk(b"IDAT", b"".join(data[part] for part in frame.parts))
        + chunk(b"IEND", b"")
    )
    image = open_image(file, name, ("PNG",))
    image.info.update(png.colors)
    return image


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def walk(data: bytes) -> Iterator[tuple[bytes, slice]]:
    """Kind and place of the body of every chunk that begins in the data; nothing is checked.

    A chunk is its length, its kind, its body and a checksum, 4 bytes each but for the body.
    """
    at = len(PNG_SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = slice(at + 8, at + 8 + length)
        yield kind, body
        at = body.stop + 4


def _tags(kept: dict[bytes, bytes]) -> dict[str, Any]:
    """Colour tags as Pillow names them."""
    tags: dict[str, Any] = {}
    if b"cICP" in kept:
        tags["cicp"] = tuple(kept[b"cICP"])
    if b"iCCP" in kept:
        # after a name that ends in 0, and a byte for the method
        packed = kept[b"iCCP"].partition(b"\0")[2][1:]
        with suppress(zlib.error):  # a broken profile does not count
            tags["icc_profile"] = zlib.decompressobj().decompress(packed, MAX_PROFILE)
    if b"sRGB" in kept:
        tags["srgb"] = kept[b"sRGB"][0]
    if b"gAMA" in kept:
        tags["gamma"] = int.from_bytes(kept[b"gAMA"], "big") / 100_000
    if b"cHRM" in kept:
        tags["chromaticity"] = tuple(
            value / 100_000 for value in struct.unpack(">8I", kept[b"cHRM"])
        )
    return tags


def _fits(control: Control, size: tuple[int, int]) -> bool:
    inside = control.left + control.width <= size[0] and control.top + control.height <= size[1]
    return inside and control.width > 0 and control.height > 0 and control.disposal < 3


def _decodes(png: Png, data: bytes, frame: PngFrame) -> bool:
    """Whether all pixels of a frame are there, whose end may not be."""
    try:
        image = open_frame(png, data, frame, "", upright=False)
        with decoding(""):
            image.load()
    except UserError:
        return False
    return True
