"""The torch backend: arrays in, arrays out, and a batch is its images one by one."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from pixelization.backends.base import Backend
from pixelization.backends.torch import TorchBackend
from pixelization.cells.sizes import grid_size
from pixelization.errors import UserError
from pixelization.networks.tensors import to_array, to_tensor


@pytest.fixture(scope="module")
def backend(tiny_cascade) -> Backend:
    return TorchBackend(tiny_cascade, "cpu")


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (3, 45, 52, 3), np.uint8)


def test_one_image_is_what_the_networks_make_of_it(backend, tiny_cascade, images):
    image = images[:1]
    with torch.no_grad():
        expected = tiny_cascade.pixelize(to_tensor(image), Fraction(1, 4))
        smooth = tiny_cascade.depixelnet(to_tensor(image)).image
    grids, refined = backend.pixelize(image, Fraction(1, 4))
    assert (grids == to_array(expected.grid)).all()
    assert (refined == to_array(expected.refined)).all()
    assert (backend.depixelize(image) == to_array(smooth)).all()


def test_a_batch_is_its_images_one_by_one(backend, images):
    torch.set_num_threads(1)  # with more, sums are split another way, and last bits differ
    for scale in backend.scales:
        grids, refined = backend.pixelize(images, scale)
        assert grids.shape == (3, *grid_size((45, 52), scale), 3)
        assert refined.shape == images.shape and grids.dtype == refined.dtype == np.uint8
        for index, image in enumerate(images):
            alone = backend.pixelize(image[None], scale)
            assert (grids[index] == alone.grids[0]).all()
            assert (refined[index] == alone.refined[0]).all()
    smooth = backend.depixelize(images)
    assert smooth.shape == images.shape and smooth.dtype == np.uint8
    for index, image in enumerate(images):
        assert (smooth[index] == backend.depixelize(image[None])[0]).all()


def test_with_more_threads_a_batch_is_nearly_its_images_one_by_one(backend, images):
    torch.set_num_threads(2)
    for scale in backend.scales:
        together = backend.pixelize(images, scale).grids
        alone = np.concatenate([backend.pixelize(image[None], scale).grids for image in images])
        assert (together != alone).any(axis=3).mean() < 0.01
    smooth = np.concatenate([backend.depixelize(image[None]) for image in images])
    assert np.abs(smooth.astype(int) - backend.depixelize(images)).max() <= 1


def test_images_are_left_alone(backend, images):
    before = images.copy()
    backend.pixelize(images, Fraction(1, 8))
    backend.depixelize(images)
    assert (images == before).all()


@pytest.mark.parametrize(
    "wrong, message",
    [
        (np.zeros((45, 52, 3), np.uint8), r"\(45, 52, 3\)"),
        (np.zeros((0, 45, 52, 3), np.uint8), r"\(0, 45, 52, 3\)"),
        (np.zeros((1, 45, 52, 4), np.uint8), r"\(1, 45, 52, 4\)"),
        (np.zeros((1, 45, 52, 3), np.float32), "float32"),
        (np.zeros((1, 31, 52, 3), np.uint8), "at least 32x32 pixels, got 52x31"),
    ],
)
def test_what_is_no_batch_of_images_is_refused(backend, wrong, message):
    with pytest.raises(ValueError, match=message):
        backend.pixelize(wrong, Fraction(1, 4))
    with pytest.raises(ValueError, match=message):
        backend.depixelize(wrong)


def test_a_scale_that_the_model_does_not_have_is_refused(backend, images):
    with pytest.raises(ValueError, match="no scale 1/3: 1/4, 3/16, 1/8"):
        backend.pixelize(images, Fraction(1, 3))


def test_a_device_that_does_not_exist_is_refused(tiny_cascade):
    with pytest.raises(UserError, match="device 'gpu' is not known"):
        TorchBackend(tiny_cascade, "gpu")
