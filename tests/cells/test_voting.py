"""The grid's decisions by hand.

Which cell owns a pixel, which colour wins, what is opaque, what is flat.
"""

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
import torch

from pixelization.cells.tiling import tiles
from pixelization.cells.voting import (
    area_mean,
    cell_index,
    cell_purity,
    cell_starts,
    coverage_vote,
    majority_vote,
    mean_per_cell,
)
from pixelization.networks.cells import upsample_nearest

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def picture(*rows):
    """A picture from letters: one string per row of pixels."""
    colors = {"r": RED, "g": GREEN, "b": BLUE, "w": WHITE}
    return np.array([[colors[letter] for letter in row] for row in rows], np.uint8)


def noise(*shape, levels=256, seed=0):
    return np.random.default_rng(seed).integers(0, levels, shape, dtype=np.uint8)


def test_a_pixel_belongs_to_the_cell_that_holds_its_centre():
    # Bounds at 8/3 and 16/3: the centres 2.5 and 5.5 lie on the near side of 2.67 and the far side
    # of 5.33.
    assert cell_index(8, 3).tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
    assert cell_index(7, 7).tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert cell_index(9, 1).tolist() == [0] * 9
    assert cell_starts(8, 3).tolist() == [0, 3, 5]


@pytest.mark.parametrize(
    "side, cells", [(16, 3), (53, 10), (32, 6), (57, 13), (33, 4), (10, 4), (5, 2), (256, 48)]
)
def test_cells_agree_with_nearest_upsampling(side, cells):
    painted = upsample_nearest(
        torch.arange(cells, dtype=torch.float32).view(1, 1, cells, 1), (side, 1)
    )
    assert cell_index(side, cells).tolist() == painted.flatten().int().tolist()


def test_the_most_frequent_colour_wins():
    image = picture("rrgg", "rbgw", "bbww", "bwwr")
    assert np.array_equal(majority_vote(image, (2, 2)), picture("rg", "bw"))


def test_votes_over_cells_of_fractional_size():
    # 8 pixels, 3 cells: pixels 0-2, 3-4, 5-7.
    image = np.repeat(picture("rrgbbwgw"), 3, axis=0)
    assert np.array_equal(majority_vote(image, (1, 3)), picture("rbw"))


def test_a_tie_goes_to_the_centre_pixel_and_then_to_the_smallest_colour():
    # 5 r, 5 b, centre r
    assert np.array_equal(majority_vote(picture("bbbrr", "rrrbb"), (1, 1)), picture("r"))
    # 3 r, 3 b, centre g: b < r
    assert np.array_equal(majority_vote(picture("rbw", "rgb", "wrb"), (1, 1)), picture("b"))


def test_agrees_with_counting_in_a_loop():
    image = noise(37, 53, 3, levels=2) * 255
    rows, columns = cell_index(37, 7), cell_index(53, 11)
    vote = majority_vote(image, (7, 11))
    for row in range(7):
        for column in range(11):
            cell = image[rows == row][:, columns == column].reshape(-1, 3)
            counts = Counter(map(tuple, cell.tolist()))
            assert counts[tuple(vote[row, column].tolist())] == max(counts.values())


def test_voting_undoes_nearest_upsampling():
    sprite = noise(12, 10, 3)
    enlarged = sprite[cell_index(64, 12)][:, cell_index(53, 10)]
    assert np.array_equal(majority_vote(enlarged, (12, 10)), sprite)
    assert np.array_equal(majority_vote(sprite, (12, 10)), sprite)


@pytest.mark.parametrize("grid", [(5, 4), (4, 5), (0, 2)])
def test_every_cell_needs_a_pixel(grid):
    with pytest.raises(ValueError, match="does not fit an image of 4x4"):
        majority_vote(noise(4, 4, 3), grid)
    with pytest.raises(ValueError, match="does not fit an image of 4x4"):
        cell_purity(noise(4, 4, 3), grid)


def test_only_rgb_bytes_are_voted_on():
    with pytest.raises(ValueError, match="uint8"):
        majority_vote(noise(4, 4, 4), (2, 2))
    with pytest.raises(ValueError, match="uint8"):
        majority_vote(np.zeros((4, 4, 3)), (2, 2))


def test_large_images_vote():
    sprite = noise(512, 384, 3)
    assert np.array_equal(
        majority_vote(sprite.repeat(4, axis=0).repeat(4, axis=1), (512, 384)), sprite
    )


def test_a_cell_is_opaque_from_a_mean_alpha_of_128():
    alpha = np.zeros((4, 8), np.uint8)
    alpha[:, :4] = 128
    alpha[:2, 4:] = 255  # half of the second cell: mean 127.5
    assert coverage_vote(alpha, (1, 2)).tolist() == [[255, 0]]
    alpha[2, 4] = 8  # (8 * 255 + 8) / 16 = 128
    assert coverage_vote(alpha, (1, 2)).tolist() == [[255, 255]]


def test_coverage_counts_fractions_of_pixels():
    # 3 pixels, 2 cells of 1.5: means (255 + 0.5 * a) / 1.5 and (0.5 * a + 0) / 1.5.
    # 192 / 1.5 = 128
    assert coverage_vote(np.array([[192, 0, 0]], np.uint8), (1, 2)).tolist() == [[255, 0]]
    assert coverage_vote(np.array([[191, 0, 0]], np.uint8), (1, 2)).tolist() == [[0, 0]]
    # 85, 129
    assert coverage_vote(np.array([[0], [255], [66]], np.uint8), (2, 1)).tolist() == [[0], [255]]


def test_area_means_count_fractions_of_pixels():
    # 5 pixels, 2 cells of 2.5; further axes each by itself.
    row = np.array([[0, 10, 20, 30, 40]])
    means = np.array([[(0 + 10 + 20 / 2) / 2.5, (20 / 2 + 30 + 40) / 2.5]])
    assert area_mean(row, (1, 2)) == pytest.approx(means)
    assert area_mean(np.stack([row, 2 * row], axis=2), (1, 2)) == pytest.approx(
        np.stack([means, 2 * means], axis=2)
    )


def test_purity_is_the_standard_deviation_of_the_worst_channel():
    image = np.full((2, 4, 3), 100, np.uint8)
    image[0, 2:] = (100, 104, 110)  # cell 1: green 104, 104, 100, 100; blue 110, 110, 100, 100
    assert cell_purity(image, (1, 2)).tolist() == [[0.0, 5.0]]


def test_flat_cells_are_exactly_pure():
    sprite = noise(9, 10, 3)
    enlarged = sprite[cell_index(48, 9)][:, cell_index(53, 10)]
    assert np.all(cell_purity(enlarged, (9, 10)) == 0)


@pytest.mark.parametrize("scale", [Fraction(1, 4), Fraction(3, 16), Fraction(1, 8)])
def test_tiles_put_an_image_together_again_and_their_grids_fit(scale):
    grid = (40, 31)
    image = noise(*(round(side / scale) for side in grid), 3)
    cells = noise(*grid, 3, seed=1)
    copy, copied_cells, count = np.zeros_like(image), np.zeros_like(cells), 0
    for in_cells, in_pixels in tiles(grid, image.shape[:2], scale, tile=64, halo=16):
        seen, seen_cells = in_pixels.read(image), in_cells.read(cells)
        assert tuple(max(1, round(side * scale)) for side in seen.shape[:2]) == seen_cells.shape[:2]
        in_pixels.write(copy, seen)
        in_cells.write(copied_cells, seen_cells)
        count += 1
    assert count > 4
    assert np.array_equal(copy, image) and np.array_equal(copied_cells, cells)


def test_a_small_image_is_one_tile():
    ((in_cells, in_pixels),) = tiles((10, 9), (53, 48), Fraction(3, 16), tile=64, halo=16)
    assert in_cells.outer == (slice(0, 10), slice(0, 9))
    assert in_pixels.outer == (slice(0, 53), slice(0, 48))


def test_mean_per_cell_is_that_of_the_pixels_that_a_cell_owns():
    values = np.random.default_rng(0).integers(0, 256, (9, 13), dtype=np.uint8)
    rows, columns = cell_index(9, 4), cell_index(13, 5)
    found = mean_per_cell(values, (4, 5))
    for y, x in np.ndindex(4, 5):
        assert found[y, x] == pytest.approx(values[rows == y][:, columns == x].mean())
    with pytest.raises(ValueError, match="does not fit"):
        mean_per_cell(values, (10, 5))
