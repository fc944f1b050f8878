"""A picture as 8 x 8 samples per cell, and a network that makes one vector of each cell.

So its cost depends on cells, not on pixels.

All pictures here are RGBA, ``(B, 4, H, W)`` in [-1, 1]: alpha is -1 where nothing is and 1 where
the picture is opaque. Colours are not multiplied by alpha; where nothing is, they mean nothing.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.cells.lattice import SAMPLES


def opacity(picture: Tensor) -> Tensor:
    """How opaque every pixel of ``(B, 4, H, W)`` is: ``(B, 1, H, W)`` in [0, 1]."""
    return (picture[:, 3:] + 1) / 2


def multiplied(picture: Tensor) -> Tensor:
    """RGBA with its colours multiplied by opacity, about mid-grey.

    The same shape, ready to be averaged.
    """
    return torch.cat([picture[:, :3] * opacity(picture), picture[:, 3:]], dim=1)


def divided(picture: Tensor) -> Tensor:
    """The inverse of :func:`multiplied`; mid-grey where nothing is."""
    share = opacity(picture)
    colors = picture[:, :3] / share.clamp_min(1e-3)
    return torch.cat([colors.clamp(-1, 1), picture[:, 3:]], dim=1)


def to_lattice(picture: Tensor, grid: tuple[int, int]) -> Tensor:
    """Look at every cell of a picture in 8 x 8 places.

    Pixels are repeated where a cell has fewer than eight of them a side, so that every sample is a
    real colour; where it has more, they are averaged over the samples.

    Args:
        picture: RGBA ``(B, 4, H, W)`` in [-1, 1].
        grid: size ``(h, w)`` in cells.

    Returns:
        RGBA ``(B, 4, 8 h, 8 w)`` in [-1, 1].
    """
    size = (grid[0] * SAMPLES, grid[1] * SAMPLES)
    if tuple(picture.shape[-2:]) == size:
        return picture
    if picture.shape[-2] > size[0] and picture.shape[-1] > size[1]:
        return divided(F.interpolate(multiplied(picture), size=size, mode="area"))
    return F.interpolate(picture, size=size, mode="nearest-exact")


class GridBlock(nn.Module):
    """Two 3 x 3 convolutions on the grid and a skip connection; starts as the identity.

    There is no normalisation: it would make a tile differ from the same cells of the whole.

    Args:
        channels: in and out.
        inner: between the two convolutions; 0: as many.
        dilation: of the first one.

    Source: He et al. 2016; the zero start is Fixup's, Zhang et al. 2019.
    """

    def __init__(self, channels: int, *, inner: int = 0, dilation: int = 1) -> None:
        super().__init__()
        inner = inner or channels
        self.conv1 = nn.Conv2d(channels, inner, 3, padding=dilation, dilation=dilation)
        self.conv2 = nn.Conv2d(inner, channels, 3, padding=1)
        for parameter in self.conv2.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, h, w) -> (B, C, h, w)``."""
        return x + self.conv2(F.relu(self.conv1(F.relu(x))))


class GridBlocks(nn.Sequential):
    """A :class:`GridBlock` for each dilation.

    Attributes:
        reach: how many cells away another cell can still change this one.
    """

    def __init__(self, channels: int, dilations: tuple[int, ...], inner: int = 0) -> None:
        super().__init__(
            *(GridBlock(channels, inner=inner, dilation=dilation) for dilation in dilations)
        )
        self.reach = sum(1 + dilation for dilation in dilations)


class CellEncoder(nn.Module):
    """From a lattice to one vector per cell, then to what the cells around it mean.

    Two strided convolutions reach a quarter of the lattice's resolution at once, so that hardly any
    time is spent above it.

    Args:
        widths: channels at half and at a quarter of the lattice's resolution.
        channels: of a cell's vector.
        inner, dilations: of the residual blocks on the grid; one block for each dilation.

    Attributes:
        reach: how many cells away another cell can still change this one's vector.
    """

    def __init__(
        self,
        *,
        widths: tuple[int, int],
        channels: int,
        dilations: tuple[int, ...],
        inner: int = 0,
    ) -> None:
        super().__init__()
        half, quarter = widths
        self.conv1 = nn.Conv2d(4, half, 4, stride=2, padding=1)
        self.conv2 = nn.Conv2d(half, quarter, 4, stride=2, padding=1)
        self.cell = nn.Conv2d(quarter * (SAMPLES // 4) ** 2, channels, 1)
        self.size = nn.Linear(1, channels)
        self.blocks = GridBlocks(channels, dilations, inner)
        self.reach = 1 + self.blocks.reach

    def forward(self, lattice: Tensor, cell_size: Tensor) -> Tensor:
        """Encode.

        Args:
            lattice: RGBA ``(B, 4, 8 h, 8 w)`` in [-1, 1].
            cell_size: pixels of the picture per side of a cell, ``(B,)``.

        Returns:
            ``(B, C, h, w)``.
        """
        return self.encoded(multiplied(lattice), cell_size)

    def encoded(self, weighed: Tensor, cell_size: Tensor) -> Tensor:
        """The same of a lattice whose colours are :func:`multiplied` already."""
        x = F.relu(self.conv1(weighed), inplace=True)
        x = F.relu(self.conv2(x), inplace=True)
        x = self._joined(x)
        size = torch.log2(cell_size / SAMPLES).clamp(-2, 1)[:, None, None, None]
        # A convolution of a plane, as ONNX Runtime adds it without laying all channels out anew.
        size = size.expand(-1, -1, *x.shape[2:])
        return self.blocks(x + F.conv2d(size, self.size.weight[..., None, None], self.size.bias))

    def _joined(self, x: Tensor) -> Tensor:
        """The samples of every cell to one vector."""
        side = SAMPLES // 4
        weight = self.cell.weight.unflatten(1, (-1, side, side))[..., 0, 0]
        return F.conv2d(x, weight, self.cell.bias, stride=side)
