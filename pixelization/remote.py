"""Files of object stores, by URLs that pyarrow's file systems read: ``s3://``, ``gs://``, ``hdfs://``.

Knows folders and bytes, not what is in them.
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pixelization.errors import UserError
from pixelization.limits import FILE_BYTES
from pixelization.optional import optional_module

URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)  # one letter would be a drive of Windows


@dataclass(frozen=True)
class Remote:
    """A file, or a folder, of a file system of pyarrow.

    Attributes:
        root: the URL of the file system, with its options: ``s3://bucket?region=eu-west-1``.
        path: in the file system.
    """

    root: str
    path: str

    def __str__(self) -> str:
        """Its URL, see :func:`without_keys`."""
        below = self.path[len(_below(_opened(self.root)[1], "")) :]
        parts = urlsplit(self.root)
        return without_keys(f"{parts.scheme}://{parts.netloc}/{quote(below)}")

    def read(self) -> bytes:
        """All of its bytes.

        Raises:
            UserError: no such file, too large, or it cannot be read.
        """
        with _told(self), self.file_system.open_input_file(self.path) as file:
            FILE_BYTES.check(file.size(), str(self))
            data: bytes = file.read()
            return data

    def write(self, data: bytes) -> None:
        """Make it of bytes, whole or not at all; one that exists is replaced.

        Raises:
            UserError: it cannot be written.
        """
        with _told(self, "written"):
            folder, name = posixpath.split(self.path)
            self.file_system.create_dir(folder, recursive=True)
            # Not every store forgets a stream that is never closed.
            temporary = posixpath.join(folder, f".{name}.tmp")
            with self.file_system.open_output_stream(temporary) as stream:
                stream.write(data)
            self.file_system.move(temporary, self.path)

    def remove(self) -> None:
        """Remove the file.

        Raises:
            UserError: it cannot be removed.
        """
        with _told(self, "removed"):
            self.file_system.delete_file(self.path)

    def joined(self, name: str) -> "Remote":
        """What is called ``name`` in this folder."""
        return Remote(self.root, posixpath.join(self.path, name))

    def files(
        self, *, recursive: bool, wanted: Callable[[str], bool]
    ) -> list[tuple["Remote", str]]:
        """The files of this folder, sorted; or it alone, if it is a file.

        Args:
            recursive: also of the folders inside.
            wanted: which paths are meant, relative to the folder.

        Returns:
            Each with its path relative to the folder. Nothing, if there is nothing of that name.

        Raises:
            UserError: it cannot be read.
        """
        arrow = optional_module("pyarrow.fs", "ray")
        with _told(self):
            kind = self.file_system.get_file_info(self.path).type
            if kind == arrow.FileType.File:
                return [(self, posixpath.basename(self.path))]
            if kind == arrow.FileType.NotFound:
                return []
            infos = self.file_system.get_file_info(
                arrow.FileSelector(self.path, recursive=recursive)
            )
        paths = sorted(info.path for info in infos if info.type == arrow.FileType.File)
        found = [(Remote(self.root, path), posixpath.relpath(path, self.path)) for path in paths]
        return [(file, name) for file, name in found if wanted(name)]

    @property
    def file_system(self) -> Any:
        """Of pyarrow."""
        return _opened(self.root)[0]


def is_url(text: object) -> bool:
    """Whether it is the name of something in an object store, and no path."""
    return isinstance(text, str) and URL.match(text) is not None


def remote(url: str) -> Remote:
    """The file or folder of a URL.

    Raises:
        UserError: pyarrow is not installed, or reads no such URL.
    """
    try:
        parts = urlsplit(url, allow_fragments=False)  # a name may hold a #
    except ValueError as error:  # half of the brackets of an IPv6 address
        raise UserError(f"{without_keys(url)}: is no URL ({error})") from None
    options = f"?{parts.query}" if parts.query else ""
    root = f"{parts.scheme}://{parts.netloc}{'' if parts.netloc else '/'}{options}"
    start, name = _opened(root)[1], unquote(parts.path).removeprefix("/").rstrip("/")
    return Remote(root, _below(start, name) if name else start)


def without_keys(url: str) -> str:
    """A URL as messages give it: without its user and its options, which may hold keys."""
    scheme, _, rest = url.partition("?")[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def _below(start: str, name: str) -> str:
    """A path in a file system; no slash of a name is lost, as ``posixpath.join`` would."""
    return f"{start.rstrip('/')}/{name}" if start else name


@lru_cache(maxsize=16)  # some ask the network when they are made
def _opened(root: str) -> tuple[Any, str]:
    """A file system, and the path in it that its URL stands for."""
    arrow = optional_module("pyarrow.fs", "ray")
    try:
        system, path = arrow.FileSystem.from_uri(root)
    except (OSError, ValueError, NotImplementedError) as error:
        reason = str(error).replace(root, without_keys(root))
        raise UserError(
            f"{urlsplit(root).scheme}://: cannot be read by this pyarrow ({reason}): give s3://, "
            "gs://, abfs://, hdfs:// or file://"
        ) from None
    return system, path


@contextmanager
def _told(place: Remote, what: str = "read") -> Iterator[None]:
    """Errors of a file system as a ``UserError``."""
    try:
        yield
    except FileNotFoundError:
        raise UserError(f"{place}: no such file") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{place}: cannot be {what} ({error})") from None
