"""The methods that are compared, all called in one way."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pixelization.backends.base import Backend, SpriteBackend
from pixelization.backends.choice import ONNX_SUFFIX
from pixelization.backends.torch import TorchBackend
from pixelization.backends.whole import WholeImageBackend
from pixelization.cells.sizes import Size
from pixelization.cells.voting import coverage_vote
from pixelization.detection.detector import detect_grid
from pixelization.enlargers.faithful import enlarge_sprite
from pixelization.errors import UserError, advice
from pixelization.evaluation.config import EvaluationConfig, MethodConfig
from pixelization.evaluation.rivals.catalogue import DEPIXELIZERS, DETECTORS, PIXELIZERS
from pixelization.evaluation.rivals.detectors import Recovered
from pixelization.images.alpha import fill_transparent, with_alpha
from pixelization.networks.weights import pretrained_path
from pixelization.pixelizer import Pixelizer
from pixelization.reducers.networks import NetworkResult
from pixelization.reducers.snapping import snap

Made = tuple[np.ndarray, np.ndarray | None]
"""The sprite or enlarged image, and the networks' image that it was voted from, if there is one."""
Run = Callable[[np.ndarray, Any], Made]
"""From uint8 ``(H, W, 3)`` and an ``inputs.Item.target``; pixelizers take ``(H, W, 4)``, too."""
Detect = Callable[[np.ndarray], Recovered]
"""From uint8 ``(H, W, 3 or 4)``."""
OURS = "grid"  # the detector of this package


@dataclass(frozen=True)
class Method:
    """A row of the tables: a method that pixelizes or depixelizes.

    Attributes:
        name: of the row.
        run: its call.
        timed: whether the time that a call takes is that of the method alone.
    """

    name: str
    run: Run
    timed: bool = True


@dataclass(frozen=True)
class Detector:
    """A row of the tables of the damage suite.

    Attributes:
        name: of the row.
        detect: its call.
    """

    name: str
    detect: Detect


@dataclass(frozen=True)
class Methods:
    """What :func:`build_methods` makes.

    Attributes:
        ready: the methods; none where the task is snap.
        detectors: the detectors; none where it is another.
        left_out: a line on each that cannot run.
        weights: SHA-256 of every weights file.
        backends: what runs each, ``torch`` or ``onnxruntime``.
    """

    ready: tuple[Method, ...]
    detectors: tuple[Detector, ...]
    left_out: tuple[str, ...]
    weights: dict[str, str]
    backends: dict[str, str]


def build_methods(config: EvaluationConfig) -> Methods:
    """Load every network and try every method on a tiny image.

    So what cannot run is known before the work.

    Raises:
        UserError: there is no such baseline or model, a weights file is missing or damaged, a
            package is missing, or a method does not know a factor or has no such stage.
    """
    ready: list[Method] = []
    detectors: list[Detector] = []
    left_out: list[str] = []
    networks = _Networks(config.device)
    for each in config.methods:
        if _lacks_weights(each):
            left_out.append(f"{each.name}: {_weights_path(each)} is not there")
            continue
        try:
            if each.detector:
                made: Method | Detector = Detector(each.name, _detector(each.detector))
            elif each.baseline:
                made = Method(each.name, _baseline(each, config.task))
            else:
                made = _network(networks.pixelizer(each), each, config.task)
        except UserError as error:
            raise UserError(f"method '{each.name}': {error}") from None
        try:
            if isinstance(made, Detector):
                _try_detector(made)
                detectors.append(made)
            else:
                _try_out(made, config)
                ready.append(made)
        except UserError as error:
            if not each.optional:
                raise UserError(f"method '{each.name}': {error}") from None
            left_out.append(f"{each.name}: {error}")
    if not ready and not detectors:
        raise UserError("all methods are optional and none of them can run")
    return Methods(
        tuple(ready), tuple(detectors), tuple(left_out), networks.sha256, networks.backends
    )


class _Networks:
    """Weights files, each loaded once.

    Attributes:
        sha256: of every file that was loaded, by the name in the configuration.
        backends: what runs each, by the same name.
    """

    def __init__(self, device: str) -> None:
        self.sha256: dict[str, str] = {}
        self.backends: dict[str, str] = {}
        self._device = device
        self._loaded: dict[Path, Pixelizer] = {}

    def pixelizer(self, method: MethodConfig) -> Pixelizer:
        path = _weights_path(method)
        if path not in self._loaded:
            self._loaded[path] = Pixelizer.from_weights(path, self._device)
            name = method.model or method.weights
            self.sha256[name] = hashlib.sha256(path.read_bytes()).hexdigest()
            self.backends[name] = "onnxruntime" if path.suffix == ONNX_SUFFIX else "torch"
        return self._loaded[path]


def _weights_path(method: MethodConfig) -> Path:
    return Path(method.weights) if method.weights else pretrained_path(method.model)


def _lacks_weights(method: MethodConfig) -> bool:
    """Whether an optional method has a weights file that is not there."""
    if not method.optional or method.detector or method.baseline:
        return False
    try:
        return not _weights_path(method).exists()
    except UserError as error:
        raise UserError(f"method '{method.name}': {error}") from None


def _baseline(method: MethodConfig, task: str) -> Run:
    known: Mapping[str, Callable[[np.ndarray, Any], np.ndarray]]
    known = DEPIXELIZERS if task == "depixelize" else PIXELIZERS
    if method.baseline not in known:
        raise UserError(
            f"no baseline '{method.baseline}' for task {task}; {advice(method.baseline, known)}"
        )
    function = known[method.baseline]
    if task == "depixelize":
        return lambda image, target: (function(image, target), None)
    return lambda image, target: (_with_transparency(function, image, target), None)


def _with_transparency(
    function: Callable[[np.ndarray, Any], np.ndarray], image: np.ndarray, size: Size
) -> np.ndarray:
    """A sprite by a method that knows no transparency: colours and alpha apart, as ``lite`` has
    them."""
    if image.shape[2] == 3:
        return function(image, size)
    alpha = coverage_vote(image[..., 3], size[::-1])
    radius = 1.5 * max(image.shape[1] / size[0], image.shape[0] / size[1])
    return with_alpha(function(fill_transparent(image, radius), size), alpha)


def _detector(name: str) -> Detect:
    if name == OURS:
        return _recovered
    if name not in DETECTORS:
        raise UserError(f"no detector '{name}'; {advice(name, (OURS, *DETECTORS))}")
    return DETECTORS[name]


def _recovered(image: np.ndarray) -> Recovered:
    grid = detect_grid(image)
    return Recovered(np.asarray(snap(image, grid=grid).sprite), grid)


def _network(pixelizer: Pixelizer, method: MethodConfig, task: str) -> Method:
    if method.stage == "gridnet" and not _has_gridnet(pixelizer.backend):
        raise UserError("stage=gridnet: these networks have no GridNet: leave stage out")

    def sprite(image: np.ndarray, size: Size) -> Made:
        result = pixelizer.networks(image, size=size)
        if method.stage == "gridnet":
            return _grid(pixelizer, image, size, result), None
        return np.asarray(result.sprite), np.asarray(result.network_output)

    def enlarged(image: np.ndarray, factor: int) -> Made:
        size = (image.shape[1] * factor, image.shape[0] * factor)
        return enlarge_sprite(image, size, pixelizer.enlarge, keep_colors=method.keep_colors), None

    # GridNet's grid is a by-product of a call whose time is mostly PixelNet's.
    return Method(
        method.name, enlarged if task == "depixelize" else sprite, method.stage == "pixelnet"
    )


def _has_gridnet(backend: Backend | SpriteBackend) -> bool:
    if isinstance(backend, TorchBackend):
        return backend.cascade.gridnet is not None
    return not isinstance(backend, WholeImageBackend)


def _grid(pixelizer: Pixelizer, image: np.ndarray, size: Size, result: NetworkResult) -> np.ndarray:
    """GridNet's own grid, with alpha where the image has it."""
    if result.sprite.mode == "RGB":
        return np.asarray(result.grid)
    if isinstance(pixelizer.backend, SpriteBackend):  # GridNet's alpha is not PixelNet's
        return pixelizer.backend.sprites(image[None], size[::-1]).grids[0]
    return with_alpha(np.asarray(result.grid), np.asarray(result.sprite)[..., 3])


def _try_out(method: Method, config: EvaluationConfig) -> None:
    """One call each, on a ramp with a square.

    It also does what a first call does more than others.
    """
    ramp = Image.linear_gradient("L").resize((32, 32)).convert("RGB")
    ramp.paste((200, 30, 60), (8, 8, 24, 24))
    if config.task != "depixelize":
        method.run(np.asarray(ramp), (8, 8))
    else:
        for factor in config.factors:
            method.run(np.asarray(ramp.resize((8, 8))), factor)


def _try_detector(detector: Detector) -> None:
    """On noise enlarged eight times, which no package may refuse.

    One that does is not installed well.
    """
    noise = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    try:
        detector.detect(noise.repeat(8, axis=0).repeat(8, axis=1))
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"it does not work here ({type(error).__name__}: {error})") from error
