"""What drawings by hand become."""

import numpy as np

from tests.make import sprite_of


def assert_becomes(function, before, after, **options):
    """In all eight orientations."""
    for turns in range(4):
        for flip in (1, -1):
            given, expected = (
                np.rot90(sprite_of(*rows), turns)[:, ::flip] for rows in (before, after)
            )
            np.testing.assert_array_equal(function(given, **options), expected)


def assert_stays(function, *rows):
    assert_becomes(function, rows, rows)
