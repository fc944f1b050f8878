"""GIF files, block by block; the pixels are coded and decoded by Pillow.

Pillow's own reader and writer are not enough here: the writer merges frames that are alike, the
reader lets the disposal of one frame last for the next and clears to a background colour where
browsers clear to transparent.

Source: Graphics Interchange Format, Version 89a, CompuServe 1990; NETSCAPE2.0 block as in Firefox,
Chrome and ffmpeg.
"""

import io
import struct
import warnings
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy
from PIL import Image

from pixelization.animation.frames import (
    AnimationSource,
    Patch,
    changed,
    check_size,
    compose,
    decoding,
    ticks,
)
from pixelization.color.packing import pack, unpack
from pixelization.errors import UserError
from pixelization.images.sprites import opaque_cells

DISPOSALS = {2: "clear", 3: "restore"}
LARGEST = (1 << 16) - 1  # pixels per side
SAMPLES = 1 << 20  # pixels that are enough to choose 256 colours from


class Picture(NamedTuple):
    """Where one frame lies in the file and how it is shown."""

    box: tuple[int, int, int, int]  # left, top, width, height
    interlaced: bool
    table: bytes  # RGBRGB...
    data: slice  # code size and LZW data
    ticks: int
    disposal: int
    transparent: int | None


def read_gif(data: bytes, name: str) -> AnimationSource:
    """Read the structure of a GIF file.

    A NETSCAPE block's number counts repetitions: n stands for n + 1 plays, 0 for forever; without
    the block a GIF plays once.

    Raises:
        UserError: damaged or truncated (a missing end mark included), too large or empty.
    """
    found = list(pictures(data, name))
    if not found:
        raise UserError(f"{name}: this GIF has no frame")
    width, height = struct.unpack_from("<HH", data, 6)
    size = (
        max(width, *(p.box[0] + p.box[2] for p in found)),
        max(height, *(p.box[1] + p.box[3] for p in found)),
    )
    check_size(size, name)
    whole = found[0].box == (0, 0, *size)
    alpha = not whole or any(p.transparent is not None or p.disposal == 2 for p in found)

    def patches() -> Iterator[Patch]:
        for number, picture in enumerate(found, 1):
            with decoding(name, number):
                pixels = _decode(data, picture)
            disposal = DISPOSALS.get(picture.disposal, "keep")
            yield Patch(
                pixels, *picture.box[:2], picture.ticks * 10.0, over=True, disposal=disposal
            )

    return AnimationSource(
        "gif", size, _plays(data), len(found), alpha, lambda: compose(size, patches())
    )


def pictures(data: bytes, name: str) -> Iterator[Picture]:
    """The frames of a GIF file; what lies between them is skipped, nothing is decoded."""
    number, at = 1, 13
    try:
        shared, at = _table(data, at, data[10])
        control = (0, 0, None)  # ticks, disposal, transparent index
        while (mark := data[at]) != 0x3B:
            if mark == 0x21:
                if data[at + 1] == 0xF9:
                    flags, delay, index = struct.unpack_from("<BHB", data, at + 3)
                    control = (delay, flags >> 2 & 7, index if flags & 1 else None)
                at = _after_blocks(data, at + 2)
            elif mark == 0x2C:
                *box, flags = struct.unpack_from("<4HB", data, at + 1)
                table, start = _table(data, at + 10, flags)
                at = _after_blocks(data, start + 1)
                if 0 in box[2:]:
                    raise UserError(f"{name}: frame {number} is empty ({box[2]}x{box[3]} pixels)")
                yield Picture(
                    tuple(box), bool(flags & 0x40), table or shared, slice(start, at), *control
                )
                number, control = number + 1, (0, 0, None)
            elif mark == 0:
                at += 1  # padding that some encoders leave
            else:
                raise UserError(
                    f"{name}: frame {number} is damaged: byte {at} is no start of a GIF block"
                )
    except (IndexError, struct.error):
        raise UserError(
            f"{name}: is truncated: it ends at byte {len(data)}, in or before frame {number}"
        ) from None


def write_gif(
    frames: Sequence[np.ndarray],
    durations: Sequence[float],
    plays: int,
    palette: np.ndarray | None = None,
) -> tuple[bytes, list[str]]:
    """A GIF file with one colour table for all frames.

    Times are stored in units of 10 ms. Browsers play 0 and 10 ms as 100 ms: give 20 ms or more.

    Args:
        frames: sprites of one shape, at most 65535 pixels per side; with more colours than fit they
            are drawn in 256 (255 beside transparency).
        durations: in milliseconds, one per frame, at most 655,350.
        plays: times, 0 for forever.
        palette: uint8 ``(n, 3)``, order of the colour table; holds every colour of the frames, and
            no other is used: what does not fit is the rarest. Ascending if not given.

    Returns:
        The file, and remarks for the user.

    Raises:
        UserError: frames are too large or last too long.
        ValueError: a colour is not in the palette.
    """
    height, width = frames[0].shape[:2]
    if max(height, width) > LARGEST:
        raise UserError(
            f"frames of {width}x{height} pixels are too large for GIF: at most {LARGEST} per side"
        )
    table, transparent, indices, remarks = _indexed(frames, palette)
    colors = len(table) + (transparent is not None)
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


def _table(data: bytes, at: int, flags: int) -> tuple[bytes, int]:
    """The colour table at ``at``, empty if the flags announce none, and what comes after it."""
    end = at + (6 << (flags & 7) if flags & 0x80 else 0)
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


def _decode(data: bytes, picture: Picture) -> np.ndarray:
    """The picture alone, uint8 ``(h, w, 4)``."""
    _, _, width, height = picture.box
    # A file of one frame whose colour table is never used: Pillow's indices are wanted, not its
    # colours.
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF7, 0, 0) + bytes(range(256)) * 3
    frame = b"," + struct.pack("<4HB", 0, 0, width, height, 0x40 if picture.interlaced else 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        index = np.asarray(Image.open(io.BytesIO(head + frame + data[picture.data] + b";")))
    rgba = np.zeros((256, 4), np.uint8)
    table = np.frombuffer(picture.table, np.uint8).reshape(-1, 3)
    rgba[: len(table), :3] = table
    rgba[:, 3] = 255
    if picture.transparent is not None:
        rgba[picture.transparent] = 0
    return rgba[index]


def _encode(index: np.ndarray) -> bytes:
    """Code size and LZW data of a picture, taken from a file that Pillow writes."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(index)).save(
        file, format="GIF", optimize=False, interlace=0
    )
    (picture,) = pictures(file.getvalue(), "the frame")
    return file.getvalue()[picture.data]


def _indexed(
    frames: Sequence[np.ndarray], palette: np.ndarray | None
) -> tuple[np.ndarray, int | None, list[np.ndarray], list[str]]:
    """Colour table ``(n, 3)``, index of transparent, frames as indices ``(h, w)``, remarks."""
    shown = [opaque_cells(frame) for frame in frames]
    packed = [pack(frame[mask]) for frame, mask in zip(frames, shown, strict=True)]
    distinct = np.unique(np.concatenate([np.unique(colors) for colors in packed]))
    used = unpack(distinct)
    room = 255 if any(not mask.all() for mask in shown) else 256
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
        table = _reduced(packed, room) if palette is None else _commonest(table, packed, room)
    if not len(table):
        table = np.zeros((1, 3), np.uint8)
    nearest = scipy.spatial.cKDTree(table).query(used)[1] if len(used) else np.zeros(0, int)
    transparent = len(table) if room == 255 else None
    indices = []
    for mask, colors in zip(shown, packed, strict=True):
        index = np.full(mask.shape, len(table) % 256, np.uint8)
        index[mask] = nearest[np.searchsorted(distinct, colors)]
        indices.append(index)
    return table, transparent, indices, remarks


def _reduced(packed: list[np.ndarray], count: int) -> np.ndarray:
    """At most ``count`` colours for the pixels of all frames.

    Median cut, then k-means, uint8 ``(n, 3)``.
    """
    step = max(1, sum(map(len, packed)) // SAMPLES)
    pixels = unpack(np.concatenate(packed)[::step])
    image = Image.fromarray(pixels[None]).quantize(count, Image.Quantize.MEDIANCUT, kmeans=1)
    return np.unique(np.array(image.getpalette("RGB"), np.uint8).reshape(-1, 3), axis=0)


def _commonest(table: np.ndarray, packed: list[np.ndarray], count: int) -> np.ndarray:
    """The colours of a table that most pixels have, in its order."""
    colors, pixels = np.unique(np.concatenate(packed), return_counts=True)
    kept = colors[np.argsort(-pixels, kind="stable")[:count]]
    return table[np.isin(pack(table), kept)]
