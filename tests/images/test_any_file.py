"""Whatever a file holds: an image, or one line that says what is wrong."""

import io
import struct
import time
import zlib

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

from pixelization.animation.reading import animation_format, open_animation
from pixelization.errors import UserError
from pixelization.images.png import PNG_SIGNATURE, walk
from pixelization.images.reading import read_image
from tests.animation.files import sprites, written
from tests.images import aseprite_files as ase
from tests.make import drawing

SECONDS = 5.0  # of CPU that no small file may take
SIDE = 24


def saved(format, image=None, **options):
    file = io.BytesIO()
    (image or drawing(SIDE, 16)).save(file, format, **options)
    return file.getvalue()


def every_kind():
    """A small file of each format, and of each way to pack one that another decoder reads."""
    wide = Image.fromarray((np.arange(SIDE * 16).reshape(16, SIDE) * 170).astype(np.uint16))
    return {
        **{format: saved(format) for format in ("JPEG", "BMP", "PPM", "TGA", "GIF", "WEBP", "PNG")},
        "JPEG, progressive": saved("JPEG", progressive=True),
        "JPEG, CMYK": saved("JPEG", drawing(SIDE, 16).convert("CMYK")),
        "BMP, palette": saved("BMP", drawing(SIDE, 16).convert("P")),
        "TGA, RLE": saved("TGA", compression="tga_rle"),
        "WebP, lossless": saved("WEBP", drawing(SIDE, 16, "RGBA"), lossless=True),
        "PNG, palette": saved("PNG", drawing(SIDE, 16).convert("P")),
        "PNG, 16 bits": saved("PNG", wide),
        "AVIF": saved("AVIF", speed=10),
        "AVIF, sequence": saved(
            "AVIF", save_all=True, append_images=[drawing(SIDE, 16, seed=1)], speed=10
        ),
        **{
            f"TIFF, {how}": saved("TIFF", compression=how)
            for how in ("raw", "tiff_lzw", "tiff_deflate", "packbits", "jpeg")
        },
        "TIFF, fax": saved("TIFF", drawing(SIDE, 16).convert("1"), compression="group4"),
        "TIFF, pages": saved("TIFF", save_all=True, append_images=[drawing(SIDE, 16)]),
        **{
            f"{format}, moving": written(sprites(7, 3), format) for format in ("gif", "png", "webp")
        },
        "Aseprite": ase.file(
            (SIDE, 16),
            [ase.layer(opacity=99), ase.cel(0, (SIDE, 16), bytes(range(256)) * 6), ase.layer()],
        ),
        "Aseprite, moving": ase.file(
            (7, 9),
            [
                *(ase.palette(*[(each, 0, each, 255) for each in range(63)]), ase.layer()),
                *(ase.tags((0, 1, 0, 0, "a")), ase.cel(0, (7, 9), range(63))),
            ],
            [ase.linked(0, 0)],
            bits=8,
        ),
    }


KINDS = every_kind()
EXTREMES = [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 8192, 65536, 100_000]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["set", "flip", "cut", "drop", "insert", "number", "repeat"]),
        st.integers(0, 1 << 20),
        st.integers(0, 1 << 20),
    ),
    min_size=1,
    max_size=6,
)


def changed(data, changes, *, right_sums):
    """A file after some changes; a PNG file perhaps with right checksums, to get further."""
    data = bytearray(data)
    for kind, place, value in changes:
        if not data:
            break
        at = place % (len(data) if value % 2 else min(len(data), 100))
        if kind == "set":
            data[at] = value % 256
        elif kind == "flip":
            data[at] ^= 1 << value % 8
        elif kind == "cut":
            del data[at:]
        elif kind == "drop":
            del data[at : at + 1 + value % 20]
        elif kind == "insert":
            data[at:at] = value.to_bytes(3, "big")
        elif kind == "number":
            data[at : at + 4] = struct.pack("<>"[value % 2] + "I", EXTREMES[value % len(EXTREMES)])
        else:
            data += data[at:]
    if right_sums and data.startswith(PNG_SIGNATURE):
        for _, body in list(walk(bytes(data))):
            if body.stop + 4 <= len(data):
                sum_ = zlib.crc32(data[body.start - 4 : body.stop])
                data[body.stop : body.stop + 4] = struct.pack(">I", sum_)
    return bytes(data)


def check_read(data):
    """Read it as the commands do; ``AssertionError`` unless it is an image or one line."""
    started = time.process_time()
    try:
        if animation_format(data):
            reader = open_animation(data, name="a.file")
            for frame in reader:
                assert frame.image.size == reader.size and frame.image.mode == reader.mode
                assert frame.duration >= 0
            remarks = reader.remarks
        else:
            remarks = []
            assert read_image(data, "a.file", remarks).mode in ("RGB", "RGBA")
        assert all(remark and "\n" not in remark for remark in remarks)
    except UserError as error:
        message = str(error)
        assert message.startswith("a.file: ") and "\n" not in message and len(message) < 400
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read(kind):
    before = read_image(KINDS[kind])
    assert before.size in ((SIDE, 16), (7, 9))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(KINDS)), CHANGES, st.booleans())
def test_damaged_files(kind, changes, right_sums):
    check_read(changed(KINDS[kind], changes, right_sums=right_sums))


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([data[: 4 + 8 * n] for data in KINDS.values() for n in range(3)]),
    st.binary(max_size=200),
)
def test_beginnings_of_files_before_anything(head, rest):
    check_read(head + rest)


@pytest.mark.parametrize("kind", KINDS)
def test_files_that_are_cut(kind):
    data = KINDS[kind]
    for length in range(1, len(data), max(1, len(data) // 40)):
        check_read(data[:length])
