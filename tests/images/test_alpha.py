"""The colour under transparency, and colours over others."""

import numpy as np
import pytest
from PIL import Image

from pixelization.images.alpha import fill_transparent, over

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


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


def test_over_by_hand():
    colors, alpha = over(np.array([1.0, 0.0]), 0.5, np.array([0.0, 1.0]), np.array([1.0]))
    assert alpha == 1
    assert colors.tolist() == [0.5, 0.5]
    colors, alpha = over(np.array([1.0]), 0.5, np.array([0.0]), np.array([0.5]))
    assert alpha == 0.75
    assert colors == pytest.approx(2 / 3)


def test_nothing_over_nothing_is_nothing():
    colors, alpha = over(np.ones(3), 0.0, np.zeros(3), np.zeros(1))
    assert alpha == 0
    assert np.isfinite(colors).all()


def test_over_is_what_pillow_does():
    rng = np.random.default_rng(0)
    above, below = rng.integers(0, 256, (2, 16, 16, 4), np.uint8)
    wanted = np.asarray(Image.alpha_composite(Image.fromarray(below), Image.fromarray(above)))
    colors, alpha = over(above[..., :3], above[..., 3:] / 255, below[..., :3], below[..., 3:] / 255)
    assert np.abs(alpha * 255 - wanted[..., 3:]).max() <= 1
    seen = wanted[..., 3] > 0
    assert np.abs(colors - wanted[..., :3])[seen].max() <= 1
