"""Files that are read once and whole, or refused in one line."""

import os
import threading

import pytest

from pixelization.errors import UserError
from pixelization.files import is_pipe, read_whole


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
