"""A CycleGAN in torch: full-size pixel art, of which the majority vote makes a sprite."""

import numpy as np
import torch

from pixelization.backends.whole import Direction, WholeImageBackend
from pixelization.networks.cyclegan import CycleGAN
from pixelization.networks.devices import resolve_device


class CycleGANBackend(WholeImageBackend):
    """A :class:`~pixelization.backends.base.Backend` of torch.

    Args:
        networks: the generators; moved to ``device`` and put into evaluation mode.
        device: ``auto`` (the GPU if there is one), ``cpu`` or ``cuda``.

    Raises:
        UserError: there is no such device.
    """

    def __init__(self, networks: CycleGAN, device: str | torch.device = "auto") -> None:
        super().__init__(*networks.scales, networks.local, networks.edges)
        self.device = resolve_device(device)
        self.networks = networks.eval().to(self.device)

    @torch.inference_mode()
    def _translated(self, direction: Direction, images: np.ndarray) -> np.ndarray:
        translate = getattr(self.networks, direction)
        return np.asarray(translate(torch.from_numpy(images).to(self.device)).cpu().numpy())
