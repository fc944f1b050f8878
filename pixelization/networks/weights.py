"""Released weights: one safetensors file with the generators and where they come from."""

import dataclasses
import importlib.resources
import json
import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from pixelization.errors import UserError
from pixelization.files import whole_file
from pixelization.networks.build import Networks, build_networks
from pixelization.networks.schema import DEFAULT_MODEL, NetworksConfig, model_from_dict

FORMAT = "pixelization/1"


def save_weights(
    path: str | Path,
    networks: Networks,
    *,
    config: NetworksConfig,
    name: str,
    step: int,
    data_sha256: str,
    licences: str,
    origin: dict[str, str] | None = None,
) -> None:
    """Write the generators in float32, whole or not at all; a file of that name is replaced.

    Args:
        path: file to write.
        networks: the generators, on any device.
        config: what they were built from; it says of which family they are.
        name: of the model.
        step: training steps.
        data_sha256: hash of the training images' names and pixels.
        licences: licences of the training data.
        origin: metadata of the weights that training began with: its steps are added, its data and
            licences stay on record.

    Raises:
        UserError: the file cannot be written.
    """
    path = Path(path)
    if origin:
        step += int(origin["step"])
        data_sha256, licences = (
            " + ".join(dict.fromkeys([*origin[key].split(" + "), value]))
            for key, value in (("data_sha256", data_sha256), ("licences", licences))
        )
    metadata = {
        "format": FORMAT,
        "name": name,
        "config": json.dumps(dataclasses.asdict(config)),
        "step": str(step),
        "data_sha256": data_sha256,
        "licences": licences,
    }
    tensors = {
        name: tensor.detach().float().cpu().contiguous()
        for name, tensor in networks.state_dict().items()
    }
    try:
        with whole_file(path, overwrite=True, durable=True) as temporary:
            save_file(tensors, temporary, metadata=metadata)
    except SafetensorError as error:
        raise UserError(f"{path}: cannot write the weights ({error})") from None


def load_weights(path: str | Path) -> tuple[Networks, dict[str, str]]:
    """Rebuild the generators from a file of ``save_weights``.

    Returns:
        The networks on the CPU, of the family that the file names, and the metadata: ``format``,
        ``name``, ``config`` (of the model, as JSON), ``step``, ``data_sha256``, ``licences``.

    Raises:
        UserError: the file is missing, damaged, of another format, or its tensors do not fit its
            configuration.
    """
    path = Path(path)
    # unlike Path.is_file, it takes a name that is too long for a missing file
    if not os.path.isfile(path):
        raise UserError(f"{path}: no such weights file")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name).float() for name in list(file.keys())}
    except (OSError, SafetensorError) as error:
        raise UserError(
            f"{path}: damaged, or not a safetensors file ({error}): download or export it again"
        ) from None
    if metadata.get("format") != FORMAT:
        found = metadata.get("format", "none")
        raise UserError(
            f"{path}: not weights of this version of pixelization: "
            f"expected format {FORMAT}, found {found}"
        )
    try:
        model = json.loads(metadata["config"])
        match model:
            # of older weights; GridNet has no up-blocks
            case {"gridnet": {"upsampling": _, **gridnet}}:
                model["gridnet"] = gridnet
        config = model_from_dict(model)
    except (KeyError, ValueError, UserError) as error:
        raise UserError(
            f"{path}: its configuration cannot be used ({error}): export it again"
        ) from None
    with torch.device("meta"):  # no memory, no random numbers: every tensor comes from the file
        networks = build_networks(config)
    _check_tensors(path, networks, tensors)
    networks.load_state_dict(tensors, assign=True)
    return networks, metadata


def pretrained_path(name: str = DEFAULT_MODEL) -> Path:
    """The file of a model that is shipped with the package.

    Raises:
        UserError: there is no model of that name; the message lists those that there are.
    """
    folder = Path(str(importlib.resources.files("pixelization"))) / "pretrained"
    shipped = {path.stem: path for path in sorted(folder.glob("*.safetensors"))}
    if name not in shipped:
        raise UserError(
            f"no model '{name}': choose one of {', '.join(shipped) or '(none is shipped)'}, "
            "or give a file"
        )
    return shipped[name]


def _check_tensors(path: Path, networks: Networks, tensors: dict[str, torch.Tensor]) -> None:
    """Raise ``UserError`` unless the tensors are exactly those of the networks.

    It names the first few that are not.
    """
    expected = {name: tuple(tensor.shape) for name, tensor in networks.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    problems = {
        "missing": sorted(expected.keys() - found.keys()),
        "unexpected": sorted(found.keys() - expected.keys()),
        "of another shape": sorted(
            name for name in expected.keys() & found.keys() if expected[name] != found[name]
        ),
    }
    listed = [
        f"{what}: {', '.join(names[:3])}" + ", ..." * (len(names) > 3)
        for what, names in problems.items()
        if names
    ]
    if listed:
        raise UserError(
            f"{path}: its tensors do not fit its configuration ({'; '.join(listed)}): "
            "export it again"
        )
