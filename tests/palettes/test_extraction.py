"""Palettes from images: counting colours, k-means, how many colours are enough."""

import io
import time

import numpy as np
import pytest
from PIL import Image
from skimage import data

from pixelization.color.ciede2000 import ciede2000, lab
from pixelization.palettes import extraction
from pixelization.palettes.extraction import (
    ColorHistogram,
    auto_colors,
    fit_palette,
    hue_palette,
    kmeans_palette,
)

BLACK, WHITE, RED, GREEN, BLUE = (0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255)


def histogram(*images):
    counted = ColorHistogram()
    for image in images:
        counted.add(np.asarray(image, np.uint8))
    return counted


def test_a_histogram_counts_opaque_pixels_of_all_images():
    first = [[(*RED, 255), (*BLUE, 255), (*GREEN, 127), (*RED, 128)]]
    counted = histogram(first, [[RED, BLACK]])
    assert counted.colors.tolist() == [list(BLACK), list(BLUE), list(RED)]
    assert counted.counts.tolist() == [1, 1, 3]


def test_a_histogram_of_many_colours_is_bounded_exact_in_sum_and_independent_of_order(monkeypatch):
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (20, 20, 3), dtype=np.uint8) for _ in range(6)]
    monkeypatch.setattr(extraction, "MAX_EXACT", 500)
    forward, backward = histogram(*images), histogram(*images[::-1])
    pixels = np.concatenate([image.reshape(-1, 3) for image in images])
    assert len(np.unique(pixels // 8, axis=0)) == len(forward.counts) < len(pixels)
    assert forward.counts.sum() == len(pixels)
    assert np.allclose(forward.counts @ forward.colors, pixels.sum(axis=0))
    assert np.array_equal(forward.counts, backward.counts) and np.allclose(
        forward.colors, backward.colors
    )


def test_few_colours_are_the_palette_most_frequent_first():
    image = [[GREEN, RED, GREEN], [BLUE, GREEN, RED]]
    for k in (3, 16):
        assert fit_palette(histogram(image), k).colors.tolist() == [
            list(GREEN),
            list(RED),
            list(BLUE),
        ]
    # a tie
    assert fit_palette(histogram([[WHITE, BLACK]]), 2).colors.tolist() == [list(BLACK), list(WHITE)]


def test_in_rgb_centres_are_means_weighted_by_pixels():
    colors = [[0, 0, 0]] * 3 + [[8, 8, 8]] + [[200, 0, 0]] * 2 + [[230, 0, 0]]
    image = np.array(colors, np.uint8)
    # 8 / 4 and 630 / 3
    assert kmeans_palette(image, 2).colors.tolist() == [[2, 2, 2], [210, 0, 0]]
    # (8 + 630) / 7, 8 / 7
    assert kmeans_palette(image, 1).colors.tolist() == [[91, 1, 1]]


def test_flat_art_keeps_its_colours_despite_soft_edges():
    art = [BLACK] * 400 + [WHITE] * 500 + [(200, 30, 40)] * 300
    edges = [(level, level, level) for level in range(10, 250)] + [
        (200 + i, 30 + 4 * i, 40 + 4 * i) for i in range(1, 50)
    ]
    assert fit_palette(histogram([art + edges]), 3).colors.tolist() == [
        list(WHITE),
        list(BLACK),
        [200, 30, 40],
    ]


def test_a_cluster_without_a_frequent_colour_has_its_mean():
    ramp = [(level, level, level) for level in range(100, 120)]
    (color,) = fit_palette(histogram([ramp]), 1).colors.tolist()
    assert color[0] == color[1] == color[2] in (109, 110)


def test_a_photo_in_sixteen_colours_is_repeatable_and_faithful():
    photo = data.astronaut()[::4, ::4]
    palette = fit_palette(histogram(photo), 16)
    assert len(np.unique(palette.colors, axis=0)) == 16
    assert np.array_equal(palette.colors, fit_palette(histogram(photo), 16).colors)
    pixels = photo.reshape(-1, 1, 3).astype(float)

    def error(colors):
        return ((pixels - colors[None]) ** 2).sum(axis=2).min(axis=1).mean()

    assert error(palette.colors) < 0.3 * error(fit_palette(histogram(photo), 4).colors)
    assert error(kmeans_palette(photo, 16).colors) <= error(palette.colors)


def nearest_two(colors):
    """In just noticeable differences, of CIEDE2000 or of CIELAB, whichever is less."""
    points = lab(colors)
    two = np.triu_indices(len(points), 1)
    euclidean = np.linalg.norm(points[:, None] - points, axis=-1)[two] / extraction.NOTICEABLE_LAB
    return min(euclidean.min(), ciede2000(points[:, None], points)[two].min() / 2)


def noisy(color, count, spread=3, seed=0):
    """Pixels of a colour with the noise of compression."""
    noise = np.random.default_rng(seed).integers(-spread, spread + 1, (count, 3))
    return np.clip(np.array(color) + noise, 0, 255).astype(np.uint8)


RARE = [(200, 30, 40), (30, 160, 60), (40, 60, 200), (240, 220, 60)]


@pytest.mark.parametrize("ground", [(4, 4, 4), (250, 250, 250), (90, 120, 60)])
@pytest.mark.parametrize("colors", [6, 10, 16])
def test_noise_takes_no_entries_from_rare_colours(ground, colors):
    """A JPEG on black, or on any other ground."""
    shades = [np.clip(np.array(c) + d, 0, 255) for c in RARE for d in (-30, 0, 30)]
    rare = np.array(shades, np.uint8).repeat(3, axis=0)
    palette = fit_palette(histogram(np.concatenate([noisy(ground, 200_000), rare])), colors)
    assert len(palette) == colors
    all_there = set(map(tuple, rare.tolist())) <= set(map(tuple, palette.colors.tolist()))
    assert all_there or nearest_two(palette.colors) >= 1
    near_ground = ciede2000(lab(palette.colors), lab(np.array([ground], np.uint8))) < 5
    assert all_there or near_ground.sum() <= colors // 2


@pytest.mark.parametrize("ground", ["black", "white", (9, 9, 12)])
@pytest.mark.parametrize("colors", [10, 16, 20])
def test_the_ground_of_a_jpeg_gets_no_second_entry_that_looks_like_it(ground, colors):
    image = Image.new("RGB", (64, 96), ground)
    balls = [(220, 40, 30), (40, 180, 60), (60, 80, 220), (240, 200, 40), (180, 80, 200)]
    for number, ball in enumerate(balls):
        x, y = 6 + 30 * (number % 2), 4 + 30 * (number // 2)
        image.paste(ball, (x, y, x + 22, y + 20))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=60)
    image = Image.open(file)
    palette = fit_palette(histogram(np.asarray(image)), colors)
    assert len(palette) == colors and nearest_two(palette.colors) >= 1
    missing = ciede2000(lab(np.array(balls, np.uint8))[:, None], lab(palette.colors)).min(axis=1)
    assert missing.max() < 3


def test_no_two_colours_of_a_large_palette_look_alike():
    palette = fit_palette(histogram(data.astronaut()[::4, ::4]), 64)
    assert len(palette) == 64 and nearest_two(palette.colors) >= 1


def test_colours_that_look_alike_stay_where_no_others_are_missing():
    few = histogram([(10, 10, 10), (11, 10, 10), (200, 0, 0)])
    assert len(fit_palette(few, 8)) == 3  # the image's own
    dark = histogram(noisy((8, 8, 8), 5000))
    started = time.process_time()
    assert 4 <= len(fit_palette(dark, 64)) <= 64
    assert time.process_time() - started < 3


def test_nothing_to_choose_from_and_impossible_numbers_are_refused():
    for k in (0, 257):
        with pytest.raises(ValueError, match="1 to 256"):
            fit_palette(histogram([[RED]]), k)
    for call in (lambda empty: fit_palette(empty, 4), auto_colors):
        with pytest.raises(ValueError, match="opaque"):
            call(histogram([[(*RED, 0)]]))
    for image in (np.zeros((4, 5), np.uint8), np.zeros((4, 3))):
        with pytest.raises(ValueError, match="uint8"):
            ColorHistogram().add(image)


@pytest.mark.parametrize(
    "colors, expected",
    [
        ([RED, GREEN, BLUE], 3),
        ([RED, (255, 255, 0), GREEN, (0, 255, 255), BLUE, (255, 0, 255)], 6),
        ([RED, BLUE, WHITE], 3),
        ([RED, (90, 90, 95), (95, 90, 90)], 2),  # the greys together have one
        ([(255, 0, 8), (255, 8, 0), BLACK], 2),  # on both sides of 0 degrees
        ([RED] * 400 + [BLUE] * 200 + [GREEN], 2),  # too few pixels to count
    ],
)
def test_every_hue_and_the_greys_get_a_colour(colors, expected):
    # more colours than shades
    neighbours = [tuple(channel ^ 1 for channel in color) for color in colors]
    assert auto_colors(histogram([colors + neighbours])) == expected


def test_the_number_of_colours_follows_hues_and_shades():
    def ramp(color, steps):
        return [
            tuple(channel * step // steps for channel in color)
            for step in range(steps // 4, steps + 1)
        ]

    flat, shaded = histogram([[RED, BLUE, WHITE, BLACK] * 9]), histogram([ramp(RED, 40)])
    assert auto_colors(flat) == 4  # as many as there are, however wide the ramps
    assert 4 <= auto_colors(shaded) <= 8
    assert auto_colors(histogram([ramp(RED, 40) + ramp(GREEN, 40)])) > auto_colors(shaded)
    assert auto_colors(histogram([[RED]])) == 2
    mixes = [(first, second, 0) for first in range(0, 256, 5) for second in range(0, 256, 5)]
    rainbow = [np.roll(mix, turn) for mix in mixes for turn in range(3)]
    assert 32 <= auto_colors(histogram([rainbow])) <= 64


@pytest.mark.parametrize(
    "hues, grey, count",
    [
        ([(255, 0, 0)], False, 1),
        ([(255, 0, 0), (120, 10, 10)], False, 1),  # two shades
        ([(255, 0, 0), (0, 200, 0), (0, 0, 255)], True, 4),
        ([(250, 200, 0), (250, 230, 0)], False, 1),  # 8 degrees apart
        ([], True, 1),
    ],
)
def test_a_palette_of_hues_has_a_colour_for_each_and_one_for_greys(hues, grey, count):
    colors = [*hues, *([(120, 120, 120), (160, 160, 160)] if grey else [])]
    counted = ColorHistogram()
    counted.add(np.array(colors * 50, np.uint8))
    found = hue_palette(counted).colors
    assert len(found) == count
    if hues == [(255, 0, 0), (0, 200, 0), (0, 0, 255)]:
        expected = {*hues, (140, 140, 140)}
        assert {tuple(map(int, color)) for color in found} == expected


@pytest.mark.parametrize(
    "second, count",
    [
        # of 1.05 % of the pixels, its hue in the bin whose centre is so many degrees away
        ((255, 108, 0), 2),  # 24: all of its peak is left, 1.05 %, at least 1 %
        ((255, 0, 96), 2),  # the same across 0 degrees
        ((255, 96, 0), 1),  # 21: at 24 its flank, exp(-1/8) of 1.05 %, and red's, exp(-8) of 98.95
        ((255, 0, 83), 1),
    ],
)
def test_hues_count_as_two_from_24_degrees_on(second, count):
    counted = ColorHistogram()
    counted.add(np.array([(255, 6, 0)] * 9895 + [second] * 105, np.uint8))
    assert len(hue_palette(counted).colors) == count


def test_few_stray_hues_and_greys_do_not_count():
    counted = ColorHistogram()
    colors = [(0, 0, 200)] * 1000 + [(200, 0, 0)] * 3 + [(90, 90, 90)] * 3
    counted.add(np.array(colors, np.uint8))
    (color,) = hue_palette(counted).colors
    assert color[2] > 190 and color[0] < 5


def test_a_palette_of_hues_needs_pixels():
    with pytest.raises(ValueError, match="at least 1 opaque pixel"):
        hue_palette(ColorHistogram())
