"""Files, bytes, PIL images, arrays and tensors to PIL: every image enters the package here."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import numpy as np
from PIL import ExifTags, Image, ImageOps

from pixelization.errors import UserError, reason
from pixelization.files import read_whole
from pixelization.images.aseprite import (
    check_work,
    is_aseprite,
    picture,
    read_structure as aseprite_structure,
)
from pixelization.images.gif import (
    GIF_SIGNATURES,
    Gif,
    first_frame,
    read_structure as gif_structure,
)
from pixelization.images.jpeg import check_scans, complete
from pixelization.images.opening import check_size, decoding, open_image, within_memory
from pixelization.images.png import PNG_SIGNATURE, Png, open_frame, read_structure as png_structure
from pixelization.images.profiles import in_srgb
from pixelization.images.tags import TAGS, nclx, tagged_in_srgb


class Tensor(Protocol):
    """A tensor of torch, which is not imported for this: it takes seconds."""

    def detach(self) -> Any: ...


Source = str | Path | bytes | Image.Image | np.ndarray | Tensor
"""What :func:`read_image` reads."""
IMAGE_SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".tga"}
    | {".ppm", ".pgm", ".pbm", ".pnm", ".aseprite"}  # not .ase, which Adobe's palettes end in, too
)
SIXTEEN_BIT = ("I", "I;16", "I;16L", "I;16B", "I;16N")
# What Pillow multiplies the greys of such PNG files by; it does not so with the grey that is
# transparent.
GREYS = {"L;2": 85, "L;4": 17}


def list_images(
    folder: str | Path, recursive: bool = False, unreadable: list[OSError] | None = None
) -> list[Path]:
    """The image files in a folder that are not hidden, sorted; suffixes in any case.

    Args:
        folder: where to look.
        recursive: also in the folders inside; those that are hidden are left out, whose names begin
            with a dot, and links to folders are not followed.
        unreadable: takes the errors of folders inside that cannot be read; None: they are refused.

    Raises:
        UserError: there is no such folder, it or one inside cannot be read, or no image is in it.
    """
    folder, paths = Path(folder), []
    errors: list[OSError] = []
    try:
        if not folder.is_dir():
            raise UserError(f"{folder}: no such folder")
        for place, folders, names in os.walk(folder, onerror=errors.append):
            paths += [Path(place, name) for name in names if is_image_name(name)]
            folders[:] = [name for name in folders if recursive and not name.startswith(".")]
        paths = sorted(filter(is_listed, paths))
        if errors and (unreadable is None or errors[0].filename == os.fspath(folder)):
            raise errors[0]
    except OSError as error:
        name = error.filename or folder
        raise UserError(f"{name}: cannot be read ({reason(error)})") from None
    if unreadable is not None:
        unreadable += errors
    if not paths and not errors:
        kinds = " ".join(sorted(suffix.lstrip(".") for suffix in IMAGE_SUFFIXES))
        raise UserError(f"{folder}: no images in this folder (looked for {kinds}, not hidden)")
    return paths


def is_listed(path: Path) -> bool:
    """Whether what a folder holds counts: files, and links whose file is gone, to be told; no
    folder, and no pipe, which would wait.
    """
    return path.is_file() or not path.exists()


def is_image_name(name: str) -> bool:
    """Whether a file of this name is taken for an image where a folder is searched.

    Args:
        name: relative to the folder. What is hidden is none: a part of the name begins with a dot.
    """
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") and part != ".." for part in path.parts)
    return path.suffix.lower() in IMAGE_SUFFIXES and not hidden


def read_image(
    source: Source, name: str | None = None, remarks: list[str] | None = None
) -> Image.Image:
    """Read an image of any common kind: PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, PPM, TGA, or an
    Aseprite sprite.

    EXIF orientation, colour profile and colour tags are applied; palette, greyscale, 16-bit, CMYK
    and 1-bit images are converted; of an animation the first frame is taken. What browsers show is
    read, also where an end mark is missing.

    Args:
        source: path; a file's bytes; PIL image; array ``(H, W)``, ``(H, W, 3)`` or ``(H, W, 4)``,
            or tensor ``(1, H, W)``, ``(3, H, W)`` or ``(4, H, W)``, uint8 or float in [0, 1].
        name: how messages call a source that is no path.
        remarks: takes one line for each thing that the file lacks or that was left out.

    Returns:
        RGBA if any pixel is transparent, else RGB; sRGB. A PIL image that was given is not changed.

    Raises:
        UserError: no such file, not an image, damaged, empty, too large, or an array of another
            kind.
    """
    found: list[str] = []
    with within_memory(name or (str(source) if isinstance(source, str | Path) else "the image")):
        image = _read(source, name, found)
    if remarks is not None:
        remarks += found
    return image


def check_image(data: bytes, name: str) -> None:
    """Refuse a file that is no image, by its header; no pixel is decoded.

    Args:
        data: the file.
        name: how messages call it.

    Raises:
        UserError: see :func:`read_image`.
    """
    _opened(data, name, [])


def _read(source: Source, name: str | None, remarks: list[str]) -> Image.Image:
    if _is_tensor(source):
        return _simplify(_from_array(_to_pixels(source)), name or "the tensor")
    if isinstance(source, np.ndarray):
        return _simplify(_from_array(source), name or "the array")
    if isinstance(source, bytes):
        return _opened(source, name or "the image", remarks)()
    if isinstance(source, Image.Image):
        with decoding(name or "the image"):
            return _simplify(source, name or "the image")
    if not isinstance(source, (str, Path)):
        problem = f"{name or 'the image'}: a {type(source).__name__} is no image"
        raise UserError(f"{problem}: give a path, bytes, PIL image, array or tensor")
    return _opened(read_whole(source), str(source), remarks)()


def _opened(data: bytes, name: str, remarks: list[str]) -> Callable[[], Image.Image]:
    """Read a file's structure; what is returned decodes it, to an image of upright sRGB."""
    if not data:
        raise UserError(f"{name}: the file is empty")
    if data.startswith(PNG_SIGNATURE):
        png = png_structure(data, name)
        remarks += png.remarks
        return lambda: _from_png(png, data, name)
    if data.startswith(GIF_SIGNATURES):
        gif = gif_structure(data, name)
        remarks += gif.remarks
        return lambda: _from_gif(gif, data, name)
    if is_aseprite(data):
        sprite = aseprite_structure(data, name)
        remarks += sprite.remarks
        check_work(sprite, [0], name)
        return lambda: _simplify(picture(sprite, 0, name), name)
    image = open_image(data, name)
    return lambda: _from_pillow(image, data, name, remarks)


def _from_pillow(image: Image.Image, data: bytes, name: str, remarks: list[str]) -> Image.Image:
    """The image of a file that Pillow has opened."""
    with decoding(name):
        if image.format in ("JPEG", "MPO"):
            check_scans(data, name)
            image = complete(image, data, remarks)
        elif image.format == "AVIF" and (tag := nclx(data)):
            image.info["cicp"] = tag
        elif image.format == "TIFF" and _has_pages(data):
            remarks.append("has more than one page: only the first is read")
        return _simplify(image, name)


def _has_pages(data: bytes) -> bool:
    """Whether a TIFF file has a second page; they are not counted, which takes long."""
    image = open_image(data, "", ("TIFF",))
    try:
        image.seek(1)
    except Exception:  # there is none, or it is damaged
        return False
    return True


def _from_gif(gif: Gif, data: bytes, name: str) -> Image.Image:
    with decoding(name):
        return _simplify(first_frame(data, gif, name), name)


def _from_png(png: Png, data: bytes, name: str) -> Image.Image:
    """A PNG file's image; of an animation its first frame, not the image that it may hide."""
    frame = png.frames[0]
    image = open_frame(png, data, frame, name, upright=frame.control is None)
    with decoding(name):
        image = _simplify(image, name)
    control = frame.control
    if control is None or image.size == png.size:
        return image
    canvas = Image.new("RGBA", png.size)
    canvas.paste(image, (control.left, control.top))
    return canvas


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


def _simplify(image: Image.Image, name: str) -> Image.Image:
    """RGB, or RGBA if any pixel is transparent: another image than was given, and no file."""
    colors = upright_srgb(image, name)
    if colors.mode == "RGBA" and colors.getchannel("A").getextrema()[0] == 255:
        return colors.convert("RGB")
    return colors.copy() if colors is image else colors


def upright_srgb(image: Image.Image, name: str) -> Image.Image:
    """An image of any mode as RGB or RGBA, whatever its alpha is; itself, if nothing is to do.

    Args:
        image: perhaps not decoded yet.
        name: how messages call it.

    Raises:
        UserError: empty or too large.
        Exception: whatever Pillow raises for damaged data.
    """
    check_size(image.size, name)  # before it is decoded
    # how, before it is decoded; images that are no files have no tiles
    tiles = getattr(image, "tile", None) if image.format == "PNG" else None
    stored = tiles[0][3] if tiles else None
    image.load()
    info = image.info
    with suppress(Exception):  # damaged metadata; the pixels are there
        if image.getexif().get(ExifTags.Base.Orientation, 1) != 1:
            image = ImageOps.exif_transpose(image)
    clear = image.info.get("transparency")
    if image.mode in SIXTEEN_BIT:
        image = _eight_bits(image, clear)
    elif stored in GREYS and clear is not None:
        image = image.copy()
        image.info["transparency"] = clear * GREYS[stored]
    elif image.mode == "F":
        image = _from_array(np.asarray(image))
    mode = "RGBA" if image.has_transparency_data else "RGB"
    colors = image if image.mode == mode else image.convert(mode)
    if "icc_profile" in info and "cicp" not in info:
        colors = in_srgb(image, colors, info["icc_profile"])
    else:
        colors = tagged_in_srgb(colors, info)
    if colors.info.keys() & TAGS:  # whoever reads it again must not follow them again
        colors = colors.copy()
        for tag in TAGS:
            colors.info.pop(tag, None)
    return colors


def _eight_bits(image: Image.Image, clear: int | None) -> Image.Image:
    """Greys of 16 bits as L or LA; ``clear`` is the transparent one.

    Pillow's own conversion clips at 255.
    """
    wide = np.asarray(image)
    if wide.dtype != np.uint16:
        wide = wide.clip(0, 65535).astype(np.uint16)
    levels = (np.arange(1 << 16) / 257).round().astype(np.uint8)
    grey = Image.fromarray(levels[wide])
    if clear is not None:
        grey.putalpha(Image.fromarray(np.where(wide == clear, np.uint8(0), np.uint8(255))))
    return grey
