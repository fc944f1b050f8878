"""Patch distance and two-sample test: know their own kind, and what they must not react to."""

import numpy as np
import pytest

from pixelization.evaluation.metrics import patches
from pixelization.evaluation.metrics.patches import patch_distance, two_sample_auc


def squares(count, side, seed):
    """Sprites of black and white squares of ``side`` pixels."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 2, (count, 24 // side, 24 // side, 1))
    return list(cells.repeat(side, 1).repeat(side, 2).repeat(3, 3).astype(np.uint8) * 255)


def test_patch_distance_knows_its_own_kind():
    real = squares(20, 2, seed=0)
    assert patch_distance(real, real) < 10
    assert (
        patch_distance(squares(20, 2, seed=1), real)
        < patch_distance(squares(20, 1, seed=1), real) / 1.5
    )


def test_patch_distance_ignores_contrast_and_noise_on_the_background():
    real, others = squares(20, 2, seed=0), squares(20, 2, seed=1)
    faint = [255 - (255 - sprite) // 2 for sprite in others]
    assert patch_distance(faint, real) == pytest.approx(patch_distance(others, real), rel=0.02)
    rng = np.random.default_rng(0)
    framed = [np.pad(sprite, ((9, 9), (9, 9), (0, 0)), constant_values=255) for sprite in others]
    noisy = [
        np.where(image == 255, rng.integers(250, 256, image.shape), image).astype(np.uint8)
        for image in framed
    ]
    assert patch_distance(noisy, real) == pytest.approx(patch_distance(framed, real), rel=0.05)


def test_patch_distance_needs_edges():
    with pytest.raises(ValueError, match="not flat"):
        patch_distance([np.full((9, 9, 3), 255, np.uint8)], squares(2, 2, seed=0))


def test_auc_tells_kinds_apart_but_not_one_kind_from_itself(monkeypatch):
    monkeypatch.setattr(patches, "STEPS", 30)  # enough for squares, as are fewer patches
    monkeypatch.setattr(patches, "HALF_BATCH", 24)
    monkeypatch.setattr(patches, "PATCHES_PER_SPRITE", 32)
    real, same, other = squares(16, 2, seed=0), squares(16, 2, seed=1), squares(16, 3, seed=1)
    assert two_sample_auc(same, real, seeds=1) == pytest.approx(0.5, abs=0.1)
    assert two_sample_auc(other, real, seeds=1) > 0.9
    monkeypatch.setattr(patches, "STEPS", 3)
    few = two_sample_auc(other, real, seeds=1)
    assert few == two_sample_auc(other, real, seeds=1)


def test_auc_needs_two_sprites_with_a_drawing():
    blank = np.full((16, 16, 3), 255, np.uint8)
    with pytest.raises(ValueError, match="two sprites"):
        two_sample_auc([blank, blank, *squares(1, 2, seed=0)], squares(2, 2, seed=0), seeds=1)
