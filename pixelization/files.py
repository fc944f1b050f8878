"""Files appear whole or not at all, and replace nothing unasked."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixelization.errors import UserError


def check_free(path: Path, overwrite: bool) -> None:
    """Raise ``UserError`` if there is such a file and it may not be replaced."""
    try:
        path.lstat()  # a link that leads nowhere is there too
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror})") from None
    if not overwrite:
        raise UserError(f"{path}: exists: give --overwrite to replace it")


@contextmanager
def whole_file(path: str | Path, *, overwrite: bool, durable: bool = False) -> Iterator[Path]:
    """A temporary path to write to, in the same folder, which gets its name when the block ends
    well; missing folders are made.

    Args:
        path: the file.
        overwrite: replace one that exists.
        durable: wait until the disk has it, so that a power cut cannot leave the new name on an
            empty file; slow.

    Raises:
        UserError: the file exists and ``overwrite`` is not set, or it cannot be written.
    """
    path = Path(path)
    # Not made from the name, which may have all the bytes that a name can have.
    temporary = path.with_name(f".{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        check_free(path, overwrite)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            if durable:
                with open(temporary, "rb") as file:
                    os.fsync(file.fileno())
            check_free(path, overwrite)  # it may have been made meanwhile
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror or error})") from None


def write_whole(path: str | Path, data: bytes | str, *, overwrite: bool) -> None:
    """Write bytes, or text as UTF-8, whole or not at all.

    ``UserError`` as :func:`whole_file` raises it.
    """
    with whole_file(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(data if isinstance(data, bytes) else data.encode())
