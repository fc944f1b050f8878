"""The three generators as one module, and how they follow each other."""

from fractions import Fraction
from typing import NamedTuple

from torch import Tensor, nn

from pixelization.cells.sizes import grid_size
from pixelization.networks.cells import upsample_nearest
from pixelization.networks.gridnet import GridNet
from pixelization.networks.pixelnet import Translator, TranslatorOutput


class CascadeOutput(NamedTuple):
    """GridNet's grid ``(B, 3, h, w)`` and PixelNet's refined image ``(B, 3, H, W)``."""

    grid: Tensor
    refined: Tensor


class Cascade(nn.Module):
    """Cartoon -> GridNet -> PixelNet -> pixel art; pixel art -> DepixelNet -> cartoon (Fig. 3).

    Args:
        gridnet: None for the variant "PixelNet alone" of Fig. 9.
        pixelnet: None for the variant "GridNet alone".
        depixelnet: always there.
        scales: the scales of the grids, largest first.
    """

    def __init__(
        self,
        gridnet: GridNet | None,
        pixelnet: Translator | None,
        depixelnet: Translator,
        *,
        scales: tuple[Fraction, ...],
    ) -> None:
        super().__init__()
        self.gridnet, self.pixelnet, self.depixelnet, self.scales = (
            gridnet,
            pixelnet,
            depixelnet,
            tuple(scales),
        )

    def refine(self, grid: Tensor, size: tuple[int, int]) -> TranslatorOutput:
        """PixelNet on the nearest-upsampled ``grid (B, 3, h, w)``.

        The up-sampled grid itself without a PixelNet.
        """
        image = upsample_nearest(grid, size)
        if self.pixelnet is None:
            return TranslatorOutput(image, [], [])
        return self.pixelnet(image, grid.shape[-2:])

    def pixelize(self, image: Tensor, scale: Fraction) -> CascadeOutput:
        """Pixelize ``image (B, 3, H, W)``, at least 32 x 32, in [-1, 1] at one scale."""
        if self.gridnet is None:
            refined = self.pixelnet(image).image
            return CascadeOutput(
                upsample_nearest(refined, grid_size(image.shape[-2:], scale)), refined
            )
        grid = self.gridnet(image, (scale,)).grids[scale]
        return CascadeOutput(grid, self.refine(grid, image.shape[-2:]).image)


# Equations 1 to 3 give every network an objective of its own. So what one network hands to the next
# is cut from the graph: a term trains the network whose objective it is in. Uncut, the losses of
# direction B teach DepixelNet to return its input unchanged, which makes the work of the other two
# trivial.
