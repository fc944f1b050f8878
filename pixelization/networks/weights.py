"""Released weights: one safetensors file with the generators and where they come from.

A checksum in the file's metadata is of the whole file, its own digits taken as zeros: one bit that
differs is noticed. Files of 0.1.0 and before have none, and load without one.
"""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn
from torch.overrides import TorchFunctionMode

from pixelization.errors import UserError, advice
from pixelization.files import read_whole, whole_file
from pixelization.json_text import parse_json
from pixelization.networks.build import Networks, build_networks, count_blocks
from pixelization.networks.published import SUFFIX, load_published
from pixelization.networks.schema import NetworksConfig, TurboConfig, model_from_dict
from pixelization.networks.sealing import BLANK, is_whole, sealed
from pixelization.networks.shipped import DEFAULT_MODEL, PRETRAINED
from pixelization.networks.turbo import build_turbo

FORMAT = "pixelization/1"
CHECKSUM = "sha256"  # key of the metadata
UNKNOWN = "unknown"  # data and licences of a file that does not say
KEYS = frozenset({"format", "name", "config", "step", "data_sha256", "licences", CHECKSUM})
"""Of the metadata. A flipped bit could make the checksum's key another one, so others are errors.
"""


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

    Equal networks and arguments make equal files.

    Args:
        path: file to write.
        networks: the generators, on any device.
        config: what they were built from; it says of which family they are.
        name: of the model.
        step: training steps.
        data_sha256: hash of the training images' names and pixels.
        licences: licences of the training data.
        origin: metadata of the weights that training began with, see :func:`check_origin`: its
            steps are added, its data and licences stay on record.

    Raises:
        UserError: the file cannot be written.
    """
    if origin:
        step += int(origin["step"])
        data_sha256, licences = (
            " + ".join(dict.fromkeys([*origin[key].split(" + "), value]))
            for key, value in (("data_sha256", data_sha256), ("licences", licences))
        )
    metadata = _metadata_of(config, name, step, data_sha256, licences)
    tensors = {
        name: tensor.detach().float().cpu().contiguous()
        for name, tensor in networks.state_dict().items()
    }
    _write(Path(path), tensors, metadata)


def _metadata_of(
    config: NetworksConfig, name: str, step: int, data_sha256: str, licences: str
) -> dict[str, str]:
    return {
        "format": FORMAT,
        "name": name,
        "config": json.dumps(dataclasses.asdict(config)),
        "step": str(step),
        "data_sha256": data_sha256,
        "licences": licences,
    }


def load_weights(path: str | Path) -> tuple[Networks, dict[str, str]]:
    """Rebuild the generators from a file of ``save_weights``.

    A ``.pth`` file is taken for a generator of pytorch-CycleGAN-and-pix2pix: see
    :mod:`pixelization.networks.published`.

    Returns:
        The networks on the CPU, in evaluation mode, of the family that the file names, and the
        metadata: ``format``, ``name``, ``config`` (of the model, as JSON), ``step``,
        ``data_sha256``, ``licences``, and ``sha256`` where the file has a checksum.

    Raises:
        UserError: the file cannot be read, is damaged or of another format, its tensors do not fit
            its configuration, or a number in it is infinite or none.
    """
    path = Path(path)
    if path.suffix == SUFFIX:
        published, settings = load_published(path)
        return published.eval(), _metadata_of(settings, path.stem, 0, UNKNOWN, UNKNOWN)
    tensors, metadata = _read(path)
    try:
        model = parse_json(metadata["config"])
        match model:
            # of older weights; GridNet has no up-blocks
            case {"gridnet": {"upsampling": _, **gridnet}}:
                model["gridnet"] = gridnet
        config = model_from_dict(model)
    except (KeyError, ValueError, UserError) as error:
        raise UserError(
            f"{path}: its configuration cannot be used ({error}): export it again"
        ) from None
    blocks = count_blocks(config)
    if blocks > len(tensors):  # said before they are built: a few bytes can ask for many
        raise UserError(
            f"{path}: its tensors do not fit its configuration "
            f"({blocks} blocks, but {len(tensors)} tensors): export it again"
        )
    networks = _empty(config)
    tensors = _of_today(tensors, networks)
    _check_tensors(path, networks, tensors)
    networks.load_state_dict(tensors, assign=True)
    return networks.eval(), metadata


def check_origin(path: str | Path, metadata: dict[str, str]) -> None:
    """Check that training can begin with weights and record where it began.

    Args:
        path: of the weights, for the message.
        metadata: of the weights, as :func:`load_weights` returns it.

    Raises:
        UserError: steps, data or licences are missing, or the steps are no whole number.
    """
    for key in ("step", "data_sha256", "licences"):
        if key not in metadata:
            raise UserError(f"{path}: its metadata have no '{key}': export it again")
    step = metadata["step"]
    if not (step.isascii() and step.isdecimal() and len(step) < 20):
        raise UserError(
            f"{path}: its metadata say step {step[:40]!r}, which is no number of steps: "
            "export it again"
        )


def add_checksum(path: str | Path) -> None:
    """Write a weights file anew, with a checksum; its tensors stay bit for bit.

    Raises:
        UserError: it cannot be loaded or written.
    """
    path = Path(path)
    load_weights(path)  # only what is whole gets one
    data = read_whole(path)
    metadata = _metadata(data)
    metadata.pop(CHECKSUM, None)
    _write(path, load(data), metadata)


def _of_today(tensors: dict[str, torch.Tensor], networks: Networks) -> dict[str, torch.Tensor]:
    """Tensors of older weights as the networks have them now.

    Heads that point had one place more, the last but one, of main colours of the picture.
    """
    tensors = dict(tensors)
    for name, now in networks.state_dict().items():
        found = tensors.get(name, now)
        if name.endswith(".head.place") and found.shape == (len(now) + 1, *now.shape[1:]):
            tensors[name] = torch.cat([found[:-2], found[-1:]])
    return tensors


def _empty(config: NetworksConfig) -> Networks:
    """Networks whose tensors are to come from a file."""
    if isinstance(config, TurboConfig):  # the frozen ones come from the user's folder
        with torch.random.fork_rng(devices=[]):
            return build_turbo(config, texts=False)
    # no memory, no random numbers
    with torch.device("meta"), _Unfilled():
        return build_networks(config)


class _Unfilled(TorchFunctionMode):
    """Draws no normal numbers. On the device "meta" there is nothing to fill, and a draw there
    imports torch's compiler, which takes longer than everything else that is done here.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func is nn.init.normal_:
            return kwargs["tensor"]
        return func(*args, **kwargs)


def _write(path: Path, tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    """Write a file with a checksum, whole or not at all."""
    data = save(tensors, metadata | {CHECKSUM: BLANK})
    length = _header_length(data)
    header = json.loads(data[8:length])
    # The library has no order of its own.
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # tensors begin at a multiple of eight bytes
    data = len(text).to_bytes(8, "little") + text + data[length:]
    with whole_file(path, overwrite=True, durable=True) as temporary:
        temporary.write_bytes(sealed(data, _entry))


def _read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Tensors in float32 and metadata of a file.

    Raises:
        UserError: see :func:`load_weights`.
    """
    data = read_whole(path)
    again = "download or export it again"
    try:
        tensors, metadata = load(data), _metadata(data)
    except (SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise UserError(f"{path}: damaged, or not a safetensors file ({error}): {again}") from None
    if metadata.get("format") != FORMAT:
        raise UserError(
            f"{path}: not weights of this version of pixelization: expected format {FORMAT}, "
            f"found {metadata.get('format', 'none')[:40]}"
        )
    if unknown := sorted(metadata.keys() - KEYS):
        raise UserError(f"{path}: damaged (unknown metadata {unknown[0][:40]!r}): {again}")
    checksum = metadata.get(CHECKSUM)
    if checksum is not None and not is_whole(data, checksum, _entry):
        raise UserError(f"{path}: damaged (its checksum is of other contents): {again}")
    for name, tensor in tensors.items():
        if not tensor.is_floating_point() or not torch.isfinite(tensor.float()).all():
            raise UserError(
                f"{path}: cannot be used (not all of '{name[:100]}' are finite numbers): {again}"
            )
    return {name: tensor.float() for name, tensor in tensors.items()}, metadata


def _header_length(data: bytes) -> int:
    """Bytes before the tensors."""
    return 8 + int.from_bytes(data[:8], "little")


def _metadata(data: bytes) -> dict[str, str]:
    """Of a file that the library has read without complaint."""
    return json.loads(data[8 : _header_length(data)]).get("__metadata__") or {}


def _entry(checksum: str) -> bytes:
    """The checksum's place in the header; quotation marks inside of values are escaped there."""
    return f'"{CHECKSUM}":"{checksum}"'.encode()


def pretrained_path(name: str = DEFAULT_MODEL) -> Path:
    """The file of a model that is shipped with the package; a name with a suffix is a file itself.

    Raises:
        UserError: there is no model of that name; the message lists those that there are.
    """
    if Path(name).suffix in (".safetensors", SUFFIX):
        return Path(name)
    shipped = pretrained_models()
    if name not in shipped:
        raise UserError(f"no model '{name}'; {advice(name, shipped)}")
    return shipped[name]


def pretrained_models() -> dict[str, Path]:
    """The files of all models that are shipped with the package, by their names."""
    return {path.stem: path for path in sorted(PRETRAINED.glob("*.safetensors"))}


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
