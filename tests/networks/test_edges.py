"""Canny edges in place of pictures."""

import numpy as np
import pytest

from pixelization.networks.edges import edge_maps
from tests.make import drawing

cv2 = pytest.importorskip("cv2")


@pytest.fixture
def board():
    """A bar as long as the picture, a square of 12 pixels and a dot."""
    pixels = np.full((128, 128, 3), 250, np.uint8)
    pixels[:, 40:60] = 20
    pixels[90:102, 90:102] = 60
    pixels[20:25, 90:95] = 0
    return pixels


def parts(edges):
    return cv2.connectedComponents(edges[..., 0], connectivity=8)[0] - 1


@pytest.mark.parametrize("preset, count", [("default", 4), ("medium", 2), ("low", 0)])
def test_short_edges_go(board, preset, count):
    """Both sides of the bar have 128 pixels, the square's border about 48, the dot's fewer."""
    (edges,) = edge_maps(board[None], preset)
    assert edges.shape == board.shape and set(np.unique(edges)) <= {0, 255}
    assert (edges[..., 0] == edges[..., 1]).all() and (edges[..., 0] == edges[..., 2]).all()
    assert parts(edges) == count


@pytest.mark.parametrize("preset, low, least", [("medium", 125, 100), ("low", 150, 200)])
def test_presets_by_a_plain_loop(preset, low, least):
    pixels = np.asarray(drawing(160, 120).convert("RGB"))
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    count, labels = cv2.connectedComponents(cv2.Canny(gray, low, 200), connectivity=8)
    expected = np.zeros_like(gray)
    for label in range(1, count):
        if (labels == label).sum() >= least:
            expected[labels == label] = 255
    assert (edge_maps(pixels[None], preset)[0, ..., 0] == expected).all()


def test_without_a_preset_images_stay(board):
    assert edge_maps(board[None], "none") is not None
    assert (edge_maps(board[None], "none")[0] == board).all()


def test_default_is_canny_of_the_colours(board):
    board[:, 100:] = (250, 20, 250)
    expected = cv2.Canny(board, 100, 200)
    assert (edge_maps(board[None], "default")[0, ..., 0] == expected).all()
