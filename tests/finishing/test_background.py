"""A flat background becomes transparent."""

import numpy as np
import pytest

from pixelization.color.oklab import perceptual
from pixelization.finishing.background import background_color, remove_background
from tests.make import RED, WHITE, mask, scene, silhouette


def test_the_background_goes_and_what_it_encloses_stays():
    ring = scene("......", ".rrrr.", ".r..r.", ".rrrr.", "......")
    removed = remove_background(ring)
    assert removed.shape == (5, 6, 4)
    opaque = mask("......", ".####.", ".####.", ".####.", "......")
    np.testing.assert_array_equal(removed[..., 3] == 255, opaque)
    np.testing.assert_array_equal(removed[opaque][:, :3], ring[opaque])
    assert not removed[~opaque].any()
    np.testing.assert_array_equal(
        remove_background(ring, holes=True)[..., 3] == 255, (ring == RED).all(axis=2)
    )


def test_the_fill_does_not_pass_between_corners():
    sprite = scene(".....", "..r..", ".r.r.", "..r..", ".....")
    assert remove_background(sprite)[2, 2].tolist() == [*WHITE, 255]


def test_the_tolerance_is_a_perceptual_distance():
    sprite = scene("....", ".nr.", "....", n=(240, 240, 240))
    distance = np.linalg.norm(perceptual(sprite[1, 1]) - perceptual(sprite[0, 0]))
    assert remove_background(sprite, tolerance=distance + 0.001)[1, 1, 3] == 0
    assert remove_background(sprite, tolerance=distance - 0.001)[1, 1, 3] == 255


def test_the_background_is_the_most_frequent_colour_of_the_border():
    sprite = scene("rr...", "rrrrr", "rrrrr", "rrr..")
    assert background_color(sprite) == RED
    assert background_color(scene("..", "..")) == WHITE
    assert background_color(scene("r")) == RED


def test_a_border_that_does_not_agree_is_no_background():
    colors = {"a": (0, 0, 0), "b": (255, 0, 0), "c": (0, 0, 255)}
    sprite = scene("aab.", "a..b", "c..b", "c.cc", **colors)
    assert background_color(sprite) is None
    np.testing.assert_array_equal(remove_background(sprite), sprite)


@pytest.mark.parametrize("level", [3, 128, 255])
def test_shades_of_the_background_agree(level):
    sprite = np.full((8, 8, 3), level, np.uint8) - np.random.default_rng(0).integers(
        0, 4, (8, 8, 1)
    ).astype(np.uint8)
    sprite[3:5, 3:5] = RED
    assert remove_background(sprite)[..., 3].sum() == 4 * 255


def test_what_is_transparent_already_lets_the_fill_through_and_may_be_all():
    sprite = np.dstack(
        [scene(".....", ".rrr.", ".r.r.", ".....", "....."), np.full((5, 5), 255, np.uint8)]
    )
    sprite[4, 2] = sprite[3, 2] = 0
    removed = remove_background(sprite)
    assert removed[2, 2, 3] == 0 and removed[1, 1, 3] == 255
    cut_out = silhouette(".....", ".###.", ".###.", ".....")
    assert background_color(cut_out) is None
    np.testing.assert_array_equal(remove_background(cut_out), cut_out)
