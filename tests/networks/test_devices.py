"""Names of devices."""

import pytest
import torch

from pixelization.errors import UserError
from pixelization.networks.devices import resolve_device


def test_devices():
    assert resolve_device("cpu") == torch.device("cpu")
    assert resolve_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    for device in ("gpu", "cuda:x", ""):
        with pytest.raises(UserError, match=f"device '{device}' is not known: choose"):
            resolve_device(device)


@pytest.mark.skipif(torch.cuda.is_available(), reason="cuda is available here")
def test_cuda_where_there_is_none():
    with pytest.raises(UserError, match="device 'cuda' is not available"):
        resolve_device("cuda")
