"""What networks that point learn: to answer as an artist did, and as a teacher does, and back.

p is an artist's sprite, d a drawing made of it, s how p should be drawn (docs/pairs.md); c is a
real cartoon, t the teacher's sprite of it. g and p' are what GridNet and PixelNet make of d or c,
at one pixel per cell, and D is DepixelNet. CE is the cross-entropy of ``losses/pointing.py``, in
which cells beside contrasts, strokes and details count more.

Direction F of the paper is ``c -> p'(c) -> D(p'(c))``, direction B ``p -> D(p) -> g(D(p))``, and,
with a drawing that does not lie on the grid, ``p -> d -> p'(d)``. Networks choose a candidate, so
L1, gradient, mirror and adversarial terms see the choice, and their gradient goes through the
softmax. Nothing is cut from the graph between networks but GridNet's choice before PixelNet: the
gradient of a term goes on into the networks that made what it looks at.
"""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.networks.candidates import Candidates
from pixelization.networks.lattice import multiplied, opacity
from pixelization.networks.pointer import Pointed
from pixelization.networks.pointing import PointingCascade
from pixelization.training.data.artist_pairs import kinds
from pixelization.training.data.artist_pairs.maker import PairBatch
from pixelization.training.data.artists import ArtistsBatch
from pixelization.training.losses.adversarial import AdversarialLoss
from pixelization.training.losses.objective import Adversarial, Term
from pixelization.training.losses.pointing import pointing
from pixelization.training.losses.terms import gradient, l1
from pixelization.training.systems.base import Randomness, Step

SHIFT = 3  # cells: how far sprites are shifted before they are judged
FAINT = 0.05  # opacity up to which a drawn sample's colour has no gradient to speak of


class ArtistsStep(Step):
    """One batch through the networks; a pass is gone when a term looks at it.

    Args:
        networks: the generators.
        judges, adversarial: see :class:`~pixelization.training.systems.base.Step`.
        batch: on the networks' device.
        importance: of cells, as :func:`~pixelization.training.data.artist_pairs.kinds.weights`
            takes it.
        randomness: of the step.
    """

    def __init__(
        self,
        networks: PointingCascade,
        judges: Mapping[str, nn.Module],
        adversarial: AdversarialLoss,
        *,
        batch: ArtistsBatch,
        importance: Mapping[str, float],
        randomness: Randomness,
    ) -> None:
        super().__init__(judges, adversarial)
        self.networks, self.batch = networks, batch
        self.count = len(batch.pairs.target)  # of pairs; those of the teacher come behind
        parts = (batch.pairs,) if batch.taught is None else (batch.pairs, batch.taught)
        self.all = PairBatch(*(torch.cat(each) for each in zip(*parts, strict=True)))
        self.weights = kinds.weights(self.all.target, **importance)
        self.augmentation = Augmentation(randomness.shared())
        # DepixelNet learns fast: half the samples are enough for it, and save a third of the time.
        self.drawn_pairs = slice(0, -(-self.count // 2))
        self.drawn_cartoons = slice(self.count, self.count + -(-self.count // 2))

    def reals(self, judge: str) -> list[Tensor]:
        """Artists' sprites: see :class:`~pixelization.training.systems.base.Step`."""
        return [self.augmentation(on_white(self.batch.pairs.target))]

    @cached_property
    def first(self) -> Pointed:
        """What GridNet points at, for drawings and cartoons."""
        return self._gridnet(self.all.lattice, self.all)

    @cached_property
    def second(self) -> Pointed:
        """And PixelNet."""
        assert self.networks.pixelnet is not None, "a term of a PixelNet that is there"
        return self.networks.pixelnet(self.first)

    @cached_property
    def sprites(self) -> Tensor:
        """What the last of both chose, RGBA ``(B, 4, h, w)``: see :func:`chosen`."""
        return chosen(self.first if self.networks.pixelnet is None else self.second)

    @cached_property
    def drawn(self) -> Tensor:
        """What DepixelNet draws of artists' sprites, premultiplied, ``(B, 4, 8 h, 8 w)``."""
        return self.networks.depixelnet(self.all.target[self.drawn_pairs])

    @cached_property
    def again(self) -> Pointed:
        """What GridNet points at in that: direction B."""
        share = opacity(self.drawn).detach().clamp_min(FAINT)
        lattice = torch.cat([self.drawn[:, :3] / share, self.drawn[:, 3:]], dim=1)
        return self._gridnet(lattice, PairBatch(*(each[self.drawn_pairs] for each in self.all)))

    def pairs(self, pointed: Pointed) -> Tensor:
        """Cross-entropy against the artists' sprites."""
        return self._entropy(pointed, slice(0, self.count))

    def taught(self, pointed: Pointed) -> Tensor:
        """Cross-entropy against the teacher's sprites."""
        return self._entropy(pointed, slice(self.count, None))

    def mirrored_sprites(self) -> Tensor:
        """Cross-entropy of :attr:`again` against the artists' sprites."""
        samples = self.drawn_pairs
        return pointing(self.again, self.all.target[samples], self.weights[samples])

    def against_teacher(self) -> tuple[Tensor, Tensor]:
        """Sprites of cartoons and the teacher's, ``(B, 3, h, w)``."""
        behind = slice(self.count, None)
        return on_white(self.sprites[behind]), on_white(self.all.target[behind])

    def drawn_and_smooth(self) -> tuple[Tensor, Tensor]:
        """Artists' sprites drawn, and as they should be, premultiplied, ``(B, 4, 8 h, 8 w)``."""
        return self.drawn, multiplied(self.all.smooth[self.drawn_pairs])

    def mirrored(self) -> tuple[Tensor, Tensor]:
        """Cartoons made sprites and drawn again, and the cartoons: direction F.

        Premultiplied, ``(B, 4, 8 h, 8 w)``.
        """
        samples = self.drawn_cartoons
        drawn = self.networks.depixelnet(self.sprites[samples])
        return drawn, multiplied(self.all.smooth[samples])

    def fakes(self, judge: str) -> dict[str, Tensor]:
        """Sprites of drawings and of cartoons, each by the name of its history."""
        sprites = self.augmentation(on_white(self.sprites)).split(self.count)
        return dict(zip((f"{judge}_pairs", f"{judge}_taught"), sprites, strict=False))

    def _gridnet(self, lattice: Tensor, batch: PairBatch) -> Pointed:
        return self.networks.gridnet(lattice, batch.cell_size)

    def _entropy(self, pointed: Pointed, samples: slice) -> Tensor:
        return pointing(part(pointed, samples), self.all.target[samples], self.weights[samples])


class Augmentation:
    """One random change of all that is judged in a step, real and fake, which gradients pass.

    Flips, a turn, channels in another order, a shift: so a discriminator cannot learn few sprites
    by heart. Fakes of a history keep the change of their own step.

    Args:
        rng: of the step.

    Source: Zhao et al. 2020, DiffAugment, with other changes.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.flips = [dim for dim in (2, 3) if rng.random() < 0.5]
        self.turned = rng.random() < 0.5
        self.channels = rng.permutation(3).tolist()
        self.shifts = [int(rng.integers(-SHIFT, SHIFT + 1)) for _ in range(2)]

    def __call__(self, sprites: Tensor) -> Tensor:
        """``(B, 3, h, w)`` changed; what comes in at a side is white."""
        down, across = self.shifts
        sprites = sprites.flip(self.flips)[:, self.channels]
        sprites = F.pad(sprites, (across, -across, down, -down), value=1.0)
        return sprites.transpose(2, 3) if self.turned else sprites


def part(pointed: Pointed, samples: slice) -> Pointed:
    """Some samples of a batch."""
    choices = Candidates(*(each[samples] for each in pointed.candidates))
    return Pointed(pointed.scores[samples], choices, pointed.features[samples])


def on_white(sprite: Tensor) -> Tensor:
    """Premultiplied RGBA ``(B, 4, h, w)`` in [-1, 1] on white: ``(B, 3, h, w)``."""
    return sprite[:, :3] + 1 - opacity(sprite)


def chosen(pointed: Pointed) -> Tensor:
    """The sprite, RGBA ``(B, 4, h, w)``, 0 where nothing is, with the gradient of the softmax.

    Source: the straight-through estimator, Bengio et al. 2013.
    """
    shares, colors = pointed.scores.softmax(-1), pointed.candidates.colors
    soft = torch.cat([(shares.unsqueeze(-1) * colors).sum(3), 1 - 2 * shares[..., -1:]], dim=-1)
    soft = soft.permute(0, 3, 1, 2)
    with torch.no_grad():
        hard = pointed.sprite()
    return hard + (soft - soft.detach())


TERMS: tuple[Term[ArtistsStep] | Adversarial[ArtistsStep], ...] = (
    Term(
        name="grid_pairs",
        meaning="GridNet's answer for a drawing against the artist's",
        formula="CE(g(d), p)",
        source="Eq. 7, 9 at GridNet, with another drawing, as CE",
        trains="gridnet",
        weight=0.4,
        compute=lambda step: step.pairs(step.first),
    ),
    Term(
        name="grid_teacher",
        meaning="GridNet's answer for a cartoon against the teacher's",
        formula="CE(g(c), t)",
        source="ours",
        trains="gridnet",
        weight=0.3,
        compute=lambda step: step.taught(step.first),
    ),
    Term(
        name="grid_mirror",
        meaning="GridNet's answer for DepixelNet's drawing of a sprite against the sprite",
        formula="CE(g(D(p)), p)",
        source="Eq. 7, 9 at GridNet, as CE",
        trains="gridnet",
        weight=0.25,
        compute=lambda step: step.mirrored_sprites(),
    ),
    Term(
        name="pixel_pairs",
        meaning="PixelNet's answer for a drawing against the artist's",
        formula="CE(p'(d), p)",
        source="Eq. 7, 9 with another drawing, as CE",
        trains="pixelnet",
        compute=lambda step: step.pairs(step.second),
    ),
    Term(
        name="pixel_teacher",
        meaning="PixelNet's answer for a cartoon against the teacher's",
        formula="CE(p'(c), t)",
        source="ours",
        trains="pixelnet",
        compute=lambda step: step.taught(step.second),
    ),
    Term(
        name="pixel_l1",
        meaning="PixelNet's sprite of a cartoon against the teacher's",
        formula="|p'(c) - t|",
        source="Eq. 12, 14 with a teacher for the target",
        trains="pixelnet",
        weight=0.3,
        compute=lambda step: l1(*step.against_teacher()),
    ),
    Term(
        name="pixel_gradient",
        meaning="the same pair, differences of neighbours",
        formula="||dx p'(c)| - |dx t||, the same in y",
        source="Eq. 12, 15 with a teacher for the target",
        trains="pixelnet",
        weight=0.15,
        compute=lambda step: gradient(*step.against_teacher()),
    ),
    Adversarial(
        name="pixel_adversarial",
        meaning="PixelNet's sprites of cartoons and drawings against d_near",
        formula="GAN(D_near(p'))",
        source="Eq. 2, 10",
        trains="pixelnet",
        weight=0.02,
        judge="near",
        fakes=lambda step: step.fakes("near"),
    ),
    Adversarial(
        name="pixel_adversarial_far",
        meaning="the same against d_far, which sees more cells at once",
        formula="GAN(D_far(p'))",
        source="Eq. 2, 10",
        trains="pixelnet",
        weight=0.02,
        judge="far",
        fakes=lambda step: step.fakes("far"),
    ),
    Term(
        name="depixel_mirror",
        meaning="a cartoon made a sprite and drawn again against the cartoon",
        formula="|D(p'(c)) - c|",
        source="Eq. 4, 6",
        trains="depixelnet",
        compute=lambda step: l1(*step.mirrored()),
    ),
    Term(
        name="depixel_l1",
        meaning="DepixelNet's drawing of a sprite against how it should be drawn",
        formula="|D(p) - s|",
        source="Eq. 13, 14 with a drawing for the target",
        trains="depixelnet",
        compute=lambda step: l1(*step.drawn_and_smooth()),
    ),
    Term(
        name="depixel_gradient",
        meaning="the same pair, differences of neighbours",
        formula="||dx D(p)| - |dx s||, the same in y",
        source="Eq. 13, 15 with a drawing for the target",
        trains="depixelnet",
        weight=0.5,
        compute=lambda step: gradient(*step.drawn_and_smooth()),
    ),
)
