"""Near colours become one: the commonest, in all sprites alike."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

from pixelization.color.oklab import FLARE, oklab
from pixelization.finishing.shades import merge_shades

RED, ALMOST, BLUE = (200, 20, 20), (202, 20, 21), (20, 20, 200)


def sprite(*rows):
    return np.array(rows, np.uint8)


def test_the_commonest_shade_stays_in_all_sprites_alike():
    first, second = sprite([RED, RED, BLUE]), sprite([ALMOST, ALMOST, BLUE], [RED, RED, BLUE])
    for merged, expected in zip(
        merge_shades([first, second], 0.02),
        (first, sprite([RED, RED, BLUE], [RED, RED, BLUE])),
        strict=True,
    ):
        assert np.array_equal(merged, expected)
    assert np.array_equal(second[0, 0], ALMOST)  # the argument is as it was


def test_transparent_cells_neither_count_nor_change():
    image = sprite(
        [(*ALMOST, 0)] * 5, [(*RED, 255), (*ALMOST, 255), (*RED, 255), (*ALMOST, 128), (*BLUE, 255)]
    )
    (merged,) = merge_shades([image], 0.02)
    assert np.array_equal(merged[0], image[0])
    assert merged[1].tolist() == [[*RED, 255], [*RED, 255], [*RED, 255], [*RED, 128], [*BLUE, 255]]


@pytest.mark.parametrize("distance", [0.0, 0.001])
def test_what_differs_more_stays(distance):
    image = sprite([RED, ALMOST, BLUE])
    assert np.array_equal(merge_shades([image], distance)[0], image)


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint8, (4, 5, 3)), st.sampled_from([0.02, 0.1, 0.4, 1.0]))
def test_no_two_that_are_left_are_near_and_none_moved_far(image, distance):
    (merged,) = merge_shades([image], distance)
    moved = np.linalg.norm(oklab(merged, FLARE) - oklab(image, FLARE), axis=-1)
    assert moved.max() < distance
    left = oklab(np.unique(merged.reshape(-1, 3), axis=0), FLARE)
    apart = np.linalg.norm(left[:, None] - left, axis=-1)
    assert (apart + 10 * np.eye(len(left))).min() >= distance * (1 - 1e-6)
    assert {tuple(each) for each in merged.reshape(-1, 3)} <= {
        tuple(each) for each in image.reshape(-1, 3)
    }
    (again,) = merge_shades([merged], distance)
    assert np.array_equal(again, merged)


def test_near_blacks_are_one_colour_and_dark_greys_are_not():
    """Oklab by itself has (1, 1, 1) further from black than 170 is from 150."""
    image = sprite([(0, 0, 0)] * 8 + [(1, 1, 1), (4, 2, 2), (20, 20, 20)])
    (merged,) = merge_shades([image], 0.02, commoner=8)
    assert merged[0].tolist() == [[0, 0, 0]] * 10 + [[20, 20, 20]]


def test_strays_join_a_fill_and_gradients_stay():
    fill, stray, step = (200, 20, 20), (202, 20, 21), (203, 21, 22)
    image = sprite([fill] * 6, [fill, stray, fill, fill, stray, fill], [fill] * 6, [step] * 6)
    (merged,) = merge_shades([image], 0.02, commoner=8)
    assert merged.tolist() == sprite(*[[fill] * 6] * 3, [step] * 6).tolist()
    gradient = sprite([(level, level, level) for level in range(100, 140) for _ in range(3)])
    assert np.array_equal(merge_shades([gradient], 0.02, commoner=8)[0], gradient)


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
@pytest.mark.parametrize("frames", [1, 2])
def test_a_gradient_stays_whole_around_a_large_fill_of_its_last_shade(frames, turn):
    levels = [*range(100, 121), *[120] * 20]  # the last steps are nearer to 120 than 0.02
    image = np.rot90(sprite(*[[(level, level, level) for level in levels]] * 4), turn)
    for merged in merge_shades([image] * frames, 0.02, commoner=8):
        assert np.array_equal(merged, image)
    (few,) = merge_shades([image], 0.02)  # whoever asks for few shades gets them
    assert len(np.unique(few)) < 10


def test_a_stray_beside_something_else_goes():
    fill, stray = (200, 20, 20), (202, 20, 21)
    image = sprite([BLUE] * 9, [BLUE, stray, *[fill] * 7], [BLUE, *[fill] * 8])
    (merged,) = merge_shades([image], 0.02, commoner=8)
    assert merged[1, 1].tolist() == list(fill)


@pytest.mark.parametrize(("steps", "goes"), [(1, True), (2, False)])
def test_a_shade_stays_where_more_than_two_fifths_around_go_on(steps, goes):
    fill, stray, step = (200, 20, 20), (202, 20, 21), (204, 20, 22)
    image = sprite(*[[fill] * 9] * 3, [BLUE] * 9)
    image[1, 4] = stray
    image[[0, 1], [4, 5]] = step, BLUE  # three near neighbours are left, one of them a step
    if steps == 2:
        image[2, 4] = step
    distance = 1.5 * np.linalg.norm(oklab(np.uint8(fill)) - oklab(np.uint8(stray)))
    (merged,) = merge_shades([image], distance, commoner=8)
    assert (merged[1, 4].tolist() == list(fill)) == goes


def test_strays_in_a_fill_go_although_a_gradient_begins_at_it():
    image = sprite(*[[(min(level, 120),) * 3 for level in range(100, 160)]] * 4)
    image[[0, 2], [45, 50]] = 122
    (merged,) = merge_shades([image], 0.02, commoner=8)
    image[[0, 2], [45, 50]] = 120
    assert np.array_equal(merged, image)


def test_cells_that_nothing_is_drawn_in_are_no_neighbours():
    fill, stray, step = (200, 20, 20, 255), (202, 20, 21, 255), (203, 21, 22, 0)
    image = sprite([fill] * 9, [fill] * 8 + [stray], [step] * 9)
    for turned in (image, image[::-1]):
        assert merge_shades([turned], 0.02, commoner=8)[0][1, 8].tolist() == list(fill)
