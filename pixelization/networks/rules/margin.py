"""A network's choice holds where it is clear; elsewhere a favourite stands."""

import torch
from torch import Tensor

from pixelization.networks.cells import pick


def clear_choice(
    scores: Tensor, candidates: Tensor, favourites: Tensor | int, margin: float
) -> Tensor:
    """Take for every cell its favourite, unless another candidate's score beats it by ``margin``.

    Args:
        scores: ``(B, K, h, w)``.
        candidates: ``(B, K, 3, h, w)``.
        favourites: their indices, int64 ``(B, 1, h, w)``, or one index for all cells.
        margin: at least 0; 0 takes the best candidate, whatever the favourite.

    Returns:
        ``(B, 3, h, w)``, every cell one of its candidates.
    """
    if isinstance(favourites, int):
        favourites = torch.full_like(scores[:, :1], favourites, dtype=torch.long)
    head_start = torch.full_like(favourites, margin, dtype=scores.dtype)
    return pick(candidates, scores.scatter_add(1, favourites, head_start).argmax(1, keepdim=True))
