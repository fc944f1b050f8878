"""What pixelize makes besides single sprites: palettes, animations, sheets, pipes and batches."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization.animation.reading import open_animation
from pixelization.animation.writing import write_animation
from pixelization.apps.cli import pixelize
from pixelization.palettes.classics import CLASSICS
from pixelization.palettes.files import read_palette
from pixelization.palettes.palette import Palette
from tests.apps.calling import caller
from tests.make import json_lines

ROOT = Path(__file__).resolve().parents[2]
PICO = ["1d2b53", "ff004d", "ffec27", "fff1e8"]


def draw(path, size=(32, 24), seed=0, alpha=False):
    """Smooth blobs, so that neighbouring cells have many colours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    small = np.random.default_rng(seed).integers(0, 256, (4, 4, 4), dtype=np.uint8)
    image = Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)
    (image if alpha else image.convert("RGB")).save(path)
    return path


def moving(folder, format, frames=4, size=32):
    """A square that moves by four pixels per frame, on transparency."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    for step in range(frames):
        picture = np.zeros((size, size, 4), np.uint8)
        picture[8:20, 4 + 4 * step : 12 + 4 * step] = (200, 40, 60, 255)
        pictures.append(picture)
    path = folder / f"walk.{format}"
    durations = [50 + 10 * step for step in range(frames)]
    write_animation(pictures, path, durations=durations, plays=3, format=format)
    return path, durations


@pytest.fixture
def call(any_weights, capsys):
    return caller(pixelize.main, capsys, "--weights", any_weights, "--device", "cpu")


def colors_of(path):
    image = np.asarray(Image.open(path).convert("RGBA")).reshape(-1, 4)
    return {bytes(pixel[:3].tolist()).hex() for pixel in image if pixel[3]}


def test_a_palette_its_order_and_its_file(call, tmp_path):
    source, out = draw(tmp_path / "a.png", alpha=True), tmp_path / "out"
    code, _, err = call(
        source,
        "-o",
        out,
        "--palette",
        ",".join(PICO),
        "--indexed",
        "--palette-out",
        tmp_path / "p.gpl",
        "--dither",
        "bayer4",
    )
    assert code == 0, err
    assert colors_of(out / "a.png") <= set(PICO)
    image = Image.open(out / "a.png")
    assert image.mode == "P" and "transparency" in image.info
    assert bytes(image.getpalette()[:12]).hex() == "".join(PICO)
    assert read_palette(tmp_path / "p.gpl").hex() == PICO


def test_colours_from_the_image_and_one_palette_for_all(call, tmp_path):
    sources = [draw(tmp_path / "in" / f"{seed}.png", seed=seed) for seed in range(3)]
    code, out, _ = call(*sources, "-o", tmp_path / "own", "--colors", "5", "--json")
    reports = json_lines(out)
    assert code == 0 and all(
        report["colors"] <= 5 and len(report["palette"]) <= 5 for report in reports
    )
    assert len({tuple(report["palette"]) for report in reports}) == 3
    for fit in ("sprite", "source"):
        code, out, _ = call(
            *sources,
            "-o",
            tmp_path / fit,
            "--colors",
            "5",
            "--fit",
            fit,
            "--shared-palette",
            "--palette-out",
            tmp_path / f"{fit}.hex",
            "--json",
        )
        palettes = {tuple(report["palette"]) for report in json_lines(out)}
        assert code == 0 and palettes == {tuple(read_palette(tmp_path / f"{fit}.hex").hex())}
    assert call(sources[0], "-o", tmp_path / "auto", "--colors", "auto")[0] == 0
    # With --jobs, all files are looked at, at the same time and in the same order.
    palettes = []
    for jobs in (2, 3):
        shared = [
            "--fit",
            "source",
            "--shared-palette",
            "--palette-out",
            tmp_path / f"{jobs}.hex",
            "--jobs",
            jobs,
        ]
        assert call(*sources, "-o", tmp_path / f"jobs{jobs}", "--colors", "5", *shared)[0] == 0
        palettes.append(read_palette(tmp_path / f"{jobs}.hex").hex())
    assert palettes == [read_palette(tmp_path / "source.hex").hex()] * 2


def test_pictures_without_colours(call, tmp_path):
    blank = tmp_path / "blank.png"
    Image.new("RGBA", (16, 16)).save(blank)
    good = draw(tmp_path / "good.png")
    for shared in ([], ["--shared-palette"]):
        code, out, err = call(
            blank,
            good,
            "-o",
            tmp_path / f"out{len(shared)}",
            "--colors",
            "4",
            "--indexed",
            *shared,
            "--json",
        )
        first, second = json_lines(out)
        assert code == 0 and first["colors"] == 0 and 1 <= second["colors"] <= 4, err
        assert not np.asarray(Image.open(first["output"]).convert("RGBA")).any()
    code, _, err = call(
        blank, "-o", tmp_path / "b.png", "--colors", "4", "--palette-out", tmp_path / "p.gpl"
    )
    assert code == 2 and err.startswith(
        f"pixelize: error: {blank}: has no colours, so there is no palette to write"
    )
    batch = [
        "--colors",
        "4",
        "--shared-palette",
        "--palette-out",
        tmp_path / "p.gpl",
        "--dither",
        "bayer4",
    ]
    code, _, err = call(blank, tmp_path / "no.png", "-o", tmp_path / "b", *batch)
    assert (
        code == 1
        and "2 of 2 files failed:" in err
        and "no.png: no such file" in err
        and "no palette to write" in err
    )
    assert not any((tmp_path / name).exists() for name in ("b.png", "b", "p.gpl"))


@pytest.mark.parametrize("format", ["gif", "png", "webp"])
def test_an_animation_stays_one(format, call, tmp_path):
    source, durations = moving(tmp_path / "in", format)
    code, out, err = call(
        source,
        "-o",
        tmp_path / "out",
        "--cell-size",
        "4",
        "--palette",
        ",".join(PICO),
        "--preview",
        "2",
        "--json",
    )
    assert code == 0, err
    (report,) = json_lines(out)
    assert report["frames"] == 4 and report["size"] == [8, 8]
    with open_animation(tmp_path / "out" / f"walk.{format}") as reader:
        frames = list(reader)
        assert (reader.plays, reader.size, [frame.duration for frame in frames]) == (
            3,
            (8, 8),
            durations,
        )
    for step, frame in enumerate(frames):
        alpha = np.asarray(frame.image)[..., 3]
        assert set(np.flatnonzero(alpha.any(axis=0))) == {1 + step, 2 + step}
        assert {
            bytes(pixel[:3].tolist()).hex() for pixel in np.asarray(frame.image)[alpha > 0]
        } <= set(PICO)
    with open_animation(tmp_path / "out" / f"walk_preview.{format}") as reader:
        assert (reader.size, len(list(reader))) == ((16, 16), 4)


def test_an_animation_becomes_a_sheet_that_the_tools_read(call, tmp_path):
    source, _ = moving(tmp_path / "in", "gif")
    out = tmp_path / "out"
    options = ["-o", out, "--format", "sheet", "--cell-size", "2", "--preview", "2"]
    code, told, _ = call(source, *options)
    names = ["walk.png", "walk.json", "walk_preview.png", "walk_preview.json"]
    assert (code, told.splitlines()) == (0, [str(out / name) for name in names])
    assert Image.open(out / "walk.png").size == (4 * 16, 16)
    code, _, said = call(source, *options)
    assert code == 2 and "walk.png" in said
    assert call(source, "-o", out / "named.png", "--format", "sheet", "--size", "4")[0] == 0
    assert (out / "named.json").exists()
    again = ["--sheet", "auto", "--cell-size", "2"]
    assert call(out / "walk.png", "-o", out / "small.png", *again)[0] == 0
    assert Image.open(out / "small.png").size == (4 * 8, 8)
    (out / "walk.json").write_text("mine")
    (out / "walk.png").unlink()
    code, _, said = call(source, *options, "--skip-existing")
    assert code == 2 and "walk.json: exists" in said
    assert (out / "walk.json").read_text() == "mine"
    (out / "walk.json").unlink()
    assert call(source, *options, "--skip-existing")[0] == 0
    small = ["-o", out / "indexed.png", "--format", "sheet", "--size", "4", "--palette", "pico-8"]
    assert call(source, *small, "--indexed")[0] == 0
    assert Image.open(out / "indexed.png").mode == "P"
    code, _, said = call(source, "-o", out / "x", "--format", "sheet", "--sheet", "32x32")
    assert code == 2 and "--sheet cuts one picture" in said
    for target in ("-", str(out / "walk.gif"), str(out / "walk.parquet")):
        code, _, said = call(source, "-o", target, "--format", "sheet")
        assert code == 2 and len(said.splitlines()) == 1, said


def test_an_animation_into_another_format_and_numbered_images(call, tmp_path):
    source, _ = moving(tmp_path / "in", "gif")
    assert call(source, "-o", tmp_path / "walk.webp")[0] == 0
    code, out, _ = call(source, "-o", tmp_path / "out", "--format", "sequence", "--suffix", "_px")
    files = [tmp_path / "out" / f"walk_px_{number:04d}.png" for number in range(1, 5)]
    assert (code, out.splitlines()) == (0, list(map(str, files)))
    assert all(file.exists() for file in files)
    assert call(source, "-o", tmp_path / "frames" / "walk_%02d.png")[0] == 0
    assert sorted(path.name for path in (tmp_path / "frames").iterdir()) == [
        f"walk_{n:02d}.png" for n in range(1, 5)
    ]
    code, out, _ = call(
        tmp_path / "frames" / "walk_%02d.png",
        "-o",
        tmp_path / "again.gif",
        "--fps",
        "20",
        "--cell-size",
        "2",
    )
    assert (code, out) == (0, f"{tmp_path / 'again.gif'}\n")
    with open_animation(tmp_path / "again.gif") as reader:
        assert [frame.duration for frame in reader] == [50] * 4


def test_trimming_is_the_same_for_all_frames(call, tmp_path):
    source, _ = moving(tmp_path / "in", "png")
    assert (
        call(
            source,
            "-o",
            tmp_path / "out",
            "--cell-size",
            "4",
            "--trim",
            "--outline",
            "outside",
            "--outline-color",
            "#000000",
        )[0]
        == 0
    )
    with open_animation(tmp_path / "out" / "walk.png") as reader:
        first, *_ = reader
        # columns 1 to 5 and rows 2 to 4, and the outline around them
        assert reader.size == (5 + 2, 3 + 2)
    pixels = np.asarray(first.image)
    assert (pixels[0, 1:3] == (0, 0, 0, 255)).all() and pixels[0, 0, 3] == 0


def test_sheets_tile_by_tile_with_their_json(call, tmp_path):
    tiles = [draw(tmp_path / "tiles" / f"{n}.png", (16, 16), seed=n) for n in range(4)]
    sheet = Image.new("RGB", (32, 32))
    for n, tile in enumerate(tiles):
        sheet.paste(Image.open(tile), (n % 2 * 16, n // 2 * 16))
    sheet.save(tmp_path / "sheet.png")
    frames = {
        f"walk {n}": {
            "frame": {"x": n % 2 * 16, "y": n // 2 * 16, "w": 16, "h": 16},
            "duration": 90,
        }
        for n in range(4)
    }
    atlas = {
        "frames": frames,
        "meta": {
            "image": "sheet.png",
            "size": {"w": 32, "h": 32},
            "frameTags": [{"name": "go", "from": 0, "to": 3}],
        },
    }
    (tmp_path / "sheet.json").write_text(json.dumps(atlas))
    assert call(*tiles, "-o", tmp_path / "each", "--cell-size", "4")[0] == 0
    for choice in ("16x16", "auto"):
        code, out, err = call(
            tmp_path / "sheet.png", "-o", tmp_path / choice, "--sheet", choice, "--cell-size", "4"
        )
        assert code == 0, err
        assert out.split() == [
            str(tmp_path / choice / "sheet.png"),
            str(tmp_path / choice / "sheet.json"),
        ]
        result = np.asarray(Image.open(tmp_path / choice / "sheet.png"))
        for n in range(4):
            alone = np.asarray(Image.open(tmp_path / "each" / f"{n}.png"))
            assert np.array_equal(result[n // 2 * 4 :, n % 2 * 4 :][:4, :4], alone)
        scaled = json.loads((tmp_path / choice / "sheet.json").read_text())
        assert scaled["frames"]["walk 3"] == {
            "frame": {"x": 4, "y": 4, "w": 4, "h": 4},
            "duration": 90,
        }
        assert (
            scaled["meta"]["size"] == {"w": 8, "h": 8}
            and scaled["meta"]["frameTags"] == atlas["meta"]["frameTags"]
        )
    code, _, err = call(tmp_path / "sheet.png", "-o", tmp_path / "no", "--sheet", "10x16")
    assert code == 2 and "do not fill a sheet of 32x32" in err
    code, _, err = call(tmp_path / "sheet.png", "-o", tmp_path / "no", "--sheet", "16x16", "--trim")
    assert code == 2 and "trim, pad and offset" in err
    code, _, err = call(tiles[0], "-o", tmp_path / "no", "--sheet", "auto")
    assert code == 2 and "give the tiles' size (--sheet)" in err


def sheet_with_json(folder, suffix=".png"):
    sheet = draw(folder / f"sheet{suffix}", (32, 32))
    frames = {
        f"{n}": {"frame": {"x": n % 2 * 16, "y": n // 2 * 16, "w": 16, "h": 16}} for n in range(4)
    }
    (folder / "sheet.json").write_text(json.dumps({"frames": frames}))
    return sheet


def test_the_json_of_a_sheet_is_an_input(call, tmp_path):
    sheet = sheet_with_json(tmp_path, ".bmp")
    before = (tmp_path / "sheet.json").read_bytes()
    code, _, err = call(sheet, "-o", tmp_path, "--sheet", "auto", "--cell-size", "4", "--overwrite")
    assert code == 2 and f"would be written over the input {tmp_path / 'sheet.json'}" in err
    assert (tmp_path / "sheet.json").read_bytes() == before and not (
        tmp_path / "sheet.png"
    ).exists()
    assert (
        call(sheet, "-o", tmp_path, "--sheet", "auto", "--cell-size", "4", "--suffix", "_x")[0] == 0
    )
    assert (tmp_path / "sheet_x.json").exists()


@pytest.mark.parametrize("damage", ["broken", "unlike"])
def test_the_json_of_a_sheet_is_read_before_anything_is_written(damage, call, tmp_path):
    sheet = sheet_with_json(tmp_path)
    text = (tmp_path / "sheet.json").read_text()
    (tmp_path / "sheet.json").write_text(
        "{" if damage == "broken" else text.replace('"w": 16', '"w": 32')
    )
    code, _, err = call(sheet, "-o", tmp_path / "out", "--sheet", "16x16", "--cell-size", "4")
    assert code == 2 and "sheet.json" in err and not (tmp_path / "out").exists()


def test_outputs_are_checked_together(call, tmp_path):
    source, _ = moving(tmp_path / "in", "gif")
    draw(tmp_path / "out" / "v_2_preview.png")
    code, _, err = call(source, "-o", tmp_path / "out" / "v_%d.png", "--preview", "2")
    assert code == 2 and "v_2_preview.png: exists" in err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["v_2_preview.png"]
    still = draw(tmp_path / "a.png")
    code, _, err = call(
        still, "-o", tmp_path / "b.png", "--colors", "4", "--palette-out", "/proc/no/p.gpl"
    )
    assert code == 2 and "p.gpl: cannot be written" in err and not (tmp_path / "b.png").exists()


def test_large_previews_of_many_frames_are_refused_before_anything_is_written(call, tmp_path):
    source, _ = moving(tmp_path / "in", "gif")
    code, _, err = call(source, "-o", tmp_path / "out", "--cell-size", "2", "--preview", "1000")
    assert (
        code == 2
        and "a preview of 4 frames of 16x16 cells times 1000: is too large: 1024000000 pixels"
        in err
        and "PIXELIZATION_MAX_PREVIEW_PIXELS" in err
    )
    assert not (tmp_path / "out").exists()


def piped(data, *arguments):
    command = [sys.executable, str(ROOT / "tools" / "pixelize.py"), *map(str, arguments)]
    return subprocess.run(
        command,
        input=data,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=120,
    )


def test_pipes(call, quick_weights, tmp_path):
    data = draw(tmp_path / "a.png").read_bytes()
    weights = ["--weights", quick_weights]
    done = piped(data, "-", "-o", "-", "--size", "8x6", *weights)
    assert (done.returncode, done.stderr) == (0, b"")
    assert Image.open(io.BytesIO(done.stdout)).size == (8, 6)
    source, _ = moving(tmp_path / "in", "gif")
    done = piped(
        source.read_bytes(), "-", "-o", "-", "--format", "webp", "--weights", quick_weights
    )
    with open_animation(done.stdout) as reader:
        assert (reader.format, len(list(reader))) == ("webp", 4)
    done = piped(b"no image", "-", "-o", "-", *weights)
    assert (done.returncode, done.stdout) == (2, b"") and done.stderr.startswith(
        b"pixelize: error: stdin: "
    )
    with open("/dev/full", "wb") as full:
        command = [
            sys.executable,
            str(ROOT / "tools" / "pixelize.py"),
            str(tmp_path / "a.png"),
            "-o",
            "-",
            "--weights",
            str(quick_weights),
        ]
        done = subprocess.run(
            command,
            stdout=full,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            timeout=120,
        )
    assert done.returncode == 2 and done.stderr.decode().endswith(
        "stdout: cannot be written (No space left on device)\n"
    )
    code, out, err = call(tmp_path / "a.png", "-o", "-", "--json")
    assert (code, out) == (2, "") and "--json and -o -" in err


def test_jobs_give_the_same_results_in_the_same_order(call, tmp_path):
    sources = [draw(tmp_path / "in" / f"{seed}.png", seed=seed) for seed in range(6)]
    (tmp_path / "in" / "3.png").write_bytes(b"broken")
    code, one, err = call(tmp_path / "in", "-o", tmp_path / "one")
    assert code == 1 and "1 of 6 files failed:" in err
    code, two, _ = call(tmp_path / "in", "-o", tmp_path / "two", "--jobs", "3")
    assert code == 1 and two == one.replace("/one/", "/two/")
    for source in sources:
        if source.name != "3.png":
            first, second = (
                np.asarray(Image.open(tmp_path / out / source.name)) for out in ("one", "two")
            )
            # fewer threads per job: sums are rounded differently
            assert first.shape == second.shape
            assert (first == second).all(axis=2).mean() > 0.95


def test_quiet_and_suffix(call, tmp_path):
    draw(tmp_path / "in" / "deep" / "a.jpg")
    draw(tmp_path / "in" / "b.png")
    assert call(tmp_path / "in", "-r", "-o", tmp_path / "out", "--suffix", "_px", "-q") == (
        0,
        "",
        "",
    )
    assert sorted(
        str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.png")
    ) == ["b_px.png", "deep/a_px.png"]


def test_a_style_file_and_flags_that_win(call, tmp_path):
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "two.hex").write_text("000000\nffffff\n")
    (tmp_path / "house" / "style.yaml").write_text("size: 8x6\npalette: two.hex\ndither: bayer2\n")
    source = draw(tmp_path / "a.png")
    assert (
        call(source, "-o", tmp_path / "1.png", "--cfg", tmp_path / "house" / "style.yaml")[0] == 0
    )
    assert Image.open(tmp_path / "1.png").size == (8, 6) and colors_of(tmp_path / "1.png") <= {
        "000000",
        "ffffff",
    }
    assert (
        call(
            source,
            "-o",
            tmp_path / "2.png",
            "--cfg",
            tmp_path / "house" / "style.yaml",
            "--cell-size",
            "8",
            "--colors",
            "3",
        )[0]
        == 0
    )
    assert Image.open(tmp_path / "2.png").size == (4, 3) and len(colors_of(tmp_path / "2.png")) <= 3


def test_what_a_style_file_says_may_wait_for_its_flag(call, tmp_path):
    (tmp_path / "style.yaml").write_text(
        "fit: source\ndither-strength: 0.5\noutline-color: f80\nstill: 3\n"
    )
    assert (
        call(draw(tmp_path / "a.png"), "-o", tmp_path / "b.png", "--cfg", tmp_path / "style.yaml")[
            0
        ]
        == 0
    )


def test_warnings_name_the_file(call, tmp_path):
    source = draw(tmp_path / "a.png")
    code, out, err = call(
        source, "-o", tmp_path / "out", "--size", "8", "--remove-background", "--json"
    )
    (report,) = json_lines(out)
    assert code == 0 and report["warnings"] == [
        "no background was removed: the border has no colour that most of its cells share"
    ]
    assert err == f"pixelize: warning: {source}: {report['warnings'][0]}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--indexed"], "--indexed needs --palette or --colors"),
        (["--shared-palette"], "--shared-palette needs --colors"),
        (["--palette-out", "p.gpl"], "--palette-out needs"),
        (["--palette-out", "p.aco", "--colors", "4"], "p.aco: which palette format?"),
        (["--palette", "no-such-palette"], "no-such-palette"),
        (["--palette", "pico-8", "--colors", "4"], "exclude each other"),
        (["--colors", "0"], "give 1 to 256, auto or hues"),
        (["--colors", "some"], "'some' is not a whole number"),
        (["--dither", "noise"], "'noise' is none of"),
        (["--dither", "bayer4"], "give a palette or a number of colors"),
        (["--outline", "inside"], "background"),
        (["--pad", "2x2"], "does not fit a canvas of 2x2"),
        (["--jobs", "1000000000000"], "at least 1 and at most 999999999"),
        (["--size", "10000000"], "size 10000000 is out of range"),
        (["--size", "9" * 20], "size 99999999999999999999 is out of range: give"),
        (["--sheet", "9" * 400], "do not fill"),
        (["--jobs", "0"], "'0' is not a whole number of at least 1"),
        (["--sheet", "wide"], "'wide' is not a size"),
        (["--cfg", "no.yaml"], "no.yaml: no such file"),
        (["--format", "gif"], "--format is for animations"),
        (["--fps", "9"], "--fps is for animations"),
        (["--still", "0"], "--still is for animations"),
        (["--hysteresis", "0.1", "--sheet", "8x8"], "--hysteresis is for animations"),
        (["--fit", "source"], "--fit needs --colors"),
        (["--fit", "sprite", "--palette", "pico-8"], "--fit needs --colors"),
        (["--dither-strength", "0.5", "--colors", "4"], "--dither-strength needs --dither"),
        (["--outline-color", "f80"], "--outline-color needs --outline"),
        (
            ["--sheet", "1x1", "--cell-size", "4"],
            "tiles of 1x1 pixels are smaller than a cell of 4x4: give larger tiles",
        ),
    ],
)
def test_wrong_arguments(arguments, message, call, tmp_path):
    code, out, err = call(draw(tmp_path / "a.png"), "-o", tmp_path / "out", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1) and message in err, err
    assert not (tmp_path / "out").exists()


def test_an_animation_without_colour_tables_is_not_indexed(call, tmp_path):
    source, _ = moving(tmp_path / "in", "gif")
    code, _, err = call(
        source, "-o", tmp_path / "out", "--colors", "4", "--indexed", "--format", "png"
    )
    assert code == 2 and "--indexed does nothing" in err and not (tmp_path / "out").exists()
    assert call(source, "-o", tmp_path / "out", "--colors", "4", "--indexed")[0] == 0


def test_the_transparent_entry_comes_first_where_it_is_asked_for(call, tmp_path):
    """As Aseprite, old consoles and many engines have it."""
    source = draw(tmp_path / "a.png")
    moving_source, _ = moving(tmp_path / "in", "gif")
    options = ("-o", tmp_path / "out", "--palette", "pico-8", "--transparent-first")
    assert call(source, moving_source, *options, "--indexed")[0] == 0
    for file in sorted((tmp_path / "out").iterdir()):
        with Image.open(file) as image:
            assert image.mode == "P" and image.info["transparency"] == 0
            assert image.getpalette()[3:9] == [0, 0, 0, 29, 43, 83]  # the palette's first two
    code, _, err = call(source, "-o", tmp_path / "o.png", "--transparent-first")
    assert code == 2 and "--transparent-first does nothing" in err


def test_a_still_image_has_no_animation_format(call, tmp_path):
    code, _, err = call(draw(tmp_path / "a.png"), "-o", tmp_path / "a.gif")
    assert code == 2 and "a.gif: " in err and "is a still image" in err
    source, _ = moving(tmp_path, "webp")
    code, _, err = call(source, "-o", tmp_path / "a.gif", "--sheet", "16x16")
    assert (
        code == 2
        and "a.gif: of a sheet, only the first frame of" in err
        and "the result is a PNG file" in err
    )


def test_an_animation_given_as_a_sheet_is_told(call, tmp_path):
    source, _ = moving(tmp_path, "webp")
    code, _, err = call(source, "-o", tmp_path / "out", "--sheet", "16x16", "--cell-size", "2")
    assert code == 0, err
    assert "is an animation, of which the first frame is taken for the sheet" in err


def test_a_result_that_cannot_be_seen_is_a_warning(call, tmp_path):
    faint = tmp_path / "faint.png"
    Image.new("RGBA", (16, 16), (200, 30, 40, 20)).save(faint)
    code, _, err = call(faint, "-o", tmp_path / "out", "--size", "8")
    assert code == 0
    assert err.endswith(
        f"pixelize: warning: {faint}: nothing is left: every cell is less than half opaque\n"
    )


def test_the_cell_size_of_a_sheet_is_that_of_its_tiles(call, tmp_path):
    sheet = draw(tmp_path / "a.png", (120, 60))
    code, out, _ = call(
        sheet, "-o", tmp_path / "out", "--sheet", "60x60", "--cell-size", "7", "--json"
    )
    (report,) = json_lines(out)
    assert code == 0 and report["size"] == [18, 9] and report["cell_size"] == [60 / 9, 60 / 9]


def test_palette_files_are_not_overwritten_unasked(call, tmp_path):
    (tmp_path / "p.hex").write_text("precious")
    code, _, err = call(
        draw(tmp_path / "a.png"),
        "-o",
        tmp_path / "out",
        "--colors",
        "3",
        "--palette-out",
        tmp_path / "p.hex",
    )
    assert code == 2 and "p.hex: exists" in err and (tmp_path / "p.hex").read_text() == "precious"


def test_random_palettes_hold_for_every_output(call, tmp_path):
    random = np.random.default_rng(0)
    for count in (1, 2, 17, 255, 256):
        palette = Palette(random.integers(0, 256, (count, 3), dtype=np.uint8))
        source, _ = moving(tmp_path / f"in{count}", "png")
        still = draw(tmp_path / f"still{count}.png", alpha=True, seed=count)
        code, _, err = call(
            source,
            still,
            "-o",
            tmp_path / f"{count}",
            "--palette",
            ",".join(palette.hex()),
            "--dither",
            "floyd-steinberg",
            "--trim",
            "--outline",
            "outside",
            "--format",
            "gif",
        )
        assert code == 0, err
        with open_animation(tmp_path / f"{count}" / "walk.gif") as reader:
            for frame in reader:
                pixels = np.asarray(frame.image.convert("RGBA")).reshape(-1, 4)
                assert {bytes(pixel[:3].tolist()).hex() for pixel in pixels if pixel[3]} <= set(
                    palette.hex()
                )
        assert colors_of(tmp_path / f"{count}" / f"still{count}.png") <= set(palette.hex())


def test_nothing_that_is_read_is_written_over(any_weights, tmp_path, capsys):
    """Style files, what they start from, palettes and weights, by results and by the palette."""
    source = draw(tmp_path / "in" / "a.png")
    palette, base, weights = (tmp_path / name for name in ("p.hex", "base.yaml", "w.png"))
    palette.write_text("\n".join(PICO))
    base.write_text("palette: p.hex")
    style = tmp_path / "style.hex"
    style.write_text("_base_: base.yaml\nsize: 8")
    weights.write_bytes(any_weights.read_bytes())
    picture = tmp_path / "a.png"
    Image.new("RGB", (2, 1), (1, 2, 3)).save(picture)
    base.rename(tmp_path / "base.hex")
    style.write_text("_base_: base.hex\nsize: 8")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    common = [source, "--overwrite", "--weights", weights, "--cfg", style]
    for arguments in (
        ["-o", tmp_path / "x.png", "--palette-out", palette],
        ["-o", tmp_path / "x.png", "--palette-out", style],
        ["-o", tmp_path / "x.png", "--palette-out", tmp_path / "base.hex"],
        ["-o", weights],
        ["-o", tmp_path / "x.png", "--palette", picture, "--palette-out", picture],
        ["-o", tmp_path, "--palette", picture],
    ):
        assert pixelize.main([str(each) for each in (*common, *arguments)]) == 2, arguments
        assert "would be written over the input" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_by_default_the_longer_side_has_64_cells(call, tmp_path):
    draw(tmp_path / "large.png", (300, 150))
    draw(tmp_path / "small.png", (40, 30))
    code, _, err = call(tmp_path / "large.png", "-o", tmp_path / "out")
    assert (code, err) == (0, "") and Image.open(tmp_path / "out" / "large.png").size == (64, 32)
    code, _, err = call(tmp_path / "small.png", "-o", tmp_path / "out")
    assert code == 0 and "has 40x30 pixels: each is kept as a cell" in err
    kept, source = (Image.open(tmp_path / name) for name in ("out/small.png", "small.png"))
    assert np.array_equal(np.asarray(kept), np.asarray(source))


def test_a_sprite_is_restyled_at_its_own_size(call, tmp_path):
    source = tmp_path / "icon.png"
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[4:12, 4:12] = (250, 30, 60, 255)
    Image.fromarray(pixels).save(source)
    for number, how in enumerate((["--size", "16"], ["--size", "16x16"], ["--cell-size", "1"])):
        style = ["--palette", "pico-8", "--outline", "outside", "--outline-color", "#000"]
        code, _, err = call(source, "-o", tmp_path / f"{number}.png", *how, *style)
        assert (code, err) == (0, "")
        result = np.asarray(Image.open(tmp_path / f"{number}.png"))
        assert (result[4:12, 4:12] == (255, 0, 77, 255)).all()
        assert (result[3, 4:12] == (0, 0, 0, 255)).all() and not result[0].any()
    code, _, err = call(source, "-o", tmp_path / "x.png", "--size", "15")
    assert code == 2 and "the image's own size keeps every pixel" in err


def test_several_sizes_in_one_call(call, tmp_path):
    sources = [draw(tmp_path / name, (96, 48)) for name in ("a.png", "b.png")]
    code, out, err = call(*sources, "-o", tmp_path / "out", "--size", "16,20x20,max:8", "--json")
    assert code == 0 and all("is squeezed" in line for line in err.splitlines())
    sizes = {Path(each["output"]).name: each["size"] for each in json_lines(out)}
    assert sizes == {
        f"{name}_{label}.png": size
        for name in "ab"
        for label, size in (("16", [16, 8]), ("20x20", [20, 20]), ("max8", [8, 4]))
    }
    alone = tmp_path / "alone.png"
    assert call(sources[0], "-o", alone, "--size", "16")[0] == 0
    assert alone.read_bytes() == (tmp_path / "out" / "a_16.png").read_bytes()
    assert call(sources[0], "-o", tmp_path / "c.png", "--size", "4,8", "--preview", "2")[0] == 0
    assert {path.name for path in tmp_path.glob("c*")} == {
        "c_4.png", "c_8.png", "c_4_preview.png", "c_8_preview.png"
    }  # fmt: skip
    shared = ["--colors", "4", "--shared-palette", "--palette-out", tmp_path / "p.gpl"]
    shared += [*sources, "-o", tmp_path / "shared", "--size", "8,16"]
    code, out, _ = call(*shared, "--json")
    assert code == 0 and len({tuple(each["palette"]) for each in json_lines(out)}) == 1
    assert call(*shared, "--skip-existing")[:2] == (0, "")
    for wrong, message in (("16,16", "every size"), ("16,", "is not a size")):
        code, _, err = call(sources[0], "-o", tmp_path / "out2", "--size", wrong)
        assert code == 2 and message in err
    code, _, err = call(sources[0], "-o", "-", "--size", "8,16")
    assert code == 2 and "a stream takes one file only" in err


def test_what_exists_is_skipped_and_a_dry_run_writes_nothing(call, tmp_path):
    sources = [draw(tmp_path / "in" / f"{name}.png") for name in "abc"]
    (tmp_path / "out").mkdir()
    done = tmp_path / "out" / "a.png"
    done.write_bytes(b"done before")
    (tmp_path / "out" / "b_preview.png").write_bytes(b"half a batch")
    common = [*sources, "-o", tmp_path / "out", "--size", "8"]
    code, out, err = call(*common, "--dry-run")
    assert code == 1 and "1 of 3 files failed" in err and "a.png: exists" in err
    assert out == f"{tmp_path}/out/b.png\n{tmp_path}/out/c.png\n"
    code, out, _ = call(*common, "--dry-run", "--skip-existing", "--json")
    planned = json_lines(out)
    assert code == 0 and [each["skipped"] for each in planned] == [True, False, False]
    assert sorted(path.name for path in done.parent.iterdir()) == ["a.png", "b_preview.png"]
    code, out, err = call(*common, "--skip-existing")
    assert (code, err) == (0, "pixelize: 1 of 3 results are there already, and were left out\n")
    assert out == f"{tmp_path}/out/b.png\n{tmp_path}/out/c.png\n"
    assert done.read_bytes() == b"done before"
    code, out, _ = call(*common, "--skip-existing", "--json")
    assert json_lines(out)[0] == planned[0]  # of a file that is there, a dry run says the same
    source, _ = moving(tmp_path / "in", "gif")
    frames = [source, "-o", tmp_path / "out", "--format", "sequence", "--size", "8"]
    assert call(*frames)[0] == 0
    code, out, err = call(*frames, "--skip-existing")
    assert (code, out, err) == (
        0,
        "",
        "pixelize: 1 of 1 results are there already, and were left out\n",
    )
    assert call(*frames, "--skip-existing", "-q") == (0, "", "")
    assert call(*frames, "--skip-existing", "--overwrite")[0] == 2


def test_help_names_the_palettes_and_they_can_be_listed(capsys):
    for option in ("--help", "--list-palettes"):
        with pytest.raises(SystemExit) as end:
            pixelize.main([option])
        assert end.value.code == 0
        printed = " ".join(capsys.readouterr().out.split())
        for name in CLASSICS:
            assert name in printed.replace("- ", "-")
    assert "pico-8 16 colours" in printed
    assert "000000,1d2b53" in printed


def test_areas_that_touch_keep_two_colours_of_a_palette(call, tmp_path):
    drawing = np.full((48, 48, 3), 160, np.uint8)
    drawing[20:28, 8:40] = 125
    Image.fromarray(drawing).save(tmp_path / "drawing.png")
    made = {}
    for kind in ("areas", "nearest"):
        options = ["--cell-size", "4", "--palette", "000,505050,a0a0a0,fff", "--match", kind]
        assert call(tmp_path / "drawing.png", "-o", tmp_path / f"{kind}.png", *options)[0] == 0
        made[kind] = {color for _, color in Image.open(tmp_path / f"{kind}.png").getcolors()}
    assert made == {"areas": {(160,) * 3, (80,) * 3}, "nearest": {(160,) * 3}}
    for extra, told in (
        ([], "--match needs --palette or --colors"),
        (["--palette", "pico-8", "--dither", "bayer4"], "--match does nothing where colours are"),
    ):
        out = ["-o", tmp_path / "x.png", "--match", "nearest", *extra]
        code, _, said = call(tmp_path / "drawing.png", *out)
        assert code == 2 and told in said
