"""Level and upright edges get no teeth, and all that is not one stays as it is."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pixelization.reducers.edges import straighten_edges
from tests.reducers.lettered import BLACK, CLEAR, WHITE, rows, sprite

CELL = 8


def picture(cells, corners, *, cell=CELL):
    """A black polygon whose corners are given in cells, anti-aliased."""
    large = 8 * cell
    image = Image.new("RGBA", (cells[1] * large, cells[0] * large), WHITE)
    ImageDraw.Draw(image).polygon([(x * large, y * large) for x, y in corners], fill=BLACK)
    return np.array(image.resize((cells[1] * cell, cells[0] * cell), Image.Resampling.BOX))


HALF = picture((4, 7), [(0, 1.5), (8, 1.5), (8, 5), (0, 5)])  # black from amid the second row
TOOTHED = sprite(".......", "##.##.#", "#######", "#######")


def test_most_cells_decide_where_an_edge_runs():
    assert rows(straighten_edges(HALF, TOOTHED)) == [".......", "#######", "#######", "#######"]
    few = sprite(".......", ".#...#.", "#######", "#######")
    assert rows(straighten_edges(HALF, few)) == [".......", ".......", "#######", "#######"]


def test_of_equal_parties_the_first_cell_decides():
    for row in ("#.#.", "##..", "#..#"):
        made = straighten_edges(HALF[:, : 4 * CELL], sprite("....", row, "####", "####"))
        assert rows(made)[1] == "####"


def test_upright_edges_are_as_level_ones():
    pixels, made = HALF.swapaxes(0, 1), TOOTHED.swapaxes(0, 1)
    upright = straighten_edges(pixels, made)
    assert (upright.swapaxes(0, 1) == straighten_edges(HALF, TOOTHED)).all()


def test_what_is_given_stays_as_it_is():
    given, pixels = TOOTHED.copy(), HALF.copy()
    straighten_edges(pixels, given)
    assert (given == TOOTHED).all() and (pixels == HALF).all()


def test_a_side_may_be_nothing():
    pixels, toothed = HALF.copy(), TOOTHED.copy()
    pixels[pixels[..., 0] > 127], toothed[toothed[..., 0] == 255] = CLEAR, CLEAR
    assert rows(straighten_edges(pixels, toothed))[1] == "#######"


def test_every_cell_takes_the_colour_of_its_own_neighbour():
    toothed = TOOTHED.copy()
    toothed[2, :, 0] = np.arange(7)  # a gradient
    assert straighten_edges(HALF, toothed)[1, :, 0].tolist() == [0, 0, 2, 0, 0, 5, 0]


@pytest.mark.parametrize("pixels_per_cell", [6, 8, 16, 32])
def test_steps_of_a_slanted_edge_stay(pixels_per_cell):
    pixels = picture((4, 7), [(0, 0.9), (7, 2.1), (7, 5), (0, 5)], cell=pixels_per_cell)
    slanted = sprite(".......", "####...", "#######", "#######")
    assert (straighten_edges(pixels, slanted) == slanted).all()


@pytest.mark.parametrize("pixels_per_cell", [6, 8, 16, 32])
def test_an_edge_that_hardly_rises_is_level(pixels_per_cell):
    pixels = picture((4, 7), [(0, 1.46), (7, 1.54), (7, 5), (0, 5)], cell=pixels_per_cell)
    assert rows(straighten_edges(pixels, TOOTHED))[1] == "#######"


@pytest.mark.parametrize("place", [2.4, 2.5, 2.7, 3.0])
def test_a_run_ends_at_a_step_wherever_that_is_in_a_cell(place):
    pixels = HALF.copy()
    pixels[CELL : 2 * CELL, round(place * CELL) :] = WHITE
    stepped = sprite(".......", "###....", "#######", "#######")
    assert (straighten_edges(pixels, stepped) == stepped).all()


def test_teeth_of_the_picture_stay():
    pixels = HALF.copy()
    pixels[CELL : 2 * CELL, 2 * CELL : 3 * CELL] = WHITE
    toothed = sprite(".......", "##.####", "#######", "#######")
    assert (straighten_edges(pixels, toothed) == toothed).all()


def test_three_cells_are_an_edge_and_two_are_none():
    made = sprite("...", "#.#", "###", "###")
    assert rows(straighten_edges(HALF[:, : 3 * CELL], made))[1] == "###"
    assert straighten_edges(HALF[:, : 2 * CELL], made[:, :2].copy())[1].tolist() == [
        list(BLACK),
        list(WHITE),
    ]


def test_a_run_ends_where_the_edge_moves():
    pixels = HALF.copy()
    pixels[CELL : 2 * CELL, 4 * CELL :] = WHITE  # a whole cell lower from there on
    made = straighten_edges(pixels, sprite(".......", "#.##...", "#######", "#######"))
    assert rows(made)[1] == "####..."


@pytest.mark.parametrize("second", ["...####", "..#####", ".######"])
def test_a_line_of_one_cell_stays(second):
    # Where it steps, cells of both rows may be like each other only: one must not leave the other.
    pixels = picture((5, 7), [(0, 1.5), (8, 1.5), (8, 2.5), (0, 2.5)])
    line = sprite(".......", "####...", second, ".......", ".......")
    made = rows(straighten_edges(pixels, line))
    assert all("#" in (one, other) for one, other in zip(*made[1:3], strict=True))
    assert any(one == other == "#" for one, other in zip(*made[1:3], strict=True)) or (
        made == rows(line)
    )


def test_an_edge_ends_where_what_lies_beside_it_changes():
    made = sprite("..rrrrr", "#.#####", "#######", "#######")
    assert (straighten_edges(HALF, made) == made).all()


@pytest.mark.parametrize("other", [(40, 40, 40, 255), (0, 63, 0, 255)])
def test_sides_that_hardly_differ_are_left_alone(other):
    pixels, toothed = HALF.copy(), TOOTHED.copy()
    toothed[toothed[..., 0] == 255] = other
    pixels[pixels[..., 0] > 127] = other
    assert (straighten_edges(pixels, toothed) == toothed).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (2, 2), (2, 9), (3, 3)])
def test_small_sprites(size):
    pixels = np.random.default_rng(0).integers(0, 256, (*(8 * side for side in size), 4), np.uint8)
    made = straighten_edges(pixels, np.full((*size, 4), 255, np.uint8))
    assert made.shape == (*size, 4) and (made == 255).all()


def test_any_picture_has_cells_of_any_size():
    # 16/3 pixels a cell, as the networks' scale of 3/16.
    small = np.array(Image.fromarray(HALF).resize((37, 21), Image.Resampling.BOX))
    assert rows(straighten_edges(small, TOOTHED))[1] == "#######"


def test_where_nothing_is_to_be_done_the_sprite_is_returned():
    flat = np.full((4, 7, 4), 255, np.uint8)
    assert straighten_edges(HALF, flat) is flat
