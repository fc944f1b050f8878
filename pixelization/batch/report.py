"""What is told of every job, for people and for programs."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from pixelization.batch.jobs import Job
from pixelization.batch.voting import Voted
from pixelization.cells.sizes import Size
from pixelization.detection.geometry import Candidate, GridDetection
from pixelization.pipeline.finish import Finished
from pixelization.pipeline.style import Style


@dataclass(frozen=True)
class JobReport:
    """What is known of a job that was tried; None: not known.

    Attributes:
        input: what messages call the source.
        output: the main file; None also for a stream.
        input_size: (width, height) of the source in pixels.
        size: (width, height) of the result in pixels.
        frames: of the result; 1 for stills and sheets.
        cell_size: (width, height) of a cell in pixels of the source.
        palette: of the result, hexadecimal.
        colors: how many the result has.
        seconds: that it took.
        warnings: one line each.
        error: why it failed, in one line.
        skipped: the result was there already.
        grid: where the cells were found; None if that was given.
        finds_grid: the job is one whose grid is of interest.
    """

    input: str = ""
    output: str | None = None
    input_size: Size | None = None
    size: Size | None = None
    frames: int | None = None
    cell_size: tuple[float, float] | None = None
    palette: list[str] | None = None
    colors: int | None = None
    seconds: float | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None
    skipped: bool = False
    grid: GridDetection | None = None
    finds_grid: bool = False

    def as_json(self) -> dict[str, Any]:
        """The report as ``--json`` prints it: ``FIELDS``, and "grid" where it is of interest."""
        found = {name: getattr(self, name) for name in FIELDS}
        if self.finds_grid:
            found["grid"] = self.grid and _grid(self.grid)
        return found


def report_of(
    job: Job, voted: Voted, done: Finished, style: Style, remarks: Sequence[str], *, snapped: bool
) -> JobReport:
    """What there is to tell of a job that was done.

    Args:
        job: what was asked for.
        voted: what its source was reduced to.
        done: what was made of that, as it was written.
        style: that was asked for.
        remarks: what its files could not keep.
        snapped: the cells are those of a grid that the source shows.
    """
    height, width = done.frames[0].shape[:2]
    return JobReport(
        input_size=voted.votes.source_size,
        size=(width, height),
        frames=len(done.frames),
        cell_size=voted.votes.cell_size,
        palette=done.palette.hex() if done.palette else None,
        warnings=(*job.remarks, *done.remarks, *remarks),
        grid=voted.grid if style.cell_size is None else None,
        finds_grid=snapped,
    )


FIELDS = tuple(each.name for each in fields(JobReport) if each.name not in ("grid", "finds_grid"))


def _grid(grid: GridDetection) -> dict[str, Any]:
    runners_up = [
        _place(each) | {"confidence": round(float(each.score), 4)} for each in grid.candidates
    ]
    return _place(grid) | {
        "confidence": round(float(grid.confidence), 4),
        "native": bool(grid.native),
        "runners_up": runners_up,
    }


def _place(found: GridDetection | Candidate) -> dict[str, Any]:
    return {
        "cell": found.cell,
        "phase": [side + 0.0 for side in found.phase],  # not -0.0
        "size": found.size,
    }
