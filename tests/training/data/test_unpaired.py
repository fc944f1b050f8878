"""Whole images, single sprites, balanced draws."""

import numpy as np
import pytest
from PIL import Image

from pixelization.cells.sizes import SCALES
from pixelization.errors import UserError
from pixelization.training.data.datasets import ImageSet, SingleSprites, Whole
from pixelization.training.data.unpaired import UnpairedData
from pixelization.training.sections import DataConfig

RNG = np.random.default_rng(0)
PLAIN = {"flip": False, "permute_colors": False}


def picture(width, height, channels=3):
    return RNG.integers(0, 250, (height, width, channels), np.uint8)


def whole(pixels, *, fit="whole", jitter=0):
    made = Whole([pixels], side=32, fit=fit, jitter=jitter, **PLAIN).sample(0, RNG)
    assert made.shape == (3, 32, 32)
    return made.transpose(1, 2, 0)


def test_a_small_picture_stands_unchanged_in_the_middle_of_white():
    small = picture(10, 13)
    made = whole(small)
    assert (made[9:22, 11:21] == small).all()
    made[9:22, 11:21] = 255
    assert (made == 255).all()


def test_a_large_picture_is_reduced_until_it_fits():
    wide = picture(100, 41)
    reduced = np.asarray(Image.fromarray(wide).resize((32, 13), Image.Resampling.BICUBIC))
    made = whole(wide)
    assert (made[9:22] == reduced).all() and (made[:9] == 255).all() and (made[22:] == 255).all()
    assert whole(picture(3000, 1)).shape == (32, 32, 3)


@pytest.mark.parametrize("size", [(10, 13), (100, 41)])
def test_stretching_fills_the_square(size):
    pixels = picture(*size)
    expected = Image.fromarray(pixels).resize((32, 32), Image.Resampling.LANCZOS)
    assert (whole(pixels, fit="stretch") == np.asarray(expected)).all()


@pytest.mark.parametrize("size", [(90, 50), (50, 90), (32, 32)])
def test_the_square_in_the_middle_fills_the_square(size):
    pixels = picture(*size)
    side = min(size)
    left, top = ((each - side) // 2 for each in size)
    middle = Image.fromarray(pixels).crop((left, top, left + side, top + side))
    expected = middle.resize((32, 32), Image.Resampling.LANCZOS)
    assert (whole(pixels, fit="square") == np.asarray(expected)).all()


def test_jitter_takes_windows_of_a_larger_square():
    pixels = picture(60, 60)
    large = np.asarray(Image.fromarray(pixels).resize((36, 36), Image.Resampling.LANCZOS))
    windows = [large[y : y + 32, x : x + 32].tobytes() for y in range(5) for x in range(5)]
    seen = {whole(pixels, fit="stretch", jitter=4).tobytes() for _ in range(60)}
    assert seen <= set(windows) and len(seen) > 10


@pytest.fixture
def photo(tmp_path):
    """A photo in a folder of a folder, and a place for its mask."""
    pixels = picture(6, 4)
    for folder in ("photos/cats", "masks/cats"):
        (tmp_path / folder).mkdir(parents=True)
    Image.fromarray(pixels).save(tmp_path / "photos/cats/a.webp", lossless=True)
    return tmp_path, pixels


def test_a_mask_makes_the_background_white(photo):
    folder, pixels = photo
    mask = np.zeros((4, 6), np.uint8)
    mask[:2] = 255
    mask[2, 0] = 128
    Image.fromarray(mask).save(folder / "masks/cats/a.png")
    images = ImageSet(folder / "photos", transparent=False, masks=str(folder / "masks"))
    assert (images[0][:2] == pixels[:2]).all() and (images[0][2:, 1:] == 255).all()
    half = pixels[2, 0] + (255 - pixels[2, 0].astype(int)) * (127 / 255)
    assert np.abs(images[0][2, 0] - half).max() <= 1


@pytest.mark.parametrize(
    "mask, said", [(None, "a.png"), ((3, 3), "a mask of 3x3 pixels for .*6x4")]
)
def test_a_photo_without_its_mask_is_left_out(photo, mask, said):
    folder, _ = photo
    if mask:
        Image.new("L", mask).save(folder / "masks/cats/a.png")
    with pytest.raises(UserError, match=f"no usable image among 1; the first: .*{said}"):
        ImageSet(folder / "photos", transparent=False, masks=str(folder / "masks"))


def test_one_sprite_stands_in_the_middle_of_a_canvas_and_a_large_one_is_cut():
    pixels = picture(7, 12, 4)
    pixels[..., 3] = 255
    pixels[0, 0, 3] = 0
    large, small = SingleSprites([pixels], sizes=(16, 8), **PLAIN).sample(0, RNG)
    expected = pixels[..., :3].copy()
    expected[0, 0] = 255
    assert large.shape == (3, 16, 16) and small.shape == (3, 8, 8)
    assert (large.transpose(1, 2, 0)[2:14, 4:11] == expected).all()
    windows = [expected[top : top + 8] for top in range(5)]
    assert any((small.transpose(1, 2, 0)[:, :7] == window).all() for window in windows)


def drawn(samples, **options):
    """Which sprites so many samples show."""
    config = DataConfig(drawings=5, crop=128, canvas="single", workers=0, **options)
    data = UnpairedData(config, scales=SCALES, seed=0)
    sprites = {data.sets["sprites"][index].tobytes(): index for index in range(5)}
    shown = []
    for index in range(samples):
        canvas = data.sample(index).grids[0].transpose(1, 2, 0)[4:28, 4:28]
        alpha = np.full((24, 24, 1), 255, np.uint8)
        shown.append(sprites[np.concatenate([canvas, alpha], 2).tobytes()])
    return shown


def test_balanced_draws_show_every_sprite_equally_often():
    shown = drawn(20, balanced=True)
    assert all(sorted(shown[start : start + 5]) == [0, 1, 2, 3, 4] for start in range(0, 20, 5))
    assert len({tuple(shown[start : start + 5]) for start in range(0, 20, 5)}) > 1
    assert {shown.count(index) for index in range(5)} == {4}
    assert len({drawn(20).count(index) for index in range(5)}) > 1


def test_balanced_draws_need_one_sprite_at_a_time():
    config = DataConfig(drawings=5, balanced=True)
    with pytest.raises(UserError, match=r"data.balanced needs .* data.canvas=single"):
        UnpairedData(config, scales=SCALES, seed=0)
