"""Files are read once and whole, appear whole or not at all, and replace nothing unasked."""

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixelization.errors import UserError
from pixelization.limits import FILE_BYTES, Limit

BLOCK = 1 << 20  # bytes that are read at once


def read_whole(path: str | Path, limit: Limit = FILE_BYTES) -> bytes:
    """The bytes of a file, or of a pipe such as ``/dev/stdin``, which can be read only once.

    Args:
        path: what to read.
        limit: on the number of bytes; not one more is kept in memory.

    Raises:
        UserError: no such file, a folder, too large, or it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            # A pipe says 0, and a file may grow while it is read.
            limit.check(os.fstat(file.fileno()).st_size, str(path))
            blocks, size = [], 0
            while block := file.read(BLOCK):
                size += len(block)
                limit.check(size, str(path))
                blocks.append(block)
            return b"".join(blocks)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise UserError(f"{path}: is a folder, not a file") from None
    except MemoryError:
        raise UserError(f"{path}: is too large for the memory of this machine") from None
    except (OSError, ValueError) as error:  # the latter for a name with a zero byte
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path}: cannot be read ({reason})") from None


def is_pipe(path: str | Path) -> bool:
    """Whether it is there but no file or folder: what it gives, it gives once."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


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
