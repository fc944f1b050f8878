"""Lines that the picture joins are joined in the sprite, and nothing else is."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from pixelization.reducers.gaps import join_lines
from tests.reducers.lettered import BLACK, CLEAR, RED, WHITE, rows, sprite

CELL = 8


def picture(cells, lines, *, ground=WHITE, color=BLACK, width=3):
    """Lines between points that are given in cells, anti-aliased."""
    finer = 4
    image = Image.new("RGBA", (cells[1] * CELL * finer, cells[0] * CELL * finer), ground)
    for line in lines:
        points = [tuple(place * CELL * finer for place in point) for point in line]
        ImageDraw.Draw(image).line(points, fill=color, width=width * finer)
    return np.array(image.resize((cells[1] * CELL, cells[0] * CELL), Image.Resampling.BOX))


LEVEL = picture((3, 7), [[(0, 1.5), (7, 1.5)]])
SLANTED = picture((6, 6), [[(0, 0), (6, 6)]])
WHOLE = [".......", "#######", "......."]


@pytest.mark.parametrize("row", ["###.###", "###..##", "#.##.##"])
def test_a_line_is_filled_where_the_picture_has_it(row):
    assert rows(join_lines(LEVEL, sprite(".......", row, "......."))) == WHOLE


def test_a_slanted_line_is_filled_corner_to_corner():
    broken = sprite("#.....", ".#....", "......", "...#..", "....#.", ".....#")
    assert rows(join_lines(SLANTED, broken))[2] == "..#..."


def test_both_ends_of_a_gap_fill_it_once():
    pixels, broken = picture((8, 8), [[(0, 0), (8, 8)]]), np.full((8, 8, 4), 255, np.uint8)
    broken[[0, 1, 2, 5, 6, 7], [0, 1, 2, 5, 6, 7]] = BLACK
    assert rows(join_lines(pixels, broken)) == ["." * n + "#" + "." * (7 - n) for n in range(8)]


@pytest.mark.parametrize("ground", [CLEAR, (30, 30, 60, 255)])
def test_the_ground_may_be_nothing_or_of_any_colour(ground):
    pixels = picture((3, 7), [[(0, 1.5), (7, 1.5)]], ground=ground, color=RED)
    made = np.full((3, 7, 4), ground, np.uint8)
    made[1, [0, 1, 2, 4, 5, 6]] = RED
    joined = join_lines(pixels, made)
    assert (joined[1] == RED).all() and (joined[[0, 2]] == ground).all()
    assert (made[1, 3] == ground).all()  # what is given stays as it is


def test_a_gap_of_the_picture_stays():
    pixels = picture((3, 7), [[(0, 1.5), (3, 1.5)], [(4, 1.5), (7, 1.5)]])
    made = sprite(".......", "###.###", ".......")
    assert join_lines(pixels, made) is made


def test_a_wide_gap_stays():
    made = sprite(".......", "##....#", ".......")
    assert join_lines(LEVEL, made) is made


def test_what_lies_in_the_way_stays():
    assert rows(join_lines(LEVEL, sprite(".......", "###r###", ".......")))[1] == "###r###"


def test_dots_are_no_line():
    made = sprite(".......", "..#.#..", ".......")
    assert join_lines(LEVEL, made) is made


def test_a_faint_line_is_none():
    grey = (200, 200, 200, 255)
    made = np.full((3, 7, 4), 255, np.uint8)
    made[1, [0, 1, 2, 4, 5, 6]] = grey
    assert join_lines(picture((3, 7), [[(0, 1.5), (7, 1.5)]], color=grey), made) is made


def test_lines_that_run_beside_each_other_stay_apart():
    pixels = picture((5, 7), [[(0, 1.5), (7, 1.5)], [(0, 3.5), (7, 3.5)]])
    made = sprite(".......", "#######", ".......", "#######", ".......")
    assert join_lines(pixels, made) is made


def test_a_gap_at_the_border_is_filled():
    pixels = picture((7, 2), [[(0.5, 0), (0.5, 7)]])
    made = join_lines(pixels, sprite("#.", "..", "#.", "#.", "..", "#.", "#."))
    assert rows(made) == ["#."] * 7


def test_without_lines_nothing_happens():
    random = np.random.default_rng(0).integers(0, 256, (40, 40, 4), np.uint8)
    flat = np.full((5, 5, 4), 255, np.uint8)
    assert join_lines(random, flat) is flat


@pytest.mark.parametrize("seed", range(4))
def test_lines_become_fewer_pieces_and_nothing_is_taken_away(seed):
    rng = np.random.default_rng(seed)
    pixels = picture((16, 16), rng.uniform(0, 16, (3, 2, 2)).tolist(), width=5)
    dark = pixels[4::8, 4::8, 0] < 128
    made = np.where(dark[..., None] & (rng.random((16, 16, 1)) > 0.15), BLACK, WHITE)
    made = made.astype(np.uint8)
    joined = join_lines(pixels, made)
    pieces = [ndimage.label(each[..., 0] == 0, np.ones((3, 3)))[1] for each in (made, joined)]
    assert pieces[1] < pieces[0]
    assert (joined[made[..., 0] == 0] == BLACK).all()


def test_many_ends_are_looked_at_in_parts(monkeypatch):
    pixels = picture((12, 12), [[(0, 2.5), (12, 2.5)], [(0, 8.5), (12, 8.5)]])
    made = np.full((12, 12, 4), 255, np.uint8)
    made[[2, 8]] = BLACK
    made[2, [3, 7]] = made[8, [4, 9]] = WHITE
    whole = join_lines(pixels, made)
    assert (whole[[2, 8]] == BLACK).all()
    monkeypatch.setattr("pixelization.reducers.gaps.MANY", 1)
    assert (join_lines(pixels, made) == whole).all()
