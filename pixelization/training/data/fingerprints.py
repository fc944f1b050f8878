"""Which files are data made of: seen without reading them, or as they are."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from pixelization.files import read_whole


def fingerprint(paths: Iterable[Path]) -> str:
    """A hash of files' names, sizes and dates, which differs for a copy, too.

    What is not there counts by its name.
    """
    digest = hashlib.sha256()
    for path in paths:
        try:
            status = os.stat(path)
            size, date = status.st_size, status.st_mtime_ns
        except OSError:
            size, date = -1, -1
        name = os.fsencode(path.name)
        digest.update(b"%s\0%d\0%d\0" % (name, size, date))
    return digest.hexdigest()


def contents(paths: Iterable[Path]) -> bytes:
    """A hash of the files' names and of what is in them.

    Raises:
        UserError: a file cannot be read any more.
    """
    digest = hashlib.sha256()
    for path in paths:
        digest.update(os.fsencode(path.name) + b"\n" + read_whole(path))
    return digest.digest()
