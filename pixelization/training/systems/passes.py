"""Both directions through the cascade, with every tensor that a loss looks at."""

from fractions import Fraction
from typing import NamedTuple

from torch import Tensor

from pixelization.networks.cascade import Cascade


class ForwardPass(NamedTuple):
    """Every tensor of ``c -> GridNet -> PixelNet -> DepixelNet -> c'``, by the paper's names."""

    cartoon: Tensor  # c (B, 3, H, W)
    grids: dict[Fraction, Tensor]  # g_r (B, 3, h_r, w_r); empty without a GridNet
    refined: dict[Fraction, Tensor]  # p_r (B, 3, H, W)
    rec_cartoon: Tensor | None  # c' (B, 3, H, W); None where direction F ends before DepixelNet
    reference: list[Tensor]  # blocks 1, 2, 3 of the network that sees the cartoon
    mirrored: list[Tensor]  # blocks N-1, N-2, N-3 of DepixelNet; empty without c'


class BackwardPass(NamedTuple):
    """Every tensor of ``p -> DepixelNet -> GridNet -> PixelNet -> p'``.

    One entry per scale that was tried.
    """

    pixel_art: Tensor  # p (B, 3, H, W)
    cartoon: Tensor  # c_p (B, 3, H, W)
    grids: dict[Fraction, Tensor]
    rec_pixel_art: dict[Fraction, Tensor]  # p'_r (B, 3, H, W)
    reference: list[Tensor]  # blocks 1, 2, 3 of DepixelNet
    mirrored: dict[Fraction, list[Tensor]]  # blocks N-1, N-2, N-3 of PixelNet


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
        grids, reference, _ = cascade.gridnet(cartoon)
        for scale, grid in grids.items():
            refined[scale] = cascade.refine(grid.detach(), cartoon.shape[-2:]).image
    if depixelized is None:
        return ForwardPass(cartoon, grids, refined, None, reference, [])
    back = cascade.depixelnet(refined[depixelized].detach())
    return ForwardPass(cartoon, grids, refined, back.image, reference, back.decoder)


def backward_pass(
    cascade: Cascade, pixel_art: Tensor, scales: tuple[Fraction, ...]
) -> BackwardPass:
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
