"""A studio that listens, and a page in Chromium that shows it."""

import asyncio
import shutil
import socket
import threading
from contextlib import contextmanager

import numpy as np

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY = "body[data-busy='false'] #side:not(:empty)"


@contextmanager
def listening(app):
    """The address of an ASGI application, for as long as the context lasts."""
    import uvicorn  # noqa: PLC0415 - the extra may be missing

    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    with socket.socket() as ear:
        ear.bind(("127.0.0.1", 0))
        ear.listen(64)
        port = ear.getsockname()[1]
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[ear])), daemon=True
        )
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.should_exit = True
            thread.join(10)


def settle(page):
    """Wait until the result is there and drawn."""
    page.wait_for_selector(READY)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def drop(page, *files):
    """Drop files on the page, as a person does."""
    transfer = page.evaluate_handle("new DataTransfer()")
    for file in files:
        transfer.evaluate(
            """(transfer, [name, bytes]) =>
                transfer.items.add(new File([new Uint8Array(bytes)], name))""",
            [file.name, list(file.read_bytes())],
        )
    page.dispatch_event("body", "drop", {"dataTransfer": transfer})
    settle(page)


def put(page, **patch):
    """Change settings as controls do, and wait for the result."""
    page.evaluate("(patch) => studio.app.set(patch)", patch)
    settle(page)


def shown(page):
    """The cells of the canvas, read at their centres: uint8 ``(h, w, 3)``."""
    values = page.evaluate(
        """() => {
          const { canvas } = studio.view;
          const { columns, rows, zoom, x, y } = studio.view.layout();
          const { width, data } = canvas.getContext("2d").getImageData(
            0, 0, canvas.width, canvas.height);
          const found = [];
          for (let row = 0; row < rows; row++)
            for (let column = 0; column < columns; column++) {
              const at = 4 * ((Math.floor(y + (row + .5) * zoom)) * width
                + Math.floor(x + (column + .5) * zoom));
              found.push(data[at], data[at + 1], data[at + 2]);
            }
          return { rows, columns, found };
        }"""
    )
    return np.array(values["found"], np.uint8).reshape(values["rows"], values["columns"], 3)


def saved(page, click):
    """The bytes and the name of what a click on a selector saves."""
    with page.expect_download() as waiting:
        page.click(click)
    with open(waiting.value.path(), "rb") as file:
        return file.read(), waiting.value.suggested_filename
