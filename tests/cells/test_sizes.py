"""Whole numbers of cells."""

from fractions import Fraction

import pytest

from pixelization.cells.sizes import SCALES, cells_along


@pytest.mark.parametrize("scale", [*SCALES, Fraction(2, 7), Fraction(1, 2), Fraction(1)])
def test_cells_along_a_side_round_halves_to_even(scale):
    for side in range(1, 9001):
        assert cells_along(side, scale) == max(1, round(side * scale)), side
