"""Which colour of a palette a pixel gets."""

import numpy as np
import pytest

from pixelization.color.oklab import perceptual
from pixelization.palettes.assignment import apply_palette, nearest
from pixelization.palettes.palette import Palette

RNG = np.random.default_rng(0)


def palette(*colors):
    return Palette(np.array(colors, np.uint8))


def test_nearest_is_least_distance():
    image, colors = (
        RNG.integers(0, 256, (30, 40, 3), dtype=np.uint8),
        RNG.integers(0, 256, (100, 3), dtype=np.uint8),
    )
    distances = np.linalg.norm(perceptual(image)[:, :, None] - perceptual(colors), axis=3)
    assert np.array_equal(nearest(image, Palette(colors)), distances.argmin(axis=2))


def test_near_black_is_black_and_grey_is_grey():
    # Plain Oklab would draw both in navy.
    navy = (29, 43, 83)
    assert nearest(np.array([(20, 20, 20)], np.uint8), palette((0, 0, 0), navy)).tolist() == [0]
    assert nearest(np.array([(60, 60, 60)], np.uint8), palette((95, 95, 95), navy)).tolist() == [0]


@pytest.mark.parametrize("size", [1, 2, 16, 256])
def test_colours_of_the_palette_stay(size):
    colors = RNG.integers(0, 256, (size, 3), dtype=np.uint8)
    sprite = colors[RNG.integers(0, size, (8, 9))]
    assert np.array_equal(apply_palette(sprite, Palette(colors)), sprite)


def test_the_first_of_equal_colours_is_chosen():
    colors = palette((9, 9, 9), (255, 0, 0), (255, 0, 0), (9, 9, 9))
    assert nearest(np.array([[(250, 5, 5), (0, 0, 0)]], np.uint8), colors).tolist() == [[1, 0]]


def test_alpha_is_kept_and_hidden_colours_do_not_matter():
    sprite = RNG.integers(0, 256, (12, 10, 4), dtype=np.uint8)
    sprite[..., 3] = np.where(sprite[..., 3] < 128, 0, 255)
    other = sprite.copy()
    other[other[..., 3] == 0, :3] = 77
    colors = RNG.integers(1, 256, (7, 3), dtype=np.uint8)
    drawn = apply_palette(sprite, Palette(colors))
    assert np.array_equal(drawn, apply_palette(other, Palette(colors)))
    assert np.array_equal(drawn[..., 3], sprite[..., 3]) and not drawn[drawn[..., 3] == 0].any()
    opaque = drawn[drawn[..., 3] > 0, :3]
    assert {tuple(color) for color in opaque.tolist()} <= {
        tuple(color) for color in colors.tolist()
    }
    assert np.array_equal(
        opaque, apply_palette(sprite[..., :3], Palette(colors))[drawn[..., 3] > 0]
    )


@pytest.mark.parametrize(
    "sprite", [np.zeros((4, 3), np.uint8), np.zeros((4, 4, 2), np.uint8), np.zeros((4, 4, 3))]
)
def test_what_is_no_sprite_is_refused(sprite):
    with pytest.raises(ValueError, match="uint8"):
        apply_palette(sprite, palette((0, 0, 0)))
