"""Enlarged sprites are told; sprites at native resolution are not."""

import numpy as np
import pytest

from pixelization.training.data.native import block_side, told_if_enlarged


@pytest.mark.parametrize(("factor", "expected"), [(1, 1), (2, 2), (8, 8)])
def test_the_side_of_the_blocks(factor, expected):
    sprite = np.array([[1, 1, 1], [1, 2, 1]])
    assert block_side(np.kron(sprite, np.ones((factor, factor)))) == expected
    assert block_side(np.kron(sprite, np.ones((factor, factor)))[:, 1:]) == 1
    assert block_side(np.zeros((12, 8))) == 4


def test_most_of_the_sprites_decide():
    native, large = np.eye(5), np.kron(np.eye(5), np.ones((8, 8)))
    few = [large] * 3
    assert told_if_enlarged(3, few.__getitem__) == ""
    assert "blocks of 8x8 pixels" in told_if_enlarged(5, [*few, native, native].__getitem__)
    assert told_if_enlarged(6, [*few, *[native] * 3].__getitem__) == ""
    assert "pixel-snap" in told_if_enlarged(1000, lambda index: large)
