"""The pairs: drawings made of artists' sprites, in which methods are to find the sprites again.

Knows how validation sprites are drawn, and what is counted. How a drawing is made is in
:mod:`pixelization.training.data.artist_pairs`.
"""

import hashlib
import math
import statistics
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from pixelization.errors import UserError
from pixelization.evaluation.config import TRUTH, EvaluationConfig
from pixelization.evaluation.inputs import read_sprites
from pixelization.evaluation.measures import Counts, cells_found, found_share
from pixelization.evaluation.methods import Method
from pixelization.evaluation.pair_kinds import PAIRS
from pixelization.evaluation.tables import Picture, Table
from pixelization.evaluation.validation import Half, held_out
from pixelization.images.alpha import on_white
from pixelization.images.sprites import hard_edged
from pixelization.images.writing import png_bytes
from pixelization.networks.tensors import to_array
from pixelization.training.data.artist_pairs.maker import PairMaker, PairOptions
from pixelization.training.data.artist_pairs.sprites import SpriteSet, sprite_set_of

SEED, BATCH = 4242, 8
SET = "pairs"  # the name of the set in the report


@dataclass(frozen=True)
class Pair:
    """A drawing and its sprite.

    Attributes:
        name: unique in its table.
        picture: the drawing, uint8 ``(H, W, 3)``, or ``(H, W, 4)`` where something is transparent.
        target: the artist's sprite, uint8 ``(h, w, 3 or 4)``; alpha 0 or 255.
    """

    name: str
    picture: np.ndarray
    target: np.ndarray


def read_held_out(
    folder: str | Path, half: Half = "both", sources: Collection[str] = (), limit: int = 0
) -> tuple[SpriteSet, list[str]]:
    """The sprites of a folder and the folders in it.

    Args:
        folder: to read.
        half, sources: see :func:`~pixelization.evaluation.validation.held_out`.
        limit: only the first so many; 0: all.

    Returns:
        The sprites, and a line on every file that cannot be used.

    Raises:
        UserError: none can be.
    """
    sprites, failures = read_sprites(folder)
    failures += [
        f"{folder}, {name}: nothing can be seen in it"
        for name, sprite in sprites.items()
        if not sprite[..., 3].any()
    ]
    names = held_out(
        (name for name, sprite in sprites.items() if sprite[..., 3].any()),
        half,
        sources,
    )[: limit or None]
    if not names:
        raise UserError(
            f"{folder}: no sprite of half '{half}'"
            + (f" and of the sources {', '.join(sources)}" if sources else "")
        )
    return sprite_set_of({name: sprites[name] for name in names}), failures


def draw_pairs(sprites: SpriteSet, options: PairOptions, count: int) -> list[Pair]:
    """The same pairs whenever they are drawn: the first ones do not depend on ``count``."""
    pairs: list[Pair] = []
    while len(pairs) < count:
        made = PairMaker(sprites, options).drawn(BATCH, (SEED, len(pairs)))
        for picture, target in zip(made.pictures, made.target, strict=True):
            pairs.append(Pair(f"{len(pairs):03d}", as_array(picture), as_array(target)))
    return pairs[:count]


def as_array(picture: Tensor) -> np.ndarray:
    """RGBA ``(4, H, W)`` in [-1, 1] as uint8 ``(H, W, 4)``, or ``(H, W, 3)`` where all is
    opaque."""
    pixels = to_array(picture)
    if (pixels[..., 3] == 255).all():
        pixels = pixels[..., :3]
    return np.ascontiguousarray(pixels)


def evaluate_pairs(
    config: EvaluationConfig, sprites: SpriteSet, methods: tuple[Method, ...]
) -> tuple[list[Table], str]:
    """Run all methods on all drawings.

    A progress bar on stderr counts their calls.

    Returns:
        One table per kind of drawings; and the SHA-256 of all pairs, for only tables of the same
        pairs can be compared.
    """
    kinds, digest = config.pairs or tuple(PAIRS), hashlib.sha256()
    total = len(kinds) * config.drawings * len(methods)
    tables = []
    with tqdm(total=total, unit="image", dynamic_ncols=True) as progress:
        for kind in kinds:
            pairs = draw_pairs(sprites, PAIRS[kind].options, config.drawings)
            for pair in pairs:
                digest.update(pair.picture.tobytes() + pair.target.tobytes())
            tables.append(_evaluate_kind(kind, pairs, methods, config, progress))
    return tables, digest.hexdigest()


def _evaluate_kind(
    kind: str,
    pairs: list[Pair],
    methods: tuple[Method, ...],
    config: EvaluationConfig,
    progress: tqdm,
) -> Table:
    margin = PAIRS[kind].options.margin
    counts: dict[str, list[Counts]] = {method.name: [] for method in methods}
    singles: dict[str, dict[str, dict[str, float]]] = {method.name: {} for method in methods}
    pictures: list[Picture] = []
    for pair in pairs:
        made = {}
        for method in methods:  # in turns, so that what else the machine does hits all of them
            progress.set_postfix_str(f"{kind}: {method.name}", refresh=False)
            sprite, seconds = _run(method, pair)
            found = cells_found(pair.target, sprite, margin)
            counts[method.name].append(found)
            singles[method.name][pair.name] = found_share([found]) | {"seconds": seconds}
            made[method.name] = sprite
            progress.update()
        if not config.show or len(pictures) < config.show:
            pictures.append(_picture(pair, made))
    rows = {
        name: found_share(found)
        | {"seconds": statistics.median(row["seconds"] for row in singles[name].values())}
        for name, found in counts.items()
    }
    _compare(rows, config.against)
    return Table(SET, kind, rows, singles, {}, pictures)


def _run(method: Method, pair: Pair) -> tuple[np.ndarray, float]:
    """The sprite that a method gives, and the seconds that it took; NaN where these say nothing."""
    height, width = pair.target.shape[:2]
    started = time.perf_counter()
    try:
        sprite, _ = method.run(pair.picture, (width, height))
    except UserError as error:
        raise UserError(f"method '{method.name}', drawing {pair.name}: {error}") from None
    return sprite, time.perf_counter() - started if method.timed else math.nan


def _compare(rows: dict[str, dict[str, float]], against: str) -> None:
    """Add the shares of wrong cells over those of one of the methods."""
    if against not in rows:
        return
    for kind in ("contrast", "dark"):
        base = 1 - rows[against][f"found_{kind}"]
        for row in rows.values():
            wrong = 1 - row[f"found_{kind}"]
            row[f"wrong_{kind}"] = wrong / base if base > 0 else math.nan


def _picture(pair: Pair, made: dict[str, np.ndarray]) -> Picture:
    """On white, as the report shows it."""

    def shown(image: np.ndarray) -> bytes:
        return png_bytes(on_white(hard_edged(Image.fromarray(image))))

    height, width = pair.target.shape[:2]
    sprites = {TRUTH: pair.target} | made
    source = png_bytes(on_white(Image.fromarray(pair.picture)))
    pngs = {name: shown(sprite) for name, sprite in sprites.items()}
    return Picture(pair.name, {"source": source}, pngs, (width, height))
