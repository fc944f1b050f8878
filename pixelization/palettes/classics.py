"""Built-in palettes; docs/palettes.md names the source and the terms of each, as does its file."""

from pixelization.errors import UserError
from pixelization.palettes.files import read_palette
from pixelization.palettes.names import CLASSICS as CLASSICS, CLASSICS_FOLDER
from pixelization.palettes.palette import Palette


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
    return read_palette(CLASSICS_FOLDER / f"{found}.gpl")


def _letters(name: str) -> str:
    return name.lower().translate(str.maketrans("", "", " -_"))
