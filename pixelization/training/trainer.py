"""The training step: players, optimizers, histories, and everything that must survive a kill.

It knows no network, no loss and no batch by name: these are the system's.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from pixelization.errors import UserError, is_lack_of_memory
from pixelization.training import distributed
from pixelization.training.image_pool import ImagePool
from pixelization.training.muon import Muon
from pixelization.training.schedules import AnySchedule
from pixelization.training.sections import OptimConfig
from pixelization.training.systems.base import Randomness, Step, System

MAX_OVERFLOWS = 20  # in a row


class Trainer:
    """Trains the generators and the discriminators of a system together, one step each a batch.

    All randomness of a step derives from (seed, step). With the data order, which derives from the
    same, a resumed run repeats an unbroken one bit for bit (on the CPU).

    Args:
        system: what is trained, on its device.
        optim: learning rates, clipping, histories and averaging.
        schedule: of the learning rates.
        batch_size: of the joint batch over all processes.
        seed: of everything random.
        rank, world_size: this process's place in a data parallel run.
        bf16: autocast the passes to bfloat16.

    Attributes:
        step: steps done.
        players: the networks that have an optimizer, ``G_<name>`` and ``D_<name>``.
        ema: the averaged generators.
        pools: histories of fakes, by the names that terms give them.
        rates: learning rates of the last step, ``lr/G`` and ``lr/D``.
    """

    def __init__(
        self,
        system: System,
        optim: OptimConfig,
        schedule: AnySchedule,
        *,
        batch_size: int,
        seed: int,
        rank: int = 0,
        world_size: int = 1,
        bf16: bool = False,
    ) -> None:
        self.system, self.optim, self.schedule = system, optim, schedule
        self.device, self.seed, self.bf16 = system.device, seed, bf16
        self.step = 0
        average = get_ema_multi_avg_fn(optim.ema_decay)
        self.ema = AveragedModel(system.generators, multi_avg_fn=average)
        self.ema.eval().requires_grad_(False)

        generators = {f"G_{name}": each for name, each in system.generators.named_children()}
        judges = {f"D_{name}": each for name, each in system.discriminators.named_children()}
        self.generators = list(generators)
        self.players: dict[str, nn.Module] = generators | judges
        self.overflows = dict.fromkeys(self.players, 0)  # steps that each has skipped in a row
        self.base_rates = dict.fromkeys(generators, optim.lr)
        self.base_rates |= dict.fromkeys(judges, optim.lr_discriminator)
        of_generators = Muon if optim.optimizer == "muon" else torch.optim.AdamW
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            name: (of_generators if name in generators else torch.optim.AdamW)(
                network.parameters(),
                lr=self.base_rates[name],
                betas=optim.betas,
                weight_decay=optim.weight_decay,
            )
            for name, network in self.players.items()
        }
        share = batch_size // world_size
        self.slots, self.batch_size = range(rank * share, (rank + 1) * share), batch_size
        self.pools: dict[str, ImagePool] = {}
        self.rates: dict[str, float] = {}

    def train_step(self, batch: Any) -> dict[str, float]:
        """One step of every player.

        Returns:
            Unweighted losses: ``loss/G/<term>`` and ``loss/D_<judge>/<verdict>``, means over all
            processes.

        Raises:
            UserError: a loss is not finite, or the gradients overflowed many times in a row.
        """
        factor = self.schedule.factor(self.step)
        self.rates = {"lr/G": self.optim.lr * factor, "lr/D": self.optim.lr_discriminator * factor}
        for name, optimizer in self.optimizers.items():
            optimizer.param_groups[0]["lr"] = self.base_rates[name] * factor
        step = self.system.step(batch, Randomness(self.seed, self.step, self.slots))
        losses = self._generators_step(step) | self._discriminators_step(step)
        self.ema.update_parameters(self.system.generators)
        self.step += 1
        return _means(losses)

    def _generators_step(self, step: Step) -> dict[str, Tensor]:
        objective = self.system.objective
        self.system.discriminators.requires_grad_(False)
        with self._autocast():
            terms = objective.compute(step)
            if objective.adaptive:
                objective.observe(_means(terms))
            total = objective.total(terms)
        losses = {f"loss/G/{name}": value for name, value in terms.items()}
        self._update(self.generators, total, losses)
        self.system.discriminators.requires_grad_(True)
        return losses

    def _discriminators_step(self, step: Step) -> dict[str, Tensor]:
        losses: dict[str, Tensor] = {}
        for judge, terms in self.system.objective.judged().items():
            fakes = [
                self._pool(name).query(images.float(), (self.seed, self.step))
                for term in terms
                for name, images in term.fakes(step).items()
            ]
            with self._autocast():
                verdicts = step.adversarial.of_discriminator(
                    step.judges[judge], step.reals(judge), fakes
                )
            named = {f"loss/D_{judge}/{name}": value for name, value in verdicts.items()}
            self._update([f"D_{judge}"], step.adversarial.total(verdicts), named)
            losses |= named
        return losses

    def _pool(self, name: str) -> ImagePool:
        """The history of that name; a new one when it is first asked for."""
        if name not in self.pools:
            self.pools[name] = ImagePool(
                self.optim.pool_size, slots=self.slots, joint_slots=self.batch_size
            )
        return self.pools[name]

    def _update(self, players: list[str], loss: Tensor, losses: Mapping[str, Tensor]) -> None:
        """Backward, average over the processes, clip, step.

        Args:
            losses: what ``loss`` is made of, for the message if it is not finite.
        """
        if not torch.isfinite(loss):
            bad = [name for name, value in losses.items() if not torch.isfinite(value)]
            raise UserError(
                f"training stopped at step {self.step}: not finite: "
                f"{', '.join(bad) or 'their sum'}; lower optim.lr or set optim.clip_norm"
            )
        for name in players:
            self.optimizers[name].zero_grad(set_to_none=True)
        loss.backward()
        parts = [list(self.players[name].parameters()) for name in players]
        for parameters in parts:
            distributed.average_gradients(parameters)
        if self.optim.clip == "joint":
            parts = [[parameter for part in parts for parameter in part]]
        norms = [
            nn.utils.clip_grad_norm_(part, self.optim.clip_norm or math.inf, foreach=True)
            for part in parts
        ]
        # Instance norm multiplies the gradient of a flat feature map by 1 / sqrt(eps) in every
        # layer: one blank image can overflow it although every loss is finite. Such a step is
        # skipped, as loss scalers do; many are an error.
        skipped = not all(torch.isfinite(norm) for norm in norms)
        for name in players:
            self.overflows[name] = self.overflows[name] + 1 if skipped else 0
            if not skipped:
                self.optimizers[name].step()
            elif self.overflows[name] > MAX_OVERFLOWS:
                raise UserError(
                    f"training stopped at step {self.step}: "
                    "gradients overflow in every step; lower optim.lr"
                )

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bf16)

    def state_dict(self) -> dict[str, Any]:
        """Everything a resumed run needs, as tensors and plain types.

        A collective call in a data parallel run.
        """
        pools: dict[str, dict[int, list[Tensor]]] = {name: {} for name in self.pools}
        for part in distributed.gather(
            {name: pool.state_dict() for name, pool in self.pools.items()}
        ):
            for name, buffers in part.items():
                pools[name] |= buffers
        return {
            "generators": self.system.generators.state_dict(),
            "ema": self.ema.state_dict(),
            "discriminators": self.system.discriminators.state_dict(),
            "optimizers": {name: each.state_dict() for name, each in self.optimizers.items()},
            "pools": pools,
            "overflows": dict(self.overflows),
            "means": dict(self.system.objective.means),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a checkpoint's state.

        Raises:
            UserError: the checkpoint belongs to other networks.
        """
        try:
            self.system.generators.load_state_dict(state["generators"])
            self.ema.load_state_dict(state["ema"])
            self.system.discriminators.load_state_dict(state["discriminators"])
            for name, optimizer in self.optimizers.items():
                _load_optimizer(optimizer, state["optimizers"][name])
            for name, buffers in state["pools"].items():
                self._pool(name).load_state_dict(buffers, self.device)
        except Exception as error:  # torch raises almost anything where a part is of another kind
            if is_lack_of_memory(error):
                raise
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise UserError(
                f"the checkpoint does not fit this configuration ({reason}): "
                "use the run's own, --cfg runs/NAME/config.yaml"
            ) from None
        self.overflows |= state["overflows"]
        self.system.objective.means |= state.get("means", {})  # older checkpoints have none
        self.step = state["step"]


def _means(losses: Mapping[str, Tensor]) -> dict[str, float]:
    """Scalars by name, as means over all processes."""
    values = torch.stack([value.detach().float() for value in losses.values()])
    return dict(zip(losses, distributed.mean(values).tolist(), strict=True))


def _load_optimizer(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Load the state of an optimizer, and check what torch would notice only in a step.

    Settings stay those of the configuration, which may have changed since.

    Raises:
        Exception: it is of another optimizer, or of other parameters.
    """
    settings = [dict(group) for group in optimizer.param_groups]
    optimizer.load_state_dict(state)
    if list(map(_kinds, optimizer.param_groups)) != list(map(_kinds, settings)):
        raise ValueError("an optimizer is of another kind")
    for group, own in zip(optimizer.param_groups, settings, strict=True):
        group.update(own)
    for parameter, values in optimizer.state.items():
        shapes = [tuple(value.shape) for value in values.values()]
        if set(shapes) - {(), tuple(parameter.shape)}:
            raise ValueError("an optimizer is of parameters of other shapes")


def _kinds(group: Mapping[str, Any]) -> dict[str, type]:
    return {key: type(value) for key, value in group.items()}
