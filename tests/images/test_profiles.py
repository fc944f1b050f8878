"""Colour profiles."""

import numpy as np
from PIL import Image, ImageCms

from pixelization.images.reading import read_image
from tests.images.icc import ADOBE, LINEAR_GREY

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_colour_profiles_are_applied_once(tmp_path):
    """(144, 190, 101) of Adobe RGB is (120, 191, 95) of sRGB; half of the light is 188."""
    wide, narrow = (144, 190, 101), np.array((120, 191, 95))
    Image.new("RGB", (4, 4), wide).save(tmp_path / "rgb.png", icc_profile=ADOBE)
    Image.new("RGB", (32, 32), wide).save(
        tmp_path / "rgb.jpg", icc_profile=ADOBE, quality=100, subsampling=0
    )
    indexed = Image.new("P", (4, 4))
    indexed.putpalette(wide)
    indexed.save(tmp_path / "indexed.png", icc_profile=ADOBE)
    for name in ("rgb.png", "rgb.jpg", "indexed.png"):
        once = read_image(tmp_path / name)
        assert np.abs(np.asarray(once) - narrow).max() <= 2 and "icc_profile" not in once.info
        assert read_image(once).tobytes() == once.tobytes()
    Image.new("L", (4, 4), 128).save(tmp_path / "grey.png", icc_profile=LINEAR_GREY)
    assert read_image(tmp_path / "grey.png").getpixel((0, 0)) == (188, 188, 188)
    half = Image.new("RGBA", (4, 4), (*wide, 77))
    half.info["icc_profile"] = ADOBE
    assert np.abs(np.subtract(read_image(half).getpixel((0, 0)), (*narrow, 77))).max() <= 2
    assert half.getpixel((0, 0)) == (*wide, 77) and half.info["icc_profile"] == ADOBE


def test_profiles_that_change_nothing():
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    # of sRGB; no profile; of other channels
    for other in (SRGB, b"", b"broken", ADOBE[:200], LINEAR_GREY):
        noise.info["icc_profile"] = other
        assert read_image(noise).tobytes() == noise.tobytes()
    grey = Image.linear_gradient("L")
    grey.info["icc_profile"] = SRGB
    assert read_image(grey).tobytes() == grey.convert("RGB").tobytes()
