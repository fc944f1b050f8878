"""Images to files."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from pixelization.files import whole_file


def png_bytes(image: Image.Image | np.ndarray, compress_level: int = -1) -> bytes:
    """A PNG file in memory.

    Args:
        image: of Pillow, or uint8 ``(h, w, 3)`` or ``(h, w, 4)``.
        compress_level: 0 to 9; 1 is fast, -1 what zlib takes for a good one.
    """
    stream = io.BytesIO()
    image = Image.fromarray(image) if isinstance(image, np.ndarray) else image
    image.save(stream, format="PNG", compress_level=compress_level)
    return stream.getvalue()


def write_png(image: Image.Image, path: str | Path, overwrite: bool = False) -> None:
    """Write a PNG file whole or not at all; missing folders are made.

    Raises:
        UserError: the file exists and ``overwrite`` is not set, or it cannot be written.
    """
    with whole_file(path, overwrite=overwrite) as temporary:
        image.save(temporary, format="PNG")
