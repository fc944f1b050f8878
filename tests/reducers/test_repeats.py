"""Cells beside each other that show the same become the same."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pixelization.pixelizer import Pixelizer
from pixelization.reducers.repeats import unite_repeats
from tests.reducers.lettered import rows, sprite


def striped(side, seed=0):
    """A picture of ``side`` pixels whose rows have one colour each."""
    colors = np.random.default_rng(seed).integers(0, 256, (side, 1, 4), dtype=np.uint8)
    return np.repeat(colors, side, axis=1)


def turned(array):
    return np.ascontiguousarray(array.swapaxes(0, 1))


def united(picture, *lines):
    return rows(unite_repeats(picture, sprite(*lines)))


def test_what_most_cells_of_a_run_are_wins_and_of_two_parties_the_first():
    assert united(striped(20), "#.#..", ".####", "r#r#.", ".....", "##.r.") == [
        ".....",
        "#####",
        "rrrrr",
        ".....",
        "#####",
    ]


def test_a_run_ends_half_a_cell_before_the_picture_changes():
    picture = np.full((4, 36, 4), 255, np.uint8)
    picture[:, 16:, 0] -= 1
    assert united(picture, "#..r" + "r.###") == ["...r" + "r####"]
    picture[:, 12:16, 0] -= 1  # now it changes a cell before
    assert united(picture, "#..r" + "r.###") == ["#..r" + "#####"]


@pytest.mark.parametrize("turn", [np.asarray, turned])
def test_a_line_just_beyond_a_cell_stays_in_it(turn):
    """Lines at a border of cells are in the row before it."""
    picture = np.full((24, 24, 4), 255, np.uint8)
    picture[12, 4:20] = 0
    lined = sprite("......", "......", ".####.", "......", "......", "......")
    assert unite_repeats(turn(picture), turn(lined)).tolist() == turn(lined).tolist()


def test_two_cells_are_no_run():
    picture = np.random.default_rng(1).integers(0, 256, (4, 12, 4), dtype=np.uint8)
    picture[:, 4:] = 90
    assert united(picture, "..#") == ["..#"]


@pytest.mark.parametrize("row", range(16))
def test_nothing_changes_half_a_cell_above_and_below(row):
    picture = striped(16)
    picture[row, [3, 7, 11], 0] ^= 1
    mended = united(picture, "....", "....", ".#..", "....") == ["...."] * 4
    assert mended == (not 6 <= row <= 13)  # the cell is of rows 8 to 11


@pytest.mark.parametrize("turn", [np.asarray, turned])
@pytest.mark.parametrize("side", [24, 36, 50, 96])
def test_rows_of_one_colour_become_rows_of_one(side, turn):
    ragged = sprite(*np.random.default_rng(side).choice([*"#.r "], (12, 12)).tolist())
    made = turn(unite_repeats(turn(striped(side)), turn(ragged)))
    assert (made == made[:, :1]).all()
    again = unite_repeats(turn(striped(side)), turn(made))
    assert (turn(again) == made).all()


def test_a_picture_that_changes_everywhere_leaves_the_sprite():
    picture = np.random.default_rng(2).integers(0, 256, (32, 32, 4), dtype=np.uint8)
    ragged = sprite("#..#", "....", ".##.", "#..#")
    assert unite_repeats(picture, ragged) is ragged


@pytest.mark.parametrize("place", [123, 124, 125])
def test_frames_of_a_panel_have_no_teeth(place):
    """Slots with a soft line below them, between two rows of cells."""
    panel = Image.new("RGB", (400, 160), (74, 58, 102))
    draw = ImageDraw.Draw(panel)
    for left in range(20, 360, 70):
        draw.rectangle((left, 30, left + 54, place + 4), fill=(229, 198, 124))
        draw.rectangle((left + 3, 33, left + 51, place), fill=(30, 22, 45))
        draw.line((left + 3, place + 1, left + 51, place + 1), fill=(171, 147, 101))
    made = np.asarray(Pixelizer.from_pretrained("lite").pixelize(panel, size=200).image)
    # amid a slot, below its middle: each row has one colour
    inside = made[40:, 15:34]
    assert (inside == inside[:, :1]).all()
