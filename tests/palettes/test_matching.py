"""Areas that touch keep different colours, where the palette has some."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from pixelization.palettes.assignment import apply_palette
from pixelization.palettes.classics import classic_palette
from pixelization.palettes.matching import match_areas
from pixelization.palettes.palette import Palette

GREYS = Palette.from_hex(["000000", "505050", "a0a0a0", "ffffff"])
LIGHT, DIM = (160, 160, 160), (125, 125, 125)  # both are nearest to a0a0a0


def stripes(inner, outer, size=12, rows=slice(5, 7)):
    sprite = np.full((size, size, 3), outer, np.uint8)
    sprite[rows, 2:-2] = inner
    return sprite


def colors(sprite):
    return {tuple(color) for color in sprite.reshape(-1, sprite.shape[-1])[:, :3].tolist()}


def test_a_stripe_on_a_fill_does_not_vanish():
    sprite = stripes(DIM, LIGHT)
    assert colors(apply_palette(sprite, GREYS)) == {(160,) * 3}
    (kept,) = match_areas([sprite], GREYS)
    assert (kept[5:7, 2:-2] == 80).all() and (kept[0] == 160).all()  # the smaller one moved


def test_what_is_alone_gets_the_nearest():
    for color in (DIM, LIGHT):
        sprite = np.full((6, 6, 3), color, np.uint8)
        assert np.array_equal(match_areas([sprite], GREYS)[0], apply_palette(sprite, GREYS))
    apart = np.zeros((5, 9, 4), np.uint8)
    apart[:, :4], apart[:, 5:] = (*DIM, 255), (*LIGHT, 255)  # a gap of nothing between them
    assert np.array_equal(match_areas([apart], GREYS)[0], apply_palette(apart, GREYS))


def test_a_lighter_area_does_not_get_the_darker_colour():
    violet, blue, rose = (190, 50, 166), (125, 0, 205), (177, 62, 83)
    sprite = np.full((10, 12, 3), rose, np.uint8)  # a colour of the palette, and violet's nearest
    sprite[2:8, 1:6] = violet
    palette = classic_palette("sweetie-16")
    assert colors(apply_palette(sprite, palette)) == {rose}
    (moved,) = match_areas([sprite], palette)
    assert (moved[4, 2] == (93, 39, 93)).all()
    sprite[2:8, 6:11] = blue  # darker than violet, and lighter than 5d275d once it is 3b5dc9
    (kept,) = match_areas([sprite], palette)
    assert (kept[4, 8] == (59, 93, 201)).all() and (kept[4, 2] == rose).all()


def test_a_grey_gets_no_hue():
    # 787b50 is as light as 120 and its hue is 0.12 away; 949494 is 0.11 lighter
    palette = Palette.from_hex(["949494", "787b50", "000000"])
    sprite = stripes((120,) * 3, (175,) * 3)
    assert colors(apply_palette(sprite, palette)) == {(148,) * 3}
    assert colors(match_areas([sprite], palette)[0]) == {(148,) * 3}


def test_only_what_has_ten_cells_may_get_a_colour_that_is_much_further():
    # 424242 is 0.117 further from 120 than 949494 is
    palette = Palette.from_hex(["949494", "424242"])
    sprite = stripes((120,) * 3, (175,) * 3)
    assert colors(match_areas([sprite], palette)[0]) == {(148,) * 3, (66,) * 3}
    small = stripes((120,) * 3, (175,) * 3, size=7, rows=slice(2, 5))
    for frames in (1, 4):
        assert colors(match_areas([small] * frames, palette)[0]) == {(148,) * 3}


def test_a_colour_of_the_palette_stays():
    palette = Palette.from_hex(["949494", "a0a0a0", "ffffff"])
    sprite = stripes((160,) * 3, (195,) * 3)
    sprite[5, 2] = 157  # another shade of the same area
    assert colors(apply_palette(sprite, palette)) == {(160,) * 3}
    assert (match_areas([sprite], palette)[0][6] == 160).all()
    sprite[5:7, 2:-2] = 157
    assert (match_areas([sprite], palette)[0][6, 2:-2] == 148).all()


def test_a_larger_area_does_not_move():
    palette = Palette.from_hex(["505050", "a0a0a0"])
    sprite = stripes((165,) * 3, (120,) * 3)  # nearly as near to 80 as to 160
    assert (match_areas([sprite], palette)[0] == 160).all()


def test_a_palette_that_has_a_colour_twice():
    for twice in ("a0a0a0", "a0a0a1"):
        palette = Palette.from_hex(["000000", "505050", "a0a0a0", twice, "ffffff"])
        (kept,) = match_areas([stripes(DIM, LIGHT)], palette)
        assert (kept[5:7, 2:-2] == 80).all()


def test_nothing_at_all():
    assert match_areas([], GREYS) == []


@pytest.mark.parametrize("cells", [1, 2])
def test_specks_keep_the_nearest(cells):
    sprite = stripes(LIGHT, LIGHT)
    sprite[3, 3 : 3 + cells] = DIM
    assert colors(match_areas([sprite], GREYS)[0]) == {(160,) * 3}


def test_no_other_colour_is_near_enough():
    palette = Palette.from_hex(["ff0000", "0000ff"])
    sprite = stripes((180, 20, 10), (255, 30, 20))
    assert colors(match_areas([sprite], palette)[0]) == {(255, 0, 0)}


def test_a_colour_is_the_same_in_all_frames():
    first, second = stripes(DIM, LIGHT), np.full((12, 12, 3), LIGHT, np.uint8)
    second[0, 0:4] = DIM
    alone = np.full((3, 3, 3), DIM, np.uint8)
    made = match_areas([first, second, alone], GREYS)
    assert (made[1][0, :4] == 80).all() and (made[2] == 80).all()
    assert (match_areas([alone], GREYS)[0] == 160).all()


def test_shades_of_one_area_move_together():
    sprite = stripes(DIM, LIGHT)
    sprite[5, 2:6] = (122, 122, 122)  # two cells high, of two shades
    (kept,) = match_areas([sprite], GREYS)
    assert (kept[5:7, 2:-2] == 80).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["pico-8", "game-boy", "c64"]))
def test_whatever_comes(seed, name):
    rng = np.random.default_rng(seed)
    palette = classic_palette(name)
    table = rng.integers(0, 256, (int(rng.integers(1, 30)), 3), dtype=np.uint8)
    shape = tuple(rng.integers(1, 14, 2))
    sprites = [table[rng.integers(0, len(table), shape)] for _ in range(int(rng.integers(1, 4)))]
    if rng.random() < 0.5:
        alphas = [np.where(rng.random((*shape, 1)) < 0.6, 255, 0).astype(np.uint8) for _ in sprites]
        sprites = [np.dstack([s, a]) for s, a in zip(sprites, alphas, strict=True)]
    before = [sprite.copy() for sprite in sprites]
    made = match_areas(sprites, palette)
    mapping = {}
    for sprite, old, new in zip(sprites, before, made, strict=True):
        assert np.array_equal(sprite, old) and new.shape == old.shape and new.dtype == np.uint8
        seen = old[..., 3] > 0 if old.shape[2] == 4 else np.ones(shape, bool)
        if old.shape[2] == 4:
            assert np.array_equal(new[..., 3], old[..., 3]) and not new[~seen].any()
        for a, b in zip(old[seen][:, :3].tolist(), new[seen][:, :3].tolist(), strict=True):
            assert mapping.setdefault(tuple(a), b) == b
            assert b in palette.colors.tolist()
    again = match_areas(made, palette)
    assert all(map(np.array_equal, again, made))  # colours of the palette stay


def test_stray_cells_of_photos_join_those_around():
    palette, rng = classic_palette("pico-8"), np.random.default_rng(0)
    across, down = np.meshgrid(np.arange(48), np.arange(48))
    ramps = np.dstack([5 * across, 5 * down, 2 * (across + down)])
    photo = np.clip(ramps + rng.normal(0, 10, (48, 48, 3)), 0, 255).astype(np.uint8)
    plain, (made,) = apply_palette(photo, palette), match_areas([photo], palette)
    assert stray(made) < 0.6 * stray(plain)
    assert (made != plain).any(axis=2).mean() < 0.15
    often = match_areas([photo] * 9, palette)
    assert all(np.array_equal(frame, made) for frame in often)
    (cut,) = match_areas(
        [np.dstack([photo, np.where(across < 9, 0, 255).astype(np.uint8)])], palette
    )
    assert not cut[:, :9].any() and (cut[:, 9:, 3] == 255).all()


def stray(sprite):
    """Cells unlike all eight around them."""
    padded = np.pad(sprite.astype(int), ((1, 1), (1, 1), (0, 0)), constant_values=-1)
    rows, columns = sprite.shape[:2]
    alike = [
        (padded[1 + y : 1 + y + rows, 1 + x : 1 + x + columns] == sprite).all(axis=2)
        for y in (-1, 0, 1)
        for x in (-1, 0, 1)
        if (y, x) != (0, 0)
    ]
    return (~np.any(alike, axis=0)).sum()


def test_more_areas_than_can_be_looked_at_get_the_nearest():
    rng, palette = np.random.default_rng(0), classic_palette("pico-8")
    many = rng.integers(0, 256, (4000, 1, 3), dtype=np.uint8).repeat(8, axis=1)
    assert np.array_equal(match_areas([many], palette)[0], apply_palette(many, palette))


def test_a_sheet_of_many_areas_is_no_photo():
    rng = np.random.default_rng(1)
    tiles = [stripes(DIM, LIGHT)]
    tiles += [np.full((12, 12, 3), rng.integers(0, 256, 3), np.uint8) for _ in range(60)]
    assert len(colors(match_areas(tiles, GREYS)[0])) == 2
