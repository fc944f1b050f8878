"""The batch as a library: what a server or a plugin calls, without a command line."""

import io
import os
import signal

import numpy as np
import pytest
from PIL import Image

from pixelization.batch.jobs import plan_jobs
from pixelization.batch.options import OutputOptions, SourceOptions
from pixelization.batch.report import FIELDS
from pixelization.batch.run import Threads
from pixelization.batch.sprites import share_palette, write_sprites
from pixelization.errors import UserError
from pixelization.pipeline.style import Style
from pixelization.reducers.base import Reduced, sprite_size
from tests.make import random_sprite

SOURCE, OUTPUT = SourceOptions(), OutputOptions()


def sample(image, *, cell_size, size):
    """The simplest reducer: one pixel of every cell."""
    width, height = sprite_size(image.size, cell_size, size)
    sprite = image.resize((width, height), Image.Resampling.NEAREST)
    return Reduced(sprite, (image.width / width, image.height / height))


def picture(path, seed=0, size=(36, 40)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(random_sprite(seed, size)).save(path)
    return str(path)


def moving(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, loop=0)


def test_bytes_to_a_stream(tmp_path):
    picture(tmp_path / "a.png")
    data, stream = (tmp_path / "a.png").read_bytes(), io.BytesIO()
    jobs = plan_jobs([data], stream, OUTPUT)
    (result,) = write_sprites(jobs, sample, Style(size=(20, 18)), SOURCE, OUTPUT)
    report = result.report
    assert (result.error, report.input, report.output) == (None, "stdin", None)
    assert (report.input_size, report.size, report.cell_size) == ((40, 36), (20, 18), (2, 2))
    assert Image.open(stream).size == (20, 18)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_results_come_one_by_one_in_order_and_a_bad_job_is_a_value(tmp_path):
    inputs = [picture(tmp_path / f"{name}.png") for name in "ac"]
    inputs.insert(1, str(tmp_path / "b.png"))
    jobs = plan_jobs(inputs, str(tmp_path / "out"), OUTPUT)
    results = write_sprites(jobs, sample, Style(cell_size=2), SOURCE, OUTPUT)
    assert next(results).error is None
    assert not (tmp_path / "out" / "c.png").exists()  # nobody has asked for it yet
    second, third = results
    assert isinstance(second.error, UserError) and "no such file" in second.report.error
    assert third.error is None and third.report.output == str(tmp_path / "out" / "c.png")


def test_workers_give_the_same_in_the_same_order(tmp_path):
    inputs = [picture(tmp_path / f"{number}.png", number) for number in range(6)]
    for workers in (1, 3):
        jobs = plan_jobs(inputs, str(tmp_path / f"out{workers}"), OUTPUT)
        results = write_sprites(
            jobs, sample, Style(cell_size=2, colors=4), SOURCE, OUTPUT, engine=Threads(workers)
        )
        assert [result.report.input for result in results] == inputs
    for number in range(6):
        first, second = (
            (tmp_path / f"out{workers}" / f"{number}.png").read_bytes() for workers in (1, 3)
        )
        assert first == second


def test_a_shared_palette_with_progress(tmp_path):
    inputs = [picture(tmp_path / f"{number}.png", number) for number in range(3)]
    output = OutputOptions(palette_file=tmp_path / "p.hex")
    jobs = plan_jobs(inputs, str(tmp_path / "out"), output)
    ticks: list[None] = []
    style = share_palette(
        jobs, sample, Style(cell_size=2, colors=5), SOURCE, tick=lambda: ticks.append(None)
    )
    assert len(ticks) == 3
    assert style.colors is None
    palettes = [
        result.report.palette for result in write_sprites(jobs, sample, style, SOURCE, output)
    ]
    assert palettes[0] == palettes[1] == palettes[2] and len(palettes[0]) == 5
    assert (tmp_path / "p.hex").read_text().split() == palettes[0]


def test_going_on_keeps_the_palette_file_or_says_that_it_is_another(tmp_path):
    inputs = [picture(tmp_path / f"{number}.png", number) for number in range(2)]
    file = tmp_path / "p.gpl"
    output = OutputOptions(palette_file=file, skip_existing=True)

    def run(inputs):
        jobs, style = plan_jobs(inputs, str(tmp_path / "out"), output), Style(cell_size=2, colors=4)
        if len(jobs) > 1:
            style = share_palette(jobs, sample, style, SOURCE)
        return list(write_sprites(jobs, sample, style, SOURCE, output))

    assert not any(each.report.skipped for each in run(inputs))
    (tmp_path / "out" / "1.png").unlink()
    written = file.read_bytes()
    assert [each.report.skipped for each in run(inputs)] == [True, False]
    with pytest.raises(UserError, match="p.gpl: holds another palette"):
        run([*inputs, picture(tmp_path / "2.png", 2)])
    (tmp_path / "out" / "1.png").unlink()
    (alone,) = run(inputs[1:])
    assert "p.gpl: holds another palette" in str(alone.error)
    assert file.read_bytes() == written


def test_snapping_is_what_there_is_without_a_reducer(tmp_path):
    sprite = random_sprite(0)[..., :3]
    Image.fromarray(sprite.repeat(4, axis=0).repeat(4, axis=1)).save(tmp_path / "a.png")
    jobs = plan_jobs([str(tmp_path / "a.png")], str(tmp_path / "b.png"), OUTPUT)
    (result,) = write_sprites(jobs, None, Style(), SOURCE, OUTPUT)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "b.png")), sprite)
    assert result.report.grid.size == (50, 37)
    assert list(result.report.as_json()) == [*FIELDS, "grid"]
    jobs = plan_jobs([str(tmp_path / "a.png")], io.BytesIO(), OUTPUT)
    (result,) = write_sprites(jobs, None, Style(cell_size=4), SOURCE, OUTPUT)
    assert result.report.as_json()["grid"] is None  # it was given


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_beside_a_sprite_does_not_stay_alone_where_that_fails(
    overwrite, tmp_path, monkeypatch
):
    """Alone it would stand in the way of another try; what is replaced was there before."""

    def fails(*arguments):
        raise UserError("the source is gone")

    monkeypatch.setattr("pixelization.batch.output.source_layer", fails)
    palette = tmp_path / "p.gpl"
    output = OutputOptions(preview=2, overwrite=overwrite, palette_file=palette)
    jobs = plan_jobs([picture(tmp_path / "a.png")], str(tmp_path / "out"), output)
    (result,) = write_sprites(jobs, sample, Style(cell_size=2, colors=4), SOURCE, output)
    assert "the source is gone" in str(result.error)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a_preview.png"] * overwrite
    assert palette.exists() == overwrite


def test_a_preview_of_somebody_else_stays(tmp_path, monkeypatch):
    output = OutputOptions(preview=2)
    jobs = plan_jobs([picture(tmp_path / "a.png")], str(tmp_path / "out"), output)
    theirs = tmp_path / "out" / "a_preview.png"

    def meanwhile(*arguments):
        theirs.parent.mkdir(exist_ok=True)
        theirs.write_text("theirs")

    monkeypatch.setattr("pixelization.batch.output.check_free", meanwhile)
    (result,) = write_sprites(jobs, sample, Style(cell_size=2), SOURCE, output)
    assert "a_preview.png: exists" in str(result.error) and theirs.read_text() == "theirs"


def test_a_signal_leaves_a_sprite_with_its_preview(tmp_path, monkeypatch):
    moving(tmp_path / "walk.gif")
    output = OutputOptions(preview=2, format="sequence")
    jobs = plan_jobs([str(tmp_path / "walk.gif")], str(tmp_path / "out"), output)
    replace = os.replace

    def interrupted(source, target):
        if target.name == "walk_0002.png":
            signal.raise_signal(signal.SIGINT)
        replace(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    results = write_sprites(jobs, sample, Style(cell_size=2), SOURCE, output)
    with pytest.raises(KeyboardInterrupt):
        next(results)
    assert len([*(tmp_path / "out").iterdir()]) == 4
