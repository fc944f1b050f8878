"""Image sequences in AVIF files."""

import io

import numpy as np
import pytest
from PIL import Image, features

from pixelization.animation.reading import animation_format, open_animation
from pixelization.errors import UserError
from pixelization.images.reading import read_image

pytestmark = pytest.mark.skipif(not features.check("avif"), reason="Pillow without AVIF")
COLORS = [(200, 30, 40), (30, 200, 40), (30, 40, 200)]


@pytest.fixture(scope="module")
def sequence():
    frames = [Image.new("RGB", (16, 12), color) for color in COLORS]
    file = io.BytesIO()
    frames[0].save(
        file, "AVIF", save_all=True, append_images=frames[1:], duration=[50, 100, 150], speed=10
    )
    return file.getvalue()


def test_all_frames_are_read_with_their_durations(sequence):
    assert animation_format(sequence) == "png"
    reader = open_animation(sequence)
    assert (reader.format, reader.mode, reader.size, reader.count) == ("png", "RGB", (16, 12), 3)
    for frame, color, duration in zip(reader, COLORS, (50, 100, 150), strict=True):
        assert frame.duration == duration
        assert np.abs(np.subtract(frame.image.getpixel((8, 6)), color)).max() <= 6


def test_a_still_is_no_animation(sequence):
    file = io.BytesIO()
    Image.new("RGB", (16, 12), COLORS[0]).save(file, "AVIF", speed=10)
    assert animation_format(file.getvalue()) is None
    assert read_image(file.getvalue()).size == (16, 12)


def test_cut_sequences_are_one_line(sequence):
    for share in (0.2, 0.5, 0.9):
        with pytest.raises(UserError, match="^cut: "):
            list(open_animation(sequence[: int(len(sequence) * share)], name="cut"))
