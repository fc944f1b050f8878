"""The chunks of a PNG file."""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress

from PIL import Image

from pixelization.errors import UserError

# What PNG files may hold besides the picture, which Pillow refuses above 1 MiB, and how much of a
# profile is read then.
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
MAX_PROFILE = 16 << 20


def chunks(data: bytes, name: str) -> Iterator[tuple[bytes, slice]]:
    """Kind and place of the body of every chunk of a PNG file; their sums are checked."""
    at, kind = len(PNG_SIGNATURE), b""
    while kind != b"IEND":
        if at + 12 > len(data):
            raise UserError(
                f"{name}: is truncated: it ends at byte {len(data)}, before the end of the last frame"
            )
        length, kind = struct.unpack_from(">I4s", data, at)
        body = slice(at + 8, at + 8 + length)
        if body.stop + 4 > len(data):
            raise UserError(
                f"{name}: is truncated: it ends at byte {len(data)}, in the chunk that starts at byte {at}"
            )
        if zlib.crc32(data[at + 4 : body.stop]) != int.from_bytes(
            data[body.stop : body.stop + 4], "big"
        ):
            raise UserError(
                f"{name}: is damaged: the chunk that starts at byte {at} has a wrong checksum"
            )
        at = body.stop + 4
        yield kind, body


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def open_without_texts(png: bytes) -> Image.Image:
    """A PNG file without its texts, of which it may have more than Pillow takes, and with a profile
    of any sensible size.
    """
    at, parts, packed = len(PNG_SIGNATURE), [PNG_SIGNATURE], None
    while at + 8 <= len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        end = at + 12 + length
        if kind == b"iCCP":
            # after a name that ends in 0, and a byte for the method
            packed = png[at + 8 : end - 4].partition(b"\0")[2][1:]
        elif kind not in PNG_TEXTS:
            parts.append(png[at:end])
        at = end
    image = Image.open(io.BytesIO(b"".join(parts)))
    if packed:
        with suppress(zlib.error):  # a broken profile does not count
            image.info["icc_profile"] = zlib.decompressobj().decompress(packed, MAX_PROFILE)
    return image
