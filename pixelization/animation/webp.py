"""Animated WebP: libwebp decodes through Pillow; the container is written here, because libwebp
merges frames that are alike.

Source: WebP Container Specification, RFC 9649, section 2.
"""

import io
import struct
from collections.abc import Iterator
from itertools import islice

import numpy as np
from PIL import Image

from pixelization.animation.frames import (
    AnimationSource,
    Frame,
    Played,
    changed,
    check_work,
    ticks,
)
from pixelization.errors import UserError
from pixelization.images.opening import check_size, decoding, open_image
from pixelization.limits import ANIMATION_PIXELS

LONGEST = (1 << 24) - 1
LARGEST = 1 << 14  # pixels per side that a frame can have


def read_webp(data: bytes, name: str) -> AnimationSource:
    """Read the structure of a WebP file, animated or not (then it has one frame, of 0 ms).

    The number of plays is what the file says, 0 for forever. Frames before the place where a file
    is cut are kept, with a remark.

    Raises:
        UserError: not one frame is whole; damaged, too large or empty.
    """
    data, moving, remarks = _whole(data, name)
    if data[12:16] == b"VP8X":  # before Pillow takes memory for the canvas
        size = (
            1 + int.from_bytes(data[24:27], "little"),
            1 + int.from_bytes(data[27:30], "little"),
        )
        check_size(size, name)
    image = open_image(data, name, ("WEBP",))
    size, alpha, plays = image.size, image.mode == "RGBA", image.info.get("loop", 1)
    check_work(size, moving, name, ANIMATION_PIXELS)

    def frames() -> Iterator[Frame]:
        file = open_image(data, name, ("WEBP",))
        for index in range(moving or 1):
            with decoding(f"{name}: frame {index + 1}"):
                file.seek(index)
                file.load()
                frame = Frame(file.copy(), float(file.info["duration"]))
            yield frame

    return AnimationSource(
        "webp", size, plays if moving else 1, moving or 1, alpha, frames, remarks
    )


def is_moving(data: bytes) -> bool:
    """Whether a second frame begins in the file."""
    return len(list(islice((kind for kind, _ in walk(data) if kind == b"ANMF"), 2))) == 2


def walk(data: bytes) -> Iterator[tuple[bytes, slice]]:
    """Kind and place of the body of every chunk that begins in a WebP file; nothing is checked."""
    at, end = 12, min(len(data), _announced(data))
    while at + 8 <= end:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        body = slice(at + 8, at + 8 + length)
        yield data[at : at + 4], body
        at = body.stop + length % 2


def _announced(data: bytes) -> int:
    """The number of bytes that the file says it has."""
    return 8 + int.from_bytes(data[4:8], "little")


def _whole(data: bytes, name: str) -> tuple[bytes, int, tuple[str, ...]]:
    """The file up to the last whole frame, the number of frames, and remarks on what is missing."""
    found = list(walk(data))
    moving = [body for kind, body in found if kind == b"ANMF"]
    if found and max(_announced(data), found[-1][1].stop) <= len(data):
        return data, len(moving), ()
    reason = f"is truncated: it ends at byte {len(data)}"
    moving = [body for body in moving if body.stop <= len(data)]
    if not moving:
        raise UserError(f"{name}: {reason}, in or before frame 1")
    body = data[8 : moving[-1].stop]
    body += bytes(len(body) % 2)
    remark = f"{reason}: {len(moving)} frames could be read, what may come after is missing"
    return b"RIFF" + struct.pack("<I", len(body)) + body, len(moving), (remark,)


def write_webp(played: Played) -> tuple[bytes, list[str]]:
    """A lossless animated WebP; colours and alpha are exact.

    Durations are stored in whole milliseconds.

    Returns:
        The file, and remarks for the user.

    Raises:
        UserError: frames have more than 16384 pixels per side or last longer than 16,777,215 ms.
    """
    frames, plays = played.frames, played.plays
    height, width, channels = frames[0].shape
    if max(height, width) > LARGEST:
        raise UserError(
            f"frames of {width}x{height} pixels are too large for WebP: at most {LARGEST} per side"
        )
    remarks = []
    if plays > 65535:
        plays = 0
        remarks.append("WebP cannot be played more than 65535 times: it is played forever")
    canvas = (
        bytes([0x12 if channels == 4 else 0x02, 0, 0, 0]) + _three(width - 1) + _three(height - 1)
    )
    parts = [_chunk(b"VP8X", canvas), _chunk(b"ANIM", struct.pack("<IH", 0, plays))]
    before = None
    for frame, duration in zip(frames, ticks(played.durations, 1, LONGEST), strict=True):
        left, top, right, bottom = changed(before, frame)
        left, top = left // 2 * 2, top // 2 * 2  # only even corners can be stored
        file = io.BytesIO()
        patch = Image.fromarray(np.ascontiguousarray(frame[top:bottom, left:right]))
        patch.save(file, format="WEBP", lossless=True, exact=True, quality=100, method=4)
        place = b"".join(
            map(_three, (left // 2, top // 2, right - left - 1, bottom - top - 1, duration))
        )
        flags = b"\x02"  # replaces what is there and stays
        parts.append(_chunk(b"ANMF", place + flags + file.getvalue()[12:]))
        before = frame
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body, remarks


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
