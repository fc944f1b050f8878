"""Training checkpoints: complete, atomic, checked, and loaded without running code.

A file is what ``torch.save`` makes, and after it a checksum of it. One bit that differs is noticed.
"""

import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pixelization.errors import UserError, is_lack_of_memory
from pixelization.files import is_pipe, read_whole, whole_file
from pixelization.limits import CHECKPOINT_BYTES
from pixelization.networks.weights import check_origin
from pixelization.training.schedules import MAX_STEPS

FORMAT = "pixelization-checkpoint/3"
UNCHECKED = "pixelization-checkpoint/2"  # has no checksum
CASCADE_ONLY = "pixelization-checkpoint/1"  # has none either, and knew the cascade only
SEAL = re.compile(rb"sha256:[0-9a-f]{64}")  # the last bytes of a file
SEAL_BYTES = 7 + 64
NAME = re.compile(r"step_\d{8}\.pt")


def save_checkpoint(folder: Path, step: int, state: dict, *, keep: int) -> Path:
    """Write ``step_<step>.pt`` whole or not at all, and keep only the newest ``keep``."""
    path = folder / f"step_{step:08d}.pt"
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, "step": step, **state}, buffer)
    with whole_file(path, overwrite=True, durable=True) as temporary, open(temporary, "wb") as file:
        file.write(buffer.getbuffer())
        file.write(_seal(buffer.getbuffer()))
    for old in list_checkpoints(folder)[:-keep]:
        old.unlink(missing_ok=True)
    return path


def list_checkpoints(folder: Path) -> list[Path]:
    """The folder's checkpoints, oldest first."""
    return sorted(path for path in folder.glob("step_*.pt") if NAME.fullmatch(path.name))


def load_checkpoint(path: Path) -> dict:
    """Read a checkpoint, of this format or of one before, onto the CPU.

    Raises:
        UserError: the file is missing, damaged or not one of ours, or lacks a part of it.
    """
    advice = "delete it to resume from the one before"
    if is_pipe(path):  # which would wait for its writer
        raise UserError(f"{path}: is not a file: {advice}")
    content = memoryview(read_whole(path, CHECKPOINT_BYTES))
    body, seal = content[:-SEAL_BYTES], bytes(content[-SEAL_BYTES:])
    sealed = SEAL.fullmatch(seal) is not None
    if sealed and seal != _seal(body):
        raise UserError(f"{path}: damaged checkpoint (its checksum is of other contents): {advice}")
    try:
        file = io.BytesIO(body if sealed else content)
        _check_archive(file)
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file makes torch's unpickler raise almost anything
        if is_lack_of_memory(error):
            raise
        raise UserError(f"{path}: damaged checkpoint ({type(error).__name__}): {advice}") from None
    if not isinstance(state, dict):
        state = {}
    if state.get("format") == CASCADE_ONLY and "cascade" in state and not sealed:
        former: dict = {"overflows": {}, "recent": {}, "origin": None}
        state = former | state | {"generators": state["cascade"]}
    elif state.get("format") != (FORMAT if sealed else UNCHECKED):
        raise UserError(f"{path}: not a checkpoint of this version ({FORMAT}): {advice}")
    state = {"data": None, "means": {}} | state  # not in those of before
    for key, fits in PARTS.items():
        if key not in state or not fits(state[key]):
            raise UserError(f"{path}: damaged checkpoint (its '{key}' is none): {advice}")
    return state


def _seal(body: bytes | memoryview) -> bytes:
    return b"sha256:" + hashlib.sha256(body).hexdigest().encode()


def _check_archive(file: io.BytesIO) -> None:
    """Compare an archive with its own checksums, which torch does not.

    Raises:
        ValueError: it is damaged, or would unpack to more than it holds.
        Exception: whatever ``zipfile`` raises where it is no archive.
    """
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        if size > len(file.getbuffer()) or any(part.compress_type for part in parts):
            raise ValueError("not as torch writes it")
        if archive.testzip() is not None:
            raise ValueError("a part is damaged")
    file.seek(0)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_STEPS


def _is_network(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in value.items()
    )


def _is_sum(value: Any) -> bool:
    return (
        isinstance(value, tuple) and [type(each) for each in value] == [float, int] and value[1] > 0
    )


def _are_sums(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(name, str) and _is_sum(each) for name, each in value.items()
    )


def _is_origin(value: Any) -> bool:
    """Whether the weights that are saved later can say where training began."""
    try:
        check_origin("", value)
    except UserError:
        return False
    return True


def _are_pools(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(name, str)
        and isinstance(slots, dict)
        and all(
            isinstance(images, list) and all(isinstance(image, Tensor) for image in images)
            for images in slots.values()
        )
        for name, slots in value.items()
    )


def _is_dict_of(value: Any, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, dict) and all(
        isinstance(key, str) and isinstance(each, kind) for key, each in value.items()
    )


PARTS = {
    "step": _is_count,
    "config": lambda value: _is_dict_of(value, (dict, str)),
    "data": lambda value: value is None or _is_dict_of(value, str),
    "origin": lambda value: value is None or (_is_dict_of(value, str) and _is_origin(value)),
    "recent": _are_sums,
    "means": lambda value: _is_dict_of(value, float),
    "overflows": lambda value: isinstance(value, dict) and all(map(_is_count, value.values())),
    "generators": _is_network,
    "ema": _is_network,
    "discriminators": _is_network,
    "optimizers": lambda value: _is_dict_of(value, dict),
    "pools": _are_pools,
}
"""What a checkpoint must have, and whether a value is that. Whether it fits the networks is seen
where it is put into them."""
