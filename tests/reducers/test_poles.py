"""Nubs at the poles of round shapes go; tips, bumps and what is long enough stay."""

import numpy as np
import pytest

from pixelization.reducers.poles import flatten_poles
from tests.reducers.lettered import COLORS, rows, sprite

CELL = 8
COIN = [
    "............",
    "............",
    ".....##.....",
    "..###rr###..",
    ".#rrrrrrrr#.",
    ".#rrrrrrrr#.",
]
FLAT = [*COIN[:2], "............", "..########..", *COIN[4:]]


def drawn(cells, heights):
    """Cells drawn larger, and over the row of the nub the shape as high as it is there.

    ``heights`` are shares of a cell, one for every cell of that row.
    """
    large = cells.repeat(CELL, 0).repeat(CELL, 1)
    large[2 * CELL : 3 * CELL] = COLORS["."]
    for column, height in enumerate(heights):
        top = 3 * CELL - round(height * CELL)
        large[top : 3 * CELL, column * CELL : (column + 1) * CELL] = COLORS["#"]
    return large


def curve(top, fall):
    """Heights that are ``top`` amid 12 cells and fall by so much for every cell away from there."""
    return [max(0.0, top - fall * max(0.0, abs(column - 5.5) - 0.5)) for column in range(12)]


@pytest.mark.parametrize("times", range(4))
def test_an_outline_is_drawn_straight_on_every_side(times):
    given, large = sprite(*COIN), drawn(sprite(*COIN), curve(0.5, 0.125))
    made = flatten_poles(np.rot90(large, times), np.rot90(given, times))
    assert rows(np.rot90(made, -times)) == FLAT
    assert rows(given) == COIN  # what is given stays as it is


def test_a_nub_on_something_solid_goes():
    given = sprite(*COIN[:3], "..########..", ".##########.", ".##########.")
    made = flatten_poles(drawn(given, curve(0.5, 0.125)), given)
    assert rows(made) == [*COIN[:2], "............", "..########..", *[".##########."] * 2]


@pytest.mark.parametrize(
    ("run", "goes"), [("#", True), ("##", True), ("###", True), ("####", False)]
)
def test_runs_of_up_to_three_cells_go(run, goes):
    width = 2 * 6 + len(run)
    given = sprite(
        *["." * width] * 2,
        run.center(width, "."),
        "." + "#" * (width - 2) + ".",
        *["#" * width] * 2,
    )
    heights = [0.5] * width
    made = flatten_poles(drawn(given, heights), given)
    assert (rows(made)[2] == "." * width) == goes


@pytest.mark.parametrize(
    ("heights", "goes"),
    [
        (curve(0.5, 0.125), True),
        (curve(0.5, 0.25), False),  # a roof: it falls by as much from cell to cell
        ([0.0] * 5 + [0.5] * 2 + [0.0] * 5, False),  # a bump
        ([0.0] * 5 + [0.5] * 7, False),  # a step
        (curve(0.625, 0.125), True),
        (curve(0.875, 0.125), False),  # covered
    ],
)
def test_what_the_picture_shows_decides(heights, goes):
    given = sprite(*COIN)
    assert rows(flatten_poles(drawn(given, heights), given)) == (FLAT if goes else COIN)


@pytest.mark.parametrize(
    "changed",
    [
        (3, "...##rr##..."),  # runs beside it are no longer than it is
        (2, ".....##..#.."),  # something else stands on the shape
        (1, "......#....."),  # the tip of something higher
        (0, "rrrrrrrrrrrr"),  # ground of one cell: an outline, whose inner side this is
        (3, "..###rrrr#.."),  # beside it the shape is another one
    ],
)
def test_other_shapes_stay(changed):
    index, row = changed
    given = [*COIN[:index], row, *COIN[index + 1 :]]
    cells = sprite(*given)
    assert rows(flatten_poles(drawn(cells, curve(0.5, 0.125)), cells)) == given


def test_a_nub_at_the_border_of_the_canvas_has_ground_beyond():
    given = sprite(*COIN[1:])
    large = drawn(sprite(*COIN), curve(0.5, 0.125))[CELL:]
    assert rows(flatten_poles(large, given)) == FLAT[1:]


@pytest.mark.parametrize("shape", [(1, 1), (4, 30), (30, 4), (5, 8), (3, 3)])
def test_small_canvases_stay(shape):
    cells = np.random.default_rng(0).integers(0, 256, (*shape, 4), np.uint8)
    cells[..., 3] = 255
    assert flatten_poles(cells.repeat(CELL, 0).repeat(CELL, 1), cells).shape == cells.shape


def test_nothing_to_do_gives_the_same_sprite():
    given = sprite(*FLAT)
    assert flatten_poles(drawn(given, [0.0] * 12), given) is given
