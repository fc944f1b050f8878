"""What an engine may count on: work and jobs can leave the process, and die there."""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import pytest
from PIL import Image

from pixelization.batch.jobs import plan_jobs
from pixelization.batch.options import OutputOptions, SourceOptions
from pixelization.batch.run import Threads
from pixelization.batch.sprites import share_palette, write_sprites
from pixelization.errors import UserError
from pixelization.lazily import Lazily
from pixelization.pipeline.style import Style
from pixelization.reducers.networks import reduce_when_needed
from tests.batch.elsewhere import Elsewhere
from tests.batch.test_sprites import moving, picture, sample
from tests.make import random_sprite

SOURCE, STYLE = SourceOptions(), Style(cell_size=2, colors=4)
OUTPUT = OutputOptions(preview=2)


def pictures(folder, count=4):
    return [picture(folder / f"{number}.png", number) for number in range(count)]


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def run(inputs, folder, engine, output=OUTPUT, style=STYLE, reduce=sample):
    jobs = plan_jobs(inputs, str(folder), output)
    return list(write_sprites(jobs, reduce, style, SOURCE, output, engine=engine))


def test_results_are_the_same_and_none_is_twice_whoever_dies(tmp_path):
    inputs = [*pictures(tmp_path), str(tmp_path / "missing.png")]
    here = run(inputs, tmp_path / "here", Threads(2))
    away = run(inputs, tmp_path / "away", Elsewhere(dying={1, 2}))
    assert files(tmp_path / "here") == files(tmp_path / "away")
    assert [each.report.input for each in away] == inputs
    for first, second in zip(here, away, strict=True):
        assert first.report.palette == second.report.palette
        assert str(first.error) == str(second.error)  # none says that its file exists already
    assert not any(each.report.skipped for each in away)


def test_networks_stay_behind_and_are_loaded_where_they_are_needed(tmp_path):
    reduce = reduce_when_needed(Lazily(unpicklable))
    image = Image.fromarray(random_sprite(0, (8, 8)))
    assert reduce(image, cell_size=2, size=None).sprite.size == (4, 4)  # is loaded here
    (result,) = run(pictures(tmp_path, 1), tmp_path / "out", Elsewhere(), reduce=reduce)
    assert result.error is None


def unpicklable():
    lock = Lock()

    def reduce(image, **how):
        with lock:
            return sample(image, **how)

    return reduce


@pytest.mark.parametrize("there", ["1.png", "1_preview.png"])
def test_what_was_there_is_not_taken_for_what_a_dead_worker_left(tmp_path, there):
    inputs = pictures(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / there).write_text("precious")
    results = run(inputs, tmp_path / "out", Elsewhere(dying={1, 2}))
    assert [each.error is None for each in results] == [True, False, True, True]
    assert f"{there}: exists" in str(results[1].error) and results[1].error.option == "overwrite"
    assert (tmp_path / "out" / there).read_text() == "precious"


@pytest.mark.parametrize("skip", [False, True])
def test_what_was_there_under_the_name_of_a_stores_animation_stays(tmp_path, skip):
    pytest.importorskip("pyarrow.fs")
    inputs, precious = [f"file://{tmp_path}/in"], tmp_path / "out" / "walk.gif"
    picture(tmp_path / "in" / "a.png")
    moving(tmp_path / "in" / "walk.gif")
    precious.parent.mkdir()
    precious.write_text("precious")
    output = OutputOptions(skip_existing=skip)
    results = run(inputs, tmp_path / "out", Elsewhere(dying={0, 1}), output)
    assert [each.error is None for each in results] == [True, skip]
    assert results[1].report.skipped == skip and precious.read_text() == "precious"


@pytest.mark.parametrize("engine", [Threads(2), Elsewhere(dying={1, 2})], ids=["threads", "away"])
def test_going_on_replaces_what_a_killed_run_left_beside_a_missing_result(tmp_path, engine):
    inputs, out = [*pictures(tmp_path), str(tmp_path / "walk.gif")], tmp_path / "out"
    moving(tmp_path / "walk.gif")
    output = OutputOptions(preview=2, skip_existing=True, format="sequence")
    run(inputs, out, Threads(), output)
    whole = files(out)
    left = ("0.png", "2_preview.png", "walk_0001.png", "walk_0002.png", "walk_0001_preview.png")
    for name in whole:
        if name in left:
            (out / name).write_text("mine")
        else:
            (out / name).unlink()
    (out / "walk_0001.png").unlink()
    results = run(inputs, out, engine, output)
    assert [each.error for each in results] == [None] * 5
    assert [each.report.skipped for each in results] == [True, False, False, False, False]
    assert (out / "0.png").read_text() == "mine"
    whole = {name: data for name, data in whole.items() if not name.startswith("0")}
    assert {name: data for name, data in files(out).items() if name != "0.png"} == whole


@pytest.mark.parametrize("engine", [Threads(), Elsewhere()], ids=["threads", "away"])
def test_going_on_only_a_file_counts_as_a_result(tmp_path, engine):
    inputs, out = pictures(tmp_path), tmp_path / "out"
    (out / "0.png").mkdir(parents=True)
    (out / "1.png").symlink_to("nowhere.png")
    (out / "2_preview.png").mkdir()
    output = OutputOptions(preview=2, skip_existing=True)
    folder, link, beside, good = run(inputs, out, engine, output)
    assert "0.png: is a folder, not a file" in str(folder.error)
    assert "1.png: exists as a link that leads nowhere" in str(link.error)
    assert "2_preview.png: is a folder" in str(beside.error)
    assert good.error is None and (out / "1.png").is_symlink() and not (out / "2.png").exists()


def test_what_a_dead_worker_was_writing_is_gone_in_the_end(tmp_path):
    leaving = Leaving(tmp_path / "out" / f".pixelization-{'0' * 16}.tmp")
    run(pictures(tmp_path), tmp_path / "out", Elsewhere(deadly={2}), reduce=leaving)
    assert not leaving.file.exists()
    assert sorted(files(tmp_path / "out")) == sorted(
        f"{number}{kind}.png" for number in (0, 1, 3) for kind in ("", "_preview")
    )


@dataclass(frozen=True)
class Leaving:
    """Leaves half a file, as a worker does that is killed while it writes."""

    file: Path

    def __call__(self, image, **how):
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text("half a sprite")
        return sample(image, **how)


def test_a_job_that_no_worker_survives_fails_and_the_others_are_done(tmp_path):
    inputs = pictures(tmp_path)
    results = run(inputs, tmp_path / "out", Elsewhere(deadly={0, 3}))
    assert [each.error is None for each in results] == [False, True, True, False]
    assert isinstance(results[0].error, UserError) and "0.png" in str(results[0].error)
    assert results[0].report.error == str(results[0].error)


def test_what_is_done_is_not_even_sent_and_is_reported_in_its_place(tmp_path):
    inputs, engine = pictures(tmp_path), Elsewhere()
    run(inputs[1:3], tmp_path / "out", Threads())
    output = OutputOptions(preview=2, skip_existing=True)
    results = run(inputs, tmp_path / "out", engine, output)
    assert engine.given == [inputs[0], inputs[3]]
    assert [each.report.skipped for each in results] == [False, True, True, False]
    assert [each.report.input for each in results] == inputs


def test_a_shared_palette_is_fitted_to_all_jobs_but_the_lost(tmp_path):
    jobs = plan_jobs(pictures(tmp_path), str(tmp_path / "out"), OUTPUT)
    here = share_palette(jobs, sample, STYLE, SOURCE)
    away = share_palette(jobs, sample, STYLE, SOURCE, engine=Elsewhere(dying={0}))
    fewer = share_palette(jobs, sample, STYLE, SOURCE, engine=Elsewhere(deadly={0}))
    assert here.palette.hex() == away.palette.hex() != fewer.palette.hex()


def test_a_grid_that_is_not_sure_comes_back_as_it_was_raised(tmp_path):
    inputs = pictures(tmp_path, 2)
    here, away = (
        run(inputs, tmp_path / name, engine, style=Style(), reduce=None)
        for name, engine in (("here", Threads()), ("away", Elsewhere()))
    )
    assert [type(each.error) for each in here] == [type(each.error) for each in away]
    assert [each.report.grid for each in here] == [each.report.grid for each in away]
