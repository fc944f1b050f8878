"""A network that points: for every cell, at one of its candidates."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.cells.candidates import NEARBY
from pixelization.color.luma import ALIKE
from pixelization.networks.candidates import Candidates, candidates
from pixelization.networks.lattice import CellEncoder

FINALISTS = 4  # candidates of a cell among which the sum of probabilities decides
HALF = 0.5  # of the probability: what has it with those that are alike wins
ELSEWHERE = 9.0  # in place of the colour of "nothing", so that it is like itself only
NEVER = -1e4  # score of a candidate that does not exist; finite, so that no gradient is NaN


class Pointed(NamedTuple):
    """What :class:`CellNet` returns.

    Attributes:
        scores: ``(B, h, w, K)``, ``NEVER`` where a candidate does not exist.
        candidates: what they are scores of.
        features: of the cells, ``(B, C, h, w)``.
    """

    scores: Tensor
    candidates: Candidates
    features: Tensor

    def sprite(self) -> Tensor:
        """What is most probable: RGBA ``(B, 4, h, w)`` in [-1, 1], alpha -1 or 1.

        Colour 0 where nothing is.
        """
        return taken(self.chosen(), self.candidates)

    def chosen(self) -> Tensor:
        """The numbers of the candidates taken, int64 ``(B, h, w)``.

        Many candidates have the same colour and share its probability, as the loss sums it: so each
        of the best few gets the probability of all that are nearly as it is. Where the most
        probable one has half of all in this way, it wins. Of those that are nearly as the winner,
        the most probable is taken.
        """
        # One plane for a channel: sums along a dimension of three are slow.
        planes = self.candidates.colors.movedim(-1, 0).clone(memory_format=torch.contiguous_format)
        planes[..., -1] = ELSEWHERE
        shares = self.scores.softmax(-1)
        best, index = shares.topk(min(FINALISTS, shares.shape[-1]), dim=-1)
        finalists = planes.gather(-1, index.expand(3, *index.shape))
        squares = [
            (some.unsqueeze(-1) - all_.unsqueeze(-2)).square_()
            for some, all_ in zip(finalists, planes, strict=True)
        ]
        alike = squares[0] + squares[1] + squares[2] <= ALIKE**2
        sums = (alike * shares.unsqueeze(3)).sum(-1) + 1e-6 * best
        winner = sums.argmax(-1) * (sums[..., 0] < HALF)
        # The winner is one of the best few, so the most probable one of its colour is, too.
        cluster = alike.gather(3, winner[..., None, None].expand(*winner.shape, 1, alike.shape[-1]))
        first = cluster.squeeze(3).gather(-1, index).byte().argmax(-1, keepdim=True)
        return index.gather(-1, first).squeeze(-1)


def taken(index: Tensor, choices: Candidates) -> Tensor:
    """The candidates with these numbers, ``(B, h, w)``, as RGBA ``(B, 4, h, w)``."""
    colors = choices.colors.gather(3, index[..., None, None].expand(-1, -1, -1, 1, 3)).squeeze(3)
    alpha = 1 - 2 * (index == choices.colors.shape[3] - 1).to(colors.dtype)
    return torch.cat([colors, alpha.unsqueeze(-1)], dim=-1).permute(0, 3, 1, 2)


class PointerHead(nn.Module):
    """Scores candidates.

    By what the cell's surroundings ask for, by their colours and by where they were found.

    Args:
        channels: C of the features.
        hidden: width of the scoring network.
        near: candidates that have a colour; behind them is "nothing".
    """

    def __init__(self, channels: int, hidden: int = 16, near: int = NEARBY) -> None:
        super().__init__()
        self.context = nn.Conv2d(channels, 2 * hidden, 1)
        self.color = nn.Linear(3, hidden)
        self.mean = nn.Linear(3, hidden, bias=False)
        self.place = nn.Parameter(torch.empty(near + 1, hidden))
        self.score = nn.Parameter(torch.empty(hidden))
        nn.init.normal_(self.place, std=0.5)
        nn.init.normal_(self.score, std=hidden**-0.5)
        nn.init.normal_(self.color.weight, std=0.7)

    def forward(self, features: Tensor, choices: Candidates) -> Tensor:
        """Features ``(B, C, h, w)`` and K candidates -> scores ``(B, h, w, K)``."""
        colors, exists = choices
        context = self.context(features).permute(0, 2, 3, 1).contiguous()
        shift, query = context.chunk(2, dim=-1)
        weight = exists.to(colors.dtype)
        mean = (weight.unsqueeze(3) @ colors).squeeze(3) / weight.sum(-1, keepdim=True)
        # In place: these are by far the largest tensors.
        hidden = (
            F.linear(colors, self.color.weight)
            .add_(self.place + self.color.bias)
            .add_((shift + self.mean(mean)).unsqueeze(3))
        )
        hidden = F.relu(hidden, inplace=True)
        scores = (hidden * (self.score + query).unsqueeze(3)).sum(-1)
        return scores.masked_fill(~exists, NEVER)


class CellNet(nn.Module):
    """A picture to a sprite: for every cell a pointer to a real colour, or to nothing.

    A cell's result depends on the cells up to ``reach`` away, on nothing else: a tile with that
    margin equals the same cells of the whole.

    Args:
        widths, channels, dilations, inner: of the
            :class:`~pixelization.networks.lattice.CellEncoder`.
        hidden: of the :class:`PointerHead`.
    """

    def __init__(
        self,
        *,
        widths: tuple[int, int],
        channels: int,
        dilations: tuple[int, ...],
        hidden: int,
        inner: int = 0,
    ) -> None:
        super().__init__()
        self.encoder = CellEncoder(
            widths=widths, channels=channels, dilations=dilations, inner=inner
        )
        self.head = PointerHead(channels, hidden)

    @property
    def reach(self) -> int:
        """How many cells away another cell can still change this one."""
        return self.encoder.reach

    def forward(self, lattice: Tensor, cell_size: Tensor) -> Pointed:
        """Point.

        Args:
            lattice: of pictures, RGBA ``(B, 4, 8 h, 8 w)`` in [-1, 1].
            cell_size: pixels of the pictures per side of a cell, ``(B,)``.
        """
        features = self.encoder(lattice, cell_size)
        choices = candidates(lattice)
        return Pointed(self.head(features, choices), choices, features)
