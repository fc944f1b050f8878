"""snap as a user calls it.

Stills, animations, sheets, pipes; native sprites, doubts and exit codes.
"""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization.animation.reading import open_animation
from pixelization.animation.writing import write_animation
from pixelization.apps.cli import snap
from tests.apps.calling import caller
from tests.make import blobs, enlarged, json_lines

ROOT = Path(__file__).resolve().parents[2]
COLORS = np.array(
    [[20, 24, 60], [230, 60, 70], [250, 230, 90], [240, 240, 240], [60, 160, 90]], np.uint8
)


def sprite_of(seed, size=(24, 24), alpha=True):
    random = np.random.default_rng(seed)
    pixels = COLORS[random.integers(0, 5, size)]
    if not alpha:
        return pixels
    opaque = random.random(size) < 0.8
    return np.dstack([pixels * opaque[..., None], np.where(opaque, 255, 0)]).astype(np.uint8)


def save(pixels, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def call(capsys):
    return caller(snap.main, capsys)


def read(path):
    return np.asarray(Image.open(path))


def test_the_grid_is_found_and_reported(call, tmp_path):
    sprite = sprite_of(0)
    source = save(enlarged(sprite, 6), tmp_path / "a.png")
    code, out, err = call(source, "-o", tmp_path / "out", "--json")
    assert (code, err) == (0, "")
    (report,) = json_lines(out)
    assert np.array_equal(read(report["output"]), sprite)
    assert report["size"] == [24, 24] and report["input_size"] == [144, 144]
    grid = report["grid"]
    assert (
        grid["cell"] == pytest.approx([6, 6], abs=0.02)
        and not grid["native"]
        and grid["confidence"] > 0.9
    )
    assert grid["phase"] == pytest.approx([0, 0], abs=0.1) and all(
        set(other) == {"cell", "phase", "size", "confidence"} for other in grid["runners_up"]
    )


def test_given_cells_need_no_detection(call, tmp_path):
    sprite = sprite_of(1, (10, 8))
    source = save(enlarged(sprite, 5).repeat(2, axis=0), tmp_path / "a.png")  # cells of 5x10
    for name, options in (("b", ["--cell-size", "5x10"]), ("c", ["--size", "8x10"])):
        code, out, _ = call(source, "-o", tmp_path / f"{name}.png", *options)
        assert (code, out) == (0, f"{tmp_path / name}.png\n")
        assert np.array_equal(read(tmp_path / f"{name}.png"), sprite)
    code, out, _ = call(
        source,
        "-o",
        tmp_path / "out",
        "--cell-size",
        "5x10",
        "--json",
        "--palette",
        "000000,ffffff",
        "--preview",
        "3",
    )
    (report,) = json_lines(out)
    assert (
        code == 0
        and report["grid"] is None
        and report["cell_size"] == [5, 10]
        and report["colors"] <= 2
    )
    assert read(tmp_path / "out" / "a_preview.png").shape == (30, 24, 4)


def test_a_native_sprite_is_not_touched(call, tmp_path):
    sprite = sprite_of(2)
    sprite[sprite[..., 3] == 0, :3] = (9, 8, 7)  # hidden colours stay, and half transparency
    sprite[3, 3] = (10, 20, 30, 90)
    source = save(sprite, tmp_path / "a.png")
    code, _, err = call(source, "-o", tmp_path / "b.png", "--cell-size", "1")
    assert (code, err) == (0, "") and np.array_equal(read(tmp_path / "b.png"), sprite)
    assert call(source, "-o", tmp_path / "c.png", "--cell-size", "1", "--colors", "3")[0] == 0
    asked = read(tmp_path / "c.png")
    assert set(np.unique(asked[..., 3])) == {0, 255} and not asked[asked[..., 3] == 0].any()
    assert len(np.unique(asked[asked[..., 3] > 0], axis=0)) <= 3


def test_native_sprites_are_recognised(call, tmp_path):
    sprite = sprite_of(3, (32, 32))
    code, out, _ = call(save(sprite, tmp_path / "a.png"), "-o", tmp_path / "b.png", "--json")
    (report,) = json_lines(out)
    assert (
        code == 0 and report["grid"]["native"] and np.array_equal(read(tmp_path / "b.png"), sprite)
    )


def test_doubts_have_an_exit_code_of_their_own(call, tmp_path):
    smooth = np.linspace(0, 255, 64).astype(np.uint8)
    blank = save(np.dstack([np.broadcast_to(smooth, (64, 64))] * 3), tmp_path / "in" / "a.png")
    code, out, err = call(blank, "-o", tmp_path / "b.png")
    assert (code, out) == (3, "") and err.count("\n") == 1 and not (tmp_path / "b.png").exists()
    assert (
        err.startswith(f"pixel-snap: error: {blank}: not sure of the grid")
        and "(--show-grid FILE, --best-guess, --cell-size N)" in err
        and "drawings and photos are for pixelize" in err
    )
    save(enlarged(sprite_of(4), 5), tmp_path / "in" / "b.png")
    code, out, err = call(tmp_path / "in", "-o", tmp_path / "out", "--json")
    assert code == 1 and "1 of 2 files failed:" in err and "not sure" in err
    first, second = json_lines(out)
    assert (
        "not sure" in first["error"]
        and first["grid"]["confidence"] < 0.9
        and second["error"] is None
        and (tmp_path / "out" / "b.png").exists()
    )


def test_the_best_guess_and_a_picture_of_the_grid(call, tmp_path):
    rng = np.random.default_rng(8)
    smooth = enlarged(sprite_of(4, (16, 16), alpha=False), 9).astype(float)
    image = (smooth * 0.2 + 100 + rng.normal(0, 25, smooth.shape)).clip(0, 255).astype(np.uint8)
    blank = save(image, tmp_path / "a.png")
    grid = tmp_path / "grid.png"
    assert call(blank, "-o", tmp_path / "b.png", "--min-confidence", "1")[0] == 3
    code, _, err = call(
        blank, "-o", tmp_path / "b.png", "--min-confidence", "1", "--show-grid", grid
    )
    assert code == 3 and "take the best guess" in err and not (tmp_path / "b.png").exists()
    assert min(read(grid).shape[:2]) >= 144
    assert call(blank, "-o", tmp_path / "b.png", "--best-guess", "--show-grid", grid)[0] == 2
    code, out, _ = call(
        blank, "-o", tmp_path / "b.png", "--best-guess", "--show-grid", grid, "--overwrite"
    )
    assert (code, out) == (0, f"{tmp_path / 'b.png'}\n") and grid.exists()


def test_what_options_of_the_grid_exclude(call, tmp_path):
    source = save(enlarged(sprite_of(4), 5), tmp_path / "a.png")
    other = save(enlarged(sprite_of(5), 5), tmp_path / "b.png")
    for options, message in (
        (["--best-guess", "--min-confidence", "0.5"], "not allowed with"),
        (["--min-confidence", "1.5"], "--min-confidence 1.5 is out of range"),
        (["--show-grid", tmp_path / "g.png", "--size", "24"], "leave out --size"),
        (
            ["--show-grid", tmp_path / "g.png", "--sheet", "20x20", "--cell-size", "5"],
            "ask for no picture of it (--show-grid)",
        ),
        (["--show-grid", source, "--overwrite"], "would be written over the input"),
        (["--show-grid", tmp_path / "g.jpg"], "it is a PNG file: give a name that ends in .png"),
        (["--show-grid", ""], "it is a PNG file"),
        (["--wrap"], "wrap does nothing here"),
        (["--alpha", "keep", "--colors", "4", "--indexed"], "exclude each other"),
    ):
        code, _, err = call(source, "-o", tmp_path / "out", *options)
        assert code == 2 and message in err, err
    code, _, err = call(source, other, "-o", tmp_path / "out", "--show-grid", tmp_path / "g.png")
    assert code == 2 and "--show-grid is for one input" in err


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
@pytest.mark.parametrize(
    "options", [["--offset", "0.5x0.5"], ["--wrap"], ["--sheet", "8x8", "--pad", "9x9"]]
)
def test_options_that_fit_no_input_are_said_once_and_before_work(call, tmp_path, options, more):
    sources = [save(enlarged(sprite_of(4), 5), tmp_path / name) for name in ("a.png", "b.png")]
    code, out, err = call(*sources, "-o", tmp_path / "out", *options, *more)
    assert (code, out, err.count("\n")) == (2, "", 1) and "leave" in err


def test_a_grid_of_given_cells_can_be_shown(call, tmp_path):
    """It is that of all frames, also where the first is blank."""
    frame = enlarged(sprite_of(4), 8)[3:, 5:]
    for number, each in enumerate((np.zeros_like(frame), frame)):
        save(each, tmp_path / f"a{number}.png")
    grid = tmp_path / "grid.png"
    options = ["--cell-size", "8", "--show-grid", grid]
    assert call(tmp_path / "a%d.png", "-o", tmp_path / "b.gif", *options)[0] == 0
    on_grid = (read(grid) == (255, 0, 160)).all(axis=2)
    assert np.flatnonzero(on_grid.all(axis=0))[1:3].tolist() == [11, 19]


def test_half_transparency_is_kept_or_said_to_be_lost(call, tmp_path):
    sprite = sprite_of(3)
    sprite[20:, 4:12] = (10, 10, 20, 90)
    source = save(enlarged(sprite, 6), tmp_path / "a.png")
    code, _, err = call(source, "-o", tmp_path / "hard.png")
    assert code == 0 and "32 became transparent, 0 opaque" in err
    assert call(source, "-o", tmp_path / "kept.png", "--alpha", "keep")[::2] == (0, "")
    assert np.array_equal(read(tmp_path / "kept.png"), sprite)
    assert call(source, "-o", tmp_path / "few.png", "--alpha", "keep", "--colors", "3")[0] == 0
    assert (read(tmp_path / "few.png")[20:, 4:12, 3] == 90).all()


def walking(steps=4):
    """A textured sprite that moves by a cell per frame, on nothing."""
    body = sprite_of(5, (14, 12), alpha=False)
    frames = []
    for step in range(steps):
        frame = np.zeros((20, 24, 4), np.uint8)
        frame[3:17, 2 + step : 14 + step] = np.dstack([body, np.full(body.shape[:2], 255)])
        frames.append(frame)
    return frames


@pytest.mark.parametrize("format", ["gif", "png", "webp"])
def test_one_grid_for_all_frames(format, call, tmp_path):
    sprites = walking()
    write_animation(
        [enlarged(sprite, 4) for sprite in sprites],
        tmp_path / f"walk.{format}",
        durations=[50, 60, 70, 80],
        plays=2,
        format=format,
    )
    code, out, err = call(tmp_path / f"walk.{format}", "-o", tmp_path / "out", "--json")
    assert code == 0, err
    (report,) = json_lines(out)
    assert report["frames"] == 4 and report["grid"]["cell"] == pytest.approx([4, 4], abs=0.02)
    with open_animation(tmp_path / "out" / f"walk.{format}") as reader:
        frames = list(reader)
        assert (reader.plays, [frame.duration for frame in frames]) == (2, [50, 60, 70, 80])
    assert all(
        np.array_equal(np.asarray(frame.image), sprite)
        for frame, sprite in zip(frames, sprites, strict=True)
    )


@pytest.mark.parametrize("blank", [0, 4])
def test_given_cells_begin_at_one_place_in_all_frames(blank, call, tmp_path):
    """Also in a frame that has no edges to tell where."""
    sprites = walking()
    sprites.insert(blank, np.zeros_like(sprites[0]))
    # of the outer cells at least half is left
    frames = [enlarged(sprite, 8)[4:-3, 4:-3] for sprite in sprites]
    write_animation(frames, tmp_path / "walk.png", durations=[50] * 5, plays=0, format="png")
    code, out, err = call(
        tmp_path / "walk.png", "-o", tmp_path / "out", "--cell-size", "8", "--json"
    )
    assert code == 0, err
    assert json_lines(out)[0]["grid"] is None
    with open_animation(tmp_path / "out" / "walk.png") as reader:
        assert all(
            np.array_equal(np.asarray(frame.image), sprite)
            for frame, sprite in zip(reader, sprites, strict=True)
        )


@pytest.mark.parametrize("format", ["gif", "mp4"])
def test_faint_pixels_do_not_become_opaque(format, call, tmp_path):
    """Where a format has no half transparency."""
    if format == "mp4":
        pytest.importorskip("av")
    frames = [np.full((8, 8, 4), (200, 30, 40, 255), np.uint8) for _ in range(2)]
    for frame in frames:
        frame[:4, :, 3] = 40
    frames[1][6, 6] = (0, 0, 255, 255)
    write_animation(frames, tmp_path / "soft.webp", durations=[50] * 2, plays=0, format="webp")
    assert (
        call(tmp_path / "soft.webp", "-o", tmp_path / f"soft.{format}", "--cell-size", "1")[0] == 0
    )
    with open_animation(tmp_path / f"soft.{format}") as reader:
        seen = np.asarray(next(iter(reader)).image.convert("RGBA")).astype(int)
    assert (seen[4:] - (200, 30, 40, 255) <= 4).all()
    # of a video, white
    assert (seen[:4, :, 3] == 0).all() if format == "gif" else (seen[:4] >= 251).all()


def test_a_native_animation_keeps_its_slightest_changes(call, tmp_path):
    frames = [frame.copy() for frame in walking(1) * 3]
    frames[1][5, 6, 0] ^= 1
    frames[2][6, 7, 2] ^= 3
    write_animation(frames, tmp_path / "a.png", durations=[50] * 3, plays=0, format="png")
    assert call(tmp_path / "a.png", "-o", tmp_path / "out", "--cell-size", "1")[0] == 0
    with open_animation(tmp_path / "out" / "a.png") as reader:
        assert all(
            np.array_equal(np.asarray(frame.image), each)
            for frame, each in zip(reader, frames, strict=True)
        )


def test_sheets_are_cut_in_whole_cells(call, tmp_path):
    tiles = [sprite_of(seed, (12, 16)) for seed in range(4)]
    tiles[2][:] = 0  # an empty one
    sheet = np.vstack([np.hstack(tiles[:2]), np.hstack(tiles[2:])])
    source = save(enlarged(sheet, 5), tmp_path / "sheet.png")
    frames = [
        {
            "filename": str(n),
            "frame": {"x": n % 2 * 80, "y": n // 2 * 60, "w": 80, "h": 60},
            "duration": 100,
        }
        for n in range(4)
    ]
    (tmp_path / "sheet.json").write_text(
        json.dumps({"frames": frames, "meta": {"size": {"w": 160, "h": 120}}})
    )
    for choice in ("80x60", "auto"):
        code, _, err = call(source, "-o", tmp_path / choice, "--sheet", choice)
        assert code == 0, err
        assert np.array_equal(read(tmp_path / choice / "sheet.png"), sheet)
        data = json.loads((tmp_path / choice / "sheet.json").read_text())
        assert data["frames"][3]["frame"] == {"x": 16, "y": 12, "w": 16, "h": 12} and data["meta"][
            "size"
        ] == {"w": 32, "h": 24}


def test_tagged_tiles_of_a_sheet_are_held_still(call, tmp_path):
    noise = np.random.default_rng(0)
    still = enlarged(sprite_of(3, (12, 16)), 5).astype(int)
    frames = [np.clip(still + noise.integers(-3, 4, still.shape), 0, 255) for _ in range(4)]
    source = save(np.hstack(frames).astype(np.uint8), tmp_path / "sheet.png")
    entries = [{"frame": {"x": 80 * n, "y": 0, "w": 80, "h": 60}} for n in range(4)]
    atlas = {"frames": entries, "meta": {"frameTags": [{"name": "stand", "from": 1, "to": 3}]}}
    (tmp_path / "sheet.json").write_text(json.dumps(atlas))
    for options, held in (([], True), (["--still", "0", "--hysteresis", "0"], False)):
        arguments = ["--sheet", "auto", "--cell-size", "5", "--overwrite", *options]
        code, _, err = call(source, "-o", tmp_path / "out", *arguments)
        assert code == 0, err
        tiles = np.hsplit(read(tmp_path / "out" / "sheet.png"), 4)
        assert (np.array_equal(tiles[1], tiles[2]) and np.array_equal(tiles[1], tiles[3])) == held
        assert not np.array_equal(tiles[0], tiles[1])  # is not in the tag


def test_sheets_of_a_multi_atlas(call, tmp_path):
    textures = []
    for number in range(2):
        save(enlarged(sprite_of(number, (8, 16)), 4), tmp_path / f"art-{number}.png")
        frames = [{"filename": "a", "frame": {"x": 32 * number, "y": 0, "w": 32, "h": 32}}]
        textures.append({"image": f"art-{number}.png", "frames": frames})
    (tmp_path / "art.json").write_text(json.dumps({"textures": textures}))
    out = tmp_path / "out"
    sheets = [tmp_path / f"art-{number}.png" for number in range(2)]
    code, _, err = call(*sheets, "-o", out, "--sheet", "auto", "--cell-size", "4")
    assert code == 0 and err.count("art.json is of 2 sheets") == 2
    for number in range(2):
        (page,) = json.loads((out / f"art-{number}.json").read_text())["textures"]
        assert page["image"] == f"art-{number}.png"
        assert page["frames"][0]["frame"] == {"x": 8 * number, "y": 0, "w": 8, "h": 8}
    code, _, err = call(sheets[0], "-o", tmp_path, "--sheet", "auto", "--overwrite")
    assert code == 2 and "would be written over the input" in err


def test_a_sheet_with_a_margin_and_spacing(call, tmp_path):
    tiles = [enlarged(sprite_of(seed, (8, 8))[..., :3], 4) for seed in range(4)]
    sheet = np.full((32 * 2 + 5, 32 * 2 + 5, 3), 9, np.uint8)
    for n, tile in enumerate(tiles):
        row, column = n // 2 * 33 + 2, n % 2 * 33 + 2
        sheet[row : row + 32, column : column + 32] = tile
    source = save(sheet, tmp_path / "sheet.png")
    spaced = ["--sheet", "32", "--margin", "2", "--spacing", "1"]
    code, _, err = call(source, "-o", tmp_path / "out", *spaced, "--cell-size", "4")
    assert code == 0, err
    found = read(tmp_path / "out" / "sheet.png")
    assert found.shape == (1 + 8 + 1 + 8 + 1, 19, 4)
    for n, tile in enumerate(tiles):
        row, column = n // 2 * 9 + 1, n % 2 * 9 + 1
        assert np.array_equal(found[row : row + 8, column : column + 8, :3], tile[::4, ::4])
    assert not found[[0, 9, 18]].any() and not found[:, [0, 9, 18]].any()


@pytest.mark.parametrize(
    "options, message",
    [
        (["--margin", "1"], "give --sheet WxH"),
        (["--spacing", "1", "--sheet", "auto"], "give --sheet WxH"),
        (["--spacing", "-1", "--sheet", "8"], "'-1' is not a whole number of at least 0"),
        (["--spacing", "3", "--sheet", "8"], "with a margin of 0 and a spacing of 3"),
    ],
)
def test_margins_that_cannot_be(options, message, call, tmp_path):
    source = save(enlarged(sprite_of(0, (8, 8)), 4), tmp_path / "sheet.png")
    code, _, err = call(source, "-o", tmp_path / "out", *options)
    assert code == 2 and message in err and not (tmp_path / "out").exists()


def test_pipes(tmp_path):
    sprite = sprite_of(6)
    file = io.BytesIO()
    Image.fromarray(enlarged(sprite, 7)).save(file, "PNG")
    command = [sys.executable, str(ROOT / "tools" / "snap.py"), "-", "-o", "-"]
    done = subprocess.run(
        command,
        input=file.getvalue(),
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, b"") and np.array_equal(
        read(io.BytesIO(done.stdout)), sprite
    )


def test_the_name_is_that_of_the_installed_program(call, capsys, monkeypatch):
    assert call()[2].startswith("pixel-snap: error: ") and call()[2].endswith(
        "(see pixel-snap --help)\n"
    )
    monkeypatch.setenv("COLUMNS", "500")  # no line ends after the hyphen
    with pytest.raises(SystemExit):
        snap.main(["--help"])
    text = capsys.readouterr().out
    assert text.startswith("usage: pixel-snap ") and not re.search(r"(?<!pixel-)\bsnap\b", text)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cell-size", "0.5"], "cell size 0.5 is out of range"),
        (["--cell-size", "4x"], "'' is not a number"),
        (["--cell-size", "4", "--size", "3x3"], "exclude"),
        (["--model", "lite"], "--model"),
        (["--size", "99x99"], "out of range"),
    ],
)
def test_wrong_arguments(arguments, message, call, tmp_path):
    code, out, err = call(
        save(sprite_of(7), tmp_path / "a.png"), "-o", tmp_path / "out", *arguments
    )
    assert (code, out, err.count("\n")) == (2, "", 1) and message in err, err
    assert not (tmp_path / "out").exists()


def test_what_a_style_says_of_the_networks_grid_can_be_taken_back(call, tmp_path):
    source, style = tmp_path / "in.png", tmp_path / "style.yaml"
    Image.fromarray(enlarged(blobs(0), 5)).save(source)
    style.write_text("offset: 0.5x0\nwrap: true\n")
    options = ("-o", tmp_path / "out.png", "--cfg", style)
    code, _, told = call(source, *options, "--no-wrap")
    assert code == 2 and "offset does nothing here" in told
    assert call(source, *options, "--no-wrap", "--offset", "0")[0] == 0
