"""Oklab and the space in which colours are compared."""

import numpy as np
import pytest
from skimage.color import rgb2lab

from pixelization.color.oklab import oklab, perceptual, srgb

RNG = np.random.default_rng(0)


def test_oklab_has_the_published_values():
    # Ottosson 2020 and CSS Color 4: white, red, blue.
    lab = oklab(np.array([(255, 255, 255), (255, 0, 0), (0, 0, 255)], np.uint8))
    assert np.allclose(
        lab, [(1, 0, 0), (0.62796, 0.22486, 0.12585), (0.45201, -0.03246, -0.31153)], atol=1e-4
    )


def test_oklab_returns():
    colors = RNG.integers(0, 256, (50, 400, 3), dtype=np.uint8)
    assert np.array_equal(srgb(oklab(colors)), colors)
    assert srgb(np.array([(2.0, 0, 0), (-1.0, 0, 0)])).tolist() == [[255] * 3, [0] * 3]


def test_perceptual_lightness_is_close_to_that_of_cielab():
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    assert np.abs(perceptual(greys)[:, 0] - rgb2lab(greys)[:, 0] / 100).max() < 0.03


def test_flare_is_light_added_to_all_colours():
    """By hand: black is the grey of 1 % light, the cube root of 0.01; white stays."""
    black, white = oklab(np.array([[0, 0, 0], [255, 255, 255]], np.uint8), 0.01)
    assert black == pytest.approx([0.01 ** (1 / 3), 0, 0], abs=1e-6)
    assert white == pytest.approx([1, 0, 0], abs=1e-6)
