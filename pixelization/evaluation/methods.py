"""The methods that are compared, all called in one way."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pixelization.detection.detector import detect_grid
from pixelization.enlargers.faithful import enlarge_sprite
from pixelization.errors import UserError
from pixelization.evaluation.config import EvaluationConfig, MethodConfig, advice
from pixelization.evaluation.rivals import DEPIXELIZERS, DETECTORS, PIXELIZERS
from pixelization.evaluation.rivals.detectors import Recovered
from pixelization.networks.weights import pretrained_path
from pixelization.pixelizer import Pixelizer
from pixelization.reducers.snapping import snap

Run = Callable[[np.ndarray, tuple[int, int] | int], tuple[np.ndarray, np.ndarray | None]]
Detect = Callable[[np.ndarray], Recovered]
OURS = "grid"  # the detector of this package


@dataclass(frozen=True)
class Method:
    """A row of the tables.

    Attributes:
        name: of the row.
        run: maps uint8 ``(H, W, 3)`` and the sprite's ``(width, height)``, or the factor, to the
            sprite or the enlarged image, uint8; and to the networks' image that the sprite was
            voted from, where there is one. A detector maps uint8 ``(H, W, 3 or 4)`` to what it
            recovers.
        timed: whether the time that a call takes is that of the method alone.
    """

    name: str
    run: Run | Detect
    timed: bool = True


@dataclass(frozen=True)
class Methods:
    """What :func:`build_methods` makes.

    The methods, a line on each left out, and the SHA-256 of every weights file.
    """

    ready: tuple[Method, ...]
    left_out: tuple[str, ...]
    weights: dict[str, str]


def build_methods(config: EvaluationConfig) -> Methods:
    """Load every network and try every method on a tiny image, so that what cannot run is known
    before the work.

    Raises:
        UserError: there is no such baseline or model, a weights file is missing or damaged, a
            package is missing, or a method does not know a factor.
    """
    ready, left_out, weights = [], [], {}
    pixelizers: dict[Path, Pixelizer] = {}
    for each in config.methods:
        try:
            if each.detector:
                method = Method(each.name, _detector(each.detector))
            elif each.baseline:
                method = Method(each.name, _baseline(each, config.task))
            else:
                path = Path(each.weights) if each.weights else pretrained_path(each.model)
                if each.optional and not path.exists():
                    left_out.append(f"{each.name}: {path} is not there")
                    continue
                if path not in pixelizers:
                    pixelizers[path] = Pixelizer.from_weights(path, config.device)
                    weights[each.model or each.weights] = hashlib.sha256(
                        path.read_bytes()
                    ).hexdigest()
                # GridNet's grid is a by-product of a call whose time is mostly PixelNet's.
                method = Method(
                    each.name,
                    _network(pixelizers[path], each, config.task),
                    each.stage == "pixelnet",
                )
        except UserError as error:
            raise UserError(f"method '{each.name}': {error}") from None
        try:
            _try_out(method, config)
        except UserError as error:
            if not each.optional:
                raise UserError(f"method '{each.name}': {error}") from None
            left_out.append(f"{each.name}: {error}")
            continue
        ready.append(method)
    if not ready:
        raise UserError("all methods are optional and none of them can run")
    return Methods(tuple(ready), tuple(left_out), weights)


def _baseline(method: MethodConfig, task: str) -> Run:
    known = PIXELIZERS if task == "pixelize" else DEPIXELIZERS
    if method.baseline not in known:
        raise UserError(
            f"no baseline '{method.baseline}' for task {task}; {advice(method.baseline, known)}"
        )
    function = known[method.baseline]
    return lambda image, target: (function(image, target), None)


def _detector(name: str) -> Detect:
    if name == OURS:
        return _recovered
    if name not in DETECTORS:
        raise UserError(f"no detector '{name}'; {advice(name, (OURS, *DETECTORS))}")
    return DETECTORS[name]


def _recovered(image: np.ndarray) -> Recovered:
    grid = detect_grid(image)
    return Recovered(np.asarray(snap(image, grid=grid).sprite), grid)


def _network(pixelizer: Pixelizer, method: MethodConfig, task: str) -> Run:
    def sprite(image: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray | None]:
        result = pixelizer.networks(image, size=size)
        gridnet = method.stage == "gridnet"
        made = np.asarray(result.grid if gridnet else result.sprite)
        return made, None if gridnet else np.asarray(result.network_output)

    def enlarged(image: np.ndarray, factor: int) -> tuple[np.ndarray, None]:
        size = (image.shape[1] * factor, image.shape[0] * factor)
        return enlarge_sprite(image, size, pixelizer.enlarge, keep_colors=method.keep_colors), None

    return sprite if task == "pixelize" else enlarged


def _try_out(method: Method, config: EvaluationConfig) -> None:
    """One call each, on a ramp with a square.

    It also does what a first call does more than others.
    """
    ramp = Image.linear_gradient("L").resize((32, 32)).convert("RGB")
    ramp.paste((200, 30, 60), (8, 8, 24, 24))
    if config.task == "snap":
        _try_detector(method)
    elif config.task == "pixelize":
        method.run(np.asarray(ramp), (8, 8))
    else:
        for factor in config.factors:
            method.run(np.asarray(ramp.resize((8, 8))), factor)


def _try_detector(method: Method) -> None:
    """On noise enlarged eight times, which no package may refuse.

    One that does is not installed well.
    """
    noise = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    try:
        method.run(noise.repeat(8, axis=0).repeat(8, axis=1))
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"it does not work here ({type(error).__name__}: {error})") from error
