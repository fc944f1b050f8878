"""The damage suite: sprites x kinds of damage, which detectors are to undo."""

import math
import time
import zlib

import numpy as np
from PIL import Image
from tqdm import tqdm

from pixelization.errors import UserError
from pixelization.evaluation.config import SPRITES, TRUTH, EvaluationConfig
from pixelization.evaluation.damage import DAMAGES, Damaged
from pixelization.evaluation.measures import mean_values, measure_recovery
from pixelization.evaluation.methods import Detector
from pixelization.evaluation.rivals.detectors import Recovered
from pixelization.evaluation.tables import Picture, Table
from pixelization.images.alpha import on_white
from pixelization.images.writing import png_bytes


def evaluate_detectors(
    config: EvaluationConfig, sprites: dict[str, np.ndarray], methods: tuple[Detector, ...]
) -> list[Table]:
    """Run all methods on all sprites with every kind of damage.

    A progress bar on stderr counts their calls.

    Args:
        config: which kinds, and how many pictures to keep of each.
        sprites: uint8 ``(h, w, 4)`` by name.
        methods: the detectors.

    Returns:
        One table per kind.
    """
    kinds = config.damages or tuple(DAMAGES)
    with tqdm(
        total=len(kinds) * len(sprites) * len(methods), unit="image", dynamic_ncols=True
    ) as progress:
        return [_evaluate_kind(kind, sprites, methods, config.show, progress) for kind in kinds]


def damaged_sprite(kind: str, name: str, sprite: np.ndarray) -> Damaged:
    """The same image for the same kind, name and sprite, whatever else is evaluated."""
    return DAMAGES[kind](sprite, np.random.default_rng(zlib.crc32(f"{kind}/{name}".encode())))


def _evaluate_kind(
    kind: str,
    sprites: dict[str, np.ndarray],
    methods: tuple[Detector, ...],
    show: int,
    progress: tqdm,
) -> Table:
    singles: dict[str, dict[str, dict[str, float]]] = {method.name: {} for method in methods}
    pictures: list[Picture] = []
    for name, sprite in sprites.items():
        damaged = damaged_sprite(kind, name, sprite)
        made = {}
        for method in methods:  # in turns, so that what else the machine does hits all of them
            progress.set_postfix_str(f"{kind}: {method.name}", refresh=False)
            recovered, seconds = _run(method, damaged.image)
            singles[method.name][name] = measure_recovery(damaged, recovered) | {"seconds": seconds}
            made[method.name] = recovered
            progress.update()
        if not show or len(pictures) < show:
            pictures.append(_picture(name, damaged, made))
    return Table(
        SPRITES,
        kind,
        {name: mean_values(values) for name, values in singles.items()},
        singles,
        {},
        pictures,
    )


def _run(method: Detector, image: np.ndarray) -> tuple[Recovered | None, float]:
    """What comes back and how long it took.

    Nothing and NaN where the method fails, whatever the reason: packages have many.
    """
    started = time.perf_counter()
    try:
        recovered = method.detect(image)
        seconds = time.perf_counter() - started
        return (recovered, seconds) if recovered.sprite.size else (None, math.nan)
    except UserError as error:
        raise UserError(f"method '{method.name}': {error}") from None
    except Exception:
        return None, math.nan


def _picture(name: str, damaged: Damaged, made: dict[str, Recovered | None]) -> Picture:
    """On white; a method that failed shows nothing."""
    nothing = np.full_like(damaged.sprite, 255)
    sprites = {TRUTH: damaged.sprite} | {
        method: found.sprite if found else nothing for method, found in made.items()
    }
    pngs = {each: png_bytes(on_white(Image.fromarray(sprite))) for each, sprite in sprites.items()}
    return Picture(
        name, {"source": png_bytes(on_white(Image.fromarray(damaged.image)))}, pngs, damaged.size
    )
