"""Cartoons and photos to pixel art and back, by a cascade of three networks trained without pairs.

The modules, in the order in which data flows: ``errors``, ``config``, ``data``, ``models``, ``losses``, ``engine``,
``grid``, ``weights``, ``inference``, ``cli`` (see docs/architecture.md). Most callers need only::

    from pixelization import Pixelizer
    sprite = Pixelizer.from_pretrained().pixelize("drawing.png", size=(48, None)).sprite
"""

from typing import Any

from pixelization.errors import UserError

__version__ = "0.1.0"
__all__ = ["PixelizeResult", "Pixelizer", "UserError", "__version__"]


def __getattr__(name: str) -> Any:
    # Importing torch takes seconds: whoever asks only for --help or the version should not wait for it.
    if name in ("Pixelizer", "PixelizeResult"):
        from pixelization import inference

        return getattr(inference, name)
    raise AttributeError(f"module 'pixelization' has no attribute '{name}'")
