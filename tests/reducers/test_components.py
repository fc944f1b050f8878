"""Connected components are those of scipy, with their boxes."""

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from pixelization.reducers.components import components, filled

masks = arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))


@given(masks, st.booleans())
def test_they_are_those_of_scipy(mask, corners):
    labels, boxes = components(mask, corners=corners)
    wanted, count = scipy.ndimage.label(mask, np.ones((3, 3)) if corners else None)
    assert len(boxes) == count and np.array_equal(labels, wanted)
    slices = [(slice(top, bottom), slice(left, right)) for top, left, bottom, right in boxes]
    assert slices == scipy.ndimage.find_objects(wanted)


@given(masks)
def test_holes_are_filled_as_scipy_does(mask):
    assert np.array_equal(filled(mask), scipy.ndimage.binary_fill_holes(mask))


@pytest.mark.parametrize("corners", [False, True])
def test_a_spiral_and_noise(corners):
    spiral = np.array([[cell == "#" for cell in row] for row in (
        "#########",
        "........#",
        "#######.#",
        "#.....#.#",
        "#.###.#.#",
        "#...#.#.#",
        "#####.#.#",
        "......#.#",
        "#######.#",
    )])  # fmt: skip
    labels, _ = components(spiral, corners=corners)
    assert np.array_equal(
        labels, scipy.ndimage.label(spiral, np.ones((3, 3)) if corners else None)[0]
    )
    noise = np.random.default_rng(0).random((300, 400)) < 0.6
    wanted = scipy.ndimage.label(noise, np.ones((3, 3)) if corners else None)[0]
    assert np.array_equal(components(noise, corners=corners)[0], wanted)
