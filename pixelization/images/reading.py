"""Files, bytes, PIL images, arrays and tensors to PIL: every image enters the package here."""

import io
import struct
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from pixelization.errors import UserError
from pixelization.images.png import PNG_SIGNATURE, open_without_texts
from pixelization.images.profiles import in_srgb


class Tensor(Protocol):
    """A tensor of torch, which is not imported for this: it takes seconds."""

    def detach(self) -> Any: ...


Source = str | Path | bytes | Image.Image | np.ndarray | Tensor
"""What :func:`read_image` reads."""
IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"})
MAX_PIXELS = 8192 * 8192
SIXTEEN_BIT = ("I", "I;16", "I;16L", "I;16B", "I;16N")
# What Pillow multiplies the greys of such PNG files by; it does not so with the grey that is
# transparent.
GREYS = {"L;2": 85, "L;4": 17}
# Pillow raises all of these for truncated or damaged data.
DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    TypeError,
    struct.error,
)


def list_images(folder: str | Path, recursive: bool = False) -> list[Path]:
    """The image files in a folder, sorted; suffixes in any case.

    Raises:
        UserError: there is no such folder, it cannot be read, or no image is in it.
    """
    folder = Path(folder)
    try:
        if not folder.is_dir():
            raise UserError(f"{folder}: no such folder")
        found = folder.rglob("*") if recursive else folder.iterdir()
        paths = sorted(
            path for path in found if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()
        )
    except OSError as error:
        raise UserError(f"{folder}: cannot be read ({error.strerror})") from None
    if not paths:
        kinds = " ".join(sorted(suffix.lstrip(".") for suffix in IMAGE_SUFFIXES))
        raise UserError(f"{folder}: no images in this folder (looked for {kinds})")
    return paths


def read_image(source: Source, name: str | None = None) -> Image.Image:
    """Read an image of any common kind.

    EXIF orientation and colour profile are applied; palette, greyscale, 16-bit, CMYK and 1-bit
    images are converted; of an animation the first frame is taken.

    Args:
        source: path; a file's bytes; PIL image; array ``(H, W)``, ``(H, W, 3)`` or ``(H, W, 4)``,
            or tensor ``(1, H, W)``, ``(3, H, W)`` or ``(4, H, W)``, uint8 or float in [0, 1].
        name: how messages call a source that is no path.

    Returns:
        RGBA if any pixel is transparent, else RGB; sRGB. A PIL image that was given is not changed.

    Raises:
        UserError: no such file, not an image, damaged, empty, too large, or an array of another
            kind.
    """
    if _is_tensor(source):
        return _simplify(_from_array(_to_pixels(source)), name or "the tensor")
    if isinstance(source, np.ndarray):
        return _simplify(_from_array(source), name or "the array")
    if isinstance(source, bytes):
        return _decoded(source, name or "the image")
    if isinstance(source, Image.Image):
        with _decoding(name or "the image"):
            return _simplify(source, name or "the image")
    if not isinstance(source, (str, Path)):
        problem = f"{name or 'the image'}: a {type(source).__name__} is no image"
        raise UserError(f"{problem}: give a path, bytes, PIL image, array or tensor")
    path = Path(source)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise UserError(f"{path}: is a folder, not an image") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    return _decoded(data, str(path))


def _decoded(data: bytes, name: str) -> Image.Image:
    if not data:
        raise UserError(f"{name}: the file is empty")
    with _decoding(name):
        try:
            return _simplify(Image.open(io.BytesIO(data)), name)
        except ValueError:
            if not data.startswith(PNG_SIGNATURE):
                raise
            return _simplify(open_without_texts(data), name)


def _is_tensor(source: object) -> bool:
    """Whether it is a tensor of torch: nobody can have made one before torch was imported."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(source, torch.Tensor)


def _to_pixels(tensor: Any) -> np.ndarray:
    """``(C, H, W)`` as an array ``(H, W, C)``, or ``(H, W)`` for one channel."""
    if tensor.dim() != 3 or tensor.shape[0] not in (1, 3, 4):
        raise UserError(
            f"a tensor of shape {tuple(tensor.shape)} is not an image: expected (1, H, W), (3, H, "
            "W) or (4, H, W)"
        )
    channels_last = tensor.detach().cpu().permute(1, 2, 0)
    if channels_last.is_floating_point():
        channels_last = channels_last.float()  # NumPy has no bfloat16
    pixels = channels_last.numpy()
    return pixels[..., 0] if tensor.shape[0] == 1 else pixels


def _from_array(array: np.ndarray) -> Image.Image:
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))) or 0 in array.shape:
        raise UserError(
            f"an array of shape {array.shape} is not an image: expected (H, W), (H, W, 3) or (H, "
            "W, 4)"
        )
    if array.dtype == np.uint8:
        return Image.fromarray(array)
    if np.issubdtype(array.dtype, np.floating):
        if not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
            raise UserError("an image of floats must have values from 0 to 1")
        return Image.fromarray((array * 255).round().astype(np.uint8))
    raise UserError(
        f"an image of dtype {array.dtype} is not supported: expected uint8, or floats from 0 to 1"
    )


@contextmanager
def _decoding(name: str) -> Iterator[None]:
    """Turn the errors of Pillow's decoders into UserError.

    Its remarks on metadata and sizes are kept to itself.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError:
        raise UserError(
            f"{name}: is too large: at most {MAX_PIXELS} pixels; reduce it first"
        ) from None
    except UnidentifiedImageError:
        raise UserError(
            f"{name}: is not an image of a known format (PNG, JPEG, WebP, GIF, BMP)"
        ) from None
    except DECODER_ERRORS as error:
        raise UserError(f"{name}: is damaged or truncated ({error})") from None


def _simplify(image: Image.Image, name: str) -> Image.Image:
    """RGB, or RGBA if any pixel is transparent."""
    if 0 in image.size:
        raise UserError(f"{name}: the image is empty")
    if image.width * image.height > MAX_PIXELS:  # before it is decoded
        problem = f"an image of {image.width}x{image.height} pixels is too large"
        raise UserError(f"{name}: {problem}: at most {MAX_PIXELS}; reduce it first")
    # how, before it is decoded; images that are no files have no tiles
    tiles = getattr(image, "tile", None) if image.format == "PNG" else None
    stored = tiles[0][3] if tiles else None
    image.load()
    profile = image.info.get("icc_profile")
    with suppress(*DECODER_ERRORS):  # damaged metadata; the pixels are there
        image = ImageOps.exif_transpose(image)
    clear = image.info.get("transparency")
    if image.mode in SIXTEEN_BIT:
        # Pillow's own conversion clips at 255.
        wide = np.asarray(image).astype(np.int64)
        image = Image.fromarray((wide.clip(0, 65535) / 257).round().astype(np.uint8))
        if clear is not None:
            image.putalpha(Image.fromarray(np.where(wide == clear, 0, 255).astype(np.uint8)))
    elif stored in GREYS and clear is not None:
        image = image.copy()
        image.info["transparency"] = clear * GREYS[stored]
    elif image.mode == "F":
        image = _from_array(np.asarray(image))
    colors = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if profile:
        colors = in_srgb(image, colors, profile)
    if colors.mode == "RGBA" and colors.getchannel("A").getextrema()[0] == 255:
        colors = colors.convert("RGB")
    colors.info.pop("icc_profile", None)  # whoever reads it again must not apply it again
    return colors
