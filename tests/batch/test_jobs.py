"""Which file is made from which."""

import io
import os
import threading

import pytest
from PIL import Image

from pixelization.batch.jobs import plan_jobs
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
        plan_jobs([name, name], stream, OutputOptions())


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
