"""What networks that point learn: to answer as an artist did, and as a teacher does.

d is a drawing made of an artist's sprite p, c a real cartoon, t the teacher's sprite of it. g and
p' are what GridNet and PixelNet make of d or c, at one pixel per cell. CE is the cross-entropy of
``losses/pointing.py``, in which cells beside contrasts, strokes and details count more.

Direction B of the paper, ``p -> drawing -> p'`` (Eq. 7, 9), with a drawing that does not lie on the
grid, is ``grid_pairs`` and ``pixel_pairs``. Equations 10 to 15 at one pixel per cell are the
adversarial, L1 and gradient terms. Networks choose a candidate, so these see the choice, and their
gradient goes through the softmax; by default they are off. The mirror of features needs a
DepixelNet in the loop, which this system does not train.
"""

from collections.abc import Mapping
from functools import cached_property

import torch
from torch import Tensor, nn

from pixelization.networks.candidates import Candidates
from pixelization.networks.pointer import Pointed
from pixelization.networks.pointing import PointingCascade
from pixelization.training.data.artist_pairs import kinds
from pixelization.training.data.artist_pairs.maker import PairBatch
from pixelization.training.data.artists import ArtistsBatch
from pixelization.training.losses.adversarial import AdversarialLoss
from pixelization.training.losses.objective import Adversarial, Term
from pixelization.training.losses.pointing import pointing
from pixelization.training.losses.terms import gradient, l1
from pixelization.training.systems.base import Step


class ArtistsStep(Step):
    """One batch through both stages; each is gone when a term looks at it.

    Args:
        networks: the generators.
        judges, adversarial: see :class:`~pixelization.training.systems.base.Step`.
        batch: on the networks' device.
        importance: of cells, as :func:`~pixelization.training.data.artist_pairs.kinds.weights`
            takes it.
    """

    def __init__(
        self,
        networks: PointingCascade,
        judges: Mapping[str, nn.Module],
        adversarial: AdversarialLoss,
        *,
        batch: ArtistsBatch,
        importance: Mapping[str, float],
    ) -> None:
        super().__init__(judges, adversarial)
        self.networks = networks
        self.count = len(batch.pairs.target)  # of pairs; those of the teacher come behind
        parts = (batch.pairs,) if batch.taught is None else (batch.pairs, batch.taught)
        self.all = PairBatch(*(torch.cat(each) for each in zip(*parts, strict=True)))
        self.weights = kinds.weights(self.all.target, **importance)

    def reals(self, judge: str) -> list[Tensor]:
        """Artists' sprites: see :class:`~pixelization.training.systems.base.Step`."""
        return [on_white(self.all.target[: self.count])]

    @cached_property
    def first(self) -> Pointed:
        """What GridNet points at, for drawings and cartoons."""
        batch = self.all
        return self.networks.gridnet.point(
            batch.lattice, batch.cell_size, batch.main, batch.main_exists
        )

    @cached_property
    def second(self) -> Pointed:
        """And PixelNet."""
        assert self.networks.pixelnet is not None, "a term of a PixelNet that is there"
        return self.networks.pixelnet(self.first)

    def pairs(self, pointed: Pointed) -> Tensor:
        """Cross-entropy against the artists' sprites."""
        return self._entropy(pointed, slice(0, self.count))

    def taught(self, pointed: Pointed) -> Tensor:
        """Cross-entropy against the teacher's sprites."""
        return self._entropy(pointed, slice(self.count, None))

    def against_teacher(self, pointed: Pointed) -> tuple[Tensor, Tensor]:
        """What was chosen for cartoons, and the teacher's sprites, ``(B, 3, h, w)``."""
        behind = slice(self.count, None)
        return chosen_colors(part(pointed, behind)), on_white(self.all.target[behind])

    def fakes(self, name: str, pointed: Pointed) -> dict[str, Tensor]:
        """What was chosen for drawings and for cartoons, each by the name of its history."""
        sprites = chosen_colors(pointed).split(self.count)
        return dict(zip((f"{name}_pairs", f"{name}_taught"), sprites, strict=False))

    def _entropy(self, pointed: Pointed, samples: slice) -> Tensor:
        return pointing(part(pointed, samples), self.all.target[samples], self.weights[samples])


def part(pointed: Pointed, samples: slice) -> Pointed:
    """Some samples of a batch."""
    choices = Candidates(*(each[samples] for each in pointed.candidates))
    return Pointed(pointed.scores[samples], choices, pointed.features[samples])


def on_white(sprite: Tensor) -> Tensor:
    """RGBA ``(B, 4, h, w)`` in [-1, 1], alpha -1 or 1, on white: ``(B, 3, h, w)``."""
    return torch.where(sprite[:, 3:] > 0, sprite[:, :3], torch.ones_like(sprite[:, :3]))


def chosen_colors(pointed: Pointed) -> Tensor:
    """The sprite on white, ``(B, 3, h, w)``; its gradient is that of the softmax's mean colour."""
    shares, colors = pointed.scores.softmax(-1), pointed.candidates.colors
    soft = (shares.unsqueeze(-1) * colors).sum(3) + shares[..., -1:]
    soft = soft.permute(0, 3, 1, 2)
    with torch.no_grad():
        hard = on_white(pointed.sprite())
    return hard + soft - soft.detach()


TERMS: tuple[Term[ArtistsStep] | Adversarial[ArtistsStep], ...] = (
    Term(
        name="grid_pairs",
        meaning="GridNet's answer for a drawing against the artist's",
        formula="CE(g(d), p)",
        source="Eq. 7, 9 with another drawing; ours",
        trains="gridnet",
        compute=lambda step: step.pairs(step.first),
    ),
    Term(
        name="grid_teacher",
        meaning="GridNet's answer for a cartoon against the teacher's",
        formula="CE(g(c), t)",
        source="ours",
        trains="gridnet",
        weight=0.7,
        compute=lambda step: step.taught(step.first),
    ),
    Term(
        name="pixel_pairs",
        meaning="PixelNet's answer for a drawing against the artist's",
        formula="CE(p'(d), p)",
        source="Eq. 7, 9 with another drawing; ours",
        trains="pixelnet",
        compute=lambda step: step.pairs(step.second),
    ),
    Term(
        name="pixel_teacher",
        meaning="PixelNet's answer for a cartoon against the teacher's",
        formula="CE(p'(c), t)",
        source="ours",
        trains="pixelnet",
        weight=0.5,
        compute=lambda step: step.taught(step.second),
    ),
    Adversarial(
        name="grid_adversarial",
        meaning="GridNet's sprites of cartoons and drawings against d_grid",
        formula="GAN(D_grid(g))",
        source="Eq. 1, 10",
        trains="gridnet",
        weight=0.0,
        judge="grid",
        fakes=lambda step: step.fakes("grid", step.first),
    ),
    Term(
        name="grid_l1",
        meaning="GridNet's sprite of a cartoon against the teacher's",
        formula="|g(c) - t|",
        source="Eq. 11, 14",
        trains="gridnet",
        weight=0.0,
        compute=lambda step: l1(*step.against_teacher(step.first)),
    ),
    Term(
        name="grid_gradient",
        meaning="the same pair, differences of neighbours",
        formula="||dx g(c)| - |dx t||, the same in y",
        source="Eq. 11, 15",
        trains="gridnet",
        weight=0.0,
        compute=lambda step: gradient(*step.against_teacher(step.first)),
    ),
    Adversarial(
        name="pixel_adversarial",
        meaning="PixelNet's sprites against the same judge",
        formula="GAN(D_grid(p'))",
        source="Eq. 2, 10",
        trains="pixelnet",
        weight=0.0,
        judge="grid",
        fakes=lambda step: step.fakes("pixel", step.second),
    ),
)
