"""Stray pixels and doubled corners, on drawings by hand and on random ones."""

import math

import numpy as np
import pytest
from scipy import ndimage

from pixelization.finishing.isolated import remove_isolated
from pixelization.finishing.jaggies import repair_jaggies

COLORS = {
    ".": (0, 0, 0, 0),
    "#": (10, 10, 10, 255),
    "w": (250, 250, 250, 255),
    "s": (240, 190, 150, 255),  # skin
    "t": (222, 172, 132, 255),  # skin in the shade, 0.07 darker
    "r": (200, 30, 40, 255),
    "b": (60, 80, 220, 255),
}


def drawing(*rows):
    """A sprite from letters, one string per row; RGB if nothing in it is transparent."""
    rgba = np.array([[COLORS[letter] for letter in row] for row in rows], np.uint8)
    return rgba if (rgba[..., 3] == 0).any() else rgba[..., :3].copy()


def assert_becomes(function, before, after, **options):
    """In all eight orientations."""
    for turns in range(4):
        for flip in (1, -1):
            given, expected = (
                np.rot90(drawing(*rows), turns)[:, ::flip] for rows in (before, after)
            )
            np.testing.assert_array_equal(function(given, **options), expected)


def assert_stays(function, *rows):
    assert_becomes(function, rows, rows)


def test_a_stray_pixel_takes_the_colour_around_it():
    assert_becomes(
        remove_isolated, ["sssss", "sssss", "sstss", "sssss"], ["sssss", "sssss", "sssss", "sssss"]
    )
    # three neighbours in a corner agree
    assert_becomes(remove_isolated, ["tss", "sss", "sst"], ["sss", "sss", "sss"])


def test_six_of_eight_neighbours_are_enough_five_are_not():
    assert_becomes(remove_isolated, ["sssb", "stsb", "ssbb"], ["sssb", "sssb", "ssbb"])
    assert_stays(remove_isolated, "ssbb", "stbb", "ssbb")


def test_the_most_frequent_colour_wins_among_those_that_look_alike():
    sprite = np.full((3, 3, 3), 100, np.uint8)
    sprite[1, 1] = (160, 100, 100)
    sprite[0] = sprite[1, 0] = sprite[1, 2] = 101
    assert remove_isolated(sprite)[1, 1].tolist() == [101, 101, 101]


def test_pixels_that_stand_out_are_details_and_stay():
    eye = drawing("sssss", "sssss", "ss#ss", "sssss", "sssss")
    np.testing.assert_array_equal(remove_isolated(eye), eye)
    assert (remove_isolated(eye, contrast=1) == drawing("s")[0, 0]).all()


def test_pairs_in_a_row_stay():
    pair = drawing("sssssss", "stssts" + "s", "sssssss")
    np.testing.assert_array_equal(remove_isolated(pair), pair)
    assert (remove_isolated(pair, contrast=math.inf) == drawing("s")[0, 0]).all()
    far = np.pad(drawing("sss", "sts", "sss"), ((0, 0), (0, 9), (0, 0)), mode="edge")
    far[1, 10] = far[1, 1]
    assert (remove_isolated(far) == far[0, 0]).all()


def test_lines_and_patterns_are_not_isolated():
    assert_stays(remove_isolated, "sssss", "stsss", "sstss", "sssts", "sssss")
    assert_stays(remove_isolated, "ststst", "tststs", "ststst", "tststs")


def test_islands_and_holes_of_one_pixel():
    assert_becomes(remove_isolated, [".....", "..#..", ".....", "....."], ["....."] * 4)
    assert_becomes(
        remove_isolated,
        ["..." + "...", "sss...", "s.s...", "sss..."],
        ["......", "sss...", "sss...", "sss..."],
    )
    # part of the silhouette
    assert_stays(remove_isolated, "......", ".ssss.", ".ssssr", ".ssss.", "......")
    assert_stays(remove_isolated, "ssss", "ss.s", "s..s", "ssss")
    assert_stays(remove_isolated, "ss.s", "ssss", "ssss")  # a notch, not a hole


def test_a_hidden_colour_is_no_colour():
    sprite = drawing("....", ".ss.", ".ss.", "....")
    hidden = sprite.copy()
    hidden[sprite[..., 3] == 0, :3] = np.random.default_rng(0).integers(0, 256, (12, 3))
    for function in (remove_isolated, repair_jaggies):
        np.testing.assert_array_equal(function(hidden), hidden)


def test_a_diagonal_with_doubled_corners_becomes_clean():
    before = [
        "ssssssss",
        "s#ssssss",
        "s##sssss",
        "ss##ssss",
        "sss##sss",
        "ssss##ss",
        "sssss##s",
        "ssssssss",
    ]
    cleaned = repair_jaggies(drawing(*before))
    line = (cleaned == drawing("#")[0, 0]).all(axis=2)
    assert line.sum(axis=1).tolist() == [0, 1, 1, 1, 1, 1, 1, 0]
    assert ndimage.label(line, np.ones((3, 3)))[1] == 1


def test_a_curve_becomes_clean():
    before = [
        "ssssssss",
        "s#ssssss",
        "s#ssssss",
        "s##sssss",
        "ss##ssss",
        "sss####s",
        "ssssssss",
        "ssssssss",
    ]
    after = [
        "ssssssss",
        "s#ssssss",
        "s#ssssss",
        "ss#sssss",
        "sss#ssss",
        "ssss###s",
        "ssssssss",
        "ssssssss",
    ]
    np.testing.assert_array_equal(repair_jaggies(drawing(*before)), drawing(*after))


def test_the_corner_takes_the_colour_of_the_outer_side():
    before = drawing("ssss#bbb", "ssss#bbb", "sss##bbb", "sss#bbbb", "sss#bbbb")
    for sprite, y, x, color in ((before, 2, 4, "b"), (before[::-1], 2, 3, "s")):
        expected = sprite.copy()
        expected[y, x] = drawing(color)[0, 0]
        np.testing.assert_array_equal(repair_jaggies(sprite), expected)


@pytest.mark.parametrize("line, ground", ["#s", "ws", "bw", "#.", "w.", "r."])
def test_any_line_that_is_much_darker_or_lighter(line, ground):
    rows = [
        "........",
        ".#......",
        ".#......",
        ".##.....",
        "..##....",
        "...####.",
        "........",
        "........",
    ]
    sprite = drawing(
        *(row.replace(".", "g").replace("#", line).replace("g", ground) for row in rows)
    )
    assert (repair_jaggies(sprite) != sprite).any(axis=2).sum() == 3


def test_blacks_that_differ_a_little_are_one_line():
    rows = ["ssssss", "s#ssss", "s#ssss", "s##sss", "ss####", "ssssss", "ssssss"]
    sprite = drawing(*rows)
    line = (sprite == drawing("#")[0, 0]).all(axis=2)
    noisy = sprite.copy()
    noisy[line] = np.random.default_rng(0).integers(0, 9, (line.sum(), 1))
    np.testing.assert_array_equal(
        (noisy != repair_jaggies(noisy)).any(axis=2), (sprite != repair_jaggies(sprite)).any(axis=2)
    )
    assert (noisy != repair_jaggies(noisy)).any()


def test_lines_of_the_lightness_of_their_ground_stay():
    assert_stays(repair_jaggies, "tsssss", "tsssss", "ttssss", "sttsss", "sstttt", "ssssss")


def test_shapes_that_are_no_doubled_lines_stay():
    # a rectangle
    assert_stays(repair_jaggies, "sssssss", "s#####s", "s#sss#s", "s#sss#s", "s#####s", "sssssss")
    assert_stays(repair_jaggies, "sssss", "s###s", "s#s#s", "s###s", "sssss")  # the smallest one
    # a filled shape
    assert_stays(repair_jaggies, "ssssss", "s##sss", "s###ss", "ss###s", "sss##s", "ssssss")
    assert_stays(repair_jaggies, "ssssss", "ss##ss", "ss##ss", "ssssss")
    # a hook: the short arm ends
    assert_stays(repair_jaggies, "ssssss", "s####s", "ssss#s", "ssssss")
    assert_stays(repair_jaggies, "#sssss", "s#ssss", "ss#sss", "sss###", "ssssss")  # clean already
    # a crossing
    assert_stays(repair_jaggies, "sss#sss", "sss#sss", "#######", "sss#sss", "sss#sss")


def test_a_gap_between_two_lines_is_no_line():
    # The light channel between the dark areas is one pixel wide and doubled, but one side of it is
    # a line, not an area.
    assert_stays(repair_jaggies, "##s#ww", "##s#ww", "##ss##", "###sss", "######", "######")


def test_a_circle_becomes_a_thin_closed_line():
    y, x = np.mgrid[-12:13, -12:13]
    disc = y**2 + x**2 <= 100
    # connected at the sides: every step has a doubled corner
    ring = disc & ~ndimage.binary_erosion(disc, np.ones((3, 3)))
    sprite = (
        np.where(ring[..., None], 10, np.where(disc[..., None], 200, 255))
        .astype(np.uint8)
        .repeat(3, axis=2)
    )
    cleaned = (repair_jaggies(sprite) == 10).all(axis=2)
    assert cleaned.sum() < ring.sum() and not (cleaned & ~ring).any()
    assert ndimage.label(cleaned, np.ones((3, 3)))[1] == 1
    assert ndimage.label(~cleaned)[1] == 2  # still an inside and an outside
    np.testing.assert_array_equal(cleaned, cleaned[:, ::-1])


def walk(random, size, steps):
    """A line along the sides of cells, full of doubled corners: bool ``(size, size)``."""
    line = np.zeros((size, size), bool)
    place = np.array([size // 2, size // 2])
    for _ in range(steps):
        line[tuple(place)] = True
        place = np.clip(place + [(0, 1), (1, 0), (0, -1), (-1, 0)][random.integers(4)], 0, size - 1)
    return line


@pytest.mark.parametrize("function", [remove_isolated, repair_jaggies])
@pytest.mark.parametrize(
    "areas, details",
    [("s", "#t"), ("ss.", "#."), ("sw", "#ts"), (".", "#w"), ("s.", "wt"), ("#", "st")],
)
def test_properties_over_random_sprites(function, areas, details):
    random = np.random.default_rng(0)
    changes = 0
    for _ in range(60):
        areas_colors, details_colors = (
            np.array([COLORS[one] for one in letters], np.uint8) for letters in (areas, details)
        )
        sprite = (
            areas_colors[random.integers(0, len(areas), (4, 4))].repeat(4, axis=0).repeat(4, axis=1)
        )
        sprite[walk(random, 16, 30)] = details_colors[0]
        dots = random.random((16, 16)) < random.choice([0.02, 0.4])
        sprite[dots] = details_colors[random.integers(0, len(details), dots.sum())]
        sprite = sprite[: random.integers(1, 17), : random.integers(1, 17)]
        given = sprite.copy()

        cleaned = function(sprite)
        changes += (cleaned != sprite).any(axis=2).sum()
        np.testing.assert_array_equal(sprite, given)
        np.testing.assert_array_equal(function(cleaned), cleaned)
        np.testing.assert_array_equal(function(sprite[:, ::-1]), cleaned[:, ::-1])
        assert {tuple(color) for row in cleaned for color in row} <= {
            tuple(color) for row in sprite for color in row
        }
        if "." not in areas + details:
            np.testing.assert_array_equal(function(sprite[..., :3]), cleaned[..., :3])
    assert changes


def test_lines_stay_connected():
    random = np.random.default_rng(1)
    for _ in range(60):
        line = walk(random, 24, 60)
        sprite = np.where(line[..., None], 10, 200).astype(np.uint8).repeat(3, axis=2)
        cleaned = (repair_jaggies(sprite) == 10).all(axis=2)
        assert ndimage.label(cleaned, np.ones((3, 3)))[1] == 1


@pytest.mark.parametrize("function", [remove_isolated, repair_jaggies])
def test_what_is_no_sprite(function):
    for wrong in (
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 3)),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 2), np.uint8),
    ):
        with pytest.raises(ValueError, match="expected a sprite"):
            function(wrong)
