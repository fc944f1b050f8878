"""The colour difference CIEDE2000."""

import numpy as np
import pytest

from pixelization.color.ciede2000 import ciede2000, lab


def test_the_difference_is_that_of_scikit_image():
    color = pytest.importorskip("skimage.color")
    random = np.random.default_rng(0)
    first = random.integers(0, 256, (4000, 3), dtype=np.uint8)
    second = np.clip(first.astype(int) + random.integers(-25, 26, first.shape), 0, 255).astype(
        np.uint8
    )
    # greys, equal colours, opposite hues
    first[:50], second[:20], second[50:90] = 128, 128, 255 - first[50:90]
    expected = color.deltaE_ciede2000(color.rgb2lab(first), color.rgb2lab(second))
    assert np.allclose(ciede2000(lab(first), lab(second)), expected, atol=0.02)
