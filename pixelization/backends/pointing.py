"""Networks that point at real colours, in torch."""

import numpy as np
import torch

from pixelization.backends.grid import GridBackend
from pixelization.networks.devices import resolve_device
from pixelization.networks.planes import point_in_planes
from pixelization.networks.pointing import PointingCascade


class PointingBackend(GridBackend):
    """A :class:`~pixelization.backends.base.SpriteBackend` of torch.

    Args:
        networks: the generators; moved to ``device`` and put into evaluation mode.
        device: ``auto`` (the GPU if there is one), ``cpu`` or ``cuda``.

    Raises:
        UserError: there is no such device.
    """

    def __init__(self, networks: PointingCascade, device: str | torch.device = "auto") -> None:
        super().__init__(networks.reach, networks.depixelnet.reach)
        self.device = resolve_device(device)
        # Convolutions are faster in this layout. torch's stubs do not know the argument.
        self.networks: PointingCascade = networks.eval().to(  # type: ignore[call-overload]
            device=self.device, memory_format=torch.channels_last
        )

    @torch.inference_mode()
    def _point(self, inputs: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        tensors = {name: torch.from_numpy(each).to(self.device) for name, each in inputs.items()}
        made = point_in_planes(self.networks, **tensors)
        return made.grid.cpu().numpy(), made.refined.cpu().numpy()

    @torch.inference_mode()
    def _drawn(self, sprite: np.ndarray) -> np.ndarray:
        drawn = self.networks.depixelnet(torch.from_numpy(sprite).to(self.device))
        return np.asarray(drawn.cpu().numpy())
