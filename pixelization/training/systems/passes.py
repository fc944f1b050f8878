"""Both directions through the cascade, with every tensor that a loss looks at.

Equations 1 to 3 of Han et al. 2018 give every network an objective of its own. So what one network
hands to the next is cut from the graph: a term trains the network whose objective it is in. Uncut,
the losses of direction B teach DepixelNet to return its input unchanged, which makes the work of
the other two trivial.
"""

from fractions import Fraction
from typing import NamedTuple

from torch import Tensor

from pixelization.networks.cascade import Cascade
from pixelization.networks.cells import size_of
from pixelization.networks.pixelnet import PixelNet


class ForwardPass(NamedTuple):
    """Every tensor that ``c -> GridNet -> PixelNet`` makes of a cartoon c, by the paper's names.

    From there DepixelNet makes c' of one of the refined images.
    """

    grids: dict[Fraction, Tensor]  # g_r (B, 3, h_r, w_r); empty without a GridNet
    refined: dict[Fraction, Tensor]  # p_r (B, 3, H, W)
    reference: list[Tensor]  # blocks 1, 2, 3 of the network that sees the cartoon


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


def forward_pass(cascade: Cascade, cartoon: Tensor) -> ForwardPass:
    """Run direction F on ``cartoon (B, 3, H, W)``, up to the refined images of all scales."""
    if cascade.gridnet is None:
        translated = _pixelnet(cascade)(cartoon)
        refined = dict.fromkeys(cascade.scales, translated.image)
        return ForwardPass({}, refined, translated.encoder)
    grids, reference, _ = cascade.gridnet(cartoon)
    refined = {
        scale: cascade.refine(grid.detach(), size_of(cartoon)).image
        for scale, grid in grids.items()
    }
    return ForwardPass(grids, refined, reference)


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
        back = _pixelnet(cascade)(away.image.detach())
        images, mirrored = dict.fromkeys(scales, back.image), dict.fromkeys(scales, back.decoder)
    else:
        grids = cascade.gridnet(away.image.detach(), scales).grids
        for scale, grid in grids.items():
            back = cascade.refine(grid.detach(), size_of(pixel_art))
            images[scale], mirrored[scale] = back.image, back.decoder
    return BackwardPass(pixel_art, away.image, grids, images, away.encoder, mirrored)


def _pixelnet(cascade: Cascade) -> PixelNet:
    """The PixelNet of a cascade without a GridNet."""
    assert cascade.pixelnet is not None, "a cascade has a GridNet or a PixelNet"
    return cascade.pixelnet
