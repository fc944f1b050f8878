"""Commands that run networks have waiting threads sleep, unless the user says otherwise."""

import os
from argparse import Namespace

import pytest

from pixelization.apps.cli.networks import load_pixelizer
from pixelization.apps.cli.openmp import THREADS, VARIABLE, processors, wait_asleep
from pixelization.backends import onnx


@pytest.mark.parametrize("given, holds", [(None, "passive"), ("active", "active"), ("", "")])
def test_the_users_policy_goes_first(monkeypatch, given, holds):
    monkeypatch.setenv(VARIABLE, given or "")  # what was there is put back in the end
    if given is None:
        del os.environ[VARIABLE]
    wait_asleep()
    assert os.environ[VARIABLE] == holds


def test_whoever_loads_networks_waits_asleep(monkeypatch, tiny_weights):
    monkeypatch.setenv(VARIABLE, "")
    del os.environ[VARIABLE]
    asked = {"jobs": 1, "engine": "local", "device": "cpu", "backend": "torch"}
    load_pixelizer(Namespace(weights=tiny_weights, model=None, **asked))
    assert os.environ[VARIABLE] == "passive"


@pytest.mark.parametrize(
    "said, jobs, threads", [("6", 1, 6), ("6", 2, 3), ("1", 4, 1), ("3", 2, 1)]
)
def test_jobs_share_the_threads_that_the_environment_allows(monkeypatch, said, jobs, threads):
    monkeypatch.setenv(THREADS, said)
    told = []
    monkeypatch.setattr(onnx, "onnx_backend", lambda _path, count: told.append(count))
    asked = {"jobs": jobs, "engine": "local", "device": "cpu", "backend": "onnx"}
    load_pixelizer(Namespace(weights=None, model=None, **asked))
    assert told == [threads]


def test_of_a_number_for_each_level_the_first_counts(monkeypatch):
    monkeypatch.setenv(THREADS, "3,2")
    assert processors() == 3


@pytest.mark.parametrize("said", ["", "0", "many", "-2", "9" * 11, "9" * 5000])
def test_what_is_no_number_of_threads_does_not_count(monkeypatch, said):
    monkeypatch.setenv(THREADS, said)
    assert processors() == os.cpu_count()
