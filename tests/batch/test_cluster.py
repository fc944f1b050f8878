"""The engine of many processes: its ledger, and a real Ray of two workers where it is installed."""

import os
import signal
import socket
import time
from importlib.util import find_spec

import pytest

from pixelization.batch.cluster import DEATHS, Cluster, Ledger, _check_answers
from pixelization.batch.jobs import plan_jobs
from pixelization.batch.options import OutputOptions, SourceOptions
from pixelization.batch.run import Threads
from pixelization.batch.sprites import write_sprites
from pixelization.errors import UserError
from pixelization.pipeline.style import Style
from tests.batch.test_sprites import picture, sample

no_ray = find_spec("ray") is None


def test_a_ledger_knows_what_was_begun_and_who_died_of_it():
    ledger = Ledger()
    assert [ledger.begin(7, place) for place in range(3)] == [(False, 0)] * 3
    # the worker dies at place 2, and another one begins the block anew
    assert [ledger.begin(7, place) for place in range(5)] == [
        (True, 0),
        (True, 0),
        (True, 1),
        (False, 0),
        (False, 0),
    ]
    assert ledger.begin(8, 0) == (False, 0)  # another block


def test_who_only_stands_before_a_deadly_job_is_never_blamed():
    ledger = Ledger()
    for deaths in range(DEATHS + 1):
        assert ledger.begin(0, 0)[1] == ledger.begin(0, 1)[1] == 0
        assert ledger.begin(0, 2)[1] == deaths


def test_without_jobs_nothing_is_started():
    assert list(Cluster("nowhere:1").run([], print, again=print, lost=print)) == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:1", "[::1]:1", "ray://127.0.0.1:1", "127.0.0.1:99999", "nonsense..invalid:1"],
)
def test_an_address_where_nothing_answers_is_one_line(address):
    with pytest.raises(UserError, match="nothing answers at .*give that of the cluster's head"):
        _check_answers(address)


@pytest.mark.parametrize("address", ["nonsense", "", ":6379", "head:", "head:port", "head:123456"])
def test_what_is_no_address_is_one_line(address):
    with pytest.raises(UserError, match="is no address"):
        _check_answers(address)


def test_an_address_that_answers_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        _check_answers(f"127.0.0.1:{server.getsockname()[1]}")
    for address in ("auto", "anyscale://cluster"):
        _check_answers(address)


@pytest.mark.skipif(not no_ray, reason="Ray is installed")
def test_without_ray_it_says_what_to_install(tmp_path):
    jobs = plan_jobs([picture(tmp_path / "a.png")], str(tmp_path / "out"), OutputOptions())
    with pytest.raises(UserError, match=r"pixelization\[ray\]"):
        list(Cluster().run(jobs, print, again=print, lost=print))


OUTPUT, STYLE = OutputOptions(preview=2), Style(cell_size=2, colors=4)


@pytest.fixture(scope="module")
def ray():
    ray = pytest.importorskip("ray")
    here = {"PYTHONPATH": os.pathsep.join([os.getcwd(), os.environ.get("PYTHONPATH", "")])}
    ray.init("local", num_cpus=2, include_dashboard=False, runtime_env={"env_vars": here})
    yield ray
    ray.shutdown()


def made(inputs, folder, engine, reduce=sample):
    jobs = plan_jobs(inputs, str(folder), OUTPUT)
    results = write_sprites(jobs, reduce, STYLE, SourceOptions(), OUTPUT, engine=engine)
    return list(results)


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Deadly:
    """Kills its own process with -9: at pictures of some widths, as often as is told.

    Args:
        folder: counts, since a process that is killed remembers nothing.
        times: for each width.
    """

    def __init__(self, folder, times):
        self.folder, self.times = folder, times

    def __call__(self, image, **how):
        died = len(list(self.folder.glob(f"{image.width}-*")))
        if died < self.times.get(image.width, 0):
            (self.folder / f"{image.width}-{died}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return sample(image, **how)


def pictures(folder, count=40):
    widths = {13: 50, 30: 60}  # others are 36 pixels wide
    return [
        picture(folder / f"{number:02}.png", number, (24, widths.get(number, 36)))
        for number in range(count)
    ]


@pytest.mark.slow
@pytest.mark.skipif(no_ray, reason="Ray is not installed")
def test_two_workers_give_the_bytes_of_threads_also_where_some_are_killed(ray, tmp_path):
    """A picture that kills a few workers is made in the end; one that kills every worker fails
    alone.
    """
    inputs = [*pictures(tmp_path), str(tmp_path / "missing.png")]
    (tmp_path / "deaths").mkdir()
    here = made(inputs, tmp_path / "here", Threads())
    deadly = Deadly(tmp_path / "deaths", {50: DEATHS - 1, 60: 99})
    away = made(inputs, tmp_path / "away", Cluster(workers=2), deadly)
    assert len(list((tmp_path / "deaths").glob("50-*"))) == DEATHS - 1
    assert [each.report.input for each in away] == inputs
    assert away[30].job.name == inputs[30] and "died" in str(away[30].error)
    expected = files(tmp_path / "here")
    for name in ("30.png", "30_preview.png"):
        assert expected.pop(name)
    assert files(tmp_path / "away") == expected  # and no temporary file
    del here[30], away[30]
    assert [str(each.error) for each in away] == [str(each.error) for each in here]


@pytest.mark.slow
@pytest.mark.skipif(no_ray, reason="Ray is not installed")
def test_what_a_killed_worker_was_writing_is_whole_or_not_there(ray, tmp_path):
    """Kills whichever worker writes at the moment, three times, and looks at every file then."""
    inputs = pictures(tmp_path, 60)
    jobs = plan_jobs(inputs, str(tmp_path / "out"), OUTPUT)
    results = write_sprites(
        jobs, Slow(tmp_path), STYLE, SourceOptions(), OUTPUT, engine=Cluster(workers=2)
    )
    reported = []
    for _ in range(3):
        reported.append(next(results))
        os.kill(someone_at_work(tmp_path), signal.SIGKILL)
    reported += results
    made(inputs, tmp_path / "here", Threads())
    assert files(tmp_path / "out") == files(tmp_path / "here")
    assert [each.report.input for each in reported] == inputs
    assert not any(each.error for each in reported)


def someone_at_work(folder, patience=120.0):
    """The process that wrote last where :class:`Slow` says it."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        said = sorted(folder.glob("pid*"), key=os.path.getmtime)
        if said:
            for each in said:
                each.unlink()
            return int(said[-1].name[3:])
        time.sleep(0.05)
    raise AssertionError("no worker is at work")


class Slow:
    """Takes its time, and says which process it is."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, image, **how):
        (self.folder / f"pid{os.getpid()}").touch()
        time.sleep(0.05)
        return sample(image, **how)
