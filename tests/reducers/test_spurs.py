"""Cells that stick out by themselves go, and those that belong there stay."""

import numpy as np
import pytest
from PIL import Image

from pixelization.reducers.spurs import remove_spurs
from tests.reducers.lettered import BLACK, rows, sprite

CELL = 8
PUPIL = [
    ".........",
    ".........",
    "....#....",
    "...###...",
    "...###...",
    "...###...",
    ".........",
    ".........",
]
ROUND = [*PUPIL[:2], PUPIL[1], *PUPIL[3:]]


def picture(cells, cover=1.0):
    """Cells drawn larger, a part of each that has no like above it covered, from below."""
    large = cells.repeat(CELL, 0).repeat(CELL, 1)
    empty = round((1 - cover) * CELL)
    for y, x in np.argwhere((cells != cells[0, 0]).any(axis=-1)):
        if (cells[y - 1, x] == cells[0, 0]).all():
            large[y * CELL : y * CELL + empty, x * CELL : (x + 1) * CELL] = cells[0, 0]
    return large


def turned(cells, times):
    return np.ascontiguousarray(np.rot90(cells, times))


@pytest.mark.parametrize("times", range(4))
def test_a_cell_that_is_half_covered_goes_from_any_side(times):
    given = sprite(*PUPIL)
    made = remove_spurs(turned(picture(given, 0.5), times), turned(given, times))
    assert (made == turned(sprite(*ROUND), times)).all()
    assert rows(given) == PUPIL  # what is given stays as it is


@pytest.mark.parametrize(("cover", "goes"), [(0.25, True), (0.5, True), (0.625, False)])
def test_a_cell_that_is_mostly_covered_stays(cover, goes):
    given = sprite(*PUPIL)
    assert rows(remove_spurs(picture(given, cover), given)) == (ROUND if goes else PUPIL)


@pytest.mark.parametrize("times", range(4))
@pytest.mark.parametrize(
    ("start", "end", "grey", "goes"),
    [
        (0, 6, 0, True),
        (0, 7, 0, False),
        (0, 8, 0, False),
        (1, 8, 0, True),  # not joined to the shape
        (0, 8, 170, False),  # a third of the contrast
        (0, 8, 190, True),  # a quarter
    ],
)
def test_a_narrow_bar_that_leads_through_its_cell_stays(start, end, grey, goes, times):
    """``start`` and ``end``: pixels from the shape outwards; the bar is two pixels wide."""
    given = sprite(*PUPIL)
    pixels = picture(given, 0)
    body = 3 * CELL
    pixels[body - end : body - start, 4 * CELL + 2 : 4 * CELL + 4, :3] = grey
    made = remove_spurs(turned(pixels, times), turned(given, times))
    assert (made == turned(sprite(*(ROUND if goes else PUPIL)), times)).all()


@pytest.mark.parametrize("hidden", [(0, 0, 0, 0), (255, 0, 90, 0)])
def test_what_is_around_may_be_nothing_whatever_colour_that_has(hidden):
    given = sprite(*[row.replace(".", " ") for row in PUPIL])
    pixels = picture(given, 0.5)
    pixels[pixels[..., 3] == 0] = hidden
    made = rows(remove_spurs(pixels, given))
    assert made == [row.replace(".", " ") for row in ROUND]


def test_a_hole_is_a_shape_too():
    swapped = str.maketrans("#.", ".#")
    given = sprite(*[row.translate(swapped) for row in PUPIL])
    made = rows(remove_spurs(picture(given, 0.5), given))
    assert made == [row.translate(swapped) for row in ROUND]


def test_a_cross_is_a_cross():
    cross = sprite(*PUPIL[:6], PUPIL[2], *PUPIL[:2])
    assert rows(remove_spurs(picture(cross, 0.5), cross)) == rows(cross)


def test_battlements_stay():
    for teeth in ("..#.#.#..", "..#..#..."):
        wall = sprite(*[PUPIL[0]] * 2, teeth, *[".#######."] * 4, *[PUPIL[0]] * 2)
        assert (remove_spurs(picture(wall, 0.5), wall) == wall).all()


def test_spurs_of_two_shapes_are_none_of_a_comb():
    eyes = np.concatenate([sprite(*PUPIL)] * 2, axis=1)
    round_eyes = np.concatenate([sprite(*ROUND)] * 2, axis=1)
    assert (remove_spurs(picture(eyes, 0.5), eyes) == round_eyes).all()


def test_a_tip_stays():
    tip = sprite(*PUPIL[:4], "..#####..", ".#######.", *PUPIL[:2])
    assert (remove_spurs(picture(tip, 0.5), tip) == tip).all()


def test_a_cell_on_a_wide_side_goes():
    wide = sprite(*PUPIL[:3], *["..#####.."] * 3, *PUPIL[:3])
    assert rows(remove_spurs(picture(wide, 0.5), wide))[2] == PUPIL[0]


def test_a_shape_ends_where_another_begins():
    two = sprite(*PUPIL[:6], PUPIL[0], *PUPIL[3:6], PUPIL[2], *PUPIL[:2])
    assert rows(remove_spurs(picture(two, 0.5), two))[2] == PUPIL[0]


@pytest.mark.parametrize(("cells", "goes"), [(8, True), (9, False)])
def test_a_large_shape_keeps_its_cell(cells, goes):
    large = sprite(*PUPIL[:3], *[PUPIL[3]] * cells, *PUPIL[:2])
    made = remove_spurs(picture(large, 0.5), large)
    assert rows(made)[2] == ("........." if goes else PUPIL[2])


def test_a_stalk_of_two_cells_stays():
    stalk = sprite(*PUPIL[:2], PUPIL[2], *PUPIL[2:])
    assert (remove_spurs(picture(stalk, 0.5), stalk) == stalk).all()


def test_a_cell_beside_another_colour_stays():
    for above in ((PUPIL[1], "...r#...."), ("...r.....", PUPIL[2]), ("....r....", PUPIL[2])):
        touched = sprite(PUPIL[0], *above, *PUPIL[3:])
        assert (remove_spurs(picture(touched, 0.5), touched) == touched).all()


@pytest.mark.parametrize(("red", "goes"), [(195, False), (185, True)])
def test_a_shape_of_nearly_the_colour_around_it_stays(red, goes):
    pale = sprite(*PUPIL)
    pale[(pale == BLACK).all(axis=-1)] = (red, 255, 255, 255)
    assert ((remove_spurs(picture(pale, 0.5), pale) != pale).any(axis=-1).sum() == 1) == goes


def test_cells_at_the_border_stay():
    cut = sprite(*[row[2:] for row in PUPIL[1:]])  # the spur in the second row
    assert (remove_spurs(picture(cut, 0.5), cut) == cut).all()


@pytest.mark.parametrize("size", [(1, 1), (2, 7), (4, 4), (5, 5), (40, 3)])
def test_sprites_of_one_colour_stay_whatever_their_size(size):
    flat = np.full((*size, 4), 90, np.uint8)
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 4), np.uint8)
    assert remove_spurs(pixels, flat) is flat


def test_any_picture_has_cells_of_any_size():
    given = sprite(*PUPIL)
    small = np.array(Image.fromarray(picture(given, 0.5)).resize((48, 48), Image.Resampling.BOX))
    assert rows(remove_spurs(small, given)) == ROUND
