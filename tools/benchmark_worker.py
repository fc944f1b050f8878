#!/usr/bin/env python3
"""One contestant of benchmark.py, in a process of its own: measures what it is told to, in turns.

Every line on stdin is a request, a JSON object with "what" and arguments; every line on stdout says
how many seconds of CPU (of all threads) and of the clock it took. It also runs where an older
commit's package is found first, so it asks for as little of the package as it can.

    benchmark_worker.py CONTESTANT THREADS
"""
# ruff: noqa: PLC0415 - every contestant imports what it needs, and nothing else

import contextlib
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

THREADS = int(sys.argv[2])
# Before any library reads them. Threads that wait do not count as threads that work.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(THREADS)
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

import numpy as np  # noqa: E402 - after the variables
from PIL import Image  # noqa: E402

PATCH = 6  # pixels of a cell while PixelOE works, by default

Action = Callable[..., Any]


def ours(backend: str) -> dict[str, Action]:
    """This package with one of its backends: the whole call, and the networks alone."""
    from pixelization import Pixelizer
    from pixelization.apps.cli.allocator import reuse_freed_memory

    reuse_freed_memory()  # as the commands do
    if backend == "onnx":
        from pixelization.backends.choice import onnx_file
        from pixelization.backends.onnx import OnnxBackend

        pixelizer = Pixelizer(OnnxBackend(onnx_file("lite"), THREADS))
    else:
        import torch

        torch.set_num_threads(THREADS)
        pixelizer = Pixelizer.from_pretrained("lite", "cpu", "torch")
    running: Any = pixelizer.backend  # the networks alone are nobody's interface

    def snap(file: str) -> None:
        from pixelization import pixel_snap

        pixel_snap(file)

    def flops(file: str, size: list[int]) -> dict[str, float]:
        from torch.utils.flop_counter import FlopCounterMode

        networks = running.networks
        given = [torch.from_numpy(each) for each in _inputs(file, *size)]
        # of the plain form, whose products are those of all; inference mode hides operations from
        # the counter
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            first = networks.gridnet(*given)
            networks.pixelnet(first, first.sprite())
        return {"flops": float(counter.get_total_flops())}

    return {
        "flops": flops,
        "whole": lambda file, size: pixelizer.pixelize(file, size=tuple(size)),
        "networks": lambda file, size: running._decided(*_inputs(file, *size)),
        "snap": snap,
    }


def reference() -> dict[str, Action]:
    """The package at 6d585ee, which knew torch only."""
    import torch

    from pixelization import Pixelizer
    from pixelization.cli.allocator import (  # type: ignore[import-not-found]
        reuse_freed_memory,
    )
    from pixelization.pipeline import pixelize_image  # type: ignore[attr-defined]
    from pixelization.style import Style  # type: ignore[import-not-found]

    reuse_freed_memory()
    torch.set_num_threads(THREADS)
    pixelizer = Pixelizer.from_pretrained("lite", "cpu")
    return {
        "whole": lambda file, size: pixelize_image(pixelizer, file, Style(size=tuple(size))),
    }


def pixeloe(resized: bool) -> dict[str, Action]:
    """PixelOE on torch, on the image as it is, or resized to its default of pixels per cell."""
    import logging

    import torch

    torch.set_num_threads(THREADS)
    with contextlib.suppress(ImportError):
        from pixelization.networks.torchvision_import import import_torchvision

        import_torchvision()
    from pixeloe.torch.pixelize import pixelize

    logging.getLogger("PixelOE").setLevel(logging.ERROR)

    def whole(file: str, size: list[int]) -> Image.Image:
        image = Image.open(file).convert("RGB")
        if resized:
            image = image.resize((size[0] * PATCH, size[1] * PATCH), Image.Resampling.BICUBIC)
        # a cell must measure whole pixels
        patch = PATCH if resized else -(-image.width // size[0])
        tensor = torch.from_numpy(np.asarray(image).transpose(2, 0, 1)[None] / np.float32(255))
        with torch.inference_mode():
            sprite = pixelize(tensor, pixel_size=patch, no_post_upscale=True, backend="torch")
        pixels = (sprite[0].clamp(0, 1) * 255).byte().permute(1, 2, 0)
        return Image.fromarray(pixels.numpy())

    return {"whole": whole}


def unfake() -> dict[str, Action]:
    """Recovers sprites of enlarged pixel art, as pixel-snap does."""
    import unfake as package

    def snap(file: str) -> None:
        with contextlib.redirect_stdout(sys.stderr):
            package.process_image_sync(file, max_colors=256)

    return {"snap": snap}


def machine() -> dict[str, Action]:
    """What this machine can do: matrix products, and copies of memory."""
    side = 1024
    square = np.random.default_rng(0).random((side, side), np.float32)
    product = np.empty_like(square)
    source = np.ones(1 << 26, np.float32)  # 256 MiB: no cache holds it
    target = np.empty_like(source)
    return {
        "gemm": lambda: np.matmul(square, square, out=product),
        "copy": lambda: np.copyto(target, source),
    }


def commands() -> dict[str, Action]:
    """Whole processes. A child's peak counts that of its parent, so the parent is small."""

    def process(line: list[str], environment: dict[str, str]) -> dict[str, float]:
        with tempfile.TemporaryFile() as said:
            child = subprocess.Popen(line, stdout=said, stderr=said, env=os.environ | environment)
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode:
                said.seek(0)
                raise RuntimeError(said.read().decode(errors="replace"))
        # Linux counts in KiB
        return {"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024}

    return {"process": process}


@functools.cache  # the networks alone are measured
def _inputs(file: str, width: int, height: int) -> tuple[np.ndarray, ...]:
    """What networks that point are given of an image, made opaque, for so many cells.

    Of noise, no cell would be sure, and all would be looked at again.
    """
    from pixelization.cells.lattice import signed

    image = Image.open(file).convert("RGB").resize((8 * width, 8 * height)).convert("RGBA")
    pixels = np.asarray(image)
    lattice = signed(pixels.transpose(2, 0, 1))
    return lattice[None], np.array([8.0], np.float32)


CONTESTANTS: dict[str, Callable[[], dict[str, Action]]] = {
    "onnx": lambda: ours("onnx"),
    "torch": lambda: ours("torch"),
    "reference": reference,
    "pixeloe": lambda: pixeloe(resized=False),
    "pixeloe, resized": lambda: pixeloe(resized=True),
    "unfake": unfake,
    "machine": machine,
    "commands": commands,
}


def main() -> None:
    """Answer requests until there are no more."""
    actions = CONTESTANTS[sys.argv[1]]()
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        action = actions[request.pop("what")]
        cpu, clock = time.process_time(), time.perf_counter()
        measured = action(**request)
        took = {"cpu": time.process_time() - cpu, "clock": time.perf_counter() - clock}
        print(json.dumps(took | (measured if isinstance(measured, dict) else {})), flush=True)


if __name__ == "__main__":
    main()
