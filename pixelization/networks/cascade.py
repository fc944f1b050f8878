"""The three generators as one module, and how they follow each other."""

from fractions import Fraction
from typing import NamedTuple

from torch import Tensor, nn

from pixelization.networks.cells import grid_size, upsample_nearest
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
        self, gridnet: GridNet | None, pixelnet: Translator | None, depixelnet: Translator, *, scales: tuple[Fraction, ...]
    ) -> None:
        super().__init__()
        self.gridnet, self.pixelnet, self.depixelnet, self.scales = gridnet, pixelnet, depixelnet, tuple(scales)

    def refine(self, grid: Tensor, size: tuple[int, int]) -> TranslatorOutput:
        """PixelNet on the nearest-upsampled ``grid (B, 3, h, w)``; the up-sampled grid itself without a PixelNet."""
        image = upsample_nearest(grid, size)
        if self.pixelnet is None:
            return TranslatorOutput(image, [], [])
        return self.pixelnet(image, grid.shape[-2:])

    def pixelize(self, image: Tensor, scale: Fraction) -> CascadeOutput:
        """Pixelize ``image (B, 3, H, W)``, at least 32 x 32, in [-1, 1] at one scale."""
        if self.gridnet is None:
            refined = self.pixelnet(image).image
            return CascadeOutput(upsample_nearest(refined, grid_size(image.shape[-2:], scale)), refined)
        grid = self.gridnet(image, (scale,)).grids[scale]
        return CascadeOutput(grid, self.refine(grid, image.shape[-2:]).image)


class ForwardPass(NamedTuple):
    """Every tensor of ``c -> GridNet -> PixelNet -> DepixelNet -> c'``, by the paper's names."""

    cartoon: Tensor  # c (B, 3, H, W)
    grids: dict[Fraction, Tensor]  # g_r (B, 3, h_r, w_r); empty without a GridNet
    refined: dict[Fraction, Tensor]  # p_r (B, 3, H, W)
    rec_cartoon: Tensor | None  # c' (B, 3, H, W); None where direction F ends before DepixelNet
    reference: list[Tensor]  # blocks 1, 2, 3 of the network that sees the cartoon
    mirrored: list[Tensor]  # blocks N-1, N-2, N-3 of DepixelNet; empty without c'


class BackwardPass(NamedTuple):
    """Every tensor of ``p -> DepixelNet -> GridNet -> PixelNet -> p'``; one entry per scale that was tried."""

    pixel_art: Tensor  # p (B, 3, H, W)
    cartoon: Tensor  # c_p (B, 3, H, W)
    grids: dict[Fraction, Tensor]
    rec_pixel_art: dict[Fraction, Tensor]  # p'_r (B, 3, H, W)
    reference: list[Tensor]  # blocks 1, 2, 3 of DepixelNet
    mirrored: dict[Fraction, list[Tensor]]  # blocks N-1, N-2, N-3 of PixelNet


# Equations 1 to 3 give every network an objective of its own. So what one network hands to the next is cut from the graph:
# a term trains the network whose objective it is in. Uncut, the losses of direction B teach DepixelNet to return its
# input unchanged, which makes the work of the other two trivial.


def forward_pass(cascade: Cascade, cartoon: Tensor, depixelized: Fraction | None) -> ForwardPass:
    """Run direction F on ``cartoon (B, 3, H, W)``.

    Args:
        depixelized: DepixelNet gets the refined image of this scale; None: no scale's.
    """
    grids, refined, reference = {}, {}, []
    if cascade.gridnet is None:
        translated = cascade.pixelnet(cartoon)
        refined = dict.fromkeys(cascade.scales, translated.image)
        reference = translated.encoder
    else:
        grids, reference = cascade.gridnet(cartoon)
        for scale, grid in grids.items():
            refined[scale] = cascade.refine(grid.detach(), cartoon.shape[-2:]).image
    if depixelized is None:
        return ForwardPass(cartoon, grids, refined, None, reference, [])
    back = cascade.depixelnet(refined[depixelized].detach())
    return ForwardPass(cartoon, grids, refined, back.image, reference, back.decoder)


def backward_pass(cascade: Cascade, pixel_art: Tensor, scales: tuple[Fraction, ...]) -> BackwardPass:
    """Run direction B on ``pixel_art (B, 3, H, W)``.

    Args:
        scales: the scale of the pixel art where its cell size is known, else all scales (Sec. 3.4).
    """
    away = cascade.depixelnet(pixel_art)
    grids, images, mirrored = {}, {}, {}
    if cascade.gridnet is None:
        back = cascade.pixelnet(away.image.detach())
        images, mirrored = dict.fromkeys(scales, back.image), dict.fromkeys(scales, back.decoder)
    else:
        grids = cascade.gridnet(away.image.detach(), scales).grids
        for scale, grid in grids.items():
            back = cascade.refine(grid.detach(), pixel_art.shape[-2:])
            images[scale], mirrored[scale] = back.image, back.decoder
    return BackwardPass(pixel_art, away.image, grids, images, away.encoder, mirrored)
