"""Sprites whose smooth pictures are known, from which DepixelNet learns supervised (ours).

Cartoons are reduced in several ways; drawings (``data/drawings.py``) have what reduced cartoons
lack. Of artists' sprites nobody knows the smooth picture, so a classical method that smooths them
well, xBR, stands in for it.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from pixelization.cells.sizes import cells_along, grid_size
from pixelization.enlargers import scalers
from pixelization.networks.cells import size_of
from pixelization.networks.tensors import normalize, to_array, to_tensor
from pixelization.reducers import resampling
from pixelization.training.data.drawings import draw_pair
from pixelization.training.losses.targets import resize_to_grid

REDUCTIONS = ("area", "nearest", "stroke")
# lowest contrast that half of the cartoons are brought to: details of sprites are often fainter
FADE = 0.2


Kind = Literal["reduced", "drawn", "enlarged"]


class Pair(NamedTuple):
    """Cells and what they stand for.

    Attributes:
        cells: ``(B, 3, h, w)`` in [-1, 1].
        picture: ``(B, 3, S, S)`` in [-1, 1].
    """

    cells: Tensor
    picture: Tensor


def make_pair(
    kind: Kind,
    cartoon: Tensor,
    grids: Mapping[Fraction, Tensor],
    rng: np.random.Generator,
    slots: Sequence[np.random.Generator],
) -> Pair:
    """A pair for every slot of a step.

    Args:
        kind: ``reduced``, of the cartoons; ``drawn``, of scenes drawn for it; ``enlarged``, of the
            sprites.
        cartoon: ``(B, 3, S, S)`` in [-1, 1].
        grids: sprites by artists at every scale, ``(B, 3, h, w)`` in [-1, 1].
        rng: chooses what the whole batch shares: scale and reduction.
        slots: one generator for each sample of the batch.

    Raises:
        UserError: the package of xBR is missing.
    """
    # Large cells more often: most results are drawn at the largest.
    scale = list(grids)[int(rng.integers(len(grids), size=2).max())]
    if kind == "reduced":
        return _reduced(cartoon, scale, rng, slots)
    if kind == "drawn":
        return _drawn(cartoon, scale, slots)
    return _enlarged(grids[scale], cartoon.shape[-1])


def _reduced(
    cartoon: Tensor,
    scale: Fraction,
    rng: np.random.Generator,
    slots: Sequence[np.random.Generator],
) -> Pair:
    """Reductions of the cartoons, half of which are made paler first."""
    contrast = [1.0 if slot.random() < 0.5 else slot.uniform(FADE, 1) for slot in slots]
    mean = cartoon.mean((2, 3), keepdim=True)
    factors = torch.tensor(contrast, dtype=cartoon.dtype, device=cartoon.device)
    picture = mean + factors[:, None, None, None] * (cartoon - mean)
    method = REDUCTIONS[int(rng.integers(len(REDUCTIONS)))]
    return Pair(resize_to_grid(picture, grid_size(size_of(cartoon), scale), method), picture)


def _drawn(cartoon: Tensor, scale: Fraction, slots: Sequence[np.random.Generator]) -> Pair:
    """Drawings, as many and as large as the cartoons."""
    side = cartoon.shape[-1]
    cells = cells_along(side, scale)
    sprites, pictures = zip(*(draw_pair(cells, side, slot) for slot in slots), strict=True)
    return Pair(
        *(
            normalize(torch.from_numpy(np.stack(images)).to(cartoon.device))
            for images in (sprites, pictures)
        )
    )


def _enlarged(cells: Tensor, side: int) -> Pair:
    """Sprites, and what xBR makes of them.

    Enlarged four times, then twice, which is smoother than at once, then to ``side``.
    """
    pictures = []
    for sprite in cells:
        large = scalers.xbr(scalers.xbr(to_array(sprite), 4), 2)
        pictures.append(to_tensor(resampling.lanczos(large, (side, side))))
    return Pair(cells, torch.cat(pictures).to(cells.device))
