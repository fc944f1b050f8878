"""Which file is made from which: all of it is settled before any work is done."""

import glob
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pixelization.errors import UserError

STDIO = "-"
SUFFIXES = {"png": ".png", "gif": ".gif", "webp": ".webp", "mp4": ".mp4", "webm": ".webm"}  # of animations
FORMATS = {suffix: name for name, suffix in SUFFIXES.items()} | {".apng": "png"}


@dataclass(frozen=True)
class Job:
    """One input and the files made from it.

    Attributes:
        source: what to read: a path, a printf pattern of numbered images, or the bytes of stdin.
        name: what messages call the source.
        outputs: the files to write by what they hold, the main one first, under "main"; None is stdout.
        format: "gif", "png", "webp", "mp4", "webm" or "sequence" if the result is an animation; None for a still image.
    """

    source: Path | bytes
    name: str
    outputs: dict[str, Path | None]
    format: str | None = None


def plan_jobs(
    inputs: Sequence[str],
    output: str,
    *,
    recursive: bool = False,
    suffix: str = "",
    format: str | None = None,
    animations: bool = False,
    others: Callable[[Path | bytes, Path, str | None], dict[str, Path]] = lambda source, main, format: {},
) -> list[Job]:
    """Find the inputs and name their outputs.

    Args:
        inputs: files, folders, globs, printf patterns and ``-``; a file need not exist (reading it will fail).
        output: a folder, which then mirrors the input folders; for one input also a file's name; ``-`` for stdout.
        recursive: descend into the folders in input folders.
        suffix: put at the end of the outputs' names, before the dot.
        format: of animations; by default that of the output's name, else that of the input.
        animations: whether animations stay animations; otherwise their first frame counts.
        others: names the further outputs of a source, given its main output and format.

    Raises:
        UserError: nothing is found, or an output would collide with an input or with another output.
    """
    from pixelization.animation import animation_format

    out = Path(output)
    found = _expand(inputs, out, recursive)
    named = output == STDIO or _names_a_file(out)
    if named and len(found) > 1:
        raise UserError(f"{output}: names one file, but there are {len(found)} inputs: name a folder")
    if not named and out.exists() and not out.is_dir():
        raise UserError(f"{output}: is a file: name a folder, or for one input a file ending in .png")

    sources = {source.resolve(): source for source, _ in found if isinstance(source, Path)}
    jobs, owners = [], {}
    for source, relative in found:
        name = os.fspath(source) if isinstance(source, Path) else "stdin"
        moving = animation_format(source) if animations else None
        if named:
            result = _format_named(out, moving, name, format) if output != STDIO else moving and (format or moving)
            main = out
        else:
            result = moving and (format or moving)
            main = out / _file_name(relative, suffix, result)
        outputs = {"main": main, **others(source, main, result)}
        if output == STDIO:
            if len(outputs) > 1 or result == "sequence":
                raise UserError("-o - takes one file only: name a folder or a file for all that is asked for")
            outputs["main"] = None
        for path in filter(None, outputs.values()):
            resolved = path.resolve()
            if resolved in sources:
                raise UserError(f"{path}: would be written over the input {sources[resolved]}: choose another output")
            if resolved in owners:
                raise UserError(f"{path}: both {owners[resolved]} and {name} would be written there: convert them separately")
            owners[resolved] = name
        jobs.append(Job(source, name, outputs, result))
    return jobs


def _format_named(out: Path, moving: str | None, name: str, format: str | None) -> str | None:
    """The format that the output's name asks for."""
    from pixelization.animation import is_pattern

    if moving is None:
        if out.suffix.lower() != ".png" or is_pattern(out):
            raise UserError(f"{out}: {name} is a still image, whose result is a PNG file: name a folder or a file ending in .png")
        return None
    result = "sequence" if is_pattern(out) else FORMATS[out.suffix.lower()]
    if format not in (None, result):
        raise UserError(f"{out}: is not a name for --format {format}: leave one of them out")
    return result


def _file_name(relative: Path, suffix: str, format: str | None) -> Path:
    # walk_%04d.png -> walk.gif, and back
    stem, number = re.fullmatch(r"(.*?)([-_. ]*%0?\d*d.*)?", relative.stem).groups()
    if format == "sequence":
        suffix += number or "_%04d"
    return relative.with_name(f"{stem}{suffix}{SUFFIXES.get(format, '.png')}")


def _expand(inputs: Sequence[str], out: Path, recursive: bool) -> list[tuple[Path | bytes, Path]]:
    """Every input with its path relative to the folder it was found in."""
    from pixelization.data.images import list_images

    found: list[tuple[Path | bytes, Path]] = []
    for text in inputs:
        path = Path(text)
        if text == STDIO:
            if inputs.count(STDIO) > 1:
                raise UserError("- stands for stdin and can be given once")
            found.append((sys.stdin.buffer.read(), Path("stdin.png")))
        elif path.is_dir():
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
    if suffix in IMAGE_SUFFIXES - set(FORMATS):
        raise UserError(f"{out}: results are PNG files: name a folder or a file ending in .png")
    return suffix in FORMATS
