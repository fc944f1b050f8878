"""Both stages that point, as ONNX Runtime computes them fastest: with the cells last.

It is the arithmetic of ``candidates.py``, ``pointer.py`` and ``refiner.py``, which are plainer and
are what is trained; tests compare the two. There, the 3 channels, the 16 hidden values or about 30
candidates of a cell lie side by side, which suits the losses. Sums and comparisons are several
times as fast along the cells, of which there are thousands. Here the ``n`` cells of a picture that
have a choice are one axis, and candidates, scores and colours are planes of it.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.cells.candidates import NEARBY
from pixelization.cells.lattice import COLORED
from pixelization.color.luma import ALIKE
from pixelization.networks.lattice import multiplied
from pixelization.networks.pointer import ELSEWHERE, FINALISTS, HALF, NEVER, PointerHead
from pixelization.networks.pointing import PointingCascade, Sprites
from pixelization.networks.refiner import AROUND, AWAY, SETTLED, RefineNet

FEW = 4  # candidates whose hidden values stay in a processor's cache


class Choices(NamedTuple):
    """See :class:`~pixelization.networks.candidates.Candidates`.

    Those near the cell have colours of their own in every cell. Behind them are the main colours
    and "nothing", which all cells share.

    Attributes:
        near: RGBA of those near the cell, in parts, each ``(B, k, 4, n)`` in [-1, 1] with k at
            most ``FEW``.
        shared: colours of the others, ``(B, M + 1, 3)``; 0 for "nothing", the last one.
        colors: red, green and blue of those near the cell, in parts, ``(B, k, n)`` each.
        exist: 1 for those that exist and 0 for others, ``(B, k, n)``; the last part is of the
            shared ones.
        total: sum of the colours near the cell that exist, ``(B, 3, n)``.
    """

    near: list[Tensor]
    shared: Tensor
    colors: list[list[Tensor]]
    exist: list[Tensor]
    total: Tensor


def point_in_planes(
    networks: PointingCascade,
    weighed: Tensor,
    near: Tensor,
    base: Tensor,
    undecided: Tensor,
    cell_size: Tensor,
    main: Tensor,
    main_exists: Tensor,
) -> Sprites:
    """What :meth:`PointingCascade.point` gives. The batch is one picture.

    Args:
        networks, cell_size, main, main_exists: as for that.
        weighed: the lattice, :func:`~pixelization.networks.lattice.multiplied`.
        near: RGBA ``(B, 20, 4, n)`` of the cells that have a choice, at least one, see
            :func:`~pixelization.cells.candidates.near_candidates`.
        base, undecided: a sprite and these cells, of
            :func:`~pixelization.cells.candidates.settle`.
    """
    gridnet, pixelnet = networks.gridnet, networks.pixelnet
    choices = _candidates(near, main, main_exists)
    features = gridnet.encoder.encoded(weighed, cell_size)
    scores, best = _scores(gridnet.head, features, undecided, choices)
    shares = scores.exp()
    first = _put(_taken(shares, best, choices), undecided, base)
    if pixelnet is None:
        return Sprites(first, first)
    sum_ = _summed(shares)
    sure = _put(1 / sum_, undecided, 1 - (1 - SETTLED) * (base[:, 3:] + 1) / 2)
    log_shares = scores - sum_.log()
    return Sprites(first, _refined(pixelnet, features, log_shares, undecided, choices, first, sure))


def _refined(
    pixelnet: RefineNet,
    features: Tensor,
    log_shares: Tensor,
    undecided: Tensor,
    choices: Choices,
    sprite: Tensor,
    sure: Tensor,
) -> Tensor:
    """What the second stage makes of the first one's features, shares, choices and sprite."""
    around = _around(F.pad(sprite, (1, 1, 1, 1), mode="replicate"))
    around = _only(undecided, around).unflatten(1, (AROUND, 4))
    *colors, alpha = around.unbind(2)  # colours are 0 where nothing is
    there = (alpha > 0).to(alpha.dtype)
    near, shared = choices.exist
    empty = shared[:, -1:].maximum((there.amin(1, keepdim=True) < 1).to(alpha.dtype))
    choices = Choices(
        [*around.split(FEW, 1), *choices.near],
        choices.shared[:, -1:],
        [[new, *old] for new, old in zip(colors, choices.colors, strict=True)],
        [there, near, empty],
        choices.total + torch.cat([_summed(color) for color in colors], dim=1),
    )
    x = pixelnet.sprite(torch.cat([multiplied(sprite), sure], dim=1))
    features = pixelnet.blocks(x + pixelnet.features(features))
    before = torch.cat([log_shares[:, :NEARBY], log_shares[:, -1:]], dim=1)
    before = pixelnet.trust * F.pad(before, (0, 0, AROUND, 0), value=AWAY)
    scores, best = _scores(pixelnet.head, features, undecided, choices, before)
    return _put(_taken(scores.exp(), best, choices), undecided, sprite)


def _only(undecided: Tensor, all_: Tensor) -> Tensor:
    """Some cells of ``(B, C, h w)``: ``(B, C, n)``; what lies side by side is copied at once."""
    return all_.transpose(1, 2).index_select(1, undecided).transpose(1, 2)


def _put(some: Tensor, undecided: Tensor, all_: Tensor) -> Tensor:
    """Cells ``(B, C, n)`` to their places among those of ``(B, C, h, w)``."""
    return all_.flatten(2).index_copy(2, undecided, some).view_as(all_)


def _candidates(near: Tensor, main: Tensor, main_exists: Tensor) -> Choices:
    """See :func:`~pixelization.networks.candidates.candidates`; of cells that have a choice."""
    *colors, alpha = near.unbind(2)
    colored = (alpha > COLORED).to(alpha.dtype)
    some = colored.amax(1, keepdim=True)
    hollow = (alpha.amin(1, keepdim=True) < -COLORED).to(alpha.dtype)
    mains = main_exists.to(main.dtype).unsqueeze(2)
    return Choices(
        list(near.split(FEW, 1)),
        torch.cat([main, torch.zeros_like(main[:, :1])], dim=1),
        [[color] for color in colors],
        [colored, torch.cat([mains * some, hollow], dim=1)],
        torch.cat([_summed(color * colored) for color in colors], dim=1),
    )


def _summed(planes: Tensor) -> Tensor:
    """``(B, K, n) -> (B, 1, n)``; a product of matrices is the fastest sum."""
    return torch.ones(1, planes.shape[1], device=planes.device) @ planes


def _around(padded: Tensor) -> Tensor:
    """The 3 x 3 pixels around every cell: ``(B, 4, h + 2, w + 2) -> (B, 9 * 4, h w)``.

    A convolution with a single 1 per channel does it in one operation, and exactly.
    """
    one = torch.eye(AROUND * 4, device=padded.device).view(-1, 3, 3, 4)
    return F.conv2d(padded, one.permute(0, 3, 1, 2)).flatten(2)


def _scores(
    head: PointerHead,
    features: Tensor,
    undecided: Tensor,
    choices: Choices,
    before: Tensor | float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Features ``(B, C, h, w)`` and K candidates to scores ``(B, K, n)``, of which the best is 0,
    and its number ``(B, 1, n)``.

    Args:
        head: what scores.
        features: of all cells.
        undecided: numbers of those that have a choice.
        choices: of these.
        before: is added to the scores, ``(B, K, n)``.
    """
    near, shared, _colors, exist, total = choices
    shift, query = _only(undecided, head.context(features).flatten(2)).chunk(2, dim=1)
    total = total + shared.transpose(1, 2) @ exist[-1]
    exists = torch.cat(exist, dim=1)
    shift = shift + head.mean.weight @ (total / _summed(exists))
    query = query + head.score.unsqueeze(1)
    *places, main, nothing = (head.place + head.color.bias).split(
        [*(part.shape[1] for part in near), 1, 1]
    )
    weight = F.pad(head.color.weight, (0, 1))  # alpha does not count
    parts = [
        F.conv1d(
            part.flatten(1, 2),
            weight.repeat(len(place), 1).unsqueeze(2),
            place.flatten(),
            groups=len(place),
        ).unflatten(1, place.shape)
        for part, place in zip(near, places, strict=True)
    ]
    place = torch.cat([main.expand(shared.shape[1] - 1, -1), nothing])
    parts += (F.linear(shared, head.color.weight) + place).unsqueeze(3).split(FEW, 1)
    # relu(x + shift) is max(x, -shift), and shift more: which is the same for all candidates.
    ones, least = torch.ones_like(head.score).unsqueeze(0), -shift.unsqueeze(1)
    scores = [ones @ (part.maximum(least) * query.unsqueeze(1)) for part in parts]
    found = before + torch.cat(scores, dim=1).squeeze(2) + (1 - exists) * NEVER
    best = found.argmax(1, keepdim=True)
    return found - found.gather(1, best), best


def _taken(shares: Tensor, best: Tensor, choices: Choices) -> Tensor:
    """What is most probable, see :meth:`~pixelization.networks.pointer.Pointed.chosen`.

    RGBA ``(B, 4, n)`` in [-1, 1].

    Args:
        shares: probabilities, times anything.
        best: the number of the most probable one.
        choices: of the cells.
    """
    nothing = torch.full_like(choices.shared[:, -1:], ELSEWHERE)
    shared = torch.cat([choices.shared[:, :-1], nothing], dim=1).unsqueeze(3).unbind(2)
    colors = [
        torch.cat([*near, others.expand(-1, -1, best.shape[2])], dim=1)
        for near, others in zip(choices.colors, shared, strict=True)
    ]
    apart = _apart([color.gather(1, best) for color in colors], colors)
    alike = (apart <= ALIKE**2).to(apart.dtype)
    contested = _summed(alike * shares) < HALF * _summed(shares)
    rest = contested.flatten().nonzero().squeeze(1)
    voted = _voted(*(each[0].index_select(1, rest).T for each in (shares, *colors)))
    index = best.index_copy(2, rest, voted[None, None])
    red, green, blue = (color.gather(1, index) for color in colors)
    nothing = (red == ELSEWHERE).to(red.dtype)
    taken = torch.cat([red, green, blue], dim=1) * (1 - nothing)
    return torch.cat([taken, 1 - 2 * nothing], dim=1)


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
