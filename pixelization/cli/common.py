"""What the tools for images share: arguments, which file goes where, the loop over files, exit codes.

Nothing here imports torch before the arguments are parsed, so that ``--help`` is fast.
"""

import argparse
import glob
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pixelization import __version__
from pixelization.cli.allocator import reuse_freed_memory
from pixelization.errors import UserError

if TYPE_CHECKING:
    from PIL import Image

    from pixelization.inference import Pixelizer

EXIT_SOME_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130


class ArgumentParser(argparse.ArgumentParser):
    """Reports a wrong argument like every other mistake of the user: as one line."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message} (see {self.prog} --help)")


@dataclass(frozen=True)
class Job:
    """One input file and the PNG files made from it, the main one first."""

    source: Path
    outputs: tuple[Path, ...]


def run_tool(prog: str, body: Callable[[], int]) -> int:
    """Call ``body``; a ``UserError`` becomes one line on stderr and exit code 2, Ctrl-C exit code 130."""
    reuse_freed_memory()
    try:
        return body()
    except UserError as error:
        print(f"{prog}: error: {_one_line(error)}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print(f"{prog}: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED


def build_parser(prog: str, description: str, examples: str) -> ArgumentParser:
    """A parser with the arguments that all tools for images have."""
    parser = ArgumentParser(
        prog=prog,
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("input", nargs="+", metavar="INPUT", help="image files, folders or quoted globs")
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT",
        help="folder for the PNG files; for one input also a name ending in .png",
    )  # fmt: skip
    parser.add_argument("-r", "--recursive", action="store_true", help="also the folders inside input folders")
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument("--model", metavar="NAME", help="a model that is shipped with the package")
    weights.add_argument("--weights", type=Path, metavar="FILE", help="a weights file of your own (.safetensors)")
    parser.add_argument(
        "--device", choices=["auto", "cpu", "cuda"], default="auto", help="default: auto, the GPU if there is one"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace output files that exist (never an input)")
    parser.add_argument("--json", action="store_true", help="print one JSON object with all results instead of the paths")
    parser.add_argument("-V", "--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that :func:`load_pixelizer` reads."""
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument("--model", metavar="NAME", help="a model that is shipped with the package")
    weights.add_argument("--weights", type=Path, metavar="FILE", help="a weights file of your own (.safetensors)")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto", help="default: auto, the GPU if there is one")


def number(text: str) -> float:
    """A number, or a fraction such as 16/3, as an argument."""
    numerator, slash, denominator = text.partition("/")
    try:
        return float(numerator) / (float(denominator) if slash else 1.0)
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None


def load_pixelizer(args: argparse.Namespace) -> "Pixelizer":
    """The networks that ``--model``, ``--weights`` and ``--device`` ask for."""
    from pixelization.inference import Pixelizer
    from pixelization.weights import DEFAULT_MODEL

    if args.weights:
        return Pixelizer.from_weights(args.weights, args.device)
    return Pixelizer.from_pretrained(args.model or DEFAULT_MODEL, args.device)


def plan_jobs(inputs: Sequence[str], output: str, *, recursive: bool, endings: Sequence[str] = ("",)) -> list[Job]:
    """Find the input files and name their outputs, before any work is done.

    Args:
        inputs: files, folders and globs; a file need not exist (reading it will fail).
        output: folder, or for a single input file a name ending in .png.
        recursive: descend into the folders in input folders; their structure is kept.
        endings: of the outputs' names, before ``.png``; the main output's comes first.

    Raises:
        UserError: nothing is found, or an output would collide with an input or with another output.
    """
    out = Path(output)
    found = _expand(inputs, out, recursive)
    named = _names_a_file(out)
    if named and len(found) > 1:
        raise UserError(f"{output}: names one file, but there are {len(found)} inputs: name a folder")
    if out.exists() and not out.is_dir() and not named:
        raise UserError(f"{output}: is a file: name a folder, or for one input a file ending in .png")

    sources = {source.resolve(): source for source, _ in found}
    jobs, owners = [], {}
    for source, relative in found:
        target = out if named else out / relative.with_suffix(".png")
        job = Job(source, tuple(target.with_name(f"{target.stem}{ending}.png") for ending in endings))
        for path in job.outputs:
            resolved = path.resolve()
            if resolved in sources:
                raise UserError(f"{path}: would be written over the input {sources[resolved]}: choose another output")
            if resolved in owners:
                raise UserError(f"{path}: both {owners[resolved]} and {source} would be written there: convert them separately")
            owners[resolved] = source
        jobs.append(job)
    return jobs


def run_jobs(
    jobs: Sequence[Job], args: argparse.Namespace, process: Callable[[Path], tuple[list["Image.Image"], Sequence[float]]]
) -> int:
    """Process all files; a bad one does not stop the others.

    Args:
        process: makes of an input path the images to write, one per output, and the cell size (width, height).

    Returns:
        0; or 1 if files failed, listed on stderr.

    Raises:
        UserError: the one and only file failed.
    """
    from tqdm import tqdm

    results, failures = [], []
    with tqdm(jobs, unit="file", file=sys.stderr, disable=len(jobs) == 1) as progress:
        for job in progress:
            started = time.perf_counter()
            result = dict.fromkeys(("input", "output", "width", "height", "cell_size", "seconds", "error"))
            result["input"] = os.fspath(job.source)
            try:
                image, cell_size = _run_job(job, args.overwrite, process)
            except UserError as error:
                result["error"] = _one_line(error)
                failures.append(result["error"])
            else:
                result.update(output=os.fspath(job.outputs[0]), width=image.width, height=image.height)
                result.update(cell_size=list(cell_size))
                if not args.json:
                    progress.write("\n".join(map(os.fspath, job.outputs)), file=sys.stdout)
            result["seconds"] = round(time.perf_counter() - started, 3)
            results.append(result)
    if args.json:
        print(json.dumps({"results": results}))
    if failures and len(jobs) == 1:
        raise UserError(failures[0])
    if failures:
        print(f"{len(failures)} of {len(jobs)} files failed:", *failures, sep="\n  ", file=sys.stderr)
    return EXIT_SOME_FAILED if failures else 0


def _run_job(job: Job, overwrite: bool, process: Callable) -> tuple["Image.Image", Sequence[float]]:
    from pixelization.data.images import write_png

    for path in job.outputs:
        if path.exists() and not overwrite:
            raise UserError(f"{path}: exists: give --overwrite to replace it")
    images, cell_size = process(job.source)
    for image, path in zip(images, job.outputs, strict=True):
        write_png(image, path, overwrite=overwrite)
    return images[0], cell_size


def _expand(inputs: Sequence[str], out: Path, recursive: bool) -> list[tuple[Path, Path]]:
    """Every input file with its path relative to the folder it was found in."""
    from pixelization.data.images import list_images

    found = []
    for text in inputs:
        path = Path(text)
        if path.is_dir():
            # An output folder inside the input folder holds results of an earlier run, not inputs.
            inside = path.resolve() in out.resolve().parents
            files = [file for file in list_images(path, recursive) if not (inside and out.resolve() in file.resolve().parents)]
            if not files:
                raise UserError(f"{path}: no images in this folder")
            found += [(file, file.relative_to(path)) for file in files]
        elif glob.has_magic(text) and not path.exists():
            matches = sorted(Path(match) for match in glob.glob(text, recursive=True) if os.path.isfile(match))
            if not matches:
                raise UserError(f"{text}: no file matches")
            found += [(match, Path(match.name)) for match in matches]
        else:
            found.append((path, Path(path.name)))
    return found


def _names_a_file(out: Path) -> bool:
    from pixelization.data.images import IMAGE_SUFFIXES

    suffix = out.suffix.lower()
    if out.is_dir() or not suffix:
        return False
    if suffix in IMAGE_SUFFIXES - {".png"}:
        raise UserError(f"{out}: results are PNG files: name a folder or a file ending in .png")
    return suffix == ".png"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
