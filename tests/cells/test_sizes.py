"""Whole numbers of cells."""

from fractions import Fraction

import pytest

from pixelization.cells.sizes import SCALES, Longest, cells_along, completed_size


@pytest.mark.parametrize("scale", [*SCALES, Fraction(2, 7), Fraction(1, 2), Fraction(1)])
def test_cells_along_a_side_round_halves_to_even(scale):
    for side in range(1, 9001):
        assert cells_along(side, scale) == max(1, round(side * scale)), side


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((30, 7), (30, 7)),
        ((30, None), (30, 15)),
        (Longest(30), (30, 15)),
        (Longest(1), (1, 1)),
        (Longest(400), (400, 200)),
        ((33, None), (33, 17)),
        ((10**400, None), (10**400, 10**400 // 2)),
        (Longest(10**400), (10**400, 10**400 // 2)),
    ],
)
def test_what_a_size_does_not_say_keeps_the_aspect_ratio(size, expected):
    assert completed_size(size, (200, 100)) == expected
    if isinstance(size, Longest):
        assert completed_size(size, (100, 200)) == expected[::-1]
