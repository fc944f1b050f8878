#!/usr/bin/env python3
"""Measure speed, memory and data loading; prints Markdown tables.

Networks have random weights: time does not depend on them. Whatever is compared is measured in
turns within one run, and medians are reported, so that a busy machine slows both sides alike.
"""

import argparse
import multiprocessing
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

import pixelization
from pixelization import Pixelizer
from pixelization.apps.cli.allocator import reuse_freed_memory
from pixelization.backends.pointing import PointingBackend
from pixelization.backends.torch import TorchBackend
from pixelization.cells.voting import majority_vote
from pixelization.detection.detector import detect_grid
from pixelization.errors import UserError
from pixelization.finishing.isolated import remove_isolated
from pixelization.finishing.jaggies import repair_jaggies
from pixelization.images.reading import read_image
from pixelization.networks.build import build_cascade, build_pointing
from pixelization.networks.cascade import Cascade
from pixelization.networks.lattice import SAMPLES
from pixelization.networks.main_colors import COUNT
from pixelization.networks.pointing import PointingCascade
from pixelization.networks.tensors import to_array, to_tensor
from pixelization.networks.weights import load_weights, pretrained_path
from pixelization.palettes.dithering import dither
from pixelization.palettes.extraction import ColorHistogram, fit_palette
from pixelization.palettes.names import DITHERS
from pixelization.training.config import build_system, check_for_training, load_config
from pixelization.training.run import build_trainer
from pixelization.training.systems.base import System

TOOLS = Path(__file__).resolve().parent
CONFIGS = Path(pixelization.__file__).parent / "configs"
EXAMPLES = TOOLS.parent / "examples" / "images"
SCALE = Fraction(3, 16)  # the default scale of the inference


def table(title: str, header: list[str], rows: list[list[str]]) -> None:
    """Print one Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    print(f"\n### {title}\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines), flush=True)


Action = Callable[[], Any]


def seconds(action: Action) -> float:
    """Wall-clock seconds of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def interleaved(actions: Mapping[str, Action], repeats: int) -> dict[str, float]:
    """Median seconds of every action, all measured in turns after one warm-up call each."""
    for action in actions.values():
        action()
    rounds = [{name: seconds(action) for name, action in actions.items()} for _ in range(repeats)]
    return {name: statistics.median(measured[name] for measured in rounds) for name in actions}


def load_cascade(name: str) -> Cascade:
    """The networks of configs/NAME.yaml with random weights, ready for inference."""
    cascade = build_cascade(load_config(CONFIGS / f"{name}.yaml").model).eval()
    return cascade.to(memory_format=torch.channels_last)


def load_pointing() -> PointingCascade:
    """The networks of configs/artists.yaml with random weights, ready for inference."""
    networks = build_pointing(load_config(CONFIGS / "artists.yaml").model).eval()
    return networks.to(memory_format=torch.channels_last)


def convolution_flops(action: Action) -> int:
    """Floating point operations of one call, counted at its convolutions and matrix products."""
    # Inference mode hides the convolutions from the counter; gradients are what it is there to
    # save.
    with torch.inference_mode(False), torch.no_grad(), FlopCounterMode(display=False) as counter:
        action()
    return counter.get_total_flops()


def convolution_share(action: Action) -> float:
    """Share of one call's time that is spent inside convolutions."""
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        action()
    events = profiler.key_averages()
    inside = sum(event.self_cpu_time_total for event in events if "conv" in event.key)
    return inside / sum(event.self_cpu_time_total for event in events)


def inference(repeats: int) -> None:
    """Seconds per image.

    Lite against paper, lite against image size, and how close to the machine's peak.
    """

    def random(*shape: int) -> torch.Tensor:
        return torch.rand(*shape).contiguous(memory_format=torch.channels_last)

    image, wide, kernel, square = (
        random(1, 3, 256, 256) * 2 - 1,
        random(1, 256, 64, 64),
        random(256, 256, 3, 3),
        torch.rand(1536, 1536),
    )
    cascades = {name: load_cascade(name) for name in ("cascade_lite", "cascade_paper")}
    networks = {name: partial(cascade.pixelize, image, SCALE) for name, cascade in cascades.items()}
    peaks: dict[str, Action] = {
        "convolution 256 -> 256, 3x3, 64x64": lambda: torch.nn.functional.conv2d(
            wide, kernel, padding=1
        ),
        "matrix product 1536^3": lambda: square @ square,
    }
    pixelizer = Pixelizer(TorchBackend(cascades["cascade_lite"], "cpu"))
    pictures = {
        side: np.random.default_rng(side).integers(0, 256, (side, side, 3), dtype=np.uint8)
        for side in (256, 512, 1024)
    }
    calls = {
        f"{side}x{side}": partial(pixelizer.networks, picture) for side, picture in pictures.items()
    }

    flops = {name: convolution_flops(action) for name, action in (networks | peaks).items()}
    with torch.inference_mode():
        times = interleaved(networks | peaks | calls, repeats)
        inside = {name: convolution_share(action) for name, action in networks.items()}
    rates = {name: flops[name] / times[name] for name in flops}
    peak = max(rates[name] for name in peaks)

    table(
        "fp32 peak of this machine",
        ["operation", "GFLOP/s"],
        [[name, f"{rates[name] / 1e9:.0f}"] for name in peaks],
    )
    lite = times["cascade_lite"]
    table(
        "Pixelize 256x256, GridNet and PixelNet alone, batch 1",
        [
            "networks",
            "s",
            "time, lite = 1",
            "GFLOP",
            "GFLOP/s",
            "of the peak",
            "time in convolutions",
        ],
        [
            [
                name,
                f"{times[name]:.3f}",
                f"{times[name] / lite:.1f}",
                f"{flops[name] / 1e9:.1f}",
                f"{rates[name] / 1e9:.0f}",
                f"{rates[name] / peak:.0%}",
                f"{inside[name]:.0%}",
            ]
            for name in networks
        ],
    )
    table(
        "Pixelizer.networks, cascade_lite, the whole call",
        ["image", "s", "time, 256x256 = 1"],
        [[name, f"{times[name]:.3f}", f"{times[name] / times['256x256']:.1f}"] for name in calls],
    )


def families(repeats: int) -> None:
    """Both families of networks on one picture of 256x256 pixels, to 48x48 cells.

    On one thread and on two.
    """
    cells, threads = 48, torch.get_num_threads()
    cascade, pointing = load_cascade("cascade_lite"), load_pointing()
    image = torch.rand(1, 3, 256, 256).mul(2).sub(1).contiguous(memory_format=torch.channels_last)
    lattice = torch.rand(1, 4, cells * SAMPLES, cells * SAMPLES) * 2 - 1
    lattice[:, 3] = 1
    main, size = torch.rand(1, COUNT, 3) * 2 - 1, torch.tensor([256 / cells])
    exists = torch.ones(1, COUNT, dtype=torch.bool)
    pixels = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    by_cascade = Pixelizer(TorchBackend(cascade, "cpu"))
    by_pointing = Pixelizer(PointingBackend(pointing, "cpu"))
    pairs: dict[str, tuple[Action, Action]] = {
        "GridNet and PixelNet alone": (
            partial(torch.inference_mode()(cascade.pixelize), image, SCALE),
            partial(pointing.point, lattice, size, main, exists),
        ),
        "Pixelizer.networks, the whole call": (
            partial(by_cascade.networks, pixels, size=(cells, cells)),
            partial(by_pointing.networks, pixels, size=(cells, cells)),
        ),
    }
    rows = []
    for count in (1, 2):
        torch.set_num_threads(count)
        for what, (first, second) in pairs.items():
            times = interleaved({"cascade": first, "pointing": second}, repeats)
            ratio = times["pointing"] / times["cascade"]
            numbers = [f"{times['cascade']:.3f}", f"{times['pointing']:.3f}", f"{ratio:.2f}"]
            rows.append([what, str(count), *numbers])
    torch.set_num_threads(threads)
    table(
        "256x256 pixels to 48x48 cells: networks that point against the cascade",
        ["what", "threads", "cascade_lite, s", "artists, s", "cascade_lite = 1"],
        rows,
    )


def measure_memory(side: int, threads: int) -> tuple[float, float]:
    """Seconds and peak resident GiB of one whole ``Pixelizer.networks`` call.

    Runs in a fresh process.
    """
    reuse_freed_memory()
    torch.set_num_threads(threads)
    image = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    pixelizer = Pixelizer(TorchBackend(load_cascade("cascade_lite"), "cpu"))
    elapsed = seconds(lambda: pixelizer.networks(image))
    # Linux counts in KiB
    return elapsed, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def memory(threads: int) -> None:
    """Peak memory of a whole call, array to sprite, each size in its own process."""
    rows = []
    for side in (256, 1024, 4096):
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            elapsed, peak = pool.submit(measure_memory, side, threads).result()
        rows.append([f"{side}x{side}", f"{elapsed:.2f}", f"{peak:.2f}"])
    table(
        "Pixelizer.networks, cascade_lite, one cold call", ["image", "s", "peak memory, GiB"], rows
    )


def classical(repeats: int) -> None:
    """Everything after the networks, at 64x64 cells, against their time on the same image."""
    cells = 64
    rows = []
    for name in ("snowman.png", "cat.jpg"):
        cascade, _ = load_weights(pretrained_path())
        cascade.eval().to(memory_format=torch.channels_last)
        image = (
            read_image(EXAMPLES / name)
            .convert("RGB")
            .resize((4 * cells, 4 * cells), Image.Resampling.BOX)
        )
        tensor = to_tensor(image).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode():
            output = to_array(cascade.pixelize(tensor, Fraction(1, 4)).refined)
        sprite = majority_vote(output, (cells, cells))
        histogram = ColorHistogram()
        histogram.add(sprite)
        palette = fit_palette(histogram, 16)
        networks = torch.inference_mode()(cascade.pixelize)
        actions = {
            "networks": partial(networks, tensor, Fraction(1, 4)),
            "majority vote": partial(majority_vote, output, (cells, cells)),
            "clean-up: isolated": partial(remove_isolated, sprite),
            "clean-up: jaggies": partial(repair_jaggies, sprite),
            **{
                f"palette of 16, dither {kind}": partial(dither, sprite, palette, kind)
                for kind in DITHERS
            },
            "fit a palette of 16": partial(fit_palette, histogram, 16),
        }
        times = interleaved(actions, repeats)
        steps = (
            "majority vote",
            "clean-up: isolated",
            "clean-up: jaggies",
            "palette of 16, dither {}",
        )
        for kind in ("none", "bayer4", "floyd-steinberg"):
            times[f"vote, clean-up, palette, {kind}"] = sum(
                times[step.format(kind)] for step in steps
            )
        rows += [
            [name, what, f"{1000 * value:.2f}", f"{value / times['networks']:.1%}"]
            for what, value in times.items()
        ]
    table("After the networks, 64x64 cells", ["image", "step", "ms", "of the networks' time"], rows)


def detection(repeats: int) -> None:
    """Finding the grid of an image of 1024x1024 pixels against reading it as PNG.

    And the memory of 4096x4096.
    """
    sprite = read_image(EXAMPLES.parent / "sprites" / "snake.png").convert("RGB")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for what, resampling in (
            ("nearest", Image.Resampling.NEAREST),
            ("bicubic", Image.Resampling.BICUBIC),
        ):
            path = Path(folder) / f"{what}.png"
            sprite.resize((1024, 1024), resampling).save(path)
            pixels = np.asarray(read_image(path))
            times = interleaved(
                {
                    "read": partial(read_image, path),
                    "detect": partial(detect_grid, pixels),
                },
                repeats,
            )
            rows.append(
                [
                    f"{what}, 1024x1024",
                    f"{times['read']:.3f}",
                    f"{times['detect']:.3f}",
                    f"{times['detect'] / times['read']:.1f}",
                ]
            )
    table(
        "Finding the grid", ["image", "reading, s", "detection, s", "detection, reading = 1"], rows
    )
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        elapsed, peak = pool.submit(measure_detection, 4096).result()
    table(
        "Finding the grid, one cold call",
        ["image", "s", "peak memory, GiB"],
        [["bicubic, 4096x4096", f"{elapsed:.2f}", f"{peak:.2f}"]],
    )


def measure_detection(side: int) -> tuple[float, float]:
    """Seconds and peak resident GiB of one detection; runs in a fresh process."""
    sprite = read_image(EXAMPLES.parent / "sprites" / "snake.png").convert("RGB")
    pixels = np.asarray(sprite.resize((side, side), Image.Resampling.BICUBIC))
    elapsed = seconds(lambda: detect_grid(pixels))
    return elapsed, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def batch(count: int) -> None:
    """Images of 64x64 pixels in one process against one process each.

    And the memory of batches of two sizes.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, random = Path(name), np.random.default_rng(0)
        (folder / "in").mkdir()
        for index in range(count):
            pixels = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).resize((64, 64)).save(folder / "in" / f"{index:04d}.png")
        sources = sorted((folder / "in").iterdir())
        few = sources[:10]

        def run(inputs: list[Path], out: str, *flags: str) -> tuple[float, float]:
            """Seconds and peak MiB of one process."""
            command = [
                sys.executable,
                TOOLS / "pixelize.py",
                *inputs,
                "-o",
                folder / out,
                "--quiet",
                *flags,
            ]
            elapsed = seconds(lambda: subprocess.run([str(part) for part in command], check=True))
            return elapsed, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024

        # The high-water mark of all children only grows, so the smaller batch comes first.
        alone = [run([source], f"alone{index}")[0] for index, source in enumerate(few)]
        tenth, tenth_memory = run(sources[: count // 10], "tenth")
        whole, whole_memory = run(sources, "whole")
        jobs, _ = run(sources, "jobs", "--jobs", "2")
    each = statistics.median(alone)
    rows = [
        [
            f"{count} processes of one image (median of {len(few)}, times {count})",
            f"{each * count:.1f}",
            f"{each * count / whole:.1f}",
            "",
        ],
        [
            f"one process, {count // 10} images",
            f"{tenth:.1f}",
            f"{tenth / whole:.2f}",
            f"{tenth_memory:.0f}",
        ],
        [f"one process, {count} images", f"{whole:.1f}", "1", f"{whole_memory:.0f}"],
        [f"one process, {count} images, --jobs 2", f"{jobs:.1f}", f"{jobs / whole:.2f}", ""],
    ]
    table(
        "pixelize on images of 64x64 pixels",
        ["what", "s", "one batch = 1", "peak memory, MiB"],
        rows,
    )


def loader(path: Path, overrides: list[str], repeats: int) -> None:
    """Time to make a batch against that of a training step.

    And how much a step slows down beside the loader.
    """
    config = load_config(path, overrides)
    check_for_training(config)
    train = config.train

    def batches(workers: int) -> tuple[System, Iterator[Any]]:
        system = build_system(replace(config, data=replace(config.data, workers=workers)))
        return system, system.data.batches(
            batch_size=train.batch_size, start_step=0, steps=repeats + 1, rank=0, world_size=1
        )

    _, alone = batches(workers=0)
    fixed = next(alone)
    making = statistics.median(seconds(lambda: next(alone)) for _ in range(repeats))
    system, beside = batches(workers=config.data.workers)
    trainer = build_trainer(config, system)
    waits: list[float] = []

    def load_and_step() -> None:
        start = time.perf_counter()
        batch = next(beside)
        waits.append(time.perf_counter() - start)
        trainer.train_step(batch)

    times = interleaved(
        {"alone": lambda: trainer.train_step(fixed), "beside": load_and_step}, repeats
    )
    rows = [
        ["make one batch, in the same process", making],
        ["training step on a batch at hand", times["alone"]],
        [
            f"training step with its batch from the loader, workers = {config.data.workers}",
            times["beside"],
        ],
        ["of that, waiting for the batch", statistics.median(waits[1:])],
    ]
    table(
        f"Loading and training, {path.stem}, batch {train.batch_size} of {config.data.crop} px, "
        f"on {trainer.device}",
        ["what", "s", "step on a batch at hand = 1"],
        [[name, f"{value:.4f}", f"{value / times['alone']:.3f}"] for name, value in rows],
    )


def main(argv: list[str] | None = None) -> int:
    """Run the measurements; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--what",
        choices=[
            "inference",
            "families",
            "memory",
            "classical",
            "detection",
            "batch",
            "loader",
            "all",
        ],
        default="all",
    )
    parser.add_argument(
        "--cfg",
        type=Path,
        default=CONFIGS / "cascade_lite.yaml",
        help="configuration of the loader's measurement",
    )
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="key.sub=value",
        help="changes to that configuration, as data.sprites=FOLDER",
    )
    parser.add_argument(
        "--threads", type=int, help="threads of torch (default: torch's own choice)"
    )
    parser.add_argument(
        "--images", type=int, default=1000, help="images of the batch (default: 1000)"
    )
    parser.add_argument(
        "--repeats", type=int, default=7, help="rounds of which the median is taken (default: 7)"
    )
    args = parser.parse_intermixed_args(argv)
    if args.images < 10:
        parser.error("--images takes numbers from 10 up")
    if args.repeats < 1 or (args.threads is not None and args.threads < 1):
        parser.error("--repeats and --threads take numbers from 1 up")

    reuse_freed_memory()  # as the tools do
    if args.threads:
        torch.set_num_threads(args.threads)
    threads = torch.get_num_threads()
    print(f"torch {torch.__version__}, {threads} threads, {args.repeats} rounds")
    try:
        # Memory first: a new process inherits the high-water mark of the one that starts it.
        if args.what in ("memory", "all"):
            memory(threads)
        if args.what in ("inference", "all"):
            inference(args.repeats)
        if args.what in ("families", "all"):
            families(args.repeats)
        if args.what in ("classical", "all"):
            classical(args.repeats)
        if args.what in ("detection", "all"):
            detection(args.repeats)
        if args.what in ("batch", "all"):
            batch(args.images)
        if args.what in ("loader", "all"):
            loader(args.cfg, args.overrides, args.repeats)
    except UserError as error:
        print(f"benchmark: error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
