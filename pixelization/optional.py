"""Packages that are not always installed: those of the extras in ``setup.py``."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

from pixelization.errors import UserError


def missing(package: str, extra: str, why: str = "") -> UserError:
    """That a package of an extra is not installed, and how to get it."""
    return UserError(
        f"this needs {package}{why}: install it with pip install 'pixelization[{extra}]'"
    )


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Imports within may be of packages of an extra; ``UserError`` if one is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise missing(str(error.name), extra) from None


def optional_module(name: str, extra: str = "baselines") -> ModuleType:
    """Import the module ``name``, of a package that the ``extra`` installs.

    Raises:
        UserError: its package is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise missing(package, extra, f" ({error})") from None
