"""The folder of a report: whole or not at all, also where a run was killed."""

import os
import subprocess
import sys

import pytest

from pixelization.errors import UserError
from pixelization.evaluation.report import new_folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# Imports once and forks, since that takes longer than all else.
KILLED = """
import os, sys
from pathlib import Path
from pixelization.evaluation.report import new_folder
for overwrite in (False, True):
    if os.fork() == 0:
        with new_folder(Path(sys.argv[1 + overwrite]), overwrite=overwrite) as folder:
            (folder / "sheets").mkdir(); (folder / "run.json").write_text("half")
            os.kill(os.getpid(), 9)
    print(os.waitstatus_to_exitcode(os.wait()[1]))
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Where runs were killed: a new report, and one in place of another."""
    new, old = (tmp_path_factory.mktemp(name) / "reports/a" for name in ("new", "old"))
    old.mkdir(parents=True)
    (old / "run.json").write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(new), str(old)], capture_output=True, text=True
    )
    assert done.stdout == "-9\n-9\n", done.stderr
    return new, old


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_a_killed_run_leaves_is_gone_after_the_next(overwrite, killed):
    report = killed[overwrite]
    assert len(names(report.parent)) == 1 + overwrite
    with new_folder(report.with_name("b"), overwrite=False) as folder:
        (folder / "run.json").write_text("b")
    assert names(report.parent) == ["a", "b"][not overwrite :]
    assert not overwrite or (report / "run.json").read_text() == "old"


def test_a_report_that_was_being_replaced_comes_back(tmp_path):
    (tmp_path / ".a.old").mkdir()
    (tmp_path / ".a.old/run.json").write_text("old")
    with pytest.raises(UserError, match="a: exists"), new_folder(tmp_path / "a", overwrite=False):
        pass
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a/run.json").read_text() == "old"
    with new_folder(tmp_path / "a", overwrite=True) as folder:
        (folder / "run.json").write_text("new")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a/run.json").read_text() == "new"


def test_a_report_that_fails_leaves_the_one_that_is_there(tmp_path):
    with new_folder(tmp_path / "a", overwrite=False) as folder:
        (folder / "run.json").write_text("old")
    with pytest.raises(KeyError), new_folder(tmp_path / "a", overwrite=True) as folder:
        raise KeyError
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a/run.json").read_text() == "old"


def test_what_a_method_meets_is_not_told_as_of_the_report(tmp_path, monkeypatch):
    with pytest.raises(ConnectionError), new_folder(tmp_path / "a", overwrite=False):
        raise ConnectionError
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file/a", tmp_path / ("a" * 300)):
        with pytest.raises(UserError, match="cannot be written"), new_folder(path, overwrite=False):
            pass

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with (
        pytest.raises(UserError, match="a: cannot be written .No space"),
        new_folder(tmp_path / "a", overwrite=False),
    ):
        pass
    assert names(tmp_path) == ["file"]
