"""Colours of a sprite and its source, by hand."""

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from pixelization.evaluation.metrics.colors import number_of_colors, palette_distance

BLACK, GREY, WHITE, RED = (0, 0, 0), (128, 128, 128), (255, 255, 255), (255, 0, 0)


def stripes(*colors, size=8):
    return np.repeat(np.array(colors, np.uint8)[:, None], size, axis=1)


def difference(first, second):
    return float(
        deltaE_ciede2000(*(rgb2lab(np.array([[color]], np.uint8)) for color in (first, second)))[
            0, 0
        ]
    )


def test_equal_palettes_have_no_distance_whatever_the_arrangement():
    assert (
        palette_distance(stripes(BLACK, RED, WHITE), stripes(RED, WHITE, WHITE, BLACK, size=3), 5)
        == 0
    )
    assert palette_distance(stripes(BLACK), stripes(WHITE), 1) == pytest.approx(100, abs=0.01)


def test_both_directions_count():
    # Source to sprite: black 0, white 100 - grey's share; sprite to source: black 0. Three colours
    # in both palettes.
    source, sprite = stripes(BLACK, WHITE), stripes(BLACK)
    assert palette_distance(source, sprite, 5) == pytest.approx(difference(BLACK, WHITE) / 3)
    assert palette_distance(sprite, source, 5) == pytest.approx(difference(BLACK, WHITE) / 3)
    source, sprite = stripes(BLACK, WHITE), stripes(GREY, RED)
    to_sprite = [min(difference(color, other) for other in (GREY, RED)) for color in (BLACK, WHITE)]
    to_source = [min(difference(color, other) for other in (BLACK, WHITE)) for color in (GREY, RED)]
    assert palette_distance(source, sprite, 2) == pytest.approx(np.mean(to_sprite + to_source))


def test_k_colours_represent_the_rest():
    source = stripes(*[BLACK] * 3, (4, 4, 4), *[WHITE] * 4)  # clusters: 1, 1, 1 and white
    assert palette_distance(source, stripes((1, 1, 1), WHITE), 2) == 0
    assert palette_distance(source, stripes((1, 1, 1), WHITE), 3) > 0


def test_number_of_colors():
    assert number_of_colors(stripes(BLACK, RED, BLACK)) == 2
    assert number_of_colors(stripes((0, 0, 1), (0, 1, 0), (1, 0, 0))) == 3
