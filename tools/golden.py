#!/usr/bin/env python3
"""Guard that sprites stay bit for bit what they were, whatever is moved or rewritten.

`record` runs the command lines of this checkout on many inputs and stores hashes of all that they
write; `check` runs them again and names every result that differs. All inputs are made here, from
examples/ and from a data folder, always in the same way:

    tools/golden.py check tests/data/golden.json --data ../shared/data    # everything
    tools/golden.py check tests/data/golden.json --quick                  # only from examples/
    tools/golden.py check tests/data/golden.json --quick --only "snap "   # some of it

Hashed are pixels, durations and the JSON of sheets, not files: encoders may change. Networks
compute in floats: another torch or another processor may choose another colour for a cell.

tests/data/golden.json was recorded at commit 6d585ee, where pixelize still inked: with
`--extra=--no-ink`. So did depixelize, by mistake and without such an option: a sitecustomize.py on
PYTHONPATH made False the default of `Style.ink`, and `--native --method nearest` changed no cell.
"""

import argparse
import hashlib
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image, ImageSequence

ROOT = Path(__file__).resolve().parents[1]
SHORT = 12  # hexadecimal digits of the stored hash of a file
MODEL = ["--model", "cascade"]  # the one whose sprites were recorded
TILE = 32  # cells, of sheets
DURATIONS = [80, 120, 80, 200]  # milliseconds, of animations
# On a GPU, or on more threads, sums differ in their last bits, and so do colours.
ONE_THREAD = dict.fromkeys(["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"], "1")
FILES = {  # which the cases name
    "palette.hex": "1a1c2c\n5d275d\nb13e53\nef7d57\nffcd75\n38b764\n257179\n3b5dc9\nf4f4f4\n",
    "style.yaml": "size: 40\ncolors: 12\ndither: bayer2\nremove_background: true\n",
}

# A line is a case: a command, a folder of inputs (see `make_inputs`) and options; of what {braces}
# hold, apart by |, each makes a case.
QUICK = """
pixelize drawings --size 48
pixelize drawings --cell-size 8x6 --colors 12 --dither floyd-steinberg --isolated --jaggies
pixelize drawings --size 64 --remove-background --holes --outline outside --trim --pad 99x80
pixelize sprites-padded --size 24 --palette pico-8 --dither bayer4 --outline inside
pixelize sprites-moving --size 24 --colors auto
snap sprites-fractional
snap sprites-sheets-large --sheet auto
depixelize sprites --native --method {depixelnet|xbr|nearest}
"""
FULL = """
pixelize all-drawings {--size 64|--size 48|--size 32}
pixelize some-drawings --cell-size 16/3
pixelize some-drawings {--cell-size 4.5|--cell-size 8x6|--size 40x56|--cfg style.yaml}
pixelize some-drawings --size 48 --palette {pico-8|game-boy|palette.hex|1a1c2c,f80,#41a6f6,fff}
pixelize some-drawings --size 48 --colors {2|16|auto|16 --fit source|auto --fit source}
pixelize some-drawings --size 48 --colors {16 --shared-palette|16 --indexed --preview 3}
pixelize some-drawings --size 48 --palette pico-8 --dither {bayer2|bayer4|bayer8|blue-noise}
pixelize some-drawings --size 48 --palette pico-8 --dither {floyd-steinberg|atkinson}
pixelize some-drawings --size 48 --colors 8 --dither atkinson --dither-strength 0.6
pixelize some-drawings --size 48 {--isolated|--jaggies|--network-output}
pixelize some-drawings --size 48 --remove-background {--holes|--trim|--pad 80x72|--outline inside}
pixelize some-drawings --size 48 --remove-background --outline outside --outline-color ff0040
pixelize some-sprites-{nearest|bicubic|padded} {--size 32|--cell-size 4}
pixelize some-sprites-padded --size 40 {--trim|--outline outside|--colors 8 --dither bayer4}
pixelize some-sprites-moving {--size 32|--cell-size 5 --palette pico-8 --dither bayer4}
pixelize some-sprites-moving --size 32 {--colors 8 --format gif|--still 0 --hysteresis 0 --trim}
pixelize some-sprites-moving --size 32 --format {webp|sequence}
pixelize sprites-sheets-large --sheet 160x160 {--size 24|--cell-size 5 --palette sweetie-16}
snap sprites-{nearest|moving}
snap {all-sprites|all-sprites-nearest|all-sprites-fractional|some-sprites-bicubic}
snap some-sprites-padded {--trim|--palette pico-8|--colors 8 --dither atkinson}
snap some-sprites-nearest {--cell-size 3|--size 24|--isolated --jaggies|--colors auto --indexed}
snap some-sprites-moving
snap some-sprites-moving {--cell-size 5|--palette pico-8|--colors 8 --format gif}
snap sprites-sheets --sheet 32x32 --cell-size 1 --outline outside
depixelize all-sprites --native --method {depixelnet|epx|hqx|xbr|bicubic|nearest}
depixelize some-sprites --native --factor 3.5 --method {depixelnet|epx|hqx|xbr|bicubic|nearest}
depixelize some-sprites --native {--factor 2|--factor 8|--size 200|--no-keep-colors}
depixelize some-sprites-{nearest|fractional|bicubic} --method {depixelnet|xbr}
depixelize some-sprites-nearest --cell-size 3 --method hqx
depixelize sprites-moving --method epx
depixelize some-sprites-moving {--factor 3|--method xbr --format gif|--format webp --size 90x90}
depixelize sprites-sheets --sheet 32x32 --native --method {depixelnet|xbr|nearest}
"""


def cases(table: str) -> list[str]:
    """The lines of a table, those with braces once for every combination of what these hold."""
    lines = [re.split("[{}]", line) for line in table.splitlines() if line]
    choices = [[part.split("|") for part in line] for line in lines]
    return ["".join(parts) for line in choices for parts in itertools.product(*line)]


def make_inputs(folder: Path, data: Path | None) -> None:
    """Fill a folder with what its name says, unless it is there.

    The name is [all-|some-]drawings or [all-|some-]sprites[-KIND]: the examples; with all- or some-
    also all or some of the data. A kind is "sheets", "sheets-large" or one of `write_kind`.
    """
    if folder.exists():
        return
    folder.mkdir()
    parts = re.fullmatch(r"(all-|some-)?(drawings|sprites)-?(.*)", folder.name)
    assert parts is not None, folder.name
    share, what, kind = parts.groups()
    drawings = what == "drawings"
    paths = sorted((ROOT / "examples" / ("images" if drawings else "sprites")).iterdir())
    if share:
        assert data is not None, folder.name  # only --quick goes without, and takes no share
        found = sorted((data / ("cartoon" if drawings else "pixel") / "val").iterdir())
        paths += found if share == "all-" else found[:: len(found) // (12 if drawings else 24)]
    if kind.startswith("sheets"):
        write_sheet(folder, [read(path) for path in paths], 5 if kind == "sheets-large" else 1)
        return
    for number, path in enumerate(paths[::8] if kind == "moving" else paths):
        if kind:
            write_kind(folder / path.name, read(path), kind, number)
        else:
            shutil.copy(path, folder)


def read(path: Path) -> Image.Image:
    """An image with its transparency."""
    with Image.open(path) as image:
        return image.convert("RGBA")


def enlarged(sprite: Image.Image, margins: tuple[int, int, int, int], cell: int) -> Image.Image:
    """A sprite, `cell` times as large, with (left, top, right, bottom) empty cells around it."""
    left, top, right, bottom = margins
    result = sprite.crop((-left, -top, sprite.width + right, sprite.height + bottom))
    return result.resize([side * cell for side in result.size], Image.Resampling.NEAREST)


def write_kind(path: Path, sprite: Image.Image, kind: str, number: int) -> None:
    """Write a sprite as images show them: `nearest`, `bicubic`, enlarged by a `fractional` factor,
    `padded`, or `moving`, as GIF and APNG; how large a cell is depends on the sprite's number.
    """
    cell = 3 + number % (6 if max(sprite.size) <= 40 else 2)
    if kind == "moving":
        places = [(0, 1), (1, 0), (3, 2), (2, 3)]
        frames = [enlarged(sprite, (x, y, 3 - x, 3 - y), 5) for x, y in places]
        how: dict[str, Any] = {
            "save_all": True,
            "append_images": frames[1:],
            "duration": DURATIONS,
            "loop": 0,
        }
        frames[0].save(path.with_name(f"{path.stem}_gif.gif"), disposal=2, **how)
        frames[0].save(path.with_name(f"{path.stem}_apng.png"), **how)
    elif kind == "padded":
        enlarged(sprite, (2, 1, 4, 3), cell).save(path)
    else:
        factor = cell - 2 / 3 if kind == "fractional" else cell
        zoom = {"bicubic": Image.Resampling.BICUBIC}.get(kind, Image.Resampling.NEAREST)
        sprite.resize([round(side * factor) for side in sprite.size], zoom).save(path)


def write_sheet(folder: Path, sprites: list[Image.Image], cell: int) -> None:
    """Write sprites on one sheet, in rows of three, with the JSON of Aseprite beside it."""
    side = TILE * cell
    sheet = Image.new("RGBA", (3 * side, -(-len(sprites) // 3) * side))
    frames = {}
    for number, sprite in enumerate(sprites):
        x, y = number % 3 * side, number // 3 * side
        sheet.paste(enlarged(sprite, (0, 0, 0, 0), cell), (x, y))
        place = {"x": x, "y": y, "w": side, "h": side}
        frames[f"sprite {number}"] = {"frame": place, "duration": 100}
    sheet.save(folder / "sheet.png")
    meta = {"image": "sheet.png", "size": {"w": sheet.width, "h": sheet.height}, "scale": "1"}
    (folder / "sheet.json").write_text(json.dumps({"frames": frames, "meta": meta}))


def run(case: str, work: Path, extra: str) -> dict[str, str]:
    """Run a case in `work`, where its inputs are; returns the results' hashes by name."""
    command, folder, *options = shlex.split(case)
    classical = "--method" in options and "depixelnet" not in options
    options += [] if command == "snap" or classical else MODEL
    if command == "depixelize" and "--no-keep-colors" not in options:
        options.append("--keep-colors")  # the default when they were recorded
    colored = {"--palette", "--colors"} & {*options} and "--dither" not in options
    if command != "depixelize" and colored:
        options += ["--match", "nearest"]  # the same
    options += shlex.split(extra) if command == "pixelize" else []
    call = [sys.executable, str(ROOT / "tools" / f"{command}.py"), folder, "-o", "results", "-q"]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    env = os.environ | ONE_THREAD | {"PYTHONPATH": path, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(call + options, cwd=work, env=env, capture_output=True, text=True)
    results = work / "results"
    # Exit code 1: some inputs failed, as those without a sure grid must; they have no results.
    if done.returncode not in (0, 1) or not results.is_dir():
        sys.exit(f"{shlex.join(call + options)}: exit code {done.returncode}\n{done.stderr}")
    found = {path.name: hashed(path) for path in sorted(results.iterdir())}
    shutil.rmtree(results)
    return found


def hashed(path: Path) -> str:
    """SHA-256 of what a file holds: size, duration and pixels of all frames; JSON's values."""
    if path.suffix == ".json":
        values = json.dumps(json.loads(path.read_text()), sort_keys=True)
        return hashlib.sha256(values.encode()).hexdigest()
    digest = hashlib.sha256()
    with Image.open(path) as image:
        for frame in ImageSequence.Iterator(image):
            digest.update(repr((frame.size, frame.info.get("duration"))).encode())
            digest.update(frame.convert("RGBA").tobytes())
    return digest.hexdigest()


def summary(found: dict[str, str]) -> dict[str, str | list[str]]:
    """What is stored of a case: one hash of all results, and short ones that tell which differ."""
    lines = [f"{name.removesuffix('.png')} {value}" for name, value in found.items()]
    whole = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return {"hash": whole, "files": [line[: SHORT - 64] for line in lines]}


def write(path: Path, stored: dict[str, dict]) -> None:
    """Write the hashes, a line for each case that there still is."""
    known = [case for case in cases(QUICK + FULL) if case in stored]
    lines = [f"{json.dumps(case)}: {json.dumps(stored[case])}" for case in known]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main() -> int:
    """Record or check; returns the exit code: 1 if anything differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("mode", choices=["record", "check"])
    parser.add_argument("file", type=Path, help="the stored hashes")
    parser.add_argument("--quick", action="store_true", help="a minute, from examples/ alone")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the cases that contain it")
    parser.add_argument("--missing", action="store_true", help="only the cases not yet recorded")
    parser.add_argument("--data", type=Path, default=os.environ.get("DATA"), metavar="FOLDER",
                        help="with cartoon/val and pixel/val (default: $DATA)")  # fmt: skip
    parser.add_argument("--extra", default="", metavar="OPTIONS", help="for every call of pixelize")
    args = parser.parse_args()
    if not (args.quick or args.data):
        parser.error("give --data FOLDER or --quick")
    stored = json.loads(args.file.read_text()) if args.file.exists() else {}
    wanted = [case for case in cases(QUICK if args.quick else QUICK + FULL) if args.only in case]
    wanted = [case for case in wanted if not (args.missing and case in stored)]
    differ = 0
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name, text in FILES.items():
            (work / name).write_text(text)
        for case in wanted:
            started = time.perf_counter()
            make_inputs(work / case.split()[1], args.data)
            found = summary(run(case, work, args.extra))
            seconds, files = time.perf_counter() - started, len(found["files"])
            print(f"{seconds:6.1f} s {files:4} files  {case}", flush=True)
            if args.mode == "record":
                stored[case] = found
                write(args.file, stored)  # after each: a recording can be interrupted
            elif case not in stored:
                differ += 1
                print("NOT RECORDED", flush=True)
            elif stored[case] != found:
                differ += 1
                changed = set(stored[case]["files"]) ^ set(found["files"])
                names = sorted({line.rpartition(" ")[0] for line in changed})
                print(f"DIFFERS in {len(names)}:", *names, sep="\n  ", flush=True)
    if args.mode == "check":
        print(f"{differ} of {len(wanted)} cases differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
