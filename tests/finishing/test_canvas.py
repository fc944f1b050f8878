"""Boxes, trimming and padding."""

import numpy as np
import pytest

from pixelization.errors import UserError
from pixelization.finishing.background import remove_background
from pixelization.finishing.canvas import bounding_box, crop, pad, touches_border, trim
from pixelization.finishing.outline import add_outline
from tests.make import RED, random_cells, scene, silhouette


def test_the_box_holds_the_opaque_cells_of_all_frames():
    first, second = (
        silhouette("....", ".#..", "....", "...."),
        silhouette("....", "....", "..#.", "...."),
    )
    assert bounding_box([first]) == (1, 1, 2, 2)
    assert bounding_box([first, second]) == (1, 1, 3, 3)
    assert bounding_box([first * 0]) is None
    assert bounding_box([first * 0, second]) == (2, 2, 3, 3)
    assert bounding_box([scene("..", "..", "..")]) == (0, 0, 3, 2)
    for wrong in ([], [first, first[:2]]):
        with pytest.raises(ValueError, match="sprites of one size"):
            bounding_box(wrong)


def test_crop_and_trim():
    sprite = silhouette(".....", ".##..", "..#..")
    np.testing.assert_array_equal(trim(sprite), silhouette("##", ".#"))
    np.testing.assert_array_equal(crop(sprite, (0, 1, 2, 5)), sprite[0:2, 1:5])
    assert trim(sprite * 0).tolist() == [[[0, 0, 0, 0]]]
    assert trim(scene("...", "...")).shape == (2, 3, 3)
    for box in ((0, 0, 4, 2), (-1, 0, 2, 2), (1, 1, 1, 2), (0, 2, 1, 2)):
        with pytest.raises(ValueError, match="is not within"):
            crop(sprite, box)


@pytest.mark.parametrize("anchor, top", [("center", 1), ("bottom", 2)])
def test_pad(anchor, top):
    sprite = silhouette("##", "#.", "##")
    padded = pad(sprite, (5, 5), anchor)
    np.testing.assert_array_equal(padded[top : top + 3, 1:3], sprite)
    assert padded.shape == (5, 5, 4) and (padded[..., 3] > 0).sum() == 5
    np.testing.assert_array_equal(trim(padded), trim(sprite))


def test_pad_makes_room_around_rgb():
    sprite = scene("rr", "rr")
    assert pad(sprite, (2, 2)).shape == (2, 2, 3)
    padded = pad(sprite, (4, 2))
    assert padded[..., 3].tolist() == [[0, 0], [255, 255], [255, 255], [0, 0]]
    assert (padded[1:3, :, :3] == RED).all() and not padded[[0, 3]].any()


@pytest.mark.parametrize("size", [(2, 9), (9, 2), (0, 0)])
def test_a_sprite_that_does_not_fit_names_both_sizes(size):
    with pytest.raises(
        UserError, match=f"4x3 cells does not fit a canvas of {size[1]}x{size[0]}: .*trim"
    ):
        pad(silhouette("####", "####", "####"), size)


def test_a_huge_canvas_is_refused_before_it_is_made():
    with pytest.raises(UserError, match="too large"):
        pad(silhouette("#"), (10**7, 10**7))
    with pytest.raises(ValueError, match="anchor"):
        pad(silhouette("#"), (2, 2), "top")


def test_padding_by_one_gives_an_outline_room():
    random = np.random.default_rng(1)
    for _ in range(40):
        sprite = random_cells(random)
        height, width = sprite.shape[:2]
        padded = pad(sprite, (height + 2, width + 2))
        assert not touches_border(padded)
        np.testing.assert_array_equal(padded[1:-1, 1:-1], sprite)
        opaque = np.argwhere(sprite[..., 3])
        assert touches_border(sprite) == any(
            y in (0, height - 1) or x in (0, width - 1) for y, x in opaque
        )
    assert touches_border(scene("r"))


def test_functions_do_not_change_or_share_what_they_are_given():
    sprite = silhouette("....", ".##.", "....")
    given = sprite.copy()
    flat = scene("....", ".rr.", "....")
    for function in (add_outline, remove_background, trim):
        function(sprite)[...] = 7
    pad(sprite, (3, 4))[...] = 7
    crop(sprite, (0, 0, 2, 2))[...] = 7
    remove_background(flat)[...] = 7
    np.testing.assert_array_equal(sprite, given)
    np.testing.assert_array_equal(flat, scene("....", ".rr.", "...."))
