"""Numbered images."""

import io
import os

import numpy as np
import pytest
from PIL import Image

from pixelization.animation.reading import open_animation
from pixelization.animation.writing import write_animation
from pixelization.errors import UserError
from tests.animation.files import sprites


def test_numbered_images(tmp_path):
    frames = sprites(10, 4)
    pattern = tmp_path / "out" / "walk_%04d.png"
    assert write_animation(frames, pattern, durations=[80] * 4, plays=0, format="sequence") == []
    assert sorted(os.listdir(pattern.parent)) == [
        f"walk_{number:04d}.png" for number in (1, 2, 3, 4)
    ]
    with open_animation(str(pattern)) as reader:
        assert (reader.format, reader.mode, reader.size, reader.plays, reader.count) == (
            "sequence",
            "RGBA",
            (7, 9),
            0,
            4,
        )
        for (image, duration), frame in zip(reader, frames, strict=True):
            assert duration == pytest.approx(1000 / 12)
            np.testing.assert_array_equal(image, frame)
    assert next(iter(open_animation(pattern, fps=25))).duration == 40


def test_numbers_start_anywhere_and_have_no_gaps(tmp_path):
    colors = {8: "red", 9: "lime", 10: "blue", 11: "white"}
    for number, color in colors.items():
        Image.new("RGB", (3, 2), color).save(tmp_path / f"a[{number}].png")
    Image.new("RGB", (3, 2)).save(tmp_path / "a[0013].png")  # not what %d writes
    Image.new("RGB", (3, 2)).save(tmp_path / "a[7]x.png")
    firsts = [frame.image.getpixel((0, 0)) for frame in open_animation(tmp_path / "a[%d].png")]
    assert firsts == [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
    (tmp_path / "a[10].png").unlink()
    with pytest.raises(UserError, match=r"a\[10\]\.png: is missing"):
        open_animation(tmp_path / "a[%d].png")
    with pytest.raises(UserError, match="no images with such names"):
        open_animation(tmp_path / "b%d.png")
    with pytest.raises(UserError, match="nowhere: cannot be read"):
        open_animation(tmp_path / "nowhere" / "b%d.png")


def test_numbered_images_of_different_sizes(tmp_path):
    Image.new("RGB", (3, 2)).save(tmp_path / "1.png")
    Image.new("RGB", (2, 3)).save(tmp_path / "2.png")
    with pytest.raises(UserError, match="2.png: has 2x3 pixels, the first has 3x2"):
        list(open_animation(tmp_path / "%d.png"))


def test_numbered_images_are_not_overwritten(tmp_path):
    frames = sprites(11, 3)
    pattern = tmp_path / "%d.png"
    (tmp_path / "3.png").write_bytes(b"mine")
    with pytest.raises(UserError, match="3.png: exists"):
        write_animation(frames, pattern, durations=[10] * 3, plays=0, format="sequence")
    assert os.listdir(tmp_path) == ["3.png"]
    (remark,) = write_animation(frames[:2], pattern, durations=[10, 10], plays=0, format="sequence")
    assert "3.png: was there before" in remark
    (remark,) = write_animation(
        frames, pattern, durations=[10, 20, 10], plays=0, format="sequence", overwrite=True
    )
    assert "durations" in remark
    for name in ("walk.png", "%d_%d.png"):
        with pytest.raises(UserError, match="one place for the number"):
            write_animation(frames, tmp_path / name, durations=[10] * 3, plays=0, format="sequence")
    with pytest.raises(UserError, match="stream"):
        write_animation(frames, io.BytesIO(), durations=[10] * 3, plays=0, format="sequence")


def test_all_numbered_images_appear_or_none(tmp_path, monkeypatch):
    save, saved = Image.Image.save, []

    def full(image, path, **how):
        if len(saved) == 2:
            raise OSError(28, "No space left on device")
        saved.append(path)
        save(image, path, **how)

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(UserError, match="cannot be written \\(No space left"):
        write_animation(
            sprites(12, 3), tmp_path / "%d.png", durations=[10] * 3, plays=0, format="sequence"
        )
    assert len(saved) == 2 and not [*tmp_path.iterdir()]
