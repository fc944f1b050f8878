"""Weights of networks that point: the file says what it holds."""

import json

import pytest
import torch

from pixelization.errors import UserError
from pixelization.networks.pointing import PointingCascade
from pixelization.networks.weights import load_weights
from tests.networks.test_weights import rewritten


def test_everything_comes_back(pointing_weights, pointing_networks):
    networks, metadata = load_weights(pointing_weights)
    assert isinstance(networks, PointingCascade) and metadata["name"] == "pointing"
    saved, loaded = pointing_networks.state_dict(), networks.state_dict()
    assert saved.keys() == loaded.keys()
    assert all(torch.equal(loaded[name], saved[name]) for name in saved)


def test_one_stage_alone(pointing_weights, tmp_path):
    config = json.loads(load_weights(pointing_weights)[1]["config"])
    path = rewritten(
        pointing_weights,
        tmp_path / "one.safetensors",
        tensors=lambda all_: {name: all_[name] for name in all_ if not name.startswith("pixelnet")},
        config=json.dumps(config | {"stages": "gridnet_alone"}),
    )
    networks, _ = load_weights(path)
    assert networks.pixelnet is None and networks.reach == networks.gridnet.reach


@pytest.mark.parametrize(
    "config, message",
    [
        ('{"networks": "other"}', "its configuration cannot be used"),
        ('{"networks": "pointing", "scales": ["1/4"]}', "its configuration cannot be used"),
        (
            '{"networks": "pointing", "gridnet": {"channels": 0}}',
            "its configuration cannot be used",
        ),
        (
            '{"networks": "pointing", "gridnet": {"widths": [8]}}',
            "its configuration cannot be used",
        ),
        ('{"networks": "pointing", "depixelizes": true}', "its configuration cannot be used"),
        ('{"networks": "pointing"}', "its tensors do not fit its configuration"),
        ("{}", "its tensors do not fit its configuration"),
    ],
)
def test_a_bad_file_is_one_line(config, message, pointing_weights, tmp_path):
    path = rewritten(pointing_weights, tmp_path / "odd.safetensors", config=config)
    with pytest.raises(UserError, match=f"odd.safetensors: {message}") as error:
        load_weights(path)
    assert "\n" not in str(error.value)
