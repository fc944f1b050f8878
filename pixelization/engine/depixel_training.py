"""DepixelNet by itself, supervised: what it makes of sprites whose smooth pictures are known.

Half of the sprites are reductions of cartoons, the others are drawn (``data/drawings.py``). The other networks are left alone.
"""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from pixelization.config import Config, OptimConfig, config_from_dict
from pixelization.data import UnpairedData, normalize
from pixelization.data.drawings import draw_pair
from pixelization.engine.trainer import learning_rate_factor
from pixelization.errors import UserError
from pixelization.losses import resize_to_grid
from pixelization.models import Cascade, grid_size, upsample_nearest
from pixelization.weights import load_weights, save_weights

REDUCTIONS = ("area", "nearest", "stroke")
FADE = 0.2  # lowest contrast that half of the cartoons are brought to: details of sprites are often fainter
DRAWN = 2.0  # weight of the drawings; the cartoons' is 1
FLAT = 0.2  # added to the contrast that errors are divided by


class DepixelTrainer:
    """One optimisation step after another; all randomness of a step derives from (seed, step).

    Args:
        cascade: whose DepixelNet is trained.
        optim: learning rate, schedule in steps, clipping and EMA.
        seed: of everything random.

    Attributes:
        ema: exponential moving average of DepixelNet, in ``ema.module``.
        step: steps done.
    """

    def __init__(self, cascade: Cascade, optim: OptimConfig, *, seed: int) -> None:
        self.network, self.scales, self.optim, self.seed = cascade.depixelnet.train(), cascade.scales, optim, seed
        self.device = next(self.network.parameters()).device
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=optim.lr, betas=optim.betas)
        self.ema = AveragedModel(self.network, multi_avg_fn=get_ema_multi_avg_fn(optim.ema_decay))
        self.ema.requires_grad_(False)
        self.step = 0

    def train_step(self, cartoon: Tensor) -> dict[str, float]:
        """One step on ``cartoon (B, 3, S, S)``, uint8, and as many drawings.

        Returns:
            The losses ``reduced`` and ``drawn``, unweighted.

        Raises:
            UserError: the loss is not finite.
        """
        factor = learning_rate_factor(self.step, self.optim.constant, self.optim.decay)
        self.optimizer.param_groups[0]["lr"] = self.optim.lr * factor
        rng = np.random.default_rng((self.seed, self.step))
        terms = {
            "reduced": self._loss(*self._reduced(normalize(cartoon), rng)),
            "drawn": self._loss(*self._drawn(cartoon.shape, rng)),
        }
        loss = terms["reduced"] + DRAWN * terms["drawn"]
        if not torch.isfinite(loss):
            raise UserError(f"training stopped at step {self.step}: the loss is not finite; lower optim.lr")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.optim.clip_norm or float("inf"))
        if torch.isfinite(norm):  # a blank image can overflow the gradients of instance norm
            self.optimizer.step()
        self.ema.update_parameters(self.network)
        self.step += 1
        return {name: value.item() for name, value in terms.items()}

    def _reduced(self, cartoon: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Cells ``(B, 3, h, w)`` of a cartoon ``(B, 3, S, S)``, half of the time paler, and this cartoon."""
        contrast = np.where(rng.random(len(cartoon)) < 0.5, 1, rng.uniform(FADE, 1, len(cartoon)))
        mean = cartoon.mean((2, 3), keepdim=True)
        cartoon = mean + torch.tensor(contrast, dtype=cartoon.dtype)[:, None, None, None] * (cartoon - mean)
        method = REDUCTIONS[int(rng.integers(len(REDUCTIONS)))]
        return resize_to_grid(cartoon, grid_size(cartoon.shape[-2:], self._scale(rng)), method), cartoon

    def _drawn(self, shape: tuple[int, ...], rng: np.random.Generator) -> list[Tensor]:
        """Cells and smooth pictures of drawings as many and as large as ``shape`` says."""
        cells, _ = grid_size(shape[-2:], self._scale(rng))
        pairs = [draw_pair(cells, shape[-1], rng) for _ in range(shape[0])]
        return [normalize(torch.from_numpy(np.stack(images))) for images in zip(*pairs)]

    def _scale(self, rng: np.random.Generator) -> Fraction:
        """Large cells more often: most results are drawn at the largest."""
        return self.scales[int(rng.integers(len(self.scales), size=2).max())]

    def _loss(self, cells: Tensor, picture: Tensor) -> Tensor:
        cells, picture = cells.to(self.device), picture.to(self.device)
        return relative_l1(self.network(upsample_nearest(cells, picture.shape[-2:])).image, picture, cells)


def relative_l1(output: Tensor, picture: Tensor, cells: Tensor) -> Tensor:
    """Mean absolute difference, relative to the contrast of the 3 x 3 cells around.

    So a faint highlight counts as much as an outline; plain L1 leaves it as it is.

    Args:
        output, picture: ``(B, 3, H, W)`` in [-1, 1].
        cells: what the output was made of, ``(B, 3, h, w)``.
    """
    contrast = (F.max_pool2d(cells, 3, 1, 1) + F.max_pool2d(-cells, 3, 1, 1)).amax(1, keepdim=True)
    return ((output - picture).abs() * upsample_nearest(1 / (FLAT + contrast), picture.shape[-2:])).mean()


def train_depixelnet(config: Config, weights: Path, out: Path) -> Iterator[dict[str, float]]:
    """Train the DepixelNet of a weights file; everything else in the file stays as it is, bit for bit.

    Args:
        config: ``data``, ``optim`` and ``train`` count; the model is that of the weights.
        weights: file to start from.
        out: file to write, every ``train.save_every`` steps and at the end.

    Yields:
        The losses of every ``train.log_every`` steps, means.

    Raises:
        UserError: the data, a file or the loss is wrong.
    """
    cascade, metadata = load_weights(weights)
    data = UnpairedData(config.data, scales=cascade.scales, seed=config.train.seed)
    trainer = DepixelTrainer(cascade, config.optim, seed=config.train.seed)
    steps, recent = config.optim.constant + config.optim.decay, []
    for batch in tqdm(data.loader(batch_size=config.train.batch_size, start_step=0, steps=steps), total=steps, unit="step"):
        recent.append(trainer.train_step(batch.cartoon))
        if trainer.step % config.train.save_every == 0 or trainer.step == steps:
            save_weights(
                out,
                Cascade(cascade.gridnet, cascade.pixelnet, trainer.ema.module, scales=cascade.scales),
                config=config_from_dict({"model": json.loads(metadata["config"])}).model,
                name=metadata["name"],
                step=int(metadata["step"]) + trainer.step,
                data_sha256=data.sha256,
                licences=config.data.licences,
            )
        if trainer.step % config.train.log_every == 0:
            yield {name: sum(losses[name] for losses in recent) / len(recent) for name in recent[0]}
            recent = []
