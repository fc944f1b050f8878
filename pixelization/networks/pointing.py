"""Picture to sprite in two stages that point at real colours.

The plain form, which is trained; backends compute the same in planes (``planes.py``).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from pixelization.networks.drawer import DrawNet
from pixelization.networks.lattice import to_lattice
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
    """GridNet decides every cell by itself, PixelNet with a look at what the cells around became.

    DepixelNet is the way back.

    Args:
        gridnet: the first stage.
        pixelnet: the second; None: the sprite is the first stage's.
        depixelnet: sprite to drawing.
    """

    def __init__(self, gridnet: CellNet, pixelnet: RefineNet | None, depixelnet: DrawNet) -> None:
        super().__init__()
        self.gridnet, self.pixelnet, self.depixelnet = gridnet, pixelnet, depixelnet

    @property
    def reach(self) -> int:
        """How many cells away another cell can still change this one.

        The margin that tiles need.
        """
        return self.gridnet.reach + (self.pixelnet.reach if self.pixelnet else 0)

    @torch.inference_mode()
    def pixelize(self, picture: Tensor, grid: tuple[int, int]) -> Sprites:
        """Make a sprite.

        Args:
            picture: RGBA ``(4, H, W)`` in [-1, 1].
            grid: size ``(h, w)`` in cells.
        """
        lattice = to_lattice(picture.unsqueeze(0), grid)
        size = picture.new_tensor([picture.shape[-1] / grid[1]])
        return self.point(lattice, size)

    @torch.inference_mode()
    def point(self, lattice: Tensor, cell_size: Tensor) -> Sprites:
        """The same from a lattice ``(B, 4, 8 h, 8 w)``.

        Args:
            lattice, cell_size: of :class:`CellNet`.
        """
        first = self.gridnet(lattice, cell_size)
        sprite = first.sprite()
        if self.pixelnet is None:
            return Sprites(sprite, sprite)
        return Sprites(sprite, self.pixelnet(first, sprite).sprite())
