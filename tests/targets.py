"""Every reader of files, as a user's file can reach it, and ways to damage files.

The property tests and ``tools/fuzz.py`` share it.
"""

import atexit
import contextlib
import functools
import hashlib
import importlib.util
import io
import json
import re
import shutil
import struct
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixelization.config import as_yaml
from pixelization.errors import UserError
from pixelization.evaluation.config import load_evaluation
from pixelization.images.png import PNG_SIGNATURE, walk as walk_png
from pixelization.networks.weights import CHECKSUM, load_weights, pretrained_path
from pixelization.palettes.classics import classic_palette
from pixelization.palettes.files import WRITABLE, read_palette, write_palette
from pixelization.pipeline.pictures import Animation, open_picture
from pixelization.pipeline.style_files import load_style
from pixelization.pixelizer import Pixelizer
from pixelization.sheets.atlas import find_atlas, read_atlas
from pixelization.sheets.layout import scale_layout
from pixelization.training.checkpoint import SEAL_BYTES, load_checkpoint
from pixelization.training.config import check_for_training, load_config
from pixelization.training.run import run_training
from tests.animation.files import sprites, written
from tests.images.test_any_file import every_kind
from tests.make import drawing
from tests.palettes.test_files import ase, aseprite, swatch
from tests.sheets.test_atlas import ASEPRITE, TEXTUREPACKER

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 1 << 21  # bytes of a damaged file
SYSTEMS = ("smoke", "artists_smoke", "cyclegan_smoke")
EXTREMES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 8192, 65536, 100_000)
WORDS = (
    *(b"0", b"-1", b"1.5", b"3", b"64", b"4097", b"1000000", b"99999999999", b"1e999", b"-1e-999"),
    *(b"NaN", b"Infinity", b"9" * 400, b"true", b"null", b"~", b"''", b'""', b"[]", b"{}"),
    *(b"[1, 2]", b'{"x": 1}', b"[[[[", b"{a: {a: ", b"*a", b"&a", b"!!python/name:os.system"),
    *(b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\\ud800", b"\x1b[31m", b"\r", b"\n", b"\t"),
    *(b"#", b":", b",", b"-", b"..", b"/", b"/dev/zero", b"no/such/file", b"a" * 300),
)
VALUES = (
    *(b"0", b"-1", b"0.5", b"3.0", b"7", b"64", b"257", b"1000001", b"1e300", b"-5e-324"),
    *(b"NaN", b"Infinity", b"9" * 400, b"9" * 5000, b"true", b"null", b'""', b'"1"', b'"x"'),
    *(b"[]", b"{}", b"[7]", b"[1, 2, 3, 4]", b"[[1, 2]]", b'{"x": 1}', b'{"w": 0, "h": 0}'),
    *(b'"\\ud800"', b'"\\u0000"', b'"\\n"', b'"' + b"a" * 300 + b'"', b'{"": {"": {}}}'),
)
"""Each can stand for another value in JSON and YAML."""
KINDS = (
    *("set", "flip", "cut", "drop", "insert", "number", "double", "many", "take", "swap"),
    *("word", "value", "value", "value", "line", "line"),
)
VALUE = re.compile(rb'("[^"]*"|(?<![\w.+-])[\w.+-]++)(?=\s*+([,\]}\n]|$))')
"""Before a comma, a bracket or the end of a line, so no keys; found in linear time."""
Change = tuple[str, int, int]
"""One of KINDS, where, and what: any two numbers from 0 on."""


@dataclass(frozen=True)
class Target:
    """A reader.

    Attributes:
        files: makes small files that it reads, by name.
        read: reads one; the folder holds nothing else.
    """

    files: Callable[[], dict[str, bytes]]
    read: Callable[[Path], None]


def attempt(target: Target, name: str, data: bytes) -> bool:
    """Have a target read a file; whether it did, rather than refuse it.

    Whatever is raised but ``UserError`` is a fault.
    """
    with tempfile.TemporaryDirectory(prefix="targets-") as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            target.read(path)
        except UserError as error:
            if not str(error).strip():
                raise ValueError("a message that says nothing") from error
            return False
        return True


def damaged(name: str, data: bytes, other: bytes, changes: Iterable[Change], inside: int) -> bytes:
    """A file after some changes.

    Args:
        name: its suffix says how it is packed.
        data: the file.
        other: another one, to take pieces from.
        changes: are made one after another.
        inside: above 0, the changes are made in one part of what is packed, with lengths and
            checksums that are right again, to get further into the reader.
    """
    packing = PACKINGS.get(Path(name).suffix)
    if packing is None or not inside:
        return changed(data, other, changes)
    parts = packing[0](data)
    place = inside % len(parts)
    parts[place] = changed(parts[place], other, changes)
    return packing[1](parts)


def changed(data: bytes, other: bytes, changes: Iterable[Change]) -> bytes:
    """Bytes after some changes."""
    file = bytearray(data)
    for kind, place, value in changes:
        # Often near the beginning, where the header is.
        at = place % (max(1, len(file)) if value % 2 else min(len(file), 100) or 1)
        if kind == "set":
            file[at : at + 1] = bytes([value % 256])
        elif kind == "flip" and file:
            file[at] ^= 1 << value % 8
        elif kind == "cut":
            del file[at:]
        elif kind == "drop":
            del file[at : at + 1 + value % 20]
        elif kind == "insert":
            file[at:at] = value.to_bytes(8, "big")[-3:]
        elif kind == "number":
            file[at : at + 4] = struct.pack("<>"[value % 2] + "I", EXTREMES[value % len(EXTREMES)])
        elif kind == "double":
            file += file[at:]
        elif kind == "many":
            piece = bytes(file[at : at + 1 + value % 40])
            file[at:at] = piece * (1 << value % 13)
        elif kind == "word":
            words = list(re.finditer(rb"[\w.+-]+", file))
            start, end = words[place % len(words)].span() if words else (0, 0)
            file[start:end] = WORDS[value % len(WORDS)]
        elif kind == "value":
            values = list(VALUE.finditer(file))
            start, end = values[place % len(values)].span() if values else (0, 0)
            file[start:end] = VALUES[value % len(VALUES)]
        elif kind == "line":
            lines = bytes(file).splitlines(keepends=True)
            line = lines.pop(place % len(lines)) if lines else b"\n"
            for _ in range(value % 3):  # it is left out, moved, or there twice
                lines.insert(value // 3 % (len(lines) + 1), line)
            file[:] = b"".join(lines)
        elif kind == "take":
            file[at : at + value % 64] = other[value % max(1, len(other)) :][: 1 + place % 200]
        elif kind == "swap":
            to = value % max(1, len(file))
            file[at : at + 8], file[to : to + 8] = file[to : to + 8], file[at : at + 8]
        del file[LONGEST:]
    return bytes(file)


def _png_parts(data: bytes) -> list[bytes]:
    """Kind and body of every chunk."""
    return [kind + data[body] for kind, body in walk_png(data)]


def _png(parts: list[bytes]) -> bytes:
    return PNG_SIGNATURE + b"".join(
        struct.pack(">I", max(0, len(part) - 4)) + part + struct.pack(">I", zlib.crc32(part))
        for part in parts
    )


def _riff_parts(data: bytes) -> list[bytes]:
    """The form, then kind and body of every chunk."""
    parts, at = [data[8:12]], 12
    while at + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        parts.append(data[at : at + 4] + data[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    return parts


def _riff(parts: list[bytes]) -> bytes:
    body = parts[0] + b"".join(
        part[:4].ljust(4) + struct.pack("<I", len(part[4:])) + part[4:] + bytes(len(part) % 2)
        for part in parts[1:]
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _weights_parts(data: bytes) -> list[bytes]:
    """The header without its configuration, the configuration, and the tensors."""
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    config = header["__metadata__"].pop("config")
    return [json.dumps(header).encode(), config.encode(), data[end:]]


def _weights(parts: list[bytes]) -> bytes:
    config = json.dumps(parts[1].decode("latin-1")).encode()
    header = parts[0].replace(b'"__metadata__": {', b'"__metadata__": {"config": ' + config + b", ")
    header = re.sub(rb'"%s": "\w*"' % CHECKSUM.encode(), b'"without": ""', header)
    header = header.replace(b', "without": ""', b"").replace(b'"without": "", ', b"")
    return len(header).to_bytes(8, "little") + header + parts[2]


def _checkpoint_parts(data: bytes) -> list[bytes]:
    """Name and contents of every file of the archive."""
    with zipfile.ZipFile(io.BytesIO(data[:-SEAL_BYTES])) as archive:
        return [name.encode() + b"\0" + archive.read(name) for name in archive.namelist()]


def _checkpoint(parts: list[bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        for part in parts:
            name, _, content = part.partition(b"\0")
            archive.writestr(name.decode("latin-1")[:9999] or "none", content)
    return buffer.getvalue() + b"sha256:" + hashlib.sha256(buffer.getvalue()).hexdigest().encode()


Packing = tuple[Callable[[bytes], list[bytes]], Callable[[list[bytes]], bytes]]
PACKINGS: dict[str, Packing] = {
    ".png": (_png_parts, _png),
    ".webp": (_riff_parts, _riff),
    ".safetensors": (_weights_parts, _weights),
    ".pt": (_checkpoint_parts, _checkpoint),
}
"""By suffix: a file as its parts, and back with lengths and checksums that are right."""


def _pictures() -> dict[str, bytes]:
    """Stills of every format."""
    return {
        f"{kind.lower().replace(', ', '_')}{'.png' * kind.startswith('PNG')}": data
        for kind, data in every_kind().items()
        if "moving" not in kind
    }


def _animations() -> dict[str, bytes]:
    """Of every format that is here."""
    frames = sprites(7, 3)
    formats = ("gif", "png", "webp", "aseprite")
    found = {f"walk.{format}": written(frames, format) for format in formats}
    pillow = [drawing(24, 16, "RGBA", seed) for seed in range(3)]
    for format, options in (("GIF", {"disposal": 3}), ("PNG", {}), ("WEBP", {}), ("AVIF", {})):
        file = io.BytesIO()
        pillow[0].save(file, format, save_all=True, append_images=pillow[1:], **options)
        found[f"pillow.{format.lower()}"] = file.getvalue()
    return found


def _videos() -> dict[str, bytes]:
    if importlib.util.find_spec("av") is None:
        return {}
    file = {}
    for format in ("mp4", "webm"):
        file[f"walk.{format}"] = written(sprites(7, 3, (16, 16), 3), format)
    return file


def _read_picture(path: Path) -> None:
    """As the commands read it."""
    with open_picture(path) as picture:
        if isinstance(picture, Animation):
            reader = picture.frames
            for frame in reader:
                assert frame.image.size == reader.size and frame.image.mode == reader.mode
                assert frame.duration >= 0
        else:
            assert picture.image.mode in ("RGB", "RGBA")
        assert all(remark and "\n" not in remark for remark in picture.remarks)


def _uploads() -> dict[str, bytes]:
    """Pictures for the studio; none where its packages are missing."""
    if any(importlib.util.find_spec(name) is None for name in ("fastapi", "cachetools", "httpx2")):
        return {}
    return _pictures() | _animations()


@functools.cache
def _studio() -> Any:
    """Asks a studio; what goes wrong there is raised here."""
    from starlette.testclient import TestClient  # noqa: PLC0415 - the extra may be missing

    from pixelization.studio.server import build_app  # noqa: PLC0415
    from pixelization.studio.workshop import Workshop  # noqa: PLC0415

    app = build_app(Workshop({"lite": pretrained_path()}, "cpu"))
    return TestClient(app, base_url="http://localhost:8420")


def _upload(path: Path) -> None:
    """Into the studio, and what the page asks for then."""
    client = _studio()
    added = client.post("/api/pictures", params={"name": path.name}, content=path.read_bytes())
    _check_answer(added)
    picture = added.json()["id"]
    try:
        _check_answer(client.get(f"/api/pictures/{picture}/image"))
        if not added.json()["moving"]:
            style = {"size": "6x6", "palette": "pico-8"}
            body = {"picture": picture, "tool": "snap", "style": style}
            _check_answer(client.post("/api/sprites", json=body))
            _check_answer(client.post("/api/files", json=body))
    finally:
        client.delete(f"/api/pictures/{picture}")


def _check_answer(answer: Any) -> None:
    """``UserError`` where the studio refuses something."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        raise UserError(answer.json()["error"])


def _palettes() -> dict[str, bytes]:
    """Of every format."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for suffix in WRITABLE:
            path = Path(folder) / f"pico{suffix}"
            write_palette(classic_palette("pico-8"), path)
            found[path.name] = path.read_bytes()
    codes = [f"{number:06x}" for number in range(0, 1 << 24, 1 << 21)]
    new = struct.pack("<III8x", 2, 0, 1) + struct.pack("<H4BH1s", 1, 9, 8, 7, 255, 1, b"n")
    new += struct.pack("<H4B", 0, 1, 2, 3, 255)
    old = struct.pack("<HBB6B", 1, 0, 2, 63, 0, 0, 0, 63, 0)
    aco = struct.pack(">HH", 1, 5)
    aco += b"".join(struct.pack(">5H", space, 9000, 500, 65000, 7) for space in (0, 1, 2, 7, 8))
    data = struct.pack("<HH", 0x300, 4) + bytes(range(16))
    models = ((b"RGB ", 3), (b"Gray", 1), (b"CMYK", 4), (b"LAB ", 3))
    return found | {
        "swatches.ase": ase(*(swatch(model, *[0.5] * count) for model, count in models)),
        "sprite.aseprite": aseprite((0x2004, b"layer"), (0x2019, new), (0x0004, old)),
        "old.aseprite": aseprite((0x0011, old)),
        "adobe.aco": aco,
        "windows.pal": _riff([b"PAL ", b"data" + data]),
        "raw.pal": bytes(range(192)),
        "lospec.json": json.dumps({"name": "p", "author": "a", "colors": codes}).encode(),
        "pixelorama.json": json.dumps(
            {
                "colors": [{"data": f"({n / 9}, 0.5, 0, 1)", "index": n} for n in range(9)],
                "name": "p",
            }
        ).encode(),
        "list.json": json.dumps([[1, 2, 3], "#fff", {"hex": "ff8000"}]).encode(),
        "alpha.gpl": b"GIMP Palette\nName: a\nColumns: 2\nChannels: RGBA\n#\n1 2 3 255 x\n9 9 9 0",
    }


def _atlases() -> dict[str, bytes]:
    """As Aseprite, TexturePacker and Phaser 3 write them."""
    frame = TEXTUREPACKER["frames"]["bush.png"] | {
        "borders": {"left": 4, "top": 4, "right": 4, "bottom": 4},
        "vertices": [[4, 8], [44, 8], [44, 32]],
        "verticesUV": [[2, 2], [42, 2], [42, 26]],
        "triangles": [[0, 1, 2]],
    }
    polygons = {"frames": {"bush.png": frame}, "meta": TEXTUREPACKER["meta"]}
    listed = [frame | {"filename": "bush.png"}]
    phaser = {"textures": [{"image": "w.png", "scale": 1, "frames": listed}], "meta": {}}
    kinds = {"aseprite": ASEPRITE, "packer": TEXTUREPACKER, "polygons": polygons, "phaser": phaser}
    return {f"{name}.json": json.dumps(data, indent=1).encode() for name, data in kinds.items()}


def _read_atlas(path: Path) -> None:
    """And scale it with its sheet, to half its size."""
    find_atlas(path.with_suffix(".png"))
    atlas = read_atlas(path)
    atlas.check_fits((4096, 4096))
    cell = (2.0, 2.0)
    boxes = scale_layout(atlas.boxes, cell)
    json.dumps(atlas.scaled(atlas.boxes, boxes, cell, (2048, 2048), "small.png"))


STYLE = b"""# a style
size: 32x40
dither: bayer4
dither_strength: 0.5
palette: "#000000,ff8000,fff"
outline: outside
outline-color: '#1a1c2c'
pad: 40x56
"""


def _styles() -> dict[str, bytes]:
    return {
        "all.yaml": STYLE,
        "list.yaml": b"palette: [ff8000, '#000000']\nsize: max:64\nalpha: keep\n",
        "named.yaml": b"palette: pico-8\ncell_size: 4\ntrim: true\n",
    }


def _configurations() -> dict[str, bytes]:
    """Of every system, whole and as people write them, of comparisons, and overrides."""
    found = {f"{name}.yaml": as_yaml(load_config(_shipped(name))).encode() for name in SYSTEMS}
    for name in SYSTEMS:
        text = _shipped(name).read_text(encoding="utf-8")
        found[f"short_{name}.yaml"] = text.replace(
            "_base_: ", f"_base_: {_shipped(name).parent}/"
        ).encode()
    for name in ("pairs", "results", "smoke"):
        config = load_evaluation(_shipped(f"eval/{name}"))
        found[f"eval_{name}.yaml"] = as_yaml(config).encode()
    overrides = ("optim.lr=1e-4", "data.halved=[a, b]", "model.gridnet={norm: none}", "system=x")
    return found | {f"{n}.override": text.encode() for n, text in enumerate(overrides)}


def _shipped(name: str) -> Path:
    return ROOT / "pixelization" / "configs" / f"{name}.yaml"


def _read_configuration(path: Path) -> None:
    if path.suffix == ".override":
        text = path.read_bytes().replace(b"\0", b"").decode(errors="surrogateescape")
        check_for_training(load_config(_shipped("smoke"), [text]))
    elif path.name.startswith("eval"):
        load_evaluation(path)
    else:
        check_for_training(load_config(path))


@functools.cache
def _runs() -> Path:
    """A finished run of each system; removed at the exit."""
    folder = Path(tempfile.mkdtemp(prefix="targets-runs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in SYSTEMS:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            run_training(_run_config(name, folder), resume=False)
    return folder


def _run_config(name: str, folder: Path) -> Any:
    short = ["optim.constant=1", "optim.decay=0", "train.sample_every=1", "train.device=cpu"]
    return load_config(_shipped(name), [f"train.out={folder}", f"train.name={name}", *short])


def _weights_files() -> dict[str, bytes]:
    paths = _runs().glob("*/weights.safetensors")
    return {f"{path.parent.name}.safetensors": path.read_bytes() for path in paths}


def _read_weights(path: Path) -> None:
    """And use them."""
    load_weights(path)
    Pixelizer.from_weights(path, "cpu").pixelize(drawing(24, 16, "RGBA"), size=6)


def _checkpoints() -> dict[str, bytes]:
    paths = _runs().glob("*/checkpoints/*.pt")
    return {f"{path.parts[-3]}.pt": path.read_bytes() for path in paths}


def _run_files() -> dict[str, bytes]:
    """The files of run folders, ``@`` for ``/``."""
    return {
        str(path.relative_to(_runs())).replace("/", "@"): path.read_bytes()
        for path in _runs().rglob("*")
        if path.is_file()
    }


def _resume(path: Path) -> None:
    """A run with that file in its folder, to its end."""
    system, _, name = path.name.partition("@")
    folder = path.parent / "run"
    shutil.copytree(_runs() / system, folder / system)
    path.rename(folder / system / name.replace("@", "/"))
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        run_training(_run_config(system, folder), resume=True)


TARGETS: dict[str, Target] = {
    "image": Target(_pictures, _read_picture),
    "animation": Target(_animations, _read_picture),
    "video": Target(_videos, _read_picture),
    "upload": Target(_uploads, _upload),
    "palette": Target(_palettes, lambda path: read_palette(path) and None),
    "atlas": Target(_atlases, _read_atlas),
    "style": Target(_styles, lambda path: load_style(path) and None),
    "configuration": Target(_configurations, _read_configuration),
    "weights": Target(_weights_files, _read_weights),
    "checkpoint": Target(_checkpoints, lambda path: load_checkpoint(path) and None),
    "run": Target(_run_files, _resume),
}
