"""Work in threads that tells how far it is, and stops when nobody waits for it any more.

Knows requests and events; does not know what is worked on.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request

from pixelization.studio.workshop import Stopped, Tick

T = TypeVar("T")

THREADS = 2  # results made at the same time; the networks take turns anyway
WAITING = 128  # requests that may wait for a thread
LOOK = 0.25  # seconds between two looks whether somebody still waits


class Desk:
    """Hands work to a few threads, and refuses more than can wait."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="studio")
        self._open = 0

    async def run(self, request: Request, work: Callable[[Tick], T]) -> T:
        """The result of some work; it stops where the client has gone.

        Args:
            request: who waits.
            work: is given what it calls before every frame.

        Raises:
            HTTPException: 429, too many wait already.
        """
        gone = Event()
        waiting = self._start(work, _tick(gone))
        try:
            while not (await asyncio.wait({waiting}, timeout=LOOK))[0]:
                if await request.is_disconnected():
                    gone.set()
            return waiting.result()
        finally:
            gone.set()

    async def events(
        self,
        work: Callable[[Tick], str],
        failed: Callable[[Exception], str],
    ) -> AsyncIterator[str]:
        """Server-sent events of some work: ``progress`` for each frame, then one more.

        That is ``result``, with what the work returns, or ``error``. Work stops where nobody reads
        on.

        Args:
            work: as of :meth:`run`; returns JSON.
            failed: JSON of what is wrong.
        """
        gone, count = Event(), 0
        loop, steps = asyncio.get_running_loop(), asyncio.Queue[int | None]()

        def step() -> None:
            nonlocal count
            count += 1
            loop.call_soon_threadsafe(steps.put_nowait, count)

        waiting = self._start(work, _tick(gone, step))
        waiting.add_done_callback(lambda _: steps.put_nowait(None))
        try:
            while (done := await steps.get()) is not None:
                yield _event("progress", json.dumps({"frames": done}))
            try:
                yield _event("result", waiting.result())
            except Exception as error:
                yield _event("error", failed(error))
        finally:
            gone.set()

    def close(self) -> None:
        """Wait for no work any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _start(self, work: Callable[[Tick], T], tick: Tick) -> "asyncio.Future[T]":
        if self._open >= WAITING:
            raise HTTPException(429, "too much to do: try again in a moment")
        self._open += 1
        started = asyncio.get_running_loop().run_in_executor(self._threads, work, tick)
        started.add_done_callback(self._ended)
        return started

    def _ended(self, future: "asyncio.Future[Any]") -> None:
        self._open -= 1
        if not future.cancelled():
            future.exception()  # whoever waited has it; nobody else need hear of it


def _tick(gone: Event, step: Tick = lambda: None) -> Tick:
    def tick() -> None:
        if gone.is_set():
            raise Stopped
        step()

    return tick


def _event(kind: str, data: str) -> str:
    return f"event: {kind}\ndata: {data}\n\n"
