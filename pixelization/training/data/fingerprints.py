"""Which files are data made of: seen without reading them, or as they are."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from pixelization.files import read_whole


def fingerprint(paths: Iterable[Path]) -> dict[str, str]:
    """Hashes of files that differ when the files do.

    Returns:
        ``files``: of their names and sizes. ``dates``: of these and of when each was changed, which
        differs for a copy, too. What is not there counts by its name.
    """
    files, dates = hashlib.sha256(), hashlib.sha256()
    for path in paths:
        try:
            status = os.stat(path)
            size, date = status.st_size, status.st_mtime_ns
        except OSError:
            size, date = -1, -1
        name = os.fsencode(path.name)
        files.update(b"%s\0%d\0" % (name, size))
        dates.update(b"%s\0%d\0%d\0" % (name, size, date))
    return {"files": files.hexdigest(), "dates": dates.hexdigest()}


def contents(paths: Iterable[Path]) -> bytes:
    """A hash of the files' names and of what is in them.

    Raises:
        UserError: a file cannot be read any more.
    """
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}\n".encode() + read_whole(path))
    return digest.digest()
