"""Animated PNG files."""

import struct

import numpy as np
import pytest

from pixelization.animation.reading import animation_format, open_animation
from pixelization.errors import UserError
from pixelization.images.png import chunk
from pixelization.images.reading import read_image
from tests.animation.files import BLUE, CLEAR, GREEN, RED, png_file, read, rgba, sprites, written


def test_exact_durations():
    frames = sprites(1, 4, channels=3)
    durations = [1000 / 24, 1000 / 30, 0, 65535000]
    assert [
        frame.duration for frame in open_animation(written(frames, "png", durations))
    ] == pytest.approx(durations, rel=1e-9)
    durations = [15, 1, 0, 16777215]
    assert [
        frame.duration for frame in open_animation(written(frames, "webp", durations))
    ] == durations


def test_apng_disposal_and_blending():
    half = (0, 255, 0, 128)
    frames = [
        ([[RED, RED], [RED, CLEAR]], 0, 0, 0, 0),
        ([[half, half]], 0, 0, 1, 1),  # over: mixes; then cleared
        ([[BLUE], [CLEAR]], 0, 0, 2, 0),  # in place of what was there; then taken back
        ([[CLEAR]], 1, 0, 0, 1),
    ]
    expected = [
        [[RED, RED], [RED, CLEAR]],
        [[(127, 128, 0, 255), (127, 128, 0, 255)], [RED, CLEAR]],
        [[BLUE, CLEAR], [CLEAR, CLEAR]],
        [[CLEAR, CLEAR], [RED, CLEAR]],
    ]
    file = png_file(frames, plays=4)
    assert open_animation(file).plays == 4
    assert [frame.duration for frame in open_animation(file)] == [30] * 4  # denominator 0 means 100
    for pixels, rows in zip(read(file), expected, strict=True):
        np.testing.assert_array_equal(pixels, rgba(rows))


def test_apng_with_a_default_image_that_is_no_frame():
    frames = [([[GREEN, GREEN], [GREEN, GREEN]], 0, 0, 2, 0), ([[BLUE]], 1, 1, 0, 0)]
    file = png_file(frames, hidden=[[RED, RED], [RED, RED]])
    first, second = read(file)
    np.testing.assert_array_equal(first, rgba([[GREEN, GREEN], [GREEN, GREEN]]))
    np.testing.assert_array_equal(second, rgba([[CLEAR, CLEAR], [CLEAR, BLUE]]))


def test_apng_with_palette_clears_to_transparent():
    extra = chunk(b"PLTE", bytes([255, 0, 0, 0, 255, 0])) + chunk(b"tRNS", bytes([255]))
    file = png_file([([[0, 1], [1, 0]], 0, 0, 1, 0), ([[1]], 1, 0, 0, 1)], kind=3, extra=extra)
    first, second = read(file)
    np.testing.assert_array_equal(first, rgba([[RED, GREEN], [GREEN, RED]]))
    np.testing.assert_array_equal(second, rgba([[CLEAR, GREEN], [CLEAR, CLEAR]]))


def test_apng_that_is_played_more_often_than_the_format_knows():
    frames = [([[RED]], 0, 0, 0, 0), ([[GREEN]], 0, 0, 0, 0)]
    assert open_animation(png_file(frames, plays=(1 << 31) - 1)).plays == (1 << 31) - 1
    assert open_animation(png_file(frames, plays=1 << 31)).plays == 0


def test_an_apng_of_one_frame_gives_that_frame_and_not_the_image_it_hides():
    """As browsers do; the frame may be smaller than the canvas."""
    red, green = [[RED, RED], [RED, RED]], [[GREEN, GREEN], [GREEN, GREEN]]
    whole = png_file([(green, 0, 0, 0, 0)], hidden=red)
    assert animation_format(whole) is None
    np.testing.assert_array_equal(read_image(whole).convert("RGBA"), rgba(green))
    small = png_file([([[BLUE]], 1, 0, 0, 0)], hidden=red)
    np.testing.assert_array_equal(read_image(small), rgba([[CLEAR, BLUE], [CLEAR, CLEAR]]))
    np.testing.assert_array_equal(read(small)[0], rgba([[CLEAR, BLUE], [CLEAR, CLEAR]]))
    several = png_file([(green, 0, 0, 0, 0), ([[BLUE]], 0, 0, 0, 0)], hidden=red)
    np.testing.assert_array_equal(read_image(several).convert("RGBA"), rgba(green))


def test_an_apng_without_its_end_mark_has_all_frames():
    frames = sprites(3, 4)
    data = written(frames, "png")[:-12]
    reader = open_animation(data)
    (remark,) = reader.remarks
    assert "without an end mark" in remark
    for pixels, frame in zip(read(data), frames, strict=True):
        np.testing.assert_array_equal(pixels, frame)


def test_of_damaged_chunks_of_frames_those_before_are_kept():
    """What holds a frame is ancillary: libpng leaves it out, and browsers stop there."""
    frames = sprites(5, 4)
    data = written(frames, "png")
    for kind in (b"fdAT", b"fcTL"):
        at = data.rindex(kind) + 8
        hurt = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        reader = open_animation(hurt)
        assert reader.count == 3 and "wrong checksum: only 3 of 4 frames" in reader.remarks[0]
        np.testing.assert_array_equal(np.asarray(list(reader)[2].image), frames[2])


def test_what_is_announced_and_is_not_there():
    frames = [([[RED, RED], [RED, RED]], 0, 0, 0, 0), ([[BLUE]], 0, 0, 0, 0)]
    data = png_file(frames)
    for count, remarks in ((3, 1), (2, 0), (1, 0), (4_000_000_000, 1)):
        control = struct.pack(">II", count, 0)
        at = data.index(b"acTL")
        lied = data[: at - 4] + chunk(b"acTL", control) + data[at + 16 :]
        reader = open_animation(lied)
        assert (reader.count, len(reader.remarks)) == (min(count, 2), remarks)


def test_restoring_before_the_first_frame_is_clearing():
    rows = [[RED, RED], [RED, RED]]
    file = png_file([(rows, 0, 0, 2, 0), ([[BLUE]], 0, 0, 0, 0)], kind=6)
    second = read(file)[1]
    np.testing.assert_array_equal(second, rgba([[BLUE, CLEAR], [CLEAR, CLEAR]]))


def test_large_animations_are_refused_before_they_are_decoded(monkeypatch):
    monkeypatch.setenv("PIXELIZATION_MAX_ANIMATION_PIXELS", "7")
    monkeypatch.setenv("PIXELIZATION_MAX_VIDEO_PIXELS", "7")  # of which a GIF's bytes may earn all
    frames = [([[RED, RED], [RED, RED]], 0, 0, 0, 0), ([[BLUE]], 0, 0, 0, 0)]
    with pytest.raises(UserError, match="a.png: 2 frames of 2x2 .*PIXELIZATION_MAX_ANIMATION"):
        open_animation(png_file(frames), name="a.png")
    for format in ("gif", "webp"):
        with pytest.raises(UserError, match="3 frames of 7x9 .*PIXELIZATION_MAX_ANIMATION"):
            open_animation(written(sprites(0, 3), format))
    monkeypatch.delenv("PIXELIZATION_MAX_ANIMATION_PIXELS")
    monkeypatch.setenv("PIXELIZATION_MAX_FRAMES", "1")
    for format in ("gif", "webp", "png"):
        with pytest.raises(UserError, match="frames, at most 1 frames .*PIXELIZATION_MAX_FRAMES"):
            open_animation(written(sprites(0, 3), format))
