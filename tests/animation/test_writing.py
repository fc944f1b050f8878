"""Every frame that is written comes back, with its duration."""

import io
import os

import numpy as np
import pytest
from PIL import Image, ImageSequence

from pixelization.animation.reading import open_animation
from pixelization.animation.writing import write_animation
from pixelization.errors import UserError
from tests.animation.files import CONTAINERS, read, sprites, written


@pytest.mark.parametrize("format", CONTAINERS)
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize(
    ("shape", "count", "plays"), [((9, 7), 6, 0), ((1, 1), 3, 1), ((16, 33), 2, 2), ((5, 8), 1, 7)]
)
def test_frames_durations_and_plays_come_back(format, channels, shape, count, plays):
    frames = sprites(count, count, shape, channels)
    durations = [20, 40, 20, 130, 1000, 50][:count]
    data = written(frames, format, durations, plays)
    with open_animation(data) as reader:
        assert (reader.format, reader.size, reader.plays, reader.count) == (
            format,
            shape[::-1],
            plays,
            count,
        )
        back = list(reader)
    transparent = channels == 4 and any((frame[..., 3] == 0).any() for frame in frames)
    assert reader.mode == ("RGBA" if transparent else "RGB")
    assert [duration for _, duration in back] == durations
    for (image, _), frame in zip(back, frames, strict=True):
        np.testing.assert_array_equal(image, frame if transparent else frame[..., :3])


@pytest.mark.parametrize("format", CONTAINERS)
def test_pillow_reads_the_same(format):
    frames = sprites(5, 6)
    image = Image.open(io.BytesIO(written(frames, format, [20, 40, 20, 130, 1000, 50], 3)))
    assert image.n_frames == 6 and image.info["loop"] == (2 if format == "gif" else 3)
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        pixels = np.asarray(frame.convert("RGBA"))
        np.testing.assert_array_equal(pixels * (pixels[..., 3:] > 0), frames[number])
        assert frame.info["duration"] == [20, 40, 20, 130, 1000, 50][number]


@pytest.mark.parametrize("format", CONTAINERS)
def test_a_pixel_that_moves_does_not_store_whole_frames_again(format):
    background = (
        np.random.default_rng(0).integers(0, 2, (64, 64, 1), dtype=np.uint8).repeat(3, axis=2) * 255
    )
    frames = []
    for number in range(20):
        frames.append(background.copy())
        frames[-1][10, 10 + number] = (255, 0, 0)
    data = written(frames, format)
    assert len(data) < 4 * len(written(frames[:1], format))
    for back, frame in zip(read(data), frames, strict=True):
        np.testing.assert_array_equal(back, frame)


@pytest.mark.parametrize(
    ("format", "most"), [("gif", 655350), ("png", 65535000), ("webp", 16777215)]
)
def test_a_frame_that_is_too_long(format, most):
    frames = sprites(2, 3)
    assert [
        frame.duration for frame in open_animation(written(frames, format, [20, most, 20]))
    ] == [20, most, 20]
    with pytest.raises(UserError, match=f"frame 2: .* at most {most}"):
        written(frames, format, [20, most + 10, 20])


def test_files_appear_whole_and_are_not_overwritten(tmp_path):
    frames = sprites(12, 2)
    path = tmp_path / "new" / "walk.gif"
    write_animation(frames, path, durations=[50, 50], plays=0, format="gif")
    before = path.read_bytes()
    with pytest.raises(UserError, match="walk.gif: exists"):
        write_animation(frames[:1], path, durations=[50], plays=0, format="gif")
    with pytest.raises(UserError, match="too long"):
        write_animation(frames, path, durations=[50, 1e9], plays=0, format="gif", overwrite=True)
    assert path.read_bytes() == before
    write_animation(frames[:1], str(path), durations=[50], plays=0, format="gif", overwrite=True)
    assert path.read_bytes() != before and os.listdir(path.parent) == ["walk.gif"]
    with pytest.raises(UserError, match="cannot be written"):
        write_animation(frames, path / "below.gif", durations=[50, 50], plays=0, format="gif")


def test_programming_mistakes():
    frames = sprites(13, 2)

    def write(frames, durations=(10, 10), plays=0, format="gif"):
        write_animation(frames, io.BytesIO(), durations=durations, plays=plays, format=format)

    for mistake in (
        lambda: write([], ()),
        lambda: write([frames[0], frames[1][..., :3]]),
        lambda: write([frames[0], frames[1][:2]]),
        lambda: write([frame.astype(float) for frame in frames]),
        lambda: write([frame[..., 0] for frame in frames]),
        lambda: write(frames, (10,)),
        lambda: write(frames, (10, -1)),
        lambda: write(frames, (10, float("nan"))),
        lambda: write(frames, plays=-1),
        lambda: write(frames, format="jpg"),
    ):
        with pytest.raises(ValueError, match="expected|needs|unknown"):
            mistake()


@pytest.mark.parametrize(("format", "most"), [("GIF", 65535), ("WebP", 16384)])
def test_frames_that_a_format_cannot_hold(format, most):
    for shape in ((1, most + 1, 3), (most + 1, 1, 3)):
        with pytest.raises(UserError, match=f"too large for {format}: at most {most} per side"):
            written([np.zeros(shape, np.uint8)], format.lower())
