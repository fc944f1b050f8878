"""Real cartoons beside the sprites that a teacher makes of them, cut to the same cells.

Nobody has drawn these sprites: the teacher is an earlier model, and its sprites lie in folders, one
for each size. It knows folders, cells and augmentation. It knows no network and no loss.
"""

import hashlib
import math
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from PIL import Image
from scipy import ndimage

from pixelization.color.luma import luma
from pixelization.errors import UserError
from pixelization.images.alpha import on_white
from pixelization.images.reading import list_images, read_image
from pixelization.networks.lattice import to_lattice
from pixelization.networks.tensors import to_tensor
from pixelization.training.data.artist_pairs.maker import PairBatch
from pixelization.training.data.drawings import draw_pair
from pixelization.training.data.fingerprints import contents
from pixelization.training.data.sources import chances, drawn_place
from pixelization.training.data.stroked import with_strokes

FLIPPED, UPSIDE_DOWN, PERMUTED = 0.5, 0.15, 0.25  # chances
BUSY = 0.1  # share of cells unlike the one beside, from which on a window is not an empty corner
WINDOWS = 3  # looked at for a busy one
WHITE = 250  # of all channels, from which on a pixel is ground
FINEST = 64  # cells a side, beyond which the cascade is the better teacher: configs/artists.yaml
SEEN = 235  # luma of the darkest neighbour, up to which a pixel may be a mixture with the ground


class Taught(NamedTuple):
    """A square picture and its sprite.

    Attributes:
        picture: uint8 ``(S, S, 3)``.
        sprite: uint8 ``(n, n, 3)``.
    """

    picture: np.ndarray
    sprite: np.ndarray


class Teacher(Protocol):
    """Pictures with sprites of several sizes."""

    def draw(self, size: int, rng: np.random.Generator) -> Taught:
        """A random picture with its sprite of ``size`` cells a side."""

    def report(self) -> str:
        """How many there are, for the log."""

    def files(self) -> list[Path]:
        """The files of both, in order."""

    def digest(self) -> bytes:
        """A hash of all of them."""


class TeacherFolder:
    """Sprites in ``FOLDER/SIZE``, of the cartoons of the same names.

    Pictures are drawn by source rather than by number: see
    :func:`~pixelization.training.data.sources.chances`.

    Args:
        cartoons: folder of square cartoons.
        teacher: folder with a folder for every size.
        sizes: in cells.

    Raises:
        UserError: a folder is missing, or no sprite in it belongs to a cartoon.
    """

    def __init__(self, cartoons: str, teacher: str, sizes: tuple[int, ...]) -> None:
        known = {path.name: path for path in list_images(cartoons)}
        self.pairs: dict[int, list[tuple[Path, Path]]] = {}
        self.chances: dict[int, np.ndarray] = {}
        for size in sizes:
            folder = Path(teacher) / str(size)
            if not folder.is_dir():
                model = " --model cascade" if size > FINEST else ""
                raise UserError(
                    f"{folder}: no such folder, of sprites of {size} cells: make it by pixelize "
                    f"{cartoons} -o {folder} --size {size}{model}, or set data.teacher or "
                    "data.sizes"
                )
            found = [path for path in list_images(folder) if path.name in known]
            if not found:
                raise UserError(f"{folder}: no sprite is named as a cartoon of {cartoons}")
            self.pairs[size] = [(known[path.name], path) for path in found]
            self.chances[size] = chances(found)

    def report(self) -> str:
        """See :class:`Teacher`."""
        counts = ", ".join(f"{len(pairs)} of {size}" for size, pairs in self.pairs.items())
        return f"taught sprites: {counts} cells"

    def files(self) -> list[Path]:
        """See :class:`Teacher`."""
        return sorted({path for pairs in self.pairs.values() for pair in pairs for path in pair})

    def digest(self) -> bytes:
        """See :class:`Teacher`.

        Raises:
            UserError: a file cannot be read any more.
        """
        return contents(self.files())

    def draw(self, size: int, rng: np.random.Generator) -> Taught:
        """See :class:`Teacher`.

        Raises:
            UserError: a file cannot be read, or is not square.
        """
        cartoon, path = self.pairs[size][drawn_place(self.chances[size], rng)]
        picture = np.asarray(on_white(read_image(cartoon)))
        sprite = np.asarray(on_white(read_image(path)))
        if picture.shape[0] != picture.shape[1] or sprite.shape != (size, size, 3):
            raise UserError(
                f"{path}: expected {size}x{size} cells of a square cartoon: remove it, "
                "or make it again"
            )
        return Taught(picture, sprite)


class DrawnTeacher:
    """Drawings in place of folders, to try training without any.

    Args:
        count: of drawings.
    """

    def __init__(self, count: int) -> None:
        self.count = count

    def report(self) -> str:
        """See :class:`Teacher`."""
        return f"{self.count} drawings as taught sprites"

    def files(self) -> list[Path]:
        """See :class:`Teacher`."""
        return []

    def digest(self) -> bytes:
        """See :class:`Teacher`."""
        return hashlib.sha256(f"drawings {self.count}".encode()).digest()

    def draw(self, size: int, rng: np.random.Generator) -> Taught:
        """See :class:`Teacher`."""
        seed = (int(rng.integers(self.count)), size, 7)
        sprite, picture = draw_pair(size, 4 * size, np.random.default_rng(seed))
        return Taught(picture.transpose(1, 2, 0), sprite.transpose(1, 2, 0))


def taught_pair(
    teacher: Teacher,
    size: int,
    cells: int,
    *,
    clear: float,
    stroked: float = 0.0,
    rng: np.random.Generator,
) -> PairBatch:
    """One window of a picture and its sprite, augmented: a batch of one.

    Args:
        size: of the sprite in cells; where it is smaller than the window, several pictures stand
            beside one another.
        cells: side of the window.
        clear: chance that white ground connected to the border becomes nothing.
        stroked: chance of thin strokes over the window.
    """
    taught = _beside(teacher, size, cells, rng)
    side, count = taught.picture.shape[0], taught.sprite.shape[0]
    if rng.random() < clear:
        picture = without_ground(taught.picture, soft=True)
        sprite = without_ground(taught.sprite, soft=False)
    else:
        picture, sprite = (np.dstack([each, np.full(each.shape[:2], 255)]) for each in taught)
    augmented = _augmented(picture, sprite, rng)
    image, target = (to_tensor(each)[0].contiguous() for each in augmented)
    target[:3] *= target[3:] > 0
    y, x = _window(target, cells, count // math.gcd(count, side), rng)
    window = target[:, y : y + cells, x : x + cells]
    top, left, length = (round(each * side / count) for each in (y, x, cells))
    part = image[:, top : top + length, left : left + length]
    if rng.random() < stroked:
        drawn = with_strokes(part.numpy(), window.numpy(), rng)
        part, window = (torch.from_numpy(each) for each in drawn)
    lattice = to_lattice(part[None], (cells, cells))
    return PairBatch(
        lattice,
        torch.tensor([side / count], dtype=torch.float32),
        window[None].contiguous(),
        lattice,
    )


def _augmented(
    picture: np.ndarray, sprite: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Both mirrored and with other channels, or not."""
    if rng.random() < FLIPPED:
        picture, sprite = picture[:, ::-1], sprite[:, ::-1]
    if rng.random() < UPSIDE_DOWN:
        picture, sprite = picture[::-1], sprite[::-1]
    if rng.random() < PERMUTED:
        channels = [*rng.permutation(3), 3]
        picture, sprite = picture[..., channels], sprite[..., channels]
    return picture, sprite


def _window(
    sprite: torch.Tensor, cells: int, step: int, rng: np.random.Generator
) -> tuple[int, int]:
    """Row and column of a window's first cell: of some that are tried, one that shows something.

    Args:
        sprite: ``(4, n, n)``.
        cells: side of the window.
        step: cells from one place to the next, so that windows begin at a whole pixel, too.
    """
    for _ in range(WINDOWS):
        places = (sprite.shape[1] - cells) // step + 1
        y, x = (int(rng.integers(0, places)) * step for _ in range(2))
        window = sprite[:, y : y + cells, x : x + cells]
        if (window[:, 1:] != window[:, :-1]).any(0).float().mean() > BUSY:
            break
    return y, x


def without_ground(image: np.ndarray, *, soft: bool) -> np.ndarray:
    """White that is connected to the border becomes nothing.

    Args:
        image: uint8 ``(H, W, 3)``.
        soft: pixels beside the ground are mixtures with it: they get the alpha and the colour that
            they were mixed of.

    Returns:
        RGBA ``(H, W, 4)``, floats of 0 to 255.
    """
    labels, _ = ndimage.label((image >= WHITE).all(-1))
    border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    ground = np.isin(labels, border[border > 0])
    alpha, colors = np.where(ground, 0.0, 255.0), image.astype(float)
    if soft:
        ring = ndimage.binary_dilation(ground, iterations=2) & ~ground
        light = luma(colors)
        near = ndimage.minimum_filter(light, 3)
        share = np.clip((255 - light) / np.maximum(255 - near, 1), 0.02, 1)
        share = np.where(near > SEEN, 1, share)[..., None]
        unmixed = np.clip(255 - (255 - colors) / share, 0, 255)
        colors = np.where(ring[..., None], unmixed, colors)
        alpha = np.where(ring, 255 * share[..., 0], alpha)
    return np.dstack([colors, alpha])


def _beside(teacher: Teacher, size: int, cells: int, rng: np.random.Generator) -> Taught:
    """Pictures of one size beside and below one another, so many that a window fits."""
    times = math.ceil(cells / size)
    taught = [teacher.draw(size, rng) for _ in range(times * times)]
    side = taught[0].picture.shape[0]
    pictures = [_resized(each.picture, side) for each in taught]
    sprites = [each.sprite for each in taught]

    def joined(images: list[np.ndarray]) -> np.ndarray:
        rows = [np.hstack(images[row * times : (row + 1) * times]) for row in range(times)]
        return np.vstack(rows)

    return Taught(joined(pictures), joined(sprites))


def _resized(picture: np.ndarray, side: int) -> np.ndarray:
    if picture.shape[0] == side:
        return picture
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC))
