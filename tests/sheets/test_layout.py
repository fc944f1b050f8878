"""Tiles of a sheet, and where they go."""

import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from pixelization.errors import UserError
from pixelization.sheets.layout import (
    Box,
    assemble,
    find_ring,
    grid_tiles,
    ring_cells,
    scale_layout,
    sheet_size,
)


def sprite(height, width, seed=0, channels=3):
    return np.random.default_rng(seed).integers(1, 256, (height, width, channels), dtype=np.uint8)


def test_grid_tiles_go_row_by_row():
    assert grid_tiles((6, 4), (3, 2)) == [
        Box(0, 0, 3, 2),
        Box(3, 0, 3, 2),
        Box(0, 2, 3, 2),
        Box(3, 2, 3, 2),
    ]
    assert grid_tiles((5, 7), (5, 7)) == [Box(0, 0, 5, 7)]


@pytest.mark.parametrize(
    "tile, told",
    [
        ((32, 16), "width, 100, tiles of 25 or 50"),
        ((25, 15), "height, 64, tiles of 8 or 16"),
        ((0, 16), "width, 100, tiles of 1 "),
        ((200, 16), "width, 100, tiles of 100 "),
    ],
)
def test_tiles_that_do_not_fill_the_sheet(tile, told):
    with pytest.raises(UserError, match=told):
        grid_tiles((100, 64), tile)


@pytest.mark.parametrize(
    "total, margin, spacing, starts",
    [
        (69, 1, 1, [1, 18, 35, 52]),  # of 16: 1 + 4 * 16 + 3 + 1
        (68, 1, 1, [1, 18, 35, 52]),  # no margin behind
        (70, 1, 1, [1, 18, 35, 52]),  # a spacing behind the last, too
        (67, 0, 1, [0, 17, 34, 51]),
        (68, 0, 1, [0, 17, 34, 51]),
        (40, 4, 0, [4, 20]),
        (96, 32, 0, [32, 48]),  # a margin wider than a tile
        (16, 0, 5, [0]),
    ],
)
def test_tiles_with_a_margin_and_spacing(total, margin, spacing, starts):
    found = grid_tiles((total, total), (16, 16), margin, spacing)
    assert found == [Box(x, y, 16, 16) for y in starts for x in starts]


@pytest.mark.parametrize(
    "total, margin, spacing", [(64, 1, 0), (71, 1, 1), (15, 0, 1), (16, 9, 0), (64, 0, 100)]
)
def test_margins_and_spacings_that_do_not_fill_the_sheet(total, margin, spacing):
    with pytest.raises(
        UserError, match=f"margin of {margin} and a spacing of {spacing}: its width"
    ):
        grid_tiles((total, total), (16, 16), margin, spacing)


def test_tiles_of_a_grid_keep_one_size_edge_to_edge():
    # 10 / 4 is rounded up to 3, so 30 pixels become 9 cells rather than 8.
    assert scale_layout(grid_tiles((30, 10), (10, 10)), (4, 5)) == [
        Box(0, 0, 3, 2),
        Box(3, 0, 3, 2),
        Box(6, 0, 3, 2),
    ]
    assert scale_layout(grid_tiles((4, 4), (2, 4)), (8, 8)) == [Box(0, 0, 1, 1), Box(1, 0, 1, 1)]
    # With a margin of 4, gaps of 2 and a hole.
    boxes = [Box(4, 4, 10, 10), Box(16, 4, 10, 10), Box(28, 4, 10, 10), Box(4, 16, 10, 10)]
    assert scale_layout(boxes, (2, 2)) == [
        Box(2, 2, 5, 5),
        Box(8, 2, 5, 5),
        Box(14, 2, 5, 5),
        Box(2, 8, 5, 5),
    ]
    assert scale_layout([], (2, 2)) == []


@pytest.mark.parametrize("spacing, margin, cells", [(1, 1, 8), (1, 0, 8), (2, 1, 5.25), (3, 7, 4)])
def test_a_narrow_gap_stays_one(spacing, margin, cells):
    boxes = [
        Box(margin + x * (64 + spacing), margin + y * (64 + spacing), 64, 64)
        for y in range(2)
        for x in range(4)
    ]
    found = scale_layout(boxes, (cells, cells))
    lefts, tops = sorted({box.x for box in found}), sorted({box.y for box in found})
    assert (len(lefts), len(tops)) == (4, 2)
    first = max(1, round(margin / cells)) if margin else 0
    assert lefts[0] == tops[0] == first
    assert set(np.diff(lefts)) == {found[0].width + 1} == set(np.diff(tops))


def test_other_tiles_go_to_the_nearest_cell_borders():
    boxes = [Box(0, 0, 10, 4), Box(10, 0, 7, 9), Box(0, 4, 10, 1)]
    assert scale_layout(boxes, (4, 4)) == [Box(0, 0, 3, 1), Box(3, 0, 2, 2), Box(0, 1, 3, 1)]


def test_tiles_do_not_overlap_unless_they_did():
    # each is wider than its pixels
    assert scale_layout([Box(0, 0, 3, 8), Box(3, 0, 2, 8), Box(5, 0, 9, 8)], (8, 8)) == [
        Box(0, 0, 1, 1),
        Box(1, 0, 1, 1),
        Box(2, 0, 1, 1),
    ]
    assert scale_layout([Box(0, 0, 9, 8), Box(3, 0, 2, 8)], (8, 8)) == [
        Box(0, 0, 1, 1),
        Box(0, 0, 1, 1),
    ]


def overlap(a, b):
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


def share_rows(a, b):
    return a.y < b.bottom and b.y < a.bottom


@settings(max_examples=60, deadline=None)
@given(
    boxes=st.lists(
        st.builds(Box, *[st.integers(0, 60)] * 2, *[st.integers(1, 20)] * 2), min_size=1, max_size=9
    ),
    cell=st.tuples(st.floats(1, 9), st.floats(1, 9)),
)
def test_any_tiles_keep_their_sizes_and_stay_apart(boxes, cell):
    targets = scale_layout(boxes, cell)
    for box, target in zip(boxes, targets, strict=True):
        assert target.width == max(1, int(box.width / cell[0] + 0.5))
        assert target.height == max(1, int(box.height / cell[1] + 0.5))
        assert target.x >= 0 and target.y >= 0
    pairs = list(combinations(zip(boxes, targets, strict=True), 2))
    packed = not any(overlap(a, b) for (a, _), (b, _) in pairs)
    for (a, new_a), (b, new_b) in pairs:
        if overlap(a, b):
            continue
        assert not overlap(new_a, new_b)
        if packed and share_rows(a, b) and a.right != b.x and b.right != a.x:
            assert new_a.right != new_b.x and new_b.right != new_a.x  # a gap stays one


@pytest.mark.parametrize(
    "boxes, expected",
    [
        # tiles of other sizes, 1 pixel apart, cells of 4
        ([Box(1, 1, 8, 8), Box(10, 1, 12, 8)], [Box(1, 1, 2, 2), Box(4, 1, 3, 2)]),
        ([Box(1, 1, 8, 8), Box(1, 10, 4, 16)], [Box(1, 1, 2, 2), Box(1, 4, 1, 4)]),
        # a wide gap takes up what others gained
        (
            [Box(0, 0, 8, 4), Box(9, 0, 4, 4), Box(40, 0, 4, 8)],
            [Box(0, 0, 2, 1), Box(3, 0, 1, 1), Box(10, 0, 1, 2)],
        ),
    ],
)
def test_a_narrow_gap_stays_one_between_unlike_tiles(boxes, expected):
    assert scale_layout(boxes, (4, 4)) == expected


def extruded_sheet(sizes, ring, gap=0, seed=0, channels=3):
    """Random tiles in a row, with their borders repeated around them: the sheet, and the tiles."""
    boxes, x = [], gap
    for width, height in sizes:
        boxes.append(Box(x + ring, gap + ring, width, height))
        x += width + 2 * ring + gap
    tiles = [sprite(box.height, box.width, seed + i, channels) for i, box in enumerate(boxes)]
    return assemble(tiles, boxes, (ring, ring)), boxes, tiles


@pytest.mark.parametrize("ring, gap, sizes", [(1, 0, [(8, 8)] * 3), (2, 1, [(8, 6), (5, 9)])])
@pytest.mark.parametrize("channels", [3, 4])
def test_repeated_borders_are_found_and_made_again(ring, gap, sizes, channels):
    sheet, boxes, tiles = extruded_sheet(sizes, ring, gap, channels=channels)
    assert find_ring(sheet, boxes) == ring
    for cell in (1, 2, 4):
        targets = scale_layout(boxes, (cell, cell), (ring, ring))
        around = ring_cells((ring, ring), (cell, cell))
        assert around == (max(1, int(ring / cell + 0.5)),) * 2
        small = [tile[: box.height, : box.width] for tile, box in zip(tiles, targets, strict=True)]
        again = assemble(small, targets, around)
        assert find_ring(again, targets) >= around[0]


def test_what_is_no_repeated_border():
    sheet, boxes, _ = extruded_sheet([(8, 8)] * 2, 1, channels=4)
    broken = sheet.copy()
    broken[0, 4] ^= 1
    assert find_ring(broken, boxes) == 0
    assert find_ring(np.full_like(sheet, 255), boxes) == 0  # flat
    assert find_ring(np.zeros_like(sheet), boxes) == 0  # nothing to see
    for ground in (0, 255):  # margin and spacing of one kind around sprites with room around them
        spaced = np.full_like(sheet, ground)
        spaced[3:7, 4:8] = sprite(4, 4, 5, 4)
        assert find_ring(spaced, boxes) == 0
    touching = np.zeros_like(sheet)
    touching[:, 4:6] = (20, 30, 40, 255)  # an outline that reaches the border, repeated
    assert find_ring(touching, boxes) == 1
    assert find_ring(sheet[1:], [Box(b.x, b.y - 1, 8, 8) for b in boxes]) == 0  # at the edge
    assert find_ring(sheet, grid_tiles((20, 10), (10, 10))) == 0  # edge to edge


@pytest.mark.parametrize("turned", [False, True])
def test_many_tiles_take_no_time_for_every_pair(turned):
    boxes = [Box(i * 40, 0, 1 + i % 2 * 19, 20) for i in range(20_000)]
    if turned:
        boxes = [Box(box.y, box.x, box.height, box.width) for box in boxes]
    start = time.process_time()
    assert len(scale_layout(boxes, (8, 8))) == 20_000
    assert time.process_time() - start < 4  # 0.3 s; all pairs took 14 s


def test_assemble_puts_tiles_where_they_were():
    sheet = sprite(12, 8)
    boxes = grid_tiles((8, 12), (4, 3))
    tiles = [sheet[box.y : box.bottom, box.x : box.right] for box in boxes]
    assert np.array_equal(assemble(tiles, boxes), sheet)
    order = np.random.default_rng(0).permutation(len(boxes))
    assert np.array_equal(assemble([tiles[i] for i in order], [boxes[i] for i in order]), sheet)


def test_assemble_with_alpha_and_gaps():
    plain, clear = sprite(2, 2), np.zeros((2, 1, 4), np.uint8)
    found = assemble([plain, clear], [Box(0, 0, 2, 2), Box(2, 0, 1, 2)])
    assert found.shape == (2, 3, 4) and found[..., 3].tolist() == [[255, 255, 0]] * 2
    found = assemble([plain], [Box(1, 1, 2, 2)])
    assert found.shape == (3, 3, 4) and np.array_equal(found[1:, 1:, :3], plain)
    assert not found[0].any() and not found[:, 0].any()
    for boxes in ([Box(0, 0, 2, 3)], [], [Box(0, 0, 2, 2)] * 2):
        with pytest.raises(ValueError, match="box"):
            assemble([plain], boxes)


@pytest.mark.parametrize(
    ("size", "cell", "expected"),
    [
        ((20, 16), (2.0, 2.0), (10, 8)),
        ((23, 17), (2.0, 2.0), (12, 9)),  # rounded, at least one cell
        ((16, 16), (4.0, 4.0), (4, 4)),  # nothing is right of the tiles
        ((40, 16), (0.5, 0.5), (80, 32)),
    ],
)
def test_the_margin_right_of_tiles_and_below_them_stays(size, cell, expected):
    boxes = [Box(0, 0, 8, 8), Box(8, 0, 8, 8), Box(0, 8, 8, 8)]
    targets = scale_layout(boxes, cell)
    assert sheet_size(size, boxes, targets, cell) == expected
    tiles = [np.full((box.height, box.width, 3), 9, np.uint8) for box in targets]
    whole = assemble(tiles, targets, size=expected)
    assert whole.shape[1::-1] == expected
    assert (whole[..., 3] > 0).sum() == sum(tile[..., 0].size for tile in tiles)


def test_a_ring_of_repeated_borders_is_no_margin():
    boxes = [Box(1, 1, 8, 8), Box(11, 1, 8, 8)]
    targets = scale_layout(boxes, (2.0, 2.0), (1, 1))
    assert sheet_size((20, 10), boxes, targets, (2.0, 2.0), (1, 1)) == (12, 6)
    assert sheet_size((24, 10), boxes, targets, (2.0, 2.0), (1, 1)) == (14, 6)
