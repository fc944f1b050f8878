"""Colours as integers."""

import numpy as np

from pixelization.color.packing import commonest, pack, unpack


def test_red_is_highest_and_alpha_does_not_count():
    colors = np.array([[255, 128, 1, 7], [0, 0, 0, 255]], np.uint8)
    assert pack(colors).tolist() == [0xFF8001, 0]
    assert pack(colors).dtype == np.int32


def test_unpacking_gives_the_colours_back():
    colors = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    np.testing.assert_array_equal(unpack(pack(colors)), colors)


def test_the_commonest_come_first_and_of_equals_the_lowest():
    packed = np.array([9, 7, 5, 7, 5, 3])
    assert commonest(packed, 3).tolist() == [5, 7, 3]
    assert commonest(packed, 9).tolist() == [5, 7, 3, 9]
    assert commonest(packed[:0], 3).tolist() == []
