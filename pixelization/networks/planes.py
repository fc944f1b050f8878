"""Both stages that point, as engines compute them fastest: with the cells last.

It is the arithmetic of ``candidates.py``, ``pointer.py`` and ``refiner.py``, which are plainer and
are what is trained; tests compare the two. There, the 3 channels, the 16 hidden values or 20 to 30
candidates of a cell lie side by side, which suits the losses. Sums and comparisons are several
times as fast along the cells, of which there are thousands. Here the ``n`` cells of a picture that
have a choice are one axis, and candidates, scores and colours are planes of it.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.cells.lattice import COLORED
from pixelization.color.luma import ALIKE
from pixelization.networks.pointer import ELSEWHERE, FINALISTS, HALF, NEVER, PointerHead
from pixelization.networks.pointing import PointingCascade, Sprites
from pixelization.networks.refiner import AROUND, AWAY, SETTLED, RefineNet

FEW = 4  # candidates whose hidden values stay in a processor's cache


class Near(NamedTuple):
    """The candidates near each cell.

    Attributes:
        parts: see :func:`_parts`.
        colors: red, green and blue of all, ``(B, 20, n)`` each; 0 of those that do not exist.
        exist: 1 for those that exist and 0 for others, ``(B, 20, n)``.
        hollow: 1 where "nothing" exists and 0 elsewhere, ``(B, 1, n)``.
        total: sum of the colours, ``(B, 3, n)``.
        many: how many exist, "nothing" counted too, ``(B, 1, n)``.
    """

    parts: list[Tensor]
    colors: list[Tensor]
    exist: Tensor
    hollow: Tensor
    total: Tensor
    many: Tensor


def point_in_planes(
    networks: PointingCascade,
    weighed: Tensor,
    near: Tensor,
    base: Tensor,
    undecided: Tensor,
    cell_size: Tensor,
) -> Sprites:
    """What :meth:`PointingCascade.point` gives. The batch is one picture.

    Args:
        networks, cell_size: as for that.
        weighed: the lattice, :func:`~pixelization.networks.lattice.multiplied`.
        near: RGBA ``(B, 20, 4, n)`` of the cells that have a choice, at least one, see
            :func:`~pixelization.cells.candidates.near_candidates`.
        base, undecided: a sprite and these cells, of
            :func:`~pixelization.cells.candidates.settle`.
    """
    gridnet, pixelnet = networks.gridnet, networks.pixelnet
    choices = _near(near)
    features = gridnet.encoder.encoded(weighed, cell_size)
    absent, hollow = _absent(choices.exist), _absent(choices.hollow)
    scores = _scores(
        gridnet.head,
        _only(undecided, gridnet.head.context(features)),
        choices.parts,
        choices.total / choices.many,
        absent + hollow,
    )
    shares, best, highest = _shares(scores)
    sum_ = _summed(shares)
    taken = _taken(shares, sum_, best, choices.colors)
    alone = (1 + SETTLED) / 2 - (1 - SETTLED) / 2 * base[:, 3:]  # how sure: 1 where nothing is
    both = torch.cat([taken, 1 / sum_], dim=1)
    looked_at = _put(both, undecided, torch.cat([base, alone], dim=1))
    first = looked_at[:, :4]
    if pixelnet is None:
        return Sprites(first, first)
    level = highest + sum_.log()
    trusted = [
        never + pixelnet.trust * (part - level.unsqueeze(2))
        for never, part in zip(absent + hollow, scores, strict=True)
    ]
    return Sprites(first, _refined(pixelnet, features, trusted, undecided, choices, looked_at))


def _refined(
    pixelnet: RefineNet,
    features: Tensor,
    trusted: list[Tensor],
    undecided: Tensor,
    near: Near,
    looked_at: Tensor,
) -> Tensor:
    """What the second stage makes of the first one's features and choices.

    Args:
        pixelnet: the second stage.
        features: of all cells.
        trusted: what the first stage thinks of the candidates near a cell and of "nothing".
        undecided: numbers of the cells that have a choice.
        near: candidates of these.
        looked_at: the first stage's sprite, and how sure of each cell it is.
    """
    sprite = looked_at[:, :4]
    around = _around(F.pad(sprite, (1, 1, 1, 1), mode="replicate"))
    around = _only(undecided, around).unflatten(1, (AROUND, 4))
    *colors, alpha = around.unbind(2)  # colours are 0 where nothing is
    there = alpha.relu()
    x = pixelnet.sprite(looked_at)  # nothing has no colour: no product with alpha is needed
    features = pixelnet.blocks(x + pixelnet.features(features))
    total = near.total + torch.cat([_summed(color) for color in colors], dim=1)
    scores = _scores(
        pixelnet.head,
        _only(undecided, pixelnet.head.context(features)),
        [*_parts(around), *near.parts],
        total / (near.many + _summed(there)),
        [*(part + pixelnet.trust * AWAY for part in _absent(there)), *trusted],
    )
    shares, best, _highest = _shares(scores)
    colors = [torch.cat(each, dim=1) for each in zip(colors, near.colors, strict=True)]
    return _put(_taken(shares, _summed(shares), best, colors), undecided, sprite)


def _near(near: Tensor) -> Near:
    """See :func:`~pixelization.networks.candidates.candidates`; of cells that have a choice."""
    *colors, alpha = near.unbind(2)
    exist = (alpha > COLORED).to(alpha.dtype)
    hollow = (alpha.amin(1, keepdim=True) < -COLORED).to(alpha.dtype)
    colors = [color * exist for color in colors]
    total = torch.cat([_summed(color) for color in colors], dim=1)
    return Near(_parts(near), colors, exist, hollow, total, _summed(exist) + hollow)


def _parts(near: Tensor) -> list[Tensor]:
    """RGBA ``(1, K, 4, n)`` in parts, each ``(1, k, 4, n)`` with k at most ``FEW``.

    Alpha is 1, as it does not count: in a product of matrices it takes what is to be added.
    """
    return list(torch.cat([near[:, :, :3], torch.ones_like(near[:, :, :1])], dim=2).split(FEW, 1))


def _absent(exist: Tensor) -> list[Tensor]:
    """What to add to scores of candidates ``(B, k, n)``, 1 of which exist: ``(B, k, 1, n)``, in
    parts.
    """
    return list(((1 - exist) * NEVER).unsqueeze(2).split(FEW, 1))


def _only(undecided: Tensor, all_: Tensor) -> Tensor:
    """Some cells of ``(B, C, h, w)``: ``(B, C, n)``; what lies side by side is copied at once."""
    some = all_.permute(0, 2, 3, 1).flatten(1, 2).index_select(1, undecided)
    return some.transpose(1, 2).contiguous()


def _put(some: Tensor, undecided: Tensor, all_: Tensor) -> Tensor:
    """Cells ``(B, C, n)`` to their places among those of ``(B, C, h, w)``."""
    return all_.flatten(2).index_copy(2, undecided, some).view_as(all_)


def _summed(planes: Tensor) -> Tensor:
    """``(B, K, n) -> (B, 1, n)``; a product of matrices is the fastest sum."""
    return torch.ones(1, planes.shape[1], device=planes.device) @ planes


def _around(padded: Tensor) -> Tensor:
    """The 3 x 3 pixels around every cell: ``(B, 4, h + 2, w + 2) -> (B, 9 * 4, h, w)``.

    A convolution with a single 1 per channel does it in one operation, and exactly.
    """
    one = torch.eye(AROUND * 4, device=padded.device).view(-1, 3, 3, 4)
    return F.conv2d(padded, one.permute(0, 3, 1, 2))


def _scores(
    head: PointerHead,
    context: Tensor,
    near: list[Tensor],
    mean: Tensor,
    before: list[Tensor],
) -> list[Tensor]:
    """Scores of candidates, in parts, ``(B, k, 1, n)`` each.

    Args:
        head: what scores.
        context: of the features, ``(B, C, n)``.
        near: all candidates but "nothing", which is the last one: see :func:`_parts`.
        mean: of the colours that exist, ``(B, 3, n)``.
        before: is added to the scores, in the same parts.
    """
    shift, query = context.chunk(2, dim=1)
    shift = shift + head.mean.weight @ mean
    query = query + head.score.unsqueeze(1)
    place = head.place + head.color.bias
    weight = torch.cat([head.color.weight.expand(len(place), -1, -1), place.unsqueeze(2)], dim=2)
    # relu(x + shift) is max(x, -shift), and shift more: which is the same for all candidates.
    ones, least = torch.ones_like(head.score).unsqueeze(0), -shift

    def scored(hidden: Tensor) -> Tensor:
        return ones @ (hidden.maximum(least) * query)

    *weights, nothing = weight.split([*(part.shape[1] for part in near), 1])
    # The batch is one picture. "Nothing" has no colour, only what is added.
    parts = [scored(some @ part[0]) for some, part in zip(weights, near, strict=True)]
    parts.append(scored(nothing[..., 3:]))
    return [some + part for some, part in zip(before, parts, strict=True)]


def _shares(scores: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Scores in parts to probabilities ``(B, K, n)``, of which the best is 1; and its number and
    score, ``(B, 1, n)``.
    """
    all_ = torch.cat(scores, dim=1).squeeze(2)
    best = all_.argmax(1, keepdim=True)
    highest = all_.gather(1, best)
    return (all_ - highest).exp(), best, highest


def _taken(shares: Tensor, sum_: Tensor, best: Tensor, near: list[Tensor]) -> Tensor:
    """What is most probable, see :meth:`~pixelization.networks.pointer.Pointed.chosen`.

    RGBA ``(B, 4, n)`` in [-1, 1].

    Args:
        shares: probabilities, times anything, ``(B, K, n)``.
        sum_: of these, ``(B, 1, n)``.
        best: the number of the most probable one.
        near: red, green and blue of all candidates but the last, "nothing", ``(B, K - 1, n)`` each.
    """
    colors = [F.pad(color, (0, 0, 0, 1), value=ELSEWHERE) for color in near]
    apart = _apart([color.gather(1, best) for color in colors], colors)
    alike = (apart <= ALIKE**2).to(apart.dtype)
    contested = _summed(alike * shares) < HALF * sum_
    rest = contested.flatten().nonzero().squeeze(1)
    voted = _voted(*(each.flatten(0, 1).index_select(1, rest).T for each in (shares, *colors)))
    index = best.scatter(2, rest[None, None], voted[None, None])
    red, green, blue = (color.gather(1, index) for color in colors)
    there = (red < ELSEWHERE).to(red.dtype)
    return torch.cat([torch.cat([red, green, blue], dim=1) * there, 2 * there - 1], dim=1)


def _voted(shares: Tensor, *colors: Tensor) -> Tensor:
    """Which candidates are taken: the best few get the votes of all that are alike to them.

    Of cells that lie apart, ``(n, K)`` each, the result is ``(n,)``.
    """
    best, index = shares.topk(min(FINALISTS, shares.shape[1]), dim=1)
    finalists = [color.gather(1, index) for color in colors]
    apart = _apart(
        [each.unsqueeze(2) for each in finalists], [each.unsqueeze(1) for each in colors]
    )
    alike = (apart <= ALIKE**2).to(shares.dtype)
    sums = (alike * shares.unsqueeze(1)).sum(2) + 1e-6 * best
    winner = sums.argmax(1, keepdim=True)
    # The winner is one of the best few, so the most probable one of its colour is, too.
    alike = _apart([each.gather(1, winner) for each in finalists], finalists) <= ALIKE**2
    return index.gather(1, alike.byte().argmax(1, keepdim=True)).squeeze(1)


def _apart(some: list[Tensor], others: list[Tensor]) -> Tensor:
    """Squares of the distances between colours, of channels of shapes that fit."""
    red, green, blue = (one - other for one, other in zip(some, others, strict=True))
    return red * red + green * green + blue * blue  # square() is exported as a slow power
