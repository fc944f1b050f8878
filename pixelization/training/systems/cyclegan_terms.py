"""What a CycleGAN learns (Zhu et al. 2017, with the weights of Ekpete 2023).

a is a cartoon and b pixel art; G makes b of a and F makes a of b. ``|x - y|`` is the mean absolute
difference. Terms of both directions are their mean, as in Ekpete's code; Zhu et al. take the sum,
which is the same at twice the weight.

Unlike the cascade's, images stay in the graph between networks: a cycle trains both.
"""

from collections.abc import Callable, Mapping
from functools import cached_property

import torch
from torch import Tensor, nn

from pixelization.networks.cyclegan import CycleGAN
from pixelization.networks.discriminators import Discriminator
from pixelization.training.losses.adversarial import AdversarialLoss
from pixelization.training.losses.objective import Adversarial, Term
from pixelization.training.losses.terms import (
    area_colors,
    edges,
    features,
    l1,
    palette,
    perceptual,
    ssim,
    summed,
)
from pixelization.training.systems.base import Step

BOTH = "a2b, b2a"  # generators that a cycle trains


class CycleStep(Step):
    """One batch in both directions; each pass is gone when a term looks at it.

    Args:
        networks: the generators.
        judges, adversarial: see :class:`~pixelization.training.systems.base.Step`.
        a, b: cartoons and pixel art, ``(B, 3, S, S)`` in [-1, 1].
        pretrained: networks of others that terms look with: ``vgg19``, and ``vgg16`` for LPIPS.

    Attributes:
        code_losses: of the vector quantisations of all passes so far.
    """

    def __init__(
        self,
        networks: CycleGAN,
        judges: Mapping[str, nn.Module],
        adversarial: AdversarialLoss,
        *,
        a: Tensor,
        b: Tensor,
        pretrained: Mapping[str, nn.Module],
    ) -> None:
        super().__init__(judges, adversarial)
        self.networks, self.a, self.b = networks, a, b
        self.pretrained = pretrained
        self.code_losses: list[Tensor] = []

    def reals(self, judge: str) -> list[Tensor]:
        """See :class:`~pixelization.training.systems.base.Step`."""
        return [{"a": self.a, "b": self.b}[judge]]

    @cached_property
    def fake_b(self) -> Tensor:
        """G(a)."""
        return self._made(self.networks.a2b, self.a)

    @cached_property
    def fake_a(self) -> Tensor:
        """F(b)."""
        return self._made(self.networks.b2a, self.b)

    @cached_property
    def recovered_a(self) -> Tensor:
        """F(G(a))."""
        return self._made(self.networks.b2a, self.fake_b)

    @cached_property
    def recovered_b(self) -> Tensor:
        """G(F(b))."""
        return self._made(self.networks.a2b, self.fake_a)

    @cached_property
    def same_a(self) -> Tensor:
        """F(a)."""
        return self._made(self.networks.b2a, self.a)

    @cached_property
    def same_b(self) -> Tensor:
        """G(b)."""
        return self._made(self.networks.a2b, self.b)

    def matched(self, judge: str, fake: Tensor) -> Tensor:
        """A discriminator's features of a fake against those of the real images: a scalar."""
        network = self.judges[judge]
        assert isinstance(network, Discriminator), "a discriminator of CycleGANs"
        with torch.no_grad():
            real = network.features(self.reals(judge)[0])
        return features(network.features(fake), real)

    def perceived(self, output: Tensor, target: Tensor) -> Tensor:
        """VGG19's features of two images ``(B, 3, S, S)``: a scalar."""
        return perceptual(self.pretrained["vgg19"], output, target)

    def lpips(self, output: Tensor, target: Tensor) -> Tensor:
        """LPIPS of two images ``(B, 3, S, S)``: a scalar."""
        return self.pretrained["vgg16"](output, target).mean()

    def coded(self) -> Tensor:
        """The mean loss of the vector quantisations: a scalar."""
        _ = self.fake_b, self.fake_a  # at least these passes are gone
        return summed(self.code_losses) / len(self.code_losses)

    def _made(self, network: nn.Module, image: Tensor) -> Tensor:
        made = network(image)
        loss = getattr(network, "code_loss", None)
        if loss is not None:
            self.code_losses.append(loss)
        return made


def both(
    loss: Callable[[Tensor, Tensor], Tensor],
    first: tuple[Tensor, Tensor],
    second: tuple[Tensor, Tensor],
) -> Tensor:
    """The mean of a loss over both directions: a scalar."""
    return (loss(*first) + loss(*second)) / 2


# In the order of the passes: see Objective.
TERMS: tuple[Term[CycleStep] | Adversarial[CycleStep], ...] = (
    Adversarial(
        name="a2b_adversarial",
        meaning="pixel art against d_b",
        formula="GAN(D_b(G(a)))",
        source="Ekpete 2023, Eq. 2.17; his code halves it",
        trains="a2b",
        weight=0.5,
        judge="b",
        fakes=lambda step: {"b": step.fake_b},
    ),
    Adversarial(
        name="b2a_adversarial",
        meaning="cartoons against d_a",
        formula="GAN(D_a(F(b)))",
        source="Ekpete 2023, Eq. 2.18; his code halves it",
        trains="b2a",
        weight=0.5,
        judge="a",
        fakes=lambda step: {"a": step.fake_a},
    ),
    Term(
        name="cycle",
        meaning="images against what comes back of them",
        formula="(|F(G(a)) - a| + |G(F(b)) - b|) / 2",
        source="Zhu et al. 2017, Eq. 2",
        trains=BOTH,
        weight=10.0,
        compute=lambda step: both(l1, (step.recovered_a, step.a), (step.recovered_b, step.b)),
    ),
    Term(
        name="identity",
        meaning="images of the right domain already, against what is made of them",
        formula="(|F(a) - a| + |G(b) - b|) / 2",
        source="Zhu et al. 2017, Sec. 5.2",
        trains=BOTH,
        weight=5.0,
        compute=lambda step: both(l1, (step.same_a, step.a), (step.same_b, step.b)),
    ),
    Term(
        name="ssim",
        meaning="structure of images against that of what comes back of them",
        formula="(1 - SSIM(F(G(a)), a) + 1 - SSIM(G(F(b)), b)) / 2",
        source="Ekpete 2023, Exp. 2.4; 10 there",
        trains=BOTH,
        weight=0.0,
        compute=lambda step: both(ssim, (step.recovered_a, step.a), (step.recovered_b, step.b)),
    ),
    Term(
        name="palette",
        meaning="histograms of what is made against those of the batch's real images",
        formula="(palette(G(a), b) + palette(F(b), a)) / 2",
        source="Ozyegin 2024; its weight is silent",
        trains=BOTH,
        weight=0.0,
        compute=lambda step: both(palette, (step.fake_b, step.b), (step.fake_a, step.a)),
    ),
    Term(
        name="edges",
        meaning="slopes of luma of images against those of what is made of them",
        formula="(||S G(a)| - |S a|| + ||S F(b)| - |S b||) / 2, S of Sobel",
        source="CS424, a heading; ours",
        trains=BOTH,
        weight=0.0,
        compute=lambda step: both(edges, (step.fake_b, step.a), (step.fake_a, step.b)),
    ),
    Term(
        name="colors",
        meaning="mean colours of areas of images against those of what is made of them",
        formula="(|A G(a) - A a| + |A F(b) - A b|) / 2, A over 16 x 16 pixels",
        source="CS424, a heading; ours",
        trains=BOTH,
        weight=0.0,
        compute=lambda step: both(area_colors, (step.fake_b, step.a), (step.fake_a, step.b)),
    ),
    Term(
        name="features",
        meaning="the discriminators' features of what is made against those of the real images",
        formula="(|D_b^l(G(a)) - D_b^l(b)| + |D_a^l(F(b)) - D_a^l(a)|) / 2, means over layers l",
        source="CS424, Sec. 1.5.2; 5 there",
        trains=BOTH,
        weight=0.0,
        compute=lambda step: (step.matched("b", step.fake_b) + step.matched("a", step.fake_a)) / 2,
    ),
    Term(
        name="perceptual",
        meaning="VGG19's features of images against those of what comes back of them",
        formula="((V(F(G(a))) - V(a))^2 + (V(G(F(b))) - V(b))^2) / 2, V two layers of VGG19",
        source="Ekpete 2023, Exp. 2.5; 0.2 there",
        trains=BOTH,
        weight=0.0,
        compute=lambda step: both(
            step.perceived, (step.recovered_a, step.a), (step.recovered_b, step.b)
        ),
    ),
    Term(
        name="lpips_cycle",
        meaning="learned similarity of images and of what comes back of them",
        formula="(LPIPS(F(G(a)), a) + LPIPS(G(F(b)), b)) / 2",
        source="Parmar et al. 2024; 20 there",
        trains=BOTH,
        weight=0.0,
        compute=lambda step: both(
            step.lpips, (step.recovered_a, step.a), (step.recovered_b, step.b)
        ),
    ),
    Term(
        name="lpips_identity",
        meaning="and of images of the right domain and of what is made of them",
        formula="(LPIPS(F(a), a) + LPIPS(G(b), b)) / 2",
        source="Parmar et al. 2024; 2 there",
        trains=BOTH,
        weight=0.0,
        compute=lambda step: both(step.lpips, (step.same_a, step.a), (step.same_b, step.b)),
    ),
    Term(
        name="codes",
        meaning="features against their codes in the vector quantisation",
        formula="(sg z - e)^2 + 0.25 (z - sg e)^2, the mean over passes",
        source="van den Oord et al. 2017, Eq. 3",
        trains=BOTH,
        weight=0.0,
        compute=lambda step: step.coded(),
    ),
)
