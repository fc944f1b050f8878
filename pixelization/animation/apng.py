"""Animated PNG, chunk by chunk; Pillow decodes the pixels of each frame.

Pillow's own writer merges frames that are alike; its reader counts a hidden default image as a
frame and fills with black or with palette entry 0 where the format clears to transparent.

Source: Portable Network Graphics (PNG) Specification (Third Edition), W3C 2025, sections 5 and
11.3.6.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from pixelization.animation.frames import (
    AnimationSource,
    Patch,
    changed,
    check_size,
    compose,
    decoding,
)
from pixelization.errors import UserError
from pixelization.images.png import PNG_SIGNATURE, chunk, chunks
from pixelization.images.reading import read_image

DISPOSALS = ("keep", "clear", "restore")
LENGTHS = {b"IHDR": 13, b"acTL": 8, b"fcTL": 26}
LONGEST = 65535 * 1000


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


def read_apng(data: bytes, name: str) -> AnimationSource:
    """Read the structure of a PNG file, animated or not (then it has one frame, of 0 ms).

    The default image is no frame if the file says so. An animation's number of plays is what it
    says, 0 for forever.

    Raises:
        UserError: damaged or truncated, too large or empty.
    """
    header, colors, count, plays = b"", b"", 0, 1
    frames: list[tuple[Control | None, list[slice]]] = []
    sequence = 0
    for kind, body in chunks(data, name):
        here = data[body]
        if len(here) != LENGTHS.get(kind, len(here)):
            raise UserError(
                f"{name}: is damaged: the {kind.decode()} chunk at byte {body.start - 8} has "
                f"{len(here)} bytes"
            )
        if kind == b"IHDR":
            header = here
        elif kind == b"acTL":
            count, plays = struct.unpack(">II", here)
            plays = plays if plays < 1 << 31 else 0  # more than the format knows
        elif kind in (b"PLTE", b"tRNS", b"iCCP"):
            colors += chunk(kind, here)
        elif kind == b"fcTL" and count:
            frames.append((Control._make(struct.unpack(">5I2H2B", here)), []))
        elif kind == b"IDAT":
            if not frames:
                # a still picture, or the default image of an animation that starts later
                frames.append((None, []))
            frames[-1][1].append(body)
        elif kind == b"fdAT" and frames:
            frames[-1][1].append(slice(body.start + 4, body.stop))
        if count and kind in (b"fcTL", b"fdAT"):
            if int.from_bytes(here[:4], "big") != sequence:
                raise UserError(
                    f"{name}: is damaged at byte {body.start}, frame {len(frames)}: a chunk is "
                    "missing"
                )
            sequence += 1
    if not header or not frames:
        raise UserError(f"{name}: is damaged: it has no picture")
    width, height = struct.unpack(">II", header[:8])
    size = (width, height)
    check_size(size, name)
    if count:
        frames = [frame for frame in frames if frame[0] is not None]
        if len(frames) != count:
            raise UserError(
                f"{name}: is damaged or truncated: {count} frames are announced, {len(frames)} are "
                "there"
            )
    for number, (control, parts) in enumerate(frames, 1):
        if control and not _fits(control, size, parts):
            raise UserError(
                f"{name}: frame {number} is damaged: it is empty or reaches out of the "
                f"{size[0]}x{size[1]} picture"
            )

    def patches() -> Iterator[Patch]:
        for number, (control, parts) in enumerate(frames, 1):
            own = control or Control(0, *size, 0, 0, 0, 100, 0, 0)
            shape = struct.pack(">II", own.width, own.height) + header[8:]
            file = (
                PNG_SIGNATURE
                + chunk(b"IHDR", shape)
                + colors
                + chunk(b"IDAT", b"".join(data[part] for part in parts))
            )
            with decoding(name, number):
                pixels = np.array(read_image(file + chunk(b"IEND", b"")).convert("RGBA"))
            duration = 1000 * own.delay / (own.unit or 100)
            yield Patch(
                pixels,
                own.left,
                own.top,
                duration,
                over=own.blend == 1,
                disposal=DISPOSALS[own.disposal],
            )

    covered = not frames[0][0] or (frames[0][0].width, frames[0][0].height) == size
    cleared = any(control and control.disposal == 1 for control, _ in frames)
    alpha = header[9] in (4, 6) or b"tRNS" in colors or cleared or not covered
    return AnimationSource("png", size, plays, len(frames), alpha, lambda: compose(size, patches()))


def write_apng(frames: Sequence[np.ndarray], durations: Sequence[float], plays: int) -> bytes:
    """An animated PNG; colours and alpha are exact.

    Args:
        frames: sprites of one shape.
        durations: in milliseconds, one per frame, at most 65,535,000; the nearest fraction of two
            16-bit numbers is stored.
        plays: times, 0 for forever.

    Raises:
        UserError: a frame lasts too long.
    """
    height, width, channels = frames[0].shape
    header = struct.pack(">II5B", width, height, 8, 6 if channels == 4 else 2, 0, 0, 0)
    parts = [
        PNG_SIGNATURE,
        chunk(b"IHDR", header),
        chunk(b"acTL", struct.pack(">II", len(frames), plays)),
    ]
    sequence, before = 0, None
    for number, (frame, duration) in enumerate(zip(frames, durations, strict=True)):
        if duration > LONGEST:
            raise UserError(
                f"frame {number + 1}: {duration:.0f} ms is too long for APNG: at most {LONGEST} ms"
            )
        left, top, right, bottom = changed(before, frame)
        seconds = duration / 1000
        delay = Fraction(seconds).limit_denominator(
            max(1, min(65535, int(65535 / max(seconds, 1))))
        )
        control = Control(
            sequence,
            right - left,
            bottom - top,
            left,
            top,
            delay.numerator,
            delay.denominator,
            0,
            0,
        )
        parts.append(chunk(b"fcTL", struct.pack(">5I2H2B", *control)))
        pixels = _compressed(frame[top:bottom, left:right])
        if number == 0:
            parts.append(chunk(b"IDAT", pixels))
        else:
            parts.append(chunk(b"fdAT", struct.pack(">I", sequence + 1) + pixels))
        sequence += 1 + (number > 0)
        before = frame
    return b"".join(parts) + chunk(b"IEND", b"")


def _compressed(pixels: np.ndarray) -> bytes:
    """Rows without prediction, which makes flat colours smaller than the filters for photos do."""
    rows = pixels.reshape(len(pixels), -1)
    return zlib.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes(), 9)


def _fits(control: Control, size: tuple[int, int], parts: list[slice]) -> bool:
    inside = control.left + control.width <= size[0] and control.top + control.height <= size[1]
    return (
        inside and control.width > 0 and control.height > 0 and control.disposal < 3 and bool(parts)
    )
