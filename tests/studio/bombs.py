"""Small files that would become large, one of every kind that is read, and some that are not."""

import io
import json
import struct
import zipfile
import zlib

import numpy as np
from PIL import Image

from pixelization.images.png import PNG_SIGNATURE, chunk
from tests.images import aseprite_files as aseprite

HUGE = 1 << 28  # bytes that a few kilobytes become
PIXELS = zlib.compress(bytes(9))


def bombs():
    """By name."""
    squeezed = zlib.compress(bytes(HUGE), 1)
    head = struct.pack("<HhhBHh5xHH", 0, 0, 0, 255, 2, 0, 65_535, 65_535)
    cel = aseprite.chunk(0x2005, head + squeezed)
    return {
        "wide.png": png(60_000, 60_000),
        "tall.png": png(1, 1 << 31),
        "text.png": png(8, 8, chunk(b"zTXt", b"a\0\0" + squeezed)),
        "profile.png": png(8, 8, chunk(b"iCCP", b"a\0\0" + squeezed)),
        "longer.png": png(8, 8, squeezed=squeezed),
        "frames.png": png(8, 8, chunk(b"acTL", struct.pack(">II", 1 << 31, 0))),
        "played.png": played(3000, 3000, 60),
        "wide.gif": gif(65_535, 65_535, 1),
        "frames.gif": gif(1, 1, 30_000),
        "large.gif": gif(4000, 4000, 200),
        "wide.webp": webp(16_383, 16_383),
        "played.webp": moving_webp(16_383, 16_383, 3),
        "wide.bmp": b"BM" + struct.pack("<IIIIiiHHI24x", 54, 0, 54, 40, 60_000, 60_000, 1, 24, 0),
        "wide.ppm": b"P5 60000 60000 255\n" + bytes(100),
        "wide.jpg": jpeg(65_500, 65_500),
        "flat.tif": tiff(60_000, 60_000),
        "nested.zip": packed("a.png", bytes(HUGE >> 3)),
        "wide.aseprite": aseprite.file((65_535, 65_535), [aseprite.layer()]),
        "cel.aseprite": aseprite.file((8, 8), [aseprite.layer(), cel]),
        "frames.aseprite": aseprite.file((4000, 4000), *([[aseprite.layer()]] * 900)),
    }


def png(width, height, *chunks, squeezed=PIXELS):
    """A PNG file; its pixels need not be as many as it says."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", squeezed) + chunk(b"IEND", b"")
    return PNG_SIGNATURE + head + b"".join(chunks) + body


def played(width, height, frames):
    """An APNG of full frames, flat, so that each is small."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = zlib.compress(bytes((width + 1) * height), 9)
    parts, number = [chunk(b"acTL", struct.pack(">II", frames, 0))], 0
    for frame in range(frames):
        control = struct.pack(">IIIIIHHBB", number, width, height, 0, 0, 1, 10, 0, 0)
        parts.append(chunk(b"fcTL", control))
        number += 1
        if frame:
            parts.append(chunk(b"fdAT", struct.pack(">I", number) + pixels))
            number += 1
        else:
            parts.append(chunk(b"IDAT", pixels))
    return PNG_SIGNATURE + head + b"".join(parts) + chunk(b"IEND", b"")


def gif(width, height, frames):
    """A GIF file whose frames are one pixel on a large screen."""
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x44\1\0"
    return screen + frame * frames + b";"


def webp(width, height):
    """One colour, as far as it goes: lossless, a few hundred bytes."""
    file = io.BytesIO()
    Image.fromarray(np.zeros((height, width), np.uint8)[:2000, :2000]).save(
        file, "WEBP", lossless=True
    )
    data = bytearray(file.getvalue())
    at = data.index(b"VP8L") + 9  # 14 bits each, less one
    (bits,) = struct.unpack_from("<I", data, at)
    bits = bits >> 28 << 28 | (height - 1) << 14 | (width - 1)
    struct.pack_into("<I", data, at, bits)
    return bytes(data)


def moving_webp(width, height, frames):
    """An animation whose canvas is large."""
    file = io.BytesIO()
    images = [Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in range(0, 20 * frames, 20)]
    images[0].save(file, "WEBP", save_all=True, append_images=images[1:], lossless=True)
    data = bytearray(file.getvalue())
    at = data.index(b"VP8X") + 12  # 24 bits each, less one
    data[at : at + 6] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(data)


def jpeg(width, height):
    """A JPEG file that says it is larger."""
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "JPEG")
    data = bytearray(file.getvalue())
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, height, width)
    return bytes(data)


def tiff(width, height):
    """A TIFF file that says it is larger."""
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "TIFF", compression="tiff_deflate")
    data = bytearray(file.getvalue())
    (table,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, table)
    for entry in range(entries):
        at = table + 2 + 12 * entry
        (tag,) = struct.unpack_from("<H", data, at)
        if tag in (256, 257, 278):  # width, height, rows of a strip
            value = width if tag == 256 else height
            struct.pack_into("<HII", data, at + 2, 4, 1, value)
    return bytes(data)


def packed(name, data):
    """A zip of one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def deep(levels):
    """JSON, nested."""
    return ("[" * levels + "]" * levels).encode()


def long_edits(count):
    """A body with many painted cells."""
    edit = {"frame": 0, "x": 0, "y": 0, "color": "ff0000"}
    return json.dumps({"picture": "0" * 64, "edits": [edit] * count}).encode()
