"""Which file is made from which: all of it is settled before any work is done."""

import glob
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pixelization.errors import UserError

STDIO = "-"
# of animations
SUFFIXES = {"png": ".png", "gif": ".gif", "webp": ".webp", "mp4": ".mp4", "webm": ".webm"}
FORMATS = {suffix: name for name, suffix in SUFFIXES.items()} | {".apng": "png"}
# names of files all the same
UNWRITTEN = {".tif", ".tiff", ".avif", ".heic", ".jxl", ".tga", ".ico", ".mov", ".mkv", ".avi"}


@dataclass(frozen=True)
class Job:
    """One input and the files made from it.

    Attributes:
        source: what to read: a path, a printf pattern of numbered images, or the bytes of stdin.
        name: what messages call the source.
        outputs: the files to write by what they hold, the main one first, under "main"; None is
            stdout.
        format: "gif", "png", "webp", "mp4", "webm" or "sequence" if the result is an animation;
            None for a still image.
    """

    source: Path | bytes
    name: str
    outputs: dict[str, Path | None]
    format: str | None = None

    def files(self, frames: int) -> list[Path]:
        """Every file that is written, for a result of so many frames."""
        from pixelization.animation.sequence import numbered

        paths = list(filter(None, self.outputs.values()))
        if self.format != "sequence":
            return paths
        return [numbered(path, number) for path in paths for number in range(1, frames + 1)]


def plan_jobs(
    inputs: Sequence[str],
    output: str,
    *,
    recursive: bool = False,
    suffix: str = "",
    format: str | None = None,
    sheet: bool = False,
    palette_out: Path | None = None,
    others: Callable[[Path, str | None], dict[str, Path]] = lambda main, format: {},
) -> list[Job]:
    """Find the inputs and name their outputs.

    Args:
        inputs: files, folders, globs, printf patterns and ``-``; a file need not exist (reading it
            will fail).
        output: a folder, which then mirrors the input folders; for one input also a file's name;
            ``-`` for stdout.
        recursive: descend into the folders in input folders.
        suffix: put at the end of the outputs' names, before the dot.
        format: of animations; by default that of the output's name, else that of the input.
        sheet: the inputs are sheets, whose JSON goes along; of animations the first frame counts.
        palette_out: one more file that will be written.
        others: names the further outputs of an input, given its main output and format.

    Raises:
        UserError: nothing is found, or an output would collide with an input or with another
            output.
    """
    from pixelization.animation.reading import animation_format
    from pixelization.sheets.atlas import find_atlas

    if not all((*inputs, output)):
        raise UserError("a name is empty: give a file or a folder, . for this one")
    out = Path(output)
    found = _expand(inputs, out, recursive)
    named = _is_one_file(output, len(found), suffix)
    formats = [None if sheet else animation_format(source) for source, _ in found]
    atlases = [
        find_atlas(source) if sheet and isinstance(source, Path) else None for source, _ in found
    ]
    images = [
        path
        for (source, _), moving in zip(found, formats)
        if isinstance(source, Path)
        for path in _files(source, moving)
    ]
    sources = {os.path.realpath(path): path for path in filter(None, images + atlases)}
    jobs, owners = [], {}
    if palette_out:
        _claim([palette_out], "the palette", sources, owners)
    for (source, relative), moving, atlas in zip(found, formats, atlases):
        name = os.fspath(source) if isinstance(source, Path) else "stdin"
        if named and output != STDIO:
            result = _format_named(out, moving, name, format, sheet)
        else:
            result = moving and (format or moving)
        main = out if named else out / _file_name(source, relative, suffix, moving, result)
        outputs = {"main": main, **others(main, result)}
        if output == STDIO:
            if len(outputs) > 1 or result == "sequence":
                raise UserError(
                    "-o - takes one file only: name a folder or a file for all that is asked for"
                )
            outputs["main"] = None
        elif atlas:
            outputs["atlas"] = main.with_suffix(".json")
        for path in filter(None, outputs.values()):
            _claim(_files(path, result), name, sources, owners)
        jobs.append(Job(source, name, outputs, result))
    return jobs


def _is_one_file(output: str, inputs: int, suffix: str) -> bool:
    """Whether ``output`` names the result itself, not a folder for results.

    ``UserError`` if it fits neither.
    """
    out = Path(output)
    named = output == STDIO or _names_a_file(out)
    if named and inputs > 1:
        raise UserError(f"{output}: names one file, but there are {inputs} inputs: name a folder")
    if named and suffix:
        raise UserError(
            f"--suffix does nothing for -o {output}: put it into the name, or name a folder"
        )
    if "/" in suffix:
        raise UserError(f"--suffix {suffix}: is a part of a name: leave out the /")
    if not named and os.path.exists(out) and not os.path.isdir(out):
        raise UserError(
            f"{output}: is a file: name a folder, or for one input a file ending in .png"
        )
    return named


def _files(path: Path, format: str | None) -> list[Path]:
    """The path; if it is a pattern, also those of its numbered images that exist."""
    from pixelization.animation.sequence import NUMBER, numbered

    parts = NUMBER.split(path.name)
    if format != "sequence" or len(parts) != 3:
        return [path]
    before, after = parts[0], parts[-1]
    files = path.parent.glob(f"{glob.escape(before)}*{glob.escape(after)}")
    numbers = ((file, file.name[len(before) : len(file.name) - len(after)]) for file in files)
    return [
        path,
        *(
            file
            for file, number in numbers
            if number.isdecimal() and numbered(path, int(number)) == file
        ),
    ]


def _claim(
    paths: Sequence[Path], name: str, sources: Mapping[str, Path], owners: dict[str, str]
) -> None:
    """Note in ``owners`` that the input ``name`` writes these files.

    ``UserError`` if one is read, or written by another.
    """
    # realpath, unlike Path.resolve, leaves it to whoever opens a file to fail at a loop of links or
    # a name too long.
    for path, resolved in zip(paths, map(os.path.realpath, paths)):
        if resolved in sources:
            raise UserError(
                f"{path}: would be written over the input {sources[resolved]}: choose another output"
            )
        if resolved in owners:
            raise UserError(
                f"{path}: both {owners[resolved]} and {name} would be written there: separate or rename them"
            )
        owners[resolved] = name


def _format_named(
    out: Path, moving: str | None, name: str, format: str | None, sheet: bool
) -> str | None:
    """The format that the output's name asks for."""
    from pixelization.animation.sequence import is_pattern

    if moving is None:
        if out.suffix.lower() != ".png":
            what = (
                f"with --sheet, only the first frame of {name} counts"
                if sheet
                else f"{name} is a still image"
            )
            raise UserError(
                f"{out}: {what}, and the result is a PNG file: name a folder or a file ending in .png"
            )
        return None
    result = "sequence" if is_pattern(out) else FORMATS[out.suffix.lower()]
    if format not in (None, result):
        raise UserError(f"{out}: is not a name for --format {format}: leave one of them out")
    return result


def _file_name(
    source: Path | bytes, relative: Path, suffix: str, moving: str | None, format: str | None
) -> Path:
    """The name of a result of ``format``; ``moving`` is the input's."""
    stem, number = relative.stem, None
    if moving == "sequence":  # walk_%04d.png -> walk.gif, and back
        stem, number = re.fullmatch(r"(.*?)([-_. ]*%0?\d*d.*)?", stem, re.DOTALL).groups()
    if format == "sequence":
        suffix += number or "_%04d"
    elif not stem:  # walk/%04d.png
        stem = Path(os.path.abspath(source)).parent.name or "animation"
    return relative.with_name(f"{stem}{suffix}{SUFFIXES.get(format, '.png')}")


def _expand(inputs: Sequence[str], out: Path, recursive: bool) -> list[tuple[Path | bytes, Path]]:
    """Every input with its path relative to the folder it was found in."""
    from pixelization.images.reading import list_images

    found: list[tuple[Path | bytes, Path]] = []
    for text in inputs:
        path = Path(text)
        if text == STDIO:
            if inputs.count(STDIO) > 1:
                raise UserError("- stands for stdin and can be given once")
            found.append((_stdin(), Path("stdin.png")))
        elif os.path.isdir(path):
            # An output folder inside the input folder holds results of an earlier run, not inputs.
            results = Path(os.path.realpath(out))
            inside = Path(os.path.realpath(path)) in results.parents
            files = [
                file
                for file in list_images(path, recursive)
                if not (inside and results in file.resolve().parents)
            ]
            if not files:
                raise UserError(f"{path}: no images in this folder")
            found += [(file, file.relative_to(path)) for file in files]
        elif glob.has_magic(text) and not os.path.exists(path):
            matches = sorted(
                Path(match) for match in glob.glob(text, recursive=True) if os.path.isfile(match)
            )
            if not matches:
                raise UserError(f"{text}: no file matches")
            found += [(match, Path(match.name)) for match in matches]
        else:
            found.append((path, Path(path.name)))
    return found


def _stdin() -> bytes:
    if sys.stdin is None:
        raise UserError("stdin: is closed: pipe an image into it")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise UserError(f"stdin: cannot be read ({error.strerror})") from None


def _names_a_file(out: Path) -> bool:
    from pixelization.images.reading import IMAGE_SUFFIXES

    suffix = out.suffix.lower()
    if os.path.isdir(out) or not suffix:
        return False
    if suffix in (IMAGE_SUFFIXES | UNWRITTEN) - set(FORMATS):
        kinds = "PNG files, or of animations also GIF, WebP, MP4 and WebM"
        raise UserError(f"{out}: results are {kinds}: name a folder or a file ending in .png")
    return suffix in FORMATS
