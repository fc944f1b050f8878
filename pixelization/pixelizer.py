"""The one way in and out of the networks: image -> sprite, and sprite -> smooth image."""

import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pixelization.backends.base import HALO, TILE, check_pixels
from pixelization.cells.sizes import cell_count, round_half_up
from pixelization.cells.tiling import tiles
from pixelization.cells.voting import coverage_vote, majority_vote
from pixelization.enlargers.base import check_factor
from pixelization.enlargers.faithful import depixelize
from pixelization.enlargers.networks import network_enlarger
from pixelization.images.alpha import fill_transparent
from pixelization.images.reading import Source, read_image
from pixelization.networks.cascade import Cascade
from pixelization.networks.devices import resolve_device
from pixelization.networks.tensors import to_array, to_tensor
from pixelization.networks.weights import DEFAULT_MODEL, load_weights, pretrained_path
from pixelization.reducers.base import CellSize, check_cell_size, sprite_size
from pixelization.reducers.networks import PixelizeResult, _pad_to_minimum, _resize, _with_alpha


class Pixelizer:
    """Turns images into sprites and sprites into smooth images.

    Args:
        cascade: the generators; moved to ``device`` and put into evaluation mode.
        device: ``auto`` (the GPU if there is one), ``cpu`` or ``cuda``.

    Attributes:
        enlarge: DepixelNet, as :func:`pixelization.enlargers.faithful.depixelize` takes it.

    Raises:
        UserError: there is no such device.
    """

    def __init__(self, cascade: Cascade, device: str | torch.device = "auto") -> None:
        self.device = resolve_device(device)
        self.cascade = cascade.eval().to(device=self.device, memory_format=torch.channels_last)
        self.enlarge = network_enlarger(self.cascade, self.device)

    @classmethod
    def from_pretrained(
        cls, model: str = DEFAULT_MODEL, device: str | torch.device = "auto"
    ) -> "Pixelizer":
        """Load a model that is shipped with the package.

        ``UserError`` if there is none of that name.
        """
        return cls.from_weights(pretrained_path(model), device)

    @classmethod
    def from_weights(cls, path: str | Path, device: str | torch.device = "auto") -> "Pixelizer":
        """Load a weights file; ``UserError`` if it is missing, damaged or of another kind."""
        cascade, _ = load_weights(path)
        return cls(cascade, device)

    @torch.inference_mode()
    def pixelize(
        self,
        image: Source,
        *,
        cell_size: CellSize | None = None,
        size: tuple[int, int | None] | None = None,
    ) -> PixelizeResult:
        """Make a sprite of ``image``.

        The image is resized so that, at the model's scale nearest to the cell size, GridNet's grid
        has exactly the sprite's size; the sprite is the majority vote over the cells of PixelNet's
        image.

        Args:
            image: path, PIL image or array (see ``read_image``).
            cell_size: pixels of the source per cell, or (width, height), at least 2, fractions
                allowed; the sprite measures ``round(side / cell_size)``, at least 1. Default: 16/3.
            size: instead, the sprite's ``(width, height)``; height None keeps the aspect ratio.

        Raises:
            UserError: the image cannot be read, or the cells would be smaller than 2 pixels.
            ValueError: both ``cell_size`` and ``size`` are given.
        """
        source = read_image(image)
        width, height = sprite_size(source.size, cell_size, size)
        cell = (source.width / width, source.height / height)
        scale = min(
            self.cascade.scales, key=lambda r: abs(math.log(math.sqrt(cell[0] * cell[1]) * r))
        )
        alpha = None
        if source.mode == "RGBA":
            rgba = np.asarray(source)
            alpha = coverage_vote(rgba[..., 3], (height, width))
            source = Image.fromarray(fill_transparent(rgba, radius=1.5 * max(cell)))
            del rgba

        run_size = tuple(max(1, round(side / scale)) for side in (width, height))
        check_pixels(run_size, "the networks' image")
        pixels, (rows, columns) = _pad_to_minimum(
            np.asarray(_resize(source, run_size)), (height, width), scale
        )
        del source
        refined, grid = np.empty_like(pixels), np.empty((rows, columns, 3), np.uint8)
        sprite = np.empty_like(grid)
        for cells, window in tiles((rows, columns), pixels.shape[:2], scale, tile=TILE, halo=HALO):
            output = self.cascade.pixelize(self._tensor(window.read(pixels)), scale)
            grid_tile, refined_tile = to_array(output.grid), to_array(output.refined)
            vote = majority_vote(refined_tile, grid_tile.shape[:2])
            cells.write(grid, grid_tile)
            cells.write(sprite, vote)
            window.write(refined, refined_tile)

        sprite, grid, refined = (
            sprite[:height, :width],
            grid[:height, :width],
            refined[: run_size[1], : run_size[0]],
        )
        return PixelizeResult(
            _with_alpha(sprite, alpha), Image.fromarray(refined), Image.fromarray(grid), cell, scale
        )

    @torch.inference_mode()
    def depixelize(
        self,
        sprite: Source,
        *,
        factor: float = 4,
        cell_size: CellSize | None = None,
        keep_colors: bool = True,
    ) -> Image.Image:
        """Make a smooth image of a sprite.

        Args:
            sprite: path, PIL image or array, one pixel per cell unless ``cell_size`` is given.
            factor: pixels of the result per cell, 2 to 16, fractions allowed.
            cell_size: pixels per cell of an enlarged sprite, or (width, height), at least 1; it is
                reduced to one pixel per cell first.
            keep_colors: draw the mean colour of every cell to the sprite's; without, insides are
                smoother.

        Returns:
            RGB, or RGBA if the sprite has transparent pixels, of ``round(cells * factor)`` pixels
            per side.

        Raises:
            UserError: the image cannot be read, a number is out of range, or the result would be
                huge.
        """
        check_factor(factor)
        native = _native_sprite(read_image(sprite), cell_size)
        size = (round_half_up(native.shape[1] * factor), round_half_up(native.shape[0] * factor))
        return Image.fromarray(depixelize(native, size, self.enlarge, keep_colors=keep_colors))

    def _tensor(self, image: np.ndarray) -> Tensor:
        return to_tensor(image).to(self.device).contiguous(memory_format=torch.channels_last)


def _native_sprite(image: Image.Image, cell_size: CellSize | None) -> np.ndarray:
    """One pixel per cell: uint8 ``(h, w, 3)``, or ``(h, w, 4)`` with alpha."""
    pixels = np.asarray(image)
    if cell_size is None:
        return pixels
    width, height = check_cell_size(cell_size, minimum=1)
    size = tuple(map(cell_count, pixels.shape[:2], (height, width)))
    if image.mode == "RGB":
        return majority_vote(pixels, size)
    alpha = coverage_vote(pixels[..., 3], size)
    return np.dstack(
        [majority_vote(fill_transparent(pixels, radius=1.5 * max(width, height)), size), alpha]
    )
