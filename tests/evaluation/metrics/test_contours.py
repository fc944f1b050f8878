"""How much contours turn."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

pytest.importorskip("skimage")
from pixelization.evaluation.metrics.contours import contour_turning


def grey(values):
    return np.repeat(np.asarray(values).astype(np.uint8)[..., None], 3, axis=2)


def disc(radius, side=128):
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return grey((255 * (radius - np.hypot(x, y) + 0.5)).clip(0, 255))


def test_straight_edges_do_not_turn():
    y, x = np.mgrid[:64, :64]
    assert contour_turning(grey(np.where(x < 30, 0, 255)), 4) == pytest.approx(0, abs=1e-6)
    assert contour_turning(grey((8 * (x - y)).clip(0, 255)), 4) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("cell", [8, 16])
def test_a_circle_turns_by_one_over_its_radius(cell):
    assert contour_turning(disc(40), cell) == pytest.approx(cell / 40, rel=0.15)


def test_an_image_without_contours_has_none():
    assert contour_turning(np.full((20, 20, 3), 90, np.uint8), 4) == 0


def test_stairs_turn_by_a_right_angle_per_cell():
    cells = np.tril(np.ones((16, 16)))
    assert contour_turning(grey(255 * np.kron(cells, np.ones((8, 8)))), 8) == pytest.approx(
        np.pi / 2, rel=0.25
    )


def test_smoother_images_turn_less():
    canvas = Image.new("L", (24, 24), 255)
    ImageDraw.Draw(canvas).ellipse((3, 5, 19, 18), 60, 0)
    blocks = np.kron(np.asarray(canvas), np.ones((4, 4)))
    values = [
        contour_turning(grey(ndimage.gaussian_filter(blocks, sigma)), 4) for sigma in (0, 1.5, 3)
    ]
    assert values[0] > 1.2 * values[1] > 1.2 * 1.2 * values[2]


def test_the_colours_of_an_edge_do_not_matter_but_their_contrast_weighs():
    faint, strong = disc(20, 64), disc(20, 64)
    faint = 100 + faint // 8
    assert contour_turning(faint, 4) == pytest.approx(contour_turning(strong, 4), rel=0.2)
