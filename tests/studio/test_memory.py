"""What is remembered stays within its bytes, and is made once."""

import threading
import time
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from pixelization.palettes.extraction import ColorHistogram

pytest.importorskip("cachetools")
memory = pytest.importorskip("pixelization.studio.memory")


def test_what_was_used_longest_ago_is_forgotten():
    kept = memory.Memory(3500)
    for name in "abc":
        kept.put(name, np.zeros(500, np.uint8))
    assert kept.get("a") is not None
    kept.put("d", np.zeros(500, np.uint8))
    assert kept.get("b") is None
    assert [name for name in "acd" if kept.get(name) is not None] == ["a", "c", "d"]
    assert sum(memory.size_of(value) for _, value in kept.items()) <= 3500


def test_what_is_larger_than_all_room_is_made_and_not_kept():
    kept = memory.Memory(1000)
    kept.put("small", np.zeros(10, np.uint8))
    made = memory.remembered(kept, "large", lambda: np.zeros(5000, np.uint8))
    assert made.size == 5000
    assert kept.get("large") is None and kept.get("small") is not None
    kept.put("small", np.zeros(5000, np.uint8))
    assert kept.get("small") is None and not kept.items()


def test_two_who_want_the_same_wait_for_one():
    kept, made, lock = memory.Memory(10_000), [], threading.Lock()

    def make():
        made.append(1)
        time.sleep(0.05)
        return np.ones(3)

    def ask():
        memory.remembered(kept, "key", make, one_at_a_time=lock)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert made == [1]


@dataclass(frozen=True)
class Pair:
    image: Image.Image
    arrays: tuple[np.ndarray, ...]


def test_sizes_are_those_of_the_pixels():
    pair = Pair(Image.new("RGBA", (30, 20)), (np.zeros((5, 5, 3), np.uint8), np.zeros(9)))
    assert 0 <= memory.size_of(pair) - (30 * 20 * 4 + 75 + 72) <= 7 * memory.OVERHEAD
    counted = ColorHistogram()
    counted.add(np.random.default_rng(0).integers(0, 256, (99, 99, 3), np.uint8))
    assert memory.size_of(counted) >= 32 * len(counted.colors)
    assert memory.size_of({"a": pair, b"x" * 3000: [1]}) >= memory.size_of(pair) + 3000
    assert memory.size_of(b"x" * 10_000) >= 10_000


def test_a_key_is_that_of_what_is_shown():
    image = Image.new("RGB", (4, 6), "red")
    same = memory.content_key(image)
    assert same == memory.content_key(image.copy())
    others = [Image.new("RGB", (6, 4), "red"), image.convert("RGBA"), Image.new("RGB", (4, 6))]
    assert same not in [memory.content_key(each) for each in others]
