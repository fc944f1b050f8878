"""Reading every kind of image file, the colour under transparency, and files that appear whole or
not at all.
"""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from pixelization.errors import UserError
from pixelization.images import reading as module
from pixelization.images.alpha import fill_transparent
from pixelization.images.reading import list_images, read_image
from pixelization.images.writing import write_png

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


@pytest.fixture
def picture():
    image = Image.new("RGB", (6, 4), RED)
    image.paste(GREEN, (3, 0, 6, 4))
    return image


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "webp", "PNG"])
def test_lossless_formats(tmp_path, picture, suffix):
    path = tmp_path / f"a.{suffix}"
    picture.save(path, **({"lossless": True} if suffix == "webp" else {}))
    image = read_image(path)
    assert image.mode == "RGB" and image.tobytes() == picture.tobytes()


def test_jpeg_with_orientation(tmp_path):
    image = Image.new("RGB", (32, 16), RED)
    image.paste(BLUE, (16, 0, 32, 16))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: rotate by 90 degrees clockwise
    image.save(tmp_path / "a.jpg", exif=exif, quality=95)
    turned = read_image(tmp_path / "a.jpg")
    assert turned.size == (16, 32)
    assert np.abs(np.subtract(turned.getpixel((8, 4)), RED)).max() < 10
    assert np.abs(np.subtract(turned.getpixel((8, 28)), BLUE)).max() < 10


def test_sixteen_bit_greyscale_is_scaled_not_clipped(tmp_path):
    values = np.array([[0, 257 * 100, 65535]], np.uint16)
    Image.fromarray(values).save(tmp_path / "a.png")
    assert np.asarray(read_image(tmp_path / "a.png"))[0, :, 0].tolist() == [0, 100, 255]


@pytest.mark.parametrize(
    "mode, value, expected",
    [("L", 77, (77,) * 3), ("1", 1, (255,) * 3), ("CMYK", (0, 255, 255, 0), RED)],
)
def test_other_modes(tmp_path, mode, value, expected):
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    Image.new(mode, (16, 16), value).save(path)
    image = read_image(path)
    assert image.mode == "RGB" and np.abs(np.subtract(image.getpixel((3, 3)), expected)).max() <= 2


def test_transparency_of_every_kind(tmp_path):
    palette = Image.new("P", (2, 1))
    palette.putpalette([*RED, *GREEN])
    palette.putpixel((1, 0), 1)
    palette.save(tmp_path / "palette.png", transparency=1)
    Image.new("LA", (2, 1), (9, 0)).save(tmp_path / "la.png")
    Image.new("RGB", (2, 1), RED).save(tmp_path / "key.png", transparency=RED)
    assert [read_image(tmp_path / "palette.png").getpixel((x, 0)) for x in (0, 1)] == [
        (*RED, 255),
        (*GREEN, 0),
    ]
    assert read_image(tmp_path / "la.png").getpixel((0, 0)) == (9, 9, 9, 0)
    assert read_image(tmp_path / "key.png").getpixel((0, 0)) == (*RED, 0)
    # an alpha channel that hides nothing
    assert read_image(Image.new("RGBA", (2, 2), (*BLUE, 255))).mode == "RGB"


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_a_transparent_grey_of_every_depth(depth):
    most = 2**depth - 1
    greys = sorted({0, 1, most - 1, most})
    row = int("".join(f"{grey:0{depth}b}" for grey in greys).ljust(64, "0"), 2).to_bytes(8, "big")[
        : -(-len(greys) * depth // 8)
    ]

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">II5B", len(greys), 1, depth, 0, 0, 0, 0)
    for clear in greys:
        parts = (
            (b"IHDR", header),
            (b"tRNS", struct.pack(">H", clear)),
            (b"IDAT", zlib.compress(b"\0" + row)),
            (b"IEND", b""),
        )
        pixels = np.asarray(
            read_image(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))
        )
        assert pixels[0, :, 3].tolist() == [255 * (grey != clear) for grey in greys]
        assert pixels[0, :, 0].tolist() == [round(grey * 255 / most) for grey in greys]


def profile(kind, *tags, channels=b"RGB "):
    """A colour profile with these (name, content) tags."""
    tags = [
        *tags,
        (b"wtpt", XYZ(0.9642, 1, 0.82491)),
        (b"desc", b"desc" + bytes(4) + struct.pack(">I", 2) + b"a" + bytes(79)),
    ]
    places, body = b"", b""
    for name, content in tags:
        places += name + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(
        ">I4sI4s4s4s", 132 + len(places + body), b"lcms", 0x02400000, kind, channels, b"XYZ "
    )
    head = head + bytes(12) + b"acsp" + bytes(28) + XYZ(0.9642, 1, 0.82491)[8:]
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + places + body


def XYZ(*values):
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def gamma(value):
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256)) + bytes(2)


ADOBE = profile(
    b"mntr",
    (b"rXYZ", XYZ(0.60974, 0.31111, 0.01947)),
    (b"gXYZ", XYZ(0.20528, 0.62567, 0.06087)),
    (b"bXYZ", XYZ(0.14919, 0.06322, 0.74457)),
    *((name, gamma(2.2)) for name in (b"rTRC", b"gTRC", b"bTRC")),
)
LINEAR_GREY = profile(b"mntr", (b"kTRC", gamma(1)), channels=b"GRAY")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_colour_profiles_are_applied_once(tmp_path):
    """(144, 190, 101) of Adobe RGB is (120, 191, 95) of sRGB; half of the light is 188."""
    wide, narrow = (144, 190, 101), np.array((120, 191, 95))
    Image.new("RGB", (4, 4), wide).save(tmp_path / "rgb.png", icc_profile=ADOBE)
    Image.new("RGB", (32, 32), wide).save(
        tmp_path / "rgb.jpg", icc_profile=ADOBE, quality=100, subsampling=0
    )
    indexed = Image.new("P", (4, 4))
    indexed.putpalette(wide)
    indexed.save(tmp_path / "indexed.png", icc_profile=ADOBE)
    for name in ("rgb.png", "rgb.jpg", "indexed.png"):
        once = read_image(tmp_path / name)
        assert np.abs(np.asarray(once) - narrow).max() <= 2 and "icc_profile" not in once.info
        assert read_image(once).tobytes() == once.tobytes()
    Image.new("L", (4, 4), 128).save(tmp_path / "grey.png", icc_profile=LINEAR_GREY)
    assert read_image(tmp_path / "grey.png").getpixel((0, 0)) == (188, 188, 188)
    half = Image.new("RGBA", (4, 4), (*wide, 77))
    half.info["icc_profile"] = ADOBE
    assert np.abs(np.subtract(read_image(half).getpixel((0, 0)), (*narrow, 77))).max() <= 2
    assert half.getpixel((0, 0)) == (*wide, 77) and half.info["icc_profile"] == ADOBE


def test_profiles_that_change_nothing():
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    # of sRGB; no profile; of other channels
    for other in (SRGB, b"", b"broken", ADOBE[:200], LINEAR_GREY):
        noise.info["icc_profile"] = other
        assert read_image(noise).tobytes() == noise.tobytes()
    grey = Image.linear_gradient("L")
    grey.info["icc_profile"] = SRGB
    assert read_image(grey).tobytes() == grey.convert("RGB").tobytes()


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


def test_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (4, 4), color) for color in (RED, BLUE)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert read_image(tmp_path / "a.gif").getpixel((0, 0)) == RED


def test_arrays(picture):
    pixels = np.asarray(picture)
    assert read_image(pixels).tobytes() == picture.tobytes()
    assert read_image((pixels / 255).astype(np.float32)).tobytes() == picture.tobytes()
    assert read_image(pixels[..., 0]).getpixel((0, 0)) == (255, 255, 255)
    for wrong in (
        np.zeros((2, 2, 2), np.uint8),
        np.zeros((2, 2), np.int64),
        np.full((2, 2), 1.5),
        np.zeros((0, 2), np.uint8),
    ):
        with pytest.raises(UserError, match="image"):
            read_image(wrong)


def test_an_image_that_was_given_is_not_changed():
    image = Image.new("RGBA", (3, 3), (1, 2, 3, 4))
    read_image(image)
    assert image.mode == "RGBA" and image.getpixel((0, 0)) == (1, 2, 3, 4)


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("missing.png", None, "no such file"),
        ("empty.png", b"", "is empty"),
        ("text.png", b"hello, world", "not an image"),
        ("cut.png", 0.5, "damaged or truncated"),
    ],
)
def test_bad_files_are_named_with_the_reason(tmp_path, name, content, message):
    path = tmp_path / name
    if isinstance(content, float):
        noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
        Image.fromarray(noise).save(path)
        content = path.read_bytes()[: int(path.stat().st_size * content)]
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=f"{name}.*{message}"):
        read_image(path)


def test_damaged_metadata_does_not_cost_the_image(tmp_path, picture):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "a.webp", lossless=True, exif=exif)
    data = (tmp_path / "a.webp").read_bytes()
    assert read_image(tmp_path / "a.webp").size == (4, 6)
    (tmp_path / "a.webp").write_bytes(data.replace(b"II*\0", b"XX*\0").replace(b"MM\0*", b"XX\0*"))
    # as it is stored: which way up is not known
    assert read_image(tmp_path / "a.webp").tobytes() == picture.tobytes()


def test_truncated_image_opened_by_the_caller(tmp_path):
    path = tmp_path / "cut.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:5000])
    with Image.open(path) as image, pytest.raises(UserError, match="damaged or truncated"):
        read_image(image)


def test_names_longer_than_a_file_can_have(tmp_path, picture):
    longest, too_long = tmp_path / ("a" * 251 + ".png"), tmp_path / ("a" * 252 + ".png")
    write_png(picture, longest)
    assert list_images(tmp_path) == [longest]
    for call in (
        lambda: write_png(picture, too_long),
        lambda: read_image(too_long),
        lambda: list_images(too_long),
    ):
        with pytest.raises(UserError, match="File name too long"):
            call()


def test_folders_and_huge_images_are_refused(tmp_path, monkeypatch):
    with pytest.raises(UserError, match="folder"):
        read_image(tmp_path)
    Image.new("1", (200, 100)).save(tmp_path / "huge.png")
    monkeypatch.setattr(module, "MAX_PIXELS", 19_999)
    with pytest.raises(UserError, match="huge.png.*200x100.*too large"):
        read_image(tmp_path / "huge.png")


def test_listing(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("b.PNG", "a.jpeg", "notes.txt", "deep/c.webp"):
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in list_images(tmp_path)] == ["a.jpeg", "b.PNG"]
    assert [path.name for path in list_images(tmp_path, recursive=True)] == [
        "a.jpeg",
        "b.PNG",
        "c.webp",
    ]
    for folder in (tmp_path / "nowhere", tmp_path / "notes.txt"):
        with pytest.raises(UserError, match="no such folder"):
            list_images(folder)
    (tmp_path / "none").mkdir()
    with pytest.raises(UserError, match="no images"):
        list_images(tmp_path / "none")


def test_fill_transparent_by_hand():
    row = np.zeros((1, 7, 4), np.uint8)
    row[0, :, :3] = 99  # rubbish under the transparent pixels
    row[0, 0], row[0, 1] = (*RED, 255), (*BLUE, 128)
    row[0, 2, 3] = 127
    filled = fill_transparent(row, radius=2)[0].tolist()
    assert filled == [
        list(RED),
        list(BLUE),
        list(BLUE),
        list(BLUE),
        [255] * 3,
        [255] * 3,
        [255] * 3,
    ]
    assert (fill_transparent(np.zeros((3, 3, 4), np.uint8), radius=5) == 255).all()


def test_writing_is_whole_or_not_at_all(tmp_path, picture, monkeypatch):
    path = tmp_path / "new" / "a.png"
    write_png(picture, path)
    assert Image.open(path).tobytes() == picture.tobytes()
    before = path.read_bytes()
    with pytest.raises(UserError, match="--overwrite"):
        write_png(Image.new("RGB", (1, 1)), path)

    def fail(self, file, **options):
        file.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(UserError, match="a.png.*No space left"):
        write_png(picture, path, overwrite=True)
    assert path.read_bytes() == before and [file.name for file in path.parent.iterdir()] == [
        "a.png"
    ]
