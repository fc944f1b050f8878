"""How large sprites are."""

import pytest

from pixelization.errors import UserError
from pixelization.reducers.base import check_cell_size, check_size, sprite_size


def test_sizes():
    assert sprite_size((64, 48), None, None) == (12, 9)
    assert sprite_size((64, 48), (8, 4), None) == (8, 12)
    assert sprite_size((64, 48), None, (16, None)) == (16, 12)
    assert check_size((64, None), (64, 48), 1) == (64, 48)
    assert check_cell_size(4) == check_cell_size((4, 4)) == (4.0, 4.0)


def test_sizes_out_of_range():
    with pytest.raises(UserError, match="at least 2 pixels, so the largest size is 32x24"):
        sprite_size((64, 48), None, (33, 24))
    with pytest.raises(UserError, match="at least 1 pixel, so the largest size is 64x48"):
        check_size((65, None), (64, 48), 1)
    with pytest.raises(UserError, match="cell size 1 is out of range: .* at least 2"):
        sprite_size((64, 48), 1, None)
    with pytest.raises(ValueError, match="either cell_size or size"):
        sprite_size((64, 48), 4, (8, 8))
