"""Which of its eight neighbours each cell is like."""

import numpy as np

from pixelization.cells.neighbours import OFFSETS, OTHERS, alike_neighbours


def test_offsets_are_in_reading_order():
    assert OFFSETS[0] == (-1, -1) and OFFSETS[4] == (0, 0) and OFFSETS[5] == (0, 1)
    assert (*OFFSETS[:4], *OFFSETS[5:]) == OTHERS


def test_every_pair_of_neighbours_is_compared_and_none_off_the_canvas():
    values = np.random.default_rng(0).integers(0, 3, (4, 5))
    like = alike_neighbours(values, np.equal)
    assert like.shape == (3, 3, 6, 7) and not like[0, 0].all()
    for dy, dx in OFFSETS:
        for y in range(-1, 5):
            for x in range(-1, 6):
                inside = all(0 <= a < 4 and 0 <= b < 5 for a, b in ((y, x), (y + dy, x + dx)))
                expected = inside and (dy, dx) != (0, 0) and values[y, x] == values[y + dy, x + dx]
                assert like[dy, dx, 1 + y, 1 + x] == expected


def test_further_axes_belong_to_the_cells():
    values = np.array([[[0, 0, 9]], [[1, 2, 2]]])  # two channels, one row of three cells
    like = alike_neighbours(values, lambda one, other: (one == other).all(axis=0))
    assert not like.any()
    assert alike_neighbours(values[:1], lambda one, other: (one == other).all(axis=0)).sum() == 2


def test_a_single_cell_has_no_neighbours():
    assert not alike_neighbours(np.zeros((1, 1)), np.equal).any()
