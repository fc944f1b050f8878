"""Depixelizing keeps to the sprite: colours, flat areas, silhouettes, and cells that hold still."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization import Pixelizer
from pixelization.backends.torch import TorchBackend
from pixelization.color.ciede2000 import ciede2000, lab
from pixelization.enlargers.faithful import (
    CLOSE,
    enlarge_frames,
    enlarge_sprite,
)
from pixelization.enlargers.scalers import classical_enlarger
from pixelization.images.alpha import on_white
from tests.make import blobs, cell_means

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def enlarge(tiny_cascade):
    return Pixelizer(TorchBackend(tiny_cascade, "cpu")).enlarge


@pytest.fixture(scope="module")
def shipped():
    return Pixelizer.from_pretrained(device="cpu").enlarge


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("factor", [2, 4, 8])
def test_mean_colours_stay(shipped, factor, alpha):
    for seed in range(3):
        sprite = blobs(seed, alpha=alpha)
        smooth = enlarge_sprite(sprite, (24 * factor, 20 * factor), shipped, keep_colors=True)
        opaque = sprite[..., 3] > 0 if alpha else np.ones(sprite.shape[:2], bool)
        difference = ciede2000(lab(cell_means(smooth, factor)), lab(sprite[..., :3]))[opaque]
        assert difference.mean() <= CLOSE + 0.1
        drifted = enlarge_sprite(sprite, (24 * factor, 20 * factor), shipped, keep_colors=False)
        assert (
            ciede2000(lab(cell_means(drifted, factor)), lab(sprite[..., :3]))[opaque].mean()
            > CLOSE + 0.1
        )


@pytest.mark.parametrize("name", ["apple", "avatar2", "firebat", "klown", "whip"])
def test_contours_turn_less_than_those_of_xbr(name, shipped):
    # Of sprites by artists; those of our own of cartoons are so even that both turn alike.
    pytest.importorskip("scalerack")
    turning = pytest.importorskip("pixelization.evaluation.metrics.contours").contour_turning
    cells = np.asarray(Image.open(DATA / "sprites" / f"{name}.png").convert("RGBA"))
    size = (cells.shape[1] * 4, cells.shape[0] * 4)
    images = (
        enlarge_sprite(cells, size, shipped),
        enlarge_sprite(cells, size, classical_enlarger("xbr"), keep_colors=False),
    )
    ours, xbr = (turning(np.asarray(on_white(Image.fromarray(image))), 4) for image in images)
    assert ours < xbr


@pytest.mark.parametrize("factor", [2, 3.5, 8, 16])
def test_flat_stays_flat_and_nothing_leaves_the_colours_around(enlarge, factor):
    sprite = np.full((16, 16, 3), (60, 120, 200), np.uint8)
    sprite[6:9, 6:9] = (250, 40, 30)
    side = int(16 * factor)
    smooth = enlarge_sprite(sprite, (side, side), enlarge)
    around = slice(int(4 * factor) + 1, int(11 * factor) - 1)
    outside = np.ones((side, side), bool)
    outside[around, around] = False
    assert (smooth[outside] == (60, 120, 200)).all()
    middle = smooth[int(7 * factor) + 1 : int(8 * factor), int(7 * factor) + 1 : int(8 * factor)]
    assert (middle == (250, 40, 30)).all()
    assert (smooth >= sprite.min(axis=(0, 1))).all() and (smooth <= sprite.max(axis=(0, 1))).all()


@pytest.mark.parametrize("method", ["network", "bicubic", "nearest"])
def test_no_halo(shipped, method):
    """A white disc on nothing is white wherever it is seen, a black one black.

    And their edges are soft.
    """
    how = shipped if method == "network" else classical_enlarger(method)
    y, x = np.ogrid[:20, :20]
    disc = (y - 9.5) ** 2 + (x - 9.5) ** 2 < 50
    for color in (255, 0):
        sprite = np.dstack(
            [np.where(disc, color, 255 - color)] * 3 + [np.where(disc, 255, 0)]
        ).astype(np.uint8)
        smooth = enlarge_sprite(sprite, (160, 160), how)
        alpha = smooth[..., 3]
        assert (smooth[alpha > 0][:, :3] == color).all() and not smooth[alpha == 0].any()
        assert (alpha[72:88, 72:88] == 255).all() and not alpha[:16].any()
        if method != "nearest":
            assert len(np.unique(alpha)) > 8
        seen = alpha / 255
        assert abs(seen.sum() / 64 - disc.sum()) < 0.1 * disc.sum()


def test_hidden_colours_and_soft_alpha_do_not_matter(enlarge):
    sprite = blobs(1)
    hidden = sprite.copy()
    hidden[sprite[..., 3] == 0] = (255, 0, 255, 127)
    assert np.array_equal(
        enlarge_sprite(hidden, (96, 80), enlarge), enlarge_sprite(sprite, (96, 80), enlarge)
    )
    assert not enlarge_sprite(np.full((4, 5, 4), (9, 9, 9, 0), np.uint8), (20, 16), enlarge).any()


def test_frames_hold_still_where_nothing_happens(enlarge):
    """A dot that moves by a cell.

    Whatever is more than two cells away keeps its pixels, and a loop closes.
    """
    background = blobs(2, alpha=False)
    frames = []
    for column in (4, 5, 4, 4):
        frame = background.copy()
        frame[8, column] = (255, 255, 0)
        frames.append(frame)
    alone = [enlarge_sprite(frame, (96, 80), enlarge) for frame in frames]
    results = enlarge_frames(frames, (96, 80), enlarge)
    moving = np.zeros((80, 96), bool)
    moving[4 * 6 : 4 * 11, 4 * 2 : 4 * 8] = True
    assert np.array_equal(results[0], alone[0])
    assert np.array_equal(results[0][~moving], results[1][~moving]) and np.array_equal(
        results[1][moving], alone[1][moving]
    )
    assert not np.array_equal(results[0], results[1])
    assert np.array_equal(results[2], results[0]) and np.array_equal(results[3], results[0])
    assert (alone[0][~moving] != alone[1][~moving]).any()  # the network alone flickers


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("size", [(64, 48), (70, 61)])
def test_a_tile_that_repeats_has_no_seams(channels, size):
    """Drawn where it is, and moved in itself by whole cells: the same picture."""
    random = np.random.default_rng(1)
    tile = random.integers(0, 256, (12, 16, channels), np.uint8)
    if channels == 4:
        tile[..., 3] = random.choice([0, 90, 255], (12, 16))
    enlarge = classical_enlarger("bicubic")
    how = {"keep_colors": False, "keep_alpha": True}
    once = enlarge_sprite(tile, size, enlarge, wrap=True, **how)
    assert once.shape == (size[1], size[0], channels)
    three = np.tile(tile, (3, 3, 1))
    large = (3 * size[0], 3 * size[1])
    inner = enlarge_sprite(three, large, enlarge, **how)
    inner = inner[size[1] : 2 * size[1], size[0] : 2 * size[0]]
    assert np.abs(once.astype(int) - inner).max() <= 1
    plain = enlarge_sprite(tile, size, enlarge, **how)
    assert np.abs(plain.astype(int) - inner).max() > 30


def test_flat_half_transparency_stays_flat():
    sprite = np.full((8, 8, 4), (200, 40, 30, 255), np.uint8)
    sprite[:, 4:, 3] = 90
    enlarge = classical_enlarger("bicubic")
    smooth = enlarge_sprite(sprite, (64, 64), enlarge, keep_colors=False, keep_alpha=True)
    assert (smooth[..., :3] == (200, 40, 30)).all()
    assert (smooth[:, :24, 3] == 255).all() and (smooth[:, 40:, 3] == 90).all()


@pytest.mark.parametrize("alpha", [1, 60, 127, 128, 254])
def test_colours_do_not_depend_on_alpha(alpha):
    sprite = np.random.default_rng(0).integers(0, 256, (6, 7, 4), np.uint8)
    how = {"size": (28, 24), "enlarge": classical_enlarger("nearest"), "keep_alpha": True}
    sprite[..., 3] = alpha
    large = enlarge_sprite(sprite, **how)
    assert (large[::4, ::4] == sprite).all()
