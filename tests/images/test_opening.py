"""Which files are opened at all, and that whatever a decoder raises is one line."""

import ast
import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pixelization
from pixelization.errors import UserError
from pixelization.images import opening
from pixelization.images.opening import FORMATS, decoding
from pixelization.images.png import PNG_SIGNATURE, chunk
from pixelization.images.reading import read_image
from tests.make import drawing
from tests.measures import refusal

PACKAGE = Path(pixelization.__file__).parent
EPS = b"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 16 16
%%EndComments
(touched) (w) file closefile showpage
"""


@pytest.mark.parametrize("name", ["a.eps", "a.png", "a.jpg"])
def test_no_reader_that_starts_a_program_is_asked(tmp_path, monkeypatch, name):
    """Pillow opens an EPS file whatever its name is, and has Ghostscript run what is in it."""
    asked = []
    Image.init()
    for format in set(Image.OPEN) - set(FORMATS):

        def refuse(*_, format=format):
            asked.append(format)
            raise AssertionError

        monkeypatch.setitem(Image.OPEN, format, (refuse, None))
    (tmp_path / name).write_bytes(EPS)
    with pytest.raises(UserError, match=f"{name}: is not an image of a known format"):
        read_image(tmp_path / name)
    assert asked == []


@pytest.mark.parametrize("format", ["DDS", "PCX", "ICNS", "JPEG2000", "PSD", "SGI", "MSP"])
def test_other_formats_are_refused(format):
    file = io.BytesIO()
    if format == "PSD":
        file.write(b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 4, 4, 8, 3) + bytes(40))
    else:
        Image.new("1" if format == "MSP" else "RGB", (16, 16)).save(file, format)
    with pytest.raises(UserError, match="is not an image of a known format"):
        read_image(file.getvalue())


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_promised_is_read(format):
    file, picture = io.BytesIO(), drawing(24, 16)
    picture.save(file, format)
    error = np.abs(np.asarray(read_image(file.getvalue())).astype(int) - np.asarray(picture)).mean()
    assert error <= {"JPEG": 16, "AVIF": 16, "WEBP": 16, "GIF": 4}.get(format, 0)


def test_nothing_else_in_the_package_opens_image_files_with_pillow():
    for file in PACKAGE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "Image.open" in text else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Image.open":
                assert file == Path(opening.__file__), f"{file}: use open_image or read_image"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("no decoder"),
        NotImplementedError("flags 0"),
        RecursionError("deep"),
        ZeroDivisionError(),
        AttributeError("x" * 9000),
        OSError(5, "Input/output error"),
        MemoryError(),
        Image.DecompressionBombError("x"),
        EOFError("a\nb"),
    ],
)
def test_whatever_a_decoder_raises_is_one_short_line(error):
    with pytest.raises(UserError) as caught, decoding("a.png"):
        raise error
    message = str(caught.value)
    assert message.startswith("a.png: ") and "\n" not in message and len(message) < 300


def test_a_known_beginning_of_a_damaged_file_is_no_unknown_format():
    for head in (b"RIFF\x20\0\0\0WEBPVP8 ", b"\0\0\0\x1cftypavif", b"\xff\xd8\xff\xe0", b"II*\0"):
        with pytest.raises(UserError, match="a.png: is damaged or truncated"):
            read_image(head + bytes(30), "a.png")


def test_what_a_person_raised_is_opened_above_pillows_own_limit(monkeypatch):
    file = io.BytesIO()
    Image.new("1", (200, 100)).save(file, "PNG")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 9_000)
    monkeypatch.setenv("PIXELIZATION_MAX_PIXELS", "19999")
    with pytest.raises(UserError, match="too large: .* PIXELIZATION_MAX_PIXELS"):
        read_image(file.getvalue())
    monkeypatch.setenv("PIXELIZATION_MAX_PIXELS", "20000")
    assert read_image(file.getvalue()).size == (200, 100)


@pytest.mark.parametrize("size", [(65_536, 1), (1, 65_536), (1 << 24, 2)])
def test_sides_are_limited(size):
    header = struct.pack(">II5B", *size, 8, 0, 0, 0, 0)
    file = PNG_SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    assert "PIXELIZATION_MAX_SIDE" in refusal(lambda: read_image(file))
