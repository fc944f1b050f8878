"""Likeness of two images, by hand."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage import data

from pixelization.evaluation.metrics.similarity import gms, psnr, ssim


def grey(values):
    return np.repeat(np.array(values, np.uint8)[..., None], 3, axis=2)


@pytest.fixture(scope="module")
def photo():
    return data.astronaut()[40:136:2, 160:256:2]


def test_psnr(photo):
    assert psnr(photo, photo) == np.inf
    black = grey(np.zeros((5, 3)))
    assert psnr(black + np.uint8(255), black) == 0
    one = black.copy()
    one[0, 0, 0] = 30  # mean squared error 900 / 45
    assert psnr(one, black) == pytest.approx(10 * np.log10(255**2 / 20))


def test_ssim_is_the_mean_over_windows(photo):
    rng = np.random.default_rng(0)
    first = photo[:9, :8]
    second = np.clip(first + rng.integers(-40, 40, first.shape), 0, 255).astype(np.uint8)
    values = []
    for channel in range(3):
        for top in range(3):
            for left in range(2):
                x, y = (
                    image[top : top + 7, left : left + 7, channel].ravel().astype(float)
                    for image in (first, second)
                )
                (vx, cov), (_, vy) = np.cov(x, y)
                c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
                luminance = (2 * x.mean() * y.mean() + c1) / (x.mean() ** 2 + y.mean() ** 2 + c1)
                values.append(luminance * (2 * cov + c2) / (vx + vy + c2))
    assert ssim(first, second) == pytest.approx(np.mean(values))
    assert ssim(photo, photo) == 1 and ssim(photo, 255 - photo) < 0.2


def test_gms_by_hand():
    # Halved, the step is 0 0 60 60: the Prewitt gradient is 60 at two of four columns, 0 in the
    # flat image.
    step, flat = grey(np.tile([0, 0, 0, 0, 60, 60, 60, 60], (6, 1))), grey(np.zeros((6, 8)))
    assert gms(step, step) == 1
    assert gms(step, flat) == pytest.approx((2 + 2 * 170 / (60**2 + 170)) / 4)
    assert gms(step.transpose(1, 0, 2), flat.transpose(1, 0, 2)) == pytest.approx(gms(step, flat))
    half = grey(np.tile([0, 0, 0, 0, 30, 30, 30, 30], (6, 1)))
    assert gms(step, half) == pytest.approx(
        (2 + 2 * (2 * 60 * 30 + 170) / (60**2 + 30**2 + 170)) / 4
    )


def test_gms_sees_edges_not_brightness(photo):
    dim = photo // 2 + 20
    assert gms(dim + 40, dim) == 1
    blurred = gaussian_filter(photo, (2, 2, 0))
    assert gms(blurred, photo) < gms(gaussian_filter(photo, (0.7, 0.7, 0)), photo) < 1
    odd = photo[:7, :5]
    assert gms(odd, odd) == 1


@pytest.mark.parametrize("metric", [psnr, ssim, gms])
def test_images_that_cannot_be_compared(metric, photo):
    for other in (photo[1:], photo[..., :1], photo[..., 0]):
        with pytest.raises(ValueError, match="shape"):
            metric(photo, other)
    with pytest.raises(ValueError, match="uint8"):
        metric(photo / 255, photo / 255)
    with pytest.raises(ValueError, match="7 x 7"):
        ssim(photo[:6], photo[:6])
