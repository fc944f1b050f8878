"""What counts as a fault, and that its file is kept and read again."""

import time

import pytest

from pixelization.errors import UserError
from tests import targets
from tests.make import tool_module


@pytest.fixture
def fuzz():
    with tool_module("fuzz") as module:
        yield module


def busy(path):
    while time.process_time() < busy.until:
        pass


def raising(error):
    def read(path):
        raise error

    return read


def tried(fuzz, read, out, monkeypatch):
    """A fuzzer that had ``read`` read one file, which it draws itself."""
    target = targets.Target(lambda: {"a-b.hex": b"000000\nffffff\n"}, read)
    monkeypatch.setitem(targets.TARGETS, "style", target)
    fuzzer = fuzz.Fuzzer(["style"], 0, out)
    fuzzer.step()
    return fuzzer


@pytest.mark.parametrize(
    ("read", "counted"),
    [(lambda path: None, "read"), (raising(UserError("line")), "refused")],
)
def test_files_without_a_fault_are_not_kept(fuzz, read, counted, tmp_path, monkeypatch):
    fuzzer = tried(fuzz, read, tmp_path, monkeypatch)
    assert fuzzer.counts == {"style": {counted: 1}} and not fuzzer.kinds
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [KeyError("x"), MemoryError(), UserError(" ")])
def test_other_exceptions_are_faults_and_their_file_is_kept(fuzz, error, tmp_path, monkeypatch):
    fuzzer = tried(fuzz, raising(error), tmp_path, monkeypatch)
    assert fuzzer.counts == {"style": {"faults": 1}} and len(fuzzer.kinds) == 1
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("style-") and file.name.endswith("-a-b.hex")
    with pytest.raises(ValueError if isinstance(error, UserError) else type(error)):
        fuzz.replay(file)


def test_much_time_is_a_fault(fuzz, tmp_path, monkeypatch):
    monkeypatch.setattr(fuzz, "SECONDS", 0.05)
    busy.until = time.process_time() + 0.3
    fuzzer = tried(fuzz, busy, tmp_path, monkeypatch)
    assert fuzzer.counts == {"style": {"faults": 1}} and len(list(tmp_path.iterdir())) == 1


def test_equal_seeds_draw_equal_files(fuzz, tmp_path):
    draws = [
        [fuzz.Fuzzer(["palette"], seed, tmp_path).draw("palette") for _ in range(3)]
        for seed in (1, 1, 2)
    ]
    assert draws[0] == draws[1] != draws[2]


def test_a_run_reads_and_reports(fuzz, tmp_path, capsys):
    assert fuzz.run(["palette", "atlas"], seed=3, minutes=0.005, out=tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["target", "palette", "atlas", "seed"]
