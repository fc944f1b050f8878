"""The damage suite: its truth is true, and scores are what they say."""

from dataclasses import replace

import numpy as np
import pytest

from pixelization.evaluation.damage import DAMAGES, Damaged, match, vote
from pixelization.grid.detection.geometry import GridDetection, cells_inside

LOSSLESS = [kind for kind in DAMAGES if kind.startswith(("native", "nearest"))]


def sprite(seed=0, height=18, width=16):
    rng = np.random.default_rng(seed)
    image = np.zeros((height, width, 4), np.uint8)
    blocks = rng.integers(0, 4, (height // 3, width // 3, 3)) * 85
    image[..., :3] = blocks[np.arange(height)[:, None] * len(blocks) // height, np.arange(width) * len(blocks[0]) // width]
    image[rng.integers(1, height - 1, 9), rng.integers(1, width - 1, 9), :3] = 20
    image[..., 3] = 255
    image[[0, -1]] = image[:, [0, -1]] = 0
    return image


def truth(damaged):
    size = damaged.image.shape[1::-1]
    return GridDetection(damaged.cell, damaged.phase, damaged.size, size, 1.0, damaged.cell == (1, 1), ())


def test_there_are_enough_kinds():
    assert len(DAMAGES) >= 24 and {"native", "jpeg-75", "blur-0.2", "bilinear", "bicubic", "drift", "generator"} <= set(DAMAGES)


@pytest.mark.parametrize("kind", DAMAGES)
def test_the_truth_is_consistent_and_seeded(kind):
    for seed in range(4):
        source = sprite(seed)
        given = source.copy()
        damaged = DAMAGES[kind](source, np.random.default_rng(seed))
        assert (source == given).all()
        again = DAMAGES[kind](source, np.random.default_rng(seed))
        assert (again.image == damaged.image).all() and again.size == damaged.size
        assert damaged.image.dtype == damaged.sprite.dtype == np.uint8
        assert damaged.sprite.shape == (damaged.size[1], damaged.size[0], damaged.image.shape[2])
        for axis in (0, 1):
            assert -damaged.cell[axis] < damaged.phase[axis] <= 0
            assert cells_inside(damaged.image.shape[1 - axis], damaged.cell[axis], damaged.phase[axis])[1] == damaged.size[axis]


@pytest.mark.parametrize("kind", DAMAGES)
def test_the_true_grid_matches_and_recovers_the_sprite(kind):
    recovered = []
    for seed in range(4):
        damaged = DAMAGES[kind](sprite(seed), np.random.default_rng(seed))
        result = match(truth(damaged), damaged)
        assert result.exact and result.phase_error == pytest.approx(0, abs=1e-9)
        recovered.append(result.pixel_match)
    assert min(recovered) == 1 if kind in LOSSLESS else np.mean(recovered) > 0.6


@pytest.mark.parametrize("kind", ["nearest-2", "nearest-whole", "nearest-phase"])
def test_a_wrong_grid_does_not_match(kind):
    damaged = DAMAGES[kind](sprite(), np.random.default_rng(1))
    right = truth(damaged)
    shifted = replace(right, phase=(right.phase[0] - right.cell[0] / 2, right.phase[1]))
    assert match(shifted, damaged).phase_error == pytest.approx(0.5)
    whole = replace(right, cell=(1.0, 1.0), phase=(0.0, 0.0), size=damaged.image.shape[1::-1], native=True)
    assert not match(whole, damaged).exact
    halved = replace(right, cell=(right.cell[0] * 2, right.cell[1] * 2), size=(right.size[0] // 2, right.size[1] // 2))
    result = match(halved, damaged)
    assert not result.exact and result.pixel_match < 0.8


def test_phase_error_is_taken_modulo_a_cell():
    image = np.repeat(np.repeat(sprite()[..., :3], 4, axis=0), 4, axis=1)
    damaged = Damaged(image, (4.0, 4.0), (0.0, 0.0), (16, 18), sprite()[..., :3].copy())
    found = replace(truth(damaged), phase=(-3.0, 0.0))
    assert match(found, damaged).phase_error == pytest.approx(0.25)  # one pixel to the right, or three to the left


def test_pixel_match_by_hand():
    cells = np.zeros((2, 2, 3), np.uint8)
    image = np.repeat(np.repeat(cells, 3, axis=0), 3, axis=1)
    image[:3, :3] = 33  # one of four cells is not as it was; 32 would do
    damaged = Damaged(image, (3.0, 3.0), (0.0, 0.0), (2, 2), cells)
    assert match(truth(damaged), damaged).pixel_match == 0.75
    image[:3, :3] = 32
    assert match(truth(damaged), damaged).pixel_match == 1


def test_vote_of_colours_and_of_alpha():
    image = np.zeros((4, 8, 4), np.uint8)
    image[:, :3] = (200, 0, 0, 255)
    image[:, 3] = (0, 200, 0, 255)
    image[:1, 4:] = (0, 0, 200, 255)  # a quarter of the second cell is covered
    voted = vote(image, np.array([0.0, 4, 8]), np.array([0.0, 4]))
    assert voted.shape == (1, 2, 4)
    assert voted[0, 0].tolist() == [200, 0, 0, 255] and voted[0, 1, 3] == 0


def test_crops_leave_no_cell_that_is_half_inside():
    for seed in range(30):
        damaged = DAMAGES["nearest-phase"](sprite(seed), np.random.default_rng(seed))
        for axis in (0, 1):
            cell, phase = damaged.cell[axis], damaged.phase[axis]
            for border in (-phase / cell, (damaged.image.shape[1 - axis] - phase) / cell):
                assert abs(border % 1 - 0.5) > 0.099
