"""Aseprite's sprites made and taken apart by hand, straight from the published specification.

Shares nothing with the package, so that it can judge what that writes.
"""

import struct
import zlib
from dataclasses import dataclass, field

VISIBLE, BACKGROUND, REFERENCE = 1, 8, 64


def chunk(kind, data):
    return struct.pack("<IH", 6 + len(data), kind) + data


def layer(name="a", *, flags=VISIBLE, kind=0, level=0, blend=0, opacity=255):
    head = struct.pack("<HHHHHHBBBB", flags, kind, level, 0, 0, blend, opacity, 0, 0, 0)
    return chunk(0x2004, head + struct.pack("<H", len(name)) + name.encode())


def cel(at, size, pixels, *, place=(0, 0), opacity=255, z=0, packed=True):
    """``pixels``: bytes as the file's kind of pixels wants them."""
    head = struct.pack("<HhhBHh5x", at, *place, opacity, 2 if packed else 0, z)
    data = zlib.compress(bytes(pixels)) if packed else bytes(pixels)
    return chunk(0x2005, head + struct.pack("<HH", *size) + data)


def linked(at, frame):
    return chunk(0x2005, struct.pack("<HhhBHh5xH", at, 0, 0, 255, 1, 0, frame))


def palette(*colors, first=0):
    entries = b"".join(struct.pack("<H4B", 0, *color) for color in colors)
    last = first + len(colors) - 1
    return chunk(0x2019, struct.pack("<III8x", last + 1, first, last) + entries)


def tags(*tags):
    """Of (first, last, direction, repeat, name)."""
    body = struct.pack("<H8x", len(tags))
    for first, last, direction, repeat, name in tags:
        body += struct.pack("<HHBH6xBBBBH", first, last, direction, repeat, 1, 2, 3, 0, len(name))
        body += name.encode()
    return chunk(0x2018, body)


def file(size, *frames, bits=32, flags=1, transparent=0, durations=None, speed=70):
    """``frames``: lists of chunks."""
    body = b""
    for number, chunks in enumerate(frames):
        data = b"".join(chunks)
        duration = 100 if durations is None else durations[number]
        head = struct.pack("<IHHHBBI", 16 + len(data), 0xF1FA, len(chunks), duration, 0, 0, 0)
        body += head + data
    head = struct.pack("<IHHHHHIH", 128 + len(body), 0xA5E0, len(frames), *size, bits, flags, speed)
    head += struct.pack("<IIB3xHBBhhHH", 0, 0, transparent, 0, 1, 1, 0, 0, 16, 16)
    return head + bytes(84) + body


@dataclass
class Parts:
    """What a plain walk over a file finds."""

    frames: int
    size: tuple[int, int]
    bits: int
    flags: int
    transparent: int
    colors: int
    durations: list[int] = field(default_factory=list)
    layers: list[tuple[str, int]] = field(default_factory=list)  # name, flags
    cels: list[dict[int, tuple]] = field(default_factory=list)  # (x, y), (w, h), pixels
    extras: list[tuple[float, ...]] = field(default_factory=list)
    palette: list[tuple[int, ...]] = field(default_factory=list)
    tags: list[tuple] = field(default_factory=list)


def take_apart(data):
    """All that is in a file of image layers and compressed cels; ``AssertionError`` if it is none.

    Every length must be right to the byte.
    """
    length, magic, frames, width, height, bits, flags, _ = struct.unpack_from("<IHHHHHIH", data)
    assert (length, magic) == (len(data), 0xA5E0)
    transparent, colors = struct.unpack_from("<B3xH", data, 28)
    parts = Parts(frames, (width, height), bits, flags, transparent, colors)
    at = 128
    for _ in range(frames):
        size, magic, old_count, duration, count = struct.unpack_from("<IHHH2xI", data, at)
        assert magic == 0xF1FA and old_count == count
        parts.durations.append(duration)
        parts.cels.append({})
        end, at = at + size, at + 16
        for _ in range(count):
            length, kind = struct.unpack_from("<IH", data, at)
            _take(parts, kind, data[at + 6 : at + length])
            at += length
        assert at == end
    assert at == len(data)
    return parts


def _take(parts, kind, body):
    if kind == 0x2004:
        (flags,) = struct.unpack_from("<H", body)
        (length,) = struct.unpack_from("<H", body, 16)
        assert len(body) == 18 + length
        parts.layers.append((body[18:].decode(), flags))
    elif kind == 0x2005:
        layer, x, y, opacity, packed = struct.unpack_from("<HhhBH", body)
        assert (opacity, packed) == (255, 2)
        size = struct.unpack_from("<HH", body, 16)
        pixels = zlib.decompress(body[20:])
        assert len(pixels) == size[0] * size[1] * parts.bits // 8
        parts.cels[-1][layer] = ((x, y), size, pixels)
    elif kind == 0x2006:
        exact, *box = struct.unpack_from("<I4i", body)
        assert exact == 1 and len(body) == 36
        parts.extras.append(tuple(number / 65536 for number in box))
    elif kind == 0x2018:
        (count,) = struct.unpack_from("<H", body)
        at = 10
        for _ in range(count):
            first, last, direction, repeat = struct.unpack_from("<HHBH", body, at)
            *color, _, length = struct.unpack_from("<4BH", body, at + 13)
            name = body[at + 19 : at + 19 + length].decode()
            parts.tags.append((first, last, direction, repeat, tuple(color), name))
            at += 19 + length
        assert at == len(body)
    elif kind == 0x2019:
        size, first, last = struct.unpack_from("<III", body)
        assert (first, last) == (0, size - 1) and len(body) == 20 + 6 * size
        parts.palette = [struct.unpack_from("<4B", body, 22 + 6 * at) for at in range(size)]
    else:
        assert kind == 0x2007 and body == struct.pack("<HHI8x", 1, 0, 0)  # sRGB
