"""What the methods are given: images at sizes, or sprites with factors."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import skimage.data
from PIL import Image

from pixelization.cells.sizes import Size, cell_count, completed_size
from pixelization.errors import UserError
from pixelization.evaluation.config import PHOTOS, SPRITES, EvaluationConfig
from pixelization.images.alpha import on_white
from pixelization.images.reading import list_images, read_image
from pixelization.images.sprites import hard_edged
from pixelization.reducers import resampling

PHOTO_SIDE = 512  # pixels; the longest side of a photo is reduced to this
REDUCTIONS = {"area": resampling.area, "nearest": resampling.nearest}


@dataclass(frozen=True)
class Item:
    """What every method is called with once.

    Attributes:
        name: of the image, unique in its set: its path in the folder, as a rule without the suffix.
        input: uint8 ``(H, W, 3)`` on white, an image to pixelize or a sprite to depixelize.
        target: the sprite's ``(width, height)`` where the task is to pixelize, else the factor.
        original: uint8 of the size of the result, what a depixelized sprite should look like; None
            where nobody knows.
    """

    name: str
    input: np.ndarray
    target: Any
    original: np.ndarray | None = None


@dataclass(frozen=True)
class Case:
    """A set of images at one size: a table of the report."""

    images: str
    size: str
    items: tuple[Item, ...]


def read_folder(folder: str | Path, limit: int = 0) -> tuple[dict[str, np.ndarray], list[str]]:
    """The images in a folder and the folders in it, on white.

    Args:
        folder: to read.
        limit: only the first so many; 0: all.

    Returns:
        uint8 ``(H, W, 3)`` by name, and a line on what is wrong with each of the others.

    Raises:
        UserError: there is no such folder, or no image in it can be read.
    """
    images, failures = _read(folder, limit)
    return {name: np.asarray(on_white(image)) for name, image in images.items()}, failures


def read_sprites(folder: str | Path, limit: int = 0) -> tuple[dict[str, np.ndarray], list[str]]:
    """As :func:`read_folder`, but with transparency: uint8 ``(h, w, 4)``.

    Alpha is 0 or 255, and colours are black where it is 0.
    """
    images, failures = _read(folder, limit)
    return {
        name: np.asarray(hard_edged(image.convert("RGBA"))) for name, image in images.items()
    }, failures


def _read(folder: str | Path, limit: int) -> tuple[dict[str, Image.Image], list[str]]:
    paths = list_images(folder, recursive=True)[: limit or None]
    short = Counter(path.with_suffix("") for path in paths)
    images, failures = {}, []
    for path in paths:
        whole = path if short[path.with_suffix("")] > 1 else path.with_suffix("")
        name = os.fsencode(whole.relative_to(folder).as_posix()).decode("utf-8", "replace")
        try:
            images[name] = read_image(path)
        except UserError as error:
            failures.append(str(error))
    if not images:
        raise UserError(f"{folder}: none of its images can be read, such as {failures[0]}")
    return images, failures


def read_cases(config: EvaluationConfig) -> tuple[list[Case], list[str]]:
    """Everything that the methods are called with.

    Returns:
        The cases, and a line on every image that is in none of them.

    Raises:
        UserError: a folder is missing, or nothing in it can be used; there is no such photo.
    """
    cases, failures = [], []
    sets = [(each.name, *read_folder(each.folder, config.limit)) for each in config.images]
    if config.photos:
        sets.append((PHOTOS, {name: _photo(name) for name in config.photos}, []))
    for name, images, unreadable in sets:
        failures += unreadable
        cases += (_pixelize_cases if config.task == "pixelize" else _reduced_cases)(
            name, images, config, failures
        )
    if config.task == "depixelize" and config.sprites:
        images, unreadable = read_folder(config.sprites, config.limit)
        failures += unreadable
        for factor in config.factors:
            cases.append(
                Case(
                    SPRITES,
                    f"x{factor}",
                    tuple(Item(name, image, factor) for name, image in images.items()),
                )
            )
    return cases, failures


def _pixelize_cases(
    name: str, images: dict, config: EvaluationConfig, failures: list[str]
) -> list[Case]:
    # All tables of a set show the same images, so one that is too small for a size is left out of
    # all.
    widest = max(config.widths) if not config.scales else 1
    images = _large_enough(name, images, widest, failures)
    cases: list[Case] = []
    if config.scales:
        for scale in config.scales:
            cell = 1 / Fraction(scale)
            cases.append(_case(name, f"scale {scale}", images, partial(_in_cells, cell=cell)))
        return cases
    for width in config.widths:
        cases.append(_case(name, f"{width} cells", images, partial(completed_size, (width, None))))
    return cases


def _case(
    name: str, label: str, images: dict[str, np.ndarray], target: Callable[[Size], Size]
) -> Case:
    items = (Item(each, image, target(_size(image))) for each, image in images.items())
    return Case(name, label, tuple(items))


def _in_cells(size: Size, cell: Fraction) -> Size:
    return cell_count(size[0], cell), cell_count(size[1], cell)


def _size(image: np.ndarray) -> Size:
    """(width, height)."""
    return image.shape[1], image.shape[0]


def _reduced_cases(
    name: str, images: dict, config: EvaluationConfig, failures: list[str]
) -> list[Case]:
    images = _large_enough(name, images, config.width, failures)
    cases = []
    for reduction in config.reductions:
        for factor in config.factors:
            items = []
            for each, image in images.items():
                sprite = REDUCTIONS[reduction](
                    image, completed_size((config.width, None), _size(image))
                )
                size = (sprite.shape[1] * factor, sprite.shape[0] * factor)
                original = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))
                items.append(Item(each, sprite, factor, original))
            cases.append(Case(name, f"{reduction}, x{factor}", tuple(items)))
    return cases


def _large_enough(name: str, images: dict, width: int, failures: list[str]) -> dict:
    """The images with at least two pixels to a cell.

    A line on each of the others goes to ``failures``.
    """
    small = {each: image.shape for each, image in images.items() if not _roomy(_size(image), width)}
    failures += [
        f"{name}, {each}: {w}x{h} pixels are too few for {width} cells"
        for each, (h, w, _) in small.items()
    ]
    if len(small) == len(images):
        raise UserError(
            f"{name}: all images are too small for {width} cells along the width: ask for fewer"
        )
    return {each: image for each, image in images.items() if each not in small}


def _roomy(size: Size, width: int) -> bool:
    """Whether an image of (width, height) pixels has two pixels to each of so many cells."""
    cells = completed_size((width, None), size)
    return all(count <= max(1, (side + 1) // 2) for count, side in zip(cells, size, strict=True))


def _photo(name: str) -> np.ndarray:
    folder = Path(skimage.data.__file__).parent
    found = {
        path.stem: path for path in sorted(folder.iterdir()) if path.suffix in (".png", ".jpg")
    }
    if name not in found:
        raise UserError(f"photos: scikit-image brings no '{name}'; it has {', '.join(found)}")
    photo = on_white(read_image(found[name]))
    photo.thumbnail((PHOTO_SIDE, PHOTO_SIDE), Image.Resampling.LANCZOS)
    return np.asarray(photo)
