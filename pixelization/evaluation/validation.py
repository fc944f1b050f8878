"""Validation images in two halves: weights and constants are chosen by one, results told of the
other.

A half is of names, so that it stays the same whatever else lies in the folder.
"""

import zlib
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath
from typing import Literal

from pixelization.training.data.sources import source_of

Half = Literal["choosing", "reporting", "both"]


def half_of(name: str) -> Literal["choosing", "reporting"]:
    """The half that an image is in: the lowest bit of the CRC-32 of its file's name.

    Args:
        name: of the image, with folders or without, with its suffix or without.
    """
    stem = PurePosixPath(name).name.removesuffix(".png")
    return "reporting" if zlib.crc32(stem.encode("utf-8", "replace")) & 1 else "choosing"


def sample(names: Collection[str], limit: int) -> list[str]:
    """So many names, 0: all, from all over the folder, in their order.

    They are the first by the CRC-32 of their files' names.
    """
    by_hash = sorted(names, key=lambda name: zlib.crc32(name.encode("utf-8", "replace")))
    chosen = set(by_hash[: limit or None])
    return [name for name in names if name in chosen]


def held_out(names: Iterable[str], half: Half = "both", sources: Collection[str] = ()) -> list[str]:
    """The names of a half, and of these sources only, if any are given; in their order."""
    return [
        name
        for name in names
        if half in ("both", half_of(name)) and (not sources or source_of(name) in sources)
    ]
