"""What the package needs of the networks, on uint8 arrays, whatever runs them."""

from fractions import Fraction
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from pixelization.cells.sizes import MIN_SIDE, Size

# Large images go through the networks in tiles, which bounds the memory. A tile sees as much of
# its surroundings as the receptive field of the lite networks reaches.
TILE, HALO = 2048, 192


class Grids(NamedTuple):
    """What :meth:`Backend.pixelize` gives.

    Attributes:
        grids: one pixel per cell, uint8 ``(B, h, w, 3)``.
        refined: images of the input's size, uint8 ``(B, H, W, 3)``; a sprite is their majority
            vote over the cells of the grid.
    """

    grids: np.ndarray
    refined: np.ndarray


class Backend(Protocol):
    """The networks of one model on one device.

    Both methods take RGB images of one size as uint8 ``(B, H, W, 3)``, ``B >= 1``, with sides of
    at least ``MIN_SIDE`` pixels. They compute the whole batch at once, so the caller bounds its
    memory, as with tiles of ``TILE`` pixels. The images of a batch do not influence each other. The
    last bits of the networks' sums may depend on how a backend splits a batch, though, and then a
    few cells that two colours suit alike; on one thread of the CPU, torch gives the same bits.
    """

    @property
    def scales(self) -> tuple[Fraction, ...]:
        """Grid side / image side of the grids that the model makes, the largest first."""

    @property
    def tileable(self) -> bool:
        """Whether a pixel depends on little more than ``HALO`` pixels around it.

        Images of networks of which this is not true are never cut into tiles.
        """

    def pixelize(self, images: np.ndarray, scale: Fraction) -> Grids:
        """Make pixel art of ``images``, with grids of ``max(1, round(side * scale))`` cells.

        Raises:
            ValueError: ``images`` is not as above, or the model has no such scale.
        """

    def depixelize(self, images: np.ndarray) -> np.ndarray:
        """Make smooth images, of the same shape, of pixel art that is already enlarged.

        Its cells measure ``1 / scale`` pixels for one of ``scales``.

        Raises:
            ValueError: ``images`` is not as above.
        """


class Sprites(NamedTuple):
    """What :meth:`SpriteBackend.sprites` gives, uint8 ``(B, h, w, 4)``.

    Alpha is 0 or 255, and the colour black where it is 0.

    Attributes:
        grids: of GridNet alone.
        refined: the sprites.
    """

    grids: np.ndarray
    refined: np.ndarray


@runtime_checkable
class SpriteBackend(Protocol):
    """Networks on the grid: any picture to a sprite of any size, with alpha, and the way back."""

    def sprites(self, images: np.ndarray, grid: Size) -> Sprites:
        """Make sprites of ``grid`` (h, w) cells of ``images``, uint8 ``(B, H, W, 4)``.

        Large grids are made in tiles, so the caller need not bound the memory. The images of a
        batch do not influence each other.

        Raises:
            ValueError: ``images`` is not as above.
        """

    def draw(self, sprites: np.ndarray) -> np.ndarray:
        """Make smooth images of sprites, uint8 ``(B, h, w, 3)``: ``(B, 8 h, 8 w, 3)``.

        Large sprites are drawn in tiles.

        Raises:
            ValueError: ``sprites`` is not as above.
        """


def check_images(images: np.ndarray) -> None:
    """Raise ``ValueError`` unless ``images`` is what a :class:`Backend` takes."""
    check_rgb(images)
    height, width = images.shape[1:3]
    if min(height, width) < MIN_SIDE:
        raise ValueError(
            f"expected images of at least {MIN_SIDE}x{MIN_SIDE} pixels, got {width}x{height}"
        )


def check_rgb(images: np.ndarray) -> None:
    """Raise ``ValueError`` unless ``images`` is uint8 ``(B, H, W, 3)``, and not empty."""
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3 or not images.size:
        raise ValueError(
            "expected images of dtype uint8 and shape (B, H, W, 3), "
            f"got {images.dtype} {images.shape}"
        )


def check_scale(scale: Fraction, scales: tuple[Fraction, ...]) -> None:
    """Raise ``ValueError`` unless ``scale`` is one of the model's ``scales``."""
    if scale not in scales:
        raise ValueError(f"the model has no scale {scale}: {', '.join(map(str, scales))}")
