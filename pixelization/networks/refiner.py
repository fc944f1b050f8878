"""The second stage on the grid: sees which colours the cells around took, and points again.

The first stage decides all cells at once, so two neighbours may both leave a line, or both take it.
Here every cell knows what the others became, and may keep its colour, take that of a neighbour, or
any other candidate near it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.cells.candidates import NEARBY
from pixelization.networks.candidates import Candidates
from pixelization.networks.cells import AROUND, neighbour_cells
from pixelization.networks.lattice import GridBlocks, multiplied
from pixelization.networks.pointer import NEVER, Pointed, PointerHead

SETTLED = 0.54
"""How sure a colour is that is the only choice: what ``lite`` gave to the best of many alike, when
there were no such cells yet, in the median of flat cells of training cartoons.
"""
AWAY = -4.0
"""Score of neighbours' colours before training: the stage starts as nearly the identity."""


class RefineNet(nn.Module):
    """Points again, after a look at the sprite.

    Args:
        features: channels of the first stage's features.
        channels: on the grid.
        dilations, inner: of the residual blocks.
        hidden: of the head.

    Attributes:
        reach: how many cells away another cell of the sprite can still change this one.
    """

    def __init__(
        self,
        *,
        features: int,
        channels: int,
        dilations: tuple[int, ...],
        hidden: int,
        inner: int = 0,
    ) -> None:
        super().__init__()
        self.sprite = nn.Conv2d(5, channels, 3, padding=1)
        self.features = nn.Conv2d(features, channels, 1)
        self.blocks = GridBlocks(channels, dilations, inner)
        self.head = PointerHead(channels, hidden, near=AROUND + NEARBY)
        self.trust = nn.Parameter(torch.ones(()))  # in what the first stage answered
        nn.init.zeros_(self.head.score)
        for parameter in self.head.context.parameters():
            nn.init.zeros_(parameter)
        self.reach = 1 + self.blocks.reach

    def forward(self, first: Pointed, sprite: Tensor | None = None) -> Pointed:
        """Point again, among what the cells around took, the candidates near the cell, and nothing.

        Args:
            first: what the first stage gave. Gradient flows into its features, not into its
                scores: it has its own answer to give.
            sprite: ``first.sprite()``, where it is known already.
        """
        with torch.no_grad():
            sprite = first.sprite() if sprite is None else sprite
            log_shares = first.scores.log_softmax(-1)
            sure = log_shares.amax(-1).exp().unsqueeze(1)
            only = first.candidates.settled().squeeze(-1).unsqueeze(1) & (sprite[:, 3:] > 0)
            sure = sure.masked_fill(only, SETTLED)
        choices = with_neighbours(sprite, first.candidates)
        x = self.sprite(torch.cat([multiplied(sprite), sure], dim=1))
        features = self.blocks(x + self.features(first.features))
        before = F.pad(log_shares, (AROUND, 0), value=AWAY)
        scores = self.trust * before + self.head(features, choices)
        return Pointed(scores.masked_fill(~choices.exists, NEVER), choices, features)


def with_neighbours(sprite: Tensor, choices: Candidates) -> Candidates:
    """What the 3 x 3 cells around took, then the candidates near the cell, then "nothing".

    Args:
        sprite: RGBA ``(B, 4, h, w)`` in [-1, 1].
        choices: of every cell.

    Returns:
        ``9 + 20 + 1`` candidates. Cells that had no choice have none here, either.
    """
    around = neighbour_cells(sprite).permute(0, 3, 4, 1, 2)
    there = around[..., 3] > 0
    undecided = ~choices.settled()
    return Candidates(
        torch.cat([around[..., :3], choices.colors], dim=3),
        torch.cat([there & undecided, choices.exists], dim=-1),
    )
