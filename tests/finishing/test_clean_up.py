"""What both kinds of clean-up promise, on random sprites."""

import numpy as np
import pytest

from pixelization.finishing.isolated import remove_isolated
from pixelization.finishing.jaggies import repair_jaggies
from tests.make import LETTERS, walk


@pytest.mark.parametrize("function", [remove_isolated, repair_jaggies])
@pytest.mark.parametrize(
    "areas, details",
    [("s", "#t"), ("ss.", "#."), ("sw", "#ts"), (".", "#w"), ("s.", "wt"), ("#", "st")],
)
def test_properties_over_random_sprites(function, areas, details):
    random = np.random.default_rng(0)
    changes = 0
    for _ in range(60):
        areas_colors, details_colors = (
            np.array([LETTERS[one] for one in letters], np.uint8) for letters in (areas, details)
        )
        sprite = (
            areas_colors[random.integers(0, len(areas), (4, 4))].repeat(4, axis=0).repeat(4, axis=1)
        )
        sprite[walk(random, 16, 30)] = details_colors[0]
        dots = random.random((16, 16)) < random.choice([0.02, 0.4])
        sprite[dots] = details_colors[random.integers(0, len(details), dots.sum())]
        sprite = sprite[: random.integers(1, 17), : random.integers(1, 17)]
        given = sprite.copy()

        cleaned = function(sprite)
        changes += (cleaned != sprite).any(axis=2).sum()
        np.testing.assert_array_equal(sprite, given)
        np.testing.assert_array_equal(function(cleaned), cleaned)
        np.testing.assert_array_equal(function(sprite[:, ::-1]), cleaned[:, ::-1])
        assert {tuple(color) for row in cleaned for color in row} <= {
            tuple(color) for row in sprite for color in row
        }
        if "." not in areas + details:
            np.testing.assert_array_equal(function(sprite[..., :3]), cleaned[..., :3])
    assert changes


@pytest.mark.parametrize("function", [remove_isolated, repair_jaggies])
def test_what_is_no_sprite(function):
    for wrong in (
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 3)),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 2), np.uint8),
    ):
        with pytest.raises(ValueError, match="expected a sprite"):
            function(wrong)
