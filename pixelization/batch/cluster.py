"""The engine that works on jobs in many processes of many machines: Ray.

Ray Data holds a pool of actors, starts another one where one dies, and gives it the block that was
lost. A block is a few jobs; an actor unpickles the work once, and with that loads the model once.
Ray would go on for ever with an image that kills whoever opens it. So a ledger counts, and a job
that three workers have died of has failed.
"""

import logging
import os
import pickle
import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from pixelization.batch.jobs import Job
from pixelization.errors import UserError, reason
from pixelization.limits import PREFIX
from pixelization.optional import optional_module

T = TypeVar("T")

DEATHS = 3  # of workers at one job, until it is left
BLOCK = 64  # jobs that are given to a worker at once, at most
ADDRESS = re.compile(r"(?:ray://)?\[?(.+?)\]?:(\d{1,5})")  # others are of Ray's own kinds
PATIENCE = 10.0  # seconds until a machine answers
CHAIN = 10  # errors that are the causes of each other, at most
ROUNDS = 8  # blocks for each worker, at least, so that all are ready at about the same time


@dataclass(frozen=True)
class Cluster:
    """An :class:`~pixelization.batch.run.Engine`.

    Attributes:
        address: of a cluster of Ray, such as ``head:6379``, or ``auto`` on one of its machines;
            None: one is started on this machine, and ends with the run.
        workers: processes; None: one for each processor.
        gpus: of each worker.
    """

    address: str | None = None
    workers: int | None = None
    gpus: int = 0

    def run(
        self,
        jobs: Sequence[Job],
        work: Callable[[Job], T],
        *,
        again: Callable[[Job], T],
        lost: Callable[[Job], T],
    ) -> Iterator[T]:
        """See :class:`~pixelization.batch.run.Engine`."""
        if not jobs:
            return
        # Ray would try for many minutes. Each of these tries takes 35 seconds.
        os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "1")
        ray = optional_module("ray", "ray")
        data = optional_module("ray.data", "ray")
        cloudpickle = optional_module("ray.cloudpickle", "ray")
        ours = not ray.is_initialized()
        try:
            self._connect(ray, ours)
            workers = self.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
            side = max(1, min(BLOCK, len(jobs) // (workers * ROUNDS)))
            blocks = [
                {"block": number, "jobs": pickle.dumps(jobs[start : start + side])}
                for number, start in enumerate(range(0, len(jobs), side))
            ]
            ledger = ray.remote(num_cpus=0)(Ledger).remote()
            made = data.from_items(blocks, override_num_blocks=len(blocks)).map_batches(
                Worker,
                fn_constructor_args=(cloudpickle.dumps((work, again)), ledger, _surroundings()),
                compute=data.ActorPoolStrategy(min_size=1, max_size=workers, initial_size=workers),
                num_cpus=1,
                num_gpus=self.gpus or None,
            )
            place = 0
            for row in made.iter_rows():
                for found in pickle.loads(row["results"]):
                    yield lost(jobs[place]) if found is None else found
                    place += 1
        except (ray.exceptions.RayError, ConnectionError, RuntimeError, ValueError) as error:
            raise UserError(f"ray: {_cause(error)}") from error
        finally:
            if ours:
                ray.shutdown()

    def _connect(self, ray: Any, ours: bool) -> None:
        quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
        if not ours:  # the caller's
            pass
        elif self.address:
            _check_answers(self.address)
            ray.init(self.address, **quiet)
        else:
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # this package asks no network
            ray.init("local", num_cpus=self.workers, include_dashboard=False, **quiet)
        context = optional_module("ray.data", "ray").DataContext.get_current()
        context.enable_progress_bars = False
        context.execution_options.preserve_order = True
        logging.getLogger("ray.data").setLevel(logging.ERROR)


class Worker:
    """An actor: holds the work, and with it the model.

    Args:
        work: pickled: what to do with a job, and with one that was begun before.
        ledger: an actor, of :class:`Ledger`.
        surroundings: of the process that asks.
    """

    def __init__(self, work: bytes, ledger: Any, surroundings: tuple[str, dict[str, str]]) -> None:
        folder, variables = surroundings
        with suppress(OSError):  # relative paths are missing then, and every job says so
            os.chdir(folder)
        os.environ.update(variables)
        self.work, self.again = pickle.loads(work)
        self.ledger = ledger

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        """The results of blocks of jobs; None for one that is lost."""
        blocks = zip(batch["block"], batch["jobs"], strict=True)
        return {
            "results": [
                pickle.dumps(
                    [self._done(int(block), *each) for each in enumerate(pickle.loads(jobs))]
                )
                for block, jobs in blocks
            ]
        }

    def _done(self, block: int, place: int, job: Job) -> Any:
        get = optional_module("ray", "ray").get
        begun, deaths = get(self.ledger.begin.remote(block, place))
        if deaths >= DEATHS:
            return None
        return (self.again if begun else self.work)(job)


class Ledger:
    """Which job of a block was begun last, and how many workers died at which."""

    def __init__(self) -> None:
        self.last: dict[int, int] = {}
        self.furthest: dict[int, int] = {}
        self.deaths: Counter[tuple[int, int]] = Counter()

    def begin(self, block: int, place: int) -> tuple[bool, int]:
        """A job is begun.

        Returns:
            Whether it was begun before, and how many workers died in the middle of it.
        """
        if place == 0 and block in self.last:  # a block is begun anew where its worker has died
            self.deaths[block, self.last[block]] += 1
        begun = place <= self.furthest.get(block, -1)
        self.last[block] = place
        self.furthest[block] = max(place, self.furthest.get(block, -1))
        return begun, self.deaths[block, place]


def _check_answers(address: str) -> None:
    """Refuse an address at which nothing answers; Ray itself would wait for minutes.

    Raises:
        UserError: it is of no machine, or there is no answer.
    """
    advice = "give that of the cluster's head, as head:6379, or auto on one of its machines"
    if address == "auto" or "://" in address.removeprefix("ray://"):
        return
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise UserError(f"ray: {address!r} is no address: {advice}")
    host, port = found[1], int(found[2])
    try:
        socket.create_connection((host, port), timeout=PATIENCE).close()
    except (OSError, OverflowError, UnicodeError) as error:  # OverflowError: of the port
        raise UserError(f"ray: nothing answers at {address} ({reason(error)}): {advice}") from None


def _surroundings() -> tuple[str, dict[str, str]]:
    """The folder that relative paths are in, and the limits that are set."""
    return os.getcwd(), {
        name: value for name, value in os.environ.items() if name.startswith(PREFIX)
    }


def _cause(error: BaseException) -> str:
    """What is at the bottom of an error of Ray, whose messages hold whole tracebacks."""
    for _ in range(CHAIN):
        inner = getattr(error, "cause", None) or error.__cause__
        if not isinstance(inner, BaseException):
            break
        error = inner
    lines = str(error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__
