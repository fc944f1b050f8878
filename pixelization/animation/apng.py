"""Animated PNG; the chunks are read in :mod:`pixelization.images.png`.

Pillow's own writer merges frames that are alike; its reader fills with black or with palette entry
0 where the format clears to transparent.

Source: Portable Network Graphics (PNG) Specification (Third Edition), W3C 2025, section 11.3.6.
"""

import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from pixelization.animation.frames import (
    AnimationSource,
    Patch,
    Played,
    changed,
    check_work,
    compose,
)
from pixelization.errors import UserError
from pixelization.images.opening import decoding
from pixelization.images.png import PNG_SIGNATURE, Control, chunk, open_frame, read_structure
from pixelization.images.reading import upright_srgb
from pixelization.limits import ANIMATION_PIXELS

DISPOSALS = ("keep", "clear", "restore")
LONGEST = 65535 * 1000


def read_apng(data: bytes, name: str) -> AnimationSource:
    """Read the structure of a PNG file, animated or not (then it has one frame, of 0 ms).

    The default image is no frame if the file says so. An animation's number of plays is what it
    says, 0 for forever.

    Raises:
        UserError: not one frame is whole; too large or empty.
    """
    png = read_structure(data, name)
    size, frames = png.size, png.frames
    check_work(size, len(frames), name, ANIMATION_PIXELS)

    def patches() -> Iterator[Patch]:
        for number, frame in enumerate(frames, 1):
            control = frame.control or Control(0, *size, 0, 0, 0, 100, 0, 0)
            what = f"{name}: frame {number}"
            with decoding(what):
                image = upright_srgb(open_frame(png, data, frame, what, upright=False), what)
                image = image if image.mode == "RGBA" else image.convert("RGBA")
            duration = 1000 * control.delay / (control.unit or 100)
            yield Patch(
                image,
                control.left,
                control.top,
                duration,
                over=control.blend == 1,
                disposal=DISPOSALS[control.disposal],
            )

    first = frames[0].control
    covered = first is None or (first.width, first.height) == size
    # Restoring clears where nothing was before.
    cleared = any(frame.control and frame.control.disposal for frame in frames)
    alpha = png.may_be_clear or cleared or not covered
    return AnimationSource(
        "png",
        size,
        png.plays,
        len(frames),
        alpha,
        lambda: compose(size, patches()),
        png.remarks,
    )


def write_apng(played: Played) -> bytes:
    """An animated PNG; colours and alpha are exact.

    Of durations the nearest fraction of two 16-bit numbers is stored.

    Raises:
        UserError: a frame lasts longer than 65,535,000 ms.
    """
    frames = played.frames
    height, width, channels = frames[0].shape
    header = struct.pack(">II5B", width, height, 8, 6 if channels == 4 else 2, 0, 0, 0)
    parts = [
        PNG_SIGNATURE,
        chunk(b"IHDR", header),
        chunk(b"acTL", struct.pack(">II", len(frames), played.plays)),
    ]
    sequence, before = 0, None
    for number, (frame, duration) in enumerate(zip(frames, played.durations, strict=True)):
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
