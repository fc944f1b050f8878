"""The adversarial loss: what a generator wants to hear of its fakes, and a discriminator learns.

What is done to images before they are judged, and any further term of a discriminator, belongs
here: both sides must agree on it.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from pixelization.training.losses.terms import adversarial, summed


class AdversarialLoss:
    """The loss of both sides (Han et al. 2018, Eq. 10).

    Args:
        mode: of :func:`~pixelization.training.losses.terms.adversarial`.
    """

    def __init__(self, mode: str) -> None:
        self.mode = mode

    def of_generator(self, judge: nn.Module, fake: Tensor) -> Tensor:
        """How far ``judge`` is from taking ``fake (B, 3, h, w)`` for real: a scalar."""
        return adversarial(judge(fake), True, self.mode)

    def of_discriminator(
        self, judge: nn.Module, reals: Sequence[Tensor], fakes: Sequence[Tensor]
    ) -> dict[str, Tensor]:
        """What ``judge`` learns from batches ``(B, 3, h, w)``: scalars by their names in the log.

        Each is the mean over its batches. The trainer adds them up, and halves the sum.
        """
        verdicts = {"real": (reals, True), "fake": (fakes, False)}
        return {
            name: summed(adversarial(judge(images), verdict, self.mode) for images in batches)
            / len(batches)
            for name, (batches, verdict) in verdicts.items()
        }
