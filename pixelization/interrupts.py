"""Signals that ask to stop: noted, so that what is going on can come to its end first."""

import signal
import threading
from types import FrameType
from typing import Any, Self

SIGNALS = tuple(  # Ctrl-C, kill or the end of a container, a closed terminal
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
STOPPING = tuple(number for number in SIGNALS if number != signal.SIGINT)
"""Those for which Python itself raises nothing."""
EXIT_INTERRUPTED = 130  # by Ctrl-C


class Interrupts:
    """While it is entered, the first signal of :data:`SIGNALS` is noted, and does nothing else.

    A second one does what it did before, so that nobody waits against their will. Signals that were
    ignored, as by ``nohup``, stay ignored. Outside of the main thread it notes nothing.

    Attributes:
        number: of the signal that was noted; None before.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._before: dict[int, Any] = {}

    @property
    def name(self) -> str:
        """Of the signal that was noted."""
        return signal.Signals(self.number).name if self.number is not None else ""

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                # None: a handler that is not Python's, and that Python cannot put back
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        self._restore()

    def act(self) -> None:
        """Send the signal that was noted once more, after the exit: now it acts as ever."""
        if self.number is not None:
            signal.raise_signal(self.number)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        self._restore()

    def _restore(self) -> None:
        while self._before:
            signal.signal(*self._before.popitem())


def ignore_interrupts() -> None:
    """For processes that end when the one ends that they work for."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
