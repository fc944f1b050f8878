"""Colour profiles (ICC) to sRGB."""

import io

import numpy as np
from PIL import Image, ImageCms

# colours from everywhere
PROBE = np.stack(np.meshgrid(*3 * [np.arange(0, 256, 15, np.uint8)]), axis=-1).reshape(-1, 18, 3)
ROUNDING = 2  # levels by which two ways to calculate the same colours differ


def in_srgb(image: Image.Image, colors: Image.Image, profile: bytes) -> Image.Image:
    """What the image shows, by its colour profile.

    Args:
        image: of any mode.
        colors: the same as RGB or RGBA, without regard to the profile.
        profile: ICC; one that is broken or for other channels does not count, and one of sRGB
            changes nothing at all.
    """
    grey = image.mode in ("1", "L", "LA")
    channels = (
        image if image.mode == "CMYK" else image.convert("L") if grey else colors.convert("RGB")
    )
    intent, flags = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
    try:
        srgb = ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(
            io.BytesIO(profile), srgb, channels.mode, "RGB", intent, flags
        )
    # the latter where Pillow was built without LittleCMS
    except (ImageCms.PyCMSError, ImportError):
        return colors
    probe = Image.fromarray(PROBE).convert(channels.mode)
    if (
        np.abs(np.subtract(transform.apply(probe), probe.convert("RGB"), dtype=np.int16)).max()
        <= ROUNDING
    ):
        return colors
    result = transform.apply(channels)
    if colors.mode == "RGBA":
        result.putalpha(colors.getchannel("A"))
    return result
