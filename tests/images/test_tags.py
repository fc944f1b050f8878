"""Colour tags other than profiles."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from pixelization.animation.reading import open_animation
from pixelization.images.png import PNG_SIGNATURE, chunk
from pixelization.images.reading import read_image
from pixelization.images.tags import SRGB, nclx
from tests.images.icc import ADOBE

GAMMA = {value: chunk(b"gAMA", struct.pack(">I", value)) for value in (0, 45455, 55556, 100_000)}
P3 = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
ADOBE_RGB = (0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)


def chrm(values):
    return chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values)))


def cicp(*values):
    return chunk(b"cICP", bytes(values))


def shown(*tags, color=(100, 60, 200), kind=2):
    """The colour of a PNG file with these tags."""
    header = struct.pack(">II5B", 1, 1, 8, kind, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *tags, chunk(b"IDAT", zlib.compress(bytes([0, *color])))]
    return read_image(PNG_SIGNATURE + b"".join(parts) + chunk(b"IEND", b"")).getpixel((0, 0))


def test_gamma_alone_is_a_power_for_a_display_of_2_2():
    """As libpng, with which Firefox and Chrome show it."""
    assert shown(GAMMA[100_000]) == tuple(
        round(255 * (v / 255) ** (1 / 2.2)) for v in (100, 60, 200)
    )
    assert shown(GAMMA[100_000], color=(100, 9), kind=4) == (167, 167, 167, 9)
    power = 1 / (2.2 * 0.55556)
    assert shown(GAMMA[55556]) == tuple(round(255 * (v / 255) ** power) for v in (100, 60, 200))


@pytest.mark.parametrize(
    "tags",
    [
        (GAMMA[45455],),
        (GAMMA[45455], chrm(SRGB)),
        (GAMMA[0],),
        (GAMMA[0], chrm(P3)),
        (chrm(P3),),  # no gAMA
        (chunk(b"sRGB", b"\0"), GAMMA[100_000], chrm(P3)),
        (chunk(b"gAMA", b"\0\1"),),  # too short
        (GAMMA[45455], chrm([0] * 8)),
        (GAMMA[45455], chrm([0.3, 0.3] * 4)),
        (cicp(1, 13, 0, 1), GAMMA[100_000]),
        (cicp(2, 2, 0, 1), GAMMA[100_000]),  # unspecified
        (cicp(1, 1, 0, 1),),
    ],
)
def test_what_is_srgb_or_makes_no_sense_changes_nothing(tags):
    assert shown(*tags) == (100, 60, 200)


@pytest.mark.parametrize(
    "tags, primaries, power",
    [
        ((GAMMA[45455], chrm(P3)), P3, None),
        ((cicp(12, 13, 0, 1),), P3, None),
        ((cicp(12, 13, 0, 1), chunk(b"iCCP", b"x\0\0" + zlib.compress(ADOBE))), P3, None),
        ((GAMMA[100_000], chrm(ADOBE_RGB)), ADOBE_RGB, 1.0),
        ((cicp(1, 8, 0, 1),), SRGB, 1.0),
    ],
)
def test_primaries(tags, primaries, power):
    """Against LittleCMS, with a profile of the same primaries and curve."""
    profile = matrix_profile(primaries, power)
    for color in ((100, 60, 200), (200, 180, 40), (90, 90, 90), (255, 255, 255), (0, 0, 0)):
        expected = ImageCms.profileToProfile(
            Image.new("RGB", (1, 1), color),
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ).getpixel((0, 0))
        assert np.abs(np.subtract(shown(*tags, color=color), expected)).max() <= 2, color


def test_bright_light_is_cut_off_at_white():
    assert shown(cicp(9, 16, 0, 1), color=(255, 255, 255)) == (255, 255, 255)
    pq = shown(cicp(1, 16, 0, 1), color=(148, 148, 148))  # 203 cd/m2, diffuse white
    assert min(pq) >= 250 and shown(cicp(1, 16, 0, 1), color=(0, 0, 0)) == (0, 0, 0)
    hlg = shown(cicp(1, 18, 0, 1), color=(191, 191, 191))  # 75 %, diffuse white
    assert min(hlg) >= 250 and shown(cicp(1, 18, 0, 1), color=(0, 0, 0)) == (0, 0, 0)


def test_an_image_of_pillow_is_shown_by_its_tags_once(tmp_path):
    Image.new("RGB", (1, 1), (100, 60, 200)).save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(data[:33] + GAMMA[100_000] + data[33:])
    once = read_image(Image.open(tmp_path / "a.png"))
    assert once.getpixel((0, 0)) == shown(GAMMA[100_000])
    assert read_image(once).getpixel((0, 0)) == once.getpixel((0, 0))


def test_frames_of_an_animation_are_shown_by_the_tags_of_the_file():
    frames = [Image.new("RGB", (2, 2), (100, 60, 200)), Image.new("RGB", (2, 2))]
    file = io.BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    data = file.getvalue()
    first, second = open_animation(data[:33] + GAMMA[100_000] + data[33:])
    assert first.image.getpixel((0, 0)) == shown(GAMMA[100_000])
    assert second.image.getpixel((0, 0)) == (0, 0, 0)


def test_avif_says_its_primaries_in_a_box_of_its_own():
    assert nclx(b"\0\0\0\x13colrnclx" + struct.pack(">3HB", 12, 13, 0, 0x80)) == (12, 13, 0, 1)
    assert nclx(b"colrnclx\0") is None and nclx(b"colrprof") is None
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (100, 60, 200)).save(file, "AVIF", quality=100, subsampling="4:4:4")
    data = file.getvalue()
    at = data.index(b"colrnclx") + 8
    wide = data[:at] + struct.pack(">2H", 12, 13) + data[at + 4 :]
    plain, p3 = (read_image(each).getpixel((0, 0)) for each in (data, wide))
    assert np.abs(np.subtract(plain, (100, 60, 200))).max() <= 3
    assert np.abs(np.subtract(p3, shown(cicp(12, 13, 0, 1)))).max() <= 4 and p3 != plain


def matrix_profile(chromaticity, power):
    """An ICC profile of these primaries, with sRGB's curve or a power."""
    pairs = [(x, y) for x, y in zip(chromaticity[::2], chromaticity[1::2], strict=True)]
    white, *primaries = (np.array([x / y, 1, (1 - x - y) / y]) for x, y in pairs)
    columns = np.stack(primaries, axis=1)
    columns = columns * np.linalg.solve(columns, white)
    bradford = np.array(
        [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    )
    d50 = np.array([0.9642, 1.0, 0.8249])
    scale = np.diag((bradford @ d50) / (bradford @ white))
    columns = np.linalg.inv(bradford) @ scale @ bradford @ columns

    def fixed(value):
        return struct.pack(">i", round(value * 65536))

    curve = (0, [power]) if power else (3, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045])
    tags = {b"wtpt": b"XYZ \0\0\0\0" + b"".join(map(fixed, d50))}
    for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns.T, strict=True):
        tags[name] = b"XYZ \0\0\0\0" + b"".join(map(fixed, column))
    para = b"para\0\0\0\0" + struct.pack(">HH", curve[0], 0) + b"".join(map(fixed, curve[1]))
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), para)
    at, table, body = 132 + 12 * len(tags), b"", b""
    for name, value in tags.items():
        value += bytes(-len(value) % 4)
        table += name + struct.pack(">II", at + len(body), len(value))
        body += value
    head = struct.pack(
        ">I4sI4s4s4s", at + len(body), b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ "
    )
    head += bytes(12) + b"acsp" + bytes(28) + b"".join(map(fixed, d50))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
