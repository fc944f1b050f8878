"""Animated PNG files."""

import numpy as np
import pytest

from pixelization.animation.reading import open_animation
from pixelization.images.png import chunk
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
