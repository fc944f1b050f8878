"""The blocks of a GIF file; the pixels are decoded by Pillow.

Pillow's own reader lets the disposal of one frame last for the next, clears to a background colour
where browsers clear to transparent, and enlarges the picture for a frame that reaches beyond it.

Source: Graphics Interchange Format, Version 89a, CompuServe 1990; NETSCAPE2.0 block as in Firefox,
Chrome and ffmpeg.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image

from pixelization.errors import UserError
from pixelization.images.opening import check_size, decoding, open_image
from pixelization.limits import FRAMES

GIF_SIGNATURES = (b"GIF87a", b"GIF89a")
TRAILER = 0x3B


class Picture(NamedTuple):
    """Where one frame lies in the file and how it is shown."""

    box: tuple[int, int, int, int]  # left, top, width, height
    interlaced: bool
    table: bytes  # RGBRGB...
    data: slice  # code size and LZW data
    ticks: int
    disposal: int
    transparent: int | None


@dataclass(frozen=True)
class Gif:
    """The structure of a GIF file.

    Attributes:
        size: (width, height) of the canvas. As in browsers it is enlarged for the first frame, and
            other frames are cut off at it.
        pictures: the frames that are whole, at least one.
        plays: how often the animation is played in all, 0 for forever.
        remarks: one line each: what is missing.
    """

    size: tuple[int, int]
    pictures: tuple[Picture, ...]
    plays: int
    remarks: tuple[str, ...]


class _BrokenOff(Exception):
    """The file cannot be read any further.

    Attributes:
        reason: one line.
        picture: the frame that was begun, with the data that is there.
    """

    def __init__(self, reason: str, picture: Picture | None = None) -> None:
        super().__init__(reason)
        self.reason, self.picture = reason, picture


def read_structure(data: bytes, name: str) -> Gif:
    """Read the structure of a GIF file.

    Frames before a place where the file is cut or damaged are kept, with a remark, as browsers do.
    A NETSCAPE block's number counts repetitions: n stands for n + 1 plays, 0 for forever; without
    the block a GIF plays once.

    Raises:
        UserError: not one frame is whole; too large or empty.
    """
    found: list[Picture] = []
    remarks: tuple[str, ...] = ()
    try:
        for picture in pictures(data):
            found.append(picture)
            FRAMES.check(len(found), name)
    except _BrokenOff as end:
        if end.picture and _decodes(data, end.picture):
            found.append(end.picture)
        if not found:
            raise UserError(f"{name}: {end.reason}") from None
        frames = f"{len(found)} frame{'s' if len(found) > 1 else ''}"
        remarks = (f"{end.reason}: {frames} could be read, what may come after is missing",)
    if not found:
        raise UserError(f"{name}: this GIF has no frame")
    for number, picture in enumerate(found, 1):
        check_size(picture.box[2:], name if len(found) == 1 else f"{name}: frame {number}")
    width, height = struct.unpack_from("<HH", data, 6)
    size = (max(width, found[0].box[2]), max(height, found[0].box[3]))
    check_size(size, name)
    return Gif(size, tuple(found), _plays(data), remarks)


def is_moving(data: bytes) -> bool:
    """Whether a second frame begins in the file."""
    number = 0
    try:
        for number, _ in enumerate(pictures(data), 1):
            if number > 1:
                return True
    except _BrokenOff as end:
        return number + (end.picture is not None) > 1
    return False


def pictures(data: bytes) -> Iterator[Picture]:
    """The frames of a GIF file; what lies between them is skipped, nothing is decoded."""
    number, at = 1, 13
    begun: Picture | None = None
    try:
        shared, at = _table(data, at, data[10])
        control = (0, 0, None)  # ticks, disposal, transparent index
        while (mark := data[at]) != TRAILER:
            if mark == 0x21:
                if data[at + 1] == 0xF9:
                    flags, delay, index = struct.unpack_from("<BHB", data, at + 3)
                    control = (delay, flags >> 2 & 7, index if flags & 1 else None)
                at = _after_blocks(data, at + 2)
            elif mark == 0x2C:
                *box, flags = struct.unpack_from("<4HB", data, at + 1)
                table, start = _table(data, at + 10, flags)
                rest = slice(start, len(data))
                begun = Picture(tuple(box), bool(flags & 0x40), table or shared, rest, *control)
                at = _after_blocks(data, start + 1)
                yield begun._replace(data=slice(start, at))
                begun = None
                number, control = number + 1, (0, 0, None)
            elif mark == 0:
                at += 1  # padding that some encoders leave
            else:
                reason = f"frame {number} is damaged: byte {at} is no start of a GIF block"
                raise _BrokenOff(reason)
    except (IndexError, struct.error):
        reason = f"is truncated: it ends at byte {len(data)}, in or before frame {number}"
        if at == len(data):
            reason = f"is truncated: it ends at byte {at} without an end mark"
        raise _BrokenOff(reason, begun) from None


def decode(data: bytes, picture: Picture, name: str) -> Image.Image:
    """A frame alone, RGBA; messages call it ``name``.

    Raises:
        UserError: damaged or truncated.
    """
    _, _, width, height = picture.box
    # A file of one frame whose colour table is never used: Pillow's indices are wanted, not its
    # colours.
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF7, 0, 0) + bytes(range(256)) * 3
    frame = b"," + struct.pack("<4HB", 0, 0, width, height, 0x40 if picture.interlaced else 0)
    image = open_image(head + frame + data[picture.data] + b";", name, ("GIF",))
    with decoding(name):
        index = Image.fromarray(np.asarray(image))
    rgba = np.zeros((256, 4), np.uint8)
    table = np.frombuffer(picture.table, np.uint8).reshape(-1, 3)
    rgba[: len(table), :3] = table
    rgba[:, 3] = 255
    if picture.transparent is not None:
        rgba[picture.transparent] = 0
    index.putpalette(rgba.tobytes(), "RGBA")
    return index.convert("RGBA")


def first_frame(data: bytes, gif: Gif, name: str) -> Image.Image:
    """The first frame on the canvas, RGBA; ``UserError`` as of :func:`decode`."""
    left, top, width, height = gif.pictures[0].box
    image = decode(data, gif.pictures[0], name)
    if (left, top, width, height) == (0, 0, *gif.size):
        return image
    canvas = Image.new("RGBA", gif.size)
    canvas.paste(image, (left, top))
    return canvas


def _decodes(data: bytes, picture: Picture) -> bool:
    """Whether all pixels of a frame are there, whose end is not."""
    try:
        check_size(picture.box[2:], "")
        decode(data, picture, "")
    except UserError:
        return False
    return True


def _table(data: bytes, at: int, flags: int) -> tuple[bytes, int]:
    """The colour table at ``at``, empty if the flags announce none, and what comes after it."""
    end = at + (6 << (flags & 7) if flags & 0x80 else 0)
    if end > len(data):
        raise IndexError
    return data[at:end], end


def _after_blocks(data: bytes, at: int) -> int:
    """The position after a chain of sub-blocks; IndexError where the file ends before."""
    while length := data[at]:
        at += length + 1
    return at + 1


def _plays(data: bytes) -> int:
    for mark in (b"!\xff\x0bNETSCAPE2.0\x03\x01", b"!\xff\x0bANIMEXTS1.0\x03\x01"):
        at = data.find(mark)
        if at >= 0:
            repetitions = int.from_bytes(data[at + len(mark) : at + len(mark) + 2], "little")
            return repetitions + 1 if repetitions else 0
    return 1
