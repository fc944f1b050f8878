"""What takes seconds to load is loaded when it is first needed, once in a process."""

from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Lazily(Generic[T]):
    """A value that is loaded when it is first asked for; many threads may ask.

    A copy, also one that is unpickled in another process, loads its own.

    Args:
        load: gives the value; called once, unless it fails.
    """

    def __init__(self, load: Callable[[], T]) -> None:
        self._load = load
        self._lock = Lock()
        self._found: list[T] = []

    def __call__(self) -> T:
        """The value."""
        with self._lock:
            if not self._found:
                self._found.append(self._load())
            return self._found[0]

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle: without the value."""
        return Lazily, (self._load,)
