"""Colour profiles (ICC) to sRGB."""

import io

import numpy as np
from PIL import Image, ImageCms

_STEPS = np.arange(0, 256, 15).astype(np.uint8)
# colours from everywhere
PROBE = np.stack(np.meshgrid(_STEPS, _STEPS, _STEPS), axis=-1).reshape(-1, 18, 3)
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
    shown = np.asarray(transform.apply(probe)).astype(np.int16)
    if np.abs(shown - np.asarray(probe.convert("RGB"))).max() <= ROUNDING:
        return colors
    result = transform.apply(channels)
    if colors.mode == "RGBA":
        result.putalpha(colors.getchannel("A"))
    return result
