"""JPEG files: without their end mark, which browsers show, and with many scans."""

import numpy as np
from PIL import Image

from pixelization.images.opening import open_image
from pixelization.limits import SCANS

SCAN, END = b"\xff\xda", b"\xff\xd9"
# Two continuations of the compressed data that look like nothing and not like each other.
PADDINGS = (b"\x35\xa9\x6c\x12" * 64, b"\xca\x56\x93\x4d" * 64)


def check_scans(data: bytes, name: str) -> None:
    """Refuse a file that would have the decoder go over all pixels thousands of times.

    Compressed data cannot hold the mark of a scan; an embedded preview can, once or twice.
    """
    SCANS.check(data.count(SCAN), name)


def complete(image: Image.Image, data: bytes, remarks: list[str]) -> Image.Image:
    """A JPEG image whose pixels are loaded, if all of them are there.

    Where only the end mark is missing, how the data would go on changes no pixel. Where some of
    the picture is missing, it does.

    Args:
        image: of the file, not decoded yet.
        data: the file.
        remarks: takes a line if the end mark is missing.

    Raises:
        Exception: whatever Pillow raises for truncated data.
    """
    try:
        image.load()
        return image
    except OSError:
        begun = data.rstrip(b"\xff")  # half of the mark
        whole, *others = (
            open_image(begun + padding + END, "", ("JPEG",)) for padding in (b"", *PADDINGS)
        )
        shown = np.asarray(whole)
        if not all(np.array_equal(shown, np.asarray(other)) for other in others):
            raise
    remarks.append(f"is truncated: it ends at byte {len(data)} without an end mark")
    return whole
