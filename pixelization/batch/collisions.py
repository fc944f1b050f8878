"""No file is written over one that is read, nor by two jobs: told before any work is done."""

import os
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from pixelization.animation.sequence import NUMBER, frame_name
from pixelization.animation.sheet import sheet_files
from pixelization.errors import UserError
from pixelization.files import places


class Output(NamedTuple):
    """A path that is to be written.

    Attributes:
        path: of a file, or the pattern of numbered images.
        owner: what messages call that which is written there, the name of its job.
        format: of an animation, see :data:`~pixelization.animation.formats.FORMATS`.
    """

    path: Path
    owner: str
    format: str | None = None


def check_collisions(read: Iterable[Path], outputs: Sequence[Output]) -> None:
    """Raise ``UserError`` if a file would be written that is read, or by two owners."""
    sources = {place: path for path in read for place in places(path)}
    written = [
        (path, output.owner) for output in outputs for path in files_of(output.path, output.format)
    ]
    owners: dict[Hashable, str] = {}
    for path, name in written:
        for place in places(path):
            if place in sources:
                raise UserError(
                    f"{path}: would be written over the input {sources[place]}: "
                    "choose another output"
                )
            if owners.get(place) == name:
                raise UserError(
                    f"{path}: two results of {name} would be written there: give every size and "
                    "every input once"
                )
            if place in owners:
                raise UserError(
                    f"{path}: both {owners[place]} and {name} would be written there: "
                    "separate or rename them"
                )
        owners |= dict.fromkeys(places(path), name)
    _check_frames(outputs, written)


def files_of(path: Path, format: str | None) -> list[Path]:
    """The path; of a sheet also its JSON, of a pattern those of its numbered images that exist."""
    if format == "sheet":
        return sheet_files(path)
    if not _is_numbered(path, format):
        return [path]
    name = frame_name(path)
    return [path, *(file for file in path.parent.glob("*") if name.fullmatch(file.name))]


def _check_frames(outputs: Sequence[Output], written: Sequence[tuple[Path, str]]) -> None:
    """Raise ``UserError`` if a file has a name that a frame of another owner may get: nobody has
    counted the frames yet.
    """
    patterns = [
        (output.path, output.owner)
        for output in outputs
        if _is_numbered(output.path, output.format)
    ]
    if not patterns:
        return
    # Sorted, so that not every pattern looks at every file.
    files = sorted((os.path.realpath(path.parent), path.name, name) for path, name in written)
    for pattern, owner in patterns:
        folder, before = os.path.realpath(pattern.parent), NUMBER.split(pattern.name)[0]
        for place in range(bisect_left(files, (folder, before)), len(files)):
            there, file, name = files[place]
            if there != folder or not file.startswith(before):
                break
            if name != owner and frame_name(pattern).fullmatch(file):
                raise UserError(
                    f"{pattern.with_name(file)}: is for {name}, and may be a frame of {owner}: "
                    "separate or rename them"
                )


def _is_numbered(path: Path, format: str | None) -> bool:
    """Whether a path stands for numbered images."""
    return format == "sequence" and len(NUMBER.findall(path.name)) == 1
