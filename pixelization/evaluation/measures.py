"""The columns of the tables, and the numbers in them."""

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import isnan
from typing import Any, Literal

import numpy as np
from PIL import Image
from torch import nn

from pixelization.cells.voting import cell_purity
from pixelization.detection.geometry import SURE
from pixelization.evaluation.config import EvaluationConfig
from pixelization.evaluation.damage import Damaged, phase_error
from pixelization.evaluation.metrics import (
    colors,
    contours,
    features,
    patches,
    similarity,
    sprites as single,
    strokes,
)
from pixelization.evaluation.metrics.sprites import BACKGROUND
from pixelization.evaluation.rivals.detectors import Recovered
from pixelization.images.alpha import on_white, with_alpha
from pixelization.networks.pretrained import load_feature_network, load_tf_inception
from pixelization.networks.structure import structure_distance
from pixelization.networks.tensors import to_tensor
from pixelization.palettes.extraction import kmeans_palette
from pixelization.reducers import resampling
from pixelization.training.data.artist_pairs.kinds import differ, kinds

FLAT = 4  # standard deviation, of 255, under which a cell of the networks' image is flat
MCPD_COLORS = (5, 10, 20)  # as in the thesis that it is from
RECOVERED = 32  # levels, of 255, by which the channels of a cell that came back may be off
NAN = float("nan")


@dataclass(frozen=True)
class Column:
    """A metric as the report shows it.

    Attributes:
        key: of the values, and of the CSV files.
        title: heading.
        better: the direction; "" if there is none.
        digits: after the point.
        meaning: one line for the reader.
        gate: something to keep within bounds, not to win by: the best is not set in bold.
    """

    key: str
    title: str
    better: Literal["lower", "higher", ""]
    digits: int
    meaning: str
    gate: bool = False


COLUMNS = (
    Column(
        "auc",
        "two-sample AUC",
        "lower",
        3,
        "how well a small network tells 12x12 patches from those of the real sprites; 0.5: it "
        "cannot",
    ),
    Column(
        "patch_distance",
        "patch distance",
        "lower",
        1,
        "sliced Wasserstein distance of 7x7 patches to those of the real sprites",
    ),
    Column(
        "isolated", "isolated", "lower", 4, "share of foreground pixels unlike all eight neighbours"
    ),
    Column(
        "intermediate",
        "blended edges",
        "lower",
        4,
        "share of edges that run through an in-between colour",
    ),
    Column(
        "stroke_recall",
        "stroke recall",
        "higher",
        3,
        "share of the source's thin dark strokes still seen; read it beside dark area",
    ),
    Column(
        "dark_area",
        "dark area",
        "",
        2,
        "dark area over the sources', of all images together; 1 keeps it, more means thicker "
        "lines; not ranked",
        gate=True,
    ),
    Column(
        "mcpd_5",
        "MCPD 5",
        "lower",
        2,
        "distance between palettes of 5 colours of source and sprite (CIEDE2000); guards against "
        "recolouring, not ranked",
        gate=True,
    ),
    Column("mcpd_10", "MCPD 10", "lower", 2, "the same with 10 colours", gate=True),
    Column("mcpd_20", "MCPD 20", "lower", 2, "the same with 20 colours", gate=True),
    Column(
        "color_distance",
        "colour distance",
        "lower",
        2,
        "mean CIEDE2000 to the area-reduced source, from which area has 0 by definition; not "
        "ranked",
        gate=True,
    ),
    Column("colors", "colours", "", 1, "number of colours; not ranked", gate=True),
    Column(
        "flat_cells",
        "flat cells",
        "higher",
        4,
        "share of the cells, background aside, that are one colour in the networks' image",
    ),
    Column("ssim", "SSIM", "higher", 4, "structural similarity to the original"),
    Column("psnr", "PSNR", "higher", 2, "peak signal-to-noise ratio to the original, in dB"),
    Column("gms", "GMS", "higher", 4, "similarity of gradient magnitudes to the original's"),
    Column(
        "cell_distance",
        "colour per cell",
        "lower",
        2,
        "mean CIEDE2000 between the sprite and the result reduced to its cells by area; nearest "
        "has 0 by definition",
        gate=True,
    ),
    Column(
        "turning",
        "turning",
        "lower",
        3,
        "how much contours turn, in radians per cell of their length: stairs turn much, smooth "
        "curves little",
    ),
    Column(
        "structure_distance",
        "structure distance",
        "lower",
        4,
        "DINO structure distance to the source or original",
    ),
    Column("fid", "FID", "lower", 1, "Frechet Inception distance to the real sprites"),
    Column("kid", "KID", "lower", 4, "kernel Inception distance to the real sprites"),
    Column(
        "kid_deviation",
        "KID deviation",
        "",
        4,
        "standard deviation of KID over its subsets; not ranked",
        gate=True,
    ),
    Column("inception_score", "Inception Score", "higher", 2, "of the sprites alone"),
    Column(
        "inception_deviation",
        "IS deviation",
        "",
        2,
        "standard deviation of the Inception Score over its splits; not ranked",
        gate=True,
    ),
    Column(
        "quality_ratio",
        "sqrt(FID / IS)",
        "lower",
        3,
        "geometric mean of FID and 1 / Inception Score, which CS424 calls GMS",
    ),
    Column(
        "exact",
        "exact size",
        "higher",
        3,
        "share of images whose native size in cells is right on both axes",
    ),
    Column(
        "near",
        "size within 2",
        "higher",
        3,
        "share with a size off by at most 2 cells per axis: cells cut at the border may be counted "
        "differently",
    ),
    Column(
        "sure",
        "sure",
        "",
        3,
        "share with a confidence from which the detector says that it is sure; not ranked",
        gate=True,
    ),
    Column("right_when_sure", "right when sure", "higher", 3, "share of exact sizes among these"),
    Column(
        "phase_error",
        "phase error",
        "lower",
        3,
        "mean distance to the true grid on the worse axis, in cells, where the size is exact and "
        "the method tells its grid",
    ),
    Column(
        "pixel_match",
        "pixel match",
        "higher",
        3,
        f"share of the sprite's cells that come back, every channel within {RECOVERED} of 255; 0 "
        "where the size is wrong",
    ),
    Column(
        "failed",
        "failed",
        "lower",
        3,
        "share of images on which it raises an error or hangs; they count as wrong",
    ),
    Column(
        "found_contrast",
        "contrast",
        "higher",
        3,
        "share of the artist's cells that come back, of those unlike a cell above, below or beside",
    ),
    Column("found_outline", "outline", "higher", 3, "the same of those of them beside nothing"),
    Column(
        "found_dark",
        "dark strokes",
        "higher",
        3,
        "the same of cells of a dark stroke or dot one cell wide",
    ),
    Column("found_light", "light strokes", "higher", 3, "the same of light ones"),
    Column("found_detail", "details", "higher", 3, "the same of cells unlike all eight around"),
    Column("found_flat", "flat", "higher", 3, "the same of cells that are not contrast"),
    Column(
        "wrong_contrast",
        "wrong contrast",
        "lower",
        2,
        "wrong contrast cells over those of the method that wrong cells are compared with",
    ),
    Column("wrong_dark", "wrong dark", "lower", 2, "the same of dark strokes"),
    Column(
        "seconds",
        "s / image",
        "lower",
        4,
        "seconds per image, median, networks loaded before; other work on the machine counts too",
    ),
)


@dataclass(frozen=True)
class Reference:
    """What results are compared with, besides their sources.

    What is empty or None leaves columns out.

    Attributes:
        real: uint8 ``(h, w, 3)`` sprites by artists.
        auc_seeds: trainings of the two-sample test.
        inception, vit: networks of :mod:`pixelization.evaluation.metrics.features`.
        real_features: of ``real``, by ``inception``.
        kid_subset, splits: of KID and the Inception Score.
    """

    real: list[np.ndarray] = field(default_factory=list)
    auc_seeds: int = 0
    inception: nn.Module | None = None
    vit: nn.Module | None = None
    real_features: features.Features | None = None
    kid_subset: int = features.SUBSET
    splits: int = 1


def build_reference(config: EvaluationConfig, real: list[np.ndarray]) -> Reference:
    """Load the networks whose files are given.

    ``UserError`` if one is missing or damaged, or a package is.
    """
    files = config.features
    vit = load_feature_network(files.vit, files.vit_name) if files.vit else None
    if not (files.inception and real):
        return Reference(real, config.auc_seeds, vit=vit)
    inception = (
        load_tf_inception(files.inception)
        if files.inception_kind == "tf2015"
        else load_feature_network(files.inception)
    )
    return Reference(
        real,
        config.auc_seeds,
        inception,
        vit,
        features.image_features(real, inception),
        kid_subset=files.kid_subset,
        splits=files.splits,
    )


def absent_columns(config: EvaluationConfig) -> list[str]:
    """A line on every group of columns that is left out for want of something."""
    lines = []
    if config.task == "pixelize":
        if not config.sprites:
            needing = "two-sample AUC, patch distance, FID, KID, Inception Score"
            lines.append(f"{needing}: no folder of real sprites is given as sprites")
        elif not config.auc_seeds:
            lines.append("two-sample AUC: auc_seeds is 0")
        if config.sprites and not config.features.inception:
            lines.append(
                "FID, KID, Inception Score: no file of a network is given as features.inception"
            )
    if config.task in ("pixelize", "depixelize") and not config.features.vit:
        lines.append("DINO structure distance: no file of a network is given as features.vit")
    return lines


def source_palettes(source: np.ndarray) -> dict[int, np.ndarray]:
    """The colours of a source for MCPD, which do not depend on the method.

    Uint8 ``(n, 3)`` by their wanted number.
    """
    return {k: kmeans_palette(source, k).colors for k in MCPD_COLORS}


def measure_sprite(
    source: np.ndarray,
    palettes: dict[int, np.ndarray],
    sprite: np.ndarray,
    network_output: np.ndarray | None,
    reference: Reference,
) -> dict[str, float]:
    """What can be said about one sprite.

    Args:
        source: uint8 ``(H, W, 3)``.
        palettes: :func:`source_palettes` of it.
        sprite: uint8 ``(h, w, 3)``.
        network_output: uint8, the networks' image that the sprite was voted from; None if there is
            none.
        reference: for what needs a network.

    Returns:
        Values by column; NaN where a metric does not apply.
    """
    values = {
        **_alone(sprite),
        "stroke_recall": strokes.stroke_recall(source, sprite),
        # An image with no more colours than asked for is its own palette.
        **{
            f"mcpd_{k}": colors.palette_distance(palette[None], sprite, k)
            for k, palette in palettes.items()
        },
        "color_distance": colors.color_distance(
            sprite, resampling.area(source, sprite.shape[1::-1])
        ),
        "flat_cells": NAN if network_output is None else _flat_share(network_output, sprite),
    }
    if reference.vit is not None:
        values["structure_distance"] = structure_distance(source, sprite, reference.vit)
    return values


def measure_enlargement(
    sprite: np.ndarray, original: np.ndarray | None, image: np.ndarray, reference: Reference
) -> dict[str, float]:
    """What can be said about one enlarged sprite, by column.

    How true it is to its sprite, how smooth, and how near to its original, if there is one.

    Args:
        sprite: uint8 ``(h, w, 3)``.
        original: uint8 ``(H, W, 3)``; None where nobody knows it.
        image: uint8 ``(H, W, 3)``, the result.
        reference: for what needs a network.
    """
    values = {
        "cell_distance": colors.color_distance(resampling.area(image, sprite.shape[1::-1]), sprite),
        "turning": contours.contour_turning(image, image.shape[1] / sprite.shape[1]),
    }
    if original is None:
        return values
    values["ssim"] = similarity.ssim(image, original)
    values["psnr"] = similarity.psnr(image, original)
    values["gms"] = similarity.gms(image, original)
    if reference.vit is not None:
        values["structure_distance"] = structure_distance(original, image, reference.vit)
    return values


def measure_recovery(damaged: Damaged, recovered: Recovered | None) -> dict[str, float]:
    """How much of the sprite in a damaged image came back, by column; None if the method failed."""
    if recovered is None:
        wrong = dict.fromkeys(("exact", "near", "pixel_match"), 0.0)
        return (
            wrong | dict.fromkeys(("sure", "right_when_sure", "phase_error"), NAN) | {"failed": 1.0}
        )
    sprite, grid = recovered.sprite, recovered.grid
    exact = sprite.shape[1::-1] == tuple(damaged.size)
    confidence = NAN if grid is None else grid.confidence
    sure = NAN if isnan(confidence) else float(confidence >= SURE)
    off = np.abs(np.subtract(sprite.shape[1::-1], damaged.size))
    return {
        "exact": float(exact),
        "near": float(off.max() <= 2),
        "sure": sure,
        "right_when_sure": float(exact) if sure == 1 else NAN,
        "phase_error": phase_error(grid, damaged) if exact and grid is not None else NAN,
        "pixel_match": _same_share(sprite, damaged.sprite) if exact else 0.0,
        "failed": 0.0,
    }


Counts = dict[str, tuple[int, int]]
"""Cells that came back, and all of them, by kind."""


def cells_found(target: np.ndarray, sprite: np.ndarray, margin: int) -> Counts:
    """Which cells of an artist's sprite came back, by what they are.

    A cell came back if it is nothing in both, or in none and no channel is off by more than is
    seen (``color.luma.ALIKE``).

    Args:
        target: the artist's sprite, uint8 ``(h, w, 3 or 4)``.
        sprite: what was made of its drawing, the same but for the channels.
        margin: cells on every side that are not counted.

    Returns:
        Counts of each of :func:`pixelization.training.data.artist_pairs.kinds.kinds`.
    """
    wanted, made = (to_tensor(with_alpha(each)) for each in (target, sprite))
    height, width = target.shape[:2]
    inner = (..., slice(margin, height - margin), slice(margin, width - margin))
    right = ~differ(made, wanted)[inner]
    cells = {kind: mask[inner] for kind, mask in kinds(wanted).items()}
    return {kind: (int((right & mask).sum()), int(mask.sum())) for kind, mask in cells.items()}


def found_share(counts: Iterable[Counts]) -> dict[str, float]:
    """Shares that came back by column, of the cells of all sprites together; NaN where there are
    none."""
    totals: dict[str, list[int]] = {}
    for each in counts:
        for kind, numbers in each.items():
            totals[kind] = [a + b for a, b in zip(totals.get(kind, (0, 0)), numbers, strict=True)]
    return {
        f"found_{kind}": came / cells if cells else NAN for kind, (came, cells) in totals.items()
    }


def mean_values(singles: Mapping[Any, dict[str, float]]) -> dict[str, float]:
    """Mean over the images that a metric applies to; of the seconds the median."""
    summary = {}
    for key in next(iter(singles.values())):
        values = [row[key] for row in singles.values() if not isnan(row.get(key, NAN))]
        average = statistics.median if key == "seconds" else statistics.fmean
        summary[key] = average(values) if values else NAN
    return summary


def set_measures(sprites: list[np.ndarray], reference: Reference) -> dict[str, Callable[[], float]]:
    """What can be said about a set of sprites beside the real ones, by column.

    A call of each, as some take long.
    """

    real, inception, real_features = (
        reference.real,
        reference.inception,
        reference.real_features,
    )
    calls: dict[str, Callable[[], float]] = {}
    if real and reference.auc_seeds:
        calls["auc"] = lambda: _or_nan(
            patches.two_sample_auc, sprites, real, seeds=reference.auc_seeds
        )
    if real:
        calls["patch_distance"] = lambda: _or_nan(patches.patch_distance, sprites, real)
    if inception is not None:

        @cache
        def seen() -> features.Features:
            return features.image_features(sprites, inception)

        # each is asked for by itself, so what they share is kept
        fid = cache(lambda: _or_nan(features.frechet_distance, seen(), real_features))

        @cache
        def kid() -> features.Spread:
            assert real_features is not None, "made with the network"
            try:
                return features.kernel_distance(seen(), real_features, subset=reference.kid_subset)
            except ValueError:  # too few images
                return features.Spread(NAN, NAN)

        score = cache(lambda: features.inception_score(seen(), splits=reference.splits))
        calls["fid"] = fid
        calls["kid"] = lambda: kid().mean
        calls["kid_deviation"] = lambda: kid().deviation
        calls["inception_score"] = lambda: score().mean
        if reference.splits > 1:
            calls["inception_deviation"] = lambda: score().deviation
        calls["quality_ratio"] = lambda: features.quality_ratio(fid(), score().mean)
    return calls


def measure_real(reference: Reference) -> dict[str, float]:
    """The same numbers of the real sprites themselves.

    Alone, or one half of them beside the other.
    """
    real = reference.real
    singles = [_alone(sprite) for sprite in real]
    values = {key: float(np.mean([each[key] for each in singles])) for key in singles[0]}
    halves = set_measures(real[::2], Reference(real[1::2], reference.auc_seeds))
    return values | {key: call() for key, call in halves.items()}


def _alone(sprite: np.ndarray) -> dict[str, float]:
    return {
        "isolated": single.isolated_share(sprite),
        "intermediate": single.intermediate_share(sprite),
        "colors": float(colors.number_of_colors(sprite)),
    }


def _flat_share(network_output: np.ndarray, sprite: np.ndarray) -> float:
    drawing = sprite.min(axis=2) < BACKGROUND
    flat = cell_purity(network_output, sprite.shape[:2]) < FLAT
    return float(flat[drawing].mean()) if drawing.any() else NAN


def _same_share(one: np.ndarray, other: np.ndarray) -> float:
    """Share of alike cells in two sprites of one size; on white, unless both have alpha."""
    has_alpha = one.shape[2] == other.shape[2] == 4

    def levels(sprite: np.ndarray) -> np.ndarray:
        image = Image.fromarray(sprite)
        # premultiplied: colours under alpha 0 do not count
        return np.asarray(image.convert("RGBa") if has_alpha else on_white(image)).astype(int)

    return float((np.abs(levels(one) - levels(other)) <= RECOVERED).all(axis=2).mean())


def _or_nan(metric: Callable[..., float], *sets: object, **options: int) -> float:
    """Sets that are too small, or have no drawing on them, have no distance."""
    try:
        return metric(*sets, **options)
    except ValueError:
        return NAN
