"""Smooth images of many sprites, as a library."""

import numpy as np

from pixelization.animation.reading import open_animation
from pixelization.animation.writing import write_animation
from pixelization.batch.jobs import plan_jobs
from pixelization.batch.options import OutputOptions, SmoothOptions, SourceOptions
from pixelization.batch.smooth import smooth_sprites
from pixelization.enlargers.scalers import classical_enlarger
from pixelization.pipeline.style import Style
from tests.make import random_sprite

SOURCE, OUTPUT = SourceOptions(), OutputOptions()


def test_smooth_animations_keep_their_timing(tmp_path):
    frames = [random_sprite(seed, (30, 32))[..., :3] for seed in range(3)]
    write_animation(frames, tmp_path / "a.webp", durations=[40, 80, 120], plays=2, format="webp")
    jobs = plan_jobs([str(tmp_path / "a.webp")], str(tmp_path / "out"), OUTPUT)
    drawing = SmoothOptions(factor=2, keep_colors=False)
    style, nearest = Style(cell_size=1.0), classical_enlarger("nearest")
    (result,) = smooth_sprites(jobs, nearest, style, drawing, SOURCE, OUTPUT)
    assert (result.error, result.report.size, result.report.frames) == (None, (64, 60), 3)
    with open_animation(tmp_path / "out" / "a.webp") as reader:
        found = list(reader)
    assert ([frame.duration for frame in found], reader.plays) == ([40, 80, 120], 2)
    for frame, sprite in zip(found, frames, strict=True):
        assert np.array_equal(np.asarray(frame.image)[::2, ::2], sprite)
