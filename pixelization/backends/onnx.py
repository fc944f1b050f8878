"""Networks on the grid in ONNX Runtime: no torch is needed."""

import json
from pathlib import Path

import numpy as np
import onnxruntime

from pixelization.backends.choice import ONNX_SUFFIX
from pixelization.backends.grid import GridBackend
from pixelization.errors import UserError
from pixelization.files import read_whole

KINDS = ("sprite", "draw")


class OnnxBackend(GridBackend):
    """A :class:`~pixelization.backends.base.SpriteBackend` of ONNX Runtime, on the CPU.

    Args:
        path: one of the two files that ``export`` writes; the other lies beside it.
        threads: of one image; 0: as many as there are processors.

    Attributes:
        metadata: of the weights that the files were exported from.

    Raises:
        UserError: a file is missing, or was not written by ``export``.
    """

    def __init__(self, path: str | Path, threads: int = 0) -> None:
        stem = Path(path).name.removesuffix(ONNX_SUFFIX)
        for kind in KINDS:
            stem = stem.removesuffix(f".{kind}")
        files = [Path(path).with_name(f"{stem}.{kind}{ONNX_SUFFIX}") for kind in KINDS]
        sessions = [_session(file, threads) for file in files]
        self._points, self._draws = sessions
        found = [session.get_modelmeta().custom_metadata_map for session in sessions]
        try:
            super().__init__(*(int(json.loads(each["reach"])) for each in found))
        except (KeyError, ValueError, TypeError):
            raise UserError(f"{files[0]}: was not written by pixelization's export") from None
        if found[0].get("sha256") != found[1].get("sha256"):
            raise UserError(f"{files[1]}: is of other weights than {files[0].name}: export both")
        self.metadata: dict[str, str] = found[0]

    def _point(
        self, lattice: np.ndarray, cell_size: np.ndarray, main: np.ndarray, exists: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        inputs = {"lattice": lattice, "cell_size": cell_size, "main": main, "exists": exists}
        grid, sprite = self._points.run(["grid", "sprite"], inputs)
        return grid, sprite

    def _drawn(self, sprite: np.ndarray) -> np.ndarray:
        (drawing,) = self._draws.run(["drawing"], {"sprite": sprite})
        return np.asarray(drawing)


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors only: others are for developers
    # Waiting threads sleep: spinning takes half of the processor's time, and gains nothing.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(
            read_whole(path), options, providers=["CPUExecutionProvider"]
        )
    except UserError:
        raise
    except Exception as error:  # onnxruntime's own exceptions have no common public base
        raise UserError(
            f"{path}: is no ONNX file that can be run ({type(error).__name__})"
        ) from None
