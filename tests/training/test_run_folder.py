"""The run folder: damaged or misplaced logs never stop a training; nothing of a run is lost."""

import json
import os

import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

from pixelization.errors import UserError
from pixelization.training import board
from pixelization.training.run_folder import RunFolder, check_folder
from pixelization.training.systems.cascade import CascadeConfig

CONFIG = CascadeConfig()


def used(folder, step=2):
    """Open a folder at a step, and write into all of its logs."""
    opened = RunFolder(folder, CONFIG, step=step)
    opened.log("hello")
    opened.scalars(step + 1, {"loss/G": 0.5})
    opened.sheets(step + 1, lambda: {"cartoons": Image.new("RGB", (8, 8))})
    opened.close()


def test_all_logs_are_written(tmp_path, capsys):
    used(tmp_path / "run")
    assert (tmp_path / "run/log.txt").read_text() == "hello\n"
    assert json.loads((tmp_path / "run/metrics.jsonl").read_text()) == {"step": 3, "loss/G": 0.5}
    assert (tmp_path / "run/samples/cartoons_00000003.png").exists()
    (events,) = (tmp_path / "run/tensorboard").iterdir()
    assert b"loss/G" in events.read_bytes() and b"PNG" in events.read_bytes()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (b'{"step": 1, "a": 1}{"step": 2, "a": 2}', 1),  # two lines joined
        (b'{"a": 1}', 1),
        (b'{"step": "2"}', 1),
        (b'{"step": true}', 1),
        (b"[2]", 1),
        (b"7", 1),
        (b'{"step": 2, "a": "\xff\xfe"}', 1),
        (b"\x00" * 100, 1),
        (b"[" * 100_000, 1),
        (b'{"step": ' + b"9" * 10_000 + b"}", 1),
        (b"", 1),
    ],
)
def test_damaged_lines_of_metrics_are_left_out_and_counted(damage, said, tmp_path, capsys):
    whole = [b'{"step": 1, "a": 0.1}', b'{"step": 2, "a": 0.2}']
    later = b'{"step": 3, "a": 0.3}'
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b"\n".join([whole[0], damage, whole[1], later, b'{"step": 4, "a"']))
    RunFolder(tmp_path, CONFIG, step=2).close()
    assert path.read_bytes().splitlines() == whole
    err = capsys.readouterr().err
    assert err == f"train: warning: {path}: {said} damaged lines were left out\n"


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300))
def test_whatever_metrics_hold_they_stop_nothing(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("run")
    (folder / "metrics.jsonl").write_bytes(content)
    RunFolder(folder, CONFIG, step=2).close()
    for line in (folder / "metrics.jsonl").read_bytes().splitlines():
        assert json.loads(line)["step"] <= 2


@pytest.mark.parametrize("name", ["log.txt", "metrics.jsonl"])
@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_a_log_of_another_kind_is_said_once(name, kind, tmp_path, capsys):
    (tmp_path / name).mkdir() if kind == "folder" else os.mkfifo(tmp_path / name)
    used(tmp_path)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        f"train: warning: {tmp_path / name}: is not a file; training goes on without it"
    ]


@pytest.mark.parametrize("name", ["tensorboard", "samples"])
def test_a_file_in_place_of_a_folder_is_said_once(name, tmp_path, capsys):
    (tmp_path / name).write_text("")
    used(tmp_path)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"train: warning: {tmp_path / name}: ")


def test_a_full_disk_stops_no_log(tmp_path, capsys, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    opened = RunFolder(tmp_path, CONFIG, step=0)
    monkeypatch.setattr(board.EventsWriter, "write_event", full)
    monkeypatch.setattr("pixelization.training.run_folder.write_png", full)
    for file in list(opened._files):
        opened._files[file].close()
        opened._files[file] = open("/dev/full", "w")  # noqa: SIM115  (closed by the folder)
    for step in (1, 2):
        opened.log("hello")
        opened.scalars(step, {"loss/G": 0.5})
        opened.sheets(step, lambda: {"cartoons": Image.new("RGB", (8, 8))})
    opened.close()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4 and all("No space left on device" in line for line in lines)


def test_a_sheet_that_cannot_be_made_stops_nothing(tmp_path, capsys):
    def unreadable():
        raise UserError("a.png: no such file")

    opened = RunFolder(tmp_path, CONFIG, step=0)
    opened.sheets(1, unreadable)
    opened.close()
    assert "samples: a.png: no such file; training goes on" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["checkpoints", "config.yaml"])
def test_what_a_run_needs_is_checked_at_its_start(name, tmp_path):
    path = tmp_path / name
    path.write_text("") if name == "checkpoints" else path.mkdir()
    with pytest.raises(UserError, match=f"{name}: (cannot be created|is a folder)"):
        RunFolder(tmp_path, CONFIG, step=0)


def test_what_a_killed_run_left_is_swept(tmp_path):
    for folder in ("checkpoints", "samples", "."):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f".pipelization-{'0' * 16}.tmp").write_text("not ours")
        (tmp_path / folder / f".pixelization-{'0' * 16}.tmp").write_text("")
    RunFolder(tmp_path, CONFIG, step=0).close()
    assert [path.name[:14] for path in tmp_path.rglob("*.tmp")] == [".pipelization-"] * 3


@pytest.mark.parametrize(
    "name",
    ["config.yaml", "metrics.jsonl", "weights.safetensors", "checkpoints/step_00000001.pt"],
)
def test_no_part_of_a_run_is_taken_for_an_empty_folder(name, tmp_path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "notes.txt").write_text("")
    check_folder(tmp_path, resume=False)
    with pytest.raises(UserError, match="no run to resume"):
        check_folder(tmp_path, resume=True)
    (tmp_path / name).write_text("")
    if name != "weights.safetensors":
        check_folder(tmp_path, resume=True)
    with pytest.raises(UserError, match="already holds a run"):
        check_folder(tmp_path, resume=False)


@pytest.mark.parametrize("others", [[], ["config.yaml"], ["config.yaml", "metrics.jsonl"]])
def test_weights_whose_checkpoints_are_gone_are_not_replaced(others, tmp_path):
    for name in ("weights.safetensors", *others):
        (tmp_path / name).write_text("")
    with pytest.raises(UserError, match="no checkpoint to resume from.*move that file"):
        check_folder(tmp_path, resume=True)
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "step_00000001.pt").write_text("")
    check_folder(tmp_path, resume=True)
