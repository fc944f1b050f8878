"""Which file is made from which: all of it is settled before any work is done.

Knows names, folders and formats; reads no pixel.
"""

import glob
import os
import posixpath
import re
from collections.abc import Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from pixelization.animation.formats import BY_SUFFIX, FOR_STILLS, SEVERAL_FILES, SUFFIXES
from pixelization.animation.reading import animation_format
from pixelization.animation.sequence import frame_files, is_pattern, named_format
from pixelization.animation.sheet import sheet_files
from pixelization.batch.collisions import Output, check_collisions, files_of
from pixelization.batch.options import OutputOptions
from pixelization.cells.sizes import Longest, WantedSize
from pixelization.errors import UserError, reason, unexpected
from pixelization.files import check_free, is_pipe, read_whole
from pixelization.images.reading import IMAGE_SUFFIXES, is_image_name, is_listed, list_images
from pixelization.remote import Remote, is_url, remote, without_keys
from pixelization.sheets.atlas import find_atlas

# names of files all the same
UNWRITTEN = {".tif", ".tiff", ".avif", ".heic", ".jxl", ".tga", ".ico", ".mov", ".mkv", ".avi"} | {
    ".svg", ".pdf", ".psd", ".xcf", ".kra", ".txt", ".json", ".zip"
}  # fmt: skip
STREAM = "stdin"  # what an input without a name is called


@dataclass(frozen=True)
class Job:
    """One input and the files made from it.

    Attributes:
        source: what to read: a path, a printf pattern of numbered images, the bytes of a file, or a
            file of an object store.
        name: what messages call the source.
        outputs: where to write what: the main one first, under "main". Others are "network",
            "preview" and "atlas". Main may be a binary stream, then it is the only one.
        format: one of :data:`~pixelization.animation.formats.FORMATS` if the result is an
            animation; of a still image "aseprite", or None for PNG.
        problem: why it cannot be done, if that is known already.
        remarks: one line each: what is told of its outputs.
        size: of the sprite, if it is one of several sizes; it takes the place of the style's.
        moving: the source is read as an animation. Of a file of an object store this is not known
            before it is there: see :func:`fetched`.
        done: its result is in the table already.
        table: what messages call the table that takes its result; None: its outputs are files.
    """

    source: Path | bytes | Remote
    name: str
    outputs: dict[str, Path | BinaryIO]
    format: str | None = None
    problem: str | None = None
    remarks: tuple[str, ...] = ()
    size: WantedSize | None = None
    moving: bool = False
    done: bool = False
    table: str | None = None

    @property
    def at_hand(self) -> Path | bytes:
        """The source of a job that was :func:`fetched`."""
        assert not isinstance(self.source, Remote), "an object store's file, which is not here yet"
        return self.source

    @property
    def paths(self) -> dict[str, Path]:
        """The outputs that are no stream."""
        return {what: path for what, path in self.outputs.items() if isinstance(path, Path)}

    def files(self, path: Path, frames: int | None) -> list[Path]:
        """The files that one of the paths stands for: with numbers, once frames are counted."""
        if self.format == "sheet":
            return sheet_files(path)
        return frame_files(path, frames) if self.format == "sequence" and frames else [path]

    @property
    def row(self) -> str:
        """The name of its row in a table: the main file's path, in the folder that was planned."""
        return self.paths["main"].relative_to(Path(self.table or "")).as_posix()

    @property
    def main_name(self) -> str:
        """What messages call the main output, if that is no stream."""
        return posixpath.join(self.table, self.row) if self.table else str(self.paths["main"])


@dataclass(frozen=True)
class _Input:
    """What is to be read.

    Attributes:
        relative: its path in the folder that was given.
        moving: the format, if it is an animation that counts as one.
        atlas: the JSON beside a sheet.
        problem: why it cannot be read, if that is known already.
        renamed: the stem of its results, where that of its own name is taken.
    """

    source: Path | bytes | Remote
    relative: Path
    moving: str | None = None
    atlas: Path | None = None
    problem: str | None = None
    renamed: str | None = None

    @property
    def name(self) -> str:
        return self.relative.stem if isinstance(self.source, bytes) else str(self.source)


def plan_jobs(
    inputs: Sequence[str | bytes],
    output: str | BinaryIO,
    options: OutputOptions,
    *,
    recursive: bool = False,
    sheet: bool = False,
    protected: Iterable[Path] = (),
    sizes: Sequence[WantedSize] = (),
    listed: Sequence[str] = (),
) -> list[Job]:
    """Find the inputs and name their outputs.

    Args:
        inputs: files, folders, globs, printf patterns, URLs of files or folders of object stores,
            or the bytes of a file. A file need not exist: reading it will fail.
        output: a folder, which then mirrors the input folders. For one input also a file's name, or
            a binary stream.
        options: what is written.
        recursive: descend into the folders in input folders.
        sheet: the inputs are sheets, whose JSON goes along; of animations the first frame counts.
        protected: files that are read besides, such as palettes, styles and weights. They are never
            written over, nor are the inputs.
        sizes: a job is made for each of them, with the size at the end of its outputs' names.
        listed: more files, by path or URL. The output mirrors what lies below the folder that they
            all have in common.

    An input that is given twice is one. Inputs in one folder whose names differ in their suffixes
    only have these in their results' names, all of them: ``cat.jpg`` becomes ``cat_jpg.png``. So
    none is taken for done that came later than another one's result.

    Returns:
        The jobs. What is wrong with one input is the ``problem`` of its job, so that the others are
        still done.

    Raises:
        UserError: the only input stands for no file, a name cannot be used, or an output would
            collide with an input or with another output.
    """
    if "" in (*inputs, *listed, output):
        raise UserError("a name is empty: give a file or a folder, . for this one")
    try:
        given_alone = len(inputs) + len(listed) == 1
        expanded = _once(_expanded(inputs, output, recursive, given_alone) + _listed(listed))
        alone = len(expanded) == 1  # its kind may decide whether the output's name is right
        found = [each if each.problem else _looked_at(each, sheet, alone) for each in expanded]
        one_file = _is_one_file(output, len(found), options.suffix)
        found = _told_apart(found, options)
        jobs = [
            _written(each, output, one_file, options, sheet, size)
            if isinstance(output, str)
            else _streamed(each, output, options, sheet, size)
            for each in found
            for size in sizes or (None,)
        ]
        _check_collisions(found, jobs, options, protected)
    except OSError as error:  # a name that is too long, or a folder that may not be entered
        if error.filename is None:  # of os.getcwd
            raise UserError("the current folder is gone: change to one that is there") from None
        raise UserError(f"{error.filename}: cannot be used ({reason(error)})") from None
    return jobs


def fetched(job: Job, options: OutputOptions, *, sheet: bool = False) -> Job:
    """A job with the bytes of its file, where that lies in an object store.

    Planning does not read millions of them: their outputs are named as those of stills. Here an
    animation's get the names that they should have.

    Args:
        job: any.
        options: what is written.
        sheet: the source is a sheet, so of an animation the first frame counts.

    Raises:
        UserError: it cannot be read.
    """
    if not isinstance(job.source, Remote):
        return job
    data, main = job.source.read(), job.outputs["main"]
    moving = None if sheet or job.moving else animation_format(data)
    if moving is None or not isinstance(main, Path):
        return replace(job, source=data)
    found = _Input(data, Path(main.name), moving)
    format = _format(found, options)
    main = main.parent / _file_name(found, "", format)
    outputs = _outputs(main, options, still=False)
    return replace(job, source=data, outputs=outputs, format=format, moving=True)


def _looked_at(found: _Input, sheet: bool, alone: bool) -> _Input:
    """An input with what its file says of its kind; one of many of an object store waits."""
    source = found.source
    try:
        if isinstance(source, Remote):
            if sheet or not alone:
                return found
            source = source.read()
        if not sheet:
            moving = animation_format(source)
            if moving is None and isinstance(source, Path):
                os.stat(source)  # whether it is there is told before what its result would replace
            return replace(found, moving=moving)
        if isinstance(found.source, Path):
            return replace(found, atlas=find_atlas(found.source))
    except UserError as error:
        return replace(found, problem=str(error))
    except FileNotFoundError:
        return replace(found, problem=f"{found.name}: no such file")
    except OSError as error:  # a name that is too long, or a folder that may not be entered
        return replace(found, problem=f"{found.name}: cannot be used ({reason(error)})")
    except Exception as error:  # one file must not stop the others, whatever is in it
        return replace(found, problem=unexpected(error))
    return found


def _told_apart(found: list[_Input], options: OutputOptions) -> list[_Input]:
    """Inputs whose results would have one name because their own differ in the suffix only."""
    names = [_file_name(each, options.suffix, _format(each, options)) for each in found]
    suffixes: dict[Path, set[str]] = {}
    for name, each in zip(names, found, strict=True):
        suffixes.setdefault(name, set()).add(each.relative.suffix)
    return [
        replace(each, renamed=f"{each.relative.stem}_{each.relative.suffix[1:]}")
        if len(suffixes[name]) > 1 and each.moving != "sequence" and each.relative.suffix
        else each
        for name, each in zip(names, found, strict=True)
    ]


def _format(found: _Input, options: OutputOptions) -> str | None:
    """The format of a result that no name asks for."""
    if options.format in FOR_STILLS:
        return options.format
    return found.moving and (options.format or found.moving)


def _written(
    found: _Input,
    output: str,
    one_file: bool,
    options: OutputOptions,
    sheet: bool,
    size: WantedSize | None,
) -> Job:
    """The job that makes files of an input; ``output`` is the main one, or the folder for it."""
    if one_file:
        main = Path(output)
        main = main.with_name(f"{main.stem}{_label(size)}{main.suffix}")
        format = _format_named(main, found, options.format, sheet)
    else:
        format = _format(found, options)
        main = Path(output) / _file_name(found, _label(size) + options.suffix, format)
    outputs = _outputs(main, options, still=not found.moving and not sheet)
    if found.atlas:
        outputs["atlas"] = main.with_suffix(".json")
    remarks = () if one_file or not found.renamed else (f"is written to {main.name}",)
    moving = found.moving is not None
    return Job(found.source, found.name, outputs, format, found.problem, remarks, size, moving)


def _outputs(main: Path, options: OutputOptions, *, still: bool) -> dict[str, Path | BinaryIO]:
    """The main file and those beside it."""
    outputs: dict[str, Path | BinaryIO] = {"main": main}
    if options.network_output and still:
        outputs["network"] = main.with_name(f"{main.stem}_network.png")
    if options.preview:
        outputs["preview"] = main.with_name(f"{main.stem}_preview{main.suffix}")
    return outputs


def _label(size: WantedSize | None) -> str:
    """What tells the results of several sizes apart: ``_16``, ``_16x12``, ``_max16``."""
    if isinstance(size, Longest):
        return f"_max{size.cells}"
    return "" if size is None else "_" + "x".join(str(side) for side in size if side is not None)


def _streamed(
    found: _Input,
    stream: BinaryIO,
    options: OutputOptions,
    sheet: bool,
    size: WantedSize | None,
) -> Job:
    """The job whose only output is a stream."""
    format = _format(found, options)
    network_output = options.network_output and not found.moving and not sheet
    if options.preview or network_output or format in SEVERAL_FILES or size is not None:
        raise UserError(
            "a stream takes one file only: name a folder or a file for all that is asked for"
        )
    moving = found.moving is not None
    return Job(found.source, found.name, {"main": stream}, format, found.problem, moving=moving)


def _is_one_file(output: str | BinaryIO, inputs: int, suffix: str) -> bool:
    """Whether ``output`` is the result itself, not a folder for results.

    ``UserError`` if it fits neither.
    """
    name = output if isinstance(output, str) else "-"
    ending, folder = Path(name).suffix.lower(), os.path.isdir(name) or name.endswith(os.sep)
    if ending in (IMAGE_SUFFIXES | UNWRITTEN) - set(BY_SUFFIX) and not folder:
        raise UserError(
            f"{name}: results are PNG or Aseprite files, of animations also GIF, WebP, MP4 and "
            "WebM, or tables, .parquet: name a folder or a file ending in .png"
        )
    one_file = output is not name or (ending in BY_SUFFIX and not folder)
    if one_file and inputs > 1:
        raise UserError(f"{name}: names one file, but there are {inputs} inputs: name a folder")
    if one_file and suffix:
        raise UserError(
            f"the suffix {suffix} does nothing for the file {name}: put it into the name, "
            "or name a folder",
            option="suffix",
        )
    if "/" in suffix:
        raise UserError(
            f"the suffix {suffix} is a part of a name: leave out the /", option="suffix"
        )
    if not one_file and os.path.exists(Path(name)) and not os.path.isdir(name):
        raise UserError(f"{name}: is a file: name a folder, or for one input a file ending in .png")
    return one_file


def _format_named(out: Path, found: _Input, format: str | None, sheet: bool) -> str | None:
    """The format that the output's name asks for."""
    if found.moving is None:
        if BY_SUFFIX[out.suffix.lower()] in FOR_STILLS:
            return BY_SUFFIX[out.suffix.lower()]
        if format in FOR_STILLS:
            raise UserError(f"{out}: is not a name for the format {format}: leave one of them out")
        if out.suffix.lower() != ".png":
            what = (
                f"of a sheet, only the first frame of {found.name} counts"
                if sheet
                else f"{found.name} is a still image"
            )
            raise UserError(
                f"{out}: {what}, and the result is a PNG file: "
                "name a folder or a file ending in .png, or in .aseprite"
            )
        return None
    if format == "sheet":
        sheet_files(out)  # says what is wrong with the name
        return format
    result = named_format(out)
    if format not in (None, result):
        raise UserError(f"{out}: is not a name for the format {format}: leave one of them out")
    return result


def _file_name(found: _Input, suffix: str, format: str | None) -> Path:
    """The name of a result of ``format``."""
    stem, number = found.renamed or found.relative.stem, None
    if found.moving == "sequence":  # walk_%04d.png -> walk.gif, and back
        match = re.fullmatch(r"(.*?)([-_. ]*%0?\d*d.*)?", stem, re.DOTALL)
        stem, number = match.groups() if match else (stem, None)
    if format == "sequence":
        suffix += number or "_%04d"
    elif not stem and isinstance(found.source, Path):  # walk/%04d.png
        stem = Path(os.path.abspath(found.source)).parent.name or "animation"
    return found.relative.with_name(f"{stem}{suffix}{SUFFIXES.get(format or '', '.png')}")


def _check_collisions(
    found: Sequence[_Input],
    jobs: Sequence[Job],
    options: OutputOptions,
    protected: Iterable[Path],
) -> None:
    """Raise ``UserError`` if a file would be written that is read, or by two jobs."""
    read = [
        path
        for each in found
        if isinstance(each.source, Path)
        for path in (*files_of(each.source, each.moving), each.atlas)
        if path
    ]
    beside = ((options.palette_file, "the palette"), (options.grid_file, "the picture of the grid"))
    outputs = [Output(path, name) for path, name in beside if path]
    outputs += [Output(path, job.name, job.format) for job in jobs for path in job.paths.values()]
    check_collisions((*read, *protected), outputs)


def exists(job: Job) -> bool:
    """Whether the main file of a job, which is written last, is there already; of frames on a sheet
    both files.
    """
    files = last_files(job)
    return job.done or (bool(files) and all(map(os.path.isfile, files)))


def last_files(job: Job) -> list[Path]:
    """The files of a job that are written last: the main one, of numbered images the first one, of
    frames on a sheet that and its JSON.

    None where that is a stream.
    """
    main = job.paths.get("main")
    return [] if main is None else job.files(main, 1)


def check_outputs(job: Job, overwrite: bool) -> None:
    """Raise ``UserError`` if a file of a job is there already and may not be replaced.

    Of numbered images, any: nobody has counted the frames yet.
    """
    for path in job.paths.values():
        for file in files_of(path, job.format):
            check_free(file, overwrite)


def _expanded(
    inputs: Sequence[str | bytes], output: str | BinaryIO, recursive: bool, alone: bool
) -> list[_Input]:
    """Every input with its path relative to the folder it was found in.

    A folder or a glob of this machine that gives none is one with a problem, unless it is alone.
    """
    found: list[_Input] = []
    for given in inputs:
        try:
            found += _found(given, output, recursive)
        except UserError as error:
            if alone or isinstance(given, bytes) or is_url(given):
                raise
            found.append(_without_files(Path(given), str(error)))
    return found


def _found(given: str | bytes, output: str | BinaryIO, recursive: bool) -> list[_Input]:
    """What one name stands for."""
    if isinstance(given, bytes):
        return [_Input(given, Path(f"{STREAM}.png"))]
    if is_url(given):
        return _in_store(given, recursive)
    if os.path.isdir(given):
        return _in_folder(Path(given), output, recursive)
    if glob.has_magic(given) and not os.path.exists(given):
        matches = sorted(Path(match) for match in glob.glob(given, recursive=True))
        matches = list(filter(is_listed, matches))
        # numbered images in a folder whose name has brackets
        if not matches and is_pattern(given) and Path(given).parent.is_dir():
            matches = [Path(given)]
        if not matches:
            raise UserError(f"{given}: no file matches")
        return [_Input(match, Path(match.name)) for match in matches]
    if is_pipe(given):  # what it gives, it gives once
        return [_from_pipe(given)]
    return [_Input(Path(given), Path(Path(given).name))]


def _without_files(place: Path, problem: str) -> _Input:
    """A folder or a glob that gives no file; its result would be called like no other one."""
    return _Input(place, Path(os.path.abspath(place).lstrip("/"), "*"), problem=problem)


def _once(found: Sequence[_Input]) -> list[_Input]:
    """Inputs without those that were given before, as a file of a folder that was given, too."""
    first: dict[Hashable, _Input] = {}
    for each in found:
        source = each.source
        if isinstance(source, Path):
            with suppress(ValueError):  # a zero byte: a name of no file
                source = Path(os.path.realpath(source))
        first.setdefault((source, each.relative), each)
    return list(first.values())


def _in_store(url: str, recursive: bool) -> list[_Input]:
    """The images of a folder in an object store, or the one file."""
    files = remote(url).files(recursive=recursive, wanted=is_image_name)
    if not files:
        raise UserError(f"{without_keys(url)}: no images there")
    return [_Input(file, Path(relative)) for file, relative in files]


def _listed(names: Sequence[str]) -> list[_Input]:
    """Files of a list, relative to the folder that all of them have in common."""
    sources = [remote(name) if is_url(name) else Path(name) for name in names]
    paths = [each.path if isinstance(each, Remote) else os.path.abspath(each) for each in sources]
    try:
        common = os.path.commonpath([os.path.dirname(path) for path in paths]) if paths else ""
    except ValueError:  # relative ones of buckets beside absolute ones of disks
        common = ""
    return [
        _Input(source, Path(os.path.relpath(path, common) if common else path.lstrip("/")))
        for source, path in zip(sources, paths, strict=True)
    ]


def _in_folder(folder: Path, output: str | BinaryIO, recursive: bool) -> list[_Input]:
    """The images of a folder; folders inside that cannot be read are inputs with a problem."""
    unreadable: list[OSError] = []
    files = list_images(folder, recursive, unreadable)
    # An output folder inside the input folder holds results of an earlier run, not inputs.
    results = Path(os.path.realpath(output)) if isinstance(output, str) else None
    if results and Path(os.path.realpath(folder)) in results.parents:
        files = [file for file in files if results not in Path(os.path.realpath(file)).parents]
    if not files and not unreadable:
        raise UserError(f"{folder}: no images in this folder")
    found = [_Input(file, file.relative_to(folder)) for file in files]
    for error in unreadable:
        place = Path(error.filename)
        problem = f"{place}: the folder cannot be read ({reason(error)})"
        found.append(_without_files(place, problem))
    return found


def _from_pipe(name: str) -> _Input:
    relative = Path(f"{Path(name).name}.png")
    try:
        return _Input(read_whole(name), relative)
    except UserError as error:
        return _Input(Path(name), relative, problem=str(error))
