"""DepixelNet as an enlarger, of either family: which size it draws, and how large the result is."""

import numpy as np
import pytest

from pixelization import Pixelizer
from pixelization.backends.pointing import PointingBackend
from pixelization.backends.torch import TorchBackend
from pixelization.enlargers.faithful import enlarge_sprite
from pixelization.enlargers.networks import network_enlarger
from tests.make import blobs


@pytest.fixture(scope="module")
def pointing(pointing_networks):
    return PointingBackend(pointing_networks, "cpu")


@pytest.mark.parametrize("factor", [2, 5.3, 16])
def test_networks_on_the_grid_draw_eight_pixels_a_cell_whatever_the_factor(pointing, factor):
    cells = blobs(0, alpha=False)
    drawn, drawn_factor = network_enlarger(pointing)(cells, factor)
    assert drawn_factor == 8 and drawn.shape == (cells.shape[0] * 8, cells.shape[1] * 8, 3)
    assert (drawn == pointing.draw(cells[None])[0]).all()


@pytest.mark.parametrize("factor, size", [(2, 4), (2.5, 16 / 3), (3, 8), (4, 8), (9, 8)])
def test_networks_on_images_draw_at_twice_the_factor_if_they_can(tiny_cascade, factor, size):
    drawn, drawn_factor = network_enlarger(TorchBackend(tiny_cascade, "cpu"))(
        blobs(0, alpha=False), factor
    )
    assert drawn_factor == pytest.approx(size)
    height, width = blobs(0).shape[:2]
    assert drawn.shape[0] >= height * size - 1 and drawn.shape[1] >= width * size - 1


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (20, 24)])
@pytest.mark.parametrize("factor", [2, 3.5, 8, 16])
def test_any_sprite_by_any_factor(pointing, shape, factor):
    sprite = np.random.default_rng(1).integers(0, 256, (*shape, 4), np.uint8)
    size = (max(1, int(shape[1] * factor)), max(1, int(shape[0] * factor)))
    smooth = enlarge_sprite(sprite, size, Pixelizer(pointing).enlarge)
    assert smooth.shape == (size[1], size[0], 4) and not smooth[smooth[..., 3] == 0].any()


@pytest.mark.parametrize("color", [0, 255])
def test_no_halo_by_networks_on_the_grid(pointing, color):
    """A white disc on nothing is white wherever it is seen, a black one black."""
    y, x = np.ogrid[:20, :20]
    disc = (y - 9.5) ** 2 + (x - 9.5) ** 2 < 50
    sprite = np.dstack([np.where(disc, color, 255 - color)] * 3 + [disc * 255]).astype(np.uint8)
    smooth = enlarge_sprite(sprite, (160, 160), Pixelizer(pointing).enlarge)
    assert (smooth[smooth[..., 3] > 0][:, :3] == color).all()
    assert (smooth[72:88, 72:88, 3] == 255).all() and not smooth[:16, :, 3].any()
