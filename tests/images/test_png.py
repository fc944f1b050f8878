"""What PNG files may hold."""

import io
import struct
import zlib
from functools import partial

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from pixelization.errors import UserError
from pixelization.images.png import PNG_SIGNATURE, chunk, read_structure, walk
from pixelization.images.reading import read_image
from tests.images.icc import ADOBE
from tests.measures import refusal


def png_of(picture):
    file = io.BytesIO()
    picture.save(file, format="PNG")
    return file.getvalue()


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_a_transparent_grey_of_every_depth(depth):
    most = 2**depth - 1
    greys = sorted({0, 1, most - 1, most})
    row = int("".join(f"{grey:0{depth}b}" for grey in greys).ljust(64, "0"), 2).to_bytes(8, "big")[
        : -(-len(greys) * depth // 8)
    ]

    header = struct.pack(">II5B", len(greys), 1, depth, 0, 0, 0, 0)
    for clear in greys:
        parts = (
            (b"IHDR", header),
            (b"tRNS", struct.pack(">H", clear)),
            (b"IDAT", zlib.compress(b"\0" + row)),
            (b"IEND", b""),
        )
        pixels = np.asarray(read_image(PNG_SIGNATURE + b"".join(chunk(*part) for part in parts)))
        assert pixels[0, :, 3].tolist() == [255 * (grey != clear) for grey in greys]
        assert pixels[0, :, 0].tolist() == [round(grey * 255 / most) for grey in greys]


def test_large_metadata_is_no_damage(tmp_path, picture):
    """Pillow refuses texts and profiles of more than 1 MiB in PNG files."""
    info = PngImagePlugin.PngInfo()
    info.add_text("notes", "a" * (3 << 20), zip=True)
    picture.save(tmp_path / "text.png", pnginfo=info)
    picture.save(tmp_path / "profile.png", icc_profile=bytes(3 << 20))
    Image.new("RGB", (4, 4), (144, 190, 101)).save(
        tmp_path / "both.png", icc_profile=ADOBE + bytes(3 << 20), pnginfo=info
    )
    assert (
        read_image(tmp_path / "text.png").tobytes()
        == read_image(tmp_path / "profile.png").tobytes()
        == picture.tobytes()
    )
    assert (
        np.abs(
            np.subtract(read_image(tmp_path / "both.png").getpixel((0, 0)), (120, 191, 95))
        ).max()
        <= 2
    )
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "cut.png", pnginfo=info)
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:-5000])
    with pytest.raises(UserError, match="cut.png: is damaged or truncated"):
        read_image(tmp_path / "cut.png")


def test_chunks_are_walked_to_the_end(picture):
    data = png_of(picture)
    found = list(walk(data))
    assert [kind for kind, _ in found] == [b"IHDR", b"IDAT", b"IEND"]
    again = b"".join(chunk(kind, data[body]) for kind, body in found)
    assert PNG_SIGNATURE + again == data


def test_damaged_and_truncated_chunks_are_told(picture):
    data = png_of(picture)
    for end in range(8, len(data)):
        remarks = []
        message = refusal(partial(read_image, data[:end], "a.png", remarks))
        told = message or f"a.png: {remarks[0]}"
        assert told.startswith(f"a.png: is damaged or truncated: it ends at byte {end}"), told
        # only the end mark, and the checksums before it, can be missed
        assert (message is None) == (end >= len(data) - 20)
    hurt = data[:20] + bytes([data[20] ^ 1]) + data[21:]
    with pytest.raises(UserError, match="the chunk that starts at byte 8 has a wrong checksum"):
        read_structure(hurt, "a.png")
