"""Palettes: which colours are chosen, and which one a pixel gets."""

import numpy as np
import pytest
from skimage import data
from skimage.color import rgb2lab

from pixelization.palette import apply_palette, kmeans_palette

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def test_few_colours_are_the_palette_most_frequent_first():
    image = np.array([[GREEN, RED, GREEN], [BLUE, GREEN, RED]], np.uint8)
    for k in (3, 16):
        assert kmeans_palette(image, k).tolist() == [list(GREEN), list(RED), list(BLUE)]


def test_centres_are_means_weighted_by_pixels():
    image = np.array([[0, 0, 0]] * 3 + [[8, 8, 8]] + [[200, 0, 0]] * 2 + [[230, 0, 0]], np.uint8)
    assert kmeans_palette(image, 2).tolist() == [[2, 2, 2], [210, 0, 0]]  # 8 / 4 and 630 / 3
    assert kmeans_palette(image, 1).tolist() == [[91, 1, 1]]  # (8 + 630) / 7, 8 / 7


def test_a_photo_in_sixteen_colours():
    photo = data.astronaut()[::4, ::4]
    palette = kmeans_palette(photo, 16)
    assert palette.shape == (16, 3) and palette.dtype == np.uint8
    assert np.array_equal(palette, kmeans_palette(photo, 16))
    drawn = apply_palette(photo, palette)
    assert drawn.shape == photo.shape and drawn.dtype == np.uint8
    distances = np.linalg.norm(rgb2lab(photo)[:, :, None] - rgb2lab(palette)[None, None], axis=3)
    assert np.array_equal(drawn, palette[distances.argmin(axis=2)])
    assert np.array_equal(apply_palette(drawn, palette), drawn)


def test_nearest_is_meant_as_seen():
    # In RGB, (0, 0, 120) is nearer to black (120) than to blue (135); in Lab it is a dark blue: 77 and 63.
    palette = np.array([(0, 0, 0), BLUE], np.uint8)
    assert apply_palette(np.array([[[0, 0, 120]]], np.uint8), palette).tolist() == [[list(BLUE)]]


@pytest.mark.parametrize("image", [np.zeros((0, 3), np.uint8), np.zeros((4, 4), np.uint8), np.zeros((4, 3))])
def test_what_is_no_image_is_refused(image):
    with pytest.raises(ValueError, match="uint8"):
        kmeans_palette(image, 4)
    with pytest.raises(ValueError, match="uint8"):
        apply_palette(image, np.array([RED], np.uint8))
    with pytest.raises(ValueError, match="at least 1"):
        kmeans_palette(np.zeros((1, 3), np.uint8), 0)
