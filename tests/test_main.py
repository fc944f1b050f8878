"""``python -m pixelization COMMAND``, and configurations that are called by their names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from pixelization.__main__ import COMMANDS, main
from pixelization.apps.cli.arguments import config_path
from pixelization.config import CONFIGS
from tests.make import random_sprite

ROOT = Path(__file__).resolve().parents[1]


def python(*arguments, cwd):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120
    )


def test_help_lists_every_command_with_a_line(capsys):
    assert main(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name, about in COMMANDS.items():
        assert any(line.split(None, 1) == [name, about] for line in lines)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            [],
            "name a command; there are pixelize, depixelize, snap, studio, train, shards, "
            "evaluate, export, study",
        ),
        (["pixel-snap"], "unknown command 'pixel-snap'; did you mean 'snap'?"),
        (["pixelise"], "unknown command 'pixelise'; did you mean 'pixelize'?"),
        (["-x"], "unknown command '-x'; there are "),
    ],
)
def test_other_words_are_one_line_and_exit_code_2(arguments, message, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"python -m pixelization: error: {message}")


def test_a_command_gets_what_follows_it(tmp_path, capsys):
    sprite = Image.fromarray(random_sprite(size=(36, 40))[..., :3])
    sprite.resize((160, 144), Image.Resampling.NEAREST).save(tmp_path / "a.png")
    found = main(
        ["snap", str(tmp_path / "a.png"), "-o", str(tmp_path / "b.png"), "--cell-size", "4"]
    )
    assert (found, capsys.readouterr().out) == (0, f"{tmp_path / 'b.png'}\n")
    assert Image.open(tmp_path / "b.png").size == (40, 36)
    assert main(["snap"]) == 2
    assert capsys.readouterr().err.startswith("pixel-snap: error: ")


# As `python -m` runs modules, but all in one process; each prints a line with how it ended.
EACH = """
import runpy, sys
for line in sys.argv[1:]:
    sys.argv = line.split()
    try:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        print("END", end.code or 0)
"""


def test_every_command_has_help_without_torch(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('torch was imported')")
    lines = [f"pixelization {name} --help" for name in COMMANDS]
    done = subprocess.run(
        [sys.executable, "-c", EACH, *lines],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    *told, rest = done.stdout.split("END 0\n")
    assert (done.returncode, rest, len(told)) == (0, "", len(lines)), done.stderr
    for line, each in zip(lines, told, strict=True):
        assert each.startswith("usage: ") and "examples:" in each, line


def test_a_configuration_is_a_file_or_has_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert config_path("smoke") == CONFIGS / "smoke.yaml"
    assert config_path("eval/quick") == CONFIGS / "eval" / "quick.yaml"
    assert config_path("mine.yaml") == Path("mine.yaml")  # whoever reads it says that it is missing
    Path("smoke").write_text("a file of one's own wins")
    assert config_path("smoke") == Path("smoke")
    for wrong, told in (
        ("smoky", "did you mean 'smoke'"),
        ("quick", "did you mean 'eval/quick'"),
        ("zzz", "there are ablation, .*eval/quick.*smoke"),
    ):
        with pytest.raises(ValueError, match=f"no file {wrong}, and none that ships; {told}"):
            config_path(wrong)


def test_an_evaluation_by_name_from_another_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    methods = ["methods=[{name: nearest, baseline: nearest}]", "photos=[astronaut]"]
    assert main(["evaluate", "--cfg", "eval/smoke", *methods]) == 0
    assert capsys.readouterr().out == "reports/smoke\n"
    assert (tmp_path / "reports/smoke/index.html").is_file()


@pytest.mark.parametrize("name", ["train", "evaluate", "study", "export", "shards"])
def test_usage_says_what_is_typed_and_messages_begin_with_the_name(name, capsys):
    assert main([name, "--no-such-option"]) == 2
    line = capsys.readouterr().err
    assert line.startswith(f"{name}: error: ") and line.count("\n") == 1
    assert line.endswith(f"(see python -m pixelization {name} --help)\n")


@pytest.mark.parametrize(
    "typed",
    [
        "train --cfg smoke --res",
        "evaluate --cfg eval/smoke --over",
        "study page blind blind.html --tit x",
        "study sheets blind --key key.json --sources drawings --cou 3 a=lite b=nearest",
        "study forgery blind --key key.json --sprites art --cou 3 a=artists",
        "study score key.json answers.json --mark scores.md",
    ],
)
def test_flags_are_not_abbreviated(typed, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)  # a mistake of the test would train
    assert main(typed.split()) == 2
    line = capsys.readouterr().err
    assert "error: unrecognized arguments: --" in line and line.count("\n") == 1
