"""What every format shares."""

import numpy as np

from pixelization.animation.frames import ticks


def test_rounded_durations_keep_the_total():
    assert ticks([1000 / 30] * 6, 10, 65535) == [3, 4, 3, 3, 4, 3]
    assert ticks([0, 4, 4, 4, 0, 500], 10, 65535) == [0, 1, 1, 1, 0, 48]
    rng = np.random.default_rng(0)
    for _ in range(50):
        durations = rng.uniform(20, 200, 40).tolist()
        stored = ticks(durations, 10, 65535)
        assert abs(sum(stored) * 10 - sum(durations)) <= 5
        assert all(
            abs(tick * 10 - duration) <= 10
            for tick, duration in zip(stored, durations, strict=True)
        )
