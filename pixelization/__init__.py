"""Cartoons and photos to pixel art and back, by a cascade of three networks trained without pairs.

Most callers need only::

    from pixelization import Pixelizer
    Pixelizer.from_pretrained().pixelize("drawing.png", size=48).save("sprite.png")

``__init__.pyi`` lists every name, docs/api.md describes them, docs/architecture.md the modules in
the order in which data flows.
"""

import lazy_loader

__version__ = "0.1.0"

# Importing torch takes seconds: whoever asks only for --help or the version should not wait for it.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
