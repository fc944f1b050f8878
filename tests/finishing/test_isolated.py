"""Stray pixels, on drawings by hand."""

import math

import numpy as np

from pixelization.finishing.isolated import remove_isolated
from pixelization.finishing.jaggies import repair_jaggies
from tests.finishing.checks import assert_becomes, assert_stays
from tests.make import sprite_of


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
    eye = sprite_of("sssss", "sssss", "ss#ss", "sssss", "sssss")
    np.testing.assert_array_equal(remove_isolated(eye), eye)
    assert (remove_isolated(eye, contrast=1) == sprite_of("s")[0, 0]).all()


def test_pairs_in_a_row_stay():
    pair = sprite_of("sssssss", "stssts" + "s", "sssssss")
    np.testing.assert_array_equal(remove_isolated(pair), pair)
    assert (remove_isolated(pair, contrast=math.inf) == sprite_of("s")[0, 0]).all()
    far = np.pad(sprite_of("sss", "sts", "sss"), ((0, 0), (0, 9), (0, 0)), mode="edge")
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
    sprite = sprite_of("....", ".ss.", ".ss.", "....")
    hidden = sprite.copy()
    hidden[sprite[..., 3] == 0, :3] = np.random.default_rng(0).integers(0, 256, (12, 3))
    for function in (remove_isolated, repair_jaggies):
        np.testing.assert_array_equal(function(hidden), hidden)
