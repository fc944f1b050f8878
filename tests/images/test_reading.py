"""Every kind of image file."""

import io
import tracemalloc

import numpy as np
import pytest
import torch
from PIL import Image

from pixelization.errors import UserError
from pixelization.images.png import chunk
from pixelization.images.reading import list_images, read_image
from tests.make import drawing

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


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


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.bfloat16])
def test_tensors(picture, dtype):
    pixels = torch.from_numpy(np.array(picture)).permute(2, 0, 1)
    tensor = (pixels if dtype == torch.uint8 else pixels / 255).to(dtype)
    assert read_image(tensor).tobytes() == picture.tobytes()
    assert read_image(tensor[1:2]).getpixel((5, 0)) == (255, 255, 255)
    for wrong in (tensor[:2], tensor[0], tensor[None]):
        with pytest.raises(UserError, match="a tensor of shape"):
            read_image(wrong)


def test_what_is_no_image_is_named():
    for thing in (None, 7, ["a.png"]):
        with pytest.raises(UserError, match=f"a {type(thing).__name__} is no image"):
            read_image(thing)


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


def test_folders_and_huge_images_are_refused(tmp_path, monkeypatch):
    with pytest.raises(UserError, match="folder"):
        read_image(tmp_path)
    Image.new("1", (200, 100)).save(tmp_path / "huge.png")
    monkeypatch.setenv("PIXELIZATION_MAX_PIXELS", "19999")
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


def test_hidden_files_and_folders_are_left_out_unless_they_are_named(tmp_path):
    for name in ("shown/a.png", "shown/.b.png", ".hidden/c.png", "shown/.cache/d.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in list_images(tmp_path, recursive=True)] == ["a.png"]
    assert [path.name for path in list_images(tmp_path / ".hidden")] == ["c.png"]


def test_more_pages_of_a_tiff_file_are_said():
    pages = [Image.new("RGB", (4, 4), color) for color in (RED, BLUE)]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    remarks = []
    assert read_image(file.getvalue(), remarks=remarks).getpixel((0, 0)) == RED
    assert remarks == ["has more than one page: only the first is read"]
    single, remarks = io.BytesIO(), []
    pages[0].save(single, "TIFF")
    read_image(single.getvalue(), remarks=remarks)
    assert remarks == []


def test_libtiff_does_not_write_to_stderr(capfd):
    file = io.BytesIO()
    drawing(20, 20).save(file, "TIFF", compression="tiff_deflate")
    data = bytearray(file.getvalue())
    data[30:60] = bytes(30)
    with pytest.raises(UserError, match="damaged or truncated"):
        read_image(bytes(data))
    assert capfd.readouterr().err == ""


def test_sixteen_bits_take_no_more_memory_than_eight(tmp_path):
    """Before, 8 bytes were taken for every one of them."""
    values = np.arange(1 << 20, dtype=np.uint32).reshape(1024, 1024) % 65536
    image = Image.fromarray(values.astype(np.uint16))
    tracemalloc.start()
    read_image(image)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


@pytest.mark.parametrize("cut", [1, 9, 12])
def test_a_png_file_without_its_end(picture, cut):
    file = io.BytesIO()
    picture.save(file, "PNG")
    data = file.getvalue()
    remarks = []
    assert read_image(data[:-cut], remarks=remarks) == picture
    assert len(remarks) == 1 and "it ends at byte" in remarks[0]


@pytest.mark.parametrize("kind", [b"tEXt", b"gAMA", b"pHYs", b"tRNS", b"iCCP"])
def test_damaged_chunks_that_a_picture_does_not_need(picture, kind):
    """Browsers leave them out. Pillow refuses the file."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    data = file.getvalue()
    bad = chunk(kind, b"\0\0\0\0\0\0")[:-1] + b"?"
    remarks = []
    assert read_image(data[:33] + bad + data[33:], remarks=remarks) == picture
    assert remarks == [
        f"the {kind.decode()} chunk at byte 33 has a wrong checksum and does not count"
    ] or (kind == b"gAMA" and "has 6 bytes" in remarks[0])


@pytest.mark.parametrize(
    ("kind", "shown"), [(b"acT\n", r"acT\n"), (b"a\x1bTL", r"a\x1bTL"), (b"te\x00t", r"te\x00t")]
)
def test_names_of_damaged_chunks_act_on_no_terminal(picture, kind, shown):
    file = io.BytesIO()
    picture.save(file, "PNG")
    data = file.getvalue()
    remarks = []
    read_image(data[:33] + chunk(kind, b"\0" * 8)[:-1] + b"?" + data[33:], remarks=remarks)
    assert remarks == [f"the {shown} chunk at byte 33 has a wrong checksum and does not count"]


@pytest.mark.parametrize("kind", [b"IHDR", b"PLTE", b"IDAT"])
def test_damaged_chunks_that_a_picture_needs(picture, kind):
    file = io.BytesIO()
    picture.convert("P").save(file, "PNG")
    data = bytearray(file.getvalue())
    data[data.index(kind) + 6] ^= 1
    with pytest.raises(UserError, match="a.png: is damaged"):
        read_image(bytes(data), "a.png")
