"""Names of devices."""

import torch

from pixelization.errors import UserError


def resolve_device(device: str | torch.device) -> torch.device:
    """A device by its name.

    Args:
        device: ``auto`` (the GPU if there is one), ``cpu``, ``cuda``, or a device of torch.

    Raises:
        UserError: there is no such device.
    """
    available = torch.cuda.is_available()
    if device == "auto":
        return torch.device("cuda" if available else "cpu")
    try:
        device = torch.device(device)
    except RuntimeError:
        raise UserError(f"device '{device}' is not known: choose 'cpu', 'cuda' or 'auto'") from None
    if device.type == "cuda" and not available:
        raise UserError(
            "device 'cuda' is not available: choose 'cpu' or 'auto', or install a torch with CUDA"
        )
    return device
