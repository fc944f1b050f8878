"""Cross-entropy of a pointer whose right answers are many.

Every candidate that looks as the artist's colour does.
"""

import torch
from torch import Tensor

from pixelization.networks.pointer import Pointed

TOLERANCE = (
    0.045  # of color_distance: what differs less from the best candidate counts as nearly as good
)
HOPELESS = 0.2  # a cell whose best candidate is this far from the answer counts less


def color_distance(a: Tensor, b: Tensor) -> Tensor:
    """Distance of colours ``(..., 3)`` in [-1, 1], about 1 from black to white; channels weighed as
    the eye does.

    Source: T. Riemersma, "Colour metric" (compuphase.com), with constant weights.
    """
    return ((a - b) ** 2 @ a.new_tensor([2.0, 4.0, 3.0])).clamp_min(1e-8).sqrt() / 6


def pointing(pointed: Pointed, target: Tensor, weights: Tensor) -> Tensor:
    """Minus log of the probability of all candidates that match, each as far as it matches.

    The best candidate matches fully, others by how much farther they are from the artist's colour:
    near shades are not errors. Where the artist left nothing, only "nothing" matches. Cells without
    a choice count as answered.

    Args:
        pointed: scores ``(B, h, w, K)`` and their candidates.
        target: RGBA ``(B, 4, h, w)`` in [-1, 1].
        weights: of the cells, ``(B, h, w)``.

    Returns:
        The weighted mean over cells, a scalar.
    """
    colors, exists = pointed.candidates
    matches, best = matching(colors, exists, target)
    log_shares = pointed.scores.log_softmax(-1)
    loss = -torch.logsumexp(log_shares + matches.clamp_min(1e-9).log(), dim=-1)
    weights = weights * torch.exp(-((best / HOPELESS) ** 2)) * (matches.amax(-1) > 0.5)
    return (loss * weights).sum() / weights.sum().clamp_min(1e-6)


@torch.no_grad()
def matching(colors: Tensor, exists: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """How far every candidate matches, ``(B, h, w, K)`` in [0, 1], and the best one's distance.

    ``(B, h, w)``.
    """
    wanted = target[:, :3].permute(0, 2, 3, 1).unsqueeze(3)
    distances = color_distance(colors, wanted)
    distances[..., -1] = 9.0
    distances = distances.masked_fill(~exists, 9.0)
    best = distances.amin(-1)
    matches = torch.exp((best.unsqueeze(-1) ** 2 - distances**2) / (2 * TOLERANCE**2)) * exists
    nothing = target[:, 3] <= 0
    matches = torch.where(nothing.unsqueeze(-1), torch.zeros_like(matches), matches)
    matches[..., -1] = (nothing & exists[..., -1]).to(matches.dtype)
    return matches, torch.where(nothing, torch.zeros_like(best), best)
