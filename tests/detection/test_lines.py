"""Grids that are drawn over pixel art, taken off or at least noticed."""

import io

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

from pixelization.detection.detector import detect_grid
from pixelization.detection.geometry import SURE
from pixelization.detection.lines import blurred_lines, drawn_lines, without_lines
from pixelization.reducers.snapping import snap
from tests.make import shaded_sprite


def gridded(sprite, factor, width=1, color=(0, 0, 0), opacity=1.0, between=False):
    """Enlarged, with lines on the left and upper pixels of every cell, or between cells."""
    cell = factor + width * between
    image = sprite.repeat(cell, axis=0).repeat(cell, axis=1).astype(float)
    along = [np.arange(side) % cell < width for side in image.shape[:2]]
    line = along[0][:, None] | along[1]
    below = image[line, 3:] / 255 if sprite.shape[2] == 4 else np.ones((line.sum(), 1))
    alpha = opacity + below * (1 - opacity)
    image[line, :3] = (image[line, :3] * below * (1 - opacity) + np.array(color) * opacity) / alpha
    if sprite.shape[2] == 4:
        image[line, 3:] = alpha * 255
    return image.round().astype(np.uint8)


def jpeg(image, quality):
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream))


@pytest.mark.parametrize(
    "lines",
    [
        {"factor": 10},
        {"factor": 8, "color": (255, 255, 255)},
        {"factor": 6, "color": (128, 128, 128), "opacity": 0.4},
        {"factor": 12, "width": 2, "color": (200, 30, 60), "between": True},
        {"factor": 16, "color": (0, 0, 255), "opacity": 0.6, "between": True},
    ],
)
@pytest.mark.parametrize("channels", [3, 4])
def test_the_sprite_below_a_drawn_grid_comes_back(lines, channels):
    sprite = shaded_sprite(2, channels=channels)
    image = gridded(sprite, **lines)
    found = detect_grid(image)
    assert found.size == (24, 24) and found.confidence >= SURE and found.lines[0]
    back = np.asarray(snap(image, grid=found).sprite)
    opaque = sprite[..., 3] > 0 if channels == 4 else np.ones((24, 24), bool)
    assert (back[opaque] == sprite[opaque]).all()


@settings(max_examples=6, deadline=None)
@given(
    st.integers(0, 99),
    st.integers(5, 10),
    st.sampled_from([(0, 0, 0), (90, 200, 40)]),
    st.booleans(),
)
def test_a_drawn_grid_never_makes_a_wrong_size_sure(seed, factor, color, between):
    found = detect_grid(gridded(shaded_sprite(seed), factor, color=color, between=between))
    assert found.size == (24, 24) or found.confidence < SURE


@pytest.mark.parametrize("quality", [60, 85])
@pytest.mark.parametrize("color", [(0, 0, 0), (255, 255, 255)])
def test_a_compressed_grid_is_right_or_not_sure(quality, color):
    for seed in range(2):
        found = detect_grid(jpeg(gridded(shaded_sprite(seed), 12, color=color), quality))
        assert found.size == (24, 24) or found.confidence < SURE


def test_a_resized_grid_is_right_or_not_sure():
    image = Image.fromarray(gridded(shaded_sprite(2), 10))
    for side, kind in ((330, Image.Resampling.BILINEAR), (180, Image.Resampling.BICUBIC)):
        found = detect_grid(np.asarray(image.resize((side, side), kind)))
        assert found.size == (24, 24) or found.confidence < SURE


def test_lines_by_hand():
    image = gridded(shaded_sprite(3), 10)
    across, down = drawn_lines(image)
    assert across.period == pytest.approx(10) and across.width == 1
    assert across.covered == down.covered == tuple(range(0, 240, 10))
    cleaned = without_lines(image, (across.covered, down.covered))
    assert (cleaned[:, 0] == cleaned[:, 1]).all() and (cleaned[0] == cleaned[1]).all()


def test_cropped_lines_begin_where_they_are():
    across, down = drawn_lines(gridded(shaded_sprite(4), 10)[4:-3, 7:-2])
    assert across.covered == tuple(range(3, 231, 10))
    assert down.covered == tuple(range(6, 233, 10))


@pytest.mark.parametrize("factor", [1, 2, 5, 9])
def test_images_without_a_grid_have_no_lines(factor):
    for seed in range(4):
        image = shaded_sprite(seed, 48).repeat(factor, axis=0).repeat(factor, axis=1)
        assert drawn_lines(image) is None and blurred_lines(image) is None


def test_lines_along_one_axis_are_no_grid():
    image = shaded_sprite(5).repeat(10, axis=0).repeat(10, axis=1)
    image[:, ::10] = 0
    assert drawn_lines(image) is None


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 40, 3), (40, 2, 4), (5, 5, 4)])
def test_tiny_images_have_no_lines(shape):
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert drawn_lines(image) is None and blurred_lines(image) is None
