"""Images of folders, and training samples made of them.

A sample is a pure function of the images and a random generator.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from PIL import Image

from pixelization.errors import UserError
from pixelization.images.alpha import on_white
from pixelization.images.reading import list_images, read_image
from pixelization.training.data.shards import Shards, is_sharded

MEMORY = 2 << 30  # bytes of decoded images that a set keeps, in all loader processes together
WINDOWS = 8  # random windows looked at for one that is not blank
CONTENT = 0.05  # share of a window's pixels that must differ from its usual colour
CONTRAST = 30  # by how much, of 255
GAP = 4  # largest free space between sprites, in cells


class Images(Protocol):
    """A set of images that samples are made of: uint8 ``(H, W, 3)``, or ``(H, W, 4)`` with alpha.

    Attributes:
        paths: of the files, in order; none where they are no files.
    """

    paths: list[Path]

    @property
    def skipped(self) -> list[str]:
        """Why images cannot be used, with their names, as far as it is known."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> np.ndarray: ...

    def usable(self) -> Iterator[tuple[str, np.ndarray]]:
        """Name and pixels of every image, in order."""


class Folder:
    """The images in the files of a folder, and in those of its subfolders.

    Args:
        folder: where they are.

    Attributes:
        paths: of all images, sorted.

    Raises:
        UserError: the folder is missing or holds no image.
    """

    def __init__(self, folder: str | Path) -> None:
        self.paths = list_images(folder, recursive=True)

    def __len__(self) -> int:
        return len(self.paths)

    def path(self, index: int) -> Path:
        """The file of an image."""
        return self.paths[index]

    def name(self, index: int) -> str:
        """Of an image, without folders."""
        return self.paths[index].name

    def told(self, index: int) -> str:
        """How messages call an image."""
        return str(self.paths[index])

    def image(self, index: int) -> Image.Image:
        """See :func:`~pixelization.images.reading.read_image`."""
        return read_image(self.paths[index])


class ImageSet:
    """The images of a folder, or of shards in it.

    Nothing is decoded before it is wanted, so a set of a million images is there at once. Decoding
    takes longer than everything else a sample needs, so images are kept, up to ``memory`` bytes.
    One that turns out unusable is replaced by the next usable image.

    Args:
        folder: searched with its subfolders; or it holds
            :class:`~pixelization.training.data.shards.Shards`.
        transparent: keep alpha, as ``(H, W, 4)``; otherwise compose on white, ``(H, W, 3)``.
        masks: folder with a mask for each, of its path and name with the suffix ``.png`` and of its
            size: where it is black, the image becomes white, and by as much where it is grey.
            Empty: none. Shards have none.
        memory: bytes of decoded images that are kept.

    Attributes:
        paths: of all files, sorted.
        skipped: a line each of those that were found unusable so far: damaged files, and pictures
            of one flat colour, which teach nothing and make instance norm divide by zero.

    Raises:
        UserError: the folder is missing or holds no usable image.
    """

    def __init__(
        self, folder: str | Path, *, transparent: bool, masks: str = "", memory: int = MEMORY
    ) -> None:
        self.files: Folder | Shards = Shards(folder) if is_sharded(folder) else Folder(folder)
        if masks and isinstance(self.files, Shards):
            raise UserError(f"{folder}: holds shards, which have no masks: leave out data.masks")
        self.paths = self.files.paths
        self.folder, self.masks = Path(folder), masks
        self.transparent = transparent
        self._kept: dict[int, np.ndarray] = {}
        self._room = memory
        self._unusable: dict[int, str] = {}
        try:
            self[0]
        except UserError:
            raise UserError(
                f"{folder}: no usable image among {len(self)}; the first: {self.skipped[0]}"
            ) from None

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> np.ndarray:
        """Image ``index``: uint8 ``(H, W, 3)``, or ``(H, W, 4)`` with alpha.

        Raises:
            UserError: neither it nor any other image can be read any more.
        """
        if not 0 <= index < len(self):
            raise IndexError(index)
        for further in range(len(self)):
            pixels = self._pixels((index + further) % len(self), keep=True)
            if pixels is not None:
                return pixels
        raise UserError(self._unusable[index])

    @property
    def skipped(self) -> list[str]:
        """See the class."""
        return [reason for _, reason in sorted(self._unusable.items())]

    def usable(self) -> Iterator[tuple[str, np.ndarray]]:
        """Name and pixels of every usable image; those that are not kept are read for it."""
        for index in range(len(self)):
            pixels = self._pixels(index, keep=False)
            if pixels is not None:
                yield self.files.name(index), pixels

    def _pixels(self, index: int, *, keep: bool) -> np.ndarray | None:
        """An image, and None if it is unusable; kept if that is wanted and there is room."""
        if index in self._kept:
            return self._kept[index]
        if index in self._unusable:
            return None
        try:
            pixels = self._read(index)
        except UserError as error:
            self._unusable[index] = str(error)
            return None
        if keep and pixels.nbytes <= self._room:
            self._kept[index] = pixels
            self._room -= pixels.nbytes
        return pixels

    def _read(self, index: int) -> np.ndarray:
        """The pixels of an image.

        Raises:
            UserError: it is missing, damaged, or of one flat colour.
        """
        image = self.files.image(index)
        if self.masks:
            image = self._masked(image, self.files.path(index))
        pixels = np.asarray(image.convert("RGBA") if self.transparent else on_white(image))
        if (pixels == pixels[0, 0]).all():
            raise UserError(f"{self.files.told(index)}: one flat colour")
        return pixels

    def _masked(self, image: Image.Image, path: Path) -> Image.Image:
        """An image on white where its mask is black.

        Raises:
            UserError: the mask is missing, damaged, or of another size.
        """
        found = Path(self.masks) / path.relative_to(self.folder).with_suffix(".png")
        mask = read_image(found).convert("L")
        if mask.size != image.size:
            raise UserError(
                f"{found}: a mask of {mask.width}x{mask.height} pixels for an image of "
                f"{image.width}x{image.height}"
            )
        white = Image.new("RGB", image.size, "white")
        return Image.composite(on_white(image), white, mask)


class Crops:
    """Random square windows of full-size pictures: cartoons, or pixel art of unknown cell size.

    Args:
        images: the pictures, RGB.
        crop: side of the window in pixels; a smaller picture is surrounded by white.
        min_zoom: the picture is first reduced by a random factor in [min_zoom, 1]; 1 leaves the
            pixels alone.
        flip, permute_colors: augmentation.
    """

    def __init__(
        self,
        images: Images,
        *,
        crop: int,
        min_zoom: float = 1.0,
        flip: bool,
        permute_colors: bool,
    ) -> None:
        self.images, self.crop, self.min_zoom = images, crop, min_zoom
        self.flip, self.permute_colors = flip, permute_colors

    def sample(self, index: int, rng: np.random.Generator) -> np.ndarray:
        """Window of image ``index``: uint8 ``(3, crop, crop)``."""
        pixels = self.images[index]
        if self.min_zoom < 1:
            zoom = rng.uniform(self.min_zoom, 1)
            height, width = (max(1, round(side * zoom)) for side in pixels.shape[:2])
            size = width, height
            pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
        missing = [max(0, self.crop - side) for side in pixels.shape[:2]]
        if any(missing):
            around = [(gap // 2, gap - gap // 2) for gap in missing]
            pixels = np.pad(pixels, (*around, (0, 0)), constant_values=255)
        best, most = pixels[: self.crop, : self.crop], -1.0
        for _ in range(WINDOWS):
            top, left = (int(rng.integers(side - self.crop + 1)) for side in pixels.shape[:2])
            window = pixels[top : top + self.crop, left : left + self.crop]
            content = _content(window)
            if content > most:
                best, most = window, content
            if content >= CONTENT:
                break
        return augment(best, rng, flip=self.flip, permute_colors=self.permute_colors)


class Whole:
    """Whole pictures, made square.

    Args:
        images: the pictures, RGB.
        side: of the square in pixels.
        fit: ``stretch``: resize to the square, whatever the picture's shape (Ozyegin 2024).
            ``square``: the same with the largest square in its middle. ``whole``: reduce a larger
            one to fit and surround it with white (Ekpete 2023); a smaller one is not enlarged then.
        jitter: make it so many pixels larger per side, then take a random window (Zhu et al. 2017).
        flip, permute_colors: augmentation.
    """

    def __init__(
        self,
        images: Images,
        *,
        side: int,
        fit: Literal["whole", "stretch", "square"],
        jitter: int = 0,
        flip: bool,
        permute_colors: bool,
    ) -> None:
        self.images, self.side, self.fit, self.jitter = images, side, fit, jitter
        self.flip, self.permute_colors = flip, permute_colors

    def sample(self, index: int, rng: np.random.Generator) -> np.ndarray:
        """Picture ``index``: uint8 ``(3, side, side)``."""
        picture, side = Image.fromarray(self.images[index]), self.side + self.jitter
        if self.fit == "square":
            middle = min(picture.size)
            left, top = ((each - middle) // 2 for each in picture.size)
            picture = picture.crop((left, top, left + middle, top + middle))
        if self.fit != "whole":
            picture = picture.resize((side, side), Image.Resampling.LANCZOS)
        elif max(picture.size) > side:
            ratio = side / max(picture.size)
            width, height = (max(1, int(each * ratio)) for each in picture.size)
            picture = picture.resize((width, height), Image.Resampling.BICUBIC)
        canvas = Image.new("RGB", (side, side), "white")
        canvas.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
        pixels = np.asarray(canvas)
        if self.jitter:
            top, left = (int(rng.integers(self.jitter + 1)) for _ in range(2))
            pixels = pixels[top : top + self.side, left : left + self.side]
        return augment(pixels, rng, flip=self.flip, permute_colors=self.permute_colors)


class Canvases:
    """Sprites at native resolution on white, at one pixel per cell.

    Args:
        images: the sprites, RGBA.
        sizes: side of the square canvas in cells, for each scale.
        flip, permute_colors: augmentation.
    """

    def __init__(
        self, images: Images, *, sizes: tuple[int, ...], flip: bool, permute_colors: bool
    ) -> None:
        self.images, self.sizes = images, sizes
        self.flip, self.permute_colors = flip, permute_colors

    def augmented(self, pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A canvas ``(n, n, 3)`` as a sample ``(3, n, n)``."""
        return augment(pixels, rng, flip=self.flip, permute_colors=self.permute_colors)


class SingleSprites(Canvases):
    """One sprite in the middle of a white canvas (Ekpete 2023)."""

    def sample(self, index: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        """Sprite ``index`` on a canvas of each size: uint8 ``(3, n, n)``.

        Of one larger than the canvas a random window is shown.
        """
        sprite = Image.fromarray(self.images[index])
        canvases = []
        for size in self.sizes:
            canvas = Image.new("RGB", (size, size), "white")
            left, top = (
                (size - side) // 2 if side <= size else -int(rng.integers(side - size + 1))
                for side in sprite.size
            )
            canvas.paste(sprite, (left, top), sprite)
            canvases.append(self.augmented(np.asarray(canvas), rng))
        return tuple(canvases)


class SpriteCanvases(Canvases):
    """Sprites in columns."""

    def sample(self, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        """A canvas for each size: uint8 ``(3, n, n)``, cut at its borders as a crop is."""
        return tuple(self.augmented(self._canvas(size, rng), rng) for size in self.sizes)

    def _canvas(self, size: int, rng: np.random.Generator) -> np.ndarray:
        canvas = Image.new("RGB", (size, size), "white")
        # Columns of sprites with small gaps: one sprite alone would leave most of the canvas white.
        left = -int(rng.integers(GAP + 1))
        while left < size:
            top, width = -int(rng.integers(2 * GAP + 1)), 1
            while top < size:
                sprite = Image.fromarray(self.images[int(rng.integers(len(self.images)))])
                # A sprite larger than the canvas is cut somewhere, not always at its left upper
                # corner.
                shift = [int(rng.integers(max(1, side - size + 1))) for side in sprite.size]
                canvas.paste(sprite, (left - shift[0], top - shift[1]), sprite)
                width = max(width, sprite.width - shift[0])
                top += max(1, sprite.height - shift[1]) + int(rng.integers(GAP + 1))
            left += width + int(rng.integers(GAP + 1))
        return np.asarray(canvas)


def augment(
    pixels: np.ndarray, rng: np.random.Generator, *, flip: bool, permute_colors: bool
) -> np.ndarray:
    """Mirror half of the time, shuffle the channels: ``(H, W, 3)`` -> contiguous ``(3, H, W)``."""
    if flip and rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    channels = rng.permutation(3) if permute_colors else [0, 1, 2]
    return np.ascontiguousarray(pixels[..., channels].transpose(2, 0, 1))


def _content(window: np.ndarray) -> float:
    """Share of the pixels that differ from the window's usual colour."""
    sparse = window[::2, ::2].reshape(-1, 3).astype(np.int16)
    return float((np.abs(sparse - np.median(sparse, axis=0)).max(axis=1) > CONTRAST).mean())
