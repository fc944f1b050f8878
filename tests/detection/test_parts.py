"""Parts of a screenshot."""

import numpy as np

from pixelization.detection.parts import parts_of


def test_parts_are_between_edges_and_nest():
    image = np.full((90, 100, 3), 50, np.uint8)  # a desktop
    image[10:80, 20:90] = 90  # a window, with its bar
    image[10:25, 20:90] = 140
    image[40:60, 40:60] = np.random.default_rng(0).integers(0, 256, (20, 20, 3))
    assert parts_of(image) == [(slice(20, 90), slice(25, 80))]


def test_images_without_edges_across_have_no_part():
    noise = np.random.default_rng(1).integers(0, 256, (40, 50, 3), np.uint8)
    assert parts_of(noise) == []
    assert parts_of(np.zeros((1, 1, 3), np.uint8)) == []
    assert parts_of(np.zeros((5, 30, 4), np.uint8)) == []
