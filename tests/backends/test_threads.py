"""What the environment says of threads."""

import pytest

from pixelization.backends.choice import onnx_file
from pixelization.backends.onnx import OnnxBackend
from pixelization.backends.threads import VARIABLE, allowed_threads


@pytest.mark.parametrize("said, threads", [("3", 3), (" 2 ", 2), ("5,2", 5)])
def test_of_a_number_for_each_level_the_first_counts(monkeypatch, said, threads):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setenv(VARIABLE, said)
    assert allowed_threads() == threads


@pytest.mark.parametrize("said", ["9", "20000", "999999"])
def test_there_are_no_more_than_processors(monkeypatch, said):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setenv(VARIABLE, said)
    assert allowed_threads() == 8


@pytest.mark.parametrize("said", ["", "0", "many", "-2", "\u0663", "9" * 11, "9" * 5000])
def test_what_is_no_number_does_not_count(monkeypatch, said):
    monkeypatch.setenv(VARIABLE, said)
    assert allowed_threads() == 0


@pytest.mark.parametrize("given, threads", [(0, 3), (1, 1), (2, 2)])
def test_onnx_runtime_has_the_threads_that_are_asked_for_or_those_allowed(
    monkeypatch, given, threads
):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setenv(VARIABLE, "3")
    session = OnnxBackend(onnx_file("lite"), given)._points
    assert session.get_session_options().intra_op_num_threads == threads
