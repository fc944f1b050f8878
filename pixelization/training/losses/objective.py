"""The objective.

Which term is computed from which tensors, and the one place that knows the weights.
"""

from dataclasses import asdict
from fractions import Fraction
from functools import cache

import torch
from torch import Tensor, nn

from pixelization.cells.sizes import grid_size
from pixelization.networks.cells import upsample_nearest
from pixelization.training.config import LossConfig
from pixelization.training.losses.targets import resize_to_grid
from pixelization.training.losses.terms import adversarial, gradient, isolation, l1, mirror_features
from pixelization.training.systems.passes import BackwardPass, ForwardPass

FORWARD_TERMS = {
    "grid_adversarial",
    "grid_l1",
    "grid_gradient",
    "pixel_adversarial",
    "pixel_l1",
    "pixel_gradient",
    "depixel_adversarial_forward",
    "depixel_mirror_features",
    "depixel_mirror_output",
    "grid_isolation",
    "pixel_isolation",
}
PAIR_TERMS = ("depixel_reduced_output", "depixel_drawn_output", "depixel_sprite_output")


class Objective:
    """The generators' and the discriminators' losses (Han et al. 2018, Sec. 3.3).

    Direction F: c -> g_r -> p_r -> c'; direction B: p -> c_p -> g_r -> p'. T_r is the input resized
    to scale r.

    ===========================  ==================================================================  ============
    term                         formula
    equation ===========================  ==================================================================  ============
    ``grid_adversarial``         sum_r  GAN(D_grid(g_r))
    1, 10 ``grid_l1``                  sum_r  |g_r - T_r(c)|
    11, 14 ``grid_gradient``            sum_r  ||dx g_r| - |dx T_r(c)||, the same in y
    11, 15 ``grid_backward_l1``         |g_r(c_p) - p|  at p's scale (all r if unknown), p at 1 px a
    cell   1, 14 ``grid_backward_gradient``   the same pair
    1, 15 ``pixel_adversarial``        sum_r  GAN(D_pixel(p_r))
    2 ``pixel_l1``                 sum_r  |p_r - T_r(c)|  at full size
    12, 14 ``pixel_gradient``           sum_r  the same pairs
    12, 15 ``pixel_mirror_features``    sum_l  |f_DN^l - f_PN^(N-l)|
    7, 8 ``pixel_mirror_output``      |p - p'|  (the smallest over r if p's scale is unknown)
    7, 9, Sec. 3.4 ``depixel_adversarial``      GAN(D_depixel(c_p))
    3 ``..._adversarial_forward``  GAN(D_depixel(c'))
    ours ``depixel_l1``               |A_r(c_p) - A_r(p)|  at p's scale (all r if unknown), A_r:
    cell means   13, 14 ``depixel_gradient``         the same pair
    13, 15 ``depixel_mirror_features``  sum_l  |f_GN^l - f_DN^(N-l)|
    4, 5 ``depixel_mirror_output``    |c - c'|
    4, 6 ``grid_isolation``           sum_r  cells of g_r unlike all eight around them
    ours ``pixel_isolation``          sum_r  the same of p_r
    ours ``depixel_reduced_output``   |c - DepixelNet(R_r(c))| / contrast, R_r: a plain reduction, r
    at random    ours ``depixel_drawn_output``     the same of drawings, in cells and smooth
    ours ``depixel_sprite_output``    the same of sprites, beside what xBR makes of them
    ours ===========================  ==================================================================  ============

    Equation 13 compares DepixelNet's output with its input "at scale r". Taken at cell means, it
    holds the colours; at full size it would hold the blocks too, and DepixelNet would learn to
    change nothing.

    Terms of weight 0 are not computed. Values are reported unweighted, so that a curve does not
    move with its weight.
    """

    def __init__(self, config: LossConfig) -> None:
        self.weights = {name: weight for name, weight in asdict(config.weights).items() if weight}
        self.gan_mode = config.gan_mode
        self.target = config.target

    @property
    def needs_backward_pass(self) -> bool:
        """Whether any term of direction B has a weight."""
        return not self.weights.keys() <= FORWARD_TERMS.union(PAIR_TERMS)

    @property
    def needs_forward_pass(self) -> bool:
        """Whether any term of direction F has a weight."""
        return not self.weights.keys().isdisjoint(FORWARD_TERMS)

    @property
    def needs_rec_cartoon(self) -> bool:
        """Whether any of them is DepixelNet's, so that direction F must go on to c'."""
        return any(term.startswith("depixel_") for term in self.weights.keys() & FORWARD_TERMS)

    @property
    def pair_terms(self) -> tuple[str, ...]:
        """The supervised terms that have a weight.

        Each is ``relative_l1`` of what DepixelNet makes of a pair's cells.
        """
        return tuple(term for term in PAIR_TERMS if term in self.weights)

    def total(self, terms: dict[str, Tensor]) -> Tensor:
        """Weighted sum of the terms.

        Raises:
            ValueError: a term has no weight, or a weight no term.
        """
        if terms.keys() != self.weights.keys():
            missing = ", ".join(sorted(terms.keys() ^ self.weights.keys()))
            raise ValueError(f"terms and weights of the objective do not match: {missing}")
        return sum(self.weights[name] * value for name, value in terms.items())

    def forward_terms(
        self, run: ForwardPass, d_grid: nn.Module, d_pixel: nn.Module, d_depixel: nn.Module
    ) -> dict[str, Tensor]:
        """Terms of direction F, each a scalar."""
        scales = tuple(run.refined)
        size = run.cartoon.shape[-2:]

        @cache
        def target(scale: Fraction) -> Tensor:
            return resize_to_grid(run.cartoon, grid_size(size, scale), self.target)

        @cache
        def painted(scale: Fraction) -> Tensor:
            return upsample_nearest(target(scale), size)

        def cells(scale: Fraction) -> Tensor:
            return resize_to_grid(run.refined[scale], grid_size(size, scale), "nearest")

        return self._weighted(
            grid_adversarial=lambda: sum(
                adversarial(d_grid(run.grids[r]), True, self.gan_mode) for r in scales
            ),
            grid_l1=lambda: sum(l1(run.grids[r], target(r)) for r in scales),
            grid_gradient=lambda: sum(gradient(run.grids[r], target(r)) for r in scales),
            pixel_adversarial=lambda: sum(
                adversarial(d_pixel(run.refined[r]), True, self.gan_mode) for r in scales
            ),
            pixel_l1=lambda: sum(l1(run.refined[r], painted(r)) for r in scales),
            pixel_gradient=lambda: sum(gradient(run.refined[r], painted(r)) for r in scales),
            depixel_adversarial_forward=lambda: adversarial(
                d_depixel(run.rec_cartoon), True, self.gan_mode
            ),
            depixel_mirror_features=lambda: mirror_features(run.reference, run.mirrored),
            depixel_mirror_output=lambda: l1(run.rec_cartoon, run.cartoon),
            grid_isolation=lambda: sum(isolation(run.grids[r]) for r in scales),
            pixel_isolation=lambda: sum(isolation(cells(r)) for r in scales),
        )

    def backward_terms(self, run: BackwardPass, d_depixel: nn.Module) -> dict[str, Tensor]:
        """Terms of direction B, each a scalar."""
        scales = tuple(run.rec_pixel_art)
        size = run.pixel_art.shape[-2:]
        native = {
            scale: resize_to_grid(run.pixel_art, grid_size(size, scale), "nearest")
            for scale in scales
        }
        errors = torch.stack(
            [l1(run.rec_pixel_art[r], run.pixel_art, per_sample=True) for r in scales]
        )
        smallest, chosen = errors.min(dim=0)

        @cache
        def means() -> list[list[Tensor]]:
            images = (run.cartoon, run.pixel_art)
            return [
                [resize_to_grid(image, grid.shape[-2:], "area") for image in images]
                for grid in native.values()
            ]

        def chosen_features() -> Tensor:
            each = torch.stack(
                [mirror_features(run.reference, run.mirrored[r], per_sample=True) for r in scales]
            )
            return each.gather(0, chosen.unsqueeze(0)).mean()

        return self._weighted(
            grid_backward_l1=lambda: sum(l1(run.grids[r], native[r]) for r in scales),
            grid_backward_gradient=lambda: sum(gradient(run.grids[r], native[r]) for r in scales),
            pixel_mirror_features=chosen_features,
            pixel_mirror_output=lambda: smallest.mean(),
            depixel_adversarial=lambda: adversarial(d_depixel(run.cartoon), True, self.gan_mode),
            depixel_l1=lambda: sum(l1(*pair) for pair in means()),
            depixel_gradient=lambda: sum(gradient(*pair) for pair in means()),
        )

    def discriminator_terms(
        self, network: nn.Module, real: list[Tensor], fake: list[Tensor]
    ) -> dict[str, Tensor]:
        """``real`` and ``fake`` of one discriminator (Eq. 10), each the mean over pairs of ``(B, 3,
        h, w)`` batches.
        """
        verdicts = {"real": (real, True), "fake": (fake, False)}
        return {
            name: sum(adversarial(network(images), verdict, self.gan_mode) for images in batches)
            / len(batches)
            for name, (batches, verdict) in verdicts.items()
        }

    def _weighted(self, **terms) -> dict[str, Tensor]:
        return {name: compute() for name, compute in terms.items() if name in self.weights}
