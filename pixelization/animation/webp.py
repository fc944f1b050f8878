"""Animated WebP: libwebp decodes through Pillow; the container is written here, because libwebp
merges frames that are alike.

Source: WebP Container Specification, RFC 9649, section 2.
"""

import io
import struct
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from pixelization.animation.frames import (
    AnimationSource,
    Frame,
    changed,
    check_size,
    decoding,
    ticks,
)
from pixelization.errors import UserError

LONGEST = (1 << 24) - 1
LARGEST = 1 << 14  # pixels per side that a frame can have


def read_webp(data: bytes, name: str) -> AnimationSource:
    """Read the structure of a WebP file, animated or not (then it has one frame, of 0 ms).

    The number of plays is what the file says, 0 for forever.

    Raises:
        UserError: damaged or truncated, too large or empty.
    """
    found = list(chunks(data, name))
    moving = [body for kind, body in found if kind == b"ANMF"]
    with decoding(name, 1):
        if found[0][0] == b"VP8X":
            size = (
                1 + int.from_bytes(data[24:27], "little"),
                1 + int.from_bytes(data[27:30], "little"),
            )
            check_size(size, name)
        image = Image.open(io.BytesIO(data))
        size, alpha = image.size, image.mode == "RGBA"
        check_size(size, name)
        plays = image.info["loop"] if moving else 1

    def frames() -> Iterator[Frame]:
        with decoding(name, 1):
            file = Image.open(io.BytesIO(data))
        for index in range(len(moving) or 1):
            with decoding(name, index + 1):
                file.seek(index)
                file.load()
                frame = Frame(file.copy(), float(file.info["duration"]))
            yield frame

    return AnimationSource("webp", size, plays, len(moving) or 1, alpha, frames)


def chunks(data: bytes, name: str) -> Iterator[tuple[bytes, slice]]:
    """Kind and place of the body of every chunk of a WebP file."""
    end = 8 + int.from_bytes(data[4:8], "little")
    at, number = 12, 1
    while at < end:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        body = slice(at + 8, at + 8 + length)
        if max(body.stop, at + 8) > len(data):
            raise UserError(
                f"{name}: is truncated: it ends at byte {len(data)}, in or before frame {number}"
            )
        kind = data[at : at + 4]
        yield kind, body
        number += kind == b"ANMF"
        at = body.stop + length % 2
    if at == 12:
        raise UserError(f"{name}: is damaged: it has no picture")


def write_webp(
    frames: Sequence[np.ndarray], durations: Sequence[float], plays: int
) -> tuple[bytes, list[str]]:
    """A lossless animated WebP; colours and alpha are exact.

    Args:
        frames: sprites of one shape, at most 16384 pixels per side.
        durations: in milliseconds, one per frame, at most 16,777,215; stored in whole milliseconds.
        plays: times, 0 for forever.

    Returns:
        The file, and remarks for the user.

    Raises:
        UserError: frames are too large or last too long.
    """
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
    for frame, duration in zip(frames, ticks(durations, 1, LONGEST), strict=True):
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
