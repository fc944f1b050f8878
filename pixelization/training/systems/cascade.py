"""The cascade as a system: what the trainer trains."""

from fractions import Fraction

import torch

from pixelization.cells.sizes import grid_size
from pixelization.networks.cells import upsample_nearest
from pixelization.networks.tensors import normalize
from pixelization.training.data.loader import Batch
from pixelization.training.losses.targets import resize_to_grid


class RealPixelArt:
    """Domain B of one batch, as each network wants it, in [-1, 1].

    Attributes:
        grids: for each scale, sprites at 1 px per cell ``(B, 3, h, w)``: what D_grid takes for
            real.
        pictures: for each scale, pixel art at full size ``(B, 3, S, S)``: what D_pixel takes for
            real.
        known: whether the cell size of the pictures is known.
    """

    def __init__(self, batch: Batch, scales: tuple[Fraction, ...], device: torch.device) -> None:
        size = batch.cartoon.shape[-2:]
        self.known = batch.grids is not None
        if self.known:
            self.grids = {
                r: normalize(grid.to(device)) for r, grid in zip(scales, batch.grids, strict=True)
            }
            self.pictures = {r: upsample_nearest(grid, size) for r, grid in self.grids.items()}
        else:
            picture = normalize(batch.picture.to(device))
            self.grids = {r: resize_to_grid(picture, grid_size(size, r), "nearest") for r in scales}
            self.pictures = dict.fromkeys(scales, picture)
