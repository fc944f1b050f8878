"""The adversarial loss: what a generator wants to hear of its fakes, and a discriminator learns.

What is done to images before they are judged, and any further term of a discriminator, belongs
here: both sides must agree on it.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from pixelization.training.losses.terms import (
    adversarial,
    gradient_penalty,
    relativistic,
    summed,
)


class AdversarialLoss:
    """The loss of both sides (Han et al. 2018, Eq. 10).

    Args:
        mode: of :func:`~pixelization.training.losses.terms.adversarial`, or ``relativistic``, for
            discriminators with two heads and one batch of real images. Its means are over the
            images of a process, so several processes do not do what one does with all.
        penalty: weight of :func:`~pixelization.training.losses.terms.gradient_penalty` in the loss
            of a discriminator.
        shares: for the penalty, ``(B,)``; see there.
    """

    def __init__(self, mode: str, *, penalty: float = 0.0, shares: Tensor | None = None) -> None:
        self.mode, self.penalty, self.shares = mode, penalty, shares

    def of_generator(
        self, judge: nn.Module, fake: Tensor, reals: Callable[[], Sequence[Tensor]]
    ) -> Tensor:
        """How far ``judge`` is from taking ``fake (B, 3, h, w)`` for real: a scalar.

        Args:
            reals: gives what the judge takes for real; asked only if the loss compares.
        """
        if self.mode != "relativistic":
            return adversarial(judge(fake), True, self.mode)
        (real,) = reals()
        made = judge(fake)
        with torch.no_grad():
            true = judge(real)
        return (relativistic(made, true, real=True) + relativistic(true, made, real=False)) / 2

    def of_discriminator(
        self, judge: nn.Module, reals: Sequence[Tensor], fakes: Sequence[Tensor]
    ) -> dict[str, Tensor]:
        """What ``judge`` learns from batches ``(B, 3, h, w)``: scalars by their names in the log.

        ``real`` and ``fake`` are the mean over their batches.
        """
        if self.mode == "relativistic":
            ((real,), (fake,)) = reals, fakes
            true, made = judge(real), judge(fake)
            values = {
                "real": relativistic(true, made, real=True),
                "fake": relativistic(made, true, real=False),
            }
        else:
            verdicts = {"real": (reals, True), "fake": (fakes, False)}
            values = {
                name: summed(adversarial(judge(images), verdict, self.mode) for images in batches)
                / len(batches)
                for name, (batches, verdict) in verdicts.items()
            }
        if self.penalty and self.shares is not None:
            values["penalty"] = gradient_penalty(judge, reals[0], fakes[0], self.shares)
        return values

    def total(self, values: Mapping[str, Tensor]) -> Tensor:
        """What a discriminator descends on, of the values of :meth:`of_discriminator`.

        Real and fake are halved, as in CycleGAN. Adam does not see a constant factor, so this only
        says how much they count beside the penalty.
        """
        half = 0.5 * (values["real"] + values["fake"])
        return half + self.penalty * values["penalty"] if "penalty" in values else half
