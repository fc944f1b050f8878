"""Built-in palettes; docs/palettes.md names the source and the terms of each, as does its file."""

from pathlib import Path

from pixelization.errors import UserError
from pixelization.palettes.files import read_palette
from pixelization.palettes.palette import Palette

_FOLDER = Path(__file__).with_suffix("")  # classics/
CLASSICS = tuple(sorted(path.stem for path in _FOLDER.glob("*.gpl")))  # the names


def classic_name(text: str) -> str | None:
    """The built-in palette that is meant, in any case, with or without separators.

    ``PICO 8`` is ``pico-8``.
    """
    return next((name for name in CLASSICS if _letters(name) == _letters(text)), None)


def classic_palette(name: str) -> Palette:
    """A built-in palette; ``CLASSICS`` lists the names.

    Raises:
        UserError: there is none of that name.
    """
    found = classic_name(name)
    if found is None:
        raise UserError(f"{name}: no such built-in palette: choose from {' '.join(CLASSICS)}")
    return read_palette(_FOLDER / f"{found}.gpl")


def _letters(name: str) -> str:
    return name.lower().translate(str.maketrans("", "", " -_"))
