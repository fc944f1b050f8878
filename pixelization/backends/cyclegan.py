"""A CycleGAN in torch: full-size pixel art, of which the majority vote makes a sprite."""

from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from pixelization.backends.base import Grids, check_images, check_scale
from pixelization.cells.sizes import grid_size
from pixelization.networks.cells import size_of, upsample_nearest
from pixelization.networks.cyclegan import CycleGAN
from pixelization.networks.devices import resolve_device
from pixelization.networks.edges import edge_maps
from pixelization.networks.tensors import to_arrays, to_tensor


class CycleGANBackend:
    """A :class:`~pixelization.backends.base.Backend` of torch.

    A CycleGAN has no grid of its own: its grids are the centre pixels of the cells.

    Args:
        networks: the generators; moved to ``device`` and put into evaluation mode.
        device: ``auto`` (the GPU if there is one), ``cpu`` or ``cuda``.

    Raises:
        UserError: there is no such device.
    """

    def __init__(self, networks: CycleGAN, device: str | torch.device = "auto") -> None:
        self.device = resolve_device(device)
        self.networks = networks.eval().to(self.device)

    @property
    def scales(self) -> tuple[Fraction, ...]:
        return self.networks.scales

    @property
    def tileable(self) -> bool:
        return self.networks.local

    @torch.inference_mode()
    def pixelize(self, images: np.ndarray, scale: Fraction) -> Grids:
        check_images(images)
        check_scale(scale, self.scales)
        made = self.networks.pixelize(self._tensor(edge_maps(images, self.networks.edges)))
        grids = upsample_nearest(made, grid_size(size_of(made), scale))
        return Grids(to_arrays(grids), to_arrays(made))

    @torch.inference_mode()
    def depixelize(self, images: np.ndarray) -> np.ndarray:
        check_images(images)
        return to_arrays(self.networks.depixelize(self._tensor(images)))

    def _tensor(self, images: np.ndarray) -> Tensor:
        return to_tensor(images).to(self.device)
