"""Muon: kernels of convolutions are moved alike in all directions, everything else by Adam.

``torch.optim.Muon`` takes matrices only, and computes in bfloat16, which is slow on most CPUs.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
# Coefficients and the number of iterations are those of Keller Jordan's code.
STEPS = 5
A, B, C = 3.4445, -4.7750, 2.0315
RMS = 0.2  # of an update's values, less the learning rate: about that of Adam, says Moonlight


class Muon(torch.optim.AdamW):
    """AdamW for everything but kernels of convolutions, which follow orthogonalized momentum.

    Learning rates are those of Adam. The momentum of a kernel is a matrix, a row for each channel
    that comes out; of its singular values, all become about one. So rare directions learn, too.

    Args:
        parameters, lr, betas, weight_decay: see ``torch.optim.AdamW``.

    Source: Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"; the
    length of updates is from Liu et al. 2025, "Muon is Scalable for LLM Training", Sec. 2.2.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        lr: float,
        *,
        betas: tuple[float, float],
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr=lr, betas=betas, weight_decay=weight_decay)
        for group in self.param_groups:
            group["momentum"] = MOMENTUM  # tells states of Adam from those of Muon

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """See ``torch.optim.Optimizer``."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        kernels = [
            (group, kernel, kernel.grad)
            for group in self.param_groups
            for kernel in group["params"]
            if kernel.dim() == 4 and kernel.grad is not None
        ]
        for _group, kernel, _gradient in kernels:
            kernel.grad = None  # Adam passes over what has none
        super().step()
        for group, kernel, gradient in kernels:
            kernel.grad = gradient
            state = self.state[kernel]
            if not state:
                state["step"] = torch.tensor(0.0)  # Adam looks for it where a state is loaded
                state["momentum"] = torch.zeros_like(kernel)
            state["step"] += 1
            momentum = state["momentum"]
            momentum.lerp_(gradient, 1 - group["momentum"])
            change = orthogonalized(gradient.lerp(momentum, group["momentum"]).flatten(1))
            kernel.mul_(1 - group["lr"] * group["weight_decay"])
            scale = RMS * math.sqrt(max(change.shape))
            kernel.sub_(change.reshape(kernel.shape), alpha=group["lr"] * scale)
        return loss


def orthogonalized(matrix: Tensor) -> Tensor:
    """A matrix with its singular vectors, whose singular values are between about 0.7 and 1.2.

    Those that are far below a thousandth of all together stay smaller.

    Source: Newton-Schulz iteration with the coefficients of Jordan et al. 2024.
    """
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / (wide.norm() + 1e-7)
    for _ in range(STEPS):
        square = wide @ wide.T
        wide = A * wide + (B * square + C * square @ square) @ wide
    return wide if matrix.shape[0] <= matrix.shape[1] else wide.T
