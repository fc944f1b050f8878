"""The networks in torch, on the CPU or a GPU."""

from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from pixelization.backends.base import Grids, check_images, check_scale
from pixelization.backends.cyclegan import CycleGANBackend
from pixelization.backends.pointing import PointingBackend
from pixelization.networks.build import Networks
from pixelization.networks.cascade import Cascade
from pixelization.networks.cyclegan import CycleGAN
from pixelization.networks.devices import resolve_device
from pixelization.networks.tensors import to_arrays, to_tensor


def torch_backend(
    networks: Networks, device: str | torch.device = "auto"
) -> "TorchBackend | PointingBackend | CycleGANBackend":
    """The backend for networks of any family.

    Args:
        networks, device: of the backends.

    Raises:
        UserError: there is no such device.
    """
    if isinstance(networks, Cascade):
        return TorchBackend(networks, device)
    if isinstance(networks, CycleGAN):
        return CycleGANBackend(networks, device)
    return PointingBackend(networks, device)


class TorchBackend:
    """A :class:`~pixelization.backends.base.Backend` of torch.

    Args:
        cascade: the generators; moved to ``device`` and put into evaluation mode.
        device: ``auto`` (the GPU if there is one), ``cpu`` or ``cuda``.

    Raises:
        UserError: there is no such device.
    """

    def __init__(self, cascade: Cascade, device: str | torch.device = "auto") -> None:
        self.device = resolve_device(device)
        # Convolutions are faster in this layout. torch's stubs do not know the argument.
        self.cascade: Cascade = cascade.eval().to(  # type: ignore[call-overload]
            device=self.device, memory_format=torch.channels_last
        )

    @property
    def scales(self) -> tuple[Fraction, ...]:
        return self.cascade.scales

    @property
    def tileable(self) -> bool:
        return True

    @torch.inference_mode()
    def pixelize(self, images: np.ndarray, scale: Fraction) -> Grids:
        check_images(images)
        check_scale(scale, self.scales)
        output = self.cascade.pixelize(self._tensor(images), scale)
        return Grids(to_arrays(output.grid), to_arrays(output.refined))

    @torch.inference_mode()
    def depixelize(self, images: np.ndarray) -> np.ndarray:
        check_images(images)
        return to_arrays(self.cascade.depixelnet(self._tensor(images)).image)

    def _tensor(self, images: np.ndarray) -> Tensor:
        return to_tensor(images).to(self.device).contiguous(memory_format=torch.channels_last)
