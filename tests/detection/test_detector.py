"""From an image to its grid."""

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from pixelization.detection.detector import detect_grid
from pixelization.detection.geometry import SURE
from pixelization.images.alpha import on_white
from pixelization.reducers.snapping import snap
from tests.make import shaded_sprite

CARTOONS = Path(__file__).parents[1] / "data" / "cartoons"


def enlarge(image, width, height, method=Image.Resampling.NEAREST):
    return np.asarray(Image.fromarray(image).resize((width, height), method))


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("side", [16, 33])
def test_native_sprites_are_native(side, channels):
    for seed in range(2):
        found = detect_grid(shaded_sprite(seed, side, channels))
        assert (
            found.native
            and found.size == (side, side)
            and found.cell == (1, 1)
            and found.phase == (0, 0)
        )


@pytest.mark.parametrize("factor", [2, 3, 5.3, 12.6])
def test_nearest_neighbour_by_whole_and_fractional_factors(factor):
    side = round(24 * factor)
    found = detect_grid(enlarge(shaded_sprite(), side, side))
    assert found.size == (24, 24) and not found.native
    assert found.cell == pytest.approx((side / 24, side / 24)) and found.phase == (0, 0)
    assert found.confidence >= SURE


def test_axes_may_have_different_factors():
    found = detect_grid(enlarge(shaded_sprite(3), 24 * 4, 24 * 7))
    assert found.size == (24, 24)
    assert found.cell == pytest.approx((4, 7))


@pytest.mark.parametrize("factor", [2, 3])
def test_cells_may_be_a_whole_number_of_times_as_wide_as_high(factor):
    """Square cells would explain such an image, too, but only by chance."""
    found = detect_grid(enlarge(shaded_sprite(4), 24 * 4 * factor, 24 * 4))
    assert (
        found.size == (24, 24)
        and found.cell == pytest.approx((4 * factor, 4))
        and found.confidence >= SURE
    )


@pytest.mark.parametrize(
    "seed, factors", list(enumerate([(2, 1), (1, 2), (3, 1), (1, 4), (1, 2.5), (4, 1)]))
)
def test_cells_of_one_pixel_along_one_side(seed, factors):
    sprite = shaded_sprite(seed)
    image = enlarge(sprite, round(24 * factors[0]), round(24 * factors[1]))
    found = detect_grid(image)
    assert found.size == (24, 24) and found.cell == pytest.approx(factors)
    assert found.confidence >= SURE and not found.native
    assert (np.asarray(snap(image, grid=found).sprite) == sprite).all()


def in_a_window(sprite, bar, left=13, top=17):
    """On a light page, below a title bar whose height is no multiple of a cell."""
    window = np.full((sprite.shape[0] + bar + top + 29, sprite.shape[1] + left + 31, 3), 235, "u1")
    window[:bar] = (60, 60, 70)
    window[bar + top :, left:][: sprite.shape[0], : sprite.shape[1]] = sprite
    return window


@pytest.mark.parametrize("cell", [(4, 4), (6, 6), (7, 7), (8, 4), (3, 6)])
@pytest.mark.parametrize("seed, bar", [(0, 22), (1, 34)])
def test_a_window_around_a_sprite_does_not_change_its_cells(cell, seed, bar):
    image = in_a_window(enlarge(shaded_sprite(seed), 24 * cell[0], 24 * cell[1]), bar)
    found = detect_grid(image)
    assert found.cell == pytest.approx(cell, abs=0.01) and found.confidence >= SURE
    offsets = np.subtract((13, bar + 17), found.phase) / cell
    assert np.abs(offsets - np.round(offsets)).max() < 0.1


def test_a_panel_beside_the_bar_a_status_line_and_a_frame_do_not_either():
    image = in_a_window(enlarge(shaded_sprite(2), 24 * 6, 24 * 6), 22)
    image[-10:] = (150, 155, 160)
    image = np.pad(image, ((0, 0), (71, 0), (0, 0)), constant_values=180)
    image = np.pad(image, ((1, 1), (1, 1), (0, 0)), constant_values=90)
    found = detect_grid(image)
    assert found.cell == pytest.approx((6, 6), abs=0.01) and found.confidence >= SURE


def test_edges_on_half_cells_do_not_halve_cells():
    """A window on a desktop, whose bars are on borders of cells of 4 along x by chance."""
    image = in_a_window(enlarge(shaded_sprite(1), 24 * 8, 24 * 8), 22, left=20)
    image = np.pad(image, ((9, 31), (36, 28), (0, 0)), constant_values=120)
    found = detect_grid(image)
    assert found.cell == pytest.approx((8, 8), abs=0.01) and found.confidence >= SURE
    assert found.phase == pytest.approx((0, 0), abs=0.1)  # 36 + 20 and 9 + 22 + 17 are so many 8s


def test_a_soft_shadow_around_a_window_does_no_harm():
    window = in_a_window(enlarge(shaded_sprite(2), 24 * 6, 24 * 6), 22)
    shadow = np.pad(np.ones(window.shape[:2]), ((30, 40), (33, 37)))
    shadow = ndimage.gaussian_filter(np.roll(shadow, (8, 5), (0, 1)), 7)[..., None]
    image = ((30, 110, 120) * (1 - 0.6 * shadow)).round().astype(np.uint8)
    image[30:-40, 33:-37] = window
    found = detect_grid(image)
    assert found.cell == pytest.approx((6, 6), abs=0.01) and found.confidence >= SURE
    offsets = np.subtract((33 + 13, 30 + 22 + 17), found.phase) / 6
    assert np.abs(offsets - np.round(offsets)).max() < 0.1


@pytest.mark.parametrize(
    "seed, method", [(0, Image.Resampling.BILINEAR), (1, Image.Resampling.BICUBIC)]
)
def test_soft_pixel_art_in_a_window_is_right_or_not_sure(seed, method):
    image = in_a_window(enlarge(shaded_sprite(seed), 24 * 6, 24 * 6, method), 22)
    found = detect_grid(np.pad(image, ((9, 31), (36, 28), (0, 0)), constant_values=120))
    assert found.cell == pytest.approx((6, 6), rel=0.02) or found.confidence < SURE


@pytest.mark.parametrize("cell", [(6, 3), (4, 8)])
def test_lines_across_art_of_wide_or_high_cells_are_borders_of_cells(cell):
    sprite = shaded_sprite(5)
    sprite[[3, 8, 17]] = (40, 90, 60)
    sprite[:, [5, 20]] = (200, 90, 60)
    image = enlarge(sprite, 24 * cell[0], 24 * cell[1])
    found = detect_grid(image)
    assert found.cell == pytest.approx(cell) and found.confidence >= SURE
    assert (np.asarray(snap(image, grid=found).sprite) == sprite).all()


def test_damaged_cells_of_one_pixel_along_one_side_are_right_or_not_sure():
    for seed in range(4):
        image = enlarge(shaded_sprite(seed), 24, 72).astype(float)
        image += np.random.default_rng(seed).normal(0, 4, image.shape)
        found = detect_grid(image.round().clip(0, 255).astype(np.uint8))
        assert found.size == (24, 24) or found.confidence < SURE


def drifting(sprite, factor, rng):
    """Rows and columns of cells, each border off by some 12 % of a cell."""
    index = []
    for cells in sprite.shape[:2]:
        borders = np.arange(1, cells) + rng.normal(0, 0.12, cells - 1)
        index.append(np.searchsorted(np.sort(borders), (np.arange(cells * factor) + 0.5) / factor))
    image = sprite[np.ix_(*index)].astype(float)
    image = ndimage.gaussian_filter(image, (0.08 * factor, 0.08 * factor, 0))
    image += rng.normal(0, 5, image.shape)
    return image.round().clip(0, 255).astype(np.uint8)


def test_most_cells_that_drift_are_sure_and_right():
    found = [
        detect_grid(drifting(shaded_sprite(seed), 14, np.random.default_rng(seed)))
        for seed in range(4)
    ]
    sure = [each for each in found if each.confidence >= SURE]
    assert len(sure) >= 2 and all(each.size == (24, 24) for each in sure)


@pytest.mark.parametrize(("left", "top"), [(1, 0), (3, 6), (7, 1)])
def test_phase_of_a_crop_and_bounds_of_its_cells(left, top):
    image = enlarge(shaded_sprite(1), 24 * 8, 24 * 8)[top:-2, left:-3]
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
    assert detect_grid(enlarge(shaded_sprite(2), side, side, method)).size == (24, 24)


@pytest.mark.parametrize("sigma", [0.1, 0.2, 0.4])
def test_blur(sigma):
    image = ndimage.gaussian_filter(
        enlarge(shaded_sprite(4), 24 * 7, 24 * 7).astype(float), (7 * sigma, 7 * sigma, 0)
    )
    assert detect_grid(image.round().astype(np.uint8)).size == (24, 24)


def test_noise():
    image = enlarge(shaded_sprite(5), 24 * 9, 24 * 9) + np.random.default_rng(0).normal(
        0, 8, (216, 216, 3)
    )
    assert detect_grid(image.clip(0, 255).astype(np.uint8)).size == (24, 24)


def test_alpha_alone_shows_the_grid():
    mask = shaded_sprite(6, channels=4)
    mask[..., :3] = (mask[..., 3:] > 0) * np.uint8(200)  # one colour: only the outline is left
    assert detect_grid(enlarge(mask, 24 * 6, 24 * 6)).size == (24, 24)


def test_hidden_colours_have_no_influence():
    image = np.array(enlarge(shaded_sprite(7, channels=4), 24 * 5, 24 * 5))
    hidden = image.copy()
    hidden[hidden[..., 3] == 0, :3] = np.random.default_rng(0).integers(
        0, 256, ((hidden[..., 3] == 0).sum(), 3)
    )
    assert detect_grid(hidden) == detect_grid(image)


def test_opaque_alpha_changes_nothing():
    image = enlarge(shaded_sprite(8), 24 * 5, 24 * 5)
    assert (
        detect_grid(np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])).size
        == detect_grid(image).size
        == (24, 24)
    )


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


def test_mirrored_and_transposed_images_have_the_same_size():
    image = enlarge(shaded_sprite(3, 20), 20 * 5, 20 * 7, Image.Resampling.BILINEAR)
    found = detect_grid(image)
    assert found.size == (20, 20)
    assert detect_grid(np.ascontiguousarray(image[:, ::-1])).size == found.size
    assert detect_grid(np.ascontiguousarray(image.transpose(1, 0, 2))).cell == pytest.approx(
        found.cell[::-1], rel=0.01
    )


def test_large_image_of_noise():
    cells = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    assert detect_grid(enlarge(cells, 1024, 1024)).size == (128, 128)


@pytest.mark.parametrize("side", [128, 256])
def test_drawings_are_not_taken_for_sprites(side):
    for path in sorted(CARTOONS.glob("*.png")):
        drawing = on_white(Image.open(path).convert("RGBA")).resize(
            (side, side), Image.Resampling.LANCZOS
        )
        assert detect_grid(np.asarray(drawing)).confidence < SURE, path.name
