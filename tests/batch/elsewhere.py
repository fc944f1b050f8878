"""An engine as others are: work and jobs are pickled on their way, and workers die."""

import pickle
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from pixelization.batch.jobs import Job


class Elsewhere:
    """Runs one job after the other in copies.

    Args:
        dying: places of jobs whose first worker dies when it has done everything but to say so.
        deadly: places of jobs whose workers die, all of them.
    """

    def __init__(self, dying: Collection[int] = (), deadly: Collection[int] = ()) -> None:
        self.dying, self.deadly = dying, deadly
        self.given: list[str] = []

    def run(
        self, jobs: Sequence[Job], work: Callable, *, again: Callable, lost: Callable
    ) -> Iterator[Any]:
        """See :class:`~pixelization.batch.run.Engine`."""
        work, again = pickle.loads(pickle.dumps((work, again)))
        for place, job in enumerate(jobs):
            self.given.append(job.name)
            sent = pickle.loads(pickle.dumps(job))
            if place in self.deadly:
                yield lost(job)
                continue
            done = work(sent)
            if place in self.dying:
                done = again(sent)
            yield pickle.loads(pickle.dumps(done))
