"""The training step, the loop around it, and everything that must survive a kill."""

import math
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from pixelization.errors import UserError
from pixelization.networks.cascade import Cascade
from pixelization.networks.cells import upsample_nearest
from pixelization.networks.tensors import normalize
from pixelization.training import distributed
from pixelization.training.config import OptimConfig
from pixelization.training.data.loader import Batch
from pixelization.training.data.pairs import make_pairs
from pixelization.training.image_pool import ImagePool
from pixelization.training.losses.objective import Objective
from pixelization.training.losses.terms import relative_l1
from pixelization.training.systems.cascade import RealPixelArt
from pixelization.training.systems.passes import (
    BackwardPass,
    ForwardPass,
    backward_pass,
    forward_pass,
)

MAX_OVERFLOWS = 20  # in a row


def learning_rate_factor(step: int, constant: int, decay: int) -> float:
    """1 for ``constant`` steps, then linearly to 0 over ``decay`` steps (Han et al. 2018, Sec.
    3.4).
    """
    return 1.0 if step < constant else max(0.0, 1.0 - (step - constant) / max(1, decay))


class Trainer:
    """Trains the three generators and their three discriminators together, one step per player and
    batch.

    All randomness of a step derives from (seed, step); with the data order, which derives from the
    same, a resumed run repeats an unbroken one bit for bit (on the CPU).

    Args:
        cascade: the generators, on their device.
        discriminators: ``grid``, ``pixel`` and ``depixel``, on the same device.
        objective: the losses.
        optim: learning rates, schedule, clipping, pool and EMA.
        constant, decay: the schedule in steps.
        batch_size: of the joint batch over all processes.
        seed: of everything random.
        rank, world_size: this process's place in a data parallel run.
        bf16: autocast the passes to bfloat16.
    """

    def __init__(
        self,
        cascade: Cascade,
        discriminators: dict[str, nn.Module],
        objective: Objective,
        optim: OptimConfig,
        *,
        constant: int,
        decay: int,
        batch_size: int,
        seed: int,
        rank: int = 0,
        world_size: int = 1,
        bf16: bool = False,
    ) -> None:
        self.cascade, self.objective, self.optim = cascade, objective, optim
        self.discriminators = nn.ModuleDict(discriminators)
        self.device = next(cascade.parameters()).device
        self.constant, self.decay, self.seed, self.bf16 = constant, decay, seed, bf16
        self.step = 0
        self.ema = AveragedModel(cascade, multi_avg_fn=get_ema_multi_avg_fn(optim.ema_decay))
        self.ema.eval().requires_grad_(False)

        generators = {f"G_{name}": network for name, network in cascade.named_children()}
        judges = {f"D_{name}": network for name, network in self.discriminators.items()}
        self.players = {**generators, **judges}
        self.overflows = dict.fromkeys(self.players, 0)  # steps that each has skipped in a row
        self.base_rates = dict.fromkeys(generators, optim.lr) | dict.fromkeys(
            judges, optim.lr_discriminator
        )
        self.optimizers = {
            name: torch.optim.Adam(
                network.parameters(), lr=self.base_rates[name], betas=optim.betas
            )
            for name, network in self.players.items()
        }
        share = batch_size // world_size
        self.slots = slots = range(rank * share, (rank + 1) * share)
        pools = [f"{kind}_{scale}" for kind in ("grid", "pixel") for scale in cascade.scales] + [
            "depixel",
            "depixel_forward",
        ]
        self.pools = {
            name: ImagePool(optim.pool_size, slots=slots, joint_slots=batch_size) for name in pools
        }

    @property
    def total_steps(self) -> int:
        """Steps after which the learning rate is zero and training ends."""
        return self.constant + self.decay

    def train_step(self, batch: Batch) -> dict[str, float]:
        """One step of every player.

        Returns:
            Unweighted losses: ``loss/G/<term>`` and ``loss/D_<network>/real|fake``, means over all
                processes.

        Raises:
            UserError: a loss is not finite, or the gradients overflowed many times in a row.
        """
        factor = learning_rate_factor(self.step, self.constant, self.decay)
        for name, optimizer in self.optimizers.items():
            optimizer.param_groups[0]["lr"] = self.base_rates[name] * factor
        cartoon = normalize(batch.cartoon.to(self.device))
        real = RealPixelArt(batch, self.cascade.scales, self.device)

        self.discriminators.requires_grad_(False)
        forward, backward, terms = self._generators_step(cartoon, real)
        self.discriminators.requires_grad_(True)
        terms |= self._discriminators_step(cartoon, forward, backward, real)

        self.ema.update_parameters(self.cascade)
        self.step += 1
        names, values = (
            list(terms),
            torch.stack([value.detach().float() for value in terms.values()]),
        )
        return dict(zip(names, distributed.mean(values).tolist()))

    def _generators_step(self, cartoon: Tensor, real: RealPixelArt):
        rng = np.random.default_rng((self.seed, self.step))
        scales = self.cascade.scales
        depixelized, known_scale = (scales[int(rng.integers(len(scales)))] for _ in range(2))
        slots = [np.random.default_rng((self.seed, self.step, slot, 2)) for slot in self.slots]
        pairs = make_pairs(self.objective.pair_terms, cartoon, real.grids, scales, rng, slots)
        forward = backward = None
        terms: dict[str, Tensor] = {}
        with self._autocast():
            if self.objective.needs_forward_pass:
                forward = forward_pass(
                    self.cascade, cartoon, depixelized if self.objective.needs_rec_cartoon else None
                )
                judges = [self.discriminators[name] for name in ("grid", "pixel", "depixel")]
                terms |= self.objective.forward_terms(forward, *judges)
            if self.objective.needs_backward_pass:
                backward = backward_pass(
                    self.cascade,
                    real.pictures[known_scale],
                    (known_scale,) if real.known else scales,
                )
                terms |= self.objective.backward_terms(backward, self.discriminators["depixel"])
            for name, (cells, picture) in pairs.items():
                image = self.cascade.depixelnet(upsample_nearest(cells, picture.shape[-2:])).image
                terms[name] = relative_l1(image, picture, cells)
            total = self.objective.total(terms)
        terms = {f"loss/G/{name}": value for name, value in terms.items()}
        self._update([name for name in self.players if name.startswith("G_")], total, terms)
        return forward, backward, terms

    def _discriminators_step(
        self,
        cartoon: Tensor,
        forward: ForwardPass | None,
        backward: BackwardPass | None,
        real: RealPixelArt,
    ) -> dict[str, Tensor]:
        weights, key = self.objective.weights, (self.seed, self.step)
        pairs: dict[str, tuple[list[Tensor], list[Tensor]]] = {}
        if "grid_adversarial" in weights:
            fakes = [
                self.pools[f"grid_{r}"].query(grid.float(), key)
                for r, grid in forward.grids.items()
            ]
            pairs["grid"] = (list(real.grids.values()), fakes)
        if "pixel_adversarial" in weights:
            fakes = [
                self.pools[f"pixel_{r}"].query(image.float(), key)
                for r, image in forward.refined.items()
            ]
            pairs["pixel"] = (list(real.pictures.values()), fakes)
        smooth = []
        if "depixel_adversarial" in weights:
            smooth.append(self.pools["depixel"].query(backward.cartoon.float(), key))
        if "depixel_adversarial_forward" in weights:
            smooth.append(self.pools["depixel_forward"].query(forward.rec_cartoon.float(), key))
        if smooth:
            pairs["depixel"] = ([cartoon], smooth)
        reported = {}
        for name, (reals, fakes) in pairs.items():
            with self._autocast():
                verdicts = self.objective.discriminator_terms(
                    self.discriminators[name], reals, fakes
                )
            terms = {f"loss/D_{name}/{verdict}": value for verdict, value in verdicts.items()}
            # Halved, as in CycleGAN: a discriminator learns at half the generators' pace.
            self._update([f"D_{name}"], 0.5 * sum(terms.values()), terms)
            reported |= terms
        return reported

    def _update(self, players: list[str], loss: Tensor, terms: dict[str, Tensor]) -> None:
        """Backward, average over the processes, clip, step."""
        if not torch.isfinite(loss):
            bad = (
                ", ".join(name for name, value in terms.items() if not torch.isfinite(value))
                or "their sum"
            )
            raise UserError(
                f"training stopped at step {self.step}: not finite: {bad}; lower optim.lr or set optim.clip_norm"
            )
        for name in players:
            self.optimizers[name].zero_grad(set_to_none=True)
        loss.backward()
        norms = []
        for name in players:
            parameters = list(self.players[name].parameters())
            distributed.average_gradients(parameters)
            norms.append(
                nn.utils.clip_grad_norm_(parameters, self.optim.clip_norm or math.inf, foreach=True)
            )
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
                    f"training stopped at step {self.step}: gradients overflow in every step; lower optim.lr"
                )

    def _autocast(self):
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bf16)

    def fit(
        self, loader, after_step: Callable[[dict[str, float]], None], *, max_minutes: float = 0.0
    ) -> bool:
        """Train on ``loader`` until it ends or the wall-clock budget is spent.

        Args:
            after_step: called after every step with its losses: logging, sampling and saving live
                there.

        Returns:
            Whether training is complete.
        """
        deadline = time.monotonic() + 60 * max_minutes if max_minutes else math.inf
        for batch in loader:
            after_step(self.train_step(batch))
            if distributed.any_process(time.monotonic() > deadline, self.device):
                break
        return self.step >= self.total_steps

    def state_dict(self) -> dict:
        """Everything a resumed run needs, as tensors and plain types.

        A collective call in a data parallel run.
        """
        pools = {name: {} for name in self.pools}
        for part in distributed.gather(
            {name: pool.state_dict() for name, pool in self.pools.items()}
        ):
            for name, buffers in part.items():
                pools[name] |= buffers
        return {
            "cascade": self.cascade.state_dict(),
            "ema": self.ema.state_dict(),
            "discriminators": self.discriminators.state_dict(),
            "optimizers": {
                name: optimizer.state_dict() for name, optimizer in self.optimizers.items()
            },
            "pools": pools,
            "overflows": dict(self.overflows),
        }

    def load_state_dict(self, state: dict) -> None:
        """Continue from a checkpoint's state.

        Raises:
            UserError: the checkpoint belongs to other networks.
        """
        try:
            self.cascade.load_state_dict(state["cascade"])
            self.ema.load_state_dict(state["ema"])
            self.discriminators.load_state_dict(state["discriminators"])
            for name, optimizer in self.optimizers.items():
                optimizer.load_state_dict(state["optimizers"][name])
            for name, pool in self.pools.items():
                pool.load_state_dict(state["pools"][name], self.device)
        except (RuntimeError, KeyError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise UserError(
                f"the checkpoint does not fit this configuration ({reason}): use the run's own config"
            ) from None
        self.overflows |= state.get("overflows", {})  # older checkpoints have none
        self.step = state["step"]
