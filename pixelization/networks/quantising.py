"""Vector quantisation: every place of a feature map takes one of a few learned codes."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

COMMITMENT = 0.25  # weight of the features' way to their codes, against that of the codes' way


class VectorQuantiser(nn.Module):
    """Replaces every feature vector by the nearest code (van den Oord et al. 2017, VQ-VAE).

    The backward pass goes through as if nothing had been replaced (straight-through). Codes learn
    by gradients (Eq. 3) and not by running means: so they are parameters like others, which
    checkpoints, averages and data parallel training know.

    Args:
        channels: of a code.
        codes: how many there are.

    Attributes:
        loss: of the last forward pass, what moves codes to features and features to codes; None
            before the first. A scalar.
    """

    def __init__(self, channels: int, codes: int) -> None:
        super().__init__()
        self.codes = nn.Parameter(torch.empty(codes, channels).uniform_(-1 / codes, 1 / codes))
        self.loss: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """The shape ``(B, C, h, w)`` stays."""
        vectors = x.float().movedim(1, -1)
        distances = torch.cdist(vectors.detach().flatten(0, 2), self.codes.detach())
        chosen = self.codes[distances.argmin(1)].view_as(vectors)
        self.loss = F.mse_loss(chosen, vectors.detach()) + COMMITMENT * F.mse_loss(
            vectors, chosen.detach()
        )
        return (vectors + (chosen - vectors).detach()).movedim(-1, 1).to(x.dtype)
