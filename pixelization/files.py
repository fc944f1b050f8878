"""Files are read once and whole, appear whole or not at all, and replace nothing unasked."""

import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from pixelization.errors import UserError, reason
from pixelization.interrupts import Interrupts
from pixelization.limits import FILE_BYTES, Limit

try:
    import fcntl
except ImportError:  # Windows: there, what a killed run leaves is not told from what is written
    fcntl = None  # type: ignore[assignment]

BLOCK = 1 << 20  # bytes that are read at once
TEMPORARY = re.compile(r"\.pixelization-[0-9a-f]{16}\.tmp")  # what is written to


def read_whole(path: str | Path, limit: Limit = FILE_BYTES) -> bytes:
    """The bytes of a file, or of a pipe such as ``/dev/stdin``, which can be read only once.

    Args:
        path: what to read.
        limit: on the number of bytes; not one more is kept in memory.

    Raises:
        UserError: no such file, a folder, too large, or it cannot be read.
    """
    with reading(path), open(path, "rb") as file:
        # A pipe says 0, and a file may grow while it is read.
        limit.check(os.fstat(file.fileno()).st_size, str(path))
        return read_stream(file, str(path), limit)


def read_stream(file: BinaryIO, name: str, limit: Limit = FILE_BYTES) -> bytes:
    """What a stream has left; above the limit, not one byte more is kept in memory.

    ``UserError``, which begins with ``name``, if it is too large.
    """
    blocks, size = [], 0
    while block := file.read(BLOCK):
        size += len(block)
        limit.check(size, name)
        blocks.append(block)
    return b"".join(blocks)


@contextmanager
def reading(name: str | Path) -> Iterator[None]:
    """Turn what keeps a file from being opened or read into ``UserError`` of one line, which begins
    with its name.
    """
    try:
        yield
    except FileNotFoundError:
        raise UserError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise UserError(f"{name}: is a folder, not a file") from None
    except MemoryError:
        raise UserError(f"{name}: is too large for the memory of this machine") from None
    except (OSError, ValueError) as error:  # the latter for a name with a zero byte
        raise UserError(f"{name}: cannot be read ({reason(error)})") from None


def is_pipe(path: str | Path) -> bool:
    """Whether it is there but no file or folder: what it gives, it gives once."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def places(path: str | Path) -> set[Hashable]:
    """What tells whether two names are of one file, also by way of links.

    Where the file exists, also what the disk calls it: a name may be written in several ways.
    """
    # realpath, unlike Path.resolve, leaves it to whoever opens a file to fail at a loop of links or
    # a name too long.
    try:
        found: set[Hashable] = {os.path.realpath(path)}
    except ValueError:  # a zero byte: a name of no file
        return {str(path)}
    with suppress(OSError):
        status = os.stat(path)
        found.add((status.st_dev, status.st_ino))
    return found


def check_free(path: Path, overwrite: bool) -> None:
    """Raise ``UserError`` if there is such a file and it may not be replaced, or a folder."""
    try:
        mode = path.lstat().st_mode  # a link that leads nowhere is there too
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:  # the latter for a name with a zero byte
        raise UserError(f"{path}: cannot be written ({reason(error)})") from None
    if stat.S_ISDIR(mode):
        raise UserError(f"{path}: is a folder, not a file: choose another name")
    if not overwrite:
        what = "exists" if os.path.exists(path) else "exists as a link that leads nowhere"
        raise UserError(f"{path}: {what}: allow overwriting to replace it", option="overwrite")


@contextmanager
def whole_file(path: str | Path, *, overwrite: bool, durable: bool = False) -> Iterator[Path]:
    """A temporary path to write to, in the same folder, which gets its name when the block ends
    well; missing folders are made.

    A file that is replaced hands down its permissions. The temporary file is locked, so that
    :func:`sweep` can tell it from what a killed run has left.

    Args:
        path: the file.
        overwrite: replace one that exists.
        durable: wait until the disk has it, so that a power cut cannot leave the new name on an
            empty file; slow.

    Raises:
        UserError: the file exists and ``overwrite`` is not set, or it cannot be written.
    """
    path = Path(path)
    try:
        check_free(path, overwrite)
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = _mode(path)
        with _temporary_beside(path) as temporary:
            if mode is not None:  # nobody else may look meanwhile, but we must write
                os.chmod(temporary, mode | stat.S_IRUSR | stat.S_IWUSR)
            yield temporary
            if mode is not None:
                os.chmod(temporary, mode)
            if durable:
                with open(temporary, "rb") as file:
                    os.fsync(file.fileno())
            check_free(path, overwrite)  # it may have been made meanwhile
            os.replace(temporary, path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({reason(error)})") from None


@contextmanager
def whole_files(paths: Sequence[Path], *, overwrite: bool) -> Iterator[list[Path]]:
    """Temporary paths to write to, for files of one folder, which all get their names when the
    block ends well, the first one last: whoever sees it sees all.

    A signal waits until they have them. Where one cannot get its name, what was there before is
    there again, if the file system has hard links; new files go in any case. Only a process that is
    killed in that moment leaves a part.

    Args:
        paths: the files, at least one.
        overwrite: replace those that exist; they hand down their permissions.

    Raises:
        UserError: one exists and ``overwrite`` is not set, or cannot be written.
    """
    try:
        for path in paths:
            check_free(path, overwrite)
        with temporary_folder(paths[0].parent) as folder:
            folder.chmod(0o700)  # nobody else may look at what takes the place of private files
            yield [folder / path.name for path in paths]
            interrupts = Interrupts()
            try:
                with interrupts:
                    _name_all(folder, paths, overwrite)
            finally:
                interrupts.act()
    except OSError as error:
        raise UserError(f"{paths[0]}: cannot be written ({reason(error)})") from None


def _name_all(folder: Path, paths: Sequence[Path], overwrite: bool) -> None:
    """Give the files of a folder their names, the last one first; all of them or none."""
    before = folder / "before"
    before.mkdir()
    with ExitStack() as undo:
        for path in reversed(paths):
            check_free(path, overwrite)  # it may have been made meanwhile
            mode = _mode(path)
            if mode is not None:
                os.chmod(folder / path.name, mode)
            back: Callable[[], object] | None = path.unlink
            if os.path.lexists(path):
                back = None  # some file systems have no links: there what is new stays
                with suppress(OSError):
                    os.link(path, before / path.name, follow_symlinks=False)
                    back = partial(os.replace, before / path.name, path)
            os.replace(folder / path.name, path)
            if back is not None:
                undo.callback(back)
        undo.pop_all()  # all have theirs


def write_whole(path: str | Path, data: bytes | str, *, overwrite: bool) -> None:
    """Write bytes, or text as UTF-8, whole or not at all.

    ``UserError`` as :func:`whole_file` raises it.
    """
    with whole_file(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(data if isinstance(data, bytes) else data.encode())


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """A new folder to write to, for a name in ``parent``, which is made if it is missing; removed
    if it is still there at the end.

    It is locked as the files of :func:`whole_file` are.

    Raises:
        OSError: nothing can be written there.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        while True:
            folder = parent / _temporary_name()
            folder.mkdir()
            try:
                if fcntl is not None:
                    stack.enter_context(_locked(folder, os.O_RDONLY, wait=True))
                break
            except (_Swept, FileNotFoundError):
                continue
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


def sweep(folder: str | Path) -> None:
    """Remove the temporary files and folders of runs that were killed.

    What somebody still writes is locked, and stays; so does everything else. What cannot be removed
    is left.

    Args:
        folder: where results are written; it need not exist.
    """
    if fcntl is None:
        return
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not TEMPORARY.fullmatch(entry.name):
                continue
            if entry.is_file(follow_symlinks=False):
                with suppress(OSError, _Swept), _locked(entry.path, os.O_RDWR, wait=False):
                    os.unlink(entry.path)
            elif entry.is_dir(follow_symlinks=False):
                with suppress(OSError, _Swept), _locked(entry.path, os.O_RDONLY, wait=False):
                    shutil.rmtree(entry.path)


def _temporary_name() -> str:
    """It is not made from another name, which may have all the bytes that a name can have."""
    return f".pixelization-{secrets.token_hex(8)}.tmp"


@contextmanager
def _temporary_beside(path: Path) -> Iterator[Path]:
    """A new, locked, empty file in the folder of ``path``; removed if it is still there at the
    end.
    """
    while True:
        temporary = path.parent / _temporary_name()  # with_name refuses . and /
        try:
            with _locked(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, wait=True):
                try:
                    yield temporary
                finally:
                    temporary.unlink(missing_ok=True)
            return
        except _Swept:
            continue


def _mode(path: Path) -> int | None:
    """The permissions of a file; None if there is none."""
    try:
        return stat.S_IMODE(path.stat().st_mode) & 0o777
    except FileNotFoundError:
        return None


class _Swept(Exception):
    """A file was removed between opening and locking it."""


@contextmanager
def _locked(path: str | Path, flags: int, *, wait: bool) -> Iterator[None]:
    """Holds the lock of a file, which ends with the process, however that ends.

    Raises:
        OSError: it cannot be opened; or, without ``wait``, somebody else holds the lock.
    """
    file = os.open(path, flags, 0o666)
    if fcntl is None:  # Windows renames no file that is open
        os.close(file)
        yield
        return
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:
            if not wait:
                raise  # who waits does without where a file system knows no locks
        try:
            same = os.path.samestat(os.stat(path), os.fstat(file))
        except FileNotFoundError:
            same = False
        if not same:
            raise _Swept
        yield
    finally:
        os.close(file)
