"""Which file is made from which."""

import io
import os
import threading

import pytest
from PIL import Image

from pixelization.batch import jobs
from pixelization.batch.jobs import exists, plan_jobs
from pixelization.batch.options import OutputOptions
from pixelization.errors import UserError


def test_planning_needs_no_file_to_exist_but_a_way_to_name_the_outputs(tmp_path):
    (job,) = plan_jobs(
        [str(tmp_path / "no.webp")], str(tmp_path / "out"), OutputOptions(suffix="_x")
    )
    assert job.outputs == {"main": tmp_path / "out" / "no_x.png"}
    with pytest.raises(UserError, match="written over the input"):
        plan_jobs([str(tmp_path / "no.png")], str(tmp_path), OutputOptions())


def test_further_outputs_are_named_after_the_main_one(tmp_path):
    options = OutputOptions(preview=2, network_output=True)
    (job,) = plan_jobs([str(tmp_path / "a.jpg")], str(tmp_path / "out"), options)
    assert {what: path.name for what, path in job.paths.items()} == {
        "main": "a.png",
        "network": "a_network.png",
        "preview": "a_preview.png",
    }
    assert job.format is None


def test_a_stream_takes_one_file_of_one_input(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    name, stream = str(tmp_path / "a.png"), io.BytesIO()
    (job,) = plan_jobs([name], stream, OutputOptions())
    assert job.outputs == {"main": stream} and job.paths == {}
    with pytest.raises(UserError, match="takes one file only"):
        plan_jobs([name], stream, OutputOptions(preview=2))
    with pytest.raises(UserError, match="there are 2 inputs"):
        plan_jobs([name, str(tmp_path / "b.png")], stream, OutputOptions())


def test_bytes_are_an_input(tmp_path):
    (job,) = plan_jobs([b""], str(tmp_path), OutputOptions())  # reading will say that it is empty
    assert (job.source, job.name) == (b"", "stdin")
    assert job.paths == {"main": tmp_path / "stdin.png"}


def test_a_pipe_is_read_once(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"GIF89a",))
    writer.start()
    (job,) = plan_jobs([str(pipe)], str(tmp_path / "out"), OutputOptions())
    writer.join()
    assert (job.source, job.name) == (b"GIF89a", "pipe")
    assert job.outputs["main"] == tmp_path / "out" / "pipe.png"


@pytest.mark.parametrize("protected", ["p.png", "link.png", "hard.png", "x/../p.png"])
def test_what_is_read_besides_is_never_written_over(protected, tmp_path):
    (tmp_path / "p.png").write_bytes(b"precious")
    (tmp_path / "x").mkdir()
    (tmp_path / "link.png").symlink_to(tmp_path / "p.png")
    os.link(tmp_path / "p.png", tmp_path / "hard.png")
    read = [tmp_path / protected]
    options = OutputOptions(overwrite=True)
    with pytest.raises(UserError, match="written over the input"):
        plan_jobs(["a.png"], str(tmp_path / "p.png"), options, protected=read)
    with pytest.raises(UserError, match="written over the input"):
        plan_jobs([str(tmp_path / "in" / "p.jpg")], str(tmp_path), options, protected=read)
    options = OutputOptions(overwrite=True, palette_file=tmp_path / "p.png")
    with pytest.raises(UserError, match="written over the input"):
        plan_jobs(["a.png"], str(tmp_path / "out"), options, protected=read)
    options = OutputOptions(overwrite=True, grid_file=tmp_path / "p.png")
    with pytest.raises(UserError, match="written over the input"):
        plan_jobs(["a.png"], str(tmp_path / "out"), options, protected=read)
    options = OutputOptions(overwrite=True, preview=2)
    (tmp_path / "p.png").rename(tmp_path / "q_preview.png")
    with pytest.raises(UserError, match="written over the input"):
        plan_jobs(
            ["a.png"], str(tmp_path / "q.png"), options, protected=[tmp_path / "q_preview.png"]
        )


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        (["cat.png", "cat.jpg"], ["cat_png.png", "cat_jpg.png"]),
        (["cat.webp", "cat.JPG", "dog.jpg"], ["cat_webp.png", "cat_JPG.png", "dog.png"]),
        (["a/cat.bmp", "b/cat.png"], ["cat_bmp.png", "cat_png.png"]),
        (["a.b.jpg", "a.b.png"], ["a.b_jpg.png", "a.b_png.png"]),
        (["cat", "cat.png"], ["cat.png", "cat_png.png"]),
    ],
)
def test_names_that_differ_in_the_suffix_only_stay_apart(inputs, outputs, tmp_path):
    jobs = plan_jobs(
        [str(tmp_path / name) for name in inputs], str(tmp_path / "out"), OutputOptions()
    )
    assert [job.paths["main"].name for job in jobs] == outputs
    for job, name in zip(jobs, outputs, strict=True):
        renamed = "_" in name
        assert job.remarks == ((f"is written to {name}",) if renamed else ())


def test_numbered_images_are_there_when_the_first_one_is(tmp_path):
    (job,) = plan_jobs([str(tmp_path / "in_%d.png")], str(tmp_path / "o_%d.png"), OutputOptions())
    assert job.format == "sequence"
    (tmp_path / "o_2.png").touch()
    assert not exists(job)
    (tmp_path / "o_1.png").touch()
    assert exists(job)


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (["w_%d.png", "w_2.jpg"], {}),
        (["w_%04d.png", "x/w_12345.png"], {}),
        (["w_%d.png"], {"palette_file": "w_2.png"}),
        (["w_%d.png"], {"grid_file": "../out/w_03.png/../w_3.png"}),
        (["w_%d.png"], {"palette_file": "w_1_preview.png", "preview": 2}),
    ],
)
def test_what_may_be_a_frame_of_another_result_is_refused(names, options, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    options = {key: out / value if key != "preview" else value for key, value in options.items()}
    sources = [str(tmp_path / name) for name in names]
    with pytest.raises(UserError, match="may be a frame of .*%.*: separate or rename them"):
        plan_jobs(sources, str(out), OutputOptions(overwrite=True, **options))


def test_names_that_are_no_frames_are_no_trouble(tmp_path):
    sources = [str(tmp_path / name) for name in ("w_%02d.png", "w_2.jpg", "w_002.jpg", "w_x.jpg")]
    assert len(plan_jobs(sources, str(tmp_path / "out"), OutputOptions())) == 4


@pytest.mark.parametrize("names", [["a/x.png", "b/x.png"], ["a/x.jpg", "b/x.jpg"]])
def test_equal_names_are_refused(names, tmp_path):
    with pytest.raises(UserError, match="would be written there"):
        plan_jobs([str(tmp_path / name) for name in names], str(tmp_path / "out"), OutputOptions())


@pytest.mark.parametrize("listed", [[], ["in/a.png", "in/a.png", "in/b.jpg"]])
@pytest.mark.parametrize("again", ["in", "in/a.png", "in/*.png", "in/../in/a.png"])
def test_an_input_that_is_given_twice_is_one(again, listed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.jpg"):
        (tmp_path / "in" / name).write_bytes(b"")
    jobs = plan_jobs(["in", again], "out", OutputOptions(), listed=listed)
    assert [job.name for job in jobs] == ["in/a.png", "in/b.jpg"]


def test_one_input_twice_may_name_its_result(tmp_path):
    given = [str(tmp_path / "a.png")] * 2
    (job,) = plan_jobs(given, str(tmp_path / "b.png"), OutputOptions())
    assert job.paths == {"main": tmp_path / "b.png"}


def test_a_size_that_is_given_twice_is_said(tmp_path):
    with pytest.raises(UserError, match=r"a_16.png: two results of .*a.png .*every size"):
        plan_jobs(
            [str(tmp_path / "a.png")],
            str(tmp_path / "out"),
            OutputOptions(),
            sizes=[(16, None), (8, None), (16, None)],
        )


@pytest.mark.parametrize("error", [MemoryError(), RecursionError("deep"), ValueError("odd")])
def test_what_goes_wrong_with_one_input_is_the_problem_of_its_job(error, tmp_path, monkeypatch):
    def look(source):
        if source.name == "b.png":
            raise error

    monkeypatch.setattr(jobs, "animation_format", look)
    sources = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    for source in sources:
        source.touch()
    first, second, third = plan_jobs(
        list(map(str, sources)), str(tmp_path / "out"), OutputOptions()
    )
    assert first.problem is None and third.problem is None
    assert "memory" in second.problem or type(error).__name__ in second.problem


def test_folders_that_cannot_be_read_are_jobs_with_a_problem(tmp_path, monkeypatch):
    for name in ("a", "locked", "z"):
        (tmp_path / "in" / name).mkdir(parents=True)
        Image.new("RGB", (4, 4)).save(tmp_path / "in" / name / "x.png")
    scan = os.scandir

    def scandir(path, locked="locked"):
        if str(path).endswith(locked):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = plan_jobs([str(tmp_path / "in")], str(tmp_path / "o"), OutputOptions(), recursive=True)
    assert [job.problem is None for job in found] == [True, True, False]
    assert "in/locked: the folder cannot be read (Permission denied)" in found[2].problem
    monkeypatch.setattr(os, "scandir", lambda path: scandir(path, "in"))
    with pytest.raises(UserError, match="Permission denied"):
        plan_jobs([str(tmp_path / "in")], str(tmp_path / "o"), OutputOptions(), recursive=True)


def test_folders_and_globs_without_files_do_not_stop_the_others(tmp_path):
    for name in ("a/x", "b/x", "in"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "in" / "x.png").touch()
    names = ["a/x", "b/x", "*.gif", "in", "a/x"]
    sources = [str(tmp_path / name) for name in names]
    for output in ("out", "in.parquet"):
        found = plan_jobs(sources, str(tmp_path / output), OutputOptions(), sizes=[(4, 4), (8, 8)])
        assert [job.problem and job.problem.split(": ")[1][:9] for job in found] == [
            *["no images"] * 4, *["no file m"] * 2, *[None] * 2
        ]  # fmt: skip
        assert found[6].paths["main"] == tmp_path / output / "x_4x4.png"


def test_a_name_that_ends_in_a_slash_is_that_of_a_folder(tmp_path):
    for name in ("z.png", "z.jpg", "z"):
        (job,) = plan_jobs([str(tmp_path / "a.png")], f"{tmp_path}/{name}/", OutputOptions())
        assert job.paths == {"main": tmp_path / name / "a.png"}
    (tmp_path / "z.png").touch()
    with pytest.raises(UserError, match="z.png/: is a file: name a folder"):
        plan_jobs([str(tmp_path / "a.png")], f"{tmp_path}/z.png/", OutputOptions())


def test_a_current_folder_that_is_gone_is_said(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(UserError, match="the current folder is gone"):
        plan_jobs(["a.png"], "b.png", OutputOptions())


def test_numbered_images_may_lie_in_a_folder_with_brackets(tmp_path):
    folder = tmp_path / "renders [v2]"
    folder.mkdir()
    Image.new("RGB", (4, 4)).save(folder / "walk_0001.png")
    Image.new("RGB", (4, 4)).save(folder / "50%done.png")

    def found(name):
        return plan_jobs([str(tmp_path / name)], str(tmp_path / "out"), OutputOptions())

    (job,) = found("renders [v2]/walk_%04d.png")
    assert job.format == "sequence" and job.source == folder / "walk_%04d.png"
    assert [job.source for job in found("renders*/*%done.png")] == [folder / "50%done.png"]
    with pytest.raises(UserError, match="no file matches"):
        found("nowhere*/walk_%04d.png")


def test_numbered_results_are_png_files(tmp_path):
    source = str(tmp_path / "walk_%d.png")
    (job,) = plan_jobs([source], str(tmp_path / "out_%04d.png"), OutputOptions())
    assert job.format == "sequence"
    with pytest.raises(UserError, match="end the name in .png, or take the number %04d out of it"):
        plan_jobs([source], str(tmp_path / "out_%04d.gif"), OutputOptions())
