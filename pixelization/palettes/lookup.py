"""What a user calls a palette: a file, a list of colours, or a built-in name."""

import os
import re
from pathlib import Path

from pixelization.errors import UserError
from pixelization.palettes.classics import CLASSICS, classic_name, classic_palette
from pixelization.palettes.files import read_palette
from pixelization.palettes.palette import Palette


def find_palette(text: str) -> Palette:
    """Find the palette that is meant.

    A text with a path separator or a suffix is a file if there is one; else a built-in name comes
    before a file of that name, and both before colours: ``c64`` is the computer, ``#c64`` the
    colour.

    Args:
        text: the path of a palette file; or colours like ``ff0000,#00ff00,f80``; or a name
            from ``CLASSICS``, in any case.

    Raises:
        UserError: it is none of these, or the file is not a palette.
    """
    looks_like_path = bool(Path(text).suffix) or "/" in text or os.sep in text
    builtin = None if looks_like_path and os.path.exists(text) else classic_name(text)
    if builtin is not None:
        return classic_palette(builtin)
    # unlike Path.exists, it takes a long list of colours for a missing file
    if os.path.exists(text):
        return read_palette(text)
    codes = [code.strip() for code in text.split(",")]
    wrong = [
        code for code in codes if re.fullmatch("#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", code) is None
    ]
    if not wrong:
        return Palette.from_hex(codes)
    if len(wrong) < len(codes):
        raise UserError(
            f"{wrong[0]!r} is not a colour: give 3 or 6 hexadecimal digits each, like ff8000,#fff"
        )
    forms = "a palette file, colours like ff0000,#00ff00, or one of " + " ".join(CLASSICS)
    raise UserError(
        f"{text!r} is neither a file nor a palette: give {forms}; "
        "of a palette on the web, download its file (.hex, .gpl) from its page and give that"
    )
