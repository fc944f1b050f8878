"""What the picture shows twice looks the same in the sprite."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pixelization.pixelizer import Pixelizer
from pixelization.reducers.twins import unite_twins

CELL = 8
BLANK = (255, 165, 0, 255)
INK = np.array((20, 20, 40, 255), np.uint8)


def picture(*shapes, size=(20, 12), ground=BLANK):
    """Polygons or ellipses in cells, on one ground, 8 pixels to a cell."""
    image = Image.new("RGBA", (size[0] * CELL, size[1] * CELL), ground)
    draw = ImageDraw.Draw(image)
    for points in shapes:
        scaled = [round(each * CELL) for each in points]
        draw.ellipse(scaled, fill=tuple(INK)) if len(scaled) == 4 else draw.polygon(
            scaled, fill=tuple(INK)
        )
    return np.array(image)


def sprite(*cells, size=(20, 12), ground=BLANK):
    """A sprite of which these cells, (x, y), are ink."""
    made = np.full((size[1], size[0], 4), ground, np.uint8)
    for x, y in cells:
        made[y, x] = INK
    return made


def inked(made):
    return {(int(x), int(y)) for y, x in np.argwhere((made == INK).all(axis=2))}


def eye(x, y):
    return x, y, x + 2, y + 3


BLOCK = {(x, y) for x in (4, 5) for y in (4, 5, 6)}
CROSS = {(13, 4), (12, 5), (13, 5), (14, 5), (13, 6), (13, 7)}


@pytest.mark.parametrize("ground", [BLANK, (0, 0, 0, 0)])
def test_the_better_drawing_is_taken_for_both(ground):
    pixels = picture(eye(4, 4), eye(12.4, 4.3), ground=ground)
    given = sprite(*BLOCK, *CROSS, ground=ground)
    before = given.copy()
    made = unite_twins(pixels, given)
    assert inked(made) == BLOCK | {(x + 8, y) for x, y in BLOCK}
    assert set(map(tuple, made.reshape(-1, 4).tolist())) == {ground, tuple(INK.tolist())}
    assert (given == before).all()


def test_mirror_images_are_mirrored():
    left = (4, 4, 6, 4, 6, 8, 5, 8, 5, 5, 4, 5)
    right = [20 - each if at % 2 == 0 else each for at, each in enumerate(left)]
    hook = {(4, 4), (5, 4), (5, 5), (5, 6), (5, 7)}
    given = sprite(*hook, (14, 4), (15, 4), (14, 6), (14, 7))
    made = unite_twins(picture(left, right), given)
    assert inked(made) == hook | {(19 - x, y) for x, y in hook}


def test_all_of_many_are_the_same():
    places = [(2, 2), (8.3, 2.2), (14.4, 2.4), (2.2, 7.4), (8.4, 7.1)]
    given = sprite(
        *[(2, 2), (3, 2), (2, 3), (3, 3), (2, 4), (3, 4)],
        *[(8, 2), (9, 3), (8, 4)],
        *[(15, 2), (14, 3), (15, 3), (16, 3), (15, 4)],
        *[(2, 7), (3, 8), (2, 9), (3, 9)],
        *[(8, 7), (9, 7), (8, 8), (9, 8)],
    )
    cells = inked(unite_twins(picture(*(eye(*place) for place in places)), given))
    windows = [
        {(x, y) for x, y in cells if left <= x < left + 5 and top <= y < top + 5}
        for left, top in ((1, 1), (7, 1), (13, 1), (1, 6), (7, 6))
    ]
    shapes = {
        frozenset((x - min(window)[0], y - min(y for _, y in window)) for x, y in window)
        for window in windows
    }
    assert shapes == {frozenset((x, y) for x in (0, 1) for y in (0, 1, 2))}


@pytest.mark.parametrize(
    "other",
    [
        (12.4, 4.3, 15.4, 7.3),  # a disc
        (12.4, 4.3, 14.4, 4.3, 14.4, 7.3, 12.4, 7.3),  # a rectangle
    ],
)
def test_what_is_not_the_same_stays(other):
    given = sprite(*BLOCK, *CROSS)
    assert unite_twins(picture(eye(4, 4), other), given) is given


def test_another_colour_is_not_the_same():
    pixels, given = picture(eye(4, 4), eye(12.4, 4.3)), sprite(*BLOCK, *CROSS)
    pixels[:, 80:][(pixels[:, 80:] == INK).all(axis=2)] = (20, 120, 40, 255)
    assert unite_twins(pixels, given) is given


def test_nothing_is_drawn_over_something_else():
    """A wall begins where the second one ends, and the first is drawn a cell wider."""
    wall = (0, 0, 255, 255)
    pixels = picture(eye(4, 4), eye(12, 4))
    pixels[:, 14 * CELL :] = wall
    wide = BLOCK | {(6, y) for x, y in BLOCK}
    given = sprite(*wide, *((x + 8, y) for x, y in BLOCK))
    given[:, 14:] = wall
    made = unite_twins(pixels, given)
    assert (made[:, 14:] == wall).all()
    assert inked(made) in (BLOCK | {(x + 8, y) for x, y in BLOCK}, inked(given))


def test_large_cells_are_looked_at_more_coarsely():
    pixels = picture(eye(4, 4), eye(12.4, 4.3)).repeat(4, axis=0).repeat(4, axis=1)
    made = unite_twins(pixels, sprite(*BLOCK, *CROSS))
    assert inked(made) == BLOCK | {(x + 8, y) for x, y in BLOCK}


def test_small_cells_and_textures_stay():
    pixels, given = picture(eye(4, 4), eye(12.4, 4.3)), sprite(*BLOCK, *CROSS)
    small = pixels[::6, ::6]
    assert unite_twins(small, given) is given
    dots = [(x, y, x + 1, y + 1) for x in range(1, 40, 3) for y in range(1, 20, 3)]
    many = picture(*dots, eye(42, 4), eye(50.4, 4.3), size=(58, 24))
    block = {(x + 38, y) for x, y in BLOCK}
    cross = {(x + 38, y) for x, y in CROSS}
    assert len(dots) > 64
    texture = sprite(*block, *cross, size=(58, 24))
    assert unite_twins(many, texture) is texture


def test_what_is_drawn_alike_stays_where_it_is():
    given = sprite(*BLOCK, *((x + 8, y) for x, y in BLOCK))
    assert unite_twins(picture(eye(4, 4), eye(12.2, 4.2)), given) is given


def test_networks_draw_alike_what_is_alike():
    pixels = picture(eye(4.2, 4.1), eye(12.45, 4.4), eye(7.7, 8.2))
    made = Pixelizer.from_pretrained("lite").pixelize(Image.fromarray(pixels), size=(20, 12))
    dark = np.asarray(made.image.convert("L")) < 90
    windows = [dark[3:8, 3:8], dark[3:8, 11:16], dark[7:12, 6:11]]
    shapes = [window[window.any(axis=1)][:, window.any(axis=0)] for window in windows]
    assert shapes[0].any()
    assert all(np.array_equal(shapes[0], shape) for shape in shapes)
