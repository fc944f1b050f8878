"""What every tool does around its work: closed streams, signals, names that are no text."""

import contextlib
import fcntl
import io
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization.animation.writing import write_animation
from pixelization.apps.cli import depixelize
from pixelization.apps.cli.running import progress_bar, run_tool
from pixelization.errors import UserError
from pixelization.interrupts import STOPPING

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "pixelization", "depixelize", "--native", "--method", "nearest"]


def draw(path, side=8, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def shell(command, **options):
    """A command of bash with the tool as ``$TOOL``."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = ["bash", "-c", command, "bash", *COMMAND]
    return subprocess.run(words, capture_output=True, env=environment, timeout=60, **options)


def test_closed_streams_are_no_failure(tmp_path):
    good, bad = draw(tmp_path / "good.png"), tmp_path / "bad.png"
    bad.write_text("no image")
    for number, streams in enumerate(("2>&-", "<&- 2>&-", "2>/dev/full", "<&- >/dev/null 2>&-")):
        out = tmp_path / str(number)
        done = shell(f'"$@" {good} {bad} -o {out} {streams}')
        assert done.returncode == 1, streams
        assert done.stdout in (b"", f"{out}/good.png\n".encode())
        assert [path.name for path in out.iterdir()] == ["good.png"]
        assert Image.open(out / "good.png").size == (32, 32)
    done = shell(f'"$@" {good} -o - 2>&-')
    assert done.returncode == 0 and done.stdout == (tmp_path / "0" / "good.png").read_bytes()
    done = shell(f'"$@" {bad} -o - 2>&-')
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.fixture
def slow(tmp_path):
    """Starts a batch in which the second file takes forever; its name, and what it wrote."""
    good = draw(tmp_path / "a.png")
    code = (
        "import sys, time\n"
        "from pixelization.apps.cli import depixelize\n"
        "from pixelization.images import writing\n"
        "from pixelization.batch import output\n"
        "write = output.write_png\n"
        "def slowly(image, path, **options):\n"
        "    if path.name.startswith('a'): return write(image, path, **options)\n"
        "    with writing.whole_file(path, overwrite=True) as temporary:\n"
        "        temporary.write_bytes(b'half'); print('busy', file=sys.stderr, flush=True)\n"
        "        for _ in range(600): time.sleep(0.1)\n"
        "output.write_png = slowly\n"
        "sys.exit(depixelize.main(sys.argv[1:]))\n"
    )

    def start(*arguments):
        draw(tmp_path / "b.png")
        command = [sys.executable, "-c", code, good, tmp_path / "b.png", "-o", tmp_path / "out"]
        started = subprocess.Popen(
            [*map(str, command), *COMMAND[4:], *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        assert started.stderr.readline() == "busy\n"
        return started

    return start, tmp_path / "out"


@pytest.mark.parametrize(
    ("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130), ("SIGKILL", -9)]
)
@pytest.mark.usefixtures("signals_arrive")
def test_a_signal_ends_a_batch_as_ctrl_c_does(name, code, slow):
    start, out = slow
    process = start("--json")
    process.send_signal(getattr(signal, name))
    printed, told = process.communicate(timeout=30)
    assert process.returncode == code
    (report,) = map(json.loads, printed.splitlines())
    assert report["output"] == str(out / "a.png") and report["error"] is None
    left = sorted(path.name for path in out.iterdir())
    if name == "SIGKILL":
        assert len(left) == 2
        done = shell(f'"$@" {out}/a.png -o {out}/c.png')  # the next run into this folder
        assert done.returncode == 0
        assert sorted(path.name for path in out.iterdir()) == ["a.png", "c.png"]
    else:
        assert left == ["a.png"]
        assert "1 of 2 files were done before" in told and "interrupted" in told


def test_signals_that_are_ignored_stay_ignored(tmp_path):
    def body():
        os.kill(os.getpid(), signal.SIGHUP)
        time.sleep(0.01)
        return 0

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        assert run_tool("tool", body) == 0
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        assert run_tool("tool", body) == 129
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("signals_arrive")
def test_a_signal_while_the_former_handlers_are_put_back_gives_no_traceback(capsys):
    before = {number: signal.getsignal(number) for number in STOPPING}
    patch = pytest.MonkeyPatch()

    def body():
        patch.setattr(signal, "signal", lambda number, handler: signal.raise_signal(number))
        return 0

    try:
        assert run_tool("tool", body) == 128 + STOPPING[0]
        assert capsys.readouterr().err == "tool: interrupted\n"
    finally:
        patch.undo()
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize(
    "arguments", ["pixelize --help", "pixelize -V", "pixelize --list-palettes", "--help", "-V"]
)
def test_what_is_told_and_cannot_be_written_is_a_line(arguments):
    command = [sys.executable, "-m", "pixelization", *arguments.split()]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=environment, text=True, timeout=60
        )
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert done.stderr.endswith("error: stdout: cannot be written (No space left on device)\n")


@pytest.mark.usefixtures("signals_arrive")
@pytest.mark.parametrize("command", [["-m", "pixelization"], [ROOT / "tools" / "pixelize.py"]])
def test_a_signal_while_a_command_is_imported_is_a_line(command, tmp_path):
    stop = "import signal\nsignal.raise_signal(signal.SIGINT)"
    (tmp_path / "lzma.py").write_text(stop)  # of shutil, which does without it, too
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    name = ["pixelize"] if command[0] == "-m" else []
    done = subprocess.run(
        [sys.executable, *command, *name, "--help"],
        env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "pixelize: interrupted\n")


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\nb", "a\rb", "\x9b1m", "\u202egnp", "\x07"])
def test_what_a_name_holds_never_reaches_the_terminal(name, tmp_path, capsys):
    source = tmp_path / f"{name}.png"
    source.write_text("no image")
    other = draw(tmp_path / "in" / f"{name}.jpg")
    draw(tmp_path / "in" / f"{name}.png")
    common = ["-o", str(tmp_path / "out"), "--native", "--method", "nearest"]
    assert depixelize.main([str(source), *common]) == 2
    err = capsys.readouterr().err
    assert depixelize.main([str(source), str(other), str(other.parent), *common]) in (1, 2)
    err += capsys.readouterr().err
    assert depixelize.main([str(other.parent), *common]) == 0
    warned = capsys.readouterr().err
    assert "is written to" in warned
    assert depixelize.main([str(source), "-o", "x", "--method", name]) == 2
    for text in (err, warned, capsys.readouterr().err):
        assert text.replace("\n", "").isprintable()


def test_on_a_terminal_paths_are_shown_escaped(tmp_path, monkeypatch, capsys):
    source = draw(tmp_path / "a\x1b[0m.png")
    arguments = [str(source), "-o", str(tmp_path / "out"), "--native", "--method", "nearest"]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert depixelize.main(arguments) == 0
    assert capsys.readouterr().out == f"{tmp_path}/out/a\\x1b[0m.png\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    assert depixelize.main([*arguments, "--overwrite"]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/out/a\x1b[0m.png\n"


def test_errors_name_the_flag_that_mends_them(capsys):
    def fail():
        raise UserError("cells are too small", option="cell_size")

    assert run_tool("tool", fail) == 2
    assert capsys.readouterr().err == "tool: error: cells are too small (--cell-size)\n"


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("can't allocate memory: 1 byte")])
def test_too_little_memory_is_a_line(error, capsys):
    def fail():
        raise error

    assert run_tool("tool", fail) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_bars_are_shown_on_a_terminal_only_and_inside_one_file(tmp_path, monkeypatch, capsys):
    frames = [np.full((8, 8, 3), value, np.uint8) for value in (0, 90, 200)]
    write_animation(frames, tmp_path / "a.gif", durations=[100] * 3, plays=0, format="gif")
    arguments = [str(tmp_path / "a.gif"), "-o", str(tmp_path / "out"), *COMMAND[4:], "--overwrite"]
    assert depixelize.main(arguments) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert depixelize.main(arguments) == 0
    assert "3frame" in capsys.readouterr().err
    assert depixelize.main([*arguments, "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    draw(tmp_path / "b.png")
    assert depixelize.main([str(tmp_path / "b.png"), *arguments]) == 0
    assert "2/2" in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("shown", [True, False])
def test_a_bar_is_shown_on_a_terminal_only(shown, monkeypatch):
    monkeypatch.setattr(sys, "stderr", err := Terminal() if shown else io.StringIO())
    out = io.StringIO()
    with progress_bar(2, "file", hidden=False) as bar:
        bar.update()
        bar.write("one.png", file=out)
        bar.update()
    assert out.getvalue() == "one.png\n"
    assert ("2/2" in err.getvalue()) is shown and (err.getvalue() == "") is not shown


def test_a_hidden_bar_shows_nothing_on_a_terminal_either(monkeypatch):
    monkeypatch.setattr(sys, "stderr", err := Terminal())
    with progress_bar(2, "file", hidden=True) as bar:
        bar.update()
        bar.close()
    assert err.getvalue() == ""


def test_on_a_terminal_a_path_begins_a_line_of_its_own(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    Image.fromarray(frames[0]).save(
        tmp_path / "a.gif", save_all=True, append_images=[*map(Image.fromarray, frames[1:])]
    )
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 90, 0, 0))
    command = [*COMMAND, str(tmp_path / "a.gif"), "-o", str(tmp_path / "out"), "--factor", "2"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdout=other, stderr=other, env=environment)
    os.close(other)
    told = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while some := os.read(main, 1024):
            told += some
    os.close(main)
    assert process.wait(60) == 0
    assert b"frame" in told and re.search(rb"[\r\n][^\r\n]*/out/a\.gif\r?\n", told)
    before = told[: told.index(str(tmp_path / "out").encode())]
    assert before.endswith((b"\r", b"\n", b"\x1b[A"))
