"""The loop over jobs: order, workers, failures as values."""

import time

import pytest

from pixelization.batch.jobs import Job
from pixelization.batch.options import OutputOptions
from pixelization.batch.report import JobReport
from pixelization.batch.run import AHEAD, in_order, try_job
from pixelization.detection.geometry import GridDetection, UnsureError
from pixelization.errors import UserError


def test_results_keep_the_order_of_the_jobs_whoever_is_first():
    def work(seconds):
        time.sleep(seconds)
        return seconds

    assert list(in_order([0.1, 0.0, 0.05], work, 3)) == [0.1, 0.0, 0.05]


def test_behind_a_slow_job_only_a_few_results_wait():
    begun = []

    def work(number):
        begun.append(number)
        time.sleep(0 if number else 0.2)
        return number

    results = in_order(range(100), work, 2)
    assert next(results) == 0 and len(begun) <= 2 * AHEAD + 1
    assert list(results) == list(range(1, 100))


def test_a_job_that_works(tmp_path):
    job = Job(tmp_path / "a.png", "a.png", {"main": tmp_path / "b.png"})
    result = try_job(job, lambda job, options: JobReport(frames=3), OutputOptions())
    assert (result.job, result.error, result.report.input, result.report.frames) == (
        job,
        None,
        "a.png",
        3,
    )
    assert result.report.output == str(tmp_path / "b.png") and result.report.seconds >= 0


GRID = GridDetection((4.0, 4.0), (0.0, 0.0), (2, 2), (8, 8), 0.5, False, ())


@pytest.mark.parametrize(
    ("error", "kind", "message", "grid"),
    [
        (UserError("a.png: is damaged"), UserError, "a.png: is damaged", None),
        (UserError("no such colour"), UserError, "a.png: no such colour", None),
        (ZeroDivisionError("by\nzero"), UserError, "a.png: ZeroDivisionError: by zero", None),
        (UnsureError("not sure", GRID), UnsureError, "a.png: not sure", GRID),
    ],
)
def test_what_goes_wrong_is_a_value_that_names_the_job(error, kind, message, grid, tmp_path):
    def fail(job, options):
        raise error

    job = Job(tmp_path / "a.png", "a.png", {"main": tmp_path / "b.png"})
    result = try_job(job, fail, OutputOptions())
    assert isinstance(result.error, kind) and str(result.error) == message
    assert (result.report.error, result.report.output) == (message, None)
    assert (result.report.grid, result.report.finds_grid) == (grid, grid is not None)


def test_an_output_that_exists_stops_the_job_before_work(tmp_path):
    (tmp_path / "b.png").write_text("precious")
    job = Job(tmp_path / "a.png", "a.png", {"main": tmp_path / "b.png"})
    result = try_job(job, lambda job, options: pytest.fail("was tried"), OutputOptions())
    assert "b.png: exists" in result.report.error
