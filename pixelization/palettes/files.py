"""Palette files: text formats, and which format a file has; docs/palettes.md describes them all."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pixelization.errors import UserError, shortened
from pixelization.files import check_free, read_stream, reading, write_whole
from pixelization.images.aseprite import is_aseprite
from pixelization.images.opening import begins_like_image
from pixelization.images.writing import png_bytes
from pixelization.limits import FILE_BYTES, PALETTE_BYTES, PALETTE_COLORS, Limit
from pixelization.palettes.binary import (
    ACT_SIZES,
    NES_SIZES,
    VGA_MAX,
    VGA_WHITE,
    build_palette,
    format_act,
    is_swatches,
    parse_aco,
    parse_act,
    parse_ase,
    parse_aseprite,
    parse_image,
    parse_raw,
    parse_riff,
)
from pixelization.palettes.json_files import parse_json
from pixelization.palettes.names import MAX_COLORS
from pixelization.palettes.palette import Palette, parse_hex

WRITABLE = (".gpl", ".pal", ".hex", ".txt", ".act", ".png")
VGA_FEWEST = 16  # colours of a VGA palette
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")  # no text has these
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CODE = re.compile("(?:#|0[xX])?([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_Line = tuple[int, str]


def read_palette(path: str | Path) -> Palette:
    """Read a palette file of any known format (see :func:`parse_palette`).

    Raises:
        UserError: no such file, it cannot be read, or as :func:`parse_palette` raises it.
    """
    path = Path(path)
    with reading(path), open(path, "rb") as file:
        data = read_stream(file, str(path), _limit(file.peek()))
    return parse_palette(data, str(path))


def parse_palette(data: bytes, name: str) -> Palette:
    """Read a palette from the bytes of a file.

    The format is told by the content: GIMP .gpl, JASC and RIFF .pal, Lospec .hex, paint.net .txt,
    JSON of Lospec and Pixelorama, Adobe .ase and .aco, Aseprite's sprites, images (PNG, GIF, WebP,
    BMP, JPEG); by the name and the size for Adobe .act and raw .pal, which have no mark.

    Args:
        data: the whole file.
        name: of the file; stands in messages, and for the palette's name if the file gives none.

    Returns:
        Its colours in order, duplicates included, without fully transparent ones.

    Raises:
        UserError: unknown format, malformed or truncated (with line or byte offset), no colours, or
            more of them, or of bytes, than the limits allow.
    """
    title, suffix = Path(name).stem, Path(name).suffix.lower()
    _limit(data).check(len(data), name)
    if not data:
        raise UserError(f"{name}: the file is empty")
    if data[:4] == b"RIFF" and data[8:12] == b"PAL ":
        return parse_riff(data, name, title)
    if data[:4] == b"ASEF":
        return parse_ase(data, name, title)
    if is_aseprite(data):
        return parse_aseprite(data, name, title)
    if begins_like_image(data):
        return parse_image(data, name, title)
    if suffix == ".act" or (len(data) in ACT_SIZES and _BINARY.search(data)):
        return parse_act(data, name, title)
    binary = _BINARY.search(data) is not None and data[:2] not in _UTF16
    if suffix == ".aco" or (binary and is_swatches(data)):
        return parse_aco(data, name, title)
    if binary and (suffix == ".pal" or len(data) in NES_SIZES):
        return parse_raw(data, name, title)
    lines = _text_lines(data, name)
    first = lines[0][1] if lines else ""
    if first.startswith("GIMP Palette"):
        return _parse_gpl(lines, name, title)
    if first == "JASC-PAL":
        return _parse_jasc(lines, name, title)
    if first[:1] in ("{", "["):
        return parse_json("\n".join(line for _, line in lines), name, title)
    return _parse_codes(lines, name, title, suffix)


def write_palette(palette: Palette, path: str | Path, *, overwrite: bool = False) -> None:
    """Write a palette file, whole or not at all; missing folders are made.

    Args:
        palette: reading the file gives exactly its colours, in its order.
        path: the suffix says the format: .gpl, .pal (JASC), .hex, .txt (paint.net), .act or .png
            (one pixel per colour).
        overwrite: replace a file that exists.

    Raises:
        UserError: another suffix, the file exists and ``overwrite`` is not set, or it cannot be
            written.
    """
    path = Path(path)
    check_writable(path, overwrite=overwrite)
    write_whole(path, format_palette(palette, str(path)), overwrite=overwrite)


def format_palette(palette: Palette, name: str) -> bytes:
    """A palette file as bytes, as :func:`write_palette` writes it.

    Args:
        palette: reading the bytes gives exactly its colours, in its order.
        name: its suffix says the format, one of ``WRITABLE``.

    Raises:
        UserError: another suffix, or the format cannot hold so many colours.
    """
    suffix = _writable_suffix(name)
    if suffix == ".act" and len(palette) > MAX_COLORS:
        raise UserError(
            f"{name}: an .act file holds at most {MAX_COLORS} colours, not {len(palette)}: write "
            "another format, such as .gpl"
        )
    formats: dict[str, Callable[[Palette], bytes | str]] = {
        ".gpl": _format_gpl,
        ".pal": _format_jasc,
        ".hex": _format_hex,
        ".txt": _format_paint_net,
        ".act": format_act,
        ".png": _format_png,
    }
    data = formats[suffix](palette)
    return data.encode() if isinstance(data, str) else data


def check_writable(path: str | Path, *, overwrite: bool = False) -> None:
    """Raise ``UserError`` if :func:`write_palette` would.

    Another suffix, or the file exists and ``overwrite`` is not set.
    """
    _writable_suffix(path)
    check_free(Path(path), overwrite)


def _limit(data: bytes) -> Limit:
    """On the bytes of a file that begins so; 256 named colours are a few kilobytes of text."""
    return FILE_BYTES if begins_like_image(data) else PALETTE_BYTES


def _writable_suffix(path: str | Path) -> str:
    suffix = Path(path).suffix.lower()
    if suffix not in WRITABLE:
        raise UserError(
            f"{path}: which palette format? End the name in one of {' '.join(WRITABLE)}"
        )
    return suffix


def _text_lines(data: bytes, file: str) -> list[_Line]:
    """The lines that are not blank, numbered from 1, without white space around them."""
    if data[:2] in _UTF16:
        text = data.decode("utf-16", errors="replace")
    elif binary := _BINARY.search(data):
        raise UserError(
            f"{file}: byte {binary.start()}: is neither text nor a palette file or image of a "
            "known format"
        )
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")  # names from old programs; every byte is a letter
    lines = enumerate(re.split("\r\n|\r|\n", text), start=1)
    return [(number, line.strip()) for number, line in lines if line.strip()]


def _parse_gpl(lines: list[_Line], file: str, title: str) -> Palette:
    """GIMP palette, with Aseprite's extension ``Channels: RGBA``."""
    channels = 3
    found = []
    for number, text in lines[1:]:
        header = re.fullmatch(r"(Name|Columns|Channels):\s*(.*)", text)
        if text.startswith("#"):
            continue
        if header is None:
            found.append((number, _decimals(text, channels, file, number)))
        elif header[1] == "Name":
            title = header[2] or title
        elif header[1] == "Channels":
            channels = 4 if header[2].upper() == "RGBA" else 3
    return _finished(_from_vga(found), file, title)


def _parse_jasc(lines: list[_Line], file: str, title: str) -> Palette:
    """JASC-PAL, version, count, then a line for each colour, with an alpha or without."""
    number, text = lines[2] if len(lines) > 2 else (lines[-1][0], "")
    if not re.fullmatch("[0-9]{1,9}", text):
        raise UserError(
            f"{file}: line {number}: {shortened(text, 40)!r} is not the number of colours, which a "
            "JASC palette has here"
        )
    found = [
        (row, _decimals(entry, 4 if len(entry.split()) > 3 else 3, file, row))
        for row, entry in lines[3:]
    ]
    if len(found) != int(text):
        problem = f"says {int(text)} colours, but {len(found)} follow"
        raise UserError(
            f"{file}: line {number}: {problem}: correct the number or complete the file"
        )
    return _finished(_from_vga(found), file, title)


def _parse_codes(lines: list[_Line], file: str, title: str, suffix: str) -> Palette:
    """A colour a line: ``rrggbb``, ``rgb`` or one with alpha, after ``#``, ``0x`` or nothing.

    Alpha is last in .hex (Lospec) and after ``#`` (CSS). It is first in paint.net's files, which
    have comments after ``;``. Elsewhere it is at the end where all colours are opaque, if only one
    is.
    """
    codes: list[tuple[int, str]] = []
    comments = hashes = False
    for number, text in lines:
        header = re.fullmatch(r";\s*Palette Name:\s*(.+)", text)
        title = header[1] if header else title
        code, semicolon, _ = text.partition(";")
        comments |= bool(semicolon)
        code = code.strip().rstrip(",").strip()
        if not code:
            continue
        hashes |= code.startswith("#")
        match = _CODE.fullmatch(code)
        if match is None:
            problem = f"{shortened(code, 40)!r} is not a colour like ff8000"
            raise UserError(
                f"{file}: line {number}: {problem}, and the file no palette of another known format"
            )
        codes.append((number, match[1].lower()))
    long = [code for _, code in codes if len(code) == 8]
    opaque_first = all(code.startswith("ff") for code in long)
    opaque_last = all(code.endswith("ff") for code in long)
    alpha_last = opaque_last and not opaque_first
    if hashes or suffix == ".hex":
        alpha_last = not comments
    found: list[tuple[int, tuple[int, ...]]] = []
    for number, code in codes:
        alpha = 255
        if len(code) == 8:
            code, extra = (code[:6], code[6:]) if alpha_last else (code[2:], code[:2])
            alpha = int(extra, 16)
        found.append((number, (*parse_hex(code), alpha)))
    return _finished(found, file, title)


def _finished(found: list[tuple[int, tuple[int, ...]]], file: str, title: str) -> Palette:
    """The palette of numbered lines of RGB or RGBA, without fully transparent ones."""
    shown = [(number, color[:3]) for number, color in found if color[3:] != (0,)]
    PALETTE_COLORS.check(len(shown), f"{file}: a palette of {len(shown)} colours")
    return build_palette(np.array([color for _, color in shown]).reshape(-1, 3), file, title)


def _from_vga(found: list[tuple[int, tuple[int, ...]]]) -> list[tuple[int, tuple[int, ...]]]:
    """Numbered lines with 8 bits a level, where all lines have the 6 bits of VGA.

    That is so if there are as many colours as VGA has, 16 or more, no level is above 63, and one
    colour is light for 6 bits. Among 8 bits it would be nearly black, and the lightest of all.
    """
    colors = [color[:3] for _, color in found]
    light = any(min(color) >= VGA_WHITE for color in colors)
    if len(colors) < VGA_FEWEST or not light or max(map(max, colors)) > VGA_MAX:
        return found
    return [
        (number, (*(level * 255 // VGA_MAX for level in color[:3]), *color[3:]))
        for number, color in found
    ]


def _decimals(text: str, count: int, file: str, number: int) -> tuple[int, ...]:
    """The numbers from 0 to 255 with which a line begins."""
    words = text.split(maxsplit=count)[:count]
    if len(words) < count or not all(
        re.fullmatch("[0-9]{1,3}", word) and int(word) <= 255 for word in words
    ):
        wanted = "red, green, blue, alpha" if count == 4 else "red, green, blue"
        raise UserError(
            f"{file}: line {number}: {shortened(text, 40)!r} does not begin with {wanted}, each "
            "from 0 to 255"
        )
    return tuple(int(word) for word in words)


def _format_gpl(palette: Palette) -> str:
    # Every colour gets a name, because Aseprite skips those without.
    colors = zip(palette.colors.tolist(), palette.hex(), strict=True)
    rows = [f"{red:3} {green:3} {blue:3}\t{code}" for (red, green, blue), code in colors]
    return "\n".join(["GIMP Palette", *_named("Name", palette), "#", *rows, ""])


def _format_jasc(palette: Palette) -> str:
    rows = [f"{red} {green} {blue}" for red, green, blue in palette.colors.tolist()]
    return "\r\n".join(["JASC-PAL", "0100", str(len(palette)), *rows, ""])


def _format_hex(palette: Palette) -> str:
    return "\n".join([*palette.hex(), ""])


def _format_paint_net(palette: Palette) -> str:
    rows = [f"FF{code.upper()}" for code in palette.hex()]
    return "\n".join(
        [
            ";paint.net Palette File",
            *_named(";Palette Name", palette),
            f";Colors: {len(palette)}",
            *rows,
            "",
        ]
    )


def _format_png(palette: Palette) -> bytes:
    return png_bytes(palette.colors[None])


def _named(key: str, palette: Palette) -> list[str]:
    """The header line with the palette's name, if it has one.

    With ? for bytes of a file's name that are no text.
    """
    name = " ".join(palette.name.split()).encode(errors="replace").decode()
    return [f"{key}: {name}"] if name else []
