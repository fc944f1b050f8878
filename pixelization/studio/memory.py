"""What need not be computed twice: sprites as networks gave them, votes, grids, decoded pictures.

Bounded by bytes: what was used longest ago is forgotten. Knows how large a value is; does not know
how it is made.
"""

import hashlib
import sys
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from threading import RLock
from typing import Any, TypeVar

import numpy as np
from cachetools import LRUCache
from PIL import Image

T = TypeVar("T")

OVERHEAD = 512  # bytes of a value beside its pixels


class Memory:
    """Values by key, of which at most so many bytes are kept. For any number of threads.

    Args:
        limit: bytes of all values.
    """

    def __init__(self, limit: int) -> None:
        self._values: LRUCache[Hashable, Any] = LRUCache(limit, getsizeof=size_of)
        self._lock = RLock()

    def get(self, key: Hashable) -> Any:
        """The value, which counts as used now; None if there is none."""
        with self._lock:
            return self._values.get(key)

    def put(self, key: Hashable, value: Any) -> None:
        """Keep a value; one that is larger than the limit is not kept."""
        with self._lock:
            self._values.pop(key, None)
            if size_of(value) <= self._values.maxsize:
                self._values[key] = value

    def drop(self, key: Hashable) -> None:
        """Forget a value, if there is one."""
        with self._lock:
            self._values.pop(key, None)

    def items(self) -> list[tuple[Hashable, Any]]:
        """All that is kept."""
        with self._lock:
            return list(self._values.items())


def remembered(
    memory: Memory,
    key: Hashable,
    make: Callable[[], T],
    *,
    one_at_a_time: AbstractContextManager[object] | None = None,
) -> T:
    """The value that is kept under a key, or a new one, which is kept.

    Args:
        memory: where it is kept.
        key: what it depends on, all of it.
        make: makes it.
        one_at_a_time: held while it is made, so that two callers do not make the same.
    """
    found: T | None = memory.get(key)
    if found is not None:
        return found
    if one_at_a_time is None:
        made = make()
        memory.put(key, made)
        return made
    with one_at_a_time:
        return remembered(memory, key, make)


def content_key(image: Image.Image) -> str:
    """A key of what an image shows: of its mode, size and pixels."""
    digest = hashlib.blake2b(f"{image.mode} {image.size}".encode(), digest_size=16)
    digest.update(image.tobytes())
    return digest.hexdigest()


def size_of(value: Any) -> int:
    """Bytes of a value with all that it holds, as far as these are pixels, numbers or texts."""
    if isinstance(value, np.ndarray):
        return value.nbytes + OVERHEAD
    if isinstance(value, Image.Image):
        return value.width * value.height * len(value.getbands()) + OVERHEAD
    if isinstance(value, tuple | list):
        return sum(map(size_of, value)) + OVERHEAD
    if isinstance(value, dict):
        return sum(map(size_of, value.keys())) + sum(map(size_of, value.values())) + OVERHEAD
    if hasattr(value, "__dict__") and not isinstance(value, type):
        return size_of(vars(value)) + OVERHEAD
    return sys.getsizeof(value)
