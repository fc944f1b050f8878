"""What is taken of pictures: within limits, by content, decoded once."""

import io

import numpy as np
import pytest
from PIL import Image

from pixelization import UserError, write_animation
from tests.make import drawing
from tests.studio.conftest import png

pictures = pytest.importorskip("pixelization.studio.pictures")


@pytest.fixture
def kept():
    return pictures.Pictures(1 << 20, 1 << 20)


def moving(frames, side=8):
    stream = io.BytesIO()
    images = [np.full((side, side, 3), 9 * number, np.uint8) for number in range(frames)]
    write_animation(images, stream, durations=[10] * frames, plays=0, format="png")
    return stream.getvalue()


def test_equal_bytes_are_one_picture(kept):
    data = png(drawing(20, 10))
    first, second = kept.add(data, "a.png"), kept.add(data, "b.png")
    assert first.key == second.key and len(kept.all()) == 1
    assert first.size == (20, 10) and first.frames == 1 and first.format is None


def test_a_still_is_decoded_once(kept):
    upload = kept.add(png(drawing(20, 10)), "a.png")
    with kept.open(upload) as one, kept.open(upload) as other:
        assert one is other


def test_animations_tell_their_frames(kept):
    upload = kept.add(moving(4), "a.png")
    assert (upload.format, upload.frames) == ("png", 4)
    assert np.asarray(kept.frame(upload, 2))[0, 0].tolist() == [18, 18, 18]


@pytest.mark.parametrize(
    "name, value, data, told",
    [
        ("PIXELS", "199", png(drawing(20, 10)), "200 pixels, at most 199"),
        ("FRAMES", "3", moving(4), "4 frames, at most 3"),
        ("PIXELS", "63", moving(2), "64 pixels, at most 63"),
        ("PICTURE_BYTES", "40", png(drawing(20, 10)), "bytes, at most 40"),
    ],
)
def test_limits_hold_before_anything_is_decoded(kept, monkeypatch, name, value, data, told):
    monkeypatch.setenv(f"PIXELIZATION_MAX_STUDIO_{name}", value)
    with pytest.raises(UserError, match=told):
        kept.add(data, "a.png")
    assert kept.all() == []


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"nothing", b"GIF89a" + bytes(20)])
def test_what_is_no_picture_is_one_line(kept, data):
    with pytest.raises(UserError) as caught:
        kept.add(data, "a.png")
    assert "\n" not in str(caught.value)


def test_what_was_forgotten_is_to_be_opened_again():
    few = pictures.Pictures(3000, 100)
    keys = [few.add(png(Image.new("RGB", (8, 8), (n, 0, 0))), f"{n}.png").key for n in range(9)]
    assert 0 < len(few.all()) < 9
    with pytest.raises(pictures.Unknown, match="open it again"):
        few.get(keys[0])
    assert few.get(keys[-1]).name == "8.png"
