"""Pillow, fenced in: promised formats only, within the limits, and every error is one line.

Nothing else in the package opens image files with Pillow. Some of its readers run programs (EPS
starts Ghostscript), others are rarely tried; what a file holds, not its name, chooses the reader.
"""

import ctypes
import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from pixelization.errors import UserError, one_line, reason
from pixelization.limits import PIXELS, SIDE

# TGA comes last: it has no magic number.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "PPM", "TGA")
NAMES = "PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, PPM, TGA, Aseprite"
TIFF_SIGNATURES = (b"II", b"MM")
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
LONGEST_REASON = 200  # characters of a decoder's own message
# Without any handler, Python prints what Pillow logs of damaged files.
logging.getLogger("PIL").addHandler(logging.NullHandler())


def open_image(data: bytes, name: str, formats: tuple[str, ...] = FORMATS) -> Image.Image:
    """Open an image file with Pillow; its pixels are not decoded yet.

    Args:
        data: the file.
        name: how messages call it.
        formats: of Pillow, some of ``FORMATS``.

    Raises:
        UserError: no such image, damaged, empty or too large.
    """
    # Pillow's own limit, twice the number that stands there, would still refuse what a person
    # has allowed.
    if Image.MAX_IMAGE_PIXELS is not None and PIXELS.value > 2 * Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = PIXELS.value
    if data.startswith(TIFF_SIGNATURES):
        _silence_libtiff()
    with decoding(name):
        try:
            image = Image.open(io.BytesIO(data), formats=formats)
        except UnidentifiedImageError:
            if not begins_like_image(data):
                raise
            raise ValueError("its header cannot be read, or memory is short") from None
    check_size(image.size, name)
    return image


@cache
def _silence_libtiff() -> None:
    """Keep libtiff, which Pillow has loaded, from writing what is wrong with a file to stderr.

    Pillow has no switch for it. Where the library cannot be found, it goes on writing.
    """
    with suppress(OSError, AttributeError):
        for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
            library = line.partition("/")[2]
            if Path(library).name.startswith("libtiff"):
                ctypes.CDLL(f"/{library}").TIFFSetErrorHandler(None)
                return


def begins_like_image(data: bytes) -> bool:
    """Whether a file begins like one of the formats that have a magic number, PPM aside."""
    return (
        data.startswith(SIGNATURES)
        or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
        or (data[4:8] == b"ftyp" and data[8:12] in (b"avif", b"avis"))
        or (data[:2] == b"BM" and data[15:18] == bytes(3))  # the size of BMP's second header
    )


def check_size(size: tuple[int, int], name: str) -> None:
    """Refuse images that are empty or too large, before any memory is taken for them.

    Args:
        size: (width, height) in pixels.
        name: how the message calls the image.

    Raises:
        UserError: a side is 0, or above a limit.
    """
    width, height = size
    if width < 1 or height < 1:
        raise UserError(f"{name}: the image is empty ({width}x{height} pixels)")
    what = f"{name}: an image of {width}x{height} pixels"
    SIDE.check(max(size), what)
    PIXELS.check(width * height, what)


@contextmanager
def within_memory(name: str) -> Iterator[None]:
    """Turn ``MemoryError`` into ``UserError``, which begins with ``name``."""
    try:
        yield
    except MemoryError:
        raise UserError(f"{name}: is too large for the memory of this machine") from None


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises into ``UserError``, which begins with ``name``.

    Warnings are kept back.
    """
    try:
        with within_memory(name), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UserError:
        raise
    except Image.DecompressionBombError:
        raise UserError(f"{name}: is too large: {PIXELS.exceeded()}") from None
    except UnidentifiedImageError:
        raise UserError(f"{name}: is not an image of a known format ({NAMES})") from None
    # Decoders of other packages raise anything for damaged data: no list would be complete.
    except Exception as error:
        why = one_line(reason(error))[:LONGEST_REASON] or type(error).__name__
        raise UserError(f"{name}: is damaged or truncated ({why})") from None
