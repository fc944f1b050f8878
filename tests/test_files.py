"""Files that are read once and whole, or refused in one line."""

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pixelization import files
from pixelization.errors import UserError
from pixelization.files import (
    check_free,
    is_pipe,
    places,
    read_whole,
    sweep,
    temporary_folder,
    whole_file,
    whole_files,
    write_whole,
)


def test_a_pipe_is_read_once_and_whole(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    data = os.urandom(3_000_000)
    writer = threading.Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    assert is_pipe(pipe)
    assert read_whole(pipe) == data
    writer.join()


@pytest.mark.parametrize("size", [1001, 10**13])
def test_what_is_larger_than_the_limit_is_not_read(tmp_path, monkeypatch, size):
    monkeypatch.setenv("PIXELIZATION_MAX_FILE_BYTES", "1000")
    file = tmp_path / "a.png"
    with file.open("wb") as sparse:
        sparse.truncate(size)
    with pytest.raises(UserError, match=f"a.png: is too large: {size} bytes, at most 1000 bytes"):
        read_whole(file)


def test_what_never_ends_is_refused_at_the_limit(monkeypatch):
    monkeypatch.setenv("PIXELIZATION_MAX_FILE_BYTES", "1000")
    with pytest.raises(UserError, match="/dev/zero: is too large: .* PIXELIZATION_MAX_FILE_BYTES"):
        read_whole("/dev/zero")


def test_what_cannot_be_read_is_one_line(tmp_path):
    for path, problem in (
        (tmp_path, "is a folder"),
        (tmp_path / "no", "no such file"),
        ("a\0b", "cannot be read"),
        (tmp_path / ("x" * 300), "cannot be read"),
    ):
        assert not is_pipe(path)
        with pytest.raises(UserError, match=problem):
            read_whole(path)


def test_a_file_that_memory_cannot_hold_is_one_line(tmp_path, monkeypatch):
    class Full:
        def __enter__(self):
            raise MemoryError

        def __exit__(self, *error):
            pass

    monkeypatch.setattr("builtins.open", lambda *_: Full())
    with pytest.raises(UserError, match="too large for the memory"):
        read_whole(tmp_path / "a.png")


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o755])
def test_a_file_that_is_replaced_hands_down_its_permissions(mode, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(mode)
    write_whole(path, "new", overwrite=True)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_has_the_permissions_of_new_files(tmp_path):
    (tmp_path / "plain").write_text("")
    write_whole(tmp_path / "a", "", overwrite=False)
    write_whole(tmp_path / "plain", "", overwrite=True)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    write_whole(tmp_path / "link", "", overwrite=True)
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "plain", "link")}
    assert len(modes) == 1


STALE = ".pixelization-0123456789abcdef.tmp"


def test_sweeping_takes_what_a_killed_run_has_left_and_nothing_else(tmp_path):
    kept = ["a.tmp", ".pixelization-x.tmp", STALE + "x", "x" + STALE]
    for name in (*kept, STALE):
        (tmp_path / name).write_text("half")
    other = STALE.replace("0", "1")
    (tmp_path / other / "inside").mkdir(parents=True)
    link = STALE.replace("0", "2")
    (tmp_path / link).symlink_to("a.tmp")
    with whole_file(tmp_path / "b", overwrite=False) as temporary:
        sweep(tmp_path)  # somebody writes: that is no stale file
        temporary.write_text("whole")
        sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*kept, link, "b"])
    sweep(tmp_path / "none")
    sweep(tmp_path / "b")


def test_a_killed_writer_leaves_what_is_swept_and_no_half_file(tmp_path):
    code = (
        "import os, sys; from pixelization.files import whole_file\n"
        "with whole_file(sys.argv[1], overwrite=True) as path:\n"
        "    path.write_text('half'); os.kill(os.getpid(), 9)"
    )
    (tmp_path / "a").write_text("old")
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path / "a")]).returncode == -9
    assert len(list(tmp_path.iterdir())) == 2
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_a_temporary_folder_stays_while_it_is_written_and_is_gone_afterwards(tmp_path):
    with temporary_folder(tmp_path / "new") as folder:
        (folder / "a").write_text("half")
        sweep(tmp_path / "new")
        assert (folder / "a").exists()
    assert not list((tmp_path / "new").iterdir())
    with temporary_folder(tmp_path / "new") as folder:
        (folder / "a").write_text("whole")
        folder.rename(tmp_path / "b")
    assert (tmp_path / "b/a").read_text() == "whole"


def write_all(paths, fails=False, overwrite=False):
    with whole_files(paths, overwrite=overwrite) as temporaries:
        for path, temporary in zip(paths, temporaries, strict=True):
            temporary.write_text(path.stem)
        if fails:
            raise ZeroDivisionError


def test_files_appear_all_or_none_and_the_first_one_last(tmp_path, monkeypatch):
    paths, order, replace = [tmp_path / "new" / f"{name}.txt" for name in "abcd"], [], os.replace
    with pytest.raises(ZeroDivisionError):
        write_all(paths, fails=True)
    assert not [*paths[0].parent.iterdir()]
    monkeypatch.setattr(os, "replace", lambda *names: (order.append(names[1]), replace(*names)))
    write_all(paths)
    assert order == paths[::-1] and "".join(path.read_text() for path in paths) == "abcd"
    assert sorted(paths[0].parent.iterdir()) == paths
    for path in (paths[0], paths[1], paths[3]):
        path.unlink()
    with pytest.raises(UserError, match="c.txt: exists"):
        write_all(paths)
    assert [*paths[0].parent.iterdir()] == [paths[2]]


def test_a_signal_does_not_leave_a_part_of_the_files(tmp_path, monkeypatch):
    paths, replace = [tmp_path / f"{name}.txt" for name in "abc"], os.replace
    signals = [signal.SIGINT]

    def interrupted(*names):
        if signals:
            signal.raise_signal(signals.pop())
        replace(*names)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_all(paths)
    assert sorted(tmp_path.iterdir()) == paths, "the signal waits for all of them"


@pytest.mark.parametrize("overwrite", [False, True])
def test_where_one_cannot_get_its_name_all_is_as_it_was(overwrite, tmp_path, monkeypatch):
    paths, replace = [tmp_path / f"{name}.txt" for name in "abcd"], os.replace
    if overwrite:
        for path in paths:
            path.write_text("old")
    before = sorted(tmp_path.iterdir())

    def fails(source, target):
        if target == paths[1] and Path(source).parent.name != "before":
            raise OSError(errno.EIO, "broken")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(UserError, match=r"a.txt: cannot be written \(broken\)"):
        write_all(paths, overwrite=overwrite)
    assert sorted(tmp_path.iterdir()) == before
    assert {path.read_text() for path in before} == ({"old"} if overwrite else set())


def test_without_links_what_is_new_stays_where_there_is_no_way_back(tmp_path, monkeypatch):
    """Removing it would leave neither."""
    paths = [tmp_path / f"{name}.txt" for name in "ab"]
    for path in paths:
        path.write_text("old")
    replace = os.replace

    def fails(source, target):
        if target == paths[0]:
            raise OSError(errno.EIO, "broken")
        replace(source, target)

    def none(*names, **how):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "replace", fails)
    monkeypatch.setattr(os, "link", none)
    with pytest.raises(UserError, match="broken"):
        write_all(paths, overwrite=True)
    assert [path.read_text() for path in paths] == ["old", "b"]


def test_what_takes_the_place_of_private_files_is_private_all_the_time(tmp_path):
    paths = [tmp_path / f"{name}.txt" for name in "ab"]
    for path in paths:
        path.touch(0o600)
    with whole_files(paths, overwrite=True) as temporaries:
        assert stat.S_IMODE(temporaries[0].parent.stat().st_mode) == 0o700
        for temporary in temporaries:
            temporary.touch()
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}


def test_a_temporary_file_that_was_swept_before_it_was_locked_is_made_anew(tmp_path, monkeypatch):
    names = iter(["0" * 16, "1" * 16])
    monkeypatch.setattr(files.secrets, "token_hex", lambda count: next(names))
    lock, swept = files.fcntl.flock, []

    def sweep_first(file, how):
        if not swept:
            swept.append(next(tmp_path.iterdir()))
            swept[0].unlink()
        lock(file, how)

    monkeypatch.setattr(files.fcntl, "flock", sweep_first)
    write_whole(tmp_path / "a", "whole", overwrite=False)
    assert swept and [path.name for path in tmp_path.iterdir()] == ["a"]


def test_places_tell_names_of_one_file(tmp_path):
    (tmp_path / "a").write_text("")
    (tmp_path / "x").mkdir()
    (tmp_path / "soft").symlink_to("a")
    os.link(tmp_path / "a", tmp_path / "hard")
    for name in ("soft", "hard", "x/../a", "./a"):
        assert places(tmp_path / "a") & places(tmp_path / name)
    assert places("no/x") & places(os.path.abspath("no/x"))
    for name in ("no", "x", "x" * 999):
        assert not places(tmp_path / "a") & places(tmp_path / name)
    assert places("a\0b") & places("a\0b") and not places("a\0b") & places(tmp_path / "a")


def test_a_name_with_a_zero_byte_cannot_be_written():
    with pytest.raises(UserError, match="cannot be written"):
        check_free(Path("a\0b"), overwrite=True)


def test_a_folder_is_not_replaced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="is a folder, not a file: choose another name"):
        write_whole(".", b"", overwrite=True)
    assert not list(tmp_path.iterdir())
