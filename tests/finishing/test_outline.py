"""What is drawn around a silhouette."""

import numpy as np
import pytest

from pixelization.color.oklab import oklab
from pixelization.errors import UserError
from pixelization.finishing.outline import add_outline, edge_cells, outlined_cells
from pixelization.palettes.classics import classic_palette
from pixelization.palettes.palette import Palette
from tests.make import INK, RED, WHITE, mask, random_cells, scene, silhouette


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
    sprite[1, 0], sprite[1, 2] = (250, 240, 60, 255), (160, 70, 70, 255)
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
        sprite = random_cells(random)
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


NAVY, CREAM = (14, 16, 44), (250, 240, 200)


def outlined_figure(*rows):
    """``o`` is cream, ``#`` navy."""
    colors = {".": (0, 0, 0, 0), "#": (*NAVY, 255), "o": (*CREAM, 255)}
    return np.array([[colors[cell] for cell in row] for row in rows], np.uint8)


def test_an_outline_that_is_there_is_not_doubled():
    sprite = outlined_figure(
        "......",
        "..##..",
        ".#oo#.",
        ".#oo#.",
        "..##..",
        "......",
    )
    for color in (None, NAVY, (18, 18, 42)):
        np.testing.assert_array_equal(add_outline(sprite, "outside", color), sprite)
    # a sticker's rim is another outline than the one that is there
    assert outline_of(sprite, add_outline(sprite, "outside", (255, 255, 255))).sum() == 12


def test_an_outline_in_the_darkest_colour_of_a_palette_is_one():
    palette = classic_palette("game-boy")
    green, light = (15, 56, 15), (155, 188, 15)  # the darkest, which is not dark, and the lightest
    sprite = np.zeros((6, 6, 4), np.uint8)
    sprite[1:5, 1:5] = (*green, 255)
    sprite[2:4, 2:4] = (*light, 255)
    assert not outlined_cells(sprite).any()
    assert outlined_cells(sprite, palette=palette).sum() == 12
    assert np.array_equal(add_outline(sprite, palette=palette), sprite)
    sprite[1:5, 1:5] = (*light, 255)
    assert outline_of(sprite, add_outline(sprite, palette=palette)).sum() == 16
    # the shade of red is red in this palette, but its darkest colour is blue
    red = silhouette("......", ".####.", ".####.", "......")
    red[..., :3] = (208, 64, 64)
    palette = Palette.from_hex(["d04040", "ffffff", "4050c0"])
    assert not outlined_cells(red, palette=palette).any()


def test_black_outlines_in_colours_of_db32_are_outlines():
    sprite = silhouette("......", ".####.", ".####.", "......")
    sprite[..., :3] = (34, 32, 52)
    assert outlined_cells(sprite).sum() == 8


def test_an_outline_inside_keeps_alpha():
    ghost = silhouette("....", ".##.", ".##.", "....")
    ghost[..., 3] //= 2
    outlined = add_outline(ghost, "inside", INK)
    assert np.array_equal(outlined[..., 3], ghost[..., 3])
    assert (outlined[1:3, 1:3, :3] == INK).all()


def test_gaps_in_an_outline_are_closed():
    sprite = outlined_figure(
        "......",
        "..#o..",
        ".#ooo.",
        ".#oo#.",
        "..##..",
        "......",
    )
    added = outline_of(sprite, add_outline(sprite, "outside", NAVY))
    np.testing.assert_array_equal(
        added, mask("...#..", "....#.", ".....#", "......", "......", "......")
    )
    assert outlined_cells(sprite).sum() == 6 and edge_cells(sprite).sum() == 8


def test_completing_an_outline_once_is_enough():
    for seed in range(5):
        sprite = random_cells(np.random.default_rng(seed))
        once = add_outline(sprite, "outside", NAVY)
        np.testing.assert_array_equal(add_outline(once, "outside", NAVY), once)


@pytest.mark.parametrize("colors", [((250, 240, 220),), ((90, 160, 60), (240, 200, 40))])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_an_outline_of_our_own_gets_no_second_one(colors, seed):
    """Bright fills have a bright dark shade, which is no outline by its darkness alone."""
    rng = np.random.default_rng(seed)
    sprite = np.zeros((20, 20, 4), np.uint8)
    for x, y in rng.integers(4, 10, (4, 2)):
        sprite[y : y + 6, x : x + 6] = *colors[(x + y) % len(colors)], 255
    once = add_outline(sprite)
    assert (once != sprite).any()
    assert np.array_equal(add_outline(once), once)
