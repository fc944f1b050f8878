"""Tiles of a sheet, and where they go."""

import time

import numpy as np
import pytest

from pixelization.errors import UserError
from pixelization.sheets.layout import Box, assemble, grid_tiles, scale_layout, span


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
    assert scale_layout(boxes, (4, 4)) == [Box(0, 0, 3, 1), Box(3, 0, 1, 2), Box(0, 1, 3, 1)]


def test_tiles_do_not_overlap_unless_they_did():
    with pytest.raises(UserError, match="0,0 and 3,0 would overlap"):
        scale_layout([Box(0, 0, 3, 8), Box(3, 0, 2, 8), Box(5, 0, 9, 8)], (8, 8))
    assert scale_layout([Box(0, 0, 9, 8), Box(3, 0, 2, 8)], (8, 8)) == [
        Box(0, 0, 1, 1),
        Box(0, 0, 1, 1),
    ]


@pytest.mark.parametrize("seed", range(20))
def test_overlaps_are_those_that_a_look_at_all_pairs_finds(seed):
    random = np.random.default_rng(seed)
    # one tile each in some places of a grid, so most lots collide in one pair or in none
    places = random.choice(36, 12, replace=False)
    boxes = [
        Box(
            int(p % 6 * 9 + random.integers(3)),
            int(p // 6 * 9),
            *map(int, random.integers(1, 7, 2)),
        )
        for p in places
    ]
    targets = [
        Box(x, y, width, height)
        for (x, width), (y, height) in (
            (span(box.x, box.width, 8), span(box.y, box.height, 11)) for box in boxes
        )
    ]

    def overlap(a, b):
        return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom

    anew = [
        f"{boxes[i].x},{boxes[i].y} and {boxes[j].x},{boxes[j].y} would"
        for j in range(len(boxes))
        for i in range(j)
        if overlap(targets[i], targets[j]) and not overlap(boxes[i], boxes[j])
    ]
    if anew:
        with pytest.raises(UserError) as told:
            scale_layout(boxes, (8, 11))
        assert any(pair in str(told.value) for pair in anew)
    else:
        assert scale_layout(boxes, (8, 11)) == targets


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
