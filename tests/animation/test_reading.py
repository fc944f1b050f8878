"""Reading animations, whatever file they are in."""

import io
import os
import struct
import threading

import numpy as np
import pytest
from PIL import Image, ImageCms

from pixelization.animation.reading import animation_format, open_animation
from pixelization.errors import UserError
from pixelization.images.png import chunk
from pixelization.images.reading import read_image
from pixelization.pipeline.pictures import open_picture
from tests.animation.files import (
    CONTAINERS,
    RED,
    gif_file,
    gif_frame,
    png_file,
    png_pixels,
    read,
    sprites,
    written,
)
from tests.measures import refusal


@pytest.mark.parametrize("format", ["png", "webp"])
def test_colour_profiles(format):
    """Of a display with linear light, whose half is 188 of sRGB."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    curve = profile.index(b"para") + 12
    profile[curve : curve + 20] = struct.pack(">5i", 1 << 16, 1 << 16, 0, 1 << 16, 0)
    frames = [Image.new("RGB", (4, 4), (grey,) * 3) for grey in (128, 0)]
    file = io.BytesIO()
    frames[0].save(
        file,
        format,
        save_all=True,
        append_images=frames[1:],
        icc_profile=bytes(profile),
        lossless=True,
    )
    with open_animation(file.getvalue()) as reader:
        assert [read_image(frame.image).getpixel((0, 0)) for frame in reader] == [
            (188,) * 3,
            (0,) * 3,
        ]


def test_still_images_are_animations_of_one_frame(tmp_path):
    for format in ("GIF", "PNG", "WEBP"):
        file = io.BytesIO()
        Image.new("RGB", (4, 3), "red").save(file, format)
        with open_animation(file.getvalue()) as reader:
            assert (reader.count, reader.plays, len(list(reader))) == (1, 1, 1)
        assert animation_format(file.getvalue()) is None


def test_animation_format(tmp_path):
    for format in CONTAINERS:
        path = tmp_path / f"anything.{format}"
        path.write_bytes(written(sprites(0, 3), format))
        assert (
            animation_format(path)
            == animation_format(str(path))
            == animation_format(path.read_bytes())
            == format
        )
        assert animation_format(written(sprites(0, 1), format)) is None
    assert animation_format("walk_%04d.png") == animation_format(tmp_path / "%d.png") == "sequence"
    (tmp_path / "100%d.png").write_bytes(b"x")
    assert animation_format(tmp_path / "100%d.png") is None  # the name of a file
    (tmp_path / "clip.mp4").write_bytes(b"\0\0\0\x18ftypisom")
    assert animation_format(tmp_path / "clip.mp4") == "mp4"
    for data in (b"", b"GIF89a", b"text", b"RIFF\0\0\0\0WEBP", b"\x89PNG\r\n\x1a\n"):
        assert animation_format(data) is None
    assert animation_format(tmp_path / "missing.gif") is None and animation_format(tmp_path) is None


def test_avif_and_heic_are_still_images():
    for brand in (b"avif", b"heic", b"heix", b"hevc", b"mif1", b"msf1"):
        data = b"\0\0\0\x1cftyp" + brand + b"\0\0\0\0"
        assert animation_format(data) is None
        with pytest.raises(UserError, match="not an animation of a known format"):
            open_animation(data)


def test_unreadable_sources(tmp_path):
    missing = tmp_path / "no.gif"
    for source, reason in (
        (missing, "no such file"),
        (tmp_path, "is a folder"),
        (b"", "is empty"),
        (b"text", "known format"),
    ):
        with pytest.raises(UserError, match=reason) as caught:
            open_animation(source)
        assert "\n" not in str(caught.value)
    with pytest.raises(UserError, match="stdin: is not"):
        open_animation(b"text", name="stdin")
    for fps in (0, -1, float("nan"), float("inf"), 1e-310):
        with pytest.raises(UserError, match="frames per second"):
            open_animation(written(sprites(0, 2), "gif"), fps=fps)


@pytest.mark.parametrize("format", CONTAINERS)
def test_of_a_cut_file_the_whole_frames_are_read_and_it_is_said(format):
    """What browsers play of it; nothing is made up."""
    data = written(sprites(7, 3, (5, 4)), format)
    whole = read(data)
    counts = []
    for length in range(1, len(data)):
        message = refusal(lambda length=length: read(data[:length], name="cut"))
        if message is not None:
            assert message.startswith("cut: ")
            counts.append(0)
            continue
        found = read(data[:length])
        for frame, expected in zip(found, whole, strict=False):
            np.testing.assert_array_equal(frame[..., :3], expected[..., :3])
        (remark,) = open_animation(data[:length]).remarks
        assert f"it ends at byte {length}" in remark
        assert len(found) < 2 or animation_format(data[:length]) == format
        counts.append(len(found))
    assert counts == sorted(counts) and set(counts) >= {0, 1, 2}


@pytest.mark.parametrize("format", CONTAINERS)
def test_damage_raises_nothing_but_user_errors(format):
    data = written(sprites(8, 3, (6, 6)), format)
    rng = np.random.default_rng(0)
    failed = 0
    for _ in range(400):
        damaged = bytearray(data)
        # Not in the size of the canvas: libwebp would take hundreds of megabytes for it, many
        # times.
        for position in rng.integers(30 if format == "webp" else 6, len(data), rng.integers(1, 4)):
            damaged[position] = rng.integers(0, 256)
        message = refusal(lambda damaged=damaged: read(bytes(damaged), name="hurt"))
        if message is not None:
            failed += 1
            assert message.startswith("hurt: ") and "\n" not in message
    assert failed > 100


def test_frames_are_read_one_at_a_time_and_the_damaged_one_is_named():
    frames = [np.full((8, 8, 3), value, np.uint8) for value in (0, 80, 160)]
    good = png_file([(frame.tolist(), 0, 0, 0, 0) for frame in frames], kind=2, size=(8, 8))
    body = png_pixels(frames[2].tolist())
    at = good.rfind(b"fdAT") - 4
    bad = good[:at] + chunk(b"fdAT", struct.pack(">I", 4) + body[:6]) + chunk(b"IEND", b"")
    frames = iter(open_animation(bad, name="walk.png"))
    assert np.asarray(next(frames).image).max() == 0 and np.asarray(next(frames).image).max() == 80
    with pytest.raises(UserError, match="walk.png: frame 3: is damaged"):
        next(frames)


def test_too_large_and_empty():
    huge = gif_file(gif_frame([[RED]]), size=(60000, 60000))
    with pytest.raises(UserError, match="too large"):
        open_animation(huge)
    with pytest.raises(UserError, match="too large"):
        open_animation(png_file([([[RED]], 0, 0, 0, 0)], size=(60000, 60000)))
    with pytest.raises(UserError, match="no frame"):
        open_animation(gif_file())


def test_a_reader_can_be_read_twice_and_takes_another_speed():
    reader = open_animation(written(sprites(9, 4), "webp", [10, 20, 30, 40]), fps=20)
    assert [frame.duration for frame in reader] == [50] * 4 == [frame.duration for frame in reader]
    with reader:
        pass
    with pytest.raises(ValueError, match="closed"):
        list(reader)


def test_a_frame_that_memory_cannot_hold_is_one_line(monkeypatch):
    data = written(sprites(0, 3), "gif")
    reader = open_animation(data, name="a.gif")

    def full(*_):
        raise MemoryError

    monkeypatch.setattr("pixelization.animation.frames.np.zeros", full)
    for call in (lambda: list(reader), lambda: open_animation(data, name="a.gif")):
        with pytest.raises(UserError, match="a.gif: is too large for the memory"):
            call()


def test_a_pipe_is_read_once(tmp_path):
    data = written(sprites(0, 3), "gif")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for opened in (open_animation, open_picture):
        writer = threading.Thread(target=pipe.write_bytes, args=(data,))
        writer.start()
        with opened(pipe) as picture:
            assert len(list(getattr(picture, "frames", picture))) == 3
        writer.join()
    assert animation_format(pipe) is None  # without touching it
