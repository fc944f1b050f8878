"""Binary palette files: Adobe .act, .aco and .ase, RIFF and raw .pal, Aseprite's, images."""

import colorsys
import struct
from collections.abc import Iterable

import numpy as np

from pixelization.cells.voting import HALF_OPAQUE
from pixelization.color.packing import pack, unpack
from pixelization.color.srgb import from_linear
from pixelization.errors import UserError
from pixelization.images.aseprite import HEADER, Fields, frame_chunks, palette_entries
from pixelization.images.reading import read_image
from pixelization.limits import PALETTE_COLORS
from pixelization.palettes.palette import Palette

ACT_SIZES = (768, 772)
NES_SIZES = (192, 1536)  # 64 colours, and these with each of 8 emphases: raw files of emulators
VGA_MAX = 63  # the largest level of 6 bits
VGA_WHITE = 48  # a table of 6 bits has a light colour, of at least three quarters
_NO_INDEX = 0xFFFF
_CHUNK = 1 << 16  # pixels
_ACO_MODELS = (0, 1, 2, 7, 8)  # RGB, HSB, CMYK, LAB, grey
# CIE XYZ relative to D50 -> linear sRGB, Bradford adaptation; source: Lindbloom, "RGB/XYZ
# Matrices".
_XYZ_D50_TO_RGB = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ]
).T
_D50 = np.array([0.96422, 1.0, 0.82521])


def build_palette(
    colors: Iterable[tuple[int, int, int]] | np.ndarray, file: str, name: str
) -> Palette:
    """The palette of colours read from ``file``.

    ``UserError`` if there are none, or more than ``PALETTE_COLORS`` allows.
    """
    table = np.array(colors if isinstance(colors, np.ndarray) else list(colors), np.uint8).reshape(
        -1, 3
    )
    if len(table) == 0:
        raise UserError(f"{file}: has no colours: a palette needs at least 1")
    PALETTE_COLORS.check(len(table), f"{file}: a palette of {len(table)} colours")
    return Palette(table, name)


def parse_act(data: bytes, file: str, name: str) -> Palette:
    """Adobe Color Table: 256 RGB triples.

    In files of 772 bytes, their number and that of the transparent one follow.
    The transparent entry is left out, unless it is the first: Aseprite always says that, whether or
    not it is so. A table of 768 bytes whose levels have 6 bits is one of VGA (see
    :func:`parse_raw`).
    """
    if len(data) not in ACT_SIZES:
        raise UserError(
            f"{file}: is not an Adobe .act palette: it has {len(data)} bytes, not 768 or 772; "
            "export it again"
        )
    colors = np.frombuffer(data, np.uint8, 768).reshape(-1, 3)
    if len(data) == 768:
        return parse_raw(data, file, name)
    count, transparent = struct.unpack_from(">HH", data, 768)
    if count > 256:
        raise UserError(
            f"{file}: byte 768: says {count} colours: an .act palette has at most 256; export it "
            "again"
        )
    colors = colors[:count]
    if 0 < transparent < count:
        colors = np.delete(colors, transparent, axis=0)
    return build_palette(colors, file, name)


def format_act(palette: Palette) -> bytes:
    """Adobe Color Table of 772 bytes, no transparent entry."""
    return palette.colors.tobytes().ljust(768, b"\0") + struct.pack(">HH", len(palette), _NO_INDEX)


def parse_raw(data: bytes, file: str, name: str) -> Palette:
    """Triples of R, G, B and nothing else, as emulators and VGA programs write them.

    Levels above 63 have 8 bits. Where none is above 63 but one is at least 48, they have the 6 bits
    of VGA's converters and are scaled; but not in files of the sizes of NES palettes.
    """
    if len(data) % 3:
        raise UserError(
            f"{file}: is no palette of a known format: its {len(data)} bytes are no triples of "
            "red, green, blue; export it again"
        )
    colors = np.frombuffer(data, np.uint8).reshape(-1, 3)
    if len(data) not in NES_SIZES and VGA_WHITE <= colors.max() <= VGA_MAX:
        colors = (colors.astype(int) * 255 // VGA_MAX).astype(np.uint8)
    return build_palette(colors, file, name)


def is_swatches(data: bytes) -> bool:
    """Whether this is an Adobe .aco file: it has no mark, but its length tells."""
    if len(data) < 4:
        return False
    version, count = struct.unpack_from(">HH", data)
    end = 4 + 10 * count
    if version == 1:
        return len(data) == end or data[end : end + 4] == struct.pack(">HH", 2, count)
    return version == 2 and len(data) >= 4 + 14 * count > 4 and data[14:16] == b"\0\0"


def parse_aco(data: bytes, file: str, name: str) -> Palette:
    """Adobe colour swatches: RGB, HSB, CMYK, LAB (D50) and grey, of version 1 or 2.

    Version 2 says the colours again, with names; the first table counts. Source: Adobe Photoshop
    File Formats Specification, "Color swatches".
    """
    version, count = _unpack(">HH", data, 0, file)
    if version not in (1, 2):
        raise UserError(f"{file}: byte 0: version {version} of .aco is unknown: expected 1 or 2")
    PALETTE_COLORS.check(count, f"{file}: a palette of {count} colours")
    colors, offset = [], 4
    for _ in range(count):
        space, *values = _unpack(">H4H", data, offset, file)
        if space not in _ACO_MODELS:
            raise UserError(
                f"{file}: byte {offset}: colour space {space} is not read: convert the swatches to "
                "RGB"
            )
        colors.append(_aco_color(space, np.array(values, float)))
        offset += 10
        if version == 2:  # a name of UTF-16
            offset += 4 + 2 * _unpack(">I", data, offset, file)[0]
    return build_palette(np.array(colors), file, name)


def parse_riff(data: bytes, file: str, name: str) -> Palette:
    """RIFF palette (Windows ``LOGPALETTE``).

    The chunk ``data`` has a version, a count and quads of R, G, B, flags.
    """
    offset = 12
    while offset < len(data):
        kind, size = _unpack("<4sI", data, offset, file)
        offset += 8
        if kind == b"data":
            _, count = _unpack("<HH", data, offset, file)
            quads = _slice(data, offset + 4, 4 * count, file)
            return build_palette(np.frombuffer(quads, np.uint8).reshape(-1, 4)[:, :3], file, name)
        offset += size + size % 2  # chunks are aligned to words
    raise UserError(
        f"{file}: byte {len(data)}: the RIFF palette ends without its colours (chunk 'data'); "
        "export it again"
    )


def parse_ase(data: bytes, file: str, name: str) -> Palette:
    """Adobe Swatch Exchange.

    RGB, Gray, CMYK and LAB (D50) colours, groups in file order. CMYK has no profile: it counts as
    (1 - colour) times (1 - black).
    """
    _, _, blocks = _unpack(">HHI", data, 4, file)
    colors, offset = [], 12
    for _ in range(blocks):
        kind, size = _unpack(">HI", data, offset, file)
        block = offset + 6
        offset = block + size
        if kind != 0x0001:  # the beginning or end of a group
            _slice(data, block, size, file)
            continue
        (letters,) = _unpack(">H", data, block, file)
        start = block + 2 + 2 * letters
        (model,) = _unpack(">4s", data, start, file)
        components = {b"RGB ": 3, b"Gray": 1, b"CMYK": 4, b"LAB ": 3}.get(model)
        if components is None:
            raise UserError(
                f"{file}: byte {start}: {model!r} is no colour model: expected RGB, Gray, CMYK or "
                "LAB"
            )
        values = np.array(_unpack(f">{components}f", data, start + 4, file))
        if not np.isfinite(values).all():
            raise UserError(
                f"{file}: byte {start + 4}: the colour is not a number; export the file again"
            )
        colors.append(_ase_color(model, values))
        PALETTE_COLORS.check(len(colors), f"{file}: a palette of {len(colors)} colours")
    return build_palette(np.array(colors), file, name)


def parse_aseprite(data: bytes, file: str, name: str) -> Palette:
    """The palette of the first frame of an Aseprite sprite.

    Entries that are transparent are left out.
    """
    fields = Fields(memoryview(data)[HEADER:], file)
    _, chunks = frame_chunks(fields)
    entries = palette_entries(chunks)
    if entries is None:
        raise UserError(
            f"{file}: the first frame of this Aseprite sprite has no palette; export one as .gpl"
        )
    shown = [
        (red, green, blue) for _, (red, green, blue, alpha) in sorted(entries.items()) if alpha
    ]
    return build_palette(shown, file, name)


def parse_image(data: bytes, file: str, name: str) -> Palette:
    """The colours of an image's opaque pixels.

    Of a strip (a row or column of squares, each of one colour) the colour of each square
    in order, equal ones too; of any other image each colour once, in the order in which they
    appear, row by row.
    """
    try:
        image = read_image(data)
    except UserError as error:
        raise UserError(f"{file}: {str(error).removeprefix('the image: ')}") from None
    pixels = np.array(image.convert("RGBA"))
    pixels[pixels[..., 3] < HALF_OPAQUE] = 0  # what colour lies there does not matter
    squares = _strip(pixels)
    if squares is not None:
        return build_palette(squares[squares[:, 3] > 0, :3], file, name)
    packed = pack(pixels[pixels[..., 3] > 0])
    seen: dict[int, None] = {}
    for start in range(0, len(packed), _CHUNK):
        values, first = np.unique(packed[start : start + _CHUNK], return_index=True)
        seen |= dict.fromkeys(values[np.argsort(first)].tolist())
        if len(seen) > PALETTE_COLORS.value:
            raise UserError(f"{file}: is a picture and no palette: {PALETTE_COLORS.exceeded()}")
    return build_palette(unpack(np.array(list(seen), np.int32)), file, name)


def _strip(pixels: np.ndarray) -> np.ndarray | None:
    """The squares of a palette strip, uint8 ``(n, 4)``; None if the image is none."""
    if pixels.shape[0] > pixels.shape[1]:
        pixels = pixels.swapaxes(0, 1)
    side, length = pixels.shape[:2]
    if length % side or length // side > PALETTE_COLORS.value:
        return None
    squares = pixels[0, ::side]
    return squares if (pixels == np.repeat(squares, side, axis=0)).all() else None


def _ase_color(model: bytes, values: np.ndarray) -> np.ndarray:
    """One colour of a swatch file as sRGB levels."""
    if model == b"LAB ":
        lightness, a, b = values * (100, 1, 1)
        middle = (lightness + 16) / 116
        f = np.array([middle + a / 500, middle, middle - b / 200])
        xyz = _D50 * np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))
        values = from_linear(xyz @ _XYZ_D50_TO_RGB)
    elif model == b"CMYK":
        values = (1 - values[:3].clip(0, 1)) * (1 - values[3].clip(0, 1))
    return np.rint(np.broadcast_to(values, 3).clip(0, 1) * 255).astype(np.uint8)


def _aco_color(space: int, values: np.ndarray) -> np.ndarray:
    """One colour of .aco as sRGB levels; ``values`` are four numbers of 16 bits."""
    full = 65535
    if space == 2:
        return _ase_color(b"CMYK", 1 - values / full)  # 0 is all of the ink
    if space == 7:
        a, b = (value - 65536 if value >= 32768 else value for value in values[1:3])
        return _ase_color(b"LAB ", np.array([values[0] / 10000, a / 100, b / 100]))
    if space == 8:
        return _ase_color(b"Gray", values[:1] / 10000)
    if space == 1:
        hue, saturation, value = values[:3] / full
        return _ase_color(b"RGB ", np.array(colorsys.hsv_to_rgb(hue, saturation, value)))
    return _ase_color(b"RGB ", values[:3] / full)


def _slice(data: bytes, offset: int, size: int, file: str) -> bytes:
    if offset + size > len(data):
        missing = f"the {size} bytes from byte {offset} on belong to it"
        raise UserError(
            f"{file}: is truncated: it ends at byte {len(data)}, but {missing}; export it again"
        )
    return data[offset : offset + size]


def _unpack(format: str, data: bytes, offset: int, file: str) -> tuple:
    return struct.unpack(format, _slice(data, offset, struct.calcsize(format), file))
