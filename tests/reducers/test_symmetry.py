"""Sprites of symmetric drawings are symmetric, as far as the drawings are."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pixelization.reducers.offset import moved
from pixelization.reducers.symmetry import even_corner, find_axis, mirrored, symmetric_axis

WHITE = (255, 255, 255)


def face(width=120, height=100, middle=60.0, mode="RGB"):
    """Two eyes, a mouth and a head, all symmetric about a column's middle or border."""
    image = Image.new("RGB", (width, height), WHITE)
    draw = ImageDraw.Draw(image)
    for left, right, top, bottom, color in (
        (-40, 40, 10, 90, "orange"),
        (-25, -10, 30, 45, "black"),
        (10, 25, 30, 45, "black"),
        (-20, 20, 60, 70, "darkred"),
    ):
        box = [middle + left, top, middle + right - 1, bottom]
        draw.ellipse([round(place) for place in box], fill=color)
    return image.convert(mode)


@pytest.mark.parametrize("middle", [60, 52, 66])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_axis_is_found_where_it_is(middle, mode):
    # columns middle - 1 and middle are mirror images
    assert find_axis(face(middle=middle, mode=mode)) == 2 * middle - 1


def test_an_odd_picture_is_mirrored_in_its_middle_column():
    pixels = np.array(face())
    pixels = np.concatenate([pixels[:, :60], pixels[:, 59:60], pixels[:, 60:]], axis=1)
    assert find_axis(Image.fromarray(pixels)) == 120


def test_a_large_picture_has_its_axis_where_a_small_one_has():
    image = face(middle=52).resize((1200, 1000), Image.Resampling.NEAREST)
    found = find_axis(image)
    assert found is not None and abs(found - (2 * 520 - 1)) <= 2


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGB", (40, 40), WHITE),
        Image.new("RGB", (1, 1)),
        Image.new("RGBA", (2, 50)),
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)),
    ],
)
def test_flat_pictures_and_noise_have_no_axis(image):
    assert find_axis(image) is None


def test_a_figure_near_the_border_has_none():
    image = Image.new("RGB", (200, 100), WHITE)
    image.paste(face(100, 100, 50), (0, 0))
    image.paste((0, 0, 0), (190, 3, 193, 40))
    assert find_axis(image) is None


@pytest.mark.parametrize("axis", range(80, 120, 3))
@pytest.mark.parametrize("columns", [24, 25, 33])
def test_the_grid_lies_evenly_on_both_halves(axis, columns):
    width = 200
    corner = even_corner(axis, width, columns)
    halves = ((axis + 1) / 2 - corner) / (width / columns / 2)
    assert abs(corner) <= width / columns / 4 + 0.5
    assert abs(halves - round(halves)) <= 1 / (width / columns) + 1e-9  # half a pixel


def test_in_the_middle_nothing_moves():
    assert even_corner(127, 128, 32) == even_corner(127, 128, 31) == 0


def test_cells_of_a_symmetric_drawing_are_those_of_its_left_half():
    image, rng = face(), np.random.default_rng(1)
    sprite = rng.integers(0, 256, (20, 24, 3), np.uint8)
    made = mirrored(sprite, image, 119)
    same = (made == made[:, ::-1]).all(axis=2)
    assert same[6:9, 7:10].all()  # the eyes; what is flat about them stays
    assert (made[:, :11] == sprite[:, :11]).all()


def test_what_differs_from_its_mirror_image_stays():
    pixels = np.array(face())
    pixels[25:50, 68:88] = (0, 200, 0)  # one eye is green
    sprite = np.random.default_rng(1).integers(0, 256, (20, 24, 3), np.uint8)
    made = mirrored(sprite, Image.fromarray(pixels), 119)
    assert (made[6:9, 14:17] == sprite[6:9, 14:17]).all()
    assert (made != sprite).any()  # the mouth is taken over


def test_what_has_no_mirror_image_in_the_picture_stays():
    image = face(middle=52)
    sprite = np.random.default_rng(1).integers(0, 256, (20, 24, 4), np.uint8)
    corner = even_corner(103, image.width, 24)
    made = mirrored(sprite, moved(image, (corner, 0)), 103 - 2 * corner)
    assert (made[:, 21:] == sprite[:, 21:]).all()  # beyond twice the axis


def test_shading_is_not_mirrored():
    ramp = np.broadcast_to(np.linspace(100, 130, 120)[None, :, None], (100, 120, 3))
    sprite = np.random.default_rng(1).integers(0, 256, (20, 24, 3), np.uint8)
    image = Image.fromarray(ramp.round().astype(np.uint8))
    assert (mirrored(sprite, image, 119) == sprite).all()


def test_beside_an_axis_on_a_border_the_cell_that_stands_out_counts():
    """A line on the axis runs now in one column, now in the other."""
    image = Image.new("RGB", (48, 64), WHITE)
    ImageDraw.Draw(image).rectangle([22, 0, 25, 63], fill="black")
    sprite = np.full((8, 6, 3), 255, np.uint8)
    for row, column in enumerate([2, 3, 3, 2, 2, 3, 2, 3]):
        sprite[row, column] = 0
    made = mirrored(sprite, image, 47)
    assert not made[:, 2:4].any() and (made[:, [0, 1, 4, 5]] == 255).all()


@pytest.mark.parametrize("left", [0, 3, 7, 12])
@pytest.mark.parametrize("columns", [13, 24, 31])
def test_an_exact_mirror_image_is_mirrored_wherever_it_lies(left, columns):
    image = Image.new("RGB", (130, 100), WHITE)
    image.paste(face(), (left, 0))
    axis, corner = 2 * left + 119, even_corner(2 * left + 119, 130, columns)
    moved_there = moved(image, (corner, 0))
    sprite = np.random.default_rng(0).integers(0, 256, (20, columns, 3), np.uint8)
    made = mirrored(sprite, moved_there, axis - 2 * corner)
    middle = round((axis - 2 * corner + 1) / (130 / columns))
    rows = slice(7, 8)  # through both eyes
    cells = int(130 / columns)  # pixels, about
    eye = (left + 60 - 18) // cells
    assert (made[rows, eye] == made[rows, middle - 1 - eye]).all()


def test_a_picture_of_which_little_is_symmetric_is_none():
    rng, image = np.random.default_rng(5), face()
    pixels = np.array(image)
    assert symmetric_axis(image, (20, 24)) == 119
    pixels[55:, :] = rng.integers(0, 2, (45, 120, 1)) * 255
    pixels[:25, :50] = rng.integers(0, 2, (25, 50, 1)) * 255
    assert symmetric_axis(Image.fromarray(pixels), (20, 24)) is None
