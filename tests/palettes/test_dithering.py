"""Mixes of the colours of a palette: their ratio, their place, their limits."""

from itertools import pairwise

import numpy as np
import pytest

from pixelization.color.oklab import perceptual
from pixelization.palettes.assignment import apply_palette
from pixelization.palettes.dithering import RELUCTANCE, bayer, dither
from pixelization.palettes.names import DITHERS
from pixelization.palettes.palette import Palette
from tests.make import random_palette, random_sprite

PERIODS = {"bayer2": 2, "bayer4": 4, "bayer8": 8, "blue-noise": 64}
DIFFUSION = ("floyd-steinberg", "atkinson")
BLACK_WHITE = Palette(np.array([(0, 0, 0), (255, 255, 255)], np.uint8))
GREY = 119  # half way between black and white


def flat(level, height=64, width=64):
    return np.full((height, width, 3), level, np.uint8)


def test_bayer_matrices():
    assert bayer(2).tolist() == [[0, 2], [3, 1]]
    assert bayer(4).tolist() == [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]


@pytest.mark.parametrize("kind, period", PERIODS.items())
def test_every_pixel_of_a_pattern_has_its_own_share(kind, period):
    levels = np.arange(256, dtype=np.uint8)
    lightness = perceptual(levels[:, None].repeat(3, axis=1))[:, 0]
    # the share of white, as _mixes has it
    wanted = ((lightness - RELUCTANCE / 2) / (1 - RELUCTANCE)).clip(0, 1)
    tiles = [
        dither(flat(level, period, period), BLACK_WHITE, kind)[..., 0] == 255 for level in levels
    ]
    assert np.abs(np.mean(tiles, axis=(1, 2)) - wanted).max() <= 0.5 / period**2 + 1e-6
    assert all((dark <= light).all() for dark, light in pairwise(tiles))
    twice = dither(flat(GREY, 2 * period, 2 * period), BLACK_WHITE, kind)[..., 0] == 255
    assert np.array_equal(twice, np.tile(tiles[GREY], (2, 2)))


def test_blue_noise_has_no_low_frequencies():
    for level in (60, 89, 119, 166):  # white: 10, 30, 50, 80 %
        pattern = dither(flat(level), BLACK_WHITE, "blue-noise")[..., 0] == 255
        power = np.abs(np.fft.fft2(pattern - pattern.mean())) ** 2
        frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(64), np.fft.fftfreq(64)))
        low = power[(frequency > 0) & (frequency < 0.1)].mean()
        assert low < 0.2 * power.mean()  # white noise: 1


@pytest.mark.parametrize("kind", [kind for kind in DITHERS if kind != "none"])
def test_middle_grey_is_half_white(kind):
    assert (dither(flat(GREY), BLACK_WHITE, kind) == 255).mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("kind", PERIODS)
def test_a_ramp_grows_lighter_in_steps_and_keeps_its_mean(kind):
    levels = np.arange(0, 256, 5, dtype=np.uint8)
    shares = [(dither(flat(level), BLACK_WHITE, kind) == 255).mean() for level in levels]
    assert np.all(np.diff(shares) >= 0) and shares[0] == 0 and shares[-1] == 1
    assert len(set(shares)) >= 4
    assert np.mean(shares) == pytest.approx(
        perceptual(levels[:, None].repeat(3, axis=1))[:, 0].mean(), abs=0.03
    )


@pytest.mark.parametrize("level", [60, 100, 150, 200])
def test_floyd_steinberg_keeps_the_mean(level):
    share = (dither(flat(level), BLACK_WHITE, "floyd-steinberg") == 255).mean()
    assert share == pytest.approx(perceptual(np.full(3, level, np.uint8))[0], abs=0.02)


def test_floyd_steinberg_by_hand():
    # Lightness .55 everywhere. White, error -.45, so right .55 - .45 * 7/16 = .353: black, error
    # .353. Lower left: .55 - .45 * 5/16 + .353 * 3/16 = .476: black, error .476.
    # Lower right: .55 - .45 / 16 + .353 * 5/16 + .476 * 7/16 = .840: white.
    level = int(
        np.abs(
            perceptual(np.arange(256, dtype=np.uint8)[:, None].repeat(3, 1))[:, 0] - 0.55
        ).argmin()
    )
    assert dither(flat(level, 2, 2), BLACK_WHITE, "floyd-steinberg")[..., 0].tolist() == [
        [255, 0],
        [0, 255],
    ]
    # With half of the error: .55 - .098 = .452: black, error .226; .55 - .070 + .042 = .522: white,
    # error -.239; .55 - .014 + .071 - .105 = .502: white.
    half = dither(flat(level, 2, 2), BLACK_WHITE, "floyd-steinberg", 0.5)
    assert half[..., 0].tolist() == [[255, 0], [255, 255]]


@pytest.mark.parametrize("kind", DITHERS)
@pytest.mark.parametrize("size", [1, 2, 3, 16, 256])
def test_every_opaque_pixel_is_in_the_palette(kind, size):
    sprite, palette = random_sprite(size), random_palette(size, size)
    drawn = dither(sprite, palette, kind, 0.8)
    assert np.array_equal(drawn[..., 3], sprite[..., 3]) and not drawn[drawn[..., 3] == 0].any()
    assert {tuple(color) for color in drawn[drawn[..., 3] > 0, :3].tolist()} <= set(
        map(tuple, palette.colors.tolist())
    )
    assert np.array_equal(drawn, dither(sprite, palette, kind, 0.8))
    assert dither(sprite[..., :3], palette, kind).shape == (*sprite.shape[:2], 3)


@pytest.mark.parametrize("kind", DITHERS)
def test_no_strength_is_the_nearest_colour_and_colours_of_the_palette_stay(kind):
    sprite, palette = random_sprite(), random_palette(9)
    plain = apply_palette(sprite, palette)
    assert np.array_equal(dither(sprite, palette, kind, 0), plain)
    assert np.array_equal(dither(plain, palette, kind), plain)


@pytest.mark.parametrize("kind", PERIODS)
def test_more_strength_changes_more(kind):
    sprite, palette = random_sprite(), random_palette(9)
    plain = apply_palette(sprite, palette)
    changed = [
        (dither(sprite, palette, kind, strength) != plain).any(axis=2).sum()
        for strength in (0.2, 0.6, 1)
    ]
    assert 0 < changed[0] < changed[1] < changed[2]


@pytest.mark.parametrize("kind, period", PERIODS.items())
def test_ordered_dithers_depend_on_colour_and_place_only(kind, period):
    sprite, palette = random_sprite(size=(64, 70)), random_palette(9)
    drawn = dither(sprite, palette, kind)
    shift = min(period, 8) if period < 64 else 64
    # what is beside a pixel does not matter
    tiled = np.concatenate([np.zeros((shift, 70, 4), np.uint8), sprite])
    assert np.array_equal(dither(tiled, palette, kind)[shift:], drawn)
    mixed = sprite.copy()
    mixed[:30] = 200
    assert np.array_equal(dither(mixed, palette, kind)[30:], drawn[30:])


@pytest.mark.parametrize("kind", DITHERS)
def test_flat_colours_near_the_palette_stay_flat(kind):
    paper = Palette(
        np.array([(255, 241, 232), (41, 173, 255), (0, 0, 0), (255, 204, 170)], np.uint8)
    )
    assert np.array_equal(
        np.unique(dither(flat(255), paper, kind).reshape(-1, 3), axis=0), [(255, 241, 232)]
    )


@pytest.mark.parametrize("kind", [kind for kind in DITHERS if kind != "none"])
def test_a_gradient_between_two_near_shades_is_mixed(kind):
    shades = Palette(np.array([(250, 220, 160), (250, 240, 200)], np.uint8))
    sprite = (
        np.linspace((250, 220, 160), (250, 240, 200), 64).astype(np.uint8)[None].repeat(64, axis=0)
    )
    light = (dither(sprite, shades, kind)[..., 2] == 200).mean(axis=0)
    assert light[:6].max() == 0 and light[-6:].min() == 1
    assert 0.4 < light.mean() < 0.6 and ((light[24:40] > 0) & (light[24:40] < 1)).mean() > 0.8


@pytest.mark.parametrize("kind", PERIODS)
def test_neighbours_are_mixed_not_opposites(kind):
    # A brown lies between red and green, but also between its own lighter and darker shade.
    palette = Palette(
        np.array(
            [(255, 0, 0), (0, 255, 0), (150, 100, 60), (80, 50, 20), (0, 0, 0), (255, 255, 255)],
            np.uint8,
        )
    )
    drawn = dither(np.full((64, 64, 3), (113, 74, 40), np.uint8), palette, kind)
    assert np.array_equal(np.unique(drawn.reshape(-1, 3), axis=0), [(80, 50, 20), (150, 100, 60)])


@pytest.mark.parametrize("kind", DIFFUSION)
def test_no_error_passes_through_transparent_pixels(kind):
    sprite = random_sprite(5, (20, 31))
    sprite[:, 12:15] = 0  # wider than any kernel reaches
    other = sprite.copy()
    other[:, :12] = other[::-1, :12]
    palette = random_palette(5)
    first, second = dither(sprite, palette, kind), dither(other, palette, kind)
    assert np.array_equal(first[:, 15:], second[:, 15:]) and not np.array_equal(
        first[:, :12], second[:, :12]
    )


def test_unknown_kinds_and_strengths_are_refused():
    with pytest.raises(ValueError, match="floyd-steinberg"):
        dither(flat(9), BLACK_WHITE, "floyd")
    for strength in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="0 to 1"):
            dither(flat(9), BLACK_WHITE, "bayer4", strength)
