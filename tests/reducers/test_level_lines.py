"""Level and upright lines stay in one row, and all that is not one stays as it is."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pixelization.reducers.level_lines import straighten_lines
from tests.reducers.lettered import BLACK, CLEAR, RED, WHITE, rows, sprite

CELL, WIDTH = 8, 7


def picture(top, bottom, *, cell=CELL, ground=WHITE):
    """A black line from one height to another, in cells, across 6 x 7 cells, anti-aliased."""
    large = 8 * cell
    image = Image.new("RGBA", (WIDTH * large, 6 * large), ground)
    box = (0, round(top * large), WIDTH * large, round(bottom * large) - 1)
    ImageDraw.Draw(image).rectangle(box, fill=BLACK)
    return np.array(image.resize((WIDTH * cell, 6 * cell), Image.Resampling.BOX))


def made(upper, lower):
    """A sprite with two rows amid white ones."""
    return sprite(".......", ".......", upper, lower, ".......", ".......")


def amid(result):
    assert rows(result)[:2] == rows(result)[4:] == ["......."] * 2
    return rows(result)[2:4]


TIE = picture(2.75, 3.25)  # as much in one row as in the other
WHOLE, NONE = "#######", "......."


def test_a_line_goes_where_more_of_it_lies():
    torn = made("###...#", "...##..")
    assert amid(straighten_lines(picture(2.5, 3.25), torn)) == [WHOLE, NONE]
    assert amid(straighten_lines(picture(2.875, 3.375), torn)) == [NONE, WHOLE]


def test_of_a_line_that_lies_in_both_most_cells_decide():
    assert amid(straighten_lines(TIE, made("###...#", "...##.."))) == [WHOLE, NONE]
    assert amid(straighten_lines(TIE, made("##.....", "..##.##"))) == [NONE, WHOLE]


def test_a_line_is_not_put_where_no_cell_has_it():
    assert amid(straighten_lines(picture(2.5, 3.25), made(NONE, "##.####"))) == [NONE, WHOLE]


def test_two_cells_of_it_are_enough_and_one_is_not():
    assert amid(straighten_lines(TIE, made("#.....#", NONE))) == [WHOLE, NONE]
    alone = made("...#...", NONE)
    assert straighten_lines(TIE, alone) is alone


def test_a_thin_line_is_in_one_row_only():
    assert amid(straighten_lines(TIE, made("####.##", "##..###"))) == [WHOLE, NONE]
    assert amid(straighten_lines(picture(2.875, 3.375), made("#######", "..#####"))) == [
        NONE,
        WHOLE,
    ]


def test_where_a_line_goes_on_in_what_looks_like_it_that_stays():
    """A coat of a light grey, above a white gap between trousers."""
    coat = (232, 232, 232, 255)
    pixels = np.concatenate([picture(2.5, 3.25)] * 2, axis=1)
    pixels = 255 - pixels  # white on black
    pixels[..., 3] = 255
    pixels[:, 7 * CELL :] = coat
    given = np.zeros((6, 14, 4), np.uint8)
    given[..., 3] = 255
    given[2, [0, 1, 2, 6], :3] = 255
    given[3, [3, 4], :3] = 255
    given[:, 7:] = coat
    made = straighten_lines(pixels, given)
    assert (made[2, :7] == 255).all() and (made[3, :7, :3] == 0).all()
    assert (made[:, 7:] == coat).all()


def test_a_thick_one_may_be_in_both():
    thick = picture(2.25, 3.75)
    assert amid(straighten_lines(thick, made("##.####", "#######"))) == [WHOLE, WHOLE]
    assert amid(straighten_lines(thick, made("##.....", "#######"))) == [NONE, WHOLE]


@pytest.mark.parametrize("cell", [3, 5, 8, 21])
def test_whatever_pixels_a_cell_has(cell):
    pixels = picture(2.5, 3.25, cell=cell)
    assert amid(straighten_lines(pixels, made("##..#..", "..#...#"))) == [WHOLE, NONE]


def test_stretches_of_one_line_lie_in_one_row():
    pixels = crossed(3, 4)
    apart = made("###....", "....###")
    apart[:, 3] = BLACK
    straight = straighten_lines(pixels, apart)
    assert rows(straight)[2:4] == ["#######", "...#..."]


def test_a_line_goes_on_across_what_has_its_colour():
    pixels = crossed(3, 5)
    apart = made("##.....", "..#....")
    apart[[0, 1, 3, 4, 5], 3:5] = BLACK  # a hole where both cross
    assert rows(straighten_lines(pixels, apart))[2:4] == ["#######", "...##.."]


def test_a_line_goes_on_below_something_else():
    pixels = TIE.copy()
    pixels[:22, 4 * CELL :] = RED  # stands on the line
    above = made("###.#..", "...####")
    above[:2, 4:] = RED
    above[2, 4:] = RED, BLACK, RED
    straight = straighten_lines(pixels, above)
    assert rows(straight)[1:4] == ["....rrr", "#######", "......."]


def test_it_does_not_go_on_across_something_else():
    pixels = crossed(3, 4, color=RED)
    apart = made("###....", "....###")
    apart[:, 3] = RED
    assert rows(straighten_lines(pixels, apart))[2:4] == ["###r###", "...r..."]


def test_other_lines_of_the_same_rows_stay():
    pixels = np.concatenate([picture(2.5, 3.25), picture(2.875, 3.375)], axis=1)
    cells = sprite(*(["." * 14] * 2), "#####..#######", ".......#######", *(["." * 14] * 2))
    cells[2, 7:], cells[3, 5:7] = WHITE, BLACK
    straight = straighten_lines(pixels, cells)
    assert rows(straight)[2:4] == ["#######.......", ".......#######"]


def test_the_end_of_a_line_comes_along():
    pixels = TIE.copy()
    pixels[:, 5 * CELL + 3 :] = WHITE  # it ends amid the sixth cell
    hook = made("####...", "...#.#.")
    hook[2, 4] = BLACK
    assert amid(straighten_lines(pixels, hook)) == ["######.", "......."]
    without = made("###.#..", "...#...")
    assert amid(straighten_lines(pixels, without)) == ["#####..", "......."]


def crossed(first, last, *, color=BLACK):
    """:data:`TIE` under an upright bar of these columns."""
    pixels = TIE.copy()
    pixels[:, first * CELL : last * CELL] = color
    return pixels


def test_upright_lines_are_as_level_ones():
    pixels, torn = TIE.swapaxes(0, 1), made("###...#", "...##..").swapaxes(0, 1)
    assert amid(straighten_lines(pixels, torn).swapaxes(0, 1)) == [WHOLE, NONE]


def test_a_line_may_lie_between_two_colours():
    pixels = picture(2.5, 3.25)
    pixels[:20] = RED
    torn = made("##..#rr", "..###.#")
    torn[:2] = torn[2, 2] = RED
    straight = straighten_lines(pixels, torn)
    assert rows(straight)[1:5] == ["rrrrrrr", "#######", ".......", "......."]
    below = straighten_lines(np.flip(pixels, axis=0), np.flip(torn, axis=0))
    assert (below == np.flip(straight, axis=0)).all()


def test_the_ground_may_be_nothing():
    pixels, torn = picture(2.75, 3.25, ground=CLEAR), made("###...#", "...##..")
    torn[torn[..., 0] == 255] = CLEAR
    straight = straighten_lines(pixels, torn)
    assert (straight[2] == BLACK).all() and (straight[3] == CLEAR).all()


def test_a_cell_takes_the_colour_of_the_nearest_of_the_line():
    torn = made("#..#...", NONE)
    torn[2, 3] = (40, 0, 0, 255)
    assert straighten_lines(TIE, torn)[2, :, 0].tolist() == [0, 0, 40, 40, 40, 40, 40]


def test_what_is_given_stays_as_it_is():
    pixels, torn = TIE.copy(), made("###...#", "...##..")
    given = torn.copy()
    straighten_lines(pixels, torn)
    assert (torn == given).all() and (pixels == TIE).all()


def test_what_is_whole_stays():
    for whole in (made(WHOLE, NONE), made(NONE, WHOLE), made(NONE, NONE)):
        assert straighten_lines(TIE, whole) is whole


def test_dashes_of_the_picture_stay():
    pixels = TIE.copy()
    pixels[:, 3 * CELL : 5 * CELL] = WHITE
    dashes = made("###..##", NONE)
    assert straighten_lines(pixels, dashes) is dashes


def test_a_line_that_rises_steps():
    pixels = np.full((6 * CELL, WIDTH * CELL, 4), 255, np.uint8)
    for x in range(WIDTH * CELL):
        y = round(2.3 * CELL + x / 6)
        pixels[y : y + 4, x] = BLACK
    steps = made("####...", "....###")
    assert straighten_lines(pixels, steps) is steps


def test_what_two_cells_show_is_no_line():
    pixels = TIE.copy()
    pixels[:, 2 * CELL :] = WHITE
    short = made("#......", ".#.....")
    assert straighten_lines(pixels, short) is short


def test_where_the_picture_shows_nothing_cells_stay():
    speckled = made("#.#.#..", ".#...#.")
    assert straighten_lines(np.full_like(TIE, 255), speckled) is speckled


@pytest.mark.parametrize("grid", [(1, 1), (1, 5), (2, 3), (3, 3), (5, 1), (4, 2)])
def test_small_sprites_stay(grid):
    random = np.random.default_rng(sum(grid))
    small = random.choice(np.array([WHITE, BLACK], np.uint8), size=grid)
    pixels = small.repeat(4, axis=0).repeat(4, axis=1)
    assert straighten_lines(pixels, small) is small


def test_another_line_in_the_same_rows_is_none_of_it():
    pixels = np.concatenate([TIE[: 3 * CELL + 2], np.full_like(TIE[: 3 * CELL - 2], 255)])
    pixels[3 * CELL + 2 : 4 * CELL] = RED  # a red one below the black one
    both = made("###.###", "rrr#rrr")
    assert straighten_lines(pixels, both) is both
