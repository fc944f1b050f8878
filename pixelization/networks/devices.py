"""Names of devices."""

import torch

from pixelization.errors import UserError


def resolve_device(device: str | torch.device) -> torch.device:
    """``auto``, ``cpu`` or ``cuda`` as a device; ``UserError`` for one that does not exist."""
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
