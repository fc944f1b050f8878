#!/usr/bin/env python3
"""Measure speed and memory beside an older commit, other packages and what the machine can do.

Every contestant is a process of its own (benchmark_worker.py). They are measured in turns within
one run, and medians of the seconds of CPU are compared, so that a busy machine slows all alike.

    tools/benchmark.py --reference 6d585ee --cartoons ../shared/data/cartoon/val \\
        --markdown docs/speed.md

The page is written anew after every section, so that a run that is stopped leaves what it has.
"""

import argparse
import json
import os
import platform
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from PIL import Image

from pixelization.apps.cli.arguments import ArgumentParser, positive
from pixelization.apps.cli.running import run_tool
from pixelization.errors import UserError
from pixelization.files import write_whole
from pixelization.images.reading import list_images

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
PICTURES = ("house.png", "cat.jpg")  # a drawing and a photo: how long the steps take differs
SIDES = (256, 512, 1024, 2048, 4096)
CELLS = 48
LARGEST_WHOLE = 512  # pixels per side that PixelOE is given as they are
OLD_CELL = 16 / 3  # pixels, the default at 6d585ee
GIGA, MIB = 1e9, 2**20
PRODUCT = 2 * 1024**3  # floating point operations of the matrix product that is measured
COPIED = 2 * 4 * 2**26  # bytes that the copy reads and writes
PACKAGES = ("numpy", "pillow", "scipy", "onnxruntime", "torch", "pixeloe", "unfake")

Row = Sequence[str]
Key = TypeVar("Key")


@dataclass
class Page:
    """Markdown, as it grows.

    Attributes:
        bars: what is promised, what was measured, and whether that holds.
    """

    sections: list[str] = field(default_factory=list)
    bars: list[Row] = field(default_factory=list)

    def table(self, title: str, text: str, header: Row, rows: Sequence[Row]) -> None:
        """Add a section with a table, and print it."""
        lines = [header, ["---"] * len(header), *rows]
        drawn = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        self.sections.append(f"## {title}\n{text}\n\n{drawn}\n")
        print(self.sections[-1], flush=True)

    def bar(self, what: str, wanted: str, found: str, holds: bool) -> None:
        """Add a line on something that is promised."""
        self.bars.append([what, wanted, found, "yes" if holds else "**no**"])


@dataclass(frozen=True)
class Took:
    """Seconds of CPU of all threads, and of the clock; MiB that were resident at most; counted."""

    cpu: float
    clock: float = 0.0
    peak: float = 0.0
    flops: float = 0.0


class Contestant:
    """A process that does what it is told and says how long that took.

    Args:
        name: of benchmark_worker.py.
        package: the folder whose ``pixelization`` it imports.
        threads: of the networks and of BLAS.

    Raises:
        UserError: it does not start, as when a package is missing.
    """

    def __init__(self, name: str, package: Path, threads: int) -> None:
        worker = Path(__file__).with_name("benchmark_worker.py")
        self.process = subprocess.Popen(
            [sys.executable, worker, name, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | _environment(package),
            cwd=worker.parent,  # no package lies there
        )
        self.name = name
        if self._answer() != "ready":
            self.__exit__()
            raise UserError(f"{name}: does not start: is everything installed that it needs?")

    def __enter__(self) -> "Contestant":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self.process.kill()
        self.process.communicate()

    def run(self, what: str, **arguments: Any) -> Took:
        """One call of an action."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"what": what, **arguments}) + "\n")
        self.process.stdin.flush()
        answer = self._answer()
        if not answer:
            raise UserError(f"{self.name}: failed at {what} {arguments}")
        return Took(**json.loads(answer))

    def _answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


def in_turns(
    actions: Mapping[Key, Callable[[], Took]], rounds: int, *, warm: bool = True
) -> dict[Key, Took]:
    """Medians of every action, all measured in turns.

    Args:
        actions: by any key.
        rounds: how often each is measured.
        warm: call each once before, which does not count.
    """
    for action in actions.values() if warm else ():
        action()
    found = [{name: action() for name, action in actions.items()} for _ in range(rounds)]
    return {
        name: Took(
            *(
                statistics.median(getattr(each[name], what) for each in found)
                for what in ("cpu", "clock", "peak", "flops")
            )
        )
        for name in actions
    }


def command(runner: Contestant, package: Path, *arguments: str | Path, threads: int = 1) -> Took:
    """A process of ``tools/pixelize.py`` of a package, or of ``-c`` and what follows."""
    tool = [] if arguments[0] == "-c" else [package / "tools" / "pixelize.py"]
    line = [str(each) for each in (sys.executable, *tool, *arguments)]
    return runner.run("process", line=line, environment=_environment(package, threads))


def _environment(package: Path, threads: int = 1) -> dict[str, str]:
    return {
        "PYTHONPATH": str(package),
        "OMP_NUM_THREADS": str(threads),
        "PYTHONDONTWRITEBYTECODE": "",  # modules are compiled once, as where they are installed
    }


@dataclass(frozen=True)
class Setting:
    """What all sections share.

    Attributes:
        reference: the folder of the older commit; None: it is left out.
        folder: for files.
        threads, rounds, images: see ``--help``.
        cartoons: folder of drawings for the batch.
    """

    reference: Path | None
    folder: Path
    threads: int
    rounds: int
    images: int
    cartoons: str

    def contestants(
        self, stack: ExitStack, *names: str, beside: Sequence[str] = ()
    ) -> list[Contestant]:
        """Those of these names, and those ``beside`` them that can start; "reference" is the older
        commit.

        Raises:
            UserError: one of the former does not start.
        """
        started = []
        for name in (*names, *beside):
            package = self.reference if name == "reference" else ROOT
            if package is None:
                continue
            try:
                started.append(stack.enter_context(Contestant(name, package, self.threads)))
            except UserError as error:
                if name in names:
                    raise
                print(f"benchmark: left out: {error}", file=sys.stderr)
        return started

    def pictures(self, side: int) -> list[Path]:
        """The examples as PNG files of ``side`` x ``side`` pixels."""
        files = []
        for name in PICTURES:
            file = self.folder / f"{Path(name).stem}_{side}.png"
            if not file.exists():
                image = Image.open(EXAMPLES / "images" / name).convert("RGB")
                image.resize((side, side), Image.Resampling.LANCZOS).save(file)
            files.append(file)
        return files

    def commands(self) -> dict[str, tuple[Path, list[str]]]:
        """The packages whose commands are run, and flags for them."""
        found = {
            "onnx": (ROOT, ["--backend", "onnx"]),
            "torch": (ROOT, ["--backend", "torch"]),
        }
        return found | ({"reference": (self.reference, [])} if self.reference else {})


def cold(setting: Setting, page: Page) -> None:
    """A command for one icon of 64x64 pixels, from nothing."""
    icon = setting.folder / "icon.png"
    Image.open(EXAMPLES / "images" / PICTURES[0]).convert("RGB").resize((64, 64)).save(icon)
    output = ["-o", str(setting.folder / "cold.png"), "--overwrite"]
    imports = "import numpy, PIL.Image, onnxruntime"
    with ExitStack() as stack:
        (runner,) = setting.contestants(stack, "commands")
        actions = {f"python -c '{imports}'": partial(command, runner, ROOT, "-c", imports)}
        for name, (package, flags) in setting.commands().items():
            line = [str(icon), *output, "--size", "16", *flags]
            actions[f"pixelize, {name}"] = partial(command, runner, package, *line)
        took = in_turns(actions, setting.rounds)
    ours = took["pixelize, onnx"]
    page.table(
        "Cold start",
        "`pixelize icon.png -o sprite.png --size 16`, 64x64 pixels, the whole process.",
        ["process", "s of CPU", "onnx = 1", "peak memory, MiB"],
        [
            [name, f"{each.cpu:.2f}", f"{each.cpu / ours.cpu:.2f}", f"{each.peak:.0f}"]
            for name, each in took.items()
        ],
    )
    page.bar("cold `pixelize` of an icon", "at most 1.0 s", f"{ours.cpu:.2f} s", ours.cpu <= 1)


def sizes(setting: Setting, page: Page) -> None:
    """The whole call, from a PNG file to a finished sprite, by image size."""
    rows = []
    names = ("onnx", "torch", "reference", "pixeloe", "pixeloe, resized")
    with ExitStack() as stack:
        started = setting.contestants(stack, names[0], beside=names[1:])
        for side in SIDES:
            files = [str(file) for file in setting.pictures(side)]
            rounds = max(1, min(setting.rounds, setting.rounds * 512 // side))

            def whole(contestant: Contestant, files: list[str] = files) -> Took:
                runs = [contestant.run("whole", file=file, size=[CELLS, CELLS]) for file in files]
                return Took(*(sum(getattr(run, what) for run in runs) for what in ("cpu", "clock")))

            racing = [each for each in started if each.name != "pixeloe" or side <= LARGEST_WHOLE]
            took = in_turns({each.name: partial(whole, each) for each in racing}, rounds)
            ours = took["onnx"]
            rows.append(
                [
                    f"{side}x{side}",
                    *(
                        f"{took[name].cpu / len(files):.3f} ({took[name].cpu / ours.cpu:.2f})"
                        if name in took
                        else ""
                        for name in names
                    ),
                ]
            )
            if "reference" in took and side == 256:
                ratio = took["reference"].cpu / ours.cpu
                page.bar(
                    f"256x256 at {CELLS} cells against the reference",
                    "at least 5 times as fast",
                    f"{ratio:.1f} times",
                    ratio >= 5,
                )
            if "pixeloe, resized" in took and side in (256, 1024, 4096):
                best = min(took[name].cpu for name in took if name.startswith("pixeloe"))
                page.bar(
                    f"{side}x{side} against PixelOE",
                    "faster",
                    f"{best / ours.cpu:.1f} times as fast",
                    best > ours.cpu,
                )
    page.table(
        f"A call, by size: to {CELLS}x{CELLS} cells",
        "PNG file to finished sprite, warm; seconds of CPU per image, and in brackets onnx = 1.\n"
        "PixelOE (on torch) takes the image as it is, or resized to its default of 6 pixels per\n"
        f"cell. Above {LARGEST_WHOLE} pixels, the former takes many seconds and is left out.",
        ["image", *names],
        rows,
    )


def large(setting: Setting, page: Page) -> None:
    """One command for 4096x4096 pixels: time and memory."""
    file = setting.pictures(4096)[0]
    many = round(4096 / OLD_CELL)
    rows = []
    took: dict[str, Took] = {}
    output = ["-o", str(setting.folder / "large.png"), "--overwrite"]
    runs: list[tuple[str, list[str]]] = [("default", []), (str(many), ["--size", str(many)])]
    for cells, flags in runs:
        for name, (package, own) in setting.commands().items():
            if name == "reference" and name in took:  # these many are its default
                continue
            line = [str(file), *output, *flags, *own]
            with ExitStack() as stack:
                (runner,) = setting.contestants(stack, "commands")
                took[name] = command(runner, package, *line, threads=setting.threads)
        rows += [
            [
                name,
                cells,
                f"{each.cpu:.1f}",
                f"{each.cpu / took['onnx'].cpu:.2f}",
                f"{each.peak / 1024:.2f}",
            ]
            for name, each in took.items()
        ]
        peak = took["onnx"].peak / 1024
        page.bar(f"4096x4096, {cells} cells", "at most 1.5 GiB", f"{peak:.2f} GiB", peak <= 1.5)
        if "reference" in took:
            ratio = took["reference"].cpu / took["onnx"].cpu
            page.bar(
                f"4096x4096, {cells} cells against the reference",
                "at least 4 times as fast",
                f"{ratio:.1f} times",
                ratio >= 4,
            )
    page.table(
        "4096x4096 pixels",
        "One run of each command. The default is 64 cells along the longer side; at the\n"
        f"reference, cells of 16/3 pixels, so {many}x{many}.",
        ["command", "cells", "s of CPU", "onnx = 1", "peak memory, GiB"],
        rows,
    )


def batch(setting: Setting, page: Page) -> None:
    """Many cartoons of 256x256 pixels in one process."""
    folder = setting.folder / "cartoons"
    folder.mkdir()
    found = list_images(setting.cartoons, recursive=True)
    for index in range(setting.images):
        source = found[index % len(found)]
        image = Image.open(source).convert("RGBA").resize((256, 256), Image.Resampling.LANCZOS)
        image.save(folder / f"{index:04d}.png")
    few = setting.folder / "few"
    few.mkdir()
    for file in sorted(folder.iterdir())[: max(1, setting.images // 10)]:
        shutil.copy(file, few)
    with ExitStack() as stack:
        (runner,) = setting.contestants(stack, "commands")
        runs = {}
        for name, (package, own) in setting.commands().items():
            for source in (few, folder):
                output = setting.folder / f"{source.name}_{name}"
                line = [str(source), "-o", str(output), "--overwrite", "--size", str(CELLS), *own]
                runs[name, source] = partial(
                    command, runner, package, *line, threads=setting.threads
                )
        took = in_turns(runs, setting.rounds, warm=False)
    rows, rates = [], {}
    for name in setting.commands():
        start, whole = took[name, few], took[name, folder]
        rates[name] = (setting.images - len(list(few.iterdir()))) / (whole.cpu - start.cpu)
        rows.append([name, f"{whole.cpu:.1f}", f"{rates[name]:.1f}", f"{whole.peak:.0f}"])
    page.table(
        f"{setting.images} cartoons of 256x256 pixels, one process",
        f"`pixelize FOLDER -o OUT --size {CELLS} --overwrite`, from nothing to all files written.\n"
        "The rate is that beyond the first tenth, so that no start counts.",
        ["command", "s of CPU", "images per s of CPU", "peak memory, MiB"],
        rows,
    )
    if "reference" in rates:
        ratio = rates["onnx"] / rates["reference"]
        page.bar(
            f"{setting.images} cartoons in one process",
            "at least 6 times the images per second",
            f"{ratio:.1f} times",
            ratio >= 6,
        )


def limit(setting: Setting, page: Page) -> None:
    """The networks alone against what matrix products and copies take on this machine."""
    with ExitStack() as stack:
        started = setting.contestants(stack, "machine", "onnx", "torch")
        machine, backends = started[0], started[1:]
        actions: dict[str, Callable[[], Took]] = {"gemm": lambda: machine.run("gemm")}
        runs = [(each.name, picture) for each in backends for picture in PICTURES]
        given = {
            picture: {"file": str(EXAMPLES / "images" / picture), "size": [CELLS, CELLS]}
            for picture in PICTURES
        }
        for each in backends:
            for picture in PICTURES:
                action = partial(each.run, "networks", **given[picture])
                actions[f"{each.name} {picture}"] = action
        actions["copy"] = lambda: machine.run("copy")  # last: caches are empty after it
        rounds = 10 * setting.rounds  # each takes a few hundredths of a second
        took = in_turns(actions, rounds)
        flops = backends[-1].run("flops", **given[PICTURES[0]]).flops  # torch counts
    speed = PRODUCT / took["gemm"].cpu
    bandwidth = COPIED / took["copy"].cpu
    least = flops / speed
    seconds = {run: took[" ".join(run)].cpu for run in runs}
    page.table(
        "The networks and the machine",
        f"GridNet and PixelNet, for {CELLS}x{CELLS} cells, are {flops / GIGA:.2f} GFLOP of "
        "convolutions and matrix products.\n"
        f"A matrix product of 1024x1024 in float32 reaches {speed / GIGA:.0f} GFLOP per "
        "second of CPU here,\n"
        f"so they need at least {1000 * least:.1f} ms. Memory is copied at "
        f"{bandwidth / GIGA:.1f} GB/s (read and written).\n"
        f"Of {PICTURES[0]}, some cells see one colour only: backends score no candidates of "
        "them, which\nare a few hundredths of these GFLOP. Of the other, a photo, they score all.\n"
        f"Medians are of {rounds} rounds.",
        ["backend", "picture", "ms of CPU", "limit = 1", "GFLOP/s"],
        [
            [*run, f"{1000 * cpu:.1f}", f"{cpu / least:.2f}", f"{flops / cpu / GIGA:.0f}"]
            for run, cpu in seconds.items()
        ],
    )
    for (backend, picture), cpu in seconds.items():
        page.bar(
            f"networks on {backend} against the limit, {picture}",
            "at most 2 times",
            f"{cpu / least:.2f} times",
            cpu <= 2 * least,
        )


def recovery(setting: Setting, page: Page) -> None:
    """Finding the sprite of enlarged pixel art, beside unfake."""
    file = setting.folder / "enlarged.png"
    sprite = Image.open(EXAMPLES / "sprites" / "snake.png").convert("RGB")
    sprite.resize((8 * sprite.width, 8 * sprite.height), Image.Resampling.NEAREST).save(file)
    with ExitStack() as stack:
        started = setting.contestants(stack, "onnx", beside=["unfake"])
        took = in_turns(
            {each.name: partial(each.run, "snap", file=str(file)) for each in started},
            setting.rounds,
        )
    ours = took["onnx"].cpu
    width, height = Image.open(file).size
    page.table(
        "Recovering enlarged pixel art",
        f"`pixel_snap` of {width}x{height} pixels, cells of 8x8, and the package unfake;\n"
        "[what each recovers](measuring.md#grids-against-four-packages).",
        ["what", "s of CPU", "pixel_snap = 1"],
        [
            ["pixel_snap" if name == "onnx" else name, f"{each.cpu:.3f}", f"{each.cpu / ours:.2f}"]
            for name, each in took.items()
        ],
    )


SECTIONS: dict[str, Callable[[Setting, Page], None]] = {
    "limit": limit,
    "cold": cold,
    "sizes": sizes,
    "large": large,
    "batch": batch,
    "recovery": recovery,
}


@contextmanager
def checkout(reference: str | None) -> Iterator[Path | None]:
    """The folder of a commit: itself, if it is a folder, or a worktree for as long as it is used.

    Raises:
        UserError: there is no such commit.
    """
    if reference is None or Path(reference).is_dir():
        yield None if reference is None else Path(reference).resolve()
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "reference"
        git = ["git", "-C", str(ROOT), "worktree"]
        added = subprocess.run(
            [*git, "add", "--detach", tree, reference], capture_output=True, text=True, check=False
        )
        if added.returncode:
            raise UserError(f"{reference}: {added.stderr.strip().splitlines()[-1]}")
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", tree], capture_output=True, check=False)


def page_text(page: Page, setting: Setting, line: str) -> str:
    """The whole page."""
    found = []
    for package in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found.append(f"{package} {metadata.version(package)}")
    threads = "one thread" if setting.threads == 1 else f"{setting.threads} threads"
    intro = (
        "# Speed and memory\n\n"
        "Made by\n```\n"
        f"{line}\n```\n\n"
        "Everything is measured in turns within one run, each contestant in its own process with\n"
        f"{threads}, and what is compared are medians of seconds of CPU, of {setting.rounds} "
        "rounds\nif nothing else is said.\n"
        "So another program on the machine slows all of them alike, and the "
        "ratios are what to look at.\nSeconds of another machine, or another day, are others.\n\n"
        f"{platform.machine()}, {os.cpu_count()} processors; Python {platform.python_version()}; "
        f"{', '.join(found)}.\n"
        "*Reference* is this package at commit 6d585ee, with the networks of then, on torch.\n"
        "*onnx* and *torch* are the backends of today; without torch, the first one runs.\n"
    )
    header = [["bar", "wanted", "measured", "holds"], ["---"] * 4]
    bars = "\n".join(f"| {' | '.join(row)} |" for row in [*header, *page.bars])
    return "\n".join([intro, f"## Bars\n\n{bars}\n", *page.sections])


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurements; returns the exit code."""
    return run_tool("benchmark", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    parser = ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--what", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="default: all"
    )
    parser.add_argument("--reference", help="folder or commit to compare with (default: none)")
    parser.add_argument("--threads", type=positive, default=1, help="of each (default: 1)")
    parser.add_argument("--rounds", type=positive, default=3, help="of every median (default: 3)")
    parser.add_argument("--images", type=positive, default=50, help="of the batch (default: 50)")
    parser.add_argument(
        "--cartoons",
        default=str(EXAMPLES / "images"),
        help="folder of the batch's drawings, which are repeated (default: the examples)",
    )
    parser.add_argument("--markdown", type=Path, help="write the page, too")
    given = list(sys.argv[1:] if argv is None else argv)
    args = parser.parse_args(given)
    page = Page()
    line = shlex.join(["tools/benchmark.py", *given])
    left_out = False
    with checkout(args.reference) as reference, tempfile.TemporaryDirectory() as folder:
        setting = Setting(
            reference, Path(folder), args.threads, args.rounds, args.images, args.cartoons
        )
        for name in args.what:
            try:
                SECTIONS[name](setting, page)
            except UserError as error:  # an hour's other sections are worth keeping
                print(f"benchmark: {name}: left out: {error}", file=sys.stderr)
                left_out = True
            text = page_text(page, setting, line)
            if args.markdown:
                write_whole(args.markdown, text, overwrite=True)
    print(text.partition("## Bars")[2].partition("\n## ")[0])
    return int(left_out)


if __name__ == "__main__":
    sys.exit(main())
