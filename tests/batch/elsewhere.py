"""An engine as others are: work and jobs are pickled on their way, and workers die."""

import pickle
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, TypeVar

from pixelization.batch.jobs import Job

T = TypeVar("T")


class Elsewhere:
    """Runs one job after the other in copies; all of them are one block.

    Args:
        dying: places of jobs whose first worker dies when it has done everything but to say so.
            Another one does the block anew.
        deadly: places of jobs whose workers die, all of them.
    """

    def __init__(self, dying: Collection[int] = (), deadly: Collection[int] = ()) -> None:
        self.dying, self.deadly = dying, deadly
        self.given: list[str] = []

    def run(
        self, jobs: Sequence[Job], work: Callable, *, again: Callable, lost: Callable
    ) -> Iterator[Any]:
        """See :class:`~pixelization.batch.run.Engine`."""
        work, again = sent((work, again))
        self.given += [job.name for job in jobs]
        done: list[Any] = []
        for place, job in enumerate(jobs):
            done.append(lost(job) if place in self.deadly else work(sent(job)))
            if place in self.dying:
                done = [
                    lost(each) if number in self.deadly else again(sent(each))
                    for number, each in enumerate(jobs[: place + 1])
                ]
        yield from map(sent, done)


def sent(value: T) -> T:
    """A copy, as it comes out of a pipe."""
    copy: T = pickle.loads(pickle.dumps(value))
    return copy
