"""A checksum inside the file that it is of: over the file with zeros in its place."""

import hashlib
import re
from collections.abc import Callable

CHECKSUM = "checksum"  # key of an ONNX file's metadata
BLANK = "0" * 64  # in place of the checksum while it is computed

Entry = Callable[[str], bytes]
"""The bytes in which a file of some kind has its checksum, so that nothing else is taken for it."""


def sealed(data: bytes, entry: Entry) -> bytes:
    """A file that has ``BLANK``, with its checksum.

    Raises:
        ValueError: the file has no such entry, or several.
    """
    if data.count(entry(BLANK)) != 1:
        raise ValueError("no place for the checksum")
    checksum = hashlib.sha256(data).hexdigest()
    return data.replace(entry(BLANK), entry(checksum), 1)


def is_whole(data: bytes, checksum: str, entry: Entry) -> bool:
    """Whether a file is as it was when it got the checksum that it names."""
    blank = data.replace(entry(checksum), entry(BLANK), 1)
    return hashlib.sha256(blank).hexdigest() == checksum


def onnx_entry(checksum: str) -> bytes:
    """Where an ONNX file has a value of its metadata called ``CHECKSUM``, in protocol buffers."""
    return b"\x0a\x08checksum\x12@" + checksum.encode()


def onnx_checksum(data: bytes) -> str | None:
    """The checksum that an ONNX file names, found before anything else is made of its bytes."""
    found = re.search(rb"\x0a\x08checksum\x12@([0-9a-f]{64})", data)
    return found[1].decode() if found else None
