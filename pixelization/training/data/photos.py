"""Photos beside the cartoons: windows of a folder of them, with sprites that no network made.

Networks that have met drawings alone take gleams and texture for strokes. What a person wants of a
photo is close to what a good filter gives. Of those that judges liked best, perceptual downscaling
is the crisper one: networks that learned from Lanczos drew blurred photos. By itself it makes
texture stronger, so total variation is taken from the photo first: texture becomes flat shapes,
edges stay.
"""

from pathlib import Path

import numpy as np
from PIL import Image
from skimage.restoration import denoise_tv_chambolle

from pixelization.images.alpha import on_white
from pixelization.images.reading import list_images, read_image
from pixelization.reducers.perceptual import perceptual
from pixelization.training.data.fingerprints import contents
from pixelization.training.data.teacher import Taught

SMALLEST = 0.3  # shortest window, of the shorter side of a photo
FEWEST, MOST = 2, 8  # pixels per cell
LARGEST = 448  # pixels per side of a window after it is reduced
FLATTENING = 0.004  # weight of total variation per pixel of a cell's side, of [0, 1]
FILTERS = (Image.Resampling.LANCZOS, Image.Resampling.BOX, Image.Resampling.BICUBIC)


class PhotoFolder:
    """Square windows of photos, each reduced to a random size: a
    :class:`~pixelization.training.data.teacher.Teacher`.

    Args:
        folder: photos of any size.

    Raises:
        UserError: the folder is missing or holds no image.
    """

    def __init__(self, folder: str) -> None:
        self.paths = list_images(folder)

    def report(self) -> str:
        """See :class:`~pixelization.training.data.teacher.Teacher`."""
        return f"{len(self.paths)} photos"

    def files(self) -> list[Path]:
        """See :class:`~pixelization.training.data.teacher.Teacher`."""
        return self.paths

    def digest(self) -> bytes:
        """See :class:`~pixelization.training.data.teacher.Teacher`.

        Raises:
            UserError: a file cannot be read any more.
        """
        return contents(self.paths)

    def draw(self, size: int, rng: np.random.Generator) -> Taught:
        """See :class:`~pixelization.training.data.teacher.Teacher`.

        A window that is too small for ``size`` cells is enlarged to 2 pixels per cell.

        Raises:
            UserError: a file cannot be read.
        """
        photo = on_white(read_image(self.paths[int(rng.integers(len(self.paths)))]))
        shorter = min(photo.size)
        side = max(1, round(shorter * rng.uniform(SMALLEST, 1)))
        left, top = (int(rng.integers(0, length - side + 1)) for length in photo.size)
        window = photo.crop((left, top, left + side, top + side))
        most = min(side, MOST * size, LARGEST)
        reduced = max(FEWEST * size, round(most * rng.uniform(0.5, 1)))
        window = window.resize((reduced, reduced), FILTERS[int(rng.integers(len(FILTERS)))])
        picture = np.asarray(window)
        return Taught(picture, photo_sprite(picture, size))


def photo_sprite(picture: np.ndarray, size: int) -> np.ndarray:
    """What networks learn to make of a photo: uint8 ``(size, size, 3)`` of ``(S, S, 3)``.

    Source: Chambolle 2004 (total variation), then Öztireli and Gross 2015.
    """
    weight = FLATTENING * len(picture) / size
    flat = denoise_tv_chambolle(picture / 255, weight=weight, channel_axis=2)
    return perceptual((flat.clip(0, 1) * 255).round().astype(np.uint8), (size, size))
