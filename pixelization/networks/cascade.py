"""The three generators as one module, and how they follow each other in inference.

Networks propose, rules dispose. The networks know no rules, and training runs them alone (see
``training/systems/passes.py``). :meth:`Cascade.pixelize` is inference: after each network, a rule
of ``networks/rules/`` decides which of its proposals hold.
"""

from fractions import Fraction
from typing import NamedTuple

from torch import Tensor, nn

from pixelization.cells.sizes import Size, grid_size, samples_per_side
from pixelization.networks.cells import ITSELF, size_of, upsample_nearest
from pixelization.networks.depixelnet import DepixelNet
from pixelization.networks.gridnet import GridNet
from pixelization.networks.pixelnet import PixelNet
from pixelization.networks.rules.company import with_company
from pixelization.networks.rules.margin import clear_choice
from pixelization.networks.rules.strokes import stroke_choice
from pixelization.networks.translator import TranslatorOutput


class CascadeOutput(NamedTuple):
    """The sprite's grid ``(B, 3, h, w)`` and the refined image ``(B, 3, H, W)``."""

    grid: Tensor
    refined: Tensor


class Cascade(nn.Module):
    """Cartoon -> GridNet -> PixelNet -> pixel art; pixel art -> DepixelNet -> cartoon (Fig. 3).

    Args:
        gridnet: None for the variant "PixelNet alone" of Fig. 9.
        pixelnet: None for the variant "GridNet alone".
        depixelnet: always there.
        scales: the scales of the grids, largest first.
        grid_margin: of inference: by how much another sample's score must beat that of the rule
            for strokes.
        margin: of inference: by how much a neighbour's score must beat that of the cell itself.

    Raises:
        ValueError: there is neither a GridNet nor a PixelNet.
    """

    def __init__(
        self,
        gridnet: GridNet | None,
        pixelnet: PixelNet | None,
        depixelnet: DepixelNet,
        *,
        scales: tuple[Fraction, ...],
        grid_margin: float = 0.0,
        margin: float = 0.0,
    ) -> None:
        super().__init__()
        if gridnet is None and pixelnet is None:
            raise ValueError("a cascade needs a GridNet or a PixelNet")
        self.gridnet, self.pixelnet, self.depixelnet = gridnet, pixelnet, depixelnet
        self.scales = tuple(scales)
        self.grid_margin, self.margin = grid_margin, margin

    def refine(self, grid: Tensor, size: Size) -> TranslatorOutput:
        """PixelNet's proposal for ``grid (B, 3, h, w)``, nearest-upsampled to ``size``, (H, W).

        Without a PixelNet it is the up-sampled grid itself.
        """
        image = upsample_nearest(grid, size)
        if self.pixelnet is None:
            return TranslatorOutput(image, [], [])
        return self.pixelnet(image, size_of(grid))

    def pixelize(self, image: Tensor, scale: Fraction) -> CascadeOutput:
        """Make pixel art of ``image (B, 3, H, W)``, at least 32 x 32, in [-1, 1], at one scale."""
        if self.gridnet is None:
            assert self.pixelnet is not None  # so __init__ saw to it
            refined = self.pixelnet(image).image
            return CascadeOutput(
                upsample_nearest(refined, grid_size(size_of(image), scale)), refined
            )
        grid = self._grid(self.gridnet, image, scale)
        return CascadeOutput(grid, self._refined(grid, size_of(image)))

    def _grid(self, gridnet: GridNet, image: Tensor, scale: Fraction) -> Tensor:
        """GridNet proposes a sample for every cell; where it is unsure, the stroke rule's stands.

        Other heads than the selecting one leave the rule nothing to choose from.
        """
        output = gridnet(image, (scale,))
        grid, choice = output.grids[scale], output.choices.get(scale)
        if choice is None or not self.grid_margin:
            return grid
        strokes = stroke_choice(gridnet.sharpened(image), size_of(grid), samples_per_side(scale))
        return clear_choice(choice.scores, choice.candidates, strokes, self.grid_margin)

    def _refined(self, grid: Tensor, size: Size) -> Tensor:
        """PixelNet proposes a neighbour for every cell; where it is unsure, the cell itself stands.

        Then only the changes hold that give a cell more company.
        """
        image, _, _, choice = self.refine(grid, size)
        if choice is None:
            return image
        cells = clear_choice(choice.scores, choice.candidates, ITSELF, self.margin)
        return upsample_nearest(with_company(choice.candidates, cells), size)
