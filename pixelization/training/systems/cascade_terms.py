"""The cascade's losses (Han et al. 2018, Sec. 3.3), and the tensors that they look at.

Direction F: c -> g_r -> p_r -> c'. Direction B: p -> c_p -> g_r -> p'. T_r is the input resized to
scale r, A_r its means over cells, R_r a plain reduction at one r that is drawn at random; f^l are
the features of block l. Sums over r are over all scales; in direction B over the scale of p, or
over all where it is unknown. Then the smallest error over r counts for each sample (Sec. 3.4).

Equations 1 to 3 give every network an objective of its own: a term trains one network, and images
are cut from the graph between networks. Equation 13 compares DepixelNet's output with its input "at
scale r". Taken at cell means, it holds the colours. At full size it would hold the blocks too, and
DepixelNet would learn to change nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import torch
from torch import Tensor, nn

from pixelization.cells.sizes import grid_size
from pixelization.networks.cascade import Cascade
from pixelization.networks.cells import size_of, upsample_nearest
from pixelization.networks.tensors import normalize
from pixelization.networks.translator import TranslatorOutput
from pixelization.training.data.pairs import Kind, make_pair
from pixelization.training.data.unpaired import Batch
from pixelization.training.losses.adversarial import AdversarialLoss
from pixelization.training.losses.objective import Adversarial, Term
from pixelization.training.losses.targets import resize_to_grid
from pixelization.training.losses.terms import (
    gradient,
    isolation,
    l1,
    mirror_features,
    relative_l1,
    sobel,
    summed,
)
from pixelization.training.systems.base import Randomness, Step
from pixelization.training.systems.passes import (
    BackwardPass,
    ForwardPass,
    backward_pass,
    forward_pass,
)


class RealPixelArt:
    """Domain B of one batch, as each network wants it, in [-1, 1].

    Attributes:
        grids: for each scale, sprites at 1 px per cell ``(B, 3, h, w)``: what D_grid takes for
            real.
        pictures: for each scale, pixel art at full size ``(B, 3, S, S)``: what D_pixel takes for
            real.
        known: whether the cell size of the pictures is known.
    """

    def __init__(self, batch: Batch, scales: Sequence[Fraction], device: torch.device) -> None:
        size = size_of(batch.cartoon)
        if batch.grids is not None:
            self.known = True
            self.grids = {
                r: normalize(grid.to(device)) for r, grid in zip(scales, batch.grids, strict=True)
            }
            self.pictures = {r: upsample_nearest(grid, size) for r, grid in self.grids.items()}
        elif batch.picture is not None:
            self.known = False
            picture = normalize(batch.picture.to(device))
            self.grids = {r: resize_to_grid(picture, grid_size(size, r), "nearest") for r in scales}
            self.pictures = dict.fromkeys(scales, picture)
        else:
            raise ValueError("the batch has neither grids nor a picture")


@dataclass(frozen=True)
class Comparison:
    """What images are compared with.

    Attributes:
        target: what L1 and gradient compare with, a method of
            :func:`~pixelization.training.losses.targets.resize_to_grid`.
        pixel_reference: what PixelNet's L1 and gradient compare with: ``cartoon``, resized, or
            ``grid``, GridNet's own.
        slopes: the gradient term: ``differences`` (Eq. 15) or ``sobel``.
        depixel_l1_at: where DepixelNet's L1 compares: ``cells``, at their means, or ``full`` size.
    """

    target: str
    pixel_reference: str
    slopes: str
    depixel_l1_at: str


class CascadeStep(Step):
    """One batch in both directions through the cascade; each pass is gone when a term looks at it.

    Args:
        cascade: the generators.
        judges, adversarial: see :class:`~pixelization.training.systems.base.Step`.
        comparison: what images are compared with.
        cartoon: c ``(B, 3, S, S)`` in [-1, 1].
        real: pixel art.
        randomness: chooses the scale whose refined image DepixelNet gets in direction F, the scale
            of p in direction B where its cell size is known, and all that is random in pairs.
    """

    def __init__(
        self,
        cascade: Cascade,
        judges: Mapping[str, nn.Module],
        adversarial: AdversarialLoss,
        *,
        comparison: Comparison,
        cartoon: Tensor,
        real: RealPixelArt,
        randomness: Randomness,
    ) -> None:
        super().__init__(judges, adversarial)
        self.cascade, self.comparison, self.cartoon, self.real = cascade, comparison, cartoon, real
        self.slopes = {"differences": gradient, "sobel": sobel}[comparison.slopes]
        self._shared, self._per_slot = randomness.shared(), randomness.per_slot()
        scales = cascade.scales
        self.depixelized, self.known_scale = (
            scales[int(self._shared.integers(len(scales)))] for _ in range(2)
        )
        self.size = size_of(cartoon)
        self._targets: dict[Fraction, Tensor] = {}

    def reals(self, judge: str) -> list[Tensor]:
        """See :class:`~pixelization.training.systems.base.Step`."""
        reals = {
            "grid": list(self.real.grids.values()),
            "pixel": list(self.real.pictures.values()),
            "depixel": [self.cartoon],
        }
        return reals[judge]

    @cached_property
    def forward(self) -> ForwardPass:
        """Direction F up to the refined images."""
        return forward_pass(self.cascade, self.cartoon)

    @cached_property
    def recovered(self) -> TranslatorOutput:
        """The end of direction F: c', and the blocks of DepixelNet."""
        return self.cascade.depixelnet(self.forward.refined[self.depixelized].detach())

    @cached_property
    def backward(self) -> BackwardPass:
        """Direction B."""
        scales = (self.known_scale,) if self.real.known else self.cascade.scales
        return backward_pass(self.cascade, self.real.pictures[self.known_scale], scales)

    @cached_property
    def cell_means(self) -> list[tuple[Tensor, Tensor]]:
        """A_r of c_p and of p, for each scale of direction B."""
        run = self.backward
        grids = [grid_size(self.size, scale) for scale in run.rec_pixel_art]
        return [
            (resize_to_grid(run.cartoon, grid, "area"), resize_to_grid(run.pixel_art, grid, "area"))
            for grid in grids
        ]

    @cached_property
    def smallest_error(self) -> tuple[Tensor, Tensor]:
        """|p - p'| of each sample ``(B,)``, the smallest over r, and the index of that r."""
        run = self.backward
        errors = [l1(image, run.pixel_art, per_sample=True) for image in run.rec_pixel_art.values()]
        smallest, chosen = torch.stack(errors).min(dim=0)
        return smallest, chosen

    def resized(self, scale: Fraction) -> Tensor:
        """T_r(c): ``(B, 3, h, w)``."""
        if scale not in self._targets:
            grid = grid_size(self.size, scale)
            self._targets[scale] = resize_to_grid(self.cartoon, grid, self.comparison.target)
        return self._targets[scale]

    def painted(self, scale: Fraction) -> Tensor:
        """What p_r is compared with: T_r(c) at full size, or the grid as it is."""
        grids = self.forward.grids
        fixed = self.comparison.pixel_reference == "grid" and scale in grids
        cells = grids[scale].detach() if fixed else self.resized(scale)
        return upsample_nearest(cells, self.size)

    def depixel_pairs(self) -> list[tuple[Tensor, Tensor]]:
        """c_p and p, at cell means for each scale of direction B, or at full size."""
        if self.comparison.depixel_l1_at == "full":
            return [(self.backward.cartoon, self.backward.pixel_art)]
        return self.cell_means

    def cells(self, image: Tensor, scale: Fraction) -> Tensor:
        """An image of flat cells at one pixel per cell."""
        return resize_to_grid(image, grid_size(self.size, scale), "nearest")

    def native(self) -> list[tuple[Tensor, Tensor]]:
        """g_r(c_p) and p at one pixel per cell, for each scale of direction B."""
        run = self.backward
        return [(grid, self.cells(run.pixel_art, scale)) for scale, grid in run.grids.items()]

    def chosen_features(self) -> Tensor:
        """The mirror loss of PixelNet's features, at the scale of the smallest error."""
        run, (_, chosen) = self.backward, self.smallest_error
        losses = [
            mirror_features(run.reference, mirrored, per_sample=True)
            for mirrored in run.mirrored.values()
        ]
        return torch.stack(losses).gather(0, chosen.unsqueeze(0)).mean()

    def supervised(self, kind: Kind) -> Tensor:
        """What DepixelNet makes of the cells of a pair, against the pair's smooth picture."""
        with torch.autocast(self.cartoon.device.type, enabled=False):
            cells, picture = make_pair(
                kind, self.cartoon, self.real.grids, self._shared, self._per_slot
            )
        image = self.cascade.depixelnet(upsample_nearest(cells, size_of(picture))).image
        return relative_l1(image, picture, cells)


# In the order of the passes: see Objective.
TERMS: tuple[Term[CascadeStep] | Adversarial[CascadeStep], ...] = (
    Adversarial(
        name="grid_adversarial",
        meaning="GridNet against d_grid",
        formula="sum_r GAN(D_grid(g_r))",
        source="Eq. 1, 10",
        trains="gridnet",
        judge="grid",
        fakes=lambda step: {f"grid_{r}": grid for r, grid in step.forward.grids.items()},
    ),
    Term(
        name="grid_l1",
        meaning="grid against the resized cartoon",
        formula="sum_r |g_r - T_r(c)|",
        source="Eq. 11, 14",
        trains="gridnet",
        compute=lambda step: summed(
            l1(grid, step.resized(r)) for r, grid in step.forward.grids.items()
        ),
    ),
    Term(
        name="grid_gradient",
        meaning="the same pair, differences of neighbours",
        formula="sum_r ||dx g_r| - |dx T_r(c)||, the same in y",
        source="Eq. 11, 15",
        trains="gridnet",
        compute=lambda step: summed(
            step.slopes(grid, step.resized(r)) for r, grid in step.forward.grids.items()
        ),
    ),
    Adversarial(
        name="pixel_adversarial",
        meaning="PixelNet against d_pixel",
        formula="sum_r GAN(D_pixel(p_r))",
        source="Eq. 2",
        trains="pixelnet",
        judge="pixel",
        fakes=lambda step: {f"pixel_{r}": image for r, image in step.forward.refined.items()},
    ),
    Term(
        name="pixel_l1",
        meaning="refined image against the resized cartoon",
        formula="sum_r |p_r - T_r(c)| at full size",
        source="Eq. 12, 14",
        trains="pixelnet",
        compute=lambda step: summed(
            l1(image, step.painted(r)) for r, image in step.forward.refined.items()
        ),
    ),
    Term(
        name="pixel_gradient",
        meaning="the same pair",
        formula="sum_r the same pairs, as grid_gradient",
        source="Eq. 12, 15",
        trains="pixelnet",
        compute=lambda step: summed(
            step.slopes(image, step.painted(r)) for r, image in step.forward.refined.items()
        ),
    ),
    Adversarial(
        name="depixel_adversarial_forward",
        meaning="DepixelNet against d_depixel, on reconstructed cartoons, which show what real "
        "ones show",
        formula="GAN(D_depixel(c'))",
        source="ours",
        trains="depixelnet",
        weight=0.0,
        judge="depixel",
        fakes=lambda step: {"depixel_forward": step.recovered.image},
    ),
    Term(
        name="depixel_mirror_features",
        meaning="blocks of GridNet against blocks of DepixelNet",
        formula="sum_l |f_GN^l - f_DN^(N-l)|",
        source="Eq. 4, 5; prints omega_l",
        trains="depixelnet",
        compute=lambda step: mirror_features(step.forward.reference, step.recovered.decoder),
    ),
    Term(
        name="depixel_mirror_output",
        meaning="cartoon against its reconstruction",
        formula="|c - c'|",
        source="Eq. 4, 6; prints omega_out",
        trains="depixelnet",
        compute=lambda step: l1(step.recovered.image, step.cartoon),
    ),
    Term(
        name="grid_isolation",
        meaning="GridNet's cells unlike all eight around them",
        formula="sum_r cells of g_r unlike all eight around them",
        source="ours",
        trains="gridnet",
        weight=0.0,
        compute=lambda step: summed(isolation(grid) for grid in step.forward.grids.values()),
    ),
    Term(
        name="pixel_isolation",
        meaning="and PixelNet's",
        formula="sum_r the same of p_r",
        source="ours",
        trains="pixelnet",
        weight=0.0,
        compute=lambda step: summed(
            isolation(step.cells(image, r)) for r, image in step.forward.refined.items()
        ),
    ),
    Term(
        name="grid_backward_l1",
        meaning="grid of the depixelized sprite against the sprite",
        formula="sum_r |g_r(c_p) - p|, p at 1 px a cell",
        source="Eq. 1, 14, direction B",
        trains="gridnet",
        compute=lambda step: summed(l1(grid, cells) for grid, cells in step.native()),
    ),
    Term(
        name="grid_backward_gradient",
        meaning="the same pair",
        formula="sum_r the same pair, as grid_gradient",
        source="Eq. 1, 15, direction B",
        trains="gridnet",
        compute=lambda step: summed(step.slopes(grid, cells) for grid, cells in step.native()),
    ),
    Term(
        name="pixel_mirror_features",
        meaning="blocks of DepixelNet against blocks of PixelNet",
        formula="sum_l |f_DN^l - f_PN^(N-l)|",
        source="Eq. 7, 8; prints omega_l",
        trains="pixelnet",
        compute=lambda step: step.chosen_features(),
    ),
    Term(
        name="pixel_mirror_output",
        meaning="sprite against its reconstruction",
        formula="|p - p'|",
        source="Eq. 7, 9; prints omega_out",
        trains="pixelnet",
        compute=lambda step: step.smallest_error[0].mean(),
    ),
    Adversarial(
        name="depixel_adversarial",
        meaning="DepixelNet against d_depixel, on depixelized sprites",
        formula="GAN(D_depixel(c_p))",
        source="Eq. 3",
        trains="depixelnet",
        judge="depixel",
        fakes=lambda step: {"depixel": step.backward.cartoon},
    ),
    Term(
        name="depixel_l1",
        meaning="depixelized sprite against the sprite",
        formula="sum_r |A_r(c_p) - A_r(p)|",
        source="Eq. 13, 14",
        trains="depixelnet",
        compute=lambda step: summed(l1(*pair) for pair in step.depixel_pairs()),
    ),
    Term(
        name="depixel_gradient",
        meaning="the same pair",
        formula="sum_r the same pair, as grid_gradient",
        source="Eq. 13, 15",
        trains="depixelnet",
        compute=lambda step: summed(step.slopes(*pair) for pair in step.cell_means),
    ),
    Term(
        name="depixel_reduced_output",
        meaning="cartoon against what DepixelNet makes of a plain reduction, relative to contrast",
        formula="|c - DepixelNet(R_r(c))| / contrast",
        source="ours",
        trains="depixelnet",
        weight=0.0,
        compute=lambda step: step.supervised("reduced"),
    ),
    Term(
        name="depixel_drawn_output",
        meaning="smooth drawing against what DepixelNet makes of the same drawing in cells",
        formula="the same of drawings, in cells and smooth",
        source="ours",
        trains="depixelnet",
        weight=0.0,
        compute=lambda step: step.supervised("drawn"),
    ),
    Term(
        name="depixel_sprite_output",
        meaning="what xBR makes of a sprite against what DepixelNet does; needs the extra "
        "baselines",
        formula="the same of sprites, beside what xBR makes of them",
        source="ours",
        trains="depixelnet",
        weight=0.0,
        compute=lambda step: step.supervised("enlarged"),
    ),
)
