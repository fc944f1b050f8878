"""Both stages that point, as engines run them fastest: with the cells last.

It is the arithmetic of ``candidates.py``, ``pointer.py`` and ``refiner.py``, which are plainer and
are what is trained; tests compare the two. There, the 3 channels, the 16 hidden values or the 46
candidates of a cell lie side by side, which suits the losses. Sums and comparisons are several
times as fast along the cells, of which there are thousands. Here a picture's cells are one axis of
``n = h w``, and candidates, scores and colours are planes of it.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.color.luma import ALIKE
from pixelization.networks.candidates import BLOCK, MARGIN, OPAQUE, PER_CELL, PER_WINDOW
from pixelization.networks.lattice import multiplied
from pixelization.networks.pointer import ELSEWHERE, FINALISTS, NEVER, PointerHead
from pixelization.networks.pointing import PointingCascade, Sprites
from pixelization.networks.refiner import AROUND, AWAY, RefineNet


class Choices(NamedTuple):
    """See :class:`~pixelization.networks.candidates.Candidates`.

    Attributes:
        colors: ``(B, 3, K, n)`` in [-1, 1]; 0 for "nothing", the last one.
        exists: bool ``(B, K, n)``.
    """

    colors: Tensor
    exists: Tensor


def point_in_planes(
    networks: PointingCascade,
    lattice: Tensor,
    cell_size: Tensor,
    main: Tensor,
    main_exists: Tensor,
) -> Sprites:
    """What :meth:`PointingCascade.point` gives of the same arguments, looked at once."""
    height, width = (side // (BLOCK * PER_CELL) for side in lattice.shape[-2:])
    gridnet, pixelnet = networks.gridnet, networks.pixelnet
    choices = _candidates(lattice, main, main_exists)
    features = gridnet.encoder(lattice, cell_size)
    scores = _scores(gridnet.head, features, choices).masked_fill(~choices.exists, NEVER)
    grid = _taken(scores, choices).unflatten(2, (height, width))
    if pixelnet is None:
        return Sprites(grid, grid)
    return Sprites(grid, _refined(pixelnet, features, scores, choices, grid))


def _refined(
    pixelnet: RefineNet, features: Tensor, scores: Tensor, choices: Choices, sprite: Tensor
) -> Tensor:
    """What the second stage makes of the first one's features, scores, choices and sprite."""
    log_shares = scores.log_softmax(1)
    sure = log_shares.amax(1, keepdim=True).exp().view_as(sprite[:, :1])
    around = _neighbours(sprite)
    there = around[:, 3] > 0
    exists = torch.cat([there, choices.exists], dim=1)
    empty = exists[:, -1:] | (~there).any(1, keepdim=True)
    choices = Choices(
        torch.cat([around[:, :3], choices.colors], dim=2), torch.cat([exists[:, :-1], empty], dim=1)
    )
    x = pixelnet.sprite(torch.cat([multiplied(sprite), sure], dim=1))
    features = pixelnet.blocks(x + pixelnet.features(features))
    before = F.pad(log_shares, (0, 0, AROUND, 0), value=AWAY)
    scores = pixelnet.trust * before + _scores(pixelnet.head, features, choices)
    scores = scores.masked_fill(~choices.exists, NEVER)
    return _taken(scores, choices).view_as(sprite)


def _candidates(lattice: Tensor, main: Tensor, main_exists: Tensor) -> Choices:
    """See :func:`~pixelization.networks.candidates.candidates`."""
    near = torch.cat(
        [
            _windows(_extremes(lattice), PER_WINDOW),
            _windows(lattice[..., BLOCK // 2 :: BLOCK, BLOCK // 2 :: BLOCK], PER_CELL),
        ],
        dim=2,
    )
    alpha = near[:, 3]
    colored = alpha > OPAQUE
    some = colored.any(1, keepdim=True)
    hollow = (alpha < -OPAQUE).any(1, keepdim=True)
    cells = near.shape[-1]
    colors = [
        near[:, :3],
        main.transpose(1, 2).unsqueeze(3).expand(-1, -1, -1, cells),
        torch.zeros_like(near[:, :3, :1]),
    ]
    exists = [colored, main_exists.unsqueeze(2) & some, hollow]
    return Choices(torch.cat(colors, dim=2), torch.cat(exists, dim=1))


def _extremes(lattice: Tensor) -> Tensor:
    """The sample of every block that is farthest from the mean of three by three blocks.

    ``(B, 4, 2 h + 2, 2 w + 2)``, the margin of the lattice repeated.
    """
    padded = F.pad(lattice, (MARGIN,) * 4, mode="replicate")
    weighed = multiplied(padded)
    around = F.pad(F.avg_pool2d(weighed, BLOCK), (1, 1, 1, 1), mode="replicate")
    around = F.avg_pool2d(F.avg_pool2d(around, (1, 3), 1), (3, 1), 1)
    apart = (weighed - F.interpolate(around, scale_factor=float(BLOCK), mode="nearest")).abs()
    total = apart[:, :1] + apart[:, 1:2] + apart[:, 2:3] + apart[:, 3:]
    farthest = F.max_pool2d(total, BLOCK, return_indices=True)[1]  # places in the whole plane
    extremes = padded.flatten(2).gather(2, farthest.flatten(2).expand(-1, 4, -1))
    return extremes.view_as(around)


def _windows(blocks: Tensor, side: int) -> Tensor:
    """``side`` x ``side`` blocks for every cell: ``(B, 4, H, W) -> (B, 4, side * side, n)``."""
    height, width = (length - (side - PER_CELL) for length in blocks.shape[-2:])
    shifts = [
        blocks[..., dy : dy + height : PER_CELL, dx : dx + width : PER_CELL]
        for dy in range(side)
        for dx in range(side)
    ]
    return torch.stack(shifts, dim=2).flatten(3)


def _neighbours(sprite: Tensor) -> Tensor:
    """What the 3 x 3 cells around every cell took: ``(B, 4, h, w) -> (B, 4, 9, n)``."""
    height, width = sprite.shape[-2:]
    padded = F.pad(sprite, (1, 1, 1, 1), mode="replicate")
    shifts = [padded[:, :, dy : dy + height, dx : dx + width] for dy in range(3) for dx in range(3)]
    return torch.stack(shifts, dim=2).flatten(3)


def _scores(head: PointerHead, features: Tensor, choices: Choices) -> Tensor:
    """Features ``(B, C, h, w)`` and K candidates to scores ``(B, K, n)``."""
    colors, exists = choices
    shift, query = head.context(features).flatten(2).chunk(2, dim=1)
    weight = exists.to(colors.dtype)
    mean = (weight.unsqueeze(1) * colors).sum(2) / weight.sum(1, keepdim=True)
    near, main, nothing = head.place.split([head.near, 1, 1])
    others = main.expand(colors.shape[2] - head.near - 1, -1)
    place = torch.cat([near, others, nothing]) + head.color.bias
    hidden = (head.color.weight @ colors.flatten(2)).unflatten(2, colors.shape[2:])
    hidden = hidden + place.T.unsqueeze(2)
    hidden = hidden + (shift + head.mean.weight @ mean).unsqueeze(2)
    return (F.relu(hidden) * (head.score.unsqueeze(1) + query).unsqueeze(2)).sum(1)


def _taken(scores: Tensor, choices: Choices) -> Tensor:
    """What is most probable, see :meth:`~pixelization.networks.pointer.Pointed.chosen`.

    RGBA ``(B, 4, n)`` in [-1, 1].
    """
    colors = choices.colors
    nothing = colors.shape[2] - 1
    planes = torch.cat([colors[:, :, :-1], torch.full_like(colors[:, :, -1:], ELSEWHERE)], dim=2)
    shares = scores.softmax(1)
    best, index = shares.transpose(1, 2).topk(min(FINALISTS, nothing + 1), dim=2)
    best, index = best.transpose(1, 2), index.transpose(1, 2)
    finalists = planes.gather(2, index.unsqueeze(1).expand(-1, 3, -1, -1))
    alike = _alike(finalists.unsqueeze(3), planes.unsqueeze(2))
    sums = (alike * shares.unsqueeze(1)).sum(2) + 1e-6 * best
    winner = sums.argmax(1, keepdim=True)
    won = finalists.gather(2, winner.unsqueeze(1).expand(-1, 3, -1, -1))
    # The winner is one of the best few, so the most probable one of its colour is, too.
    first = _alike(won, finalists).byte().argmax(1, keepdim=True)
    chosen = index.gather(1, first)
    taken = colors.gather(2, chosen.unsqueeze(1).expand(-1, 3, -1, -1)).squeeze(2)
    return torch.cat([taken, 1 - 2 * (chosen == nothing).to(taken.dtype)], dim=1)


def _alike(some: Tensor, others: Tensor) -> Tensor:
    """Which colours ``(B, 3, ...)`` look like others of a shape that fits: bool ``(B, ...)``."""
    red, green, blue = ((some[:, channel] - others[:, channel]).square() for channel in range(3))
    return red + green + blue <= ALIKE**2
