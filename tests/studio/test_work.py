"""Work in threads: it stops when nobody waits, and too much of it is refused."""

import asyncio
import threading

import pytest

work = pytest.importorskip("pixelization.studio.work")
exceptions = pytest.importorskip("starlette.exceptions")


class Reader:
    """A client that goes away after so many looks."""

    def __init__(self, looks):
        self.looks = looks

    async def is_disconnected(self):
        self.looks -= 1
        return self.looks < 0


@pytest.fixture
def desk():
    desk = work.Desk()
    yield desk
    desk.close()


def endless(stopped):
    """Work that never ends by itself, and says when it is stopped."""

    def run(tick):
        try:
            while True:
                tick()
                stopped.wait(0.005)
        except work.Stopped:
            stopped.set()
            raise

    return run


def test_work_stops_when_the_reader_of_its_events_goes(desk):
    stopped = threading.Event()

    async def read():
        events = desk.events(endless(stopped), str)
        first = await anext(events)
        await events.aclose()
        return first

    assert asyncio.run(read()).startswith("event: progress")
    assert stopped.wait(5)


def test_work_stops_when_who_asked_has_gone(desk):
    stopped = threading.Event()

    async def ask():
        with pytest.raises(work.Stopped):
            await desk.run(Reader(1), endless(stopped))

    asyncio.run(ask())
    assert stopped.is_set()


def test_too_much_is_refused_and_then_taken_again(desk, monkeypatch):
    monkeypatch.setattr(work, "WAITING", 2)
    go = threading.Event()

    async def ask():
        asked = [
            asyncio.ensure_future(desk.run(Reader(10**6), lambda _: go.wait(5))) for _ in range(3)
        ]
        await asyncio.sleep(0.05)
        go.set()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        return answers, await desk.run(Reader(10**6), lambda _: "done")

    answers, after = asyncio.run(ask())
    assert answers[:2] == [True, True] and after == "done"
    assert isinstance(answers[2], exceptions.HTTPException) and answers[2].status_code == 429
