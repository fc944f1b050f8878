"""Arrays to tensors and back: no level is lost, and no image of a batch."""

import numpy as np
import pytest
import torch

from pixelization.networks.tensors import to_array, to_arrays, to_tensor


def test_every_level_survives_the_tensor():
    pixels = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    tensor = to_tensor(pixels)
    assert tensor.shape == (1, 3, 16, 16) and tensor.min() == -1 and tensor.max() == 1
    assert (to_array(tensor) == pixels).all()
    assert (to_array(tensor[0]) == pixels).all()
    assert (to_array(torch.full((3, 1, 1), 2.0)) == 255).all()  # clipped


def test_every_image_of_a_batch_survives():
    batch = np.random.default_rng(0).integers(0, 256, (4, 5, 6, 3), np.uint8)
    assert to_tensor(batch).shape == (4, 3, 5, 6)
    assert (to_arrays(to_tensor(batch)) == batch).all()


def test_a_batch_is_not_taken_for_one_image():
    with pytest.raises(ValueError, match="a batch of 2"):
        to_array(torch.zeros(2, 3, 4, 4))
