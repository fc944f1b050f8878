"""Calls every method with everything, and measures what comes out."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from pixelization.config import check_named_folder
from pixelization.errors import UserError
from pixelization.evaluation.config import EvaluationConfig
from pixelization.evaluation.inputs import Case, Item, read_cases, read_folder, read_sprites
from pixelization.evaluation.measures import (
    Reference,
    absent_columns,
    build_reference,
    mean_values,
    measure_enlargement,
    measure_real,
    measure_sprite,
    set_measures,
    source_palettes,
)
from pixelization.evaluation.methods import Method, Methods, build_methods
from pixelization.evaluation.metrics.strokes import dark_area_ratio
from pixelization.evaluation.pairs import evaluate_pairs, read_held_out
from pixelization.evaluation.provenance import versions
from pixelization.evaluation.report import new_folder, write_report
from pixelization.evaluation.suite import evaluate_detectors
from pixelization.evaluation.tables import Picture, Report, Table
from pixelization.evaluation.validation import sample
from pixelization.images.writing import png_bytes
from pixelization.palettes.assignment import apply_palette
from pixelization.palettes.extraction import kmeans_palette

Evaluated = tuple[list[Table], dict[str, str]]
"""The tables, and what the report tells of where they come from, beside versions and backends."""
Prepared = tuple[Callable[[Methods], Evaluated], list[str]]
"""What is left to do of a task once its images are read, and a line on every file that cannot be
used."""
MAX_SHOWN = 1024  # pixels; larger sources are reduced for the report's pictures


def run_evaluation(config: EvaluationConfig, *, command: str, overwrite: bool = False) -> Report:
    """Evaluate and write the report.

    It goes into the folder ``config.out/config.name``, which appears whole or not at all.

    Args:
        config: what to compare.
        command: that the report names as its origin.
        overwrite: replace a report of that name.

    Returns:
        What the report was made from; its ``failures`` are the images that could not be used.

    Raises:
        UserError: a method cannot run, a folder has no images, or the report cannot be written.
    """
    for each in config.images:
        check_named_folder("images", each.folder, "images='[{name: mine, folder: FOLDER}]'")
    if config.sprites:
        check_named_folder("sprites", config.sprites, "sprites=FOLDER")
    prepare = {"snap": _suite, "pairs": _pairs}.get(config.task, _cases)
    run, failures = prepare(config)
    methods = build_methods(config)
    left_out = [*absent_columns(config), *methods.left_out]
    with new_folder(Path(config.out) / config.name, overwrite=overwrite) as folder:
        tables, inputs = run(methods)
        origin = versions(config.device) | _backends(methods) | inputs
        report = Report(config, tables, command, origin, methods.weights, left_out, failures)
        write_report(folder, report)
    return report


def _cases(config: EvaluationConfig) -> Prepared:
    cases, failures = read_cases(config)
    real: list[np.ndarray] = []
    if config.task == "pixelize" and config.sprites:
        sprites, unreadable = read_folder(config.sprites)
        real, failures = list(sprites.values()), failures + unreadable
    reference = build_reference(config, real)
    return lambda methods: (evaluate(config, cases, methods.ready, reference), {}), failures


def _suite(config: EvaluationConfig) -> Prepared:
    found, failures = read_sprites(config.sprites)
    sprites = {name: found[name] for name in sample(found, config.limit)}
    return lambda methods: (evaluate_detectors(config, sprites, methods.detectors), {}), failures


def _pairs(config: EvaluationConfig) -> Prepared:
    sprites, failures = read_held_out(config.sprites, config.half, config.sources, config.limit)

    def run(methods: Methods) -> Evaluated:
        tables, digest = evaluate_pairs(config, sprites, methods.ready)
        count = f"{len(sprites)}, half '{config.half}'"
        return tables, {"sprites": count, "pairs": f"sha256 {digest}"}

    return run, failures


def _backends(methods: Methods) -> dict[str, str]:
    """What ran the networks, for the list of versions; nothing without any."""
    named = ", ".join(f"{name}: {backend}" for name, backend in methods.backends.items())
    return {"backends": named} if named else {}


def evaluate(
    config: EvaluationConfig, cases: list[Case], methods: tuple[Method, ...], reference: Reference
) -> list[Table]:
    """Run all methods on all cases.

    A progress bar on stderr counts their calls and the measures of sets.
    """
    of_sets = len(set_measures([], reference))
    total = sum((len(case.items) + of_sets) * len(methods) for case in cases) + bool(reference.real)
    with tqdm(total=total, unit="step", dynamic_ncols=True) as progress:
        real = {}
        if reference.real:
            progress.set_postfix_str("real sprites")
            real = measure_real(reference)
            progress.update()
        return [_evaluate_case(config, case, methods, reference, real, progress) for case in cases]


def _evaluate_case(
    config: EvaluationConfig,
    case: Case,
    methods: tuple[Method, ...],
    reference: Reference,
    real: dict[str, float],
    progress: tqdm,
) -> Table:
    singles: dict[str, dict[str, dict[str, float]]] = {method.name: {} for method in methods}
    sprites: dict[str, list[np.ndarray]] = {method.name: [] for method in methods}
    pictures = []
    for item in case.items:
        made = {}
        palettes = source_palettes(item.input) if config.task == "pixelize" else {}
        for method in methods:  # in turns, so that what else the machine does hits all of them
            progress.set_postfix_str(f"{case.images}, {case.size}: {method.name}", refresh=False)
            image, network_output, seconds = _run(
                method, item, case, config.colors if config.task == "pixelize" else 0
            )
            if config.task == "pixelize":
                values = measure_sprite(item.input, palettes, image, network_output, reference)
                sprites[method.name].append(image)
            else:
                values = measure_enlargement(item.input, item.original, image, reference)
            singles[method.name][item.name] = values | {"seconds": seconds}
            made[method.name] = png_bytes(image)
            progress.update()
        pictures.append(_picture(item, made, config.task))

    rows = {method.name: mean_values(singles[method.name]) for method in methods}
    for name, row in rows.items():
        if config.task == "pixelize":
            row["dark_area"] = dark_area_ratio([item.input for item in case.items], sprites[name])
        for key, call in set_measures(sprites[name], reference).items():
            progress.set_postfix_str(f"{case.images}, {case.size}: {key} of {name}")
            row[key] = call()
            progress.update()
    return Table(case.images, case.size, rows, singles, real, pictures)


def _run(
    method: Method, item: Item, case: Case, colors: int
) -> tuple[np.ndarray, np.ndarray | None, float]:
    """What a method makes of an item.

    Args:
        colors: the result is reduced to so many; 0: as it is.

    Returns:
        The result; the networks' image, if there is one; seconds, NaN where they say nothing.
    """
    started = time.perf_counter()
    try:
        image, network_output = method.run(item.input, item.target)
    except UserError as error:
        raise UserError(f"method '{method.name}', {case.images}, {item.name}: {error}") from None
    seconds = time.perf_counter() - started if method.timed else math.nan
    if colors:
        image = apply_palette(image, kmeans_palette(image, colors))
    return image, network_output, seconds


def _picture(item: Item, made: dict[str, bytes], task: str) -> Picture:
    if task == "pixelize":
        source = Image.fromarray(item.input)
        source.thumbnail((MAX_SHOWN, MAX_SHOWN), Image.Resampling.LANCZOS)
        return Picture(item.name, {"source": png_bytes(source)}, made, item.target)
    given = {} if item.original is None else {"original": png_bytes(item.original)}
    height, width = item.input.shape[:2]
    return Picture(item.name, given | {"sprite": png_bytes(item.input)}, made, (width, height))
