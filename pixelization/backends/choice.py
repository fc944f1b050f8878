"""Which backend runs the networks: torch on a GPU and where only it can, else ONNX Runtime."""

import ctypes
import os
from importlib.util import find_spec
from pathlib import Path

from pixelization.errors import UserError, advice
from pixelization.networks.shipped import PRETRAINED

BACKENDS = ("auto", "onnx", "torch")
ONNX_SUFFIX = ".onnx"
WEIGHTS_SUFFIXES = (".safetensors", ONNX_SUFFIX, ".pth")
# of the file whose name stands for a model; the other is beside it
SPRITE = f".sprite{ONNX_SUFFIX}"
BESIDE = (f".draw{ONNX_SUFFIX}", f".depixelize{ONNX_SUFFIX}")  # of the other, in both families
DRIVERS = ("libcuda.so.1", "nvcuda.dll")  # of NVIDIA, on Linux and on Windows


def backend_name(wanted: str, device: str = "auto", model: str = "") -> str:
    """``"onnx"`` or ``"torch"``.

    ``auto`` is ONNX Runtime for models that it can run, since it starts in a fifth of the time and
    is a little faster on the CPU; torch for others, and where a GPU may be used. An ``.onnx`` file
    is for ONNX Runtime alone.

    Args:
        wanted: one of ``BACKENDS``.
        device: what the networks are to run on.
        model: name or file of the networks; without, they can be any, which torch can run.

    Raises:
        UserError: there is no such backend, or it is not for that device or file.
    """
    if wanted not in BACKENDS:
        raise UserError(f"backend {wanted!r}: choose one of {', '.join(BACKENDS)}")
    if Path(model).suffix == ONNX_SUFFIX:
        only = f"{model}: runs on ONNX Runtime only"
        if wanted == "torch":
            raise UserError(f"{only}: leave out --backend torch, or give the .safetensors")
        if device not in ("auto", "cpu"):
            raise UserError(
                f"{only}, on the CPU: leave out --device {device}, or give the .safetensors"
            )
        return "onnx"
    chosen = wanted
    if wanted == "auto":
        exported = model in onnx_models()
        on_gpu = device == "cuda" or (device == "auto" and _has_driver())
        chosen = "torch" if find_spec("torch") and (on_gpu or not exported) else "onnx"
    if chosen == "onnx" and device not in ("auto", "cpu"):
        raise UserError(
            f"device {device}: ONNX Runtime is for the CPU here: take torch "
            "(pip install 'pixelization[train]')"
        )
    return chosen


def onnx_file(model: str) -> Path:
    """The ONNX file of a model that is shipped with the package; ``.onnx`` files are themselves.

    Raises:
        UserError: the model has none, or there is no such model or file.
    """
    if Path(model).suffix == ONNX_SUFFIX:
        if not os.path.exists(model):
            raise UserError(f"{model}: no such file")
        return Path(model)
    shipped = onnx_models()
    if model in shipped:
        return shipped[model]
    if Path(model).suffix or os.path.exists(PRETRAINED / f"{model}.safetensors"):
        raise UserError(
            f"{model}: runs with torch only (pip install 'pixelization[train]'): "
            f"without it, take {', '.join(shipped)}"
        )
    raise UserError(f"no model '{model}'; {advice(model, shipped)}")


def check_model(name: str) -> None:
    """Raise ``UserError`` if the name of a model is that of a file that holds no weights."""
    shipped = name in onnx_models() or os.path.exists(PRETRAINED / f"{name}.safetensors")
    if not shipped and Path(name).suffix not in WEIGHTS_SUFFIXES and os.path.isfile(name):
        raise UserError(
            f"{name}: is no weights file ({', '.join(WEIGHTS_SUFFIXES)}): "
            "give one, or the name of a model"
        )


def onnx_models() -> dict[str, Path]:
    """The ONNX files of all models that are shipped with the package, by their names."""
    return {path.name.removesuffix(SPRITE): path for path in sorted(PRETRAINED.glob(f"*{SPRITE}"))}


def _has_driver() -> bool:
    """Whether there may be a GPU; to ask torch for one takes two seconds."""
    for name in DRIVERS:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False
