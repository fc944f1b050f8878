"""Files of object stores; the file system of this machine stands for one."""

import pytest

from pixelization.batch.jobs import fetched, plan_jobs
from pixelization.batch.options import OutputOptions, SourceOptions
from pixelization.batch.sprites import write_sprites
from pixelization.errors import UserError
from pixelization.images.reading import is_image_name
from pixelization.pipeline.style import Style
from pixelization.remote import is_url, remote, without_keys
from tests.batch.test_sprites import moving, picture, sample

pytest.importorskip("pyarrow.fs")
STYLE = Style(cell_size=2)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("s3://bucket/a.png", True),
        ("file:///a.png", True),
        ("abfs://c@a.dfs.core.windows.net/x", True),
        ("C://a.png", False),
        ("a.png", False),
        ("a/b://c", False),
        (b"s3://bucket/a.png", False),
    ],
)
def test_what_is_a_url(text, found):
    assert is_url(text) is found


def test_files_below_a_folder(tmp_path):
    for name in ("b.png", "a.png", "sub dir/c.png", "notes.txt", ".c.png", ".cache/d.png"):
        picture(tmp_path / name) if name.endswith("png") else (tmp_path / name).write_text("x")
    folder = remote(f"file://{tmp_path}")

    def names(recursive):
        return [name for _, name in folder.files(recursive=recursive, wanted=is_image_name)]

    assert names(False) == ["a.png", "b.png"]
    assert names(True) == ["a.png", "b.png", "sub dir/c.png"]
    one = remote(f"file://{tmp_path}/sub%20dir/c.png")
    assert one.read() == (tmp_path / "sub dir/c.png").read_bytes()
    assert str(one) == f"file://{tmp_path}/sub%20dir/c.png"


def test_a_file_is_written_whole_and_removed(tmp_path):
    file = remote(f"file://{tmp_path}/new/a.bin")
    file.write(b"1")
    file.write(b"2")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.bin"]
    assert file.read() == b"2"
    file.remove()
    assert not list((tmp_path / "new").iterdir())
    with pytest.raises(UserError, match=r"a\.bin: no such file"):
        file.read()


def test_options_of_a_url_are_not_told():
    # They may hold keys.
    file = remote("s3://bucket/a b.png?endpoint_override=SECRET&region=eu-west-1")
    assert str(file) == "s3://bucket/a%20b.png" and file.path == "bucket/a b.png"
    file = remote("s3://me:SECRET@bucket/a.png?region=eu-west-1")
    assert str(file) == "s3://bucket/a.png"


@pytest.mark.parametrize("below", ["a.png", "/a.png", "sub//a.png", "a#1.png", "a b?.png"])
def test_names_in_a_url_are_kept_as_they_are(tmp_path, below):
    url = f"file://{tmp_path}/{below.replace(' ', '%20').replace('?', '%3F')}"
    file = remote(url)
    assert file.path == f"{tmp_path}/{below}"
    assert str(file) == url.replace("#", "%23")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/x.parquet?access_key=SECRET&region=a", "s3://bucket/x.parquet"),
        ("s3://me:SECRET@bucket//a", "s3://bucket//a"),
        ("file:////a//b", "file:////a//b"),
        ("gs://bucket", "gs://bucket"),
    ],
)
def test_a_url_without_keys(url, shown):
    assert without_keys(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "s3://a b/x?secret_key=SECRET",
        "xyz://a?key=SECRET",
        "s3://me:SECRET@a b/x",
        "s3://[::1/x?secret_key=SECRET",
    ],
)
def test_no_key_is_told_where_a_url_cannot_be_used(url):
    with pytest.raises(UserError) as error:
        remote(url)
    assert "SECRET" not in str(error.value) and "\n" not in str(error.value)


def test_what_pyarrow_does_not_read_is_one_line():
    with pytest.raises(UserError, match="http://: cannot be read"):
        remote("http://example.org/a.png")


def test_too_large_a_file_is_not_read(tmp_path, monkeypatch):
    picture(tmp_path / "a.png")
    monkeypatch.setenv("PIXELIZATION_MAX_FILE_BYTES", "10")
    with pytest.raises(UserError, match="PIXELIZATION_MAX_FILE_BYTES"):
        remote(f"file://{tmp_path}/a.png").read()


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))


def run(inputs, out, output=None, **how):
    output = output or OutputOptions(preview=2)
    jobs = plan_jobs(inputs, str(out), output, recursive=True, **how)
    return list(write_sprites(jobs, sample, STYLE, SourceOptions(), output))


def test_a_folder_of_a_store_gives_what_a_folder_gives(tmp_path):
    picture(tmp_path / "in" / "a.png")
    picture(tmp_path / "in" / "sub" / "b.png", 1)
    moving(tmp_path / "in" / "sub" / "walk.gif")
    here = run([str(tmp_path / "in")], tmp_path / "here")
    away = run([f"file://{tmp_path}/in"], tmp_path / "away")
    assert names(tmp_path / "away") == names(tmp_path / "here")
    assert "sub/walk.gif" in names(tmp_path / "away")
    for name in names(tmp_path / "here"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "away" / name).read_bytes()
    assert [each.report.size for each in here] == [each.report.size for each in away]
    assert away[2].report.output == str(tmp_path / "away/sub/walk.gif")
    again = OutputOptions(preview=2, skip_existing=True)
    results = run([f"file://{tmp_path}/in"], tmp_path / "away", again)
    assert all(each.report.skipped for each in results)


def test_one_file_of_a_store_may_name_its_result(tmp_path):
    moving(tmp_path / "walk.gif")
    output = OutputOptions()
    (result,) = run([f"file://{tmp_path}/walk.gif"], tmp_path / "small.gif", output)
    assert result.error is None and (tmp_path / "small.gif").is_file()
    picture(tmp_path / "a.png")
    with pytest.raises(UserError, match=f"file://{tmp_path}/a.png is a still image"):
        run([f"file://{tmp_path}/a.png"], tmp_path / "other.gif", output)


def test_what_cannot_be_read_fails_alone(tmp_path):
    picture(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "b.png").write_bytes(b"no image")
    good, bad = run([f"file://{tmp_path}/in"], tmp_path / "out")
    assert good.error is None and f"file://{tmp_path}/in/b.png" in str(bad.error)
    with pytest.raises(UserError, match="no images there"):
        run([f"file://{tmp_path}/nowhere"], tmp_path / "out")


def test_a_list_mirrors_what_lies_below_the_common_folder(tmp_path):
    for name in ("in/a/x.png", "in/b/x.png"):
        picture(tmp_path / name)
    listed = [str(tmp_path / "in/a/x.png"), f"file://{tmp_path}/in/b/x.png"]
    results = run([], tmp_path / "out", OutputOptions(), listed=listed)
    assert [each.error for each in results] == [None, None]
    assert names(tmp_path / "out") == ["a/x.png", "b/x.png"]


def test_a_job_on_this_machine_is_not_fetched(tmp_path):
    (job,) = plan_jobs([picture(tmp_path / "a.png")], str(tmp_path / "out"), OutputOptions())
    assert fetched(job, OutputOptions()) is job
