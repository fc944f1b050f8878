"""Packages that are not always installed: those of the extras in ``setup.py``."""

from importlib import import_module
from types import ModuleType

from pixelization.errors import UserError


def optional_module(name: str, extra: str = "baselines") -> ModuleType:
    """Import the module ``name``, of a package that the ``extra`` installs.

    Raises:
        UserError: its package is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise UserError(
            f"this needs {package} ({error}): install it with pip install 'pixelization[{extra}]'"
        ) from None
