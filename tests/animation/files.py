"""Animations made by hand, byte by byte: what Pillow would not write by itself."""

import io
import struct
import zlib

import numpy as np

from pixelization.animation.reading import open_animation
from pixelization.animation.writing import write_animation
from pixelization.images.png import PNG_SIGNATURE, chunk

RED, GREEN, BLUE, CLEAR = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0)
CONTAINERS = ("gif", "png", "webp")
# In LZW with 7 bits, bytes below 128 stand for themselves.
COLORS = {RED: 1, GREEN: 2, BLUE: 3, CLEAR: 0}  # in the table of gif_file
TABLE = bytes([9, 9, 9, 255, 0, 0, 0, 255, 0, 0, 0, 255])


def sprites(seed: int, count: int, shape=(9, 7), channels=4, colors=12) -> list[np.ndarray]:
    """Random sprites in few colours.

    The second frame repeats the first, the last differs in one pixel from the one before.
    """
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (colors, 3), dtype=np.uint8)
    frames = [palette[rng.integers(0, colors, shape)] for _ in range(count)]
    if channels == 4:
        masks = [np.where(rng.random((*shape, 1)) < 0.7, 255, 0).astype(np.uint8) for _ in frames]
        frames = [
            np.dstack([frame * (mask > 0), mask]) for frame, mask in zip(frames, masks, strict=True)
        ]
    if count > 2:
        frames[1] = frames[0].copy()
        frames[-1] = frames[-2].copy()
        frames[-1][-1, -1] = 255 - frames[-1][-1, -1] if channels == 3 else RED
    return frames


def written(frames, format, durations=None, plays=0, **options) -> bytes:
    """The bytes of an animation that every frame and duration fits into."""
    file = io.BytesIO()
    remarks = write_animation(
        frames,
        file,
        durations=durations or [100] * len(frames),
        plays=plays,
        format=format,
        **options,
    )
    assert remarks == []
    return file.getvalue()


def read(data, **options) -> list[np.ndarray]:
    """The frames of an animation, uint8 each."""
    return [np.asarray(frame.image) for frame in open_animation(data, **options)]


def rgba(rows) -> np.ndarray:
    """Rows of colours as uint8 ``(h, w, 4)``."""
    return np.array(rows, np.uint8)


def gif_frame(rows, left=0, top=0, disposal=0, transparent=True, table=b"", control=True) -> bytes:
    """A block of a GIF file, of rows of RED, GREEN, BLUE and CLEAR."""
    index = [COLORS[color] for row in rows for color in row]
    data = bytes([0x80, *index, 0x81])
    head = b"!\xf9\x04" + bytes([disposal << 2 | transparent, 5, 0, 0, 0]) if control else b""
    box = struct.pack("<4HB", left, top, len(rows[0]), len(rows), 0x81 if table else 0)
    return head + b"," + box + table + b"\x07" + bytes([len(data)]) + data + b"\0"


def gif_file(*frames, size=(2, 2), background=0) -> bytes:
    """A GIF file with a colour table for all frames."""
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", *size, 0x81, background, 0)
        + TABLE
        + b"".join(frames)
        + b";"
    )


def png_pixels(rows) -> bytes:
    """What an IDAT chunk holds."""
    return zlib.compress(
        b"".join(b"\0" + bytes(np.array(row, np.uint8).ravel().tolist()) for row in rows)
    )


def png_file(frames, *, kind=6, extra=b"", hidden=b"", size=(2, 2), plays=0) -> bytes:
    """frames: (rows, left, top, disposal, blend).

    Hidden: rows of a default image that is no frame.
    """
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, kind, 0, 0, 0)), extra]
    parts.append(chunk(b"acTL", struct.pack(">II", len(frames), plays)))
    if hidden:
        parts.append(chunk(b"IDAT", png_pixels(hidden)))
    sequence = 0
    for number, (rows, left, top, disposal, blend) in enumerate(frames):
        place = struct.pack(">5I", sequence, len(rows[0]), len(rows), left, top)
        parts.append(chunk(b"fcTL", place + struct.pack(">HHBB", 3, 0, disposal, blend)))
        sequence += 1
        if number == 0 and not hidden:
            parts.append(chunk(b"IDAT", png_pixels(rows)))
        else:
            parts.append(chunk(b"fdAT", struct.pack(">I", sequence) + png_pixels(rows)))
            sequence += 1
    return PNG_SIGNATURE + b"".join(parts) + chunk(b"IEND", b"")
