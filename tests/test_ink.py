"""Edges inked in main colours of the picture."""

import numpy as np
import pytest

from pixelization.cleanup.ink import SAMPLED, ink, ink_edges, ink_frames, main_colors, sampled, settle_mixtures
from pixelization.palettes.extraction import ColorHistogram

WHITE, RED, MAROON, BLUE, GREY, BLACK = (255, 255, 255), (230, 60, 60), (120, 20, 30), (40, 80, 220), (128, 128, 128), (20, 20, 20)
COLORS = np.array([WHITE, RED, MAROON, BLUE], np.uint8)
PALE, LIGHT_GREY = (242, 160, 160), (217, 217, 217)
LETTERS = {".": WHITE, "r": RED, "m": MAROON, "b": BLUE, "g": GREY, "k": BLACK, "p": PALE, "l": LIGHT_GREY}


def drawn(*rows):
    return np.array([[LETTERS[letter] for letter in row] for row in rows], np.uint8)


def counted(image):
    histogram = ColorHistogram()
    histogram.add(image)
    return histogram


def test_the_edge_of_a_form_takes_a_darker_main_colour_of_its_hue():
    sprite = drawn(".......", ".rrrrr.", ".rrrrr.", ".rrrrr.", ".rrrrr.", ".rrrrr.", ".......")
    inked = drawn(".......", ".mmmmm.", ".mrrrm.", ".mrrrm.", ".mrrrm.", ".mmmmm.", ".......")
    inked[[1, 1, 5, 5], [1, 5, 1, 5]] = RED  # corners: no cell of the form's inside is beside them, so they do not get dark
    np.testing.assert_array_equal(ink_edges(sprite, COLORS), inked)


def test_a_transparent_surrounding_is_an_edge_as_paper_is():
    sprite = np.dstack([drawn("rrrr", "rrrr", "rrrr", "...."), np.full((4, 4), 255, np.uint8)])
    sprite[3, :, 3] = 0
    inked = ink_edges(sprite, COLORS)
    np.testing.assert_array_equal(inked[:, :, :3], drawn("rrrr", "rrrr", "mmmm", "...."))  # what lies beyond the canvas is no edge
    np.testing.assert_array_equal(inked[..., 3], sprite[..., 3])


def test_no_colour_of_another_hue_is_taken():
    sprite = drawn(".....", ".....", "rrrrr", "rrrrr", "rrrrr")
    np.testing.assert_array_equal(ink_edges(sprite, np.array([WHITE, RED, (30, 110, 60)], np.uint8)), sprite)
    np.testing.assert_array_equal(ink_edges(sprite, np.array([WHITE, RED, MAROON], np.uint8))[2], drawn("mmmmm")[0])


def test_thin_lines_and_dark_cells_keep_their_colour():
    for row in ("..r..", "..k..", ".rrr."):
        sprite = drawn(*5 * [row])
        expected = sprite  # of the bar of three, the two at its sides would be dark
        if row == ".rrr.":
            expected = drawn(*5 * [".mrm."])
        np.testing.assert_array_equal(ink_edges(sprite, COLORS), expected)


def test_inside_a_drawing_no_edge_gets_dark():
    sprite = drawn(*3 * ["pppprrrr"])
    dark = np.array([WHITE, PALE, RED, MAROON], np.uint8)
    np.testing.assert_array_equal(ink_edges(sprite, dark), sprite)
    middle = np.array([180, 45, 45], np.uint8)  # darker than red, but not dark
    inked = ink_edges(sprite, np.concatenate([dark, [middle]]))
    assert (inked[:, 4] == middle).all() and (np.delete(inked, 4, axis=1) == np.delete(sprite, 4, axis=1)).all()


def test_an_edge_inside_a_drawing_keeps_closer_to_its_hue():
    brown = np.array([[130, 100, 85]], np.uint8)
    against_paper, inside = drawn(*4 * ["...rrrr"]), drawn(*4 * ["ppprrrr"])
    assert (ink_edges(against_paper, brown)[:, 3] == brown).all()
    np.testing.assert_array_equal(ink_edges(inside, brown), inside)


def test_grey_edges_take_no_colour_and_no_black():
    sprite = drawn(*4 * ["...lllll"])
    for color in ((200, 140, 30), BLACK):
        np.testing.assert_array_equal(ink_edges(sprite, np.array([color], np.uint8)), sprite)
    assert (ink_edges(sprite, np.array([(140, 140, 140)], np.uint8))[:, 3] == 140).all()
    assert (ink_edges(drawn(*4 * ["...ppppp"]), np.array([BLACK], np.uint8))[:, 3] == BLACK).all()


def test_dark_edges_that_would_take_much_of_a_drawing_take_lighter_colours():
    colors = np.concatenate([COLORS, [[180, 40, 45]]]).astype(np.uint8)
    for width, shade in ((10, MAROON), (8, (180, 40, 45))):  # one column in ten, and in eight; at most 0.115
        sprite = drawn(*12 * [".." + width * "r"])
        assert (ink(sprite, colors)[:, 2] == shade).all()
    small, large = drawn(*12 * [".." + 6 * "r"]), drawn(*12 * [".." + 20 * "r"])
    for frame in ink_frames([small, large, large], colors):  # 3 columns of 46
        assert (frame[:, 2] == MAROON).all()
    np.testing.assert_array_equal(ink(drawn(*12 * ["..rrrr"]), COLORS), drawn(*12 * ["..rrrr"]))  # there is no lighter one
    np.testing.assert_array_equal(ink(drawn(*12 * ["..rrrr"]), COLORS[2:3]), drawn(*12 * ["..rrrr"]))  # nor any


def test_a_stray_mixture_goes_and_a_detail_stays():
    sprite = drawn("kkkkkkk", "kkkkkkk", "...g...", ".......", "...b...", ".......")
    settled = settle_mixtures(sprite, COLORS)
    assert tuple(settled[2, 3]) in (WHITE, BLACK) and tuple(settled[4, 3]) == BLUE
    sprite[2, 3] = WHITE
    settled[2, 3] = WHITE
    np.testing.assert_array_equal(settled, sprite)


def test_a_stray_mixture_may_take_a_main_colour():
    sprite = drawn("kkkkk", "kkkkk", "..g..", ".....", ".....")
    settled = settle_mixtures(sprite, np.array([RED, (140, 140, 140)], np.uint8))
    assert tuple(settled[2, 2]) == (140, 140, 140)


def test_mixtures_with_what_is_transparent_are_none():
    sprite = np.dstack([drawn("...", ".g.", "..."), np.zeros((3, 3), np.uint8)])
    sprite[1, 1, 3] = 255
    np.testing.assert_array_equal(settle_mixtures(sprite, COLORS), sprite)


def test_photos_and_pictures_without_colours_stay_as_they_are():
    noise = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    np.testing.assert_array_equal(ink(noise, COLORS), noise)
    sprite = drawn(*12 * [".." + 10 * "r"])
    assert (ink(sprite, COLORS) != sprite).any()
    np.testing.assert_array_equal(ink(sprite, main_colors(ColorHistogram())), sprite)


def test_frames_are_inked_all_or_none():
    flat, busy = drawn(*12 * [".." + 10 * "r"]), np.random.default_rng(0).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    np.testing.assert_array_equal(ink_frames([flat, flat, busy], COLORS)[1], ink(flat, COLORS))
    assert (ink_frames([flat, busy, busy], COLORS)[0] == flat).all()
    one = np.full((1, 1, 3), RED, np.uint8)
    np.testing.assert_array_equal(ink(one, COLORS), one)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("seed", range(10))
def test_every_colour_is_one_of_the_sprite_or_of_the_main_ones(seed, channels):
    random = np.random.default_rng(seed)
    palette = random.integers(0, 256, (6, 3), dtype=np.uint8)
    small = random.integers(0, 6, (7, 9))
    sprite = palette[np.kron(small, np.ones((3, 3), int))]
    if channels == 4:
        sprite = np.dstack([sprite, 255 * (np.kron(random.random((7, 9)), np.ones((3, 3))) > 0.3).astype(np.uint8)])
    before = sprite.copy()
    inked = ink(sprite, COLORS)
    np.testing.assert_array_equal(sprite, before)
    known = {tuple(color) for color in np.concatenate([palette, COLORS])}
    assert {tuple(color) for color in inked[..., :3].reshape(-1, 3)} <= known
    np.testing.assert_array_equal(inked[..., 3:], sprite[..., 3:])


def test_main_colours_are_those_of_most_pixels_first():
    image = drawn(*5 * ["....rrrbbk"])
    np.testing.assert_array_equal(main_colors(counted(image)), np.array([WHITE, RED, BLUE, BLACK], np.uint8))
    assert len(main_colors(counted(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)))) == 5
    assert len(main_colors(counted(np.zeros((4, 4, 4), np.uint8)))) == 0


def test_of_a_large_picture_some_pixels_are_looked_at():
    image = np.zeros((3 * SAMPLED + 1, 5, 3), np.uint8)
    assert sampled(image).shape == (SAMPLED * 3 // 4 + 1, 5, 3)
    assert sampled(image[:SAMPLED]).shape == (SAMPLED, 5, 3)
