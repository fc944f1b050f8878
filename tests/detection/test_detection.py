"""Grid detection on hand-drawn and on enlarged random sprites.

The figures on real ones are in docs/results-snap.md.
"""

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from pixelization.detection.axis import Axis
from pixelization.detection.detector import SURE, detect_grid
from pixelization.detection.fit import KERNELS, exact_grid, residual, sketch
from pixelization.detection.geometry import cells_inside
from pixelization.detection.profiles import changes_along, lines_along, periods_along
from pixelization.detection.score import WEIGHTS, other_features, pair_features
from pixelization.images.alpha import on_white

CARTOONS = Path(__file__).parents[1] / "data" / "cartoons"


def sprite(seed=0, side=24, channels=3):
    """A blob with an outline and a few flat colours, with single pixels on it."""
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.normal(size=(side, side)), 1.5)
    shape = noise + 0.25 - 0.6 * np.hypot(*(np.mgrid[:side, :side] - side / 2)) / side > 0
    palette = rng.integers(40, 256, (5, 3))
    image = np.full((side, side, 4), (90, 140, 200, 255), np.uint8)
    image[..., :3][shape] = palette[rng.integers(0, 5, (side, side))][shape]
    image[shape & ~ndimage.binary_erosion(shape), :3] = 10
    if channels == 4:
        image[~shape] = 0
    return np.ascontiguousarray(image[..., :channels])


def enlarge(image, width, height, method=Image.Resampling.NEAREST):
    return np.asarray(Image.fromarray(image).resize((width, height), method))


def test_cells_inside_counts_cells_with_at_least_half_their_width():
    assert cells_inside(12, 4, 0) == (0, 3)
    assert cells_inside(12, 4, -1) == (0, 3)  # 3 of 4 pixels of the first, 1 of 4 of the last
    assert cells_inside(12, 4, -2) == (0, 4)  # exactly half of either
    assert cells_inside(12, 4, -3) == (1, 3)
    assert cells_inside(13, 6.5, 0) == (0, 2)
    assert cells_inside(2, 8, -7) == (1, 1)  # never none


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("side", [16, 33])
def test_native_sprites_are_native(side, channels):
    for seed in range(2):
        found = detect_grid(sprite(seed, side, channels))
        assert (
            found.native
            and found.size == (side, side)
            and found.cell == (1, 1)
            and found.phase == (0, 0)
        )


@pytest.mark.parametrize("factor", [2, 3, 5.3, 12.6])
def test_nearest_neighbour_by_whole_and_fractional_factors(factor):
    side = round(24 * factor)
    found = detect_grid(enlarge(sprite(), side, side))
    assert found.size == (24, 24) and not found.native
    assert found.cell == pytest.approx((side / 24, side / 24)) and found.phase == (0, 0)
    assert found.confidence >= SURE


def test_axes_may_have_different_factors():
    found = detect_grid(enlarge(sprite(3), 24 * 4, 24 * 7))
    assert found.size == (24, 24)
    assert found.cell == pytest.approx((4, 7))


@pytest.mark.parametrize("factor", [2, 3])
def test_cells_may_be_a_whole_number_of_times_as_wide_as_high(factor):
    """Square cells would explain such an image, too, but only by chance."""
    found = detect_grid(enlarge(sprite(4), 24 * 4 * factor, 24 * 4))
    assert (
        found.size == (24, 24)
        and found.cell == pytest.approx((4 * factor, 4))
        and found.confidence >= SURE
    )


@pytest.mark.parametrize(("left", "top"), [(1, 0), (3, 6), (7, 1)])
def test_phase_of_a_crop_and_bounds_of_its_cells(left, top):
    image = enlarge(sprite(1), 24 * 8, 24 * 8)[top:-2, left:-3]
    found = detect_grid(image)
    assert found.cell == pytest.approx((8, 8), abs=0.02)
    assert found.phase == pytest.approx((-left, -top), abs=0.3)
    assert found.size == (24 - (left > 4), 24 - (top > 4))
    for axis, cut in ((0, left), (1, top)):
        bounds = found.bounds(axis)
        assert len(bounds) == found.size[axis] + 1 and (np.diff(bounds) > 0).all()
        assert bounds[0] >= 0 and bounds[-1] <= image.shape[1 - axis]
        assert bounds[1] == pytest.approx((16 if cut > 4 else 8) - cut, abs=0.3)


@pytest.mark.parametrize(
    "method", [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS]
)
@pytest.mark.parametrize("factor", [4, 8.4])
def test_interpolated_enlargements(factor, method):
    side = round(24 * factor)
    assert detect_grid(enlarge(sprite(2), side, side, method)).size == (24, 24)


@pytest.mark.parametrize("sigma", [0.1, 0.2, 0.4])
def test_blur(sigma):
    image = ndimage.gaussian_filter(
        enlarge(sprite(4), 24 * 7, 24 * 7).astype(float), (7 * sigma, 7 * sigma, 0)
    )
    assert detect_grid(image.round().astype(np.uint8)).size == (24, 24)


def test_noise():
    image = enlarge(sprite(5), 24 * 9, 24 * 9) + np.random.default_rng(0).normal(
        0, 8, (216, 216, 3)
    )
    assert detect_grid(image.clip(0, 255).astype(np.uint8)).size == (24, 24)


def test_alpha_alone_shows_the_grid():
    mask = sprite(6, channels=4)
    mask[..., :3] = (mask[..., 3:] > 0) * np.uint8(200)  # one colour: only the outline is left
    assert detect_grid(enlarge(mask, 24 * 6, 24 * 6)).size == (24, 24)


def test_hidden_colours_have_no_influence():
    image = np.array(enlarge(sprite(7, channels=4), 24 * 5, 24 * 5))
    hidden = image.copy()
    hidden[hidden[..., 3] == 0, :3] = np.random.default_rng(0).integers(
        0, 256, ((hidden[..., 3] == 0).sum(), 3)
    )
    assert detect_grid(hidden) == detect_grid(image)


def test_opaque_alpha_changes_nothing():
    image = enlarge(sprite(8), 24 * 5, 24 * 5)
    assert (
        detect_grid(np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])).size
        == detect_grid(image).size
        == (24, 24)
    )


def test_scores_are_probabilities_in_descending_order():
    found = detect_grid(enlarge(sprite(9), 24 * 5, 24 * 5, Image.Resampling.BICUBIC))
    scores = [found.confidence, *(candidate.score for candidate in found.candidates)]
    assert scores == sorted(scores, reverse=True) and scores[-1] >= 0 and sum(scores) <= 1 + 1e-9
    sizes = [found.size, *(candidate.size for candidate in found.candidates)]
    assert len(set(sizes)) == len(sizes) >= 2


def test_a_blur_of_noise_is_not_a_sure_grid():
    for seed in range(2):
        image = ndimage.gaussian_filter(
            np.random.default_rng(seed).normal(128, 200, (160, 160, 3)), (3, 3, 0)
        )
        assert detect_grid(image.clip(0, 255).astype(np.uint8)).confidence < SURE


def test_flat_and_tiny_images_are_native_without_confidence_or_error():
    flat = detect_grid(np.full((40, 30, 3), 7, np.uint8))
    assert flat.native and flat.size == (30, 40) and flat.confidence == 0
    for height, width in [(1, 1), (1, 9), (2, 2), (3, 5), (7, 4), (1, 300)]:
        image = np.random.default_rng(0).integers(0, 256, (height, width, 4), np.uint8)
        found = detect_grid(image)
        assert found.size == tuple(len(found.bounds(axis)) - 1 for axis in (0, 1))
        assert all(math.isfinite(value) for value in (*found.cell, *found.phase, found.confidence))


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)]
)
def test_other_arrays_are_refused(image):
    with pytest.raises(ValueError, match="uint8"):
        detect_grid(image)


def test_the_fit_does_not_make_cells_larger_than_an_eighth_of_the_image():
    noise = np.random.default_rng(59)
    image = (noise.integers(0, 4, (31, 31, 3)) * 40 + 60).astype(np.uint8)
    # a period below the limit fits best with cells above it
    image[noise.random((31, 31)) < 0.3] = 200
    found = detect_grid(image)
    assert (
        max(*found.cell, *(cell for candidate in found.candidates for cell in candidate.cell))
        <= 31 / 8
    )


def test_mirrored_and_transposed_images_have_the_same_size():
    image = enlarge(sprite(3, 20), 20 * 5, 20 * 7, Image.Resampling.BILINEAR)
    found = detect_grid(image)
    assert found.size == (20, 20)
    assert detect_grid(np.ascontiguousarray(image[:, ::-1])).size == found.size
    assert detect_grid(np.ascontiguousarray(image.transpose(1, 0, 2))).cell == pytest.approx(
        found.cell[::-1], rel=0.01
    )


def test_large_image_of_noise():
    cells = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    assert detect_grid(enlarge(cells, 1024, 1024)).size == (128, 128)


@pytest.mark.parametrize("side", [128, 200, 256])
def test_drawings_are_not_taken_for_sprites(side):
    for path in sorted(CARTOONS.glob("*.png")):
        drawing = on_white(Image.open(path).convert("RGBA")).resize(
            (side, side), Image.Resampling.LANCZOS
        )
        assert detect_grid(np.asarray(drawing)).confidence < SURE, path.name


# The parts.


def test_premultiplied_lines_and_where_they_change():
    image = np.zeros((2, 6, 4), np.uint8)
    image[:, 3:] = (100, 50, 0, 255)
    image[:, :2, :3] = 99  # hidden
    lines = lines_along(image, 0)
    assert (
        lines.shape == (2, 6, 4)
        and lines[0, 4].tolist() == [100, 50, 0, 255]
        and not lines[0, :3].any()
    )
    assert changes_along(lines).tolist() == [3]
    assert lines_along(image, 1).shape == (6, 2, 4) and not len(
        changes_along(lines_along(image, 1))
    )


def test_periods_hold_that_of_a_comb():
    lines = np.repeat(np.random.default_rng(0).integers(0, 256, (5, 30, 3)), 7, axis=1).astype(
        np.float32
    )
    assert min(abs(period - 7) for period in periods_along(lines, 40)) < 0.05


@pytest.mark.parametrize("kernel", KERNELS)
def test_residual_is_least_where_the_image_was_made_with_the_kernel(kernel):
    cell, length = 6.3, 126
    weight, reach = KERNELS[kernel]
    position = (np.arange(length) + 0.5) / cell
    columns = position.astype(int)[:, None] + np.arange(-reach, reach + 1)
    weights = weight(position[:, None] - columns - 0.5, cell) * ((columns >= 0) & (columns < 20))
    weights /= weights.sum(axis=1, keepdims=True)
    values = np.random.default_rng(0).normal(0, 50, (20, 30))
    samples = np.einsum("lk,lkn->ln", weights, values[columns.clip(0, 19)])
    at_truth = residual(samples, cell, 0, kernel)
    assert at_truth < math.log(0.06)
    for wrong in ((cell, cell / 2), (cell * 1.1, 0), (cell * 2, 0)):
        assert residual(samples, *wrong, kernel) > at_truth + 3


def test_residual_of_boxes_by_hand():
    samples = np.array([[0.0], [2.0], [10.0], [10.0]])
    # mean 1 leaves 1 + 1
    assert residual(samples, 2, 0, "box") == pytest.approx(math.log(2 / 4 + 0.05))
    assert residual(samples, 4, 0, "box") == pytest.approx(math.log(83 / 4 + 0.05))


def test_sketch_keeps_the_variance_of_lines():
    lines = np.random.default_rng(1).normal(0, 10, (300, 200, 3)).astype(np.float32)
    assert sketch(lines).shape[0] == 200
    assert sketch(lines).var() == pytest.approx(100, rel=0.1)


def test_exact_grid_is_found_to_the_pixel_or_not_at_all():
    borders = np.ceil(np.array([1, 2, 4, 5, 9, 14, 20]) * 5.4 - 1.7 - 0.5).astype(int)
    cell, phase = exact_grid(borders, 5.45, -2.0)
    assert cell == pytest.approx(5.4, abs=0.03) and phase == pytest.approx(-1.7, abs=0.5)
    assert (np.ceil(np.array([1, 2, 4, 5, 9, 14, 20]) * cell + phase - 0.5) == borders).all()
    moved = borders.copy()
    moved[3] += 2
    assert exact_grid(moved, 5.4, -1.7) is None
    assert exact_grid(np.arange(1, 40), 2.0, 0.0) is None  # changes everywhere are no cells of 2


def test_every_weight_has_its_feature():
    axes = tuple(Axis(enlarge(sprite(), 120, 120), axis, 15) for axis in (0, 1))
    grid = axes[0].soft_grid(axes[0].rank(axes[0].periods)[0])
    assert len(pair_features(axes, (grid, grid))) == other_features(axes).shape[1] == len(WEIGHTS)
