"""How large sprites are."""

import pytest

from pixelization.cells.sizes import Longest
from pixelization.errors import UserError
from pixelization.reducers.base import check_cell_size, check_size, sprite_size, tile_cell


def test_sizes():
    assert sprite_size((64, 48), 1, None) == (64, 48)
    assert sprite_size((64, 48), None, (64, 48)) == (64, 48)
    assert sprite_size((64, 48), (8, 4), None) == (8, 12)
    assert sprite_size((64, 48), None, (16, None)) == (16, 12)
    assert check_size((64, None), (64, 48), 1) == (64, 48)
    assert check_cell_size(4) == check_cell_size((4, 4)) == (4.0, 4.0)


def test_sizes_out_of_range():
    with pytest.raises(UserError, match="at least 2 pixels, so the largest size is 32x24"):
        sprite_size((64, 48), None, (33, 24))
    with pytest.raises(UserError, match="at least 1 pixel, so the largest size is 64x48"):
        check_size((65, None), (64, 48), 1)
    with pytest.raises(UserError, match="cell size 1 is out of range: .* at least 2, or 1 to keep"):
        sprite_size((64, 48), (1, 4), None)
    with pytest.raises(UserError, match="cell size 1.5 is out of range"):
        sprite_size((64, 48), 1.5, None)
    with pytest.raises(UserError, match="so the largest size is 32x24; the image's own size keeps"):
        sprite_size((64, 48), None, (64, 47))
    with pytest.raises(ValueError, match="either cell_size or size"):
        sprite_size((64, 48), 4, (8, 8))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ((3000, 2000), (64, 43)),
        ((256, 512), (32, 64)),
        ((129, 64), (64, 32)),
        ((128, 20), (64, 10)),
        ((100, 75), (50, 38)),  # cells of 2 pixels: there are no smaller ones
        ((65, 65), (32, 32)),
        ((64, 40), (64, 40)),  # every pixel
        ((7, 3), (7, 3)),
        ((1, 1), (1, 1)),
    ],
)
def test_the_default_is_64_cells_or_as_many_as_there_can_be(image, expected):
    assert sprite_size(image, None, None) == expected
    assert sprite_size(image, None, Longest(64)) == expected


@pytest.mark.parametrize(("longest", "expected"), [(64, (60, 30)), (30, (30, 15)), (70, (60, 30))])
def test_a_longer_side_of_pixel_art(longest, expected):
    assert check_size(Longest(longest), (60, 30), 1) == expected


def test_cells_of_tiles():
    assert [tile_cell(Longest(64), side, 2) for side in (640, 100, 64, 16)] == [10, 2, 1, 1]
    assert tile_cell(Longest(64), 96, 1) == 1.5
