"""Picture to sprite in two stages that point at real colours: what inference needs of them, in one module."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from pixelization.networks.main_colors import main_colors
from pixelization.networks.pointer import CellNet
from pixelization.networks.refiner import RefineNet


class Sprites(NamedTuple):
    """What the two stages make of pictures: RGBA ``(B, 4, h, w)`` in [-1, 1] each, alpha -1 or 1.

    Attributes:
        grid: of the first stage alone.
        refined: of both.
    """

    grid: Tensor
    refined: Tensor


class PointingCascade(nn.Module):
    """The first stage decides every cell by itself, the second with a look at what the cells around became.

    Args:
        gridnet: the first stage.
        pixelnet: the second; None: the sprite is the first stage's.
    """

    def __init__(self, gridnet: CellNet, pixelnet: RefineNet | None = None) -> None:
        super().__init__()
        self.gridnet, self.pixelnet = gridnet, pixelnet

    @property
    def reach(self) -> int:
        """How many cells away another cell can still change this one: the margin that tiles need."""
        return self.gridnet.reach + (self.pixelnet.reach if self.pixelnet else 0)

    @torch.inference_mode()
    def pixelize(
        self, picture: Tensor, grid: tuple[int, int], main: Tensor | None = None, main_exists: Tensor | None = None
    ) -> Sprites:
        """Make a sprite.

        Args:
            picture: RGBA ``(4, H, W)`` in [-1, 1].
            grid: size ``(h, w)`` in cells.
            main, main_exists: main colours of the whole picture, where this is a tile of it; None: of this picture.
        """
        if main is None:
            main, main_exists = main_colors(picture)
        first = self.gridnet(picture.unsqueeze(0), grid, main.unsqueeze(0), main_exists.unsqueeze(0))
        sprite = first.sprite()
        return Sprites(sprite, sprite if self.pixelnet is None else self.pixelnet(first, sprite).sprite())
