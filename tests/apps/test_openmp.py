"""Commands that run networks have waiting threads sleep, unless the user says otherwise."""

import os
from argparse import Namespace

import pytest

from pixelization.apps.cli.networks import load_pixelizer
from pixelization.apps.cli.openmp import VARIABLE, wait_asleep
from pixelization.backends import onnx, threads as variable


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
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setenv(variable.VARIABLE, said)
    told = []
    monkeypatch.setattr(onnx, "onnx_backend", lambda _path, count: told.append(count))
    asked = {"jobs": jobs, "engine": "local", "device": "cpu", "backend": "onnx"}
    load_pixelizer(Namespace(weights=None, model=None, **asked))
    assert told == [threads]
