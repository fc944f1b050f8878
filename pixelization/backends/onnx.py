"""Networks in ONNX Runtime: no torch is needed."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args

import numpy as np

from pixelization.backends.choice import ONNX_SUFFIX
from pixelization.backends.grid import GridBackend
from pixelization.backends.threads import allowed_threads
from pixelization.backends.whole import Direction, WholeImageBackend
from pixelization.cells.sizes import SCALES
from pixelization.errors import UserError, is_lack_of_memory
from pixelization.files import read_whole
from pixelization.interrupts import Interrupts
from pixelization.json_text import parse_json
from pixelization.networks.edges import Edges
from pixelization.networks.sealing import CHECKSUM, is_whole, onnx_checksum, onnx_entry

with Interrupts() as interrupts:  # what a signal raises in there would come out as an ImportError
    import onnxruntime
interrupts.act()

T = TypeVar("T")

GRID = {
    "sprite": ("weighed", "near", "base", "undecided", "cell_size"),
    "draw": ("sprite",),
}
WHOLE = {"pixelize": ("image",), "depixelize": ("image",)}
"""The two files of networks on the grid, and of those from image to image: NAME.KIND.onnx, and
their inputs.
"""
FARTHEST = 1024  # cells that a cell may see; 16 in lite


def onnx_backend(path: str | Path, threads: int = 0) -> "OnnxBackend | OnnxWholeImageBackend":
    """The backend for networks of any family that can be exported.

    Args:
        path: one of the two files that ``export`` writes; the other lies beside it.
        threads: of one image; 0: as many as ``OMP_NUM_THREADS`` says, else as there are processors.

    Raises:
        UserError: a file is missing, has another name, or was not written by ``export`` of this
            version.
    """
    kind = Path(Path(path).stem).suffix.removeprefix(".")
    if kind not in GRID | WHOLE:
        grid, whole = (
            " beside ".join(f"NAME.{each}{ONNX_SUFFIX}" for each in kinds)
            for kinds in (GRID, WHOLE)
        )
        raise UserError(
            f"{path}: is not named as export names its two files: give {grid}, "
            f"or {whole} of a CycleGAN"
        )
    return (OnnxWholeImageBackend if kind in WHOLE else OnnxBackend)(path, threads)


class OnnxBackend(GridBackend):
    """A :class:`~pixelization.backends.base.SpriteBackend` of ONNX Runtime, on the CPU.

    Args:
        path, threads: of :func:`onnx_backend`.

    Attributes:
        metadata: of the weights that the files were exported from.

    Raises:
        UserError: as of :func:`onnx_backend`.
    """

    def __init__(self, path: str | Path, threads: int = 0) -> None:
        self.metadata: dict[str, str]
        (self._points, self._draws), reaches, self.metadata = _opened(
            path, GRID, "reach", _reach, threads
        )
        super().__init__(*reaches)

    def _point(self, inputs: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        grid, sprite = self._points.run(["grid", "sprite"], inputs)
        return grid, sprite

    def _drawn(self, sprite: np.ndarray) -> np.ndarray:
        (drawing,) = self._draws.run(["drawing"], {"sprite": sprite})
        return np.asarray(drawing)


class OnnxWholeImageBackend(WholeImageBackend):
    """A :class:`~pixelization.backends.base.Backend` of ONNX Runtime, on the CPU.

    Args:
        path, threads: of :func:`onnx_backend`.

    Attributes:
        metadata: of the weights that the files were exported from.

    Raises:
        UserError: as of :func:`onnx_backend`.
    """

    def __init__(self, path: str | Path, threads: int = 0) -> None:
        sessions, (told, _), self.metadata = _opened(
            path, WHOLE, "translator", _translator, threads
        )
        self._sessions = dict(zip(WHOLE, sessions, strict=True))
        self._stride = told.stride
        super().__init__(told.scale, told.local, told.edges)

    def _translated(self, direction: Direction, images: np.ndarray) -> np.ndarray:
        height, width = images.shape[2:]
        around = ((0, 0), (0, 0), (0, -height % self._stride), (0, -width % self._stride))
        made = [
            self._sessions[direction].run(["made"], {"image": image[None]})[0]
            for image in np.pad(images, around, mode="edge")
        ]
        return np.concatenate(made)[..., :height, :width]


class _Translator(NamedTuple):
    """What a backend has to know of a network from image to image."""

    stride: int  # sides are multiples of it
    scale: Fraction
    local: bool
    edges: Edges


def _reach(told: Any) -> int:
    """How many cells away a network sees; ``ValueError`` if it is no such number."""
    if type(told) is not int or not 0 <= told <= FARTHEST:
        raise ValueError(told)
    return told


def _translator(told: Any) -> _Translator:
    """The values of a JSON object; ``KeyError``, ``TypeError`` or ``ValueError`` if it is none."""
    stride, local, edges = told["stride"], told["local"], told["edges"]
    scales = {str(scale): scale for scale in SCALES}
    known = type(stride) is int and 1 <= stride <= FARTHEST and edges in get_args(Edges)
    if not known or type(local) is not bool:
        raise ValueError(told)
    return _Translator(stride, scales[told["scale"]], local, edges)


def _opened(
    path: str | Path,
    kinds: Mapping[str, tuple[str, ...]],
    key: str,
    read: Callable[[Any], T],
    threads: int,
) -> tuple[list[onnxruntime.InferenceSession], list[T], dict[str, str]]:
    """Both networks, what ``key`` of their metadata says, and the metadata of the weights.

    Args:
        path, threads: of :func:`onnx_backend`.
        kinds: of the two files, and their inputs.
        key: of JSON.
        read: checks its values.

    Raises:
        UserError: see :func:`onnx_backend`.
    """
    stem = Path(path).name.removesuffix(ONNX_SUFFIX)
    for kind in kinds:
        stem = stem.removesuffix(f".{kind}")
    files = [Path(path).with_name(f"{stem}.{kind}{ONNX_SUFFIX}") for kind in kinds]
    sessions, found, told = [], [], []
    for file, inputs in zip(files, kinds.values(), strict=True):
        session, checksum = _session(file, threads)
        sessions.append(session)
        try:
            found.append(session.get_modelmeta().custom_metadata_map)
            told.append(read(parse_json(found[-1][key])))
            ours = {value.name for value in session.get_inputs()} == {*inputs}
            ours = ours and found[-1][CHECKSUM] == checksum
        except (KeyError, TypeError, ValueError):  # the latter for what is no text, too
            ours = False
        if not ours:
            raise UserError(
                f"{file}: was not written by the export of this version: export it again"
            )
    if found[0].get("sha256") != found[1].get("sha256"):
        raise UserError(f"{files[1]}: is of other weights than {files[0].name}: export both")
    return sessions, told, found[0]


def _session(path: Path, threads: int) -> tuple[onnxruntime.InferenceSession, str | None]:
    """A session, and the checksum that the file has, which is right."""
    data = read_whole(path)
    checksum = onnx_checksum(data)
    if checksum and not is_whole(data, checksum, onnx_entry):  # before any code looks into it
        raise UserError(
            f"{path}: damaged (its checksum is of other contents): download or export it again"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or allowed_threads()
    options.log_severity_level = 3  # errors only: others are for developers
    # Waiting threads sleep: spinning takes half of the processor's time, and gains nothing.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions have no common public base
        if is_lack_of_memory(error):
            raise
        raise UserError(
            f"{path}: is no ONNX file that can be run ({type(error).__name__})"
        ) from None
    return session, checksum
