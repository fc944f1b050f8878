"""What speaks for a grid."""

import numpy as np
from PIL import Image

from pixelization.detection.axis import Axis
from pixelization.detection.detector import detect_grid
from pixelization.detection.profiles import lines_along
from pixelization.detection.score import WEIGHTS, other_features, pair_features
from tests.make import shaded_sprite


def enlarge(image, width, height, method=Image.Resampling.NEAREST):
    return np.asarray(Image.fromarray(image).resize((width, height), method))


def test_scores_are_probabilities_in_descending_order():
    found = detect_grid(enlarge(shaded_sprite(9), 24 * 5, 24 * 5, Image.Resampling.BICUBIC))
    scores = [found.confidence, *(candidate.score for candidate in found.candidates)]
    assert scores == sorted(scores, reverse=True) and scores[-1] >= 0 and sum(scores) <= 1 + 1e-9
    sizes = [found.size, *(candidate.size for candidate in found.candidates)]
    assert len(set(sizes)) == len(sizes) >= 2


def test_every_weight_has_its_feature():
    axes = tuple(Axis(lines_along(enlarge(shaded_sprite(), 120, 120), axis), 15) for axis in (0, 1))
    grid = axes[0].soft_grid(axes[0].rank(axes[0].periods)[0])
    assert len(pair_features(axes, (grid, grid))) == other_features(axes).shape[1] == len(WEIGHTS)
