"""depixelize as a user calls it.

Detection, sizes, methods, animations, sheets and pipes. See test_cli.py for files and messages.
"""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization import Pixelizer
from pixelization.animation.reading import open_animation
from pixelization.animation.writing import write_animation
from pixelization.apps.cli import depixelize
from pixelization.enlargers.base import CLASSICAL
from pixelization.enlargers.faithful import enlarge_sprite as draw
from tests.apps.calling import caller
from tests.make import enlarged, json_lines

ROOT = Path(__file__).resolve().parents[2]
COLORS = np.array(
    [[20, 24, 60], [230, 60, 70], [250, 230, 90], [240, 240, 240], [60, 160, 90]], np.uint8
)


def sprite_of(seed, size=(24, 20)):
    random = np.random.default_rng(seed)
    pixels, opaque = COLORS[random.integers(0, 5, size)], random.random(size) < 0.8
    return np.dstack([pixels * opaque[..., None], np.where(opaque, 255, 0)]).astype(np.uint8)


def save(pixels, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def read(path):
    return np.asarray(Image.open(path))


@pytest.fixture
def call(any_weights, capsys):
    return caller(depixelize.main, capsys, "--weights", any_weights, "--device", "cpu")


@pytest.fixture(scope="module")
def enlarge(any_weights):
    return Pixelizer.from_weights(any_weights, "cpu").enlarge


def test_enlarged_and_native_sprites_give_the_same(call, enlarge, tmp_path):
    sprite = sprite_of(0)
    expected = draw(sprite, (120, 144), enlarge)
    native, large = save(sprite, tmp_path / "a.png"), save(enlarged(sprite, 7), tmp_path / "b.png")
    for source, options in ((native, ["--native"]), (large, []), (large, ["--cell-size", "7"])):
        code, out, err = call(
            source, "-o", tmp_path / "out", "--factor", "6", "--overwrite", "--json", *options
        )
        assert code == 0, err
        (report,) = json_lines(out)
        assert report["size"] == [120, 144] and (report["grid"] is None) == bool(options)
        assert np.array_equal(read(report["output"]), expected)
    assert report["cell_size"] == [7, 7]


def test_doubts_have_an_exit_code_of_their_own(call, tmp_path):
    source = save(np.full((40, 40, 3), 90, np.uint8), tmp_path / "a.png")
    code, _, err = call(source, "-o", tmp_path / "out")
    assert code == 3 and "not sure of the grid" in err and not (tmp_path / "out").exists()


def test_sizes(call, enlarge, tmp_path):
    source = save(sprite_of(1), tmp_path / "a.png")
    for name, options, size in (
        ("b", ["--size", "77x100"], (77, 100)),
        ("c", ["--size", "70"], (70, 84)),
        ("d", ["--factor", "5/2"], (50, 60)),
    ):
        assert call(source, "-o", tmp_path / f"{name}.png", "--native", *options)[0] == 0
        assert np.array_equal(read(tmp_path / f"{name}.png"), draw(sprite_of(1), size, enlarge))


@pytest.mark.parametrize("method", ["epx", "hqx", "xbr", "bicubic", "nearest"])
def test_classical_methods(method, capsys, tmp_path):
    if method in ("epx", "hqx", "xbr"):
        pytest.importorskip("scalerack")
    sprite = sprite_of(2)
    call = caller(depixelize.main, capsys, "--native", "--method", method, "--factor", "5")
    assert call(save(sprite, tmp_path / "a.png"), "-o", tmp_path / "b.png")[0] == 0
    result = read(tmp_path / "b.png")
    assert result.shape == (120, 100, 4)
    centres = result[2::5, 2::5]
    assert ((centres[..., 3] >= 128) == (sprite[..., 3] > 0)).mean() > 0.9
    if method == "nearest":
        assert np.array_equal(result, enlarged(sprite, 5))


def test_smoothness_counts_more_unless_colours_are_to_be_kept(call, enlarge, tmp_path):
    sprite = sprite_of(2)
    source = save(sprite, tmp_path / "a.png")
    for name, options in (
        ("kept", ["--keep-colors"]),
        ("free", []),
        ("free2", ["--no-keep-colors"]),
    ):
        assert call(source, "-o", tmp_path / f"{name}.png", "--native", *options)[0] == 0
    kept, free, free2 = (read(tmp_path / f"{name}.png") for name in ("kept", "free", "free2"))
    assert (
        np.array_equal(free, free2)
        and not np.array_equal(kept, free)
        and np.array_equal(kept[..., 3], free[..., 3])
    )
    assert np.array_equal(kept, draw(sprite, kept.shape[1::-1], enlarge, keep_colors=True))


def moving():
    frames = []
    for step in (0, 1, 2, 0):
        frame = sprite_of(3)
        frame[20, 4 + step] = (255, 0, 255, 255)
        frames.append(frame)
    return frames


@pytest.mark.parametrize("format", ["png", "webp", "gif"])
def test_animations_keep_their_timing_and_do_not_flicker(format, call, enlarge, tmp_path):
    write_animation(
        [enlarged(frame, 3) for frame in moving()],
        tmp_path / f"a.{format}",
        durations=[50, 60, 70, 80],
        plays=3,
        format=format,
    )
    code, out, err = call(tmp_path / f"a.{format}", "-o", tmp_path / "out", "--json")
    assert code == 0, err
    (report,) = json_lines(out)
    assert report["frames"] == 4 and report["size"] == [80, 96]
    assert any("GIF has no half transparency" in warning for warning in report["warnings"]) == (
        format == "gif"
    )
    with open_animation(tmp_path / "out" / f"a.{format}") as reader:
        frames = list(reader)
        assert (reader.plays, [frame.duration for frame in frames]) == (3, [50, 60, 70, 80])
    pictures = [np.asarray(frame.image) for frame in frames]
    if format != "gif":
        assert np.array_equal(pictures[0], draw(moving()[0], (80, 96), enlarge))
    away = [picture[: 17 * 4] for picture in pictures]
    assert all(np.array_equal(each, away[0]) for each in away)
    assert not np.array_equal(pictures[0], pictures[1]) and np.array_equal(pictures[0], pictures[3])


def test_an_animation_into_numbered_images_and_a_video(call, tmp_path):
    write_animation(moving(), tmp_path / "a.png", durations=[40] * 4, plays=0, format="png")
    code, out, _ = call(
        tmp_path / "a.png",
        "-o",
        tmp_path / "out",
        "--native",
        "--format",
        "sequence",
        "--suffix",
        "_big",
    )
    written = [tmp_path / "out" / f"a_big_{number:04}.png" for number in range(1, 5)]
    assert code == 0 and out.splitlines() == [str(path) for path in written]
    assert sorted((tmp_path / "out").iterdir()) == written
    pytest.importorskip("av")
    code, _, err = call(tmp_path / "a.png", "-o", tmp_path / "a.mp4", "--native")
    assert code == 0 and "the background is white" in err
    with open_animation(tmp_path / "a.mp4") as reader:
        (first, *others) = reader
    assert len(others) == 3 and (np.asarray(first.image)[-1, -1] > 0).any()


@pytest.mark.parametrize("factor", ["4", "5/2"])
def test_sheets_tile_by_tile_with_their_json(factor, call, enlarge, tmp_path):
    tiles = [sprite_of(seed, (12, 16)) for seed in range(4)]
    sheet = np.vstack([np.hstack(tiles[:2]), np.hstack(tiles[2:])])
    frames = [
        {
            "filename": str(n),
            "frame": {"x": n % 2 * 80, "y": n // 2 * 60, "w": 80, "h": 60},
            "duration": 100,
        }
        for n in range(4)
    ]
    (tmp_path / "a.json").write_text(
        json.dumps({"frames": frames, "meta": {"size": {"w": 160, "h": 120}}})
    )
    source = save(enlarged(sheet, 5), tmp_path / "a.png")
    code, out, err = call(
        source, "-o", tmp_path / "out", "--sheet", "auto", "--factor", factor, "--cell-size", "5"
    )
    assert (code, out.split()) == (
        0,
        [str(tmp_path / "out" / "a.png"), str(tmp_path / "out" / "a.json")],
    ), err
    result, times_ = read(tmp_path / "out" / "a.png"), 4 if factor == "4" else 2.5
    width, height = int(16 * times_), int(12 * times_)
    for n, tile in enumerate(tiles):
        place = result[n // 2 * height :, n % 2 * width :][:height, :width]
        assert np.array_equal(place, draw(tile, (width, height), enlarge))
    data = json.loads((tmp_path / "out" / "a.json").read_text())
    assert data["frames"][3]["frame"] == {"x": width, "y": height, "w": width, "h": height}
    assert data["meta"]["size"] == {"w": 2 * width, "h": 2 * height}


def test_a_sheet_to_stdout_leaves_its_json(call, tmp_path, monkeypatch):
    source = save(sprite_of(5, (12, 16)), tmp_path / "a.png")
    frames = {"0": {"frame": {"x": 0, "y": 0, "w": 16, "h": 12}}}
    (tmp_path / "a.json").write_text(json.dumps({"frames": frames}))
    stdout = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "stdout", stdout)
    assert call(source, "-o", "-", "--sheet", "auto", "--cell-size", "1")[0] == 0
    assert Image.open(stdout.buffer).size == (64, 48)


def test_the_json_of_a_sheet_is_read_before_anything_is_written(call, tmp_path):
    source = save(sprite_of(5, (12, 16)), tmp_path / "a.png")
    (tmp_path / "a.json").write_text(
        json.dumps({"frames": {"0": {"frame": {"x": 0, "y": 0, "w": 99, "h": 12}}}})
    )
    code, _, err = call(source, "-o", tmp_path / "out", "--sheet", "8x12", "--cell-size", "1")
    assert code == 2 and "a.json" in err and not (tmp_path / "out").exists()


def test_pipes_and_jobs(call, quick_weights, tmp_path):
    sprites = [sprite_of(seed) for seed in range(3)]
    for number, sprite in enumerate(sprites):
        save(sprite, tmp_path / "in" / f"{number}.png")
    assert call(tmp_path / "in", "-o", tmp_path / "one", "--native", "-q") == (0, "", "")
    assert call(tmp_path / "in", "-o", tmp_path / "two", "--native", "-q", "--jobs", "3") == (
        0,
        "",
        "",
    )
    for number in range(3):  # fewer threads per job: sums are rounded differently
        one, two = (read(tmp_path / out / f"{number}.png").astype(int) for out in ("one", "two"))
        assert np.abs(one - two).max() <= 3
    command = [
        sys.executable,
        str(ROOT / "tools" / "depixelize.py"),
        "-",
        "-o",
        "-",
        "--native",
        "--weights",
        str(quick_weights),
        "--device",
        "cpu",
    ]
    data = (tmp_path / "in" / "0.png").read_bytes()
    done = subprocess.run(
        command,
        input=data,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    piped = Pixelizer.from_weights(quick_weights, "cpu").depixelize(data, native=True).frames[0]
    assert np.abs(read(io.BytesIO(done.stdout)).astype(int) - piped).max() <= 3


def test_a_result_that_cannot_be_seen_is_a_warning(call, tmp_path):
    faint = save(np.full((8, 8, 4), (200, 30, 40, 100), np.uint8), tmp_path / "faint.png")
    code, _, err = call(faint, "-o", tmp_path / "out", "--native")
    assert code == 0 and err.splitlines() == [
        f"depixelize: warning: {faint}: half transparent cells: 64 became transparent, 0 opaque: "
        "alpha 'keep' keeps them",
        f"depixelize: warning: {faint}: nothing is left: every cell is less than half opaque",
    ]
    code, _, err = call(faint, "-o", tmp_path / "kept", "--native", "--alpha", "keep")
    assert (code, err) == (0, "") and (read(tmp_path / "kept/faint.png")[..., 3] == 100).all()


def test_the_methods_are_those_that_there_are():  # repeated so that --help need not import torch
    assert (depixelize.NETWORK, *CLASSICAL) == depixelize.METHODS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--factor", "17"], "factor 17 is out of range"),
        (["--size", "1000x100"], "width 1000 is out of range for 20 cells: give 40 to 320 pixels"),
        (["--size", "9" * 20], "width 99999999999999999999 is out of range for 20 cells: give 40"),
        (["--size", f"max:{'9' * 400}"], "is out of range for 20 cells: give 40 to 320 pixels"),
        (["--size", "80", "--factor", "4"], "not allowed with"),
        (["--size", "80x0"], "'80x0' is no size: give at least 1 pixel"),
        (["--fps", "9"], "--fps is for animations"),
        (["--native", "--cell-size", "4"], "not allowed with"),
        (["--method", "magic"], "magic"),
        (["--method", "xbr"], "--weights does nothing: --method xbr takes no network"),
        (["--size", "80", "--sheet", "10x12"], "give --factor"),
        (["--sheet", "9x12"], "do not fill"),
    ],
)
def test_wrong_arguments(arguments, message, call, tmp_path):
    native = [] if "--native" in arguments else ["--native"]
    code, out, err = call(
        save(sprite_of(4), tmp_path / "a.png"), "-o", tmp_path / "out", *native, *arguments
    )
    assert (code, out, err.count("\n")) == (2, "", 1) and message in err, err
    assert not (tmp_path / "out").exists()
