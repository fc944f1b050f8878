"""The chunks of a PNG file."""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress

from PIL import Image

from pixelization.errors import UserError

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_TEXTS = (b"tEXt", b"zTXt", b"iTXt")  # Pillow refuses files with more than 1 MiB of them
MAX_PROFILE = 16 << 20  # bytes that are read of a colour profile


def chunks(data: bytes, name: str) -> Iterator[tuple[bytes, slice]]:
    """Kind and place of the body of every chunk of a PNG file; their sums are checked."""
    for kind, body in _walk(data):
        start, end = body.start - 8, body.stop + 4
        if end > len(data):
            place = f"in the chunk that starts at byte {start}"
            raise UserError(f"{name}: is truncated: it ends at byte {len(data)}, {place}")
        checksum = int.from_bytes(data[body.stop : end], "big")
        if zlib.crc32(data[start + 4 : body.stop]) != checksum:
            place = f"the chunk that starts at byte {start}"
            raise UserError(f"{name}: is damaged: {place} has a wrong checksum")
        yield kind, body
        if kind == b"IEND":
            return
    place = "before the end of the last frame"
    raise UserError(f"{name}: is truncated: it ends at byte {len(data)}, {place}")


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def open_without_texts(png: bytes) -> Image.Image:
    """A PNG file without its texts, and with a profile of any sensible size.

    It may have more of both than Pillow takes. A damaged file is read as far as Pillow reads it.
    """
    parts, packed = [PNG_SIGNATURE], None
    for kind, body in _walk(png):
        if kind == b"iCCP":
            # after a name that ends in 0, and a byte for the method
            packed = png[body].partition(b"\0")[2][1:]
        elif kind not in PNG_TEXTS:
            parts.append(png[body.start - 8 : body.stop + 4])
    image = Image.open(io.BytesIO(b"".join(parts)))
    if packed:
        with suppress(zlib.error):  # a broken profile does not count
            image.info["icc_profile"] = zlib.decompressobj().decompress(packed, MAX_PROFILE)
    return image


def _walk(data: bytes) -> Iterator[tuple[bytes, slice]]:
    """Kind and place of the body of every chunk that begins in the data; nothing is checked.

    A chunk is its length, its kind, its body and a checksum, 4 bytes each but for the body.
    """
    at = len(PNG_SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = slice(at + 8, at + 8 + length)
        yield kind, body
        at = body.stop + 4
