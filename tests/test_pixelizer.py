"""The Pixelizer: the way back at every factor, and what it refuses."""

import numpy as np
import pytest
import torch
from PIL import Image

import pixelization
from pixelization import Pixelizer, UserError
from pixelization.backends.choice import onnx_file
from tests.make import drawing


@pytest.fixture(scope="module", params=["cascade", "pointing"])
def pixelizer(request, tiny_weights, pointing_weights):
    weights = {"cascade": tiny_weights, "pointing": pointing_weights}
    return Pixelizer.from_weights(weights[request.param], "cpu")


@pytest.mark.parametrize("factor", [2, 3.5, 4, 5, 16 / 3, 6, 8, 11, 16])
@pytest.mark.parametrize("size, mode", [((7, 5), "RGBA"), ((16, 13), "RGB")])
def test_a_depixelized_sprite_has_the_factor_asked_for(pixelizer, factor, size, mode):
    sprite = drawing(*size, mode)
    smooth = pixelizer.depixelize(sprite, factor=factor, native=True).image
    assert smooth.size == tuple(int(side * factor + 0.5) for side in size)
    assert smooth.mode == mode
    one = pixelizer.depixelize(Image.new("RGB", (1, 1)), factor=factor, native=True).image
    assert one.size == (int(factor + 0.5),) * 2


def test_depixelized_cells_stay_in_place(pixelizer):
    # Cells are drawn back to their colours, whatever an untrained network makes of them.
    sprite = np.random.default_rng(0).integers(0, 2, (9, 8, 3), dtype=np.uint8) * 160 + 40
    for factor in (4, 6, 8, 16):
        options = {"factor": factor, "native": True, "keep_colors": True}
        smooth = pixelizer.depixelize(sprite, **options).frames[0].astype(float)
        means = smooth.reshape(9, factor, 8, factor, 3).mean(axis=(1, 3))
        assert np.abs(means - sprite).mean() < 30


def test_an_enlarged_sprite_equals_its_native_one(pixelizer):
    native = np.array(drawing(12, 10, "RGBA"))
    expected = pixelizer.depixelize(native, factor=4, native=True).frames[0]
    enlarged = native.repeat(5, axis=0).repeat(5, axis=1)
    assert np.array_equal(pixelizer.depixelize(enlarged, cell_size=5).frames[0], expected)
    wider = native.repeat(5, axis=0).repeat(7, axis=1)
    assert np.array_equal(pixelizer.depixelize(wider, cell_size="7x5").frames[0], expected)
    by_size = pixelizer.depixelize(wider, cell_size=(7, 5), size=48).frames[0]
    assert np.array_equal(by_size, expected)


def test_depixelized_alpha_follows_the_sprite(pixelizer):
    sprite = np.zeros((12, 12, 4), np.uint8)
    sprite[3:9, 3:9] = (200, 40, 40, 255)
    # colours that nobody may see
    sprite[..., :3] ^= np.where(sprite[..., 3:] == 0, 77, 0).astype(np.uint8)
    smooth = pixelizer.depixelize(sprite, factor=8, native=True).frames[0]
    alpha = smooth[..., 3]
    assert (alpha[4 * 8 + 4 : 8 * 8 - 4, 4 * 8 + 4 : 8 * 8 - 4] == 255).all()
    assert not alpha[: 2 * 8 - 4].any() and not alpha[:, 10 * 8 + 4 :].any()
    assert not smooth[alpha == 0].any()
    repainted = np.where(sprite[..., 3:] == 0, 0, sprite)
    again = pixelizer.depixelize(repainted, factor=8, native=True).frames[0]
    assert np.array_equal(again, smooth)


def test_what_depixelize_refuses(pixelizer):
    sprite = drawing(8, 8)
    for factor in (1.9, 17, float("nan")):
        with pytest.raises(UserError, match="factor .* from 2 to 16"):
            pixelizer.depixelize(sprite, factor=factor)
    with pytest.raises(UserError, match="cell size 0.5"):
        pixelizer.depixelize(sprite, cell_size=(4, 0.5))
    with pytest.raises(UserError, match="32000x32000 pixels"):
        pixelizer.depixelize(Image.new("RGB", (2000, 2000)), factor=16, native=True)
    with pytest.raises(UserError, match="exclude each other"):
        pixelizer.depixelize(sprite, native=True, cell_size=4)
    with pytest.raises(UserError, match="unknown method 'magic'"):
        pixelizer.depixelize(sprite, native=True, method="magic")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there(tiny_weights):
    with pytest.raises(UserError, match="'cuda' is not available"):
        Pixelizer.from_weights(tiny_weights, "cuda")


def test_an_onnx_file_is_for_the_cpu():
    path = onnx_file("lite")
    for device in ("cuda", "nonsense"):
        with pytest.raises(UserError, match=f"on the CPU: .* {device}"):
            Pixelizer.from_weights(path, device)
        with pytest.raises(UserError, match=device):
            Pixelizer.from_pretrained("lite", device, backend="onnx")
    assert Pixelizer.from_weights(path, "cpu")


def test_the_package_offers_its_public_names():
    with pytest.raises(AttributeError, match="nothing"):
        pixelization.nothing  # noqa: B018
