"""Animated GIF files; their blocks are read in :mod:`pixelization.images.gif`.

Pillow's own writer merges frames that are alike.
"""

import io
import struct
from collections.abc import Iterator, Sequence

import numpy as np
import scipy
from PIL import Image

from pixelization.animation.frames import (
    AnimationSource,
    Patch,
    Played,
    changed,
    check_work,
    compose,
    ticks,
)
from pixelization.color.packing import commonest, pack, unpack
from pixelization.errors import UserError
from pixelization.images.gif import decode, pictures, read_structure
from pixelization.images.sprites import opaque_cells
from pixelization.limits import ANIMATION_PIXELS, VIDEO_PIXELS

DISPOSALS = {2: "clear", 3: "restore"}
LARGEST = (1 << 16) - 1  # pixels per side
# Recordings of some megabytes may be long; bombs have thousands. Reading took 7 to 8 ns of CPU a
# pixel (256 frames of 1024x1024, opaque or half transparent): 2 seconds for as many as a file of
# 2 MiB may have, a minute for those of the largest, which are as many as a video's.
PIXELS_OF_A_BYTE = 64
SAMPLES = 1 << 20  # pixels that are enough to choose 256 colours from


def read_gif(data: bytes, name: str) -> AnimationSource:
    """Read the structure of a GIF file.

    Raises:
        UserError: not one frame is whole; too large or empty.
    """
    gif = read_structure(data, name)
    width, height = gif.size
    work = (
        max(width, *(picture.box[2] for picture in gif.pictures)),
        max(height, *(picture.box[3] for picture in gif.pictures)),
    )
    earned = min(PIXELS_OF_A_BYTE * len(data), VIDEO_PIXELS.value)
    check_work(work, len(gif.pictures), name, ANIMATION_PIXELS, earned)
    whole = gif.pictures[0].box == (0, 0, *gif.size)
    alpha = not whole or any(
        picture.transparent is not None or picture.disposal in DISPOSALS for picture in gif.pictures
    )

    def patches() -> Iterator[Patch]:
        for number, picture in enumerate(gif.pictures, 1):
            image = decode(data, picture, f"{name}: frame {number}")
            disposal = DISPOSALS.get(picture.disposal, "keep")
            yield Patch(image, *picture.box[:2], picture.ticks * 10.0, over=True, disposal=disposal)

    return AnimationSource(
        "gif",
        gif.size,
        gif.plays,
        len(gif.pictures),
        alpha,
        lambda: compose(gif.size, patches()),
        gif.remarks,
    )


def write_gif(played: Played) -> tuple[bytes, list[str]]:
    """A GIF file with one colour table for all frames.

    Times are stored in units of 10 ms. Browsers play 0 and 10 ms as 100 ms: give 20 ms or more.

    Frames with more colours than fit are drawn in 256 (255 beside transparency).

    Args:
        played: no colours but its palette's are used, of which those that do not fit are the
            rarest; without one, the frames' in ascending order. The transparent entry of the table
            is the first, whether a pixel is transparent or not, or else the last, if any pixel is.

    Returns:
        The file, and remarks for the user.

    Raises:
        UserError: frames have more than 65535 pixels per side or last longer than 655,350 ms.
        ValueError: a colour is not in the palette.
    """
    durations, plays = played.durations, played.plays
    height, width = played.frames[0].shape[:2]
    if max(height, width) > LARGEST:
        raise UserError(
            f"frames of {width}x{height} pixels are too large for GIF: at most {LARGEST} per side"
        )
    table, transparent, indices, remarks = _indexed(
        played.frames, played.palette, played.transparent_first
    )
    colors = len(table) + (transparent == len(table))
    bits = max(1, (colors - 1).bit_length())
    if plays > 65536:
        plays = 0
        remarks.append("GIF cannot be played more than 65536 times: it is played forever")
    parts = [
        b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80 | bits - 1, transparent or 0, 0),
        table.tobytes().ljust(3 << bits, b"\0"),
    ]
    if plays != 1:
        parts.append(b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<HB", max(0, plays - 1), 0))
    delays = ticks(durations, 10, 65535)
    if min(delays) < 2 and min(durations) > 0:
        remarks.append(
            "browsers play GIF frames of 10 ms as 100 ms: use at most 50 frames per second, or "
            "write APNG or WebP"
        )
    before = None
    for index, delay in zip(indices, delays, strict=True):
        # Only clearing makes a cell transparent again, and what is cleared must be drawn again:
        # hence whole frames.
        left, top, right, bottom = changed(before if transparent is None else None, index)
        flags = 1 << 2 if transparent is None else 2 << 2 | 1
        parts.append(b"!\xf9\x04" + struct.pack("<BHBB", flags, delay, transparent or 0, 0))
        parts.append(b"," + struct.pack("<4HB", left, top, right - left, bottom - top, 0))
        parts.append(_encode(index[top:bottom, left:right]))
        before = index
    return b"".join(parts) + b";", remarks


def _encode(index: np.ndarray) -> bytes:
    """Code size and LZW data of a picture, taken from a file that Pillow writes."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(index)).save(
        file, format="GIF", optimize=False, interlace=0
    )
    (picture,) = pictures(file.getvalue())
    return file.getvalue()[picture.data]


def _indexed(
    frames: Sequence[np.ndarray], palette: np.ndarray | None, transparent_first: bool
) -> tuple[np.ndarray, int | None, list[np.ndarray], list[str]]:
    """Colour table ``(n, 3)``, index of transparent, frames as indices ``(h, w)``, remarks."""
    shown = [opaque_cells(frame) for frame in frames]
    packed = [pack(frame[mask]) for frame, mask in zip(frames, shown, strict=True)]
    distinct = np.unique(np.concatenate([np.unique(colors) for colors in packed]))
    used = unpack(distinct)
    room = 255 if transparent_first or any(not mask.all() for mask in shown) else 256
    remarks = []
    table = used if palette is None else palette
    if palette is not None and not np.isin(distinct, pack(palette)).all():
        raise ValueError("frames hold colours that are not in the palette")
    if len(table) > room:
        table = table[np.isin(pack(table), distinct)]
    if len(table) > room:
        remarks.append(
            f"GIF holds {room} colours and these frames have {len(table)}: reduced to {room}, the "
            "same for all frames"
        )
        if palette is None:
            table = _reduced(packed, room)
        else:
            table = table[np.isin(pack(table), commonest(np.concatenate(packed), room))]
    if not len(table):
        table = np.zeros((1, 3), np.uint8)
    nearest = scipy.spatial.cKDTree(table).query(used)[1] if len(used) else np.zeros(0, int)
    transparent = None if room == 256 else 0 if transparent_first else len(table)
    indices = []
    for mask, colors in zip(shown, packed, strict=True):
        index = np.full(mask.shape, transparent or 0, np.uint8)
        index[mask] = nearest[np.searchsorted(distinct, colors)] + transparent_first
        indices.append(index)
    if transparent_first:
        table = np.insert(table, 0, 0, axis=0)
    return table, transparent, indices, remarks


def _reduced(packed: list[np.ndarray], count: int) -> np.ndarray:
    """At most ``count`` colours for the pixels of all frames.

    Median cut, then k-means, uint8 ``(n, 3)``.
    """
    step = max(1, sum(map(len, packed)) // SAMPLES)
    pixels = unpack(np.concatenate(packed)[::step])
    image = Image.fromarray(pixels[None]).quantize(count, Image.Quantize.MEDIANCUT, kmeans=1)
    return np.unique(np.array(image.getpalette("RGB"), np.uint8).reshape(-1, 3), axis=0)
