"""Fixed filters."""

import numpy as np
import pytest

from pixelization.reducers import resampling
from tests.make import enlarged

FILTERS = ("nearest", "bilinear", "bicubic", "lanczos", "area", "majority")


@pytest.mark.parametrize("name", FILTERS)
def test_flat_areas_stay_flat_and_the_size_is_the_one_asked_for(name):
    reduce = getattr(resampling, name)
    flat = np.full((24, 36, 3), (10, 200, 30), np.uint8)
    found = reduce(flat, (9, 6))
    assert found.shape == (6, 9, 3) and (found == flat[0, 0]).all()


@pytest.mark.parametrize("name", ["nearest", "area", "majority"])
def test_an_enlarged_sprite_comes_back(name):
    sprite = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    assert np.array_equal(getattr(resampling, name)(enlarged(sprite, 4), (9, 6)), sprite)
