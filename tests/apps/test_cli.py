"""pixelize and depixelize as a user calls them.

Results, messages, exit codes, and files left alone.
"""

import io
import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization import files
from pixelization.apps.cli import depixelize, pixelize
from pixelization.apps.cli.running import run_tool
from pixelization.batch import sprites
from tests.make import json_lines

ROOT = Path(__file__).resolve().parents[2]
TOOLS = {"pixelize": pixelize.main, "depixelize": depixelize.main}


def draw(path, size=(48, 40), color=(200, 30, 60)):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", size, "white")
    image.paste(color, (size[0] // 4, size[1] // 4, size[0] // 2, size[1] - 2))
    image.save(path)
    return path


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def call(any_weights, capsys):
    """Calls a tool with the tiny weights; returns exit code, stdout, stderr."""

    def run(tool, *arguments, weights=any_weights):
        # A few flat shapes do not show what size their cells have.
        native = ["--native"] if tool == "depixelize" and "--cell-size" not in arguments else []
        code = TOOLS[tool](
            [*map(str, arguments), "--weights", str(weights), "--device", "cpu", *native]
        )
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def assert_one_line(tool, code, err, *parts):
    assert code == 2
    assert err.startswith(f"{tool}: error: ") and err.count("\n") == 1 and err.endswith("\n")
    for part in parts:
        assert str(part) in err


def test_one_file_to_a_name(call, tmp_path):
    source, target = draw(tmp_path / "a.jpg"), tmp_path / "new" / "sprite.png"
    code, out, err = call("pixelize", source, "-o", target, "--size", "12x10")
    assert (code, out, err) == (0, f"{target}\n", "")
    assert Image.open(target).size == (12, 10)


def test_one_file_to_a_folder_with_network_output_and_preview(call, any_weights, tmp_path):
    source, out = draw(tmp_path / "a.png"), tmp_path / "out"
    code, printed, _ = call(
        "pixelize", source, "-o", out, "--cell-size", "16/3", "--network-output", "--preview", 3
    )
    assert code == 0
    assert tree(out) == ["a.png", "a_network.png", "a_preview.png"]
    assert printed.split() == [
        str(out / name) for name in ("a.png", "a_network.png", "a_preview.png")
    ]
    sprite, preview = (np.asarray(Image.open(out / name)) for name in ("a.png", "a_preview.png"))
    assert sprite.shape == (8, 9, 3)
    assert np.array_equal(preview, sprite.repeat(3, axis=0).repeat(3, axis=1))
    on_the_grid = any_weights.suffix == ".onnx"
    assert Image.open(out / "a_network.png").size == ((9, 8) if on_the_grid else (48, 43))


def test_depixelize_a_sprite_and_an_enlarged_one(call, tmp_path):
    source = draw(tmp_path / "a.png", size=(10, 8))
    assert call("depixelize", source, "-o", tmp_path / "b.png", "--factor", "5")[0] == 0
    assert Image.open(tmp_path / "b.png").size == (50, 40)
    source = draw(tmp_path / "c.png", size=(60, 48))
    assert call("depixelize", source, "-o", tmp_path / "d.png", "--cell-size", "6")[0] == 0
    assert Image.open(tmp_path / "d.png").size == (40, 32)


@pytest.mark.parametrize("tool", TOOLS)
def test_folders_keep_their_structure(tool, call, tmp_path):
    folder = tmp_path / "in"
    draw(folder / "a.png", (20, 16))
    draw(folder / "deep" / "er" / "b.JPG", (20, 16))
    draw(folder / "deep" / "a.bmp", (20, 16))
    (folder / "notes.txt").write_text("not an image")
    assert call(tool, folder, "-o", tmp_path / "flat")[0] == 0
    assert tree(tmp_path / "flat") == ["a.png"]
    code, out, err = call(tool, folder, "-r", "-o", tmp_path / "all")
    assert code == 0
    assert tree(tmp_path / "all") == ["a.png", "deep/a.png", "deep/er/b.png"]
    assert len(out.splitlines()) == 3 and "3/3" not in err  # no bar where nobody looks


def test_globs_that_the_shell_left_alone(call, tmp_path):
    for name in ("a.png", "b.png", "c.jpg"):
        draw(tmp_path / "in" / name)
    assert call("pixelize", tmp_path / "in" / "*.png", "-o", tmp_path / "out")[0] == 0
    assert tree(tmp_path / "out") == ["a.png", "b.png"]
    odd = draw(tmp_path / "[x].png")
    assert call("pixelize", odd, "-o", tmp_path / "out")[0] == 0
    code, _, err = call("pixelize", tmp_path / "*.gif", "-o", tmp_path / "out")
    assert_one_line("pixelize", code, err, "*.gif: no file matches")


def test_results_inside_the_input_folder_are_not_inputs_of_the_next_run(call, tmp_path):
    draw(tmp_path / "a.png")
    for _ in range(2):
        assert call("pixelize", tmp_path, "-r", "-o", tmp_path / "out", "--overwrite")[0] == 0
    assert tree(tmp_path) == ["a.png", "out/a.png"]


@pytest.mark.parametrize("tool", TOOLS)
def test_json(tool, call, tmp_path):
    good, bad = draw(tmp_path / "a.png", (24, 16)), tmp_path / "b.png"
    bad.write_text("no image")
    code, out, _ = call(tool, good, bad, "-o", tmp_path / "out", "--json")
    assert code == 1
    first, second = json_lines(out)
    written = Image.open(first["output"])
    assert (
        tuple(first["size"]) == written.size
        and first["input_size"] == [24, 16]
        and first["frames"] == 1
    )
    assert first["input"] == str(good) and first["error"] is None and first["seconds"] >= 0
    cells = [24 / written.width, 16 / written.height] if tool == "pixelize" else [1, 1]
    assert first["cell_size"] == cells
    assert second["input"] == str(bad) and second["output"] is None and "b.png" in second["error"]
    assert out.count("\n") == 2


def bad_file(kind, folder):
    path = folder / f"{kind}.png"
    if kind == "truncated":
        Image.fromarray(
            np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        ).save(path)
        path.write_bytes(path.read_bytes()[:2000])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("this is not an image")
    elif kind == "huge":
        # Only the header matters: 100,000 x 100,000 pixels must be refused before they are decoded.
        draw(path, (8, 8))
        data = bytearray(path.read_bytes())
        data[16:24] = (100_000).to_bytes(4, "big") * 2
        data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
        path.write_bytes(data)
    return path  # "missing": nothing is written


BAD_FILES = ["missing", "truncated", "empty", "text", "huge"]


@pytest.mark.parametrize("kind", BAD_FILES)
@pytest.mark.parametrize("tool", TOOLS)
def test_a_bad_file_is_one_line_and_exit_code_2(tool, kind, call, tmp_path):
    path = bad_file(kind, tmp_path)
    code, out, err = call(tool, path, "-o", tmp_path / "out")
    assert_one_line(tool, code, err, path)
    assert out == "" and not (tmp_path / "out").exists()


@pytest.mark.parametrize("tool", TOOLS)
def test_a_batch_does_the_others_and_lists_the_bad_ones(tool, call, tmp_path):
    paths = [bad_file(kind, tmp_path / "in") for kind in BAD_FILES[:1]]
    (tmp_path / "in").mkdir()
    paths += [bad_file(kind, tmp_path / "in") for kind in BAD_FILES[1:]]
    good = [draw(tmp_path / "in" / name, (16, 16)) for name in ("a.png", "z.png")]
    code, out, err = call(tool, good[0], *paths, good[1], "-o", tmp_path / "out")
    assert code == 1
    assert tree(tmp_path / "out") == ["a.png", "z.png"]
    assert "5 of 7 files failed:" in err and "Traceback" not in err
    assert all(str(path) in err for path in paths)
    assert len(out.splitlines()) == 2


@pytest.mark.parametrize("tool", TOOLS)
def test_an_empty_folder(tool, call, tmp_path):
    (tmp_path / "nothing").mkdir()
    code, _, err = call(tool, tmp_path / "nothing", "-o", tmp_path / "out")
    assert_one_line(tool, code, err, tmp_path / "nothing")
    good = draw(tmp_path / "a.png")
    code, out, err = call(tool, tmp_path / "nothing", good, "*.gif", "-o", tmp_path / "out")
    assert (code, out) == (1, f"{tmp_path}/out/a.png\n")
    assert "2 of 3 files failed" in err and "nothing: no images" in err and "no file matches" in err


@pytest.mark.parametrize("content", [None, b"", b"garbage"])
@pytest.mark.parametrize("tool", TOOLS)
def test_bad_weights(tool, content, call, tmp_path):
    weights = tmp_path / "bad.safetensors"
    if content is not None:
        weights.write_bytes(content)
    code, _, err = call(tool, draw(tmp_path / "a.png"), "-o", tmp_path / "out", weights=weights)
    assert_one_line(tool, code, err, weights)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "a.png"], "a.png: is no weights file (.safetensors, .onnx, .pth)"),
        (["--model", "no.onnx"], "no.onnx: no such file"),
        (["--weights", "no.onnx"], "no.onnx: no such file"),
    ],
)
@pytest.mark.parametrize("tool", ["pixelize", "depixelize"])
def test_weights_that_are_missing_or_none(tool, arguments, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw(tmp_path / "a.png")
    code = TOOLS[tool](["a.png", "-o", "out", *arguments])
    assert_one_line(tool, code, capsys.readouterr().err, message)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("tool", TOOLS)
def test_an_unknown_model(tool, tmp_path, capsys):
    code = TOOLS[tool](
        [str(draw(tmp_path / "a.png")), "-o", str(tmp_path / "out"), "--model", "nonsense"]
    )
    assert_one_line(tool, code, capsys.readouterr().err, "no model 'nonsense'")


@pytest.mark.parametrize("tool", TOOLS)
def test_nothing_is_overwritten_unasked(tool, call, tmp_path):
    source, target = draw(tmp_path / "a.png"), tmp_path / "out" / "a.png"
    target.parent.mkdir()
    target.write_text("precious")
    code, _, err = call(tool, source, "-o", target.parent)
    assert_one_line(tool, code, err, target, "--overwrite")
    assert target.read_text() == "precious"
    code, _, err = call(tool, tmp_path / "aa.png", "-o", target)
    assert_one_line(tool, code, err, "aa.png: no such file")
    assert call(tool, source, "-o", target.parent, "--overwrite")[0] == 0
    assert Image.open(target).format == "PNG"


def test_an_existing_side_output_stops_the_file_before_anything_is_written(call, tmp_path):
    source, out = draw(tmp_path / "a.png"), tmp_path / "out"
    draw(out / "a_preview.png")
    code, _, err = call("pixelize", source, "-o", out, "--preview", 2)
    assert_one_line("pixelize", code, err, "a_preview.png: exists")
    assert tree(out) == ["a_preview.png"]


@pytest.mark.parametrize("tool", TOOLS)
def test_an_input_is_never_written_over(tool, call, tmp_path):
    source = draw(tmp_path / "a.png")
    before = source.read_bytes()
    for out in (tmp_path, source, tmp_path / "x" / ".." / "a.png"):
        code, _, err = call(tool, source, "-o", out, "--overwrite")
        assert_one_line(tool, code, err, "would be written over the input")
    assert source.read_bytes() == before


def test_numbered_images_are_inputs_too(call, tmp_path):
    frames = [draw(tmp_path / f"w_{number}.png") for number in (1, 2)]
    before = [frame.read_bytes() for frame in frames]
    for source, out in (
        ("w_%d.png", "w_%01d.png"),
        ("w_%d.png", "w_2.png"),
        ("w_1.png", "w_1.png"),
    ):
        code, _, err = call("pixelize", tmp_path / source, "-o", tmp_path / out, "--overwrite")
        assert_one_line("pixelize", code, err, "would be written over the input")
    assert [frame.read_bytes() for frame in frames] == before
    assert call("pixelize", tmp_path / "w_%d.png", "-o", tmp_path / "w_%03d.png")[0] == 0
    assert tree(tmp_path) == ["w_001.png", "w_002.png", "w_1.png", "w_2.png"]


def test_a_palette_is_never_written_over_an_input_or_a_result(call, tmp_path):
    source = draw(tmp_path / "in.png")
    before = source.read_bytes()
    for out, palette in (
        ("o.png", "in.png"),
        ("o.png", "o.png"),
        ("out", "out/in_preview.png"),
        ("out", "x/../in.png"),
    ):
        options = [
            "--colors",
            4,
            "--preview",
            2,
            "--palette-out",
            tmp_path / palette,
            "--overwrite",
        ]
        code, _, err = call("pixelize", source, "-o", tmp_path / out, *options)
        assert_one_line("pixelize", code, err, Path(palette).name, "would be written")
    assert tree(tmp_path) == ["in.png"] and source.read_bytes() == before


def test_two_inputs_for_one_output_are_refused_before_work(call, tmp_path):
    first, second = draw(tmp_path / "x" / "a.png"), draw(tmp_path / "y" / "a.png")
    code, _, err = call("pixelize", first, second, "-o", tmp_path / "out")
    assert_one_line("pixelize", code, err, first, second, tmp_path / "out" / "a.png")
    third = draw(tmp_path / "x" / "a_preview.png")
    code, _, err = call("pixelize", first, third, "-o", tmp_path / "out", "--preview", 2)
    assert_one_line("pixelize", code, err, "a_preview.png: both")
    assert not (tmp_path / "out").exists()


def test_outputs_that_make_no_sense(call, tmp_path):
    first, second = draw(tmp_path / "a.png"), draw(tmp_path / "b.png")
    code, _, err = call("pixelize", first, second, "-o", tmp_path / "out.png")
    assert_one_line("pixelize", code, err, "names one file, but there are 2 inputs")
    code, _, err = call("pixelize", first, "-o", tmp_path / "out.jpg")
    assert_one_line("pixelize", code, err, "out.jpg: results are PNG or Aseprite files")
    for name in ("out.TIF", "out.svg", "out.txt"):
        code, _, err = call("pixelize", first, "-o", tmp_path / name)
        assert_one_line("pixelize", code, err, f"{name}: results are PNG or Aseprite files")
    code, _, err = call("pixelize", first, "-o", tmp_path / "out.png", "--suffix", "_x")
    assert_one_line("pixelize", code, err, "the suffix _x does nothing", "(--suffix)")
    code, _, err = call("pixelize", first, "-o", tmp_path / "out", "--suffix", "/x")
    assert_one_line("pixelize", code, err, "the suffix /x is a part of a name", "(--suffix)")
    for empty in (["", "-o", tmp_path / "out"], [first, "-o", ""]):
        code, _, err = call("pixelize", *empty)
        assert_one_line("pixelize", code, err, "a name is empty")
    (tmp_path / "taken").write_text("a file")
    code, _, err = call("pixelize", first, "-o", tmp_path / "taken")
    assert_one_line("pixelize", code, err, "taken: is a file")


@pytest.mark.parametrize(
    "tool, arguments, message",
    [
        ("pixelize", ["--cell-size", "1.5"], "cell size 1.5 is out of range"),
        ("pixelize", ["--cell-size", "big"], "'big' is not a number"),
        ("pixelize", ["--cell-size", "1/0"], "'1/0' is not a number"),
        ("pixelize", ["--size", "4x"], "'4x' is not a size such as 64x48, 64 or max:64"),
        ("pixelize", ["--size", "400"], "largest size is 24x20"),
        ("pixelize", ["--size", "9", "--cell-size", "4"], "exclude each other"),
        ("pixelize", ["--model", "x"], "not allowed with"),
        ("pixelize", ["--preview", "0"], "--preview"),
        ("pixelize", ["--preview", "9999"], "too large"),
        ("pixelize", ["--nonsense"], "--nonsense (see"),
        ("pixelize", ["--colrs", "8"], "--colrs 8: did you mean --colors? (see"),
        ("pixelize", ["--col", "8"], "--col 8: did you mean --colors? (see"),
        ("pixelize", ["--jagies", "--pad=9"], "--jagies: did you mean --jaggies? (see"),
        ("depixelize", ["--factor", "1"], "factor 1 is out of range: give one from 2 to 16"),
        ("depixelize", ["--factor", "many"], "'many' is not a number"),
        ("depixelize", ["--cell-size", "0"], "cell size 0 is out of range"),
        ("depixelize", ["--preview", "2"], "--preview 2 (see"),
        ("depixelize", ["--seed", "3", "--faktor=2"], "--faktor=2: did you mean --factor? (see"),
        ("depixelize", ["--faktor=2"], "--faktor=2: did you mean --factor? (see"),
    ],
)
def test_wrong_arguments(tool, arguments, message, call, tmp_path):
    code, _, err = call(tool, draw(tmp_path / "a.png"), "-o", tmp_path / "out", *arguments)
    assert_one_line(tool, code, err, message)
    assert not (tmp_path / "out").exists()


def test_a_link_that_leads_nowhere_is_not_replaced_unasked(call, tmp_path):
    source, link = draw(tmp_path / "a.png"), tmp_path / "b.png"
    link.symlink_to(tmp_path / "nowhere.png")
    code, _, err = call("pixelize", source, "-o", link)
    assert_one_line("pixelize", code, err, "b.png: exists")
    assert link.is_symlink()
    assert call("pixelize", source, "-o", link, "--overwrite")[0] == 0
    assert Image.open(link).format == "PNG" and not link.is_symlink()


def test_names_that_are_not_utf_8_or_have_line_breaks(call, tmp_path, monkeypatch):
    sources = [
        draw(Path(os.fsdecode(os.fsencode(tmp_path) + name)))
        for name in (b"/in/a\nb.png", b"/in/b\xff.png", b"/in/\xc3\xbc.png")
    ]
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    monkeypatch.setattr(sys, "stdout", stdout)
    code, _, err = call("pixelize", *sources, "-o", tmp_path / "out")
    assert code == 0, err
    assert tree(tmp_path / "out") == sorted(source.name for source in sources)
    assert all(
        os.fsencode(tmp_path / "out" / source.name) in stdout.buffer.getvalue()
        for source in sources
    )


def test_a_flag_that_is_cut_short_is_named_before_what_is_missing(call, tmp_path):
    for flag, meant in (
        ("--outp", "--output"),
        ("--vers", "--version"),
        ("--out=x.png", "--output"),
    ):
        code, _, err = call("pixelize", draw(tmp_path / "a.png"), flag)
        assert_one_line("pixelize", code, err, f"{flag}: did you mean {meant}?")
    for missing in ([tmp_path / "a.png"], [tmp_path / "a.png", "--", "--b.png"]):
        code, _, err = call("pixelize", *missing)
        assert_one_line("pixelize", code, err, "the result needs a name")


@pytest.mark.parametrize("inputs", ["in", "in/*.png"])
def test_a_link_whose_file_is_gone_is_told_in_a_folder_and_by_a_glob(inputs, call, tmp_path):
    draw(tmp_path / "in" / "good.png")
    (tmp_path / "in" / "gone.png").symlink_to("nowhere.png")
    (tmp_path / "in" / "loop.png").symlink_to("loop.png")
    (tmp_path / "in" / "folder.png").mkdir()
    os.mkfifo(tmp_path / "in" / "pipe.png")
    out = tmp_path / "in" / "out"
    code, _, err = call("pixelize", tmp_path / inputs, "-o", out)
    assert code == 1 and "2 of 3 files failed:" in err and "gone.png: no such file" in err
    assert tree(out) == ["good.png"]


def test_a_name_that_does_not_work_fails_alone(call, tmp_path):
    good, long, loop = (
        draw(tmp_path / "good.png"),
        draw(tmp_path / f"{'x' * 251}.png"),
        tmp_path / "loop.png",
    )
    loop.symlink_to(loop)
    code, _, err = call("pixelize", loop, long, good, "-o", tmp_path / "out", "--preview", 2)
    assert code == 1 and "2 of 3 files failed:" in err and "links" in err and "too long" in err
    assert tree(tmp_path / "out") == ["good.png", "good_preview.png"]
    code, _, err = call("pixelize", long, "-o", tmp_path / "out", "--sheet", "auto")
    assert_one_line("pixelize", code, err, "cannot be used (File name too long)")
    code, _, err = call("pixelize", good, "-o", loop)
    assert_one_line("pixelize", code, err, "loop.png: exists")


def test_an_unexpected_error_does_not_lose_the_others(call, tmp_path, monkeypatch):
    def fail_for_wide(votes, *arguments):
        if votes.source_size == (64, 8):
            raise ZeroDivisionError("by\nzero")
        return finish(votes, *arguments)

    finish = sprites.finish
    monkeypatch.setattr(sprites, "finish", fail_for_wide)
    sources = [draw(tmp_path / "in" / "a.png", (64, 8)), draw(tmp_path / "in" / "b.png")]
    code, out, err = call("pixelize", *sources, "-o", tmp_path / "out", "--json")
    first, second = json_lines(out)
    assert (
        code == 1
        and first["error"] == f"{sources[0]}: ZeroDivisionError: by zero"
        and second["error"] is None
    )
    code, _, err = call("pixelize", sources[0], "-o", tmp_path / "out")
    assert_one_line("pixelize", code, err, first["error"])


@pytest.mark.parametrize("name, stem", [("%04d", "walk"), ("walk_%04d", "walk")])
def test_numbered_images_give_an_animation_a_name(name, stem, call, tmp_path):
    for number in (1, 2):
        draw(tmp_path / "walk" / f"{name % number}.png")
    code, _, err = call(
        "pixelize",
        tmp_path / "walk" / f"{name}.png",
        "-o",
        tmp_path / "out",
        "--format",
        "gif",
        "--preview",
        2,
    )
    assert code == 0, err
    assert tree(tmp_path / "out") == [f"{stem}.gif", f"{stem}_preview.gif"]
    assert call("pixelize", tmp_path / "walk" / f"{name}.png", "-o", tmp_path / "again")[0] == 0
    assert tree(tmp_path / "again") == [f"{name % 1}.png", f"{name % 2}.png"]


def test_a_still_may_have_a_percent_sign_in_its_name(call, tmp_path):
    source = draw(tmp_path / "100%done.png")
    assert call("pixelize", source, "-o", tmp_path / "out")[0] == 0
    assert call("pixelize", source, "-o", tmp_path / "out" / "50%done.png")[0] == 0
    assert tree(tmp_path / "out") == ["100%done.png", "50%done.png"]


def test_missing_arguments(capsys):
    assert pixelize.main([]) == 2
    form = "as in 'pixelize IN.png -o OUT.png'"
    assert_one_line("pixelize", 2, capsys.readouterr().err, form)


def test_a_write_that_fails_leaves_nothing_behind(call, tmp_path, monkeypatch):
    def fail(source, target):
        raise OSError("no space left on device")

    source = draw(tmp_path / "a.png")
    monkeypatch.setattr(files.os, "replace", fail)
    code, _, err = call("pixelize", source, "-o", tmp_path / "out")
    assert_one_line("pixelize", code, err, "a.png")
    assert tree(tmp_path) == ["a.png"]


def test_interruption_is_exit_code_130_without_a_traceback(capsys):
    def interrupted():
        raise KeyboardInterrupt

    assert run_tool("pixelize", interrupted) == 130
    assert capsys.readouterr().err == "pixelize: interrupted\n"


def run_script(tool, *arguments, cwd):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, ROOT / "tools" / f"{tool}.py", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("tool", TOOLS)
def test_the_scripts(tool, quick_weights, tmp_path):
    draw(tmp_path / "a.png", (16, 16))
    native = ["--native"] if tool == "depixelize" else ["--size", "3"]
    done = run_script(
        tool, "a.png", "-o", "b.png", "--weights", quick_weights, *native, cwd=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "b.png\n", "")
    assert Image.open(tmp_path / "b.png").size == ((3, 3) if tool == "pixelize" else (64, 64))
    failed = run_script(tool, cwd=tmp_path)
    assert_one_line(tool, failed.returncode, failed.stderr, f"as in '{tool} IN.png -o OUT.png'")


def test_closed_and_full_standard_streams(call, quick_weights, tmp_path, monkeypatch):
    source = draw(tmp_path / "a.png")
    command = [
        sys.executable,
        ROOT / "tools" / "pixelize.py",
        source,
        "-o",
        tmp_path / "out",
        "--weights",
        quick_weights,
    ]
    with open("/dev/full", "wb") as full:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=environment, text=True, timeout=120
        )
    assert_one_line(
        "pixelize",
        done.returncode,
        done.stderr,
        "stdout: cannot be written (No space left on device)",
    )
    monkeypatch.setattr(sys, "stdin", None)
    code, _, err = call("pixelize", "-", "-o", tmp_path / "b.png")
    assert_one_line("pixelize", code, err, "stdin: is closed")
    monkeypatch.setattr(sys, "stdout", None)
    code, _, err = call("pixelize", source, "-o", tmp_path / "c.png")
    assert_one_line("pixelize", code, err, "stdout: is closed")
    assert call("pixelize", source, "-o", tmp_path / "d.png", "-q")[0] == 0


def test_stdin_is_not_read_beyond_the_limit_of_a_file(call, tmp_path, monkeypatch):
    monkeypatch.setenv("PIXELIZATION_MAX_FILE_BYTES", "1000")
    with open("/dev/zero") as endless:
        monkeypatch.setattr(sys, "stdin", endless)
        code, _, err = call("pixelize", "-", "-o", tmp_path / "a.png")
    assert_one_line("pixelize", code, err, "stdin: is too large", "PIXELIZATION_MAX_FILE_BYTES")


@pytest.mark.parametrize("tool", TOOLS)
def test_help_and_version_do_not_wait_for_torch(tool, tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('torch was imported')")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
        f"from pixelization.apps.cli.{tool} import main; main()"
    )
    for flag, part in (("--help", "examples:"), ("--version", f"{tool} 0.")):
        command, environment = (
            [sys.executable, "-c", code, flag],
            os.environ | {"PYTHONPATH": str(ROOT)},
        )
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and part in done.stdout, done.stderr


def test_a_sprite_is_restyled_at_its_own_size_without_torch(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('torch was imported')")
    source = tmp_path / "sprite.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)).save(source)
    calls = [
        [str(source), "-o", str(tmp_path / f"{number}.png"), *options, "--colors", "4"]
        for number, options in enumerate(
            [["--cell-size", "1"], ["--size", "16"], ["--wrap", "--size", "16"]]
        )
    ]
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
        f"from pixelization.apps.cli.pixelize import main; print(*map(main, {calls}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "0 0 0", done.stderr
    for number in range(3):
        assert Image.open(tmp_path / f"{number}.png").size == (16, 16)
