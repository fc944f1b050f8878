"""A flat background becomes transparent."""

import numpy as np
import pytest

from pixelization.color.oklab import perceptual
from pixelization.finishing.background import (
    background_color,
    ground_areas,
    remove_background,
)
from pixelization.images.alpha import with_alpha
from tests.make import RED, WHITE, enlarged, mask, scene, silhouette


def test_the_background_goes_and_what_it_encloses_stays():
    ring = scene("......", ".rrrr.", ".r..r.", ".rrrr.", "......")
    removed = remove_background(ring)
    assert removed.shape == (5, 6, 4)
    opaque = mask("......", ".####.", ".####.", ".####.", "......")
    np.testing.assert_array_equal(removed[..., 3] == 255, opaque)
    np.testing.assert_array_equal(removed[opaque][:, :3], ring[opaque])
    assert not removed[~opaque].any()
    np.testing.assert_array_equal(
        remove_background(ring, holes=True)[..., 3] == 255, (ring == RED).all(axis=2)
    )


def test_the_fill_does_not_pass_between_corners():
    sprite = scene(".....", "..r..", ".r.r.", "..r..", ".....")
    assert remove_background(sprite)[2, 2].tolist() == [*WHITE, 255]


def test_the_tolerance_is_a_perceptual_distance():
    sprite = scene(".....", ".nnnr", ".....", n=(240, 240, 240))
    distance = np.linalg.norm(perceptual(sprite[1, 1]) - perceptual(sprite[0, 0]))
    assert remove_background(sprite, tolerance=distance + 0.001)[1, 1, 3] == 0
    assert remove_background(sprite, tolerance=distance - 0.001)[1, 1, 3] == 255


def test_specks_between_background_and_drawing_go():
    """As JPEG leaves them: a cell or two, nearly of the background's colour."""
    sprite = scene(
        ".........",
        ".n....n..",
        ".nrrrrr..",
        "nnrwrrrn.",
        ".nrrrrr..",
        "..nn.....",
        ".......n.",
        "..p......",
        "......p..",
        ".......b.",
        n=(240, 240, 246),
        w=(240, 240, 240),
        p=(233, 233, 238),
        b=(0, 0, 0),
    )
    gone = remove_background(sprite)[..., 3] == 0
    drawing = mask(
        ".........",
        ".#.......",
        ".######..",
        "#######..",
        ".######..",
        "..##.....",
        ".........",
        "..#......",
        "......#..",
        ".......#.",
    )
    np.testing.assert_array_equal(gone, ~drawing)
    # the pale area of seven cells, what is enclosed, and what is less pale and stands by itself,
    # also at a corner, are the drawing's


def test_the_background_is_the_most_frequent_colour_of_the_border():
    sprite = scene("rr...", "rrrrr", "rrrrr", "rrr..")
    assert background_color(sprite) == RED
    assert background_color(scene("..", "..")) == WHITE
    assert background_color(scene("r")) == RED


def test_a_border_that_does_not_agree_is_no_background():
    colors = {"a": (0, 0, 0), "b": (255, 0, 0), "c": (0, 0, 255)}
    sprite = scene("aab.", "a..b", "c..b", "c.cc", **colors)
    assert background_color(sprite) is None
    np.testing.assert_array_equal(remove_background(sprite), sprite)


@pytest.mark.parametrize("level", [3, 128, 255])
def test_shades_of_the_background_agree(level):
    sprite = np.full((8, 8, 3), level, np.uint8) - np.random.default_rng(0).integers(
        0, 4, (8, 8, 1)
    ).astype(np.uint8)
    sprite[3:5, 3:5] = RED
    assert remove_background(sprite)[..., 3].sum() == 4 * 255


def test_what_is_transparent_already_lets_the_fill_through_and_may_be_all():
    sprite = np.dstack(
        [scene(".....", ".rrr.", ".r.r.", ".....", "....."), np.full((5, 5), 255, np.uint8)]
    )
    sprite[4, 2] = sprite[3, 2] = 0
    removed = remove_background(sprite)
    assert removed[2, 2, 3] == 0 and removed[1, 1, 3] == 255
    cut_out = silhouette(".....", ".###.", ".###.", ".....")
    assert background_color(cut_out) is None
    np.testing.assert_array_equal(remove_background(cut_out), cut_out)


def box(side, line, ink=(0, 0, 0)):
    """A white box with a thin outline, on white, and the cells of 8 pixels inside it."""
    source = np.full((side, side, 3), 255, np.uint8)
    source[8 : side - 8, 8 : side - 8] = ink
    source[8 + line : side - 8 - line, 8 + line : side - 8 - line] = 255
    inside = np.zeros((side // 8, side // 8), bool)
    inside[1:-1, 1:-1] = True
    return source, inside


@pytest.mark.parametrize("line", [1, 2, 3])
def test_an_outline_that_the_sprite_has_lost_still_encloses_its_body(line):
    source, inside = box(64, line)
    assert np.array_equal(ground_areas(source, WHITE, (8, 8)) > 0, inside)
    areas = ground_areas(source, WHITE, (8, 8))
    lost = np.full((8, 8, 3), 255, np.uint8)  # no cell kept the outline
    kept = remove_background(lost, WHITE, areas=areas)
    assert np.array_equal(kept[..., 3] == 255, inside)
    assert not remove_background(lost, WHITE, areas=areas, holes=True).any()


def test_background_behind_a_gap_that_the_sprite_has_closed_goes_too():
    source = np.full((64, 64, 3), 255, np.uint8)
    source[16:48, 16:48] = RED
    source[24:40, 24:40] = 255  # seen through a gap of two pixels
    source[16:24, 30:32] = 255
    areas = ground_areas(source, WHITE, (8, 8))
    assert (areas[3:5, 3:5] == -1).all() and areas[2, 3] == -1 and areas[5, 3] == 0
    closed = np.full((8, 8, 3), 255, np.uint8)
    closed[2:6, 2:6] = RED
    closed[3:5, 3:5] = 255
    bare = remove_background(closed, WHITE, areas=areas)
    assert np.array_equal(bare[..., 3] == 255, (closed == RED).all(-1))
    assert (remove_background(closed, WHITE)[3:5, 3:5, 3] == 255).all()


def test_a_gleam_beside_the_background_stays():
    source = np.full((64, 64, 3), 255, np.uint8)
    source[16:48, 17:48] = RED  # the cells at its left have a column of background
    source[18:22, 19:23] = 255
    areas = ground_areas(source, WHITE, (8, 8))
    assert areas[2, 2] == 0 and areas[3, 2] == -1


def test_an_outline_that_is_open_encloses_nothing():
    source, inside = box(64, 2)
    source[30:32, 8:10] = 255
    assert not (ground_areas(source, WHITE, (8, 8)) > 0).any()
    source[30:32, 8:10] = 0
    assert np.array_equal(ground_areas(source, WHITE, (8, 8)) > 0, inside)


def test_cells_that_do_not_divide_the_source_evenly_own_the_pixels_of_their_centres():
    source = np.full((50, 37, 3), 255, np.uint8)
    source[10:40, 5:30] = RED
    source[12:38, 7:28] = 255
    enclosed = ground_areas(source, WHITE, (7, 5)) > 0
    expected = np.zeros((7, 5), bool)
    expected[2:5, 1:4] = True  # rows of 7.1 and columns of 7.4 pixels
    assert np.array_equal(enclosed[2:5, 1:4], expected[2:5, 1:4])
    assert not enclosed[[0, -1]].any() and not enclosed[:, 0].any()


def test_specks_smaller_than_a_cell_enclose_nothing():
    source = np.full((64, 64, 3), 255, np.uint8)
    noise = np.random.default_rng(0).random((64, 64)) < 0.35
    source[noise] = (200, 200, 200)
    source[0] = 255
    assert not (ground_areas(source, WHITE, (8, 8)) > 0).any()


def test_a_framed_picture_encloses_nothing():
    source, _ = box(64, 2)
    source[[0, -1]] = source[:, [0, -1]] = 0
    assert not ground_areas(source, WHITE, (8, 8)).any()


def test_what_is_transparent_in_the_source_lets_the_fill_through():
    source, inside = box(64, 2)
    source = with_alpha(source)
    assert np.array_equal(ground_areas(source, WHITE, (8, 8)) > 0, inside)
    source[28:36, 8:10, 3] = 0
    assert not (ground_areas(source, WHITE, (8, 8)) > 0).any()


def test_flat_cells_are_enclosed_as_the_fill_among_cells_finds_them():
    sprite = scene(
        "........", ".rrrrr..", ".r...r..", ".r...r..", ".rrrrr..", "......r.", "........"
    )
    areas = ground_areas(enlarged(sprite, 5), WHITE, sprite.shape[:2])
    assert np.array_equal(
        remove_background(sprite, WHITE, areas=areas), remove_background(sprite, WHITE)
    )
    assert (areas > 0).sum() == 6


COAT = (244, 244, 244)  # 0.03 from white


def test_a_fill_that_is_nearly_the_background_stays():
    image = np.full((12, 12, 3), 255, np.uint8)
    image[2:10, 4:8] = (200, 0, 0)
    image[6:12, 5:7] = COAT  # down to the border
    cleared = remove_background(image)
    assert (cleared[6:, 5:7] == (*COAT, 255)).all()
    assert cleared[..., 3].sum() == 255 * (8 * 4 + 2 * 2)


@pytest.mark.parametrize(
    "cells",
    [
        [COAT] * 7,  # too few
        [(244 + number % 3, 244, 244) for number in range(12)],  # none that most have
    ],
)
def test_noise_of_the_background_goes(cells):
    image = np.full((12, 12, 3), 255, np.uint8)
    image[4:8, 4:8] = (200, 0, 0)
    image[11, : len(cells)] = cells
    cleared = remove_background(image)
    assert cleared[..., 3].sum() == 255 * 16


def test_a_fill_that_no_eye_tells_from_the_background_goes():
    image = np.full((12, 12, 3), 255, np.uint8)
    image[4:8, 4:8] = (200, 0, 0)
    image[8:, :] = (252, 252, 252)
    assert remove_background(image)[..., 3].sum() == 255 * 16
