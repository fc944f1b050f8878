"""Backgrounds, outlines and canvases.

What becomes transparent, what is drawn around it, where it ends up.
"""

import numpy as np
import pytest

from pixelization.color.oklab import oklab, perceptual
from pixelization.errors import UserError
from pixelization.finishing.background import background_color, remove_background
from pixelization.finishing.canvas import bounding_box, crop, pad, touches_border, trim
from pixelization.finishing.outline import add_outline

WHITE, RED, INK = (255, 255, 255), (220, 40, 30), (20, 10, 40)


def mask(*rows):
    return np.array([[letter == "#" for letter in row] for row in rows])


def silhouette(*rows, color=RED):
    """RGBA: ``#`` is opaque."""
    opaque = mask(*rows)
    return np.where(opaque[..., None], (*color, 255), 0).astype(np.uint8)


def scene(*rows, **colors):
    """RGB from letters; ``.`` is white, ``r`` red."""
    colors = {".": WHITE, "r": RED, **colors}
    return np.array([[colors[letter] for letter in row] for row in rows], np.uint8)


def random_sprite(random):
    sprite = random.integers(0, 256, (*random.integers(1, 12, 2), 4), dtype=np.uint8)
    sprite[..., 3] = random.choice([0, 255], sprite.shape[:2])
    sprite[sprite[..., 3] == 0] = 0
    return sprite


# The background


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
    sprite = scene("....", ".nr.", "....", n=(240, 240, 240))
    distance = np.linalg.norm(perceptual(sprite[1, 1]) - perceptual(sprite[0, 0]))
    assert remove_background(sprite, tolerance=distance + 0.001)[1, 1, 3] == 0
    assert remove_background(sprite, tolerance=distance - 0.001)[1, 1, 3] == 255


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


# The outline


def outline_of(sprite, outlined):
    return (outlined != sprite).any(axis=2)


@pytest.mark.parametrize(
    "corners, expected",
    [
        (False, ["..##..", ".#..#.", ".#.#..", "..#..."]),
        (True, [".####.", ".#..#.", ".#.##.", ".###.."]),
    ],
)
def test_an_outline_outside(corners, expected):
    sprite = silhouette("......", "..##..", "..#...", "......")
    outlined = add_outline(sprite, "outside", INK, corners=corners)
    np.testing.assert_array_equal(outline_of(sprite, outlined), mask(*expected))
    assert (outlined[mask(*expected)] == (*INK, 255)).all()


@pytest.mark.parametrize(
    "corners, inner",
    [
        (False, ["......", ".####.", ".####.", ".###..", "......"]),
        (True, ["......", ".####.", ".###..", ".###..", "......"]),
    ],
)
def test_an_outline_inside_runs_along_the_edge_of_the_canvas_too(corners, inner):
    rows = ["######", "######", "######", "#####.", "#####."]
    sprite = silhouette(*rows)
    changed = outline_of(sprite, add_outline(sprite, "inside", INK, corners=corners))
    np.testing.assert_array_equal(changed, mask(*rows) & ~mask(*inner))


@pytest.mark.parametrize("where", ["outside", "inside"])
def test_a_selective_outline_is_a_dark_shade_of_its_neighbour(where):
    sprite = np.zeros((5, 8, 4), np.uint8)
    sprite[1:4, 1:4], sprite[1:4, 4:7] = (*RED, 255), (60, 120, 250, 255)
    outlined = add_outline(sprite, where)
    at = 0 if where == "outside" else 1
    for x, color in ((2, RED), (5, (60, 120, 250))):
        shade, own = oklab(outlined[at, x, :3]), oklab(np.array(color, np.uint8))
        assert shade[0] == pytest.approx(0.45 * own[0], abs=0.01)
        assert np.arctan2(shade[2], shade[1]) == pytest.approx(np.arctan2(own[2], own[1]), abs=0.05)


def test_the_darkest_neighbour_gives_the_shade_outside():
    sprite = np.zeros((3, 3, 4), np.uint8)
    sprite[1, 0], sprite[1, 2] = (250, 240, 60, 255), (90, 30, 30, 255)
    only = sprite.copy()
    only[1, 0] = 0
    np.testing.assert_array_equal(add_outline(sprite)[1, 1], add_outline(only)[1, 1])


def test_dark_cells_stay_in_a_selective_outline_inside():
    sprite = silhouette("####", "####", "####", color=INK)
    sprite[0, 1, :3] = RED
    assert outline_of(sprite, add_outline(sprite, "inside")).sum() == 1
    assert outline_of(sprite, add_outline(sprite, "inside", WHITE)).sum() == 10


def test_outlines_over_random_sprites():
    random = np.random.default_rng(0)
    for _ in range(40):
        sprite = random_sprite(random)
        opaque = sprite[..., 3] == 255
        for corners in (False, True):
            outside, inside = (
                add_outline(sprite, where, corners=corners) for where in ("outside", "inside")
            )
            np.testing.assert_array_equal(outside[opaque], sprite[opaque])
            np.testing.assert_array_equal(inside[..., 3], sprite[..., 3])
            assert not inside[~opaque].any()
            assert not outside[outside[..., 3] == 0].any() and set(np.unique(outside[..., 3])) <= {
                0,
                255,
            }


def test_what_cannot_be_outlined():
    with pytest.raises(UserError, match="remove its background first"):
        add_outline(scene("...", ".r.", "..."))
    sprite = silhouette("...", ".#.", "...")
    for wrong in ({"where": "around"}, {"color": (1, 2)}, {"color": (0, 0, 256)}):
        with pytest.raises(ValueError, match="outline is|expected a colour"):
            add_outline(sprite, **wrong)


# The canvas


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
        sprite = random_sprite(random)
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
