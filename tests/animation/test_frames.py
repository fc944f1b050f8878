"""What every format shares."""

import time

import numpy as np
from PIL import Image

from pixelization.animation.frames import Patch, compose, ticks


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


def test_the_time_for_durations_grows_as_their_number():
    started = time.process_time()
    assert sum(ticks([1000 / 30] * 60_000, 10, 65535)) == 200_000
    assert time.process_time() - started < 2


def test_patches_are_drawn_as_a_plain_loop_draws_them():
    """Also those that reach beyond the canvas, as in GIF files."""
    rng = np.random.default_rng(0)
    patches = []
    for number in range(60):
        height, width = rng.integers(1, 7, 2)
        pixels = rng.integers(0, 256, (height, width, 4), np.uint8)
        pixels[..., 3] = rng.choice(
            [[0], [255], [0, 255], [0, 90, 255]][number % 4], (height, width)
        )
        left, top = rng.integers(0, 8, 2).tolist()
        disposal = ["keep", "clear", "restore"][rng.integers(3)]
        patches.append(Patch(Image.fromarray(pixels), left, top, 9, number % 3 > 0, disposal))
    canvas = np.zeros((6, 7, 4), np.uint8)
    for frame, patch in zip(compose((7, 6), patches), patches, strict=True):
        before = canvas.copy()
        place = np.zeros((6, 7), bool)
        place[patch.top : patch.top + patch.image.height, patch.left :][:, : patch.image.width] = (
            True
        )
        for y, x in np.argwhere(place):
            new = patch.image.getpixel((int(x) - patch.left, int(y) - patch.top))
            if patch.over:
                below = Image.new("RGBA", (1, 1), tuple(canvas[y, x].tolist()))
                new = Image.alpha_composite(below, Image.new("RGBA", (1, 1), new)).getpixel((0, 0))
            canvas[y, x] = new
        assert np.array_equal(np.asarray(frame.image), canvas)
        if patch.disposal == "clear":
            canvas[place] = 0
        elif patch.disposal == "restore":
            canvas = before
