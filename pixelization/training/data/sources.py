"""Whose work an image is."""

from pathlib import PurePath


def source_of(path: str | PurePath) -> str:
    """The source of an image: its file's name up to the first underscore."""
    return PurePath(path).name.split("_")[0]
