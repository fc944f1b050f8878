"""Which models the package ships, and where.

Apart from :mod:`pixelization.networks.schema`, which commands that load no weights need not import.
"""

from pathlib import Path

PRETRAINED = Path(__file__).parents[1] / "pretrained"
"""Folder of the models that are shipped with the package."""
DEFAULT_MODEL = "lite"
"""Name of the shipped model that is used unless another is asked for."""
