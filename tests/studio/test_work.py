"""Work in threads: it stops when nobody waits, and too much of it is refused."""

import asyncio
import http.client
import json
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from tests.studio.browser import listening

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


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
def test_closing_the_connection_stops_an_animation(workshop, folder, monkeypatch, accept):
    """Over a real connection, as a browser's cancel does it."""
    pytest.importorskip("uvicorn")
    server = pytest.importorskip("pixelization.studio.server")
    upload = workshop.pictures.add((folder / "walk.gif").read_bytes(), "walk.gif")
    begun, go, frames = threading.Event(), threading.Event(), []

    def made(*arguments, tick, **options):
        for number in range(1000):
            tick()
            frames.append(number)
            begun.set()
            go.wait(5)
            time.sleep(0.02)

    monkeypatch.setattr(workshop, "make", made)
    with listening(server.build_app(workshop)) as address:
        host = urlsplit(address)
        connection = http.client.HTTPConnection(host.hostname, host.port)
        body = json.dumps({"picture": upload.key})
        headers = {"accept": accept, "content-type": "application/json"}
        connection.request("POST", "/api/sprites", body, headers)
        assert begun.wait(10)
        connection.close()
        go.set()
        count = 0
        while count < len(frames):  # until none came for a while
            count = len(frames)
            time.sleep(4 * work.LOOK)
    assert 1 <= len(frames) < 1000


@pytest.mark.parametrize(
    "sent", ["Content-Length: 1000\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"]
)
def test_a_body_that_breaks_off_gives_no_traceback(sent, workshop, caplog, capfd):
    pytest.importorskip("uvicorn")
    server = pytest.importorskip("pixelization.studio.server")
    with listening(server.build_app(workshop)) as address:
        host = urlsplit(address)
        with socket.create_connection((host.hostname, host.port)) as connection:
            head = f"POST /api/pictures HTTP/1.1\r\nHost: {host.netloc}\r\n"
            connection.sendall((head + sent).encode())
        time.sleep(0.3)
    assert "Traceback" not in caplog.text + capfd.readouterr().err
