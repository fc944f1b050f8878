"""Drawings in cells and smooth."""

import numpy as np
import pytest
from PIL import Image

from pixelization.training.data.drawings import (
    STEP,
    Drawing,
    chain,
    closed,
    curve,
    draw_pair,
    resampled,
)


def line(*corners):
    return resampled(np.array(corners, float))


def test_a_straight_stroke_is_a_chain_of_its_cells():
    assert chain(line((0.5, 2.5), (4.5, 2.5))) == [(0, 2), (1, 2), (2, 2), (3, 2), (4, 2)]


def test_a_diagonal_touches_at_corners_only():
    assert chain(line((0.6, 0.5), (4.6, 4.5))) == [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)]


@pytest.mark.parametrize("seed", range(20))
def test_chains_are_connected_without_doubled_corners(seed):
    rng = np.random.default_rng(seed)
    cells = np.array(chain(curve(rng, rng.uniform(0, 20, 2), 15)))
    assert (np.abs(np.diff(cells, axis=0)).max(axis=1) == 1).all()
    assert not (np.abs(cells[2:] - cells[:-2]) == 1).all(axis=1).any()


def test_resampled_points_are_near_each_other_and_keep_the_corners():
    points = line((0, 0), (3, 0), (3, 4))
    assert np.hypot(*np.diff(points, axis=0).T).max() <= STEP
    assert all((points == corner).all(axis=1).any() for corner in ((0, 0), (3, 0), (3, 4)))


@pytest.mark.parametrize("angle", [0, 20, 45, 70])
def test_a_stroke_keeps_its_area(angle):
    drawing = Drawing(32, 128, (0, 0, 0))
    way = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    drawing.stroke(resampled(np.array([(4, 4), (4, 4) + 22 * way])), (255, 255, 255))
    cells, smooth = (image.mean() * 32 * 32 / 255 for image in drawing.arrays())
    assert smooth == pytest.approx(cells, rel=0.12)


def test_an_area_takes_the_cells_it_covers_by_half():
    drawing = Drawing(8, 32, (0, 0, 0))
    drawing.fill(drawing.area(np.array([(2, 2), (5.4, 2), (5.4, 6), (2, 6)])), (255, 0, 0))
    cells, smooth = drawing.arrays()
    expected = np.zeros((3, 8, 8), np.uint8)
    expected[0, 2:6, 2:5] = 255
    assert np.array_equal(cells, expected)
    assert smooth[0, 16, 19] == 255 and 0 < smooth[0, 16, 21] < 255 and smooth[0, 16, 24] == 0


def test_nothing_stays_outside_of_a_mask():
    drawing = Drawing(8, 32, (0, 0, 0))
    before = drawing.copies()
    drawing.stroke(line((0.5, 4.5), (7.5, 4.5)), (255, 255, 255))
    drawing.inside(drawing.area(np.array([(0, 0), (4, 0), (4, 8), (0, 8)])), before)
    cells, smooth = drawing.arrays()
    assert cells[0, 4].tolist() == [255] * 4 + [0] * 4
    assert smooth[0, 18, 8] == 255 and not smooth[0, :, 18:].any()


@pytest.mark.parametrize("cells", [10, 15, 20])
def test_drawings_are_pairs_of_the_same_scene(cells):
    apart, mirrored = [], []
    for seed in range(6):
        sprite, smooth = draw_pair(cells, 80, np.random.default_rng(seed))
        assert (
            sprite.shape == (3, cells, cells)
            and smooth.shape == (3, 80, 80)
            and sprite.dtype == smooth.dtype == np.uint8
        )
        means = [
            np.asarray(Image.fromarray(channel).resize((cells, cells), Image.Resampling.BOX))
            for channel in smooth
        ]
        apart.append(np.abs(sprite.astype(int) - means).mean())
        mirrored.append(np.abs(sprite[..., ::-1].astype(int) - means).mean())
    assert np.mean(apart) < 0.6 * np.mean(mirrored)


def test_drawings_repeat_and_differ():
    first, again, other = (draw_pair(12, 48, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("seed", range(12))
def test_outlines_are_closed_and_about_as_large_as_wished(seed):
    outline = closed(np.random.default_rng(seed), np.array([10.0, 10.0]), 5.0)
    assert len(outline) > 10 and np.abs(outline - 10).max() < 12
