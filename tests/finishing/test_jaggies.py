"""Doubled corners, on drawings by hand."""

import numpy as np
import pytest
from scipy import ndimage

from pixelization.finishing.jaggies import repair_jaggies
from tests.finishing.checks import assert_stays
from tests.make import sprite_of, walk


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
    cleaned = repair_jaggies(sprite_of(*before))
    line = (cleaned == sprite_of("#")[0, 0]).all(axis=2)
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
    np.testing.assert_array_equal(repair_jaggies(sprite_of(*before)), sprite_of(*after))


def test_the_corner_takes_the_colour_of_the_outer_side():
    before = sprite_of("ssss#bbb", "ssss#bbb", "sss##bbb", "sss#bbbb", "sss#bbbb")
    for sprite, y, x, color in ((before, 2, 4, "b"), (before[::-1], 2, 3, "s")):
        expected = sprite.copy()
        expected[y, x] = sprite_of(color)[0, 0]
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
    sprite = sprite_of(
        *(row.replace(".", "g").replace("#", line).replace("g", ground) for row in rows)
    )
    assert (repair_jaggies(sprite) != sprite).any(axis=2).sum() == 3


def test_blacks_that_differ_a_little_are_one_line():
    rows = ["ssssss", "s#ssss", "s#ssss", "s##sss", "ss####", "ssssss", "ssssss"]
    sprite = sprite_of(*rows)
    line = (sprite == sprite_of("#")[0, 0]).all(axis=2)
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


def test_lines_stay_connected():
    random = np.random.default_rng(1)
    for _ in range(60):
        line = walk(random, 24, 60)
        sprite = np.where(line[..., None], 10, 200).astype(np.uint8).repeat(3, axis=2)
        cleaned = (repair_jaggies(sprite) == 10).all(axis=2)
        assert ndimage.label(cleaned, np.ones((3, 3)))[1] == 1
