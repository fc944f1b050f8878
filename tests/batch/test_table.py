"""Results as rows of a Parquet table."""

import pytest

from pixelization.batch.jobs import plan_jobs
from pixelization.batch.options import OutputOptions, SourceOptions
from pixelization.batch.run import Threads
from pixelization.batch.sprites import write_sprites
from pixelization.batch.table import PART_ROWS, Table, is_table
from pixelization.errors import UserError
from pixelization.pipeline.style import Style
from tests.batch.elsewhere import Elsewhere
from tests.batch.test_sprites import picture, sample

parquet = pytest.importorskip("pyarrow.parquet")
STYLE = Style(cell_size=2, colors=4)


def pictures(folder, count=4):
    return [picture(folder / f"{number}.png", number) for number in range(count)]


def results(inputs, where, engine=None, **options):
    """The results that go through a table, one by one."""
    output = OutputOptions(in_memory=True, **options)
    table = Table(where)
    jobs = plan_jobs(inputs, table.name, output)
    jobs = table.opened(jobs, overwrite=output.overwrite, skip_existing=output.skip_existing)
    engine = engine or Threads()
    made = write_sprites(jobs, sample, STYLE, SourceOptions(), output, engine=engine)
    return table.written(made)


def rows(where):
    return parquet.read_table(where.removeprefix("file://")).sort_by("name").to_pylist()


@pytest.fixture(params=["", "file://"], ids=["path", "url"])
def where(request, tmp_path):
    return f"{request.param}{tmp_path}/out.parquet"


@pytest.mark.parametrize("engine", [Threads(2), Elsewhere(dying={1})], ids=["threads", "away"])
def test_rows_hold_the_bytes_that_files_would_hold(tmp_path, where, engine):
    inputs = [*pictures(tmp_path), str(tmp_path / "missing.png")]
    jobs = plan_jobs(inputs, str(tmp_path / "files"), OutputOptions())
    files = list(write_sprites(jobs, sample, STYLE, SourceOptions(), OutputOptions()))
    made = list(results(inputs, where, engine))
    *good, missing = rows(where)
    assert [row["name"] for row in good] == ["0.png", "1.png", "2.png", "3.png"]
    for row, each in zip(good, files, strict=False):
        assert row["image"] == (tmp_path / "files" / row["name"]).read_bytes()
        assert (row["palette"], row["colors"]) == (each.report.palette, each.report.colors)
        assert (tuple(row["size"]), row["input"], row["error"]) == (
            each.report.size,
            each.report.input,
            None,
        )
    assert (missing["name"], missing["image"]) == ("missing.png", None)
    assert "no such file" in missing["error"]
    assert all(each.data is None for each in made)  # nobody keeps millions of them


def test_what_is_there_is_skipped_and_failures_are_tried_again(tmp_path, where):
    inputs = pictures(tmp_path, 3)
    late = str(tmp_path / "late.png")
    list(results([*inputs[:2], late], where))
    picture(tmp_path / "late.png", 9)
    again = list(results([*inputs, late], where, skip_existing=True))
    assert [each.report.skipped for each in again] == [True, True, False, False]
    found = rows(where)
    assert [row["name"] for row in found] == ["0.png", "1.png", "2.png", "late.png"]
    assert all(row["error"] is None and row["image"] for row in found)


def test_a_name_that_is_not_utf_8_fails_alone(tmp_path, where):
    inputs = [*pictures(tmp_path, 1), picture(tmp_path / "bad\udcff.png", 9)]
    good, bad = results(inputs, where)
    assert good.error is None
    assert "is no name in UTF-8" in str(bad.error)
    assert [(row["name"], row["error"] is None) for row in rows(where)] == [
        ("0.png", True),
        ("bad\\udcff.png", False),
    ]
    list(results(inputs, where, skip_existing=True))
    assert len(rows(where)) == 2


def test_a_folder_whose_name_is_not_utf_8(tmp_path, where):
    folder = tmp_path / "bad\udcff"
    folder.mkdir()
    (made,) = results(pictures(folder, 1), where)
    assert made.error is None
    assert rows(where)[0]["input"].endswith("/bad\\udcff/0.png")


def test_failures_of_other_inputs_stay(tmp_path, where):
    list(results([str(tmp_path / "missing.png")], where))
    list(results(pictures(tmp_path, 1), where, skip_existing=True))
    assert [row["name"] for row in rows(where)] == ["0.png", "missing.png"]


def test_results_that_are_there_are_not_written_over(tmp_path, where):
    inputs = pictures(tmp_path, 1)
    list(results(inputs, where))
    before = rows(where)
    for options in ({}, {"overwrite": True}):
        with pytest.raises(UserError, match="holds 1 results"):
            results(inputs, where, **options)
    assert rows(where) == before


def test_who_stops_in_the_middle_has_what_was_done(tmp_path, where):
    stopped = results(pictures(tmp_path), where)
    next(stopped), next(stopped)
    stopped.close()
    assert [row["name"] for row in rows(where)] == ["0.png", "1.png"]


def test_parts_are_of_some_rows_and_no_other_file_is_left(tmp_path, monkeypatch, where):
    monkeypatch.setattr("pixelization.batch.table.PART_ROWS", 2)
    list(results(pictures(tmp_path, 5), where))
    names = sorted(path.name for path in (tmp_path / "out.parquet").iterdir())
    assert [name[:11] for name in names] == ["part-000000", "part-000001", "part-000002"]
    assert len(rows(where)) == 5 and PART_ROWS > 2


@pytest.mark.parametrize("options", [{"preview": 2}, {"network_output": True}])
def test_a_table_takes_one_file_of_each_result(tmp_path, where, options):
    with pytest.raises(UserError, match="one file of each result"):
        results(pictures(tmp_path, 1), where, **options)


def test_a_damaged_part_is_said(tmp_path, where):
    (tmp_path / "out.parquet").mkdir()
    (tmp_path / "out.parquet" / "part-000000-00.parquet").write_bytes(b"PAR1")
    with pytest.raises(UserError, match="part-000000-00.parquet: cannot be read"):
        results(pictures(tmp_path, 1), where, skip_existing=True)


@pytest.mark.parametrize("name", ["notes.txt", "picture.png", "0.parquet", "_SUCCESS"])
def test_a_folder_with_anything_else_is_no_table(tmp_path, where, name):
    folder = tmp_path / "out.parquet"
    folder.mkdir()
    (folder / ".hidden").write_text("")
    Table(where)
    (folder / name).write_text("")
    with pytest.raises(UserError, match=f"out.parquet: is no table of results.*{name}"):
        Table(where)


@pytest.mark.parametrize("name", ["out.parquet", "out.parquet/below.parquet"])
def test_a_file_is_no_table(tmp_path, name):
    (tmp_path / "out.parquet").write_text("")
    with pytest.raises(UserError, match=f"{name}: a table is a folder, and there is a file"):
        Table(str(tmp_path / name))


def test_rows_are_called_by_the_tables_url_without_keys(tmp_path):
    where = f"file://{tmp_path}/out.parquet"
    results_of = list(results(pictures(tmp_path, 2), where))
    assert [each.report.output for each in results_of] == [f"{where}/0.png", f"{where}/1.png"]
    assert results_of[0].job.main_name == f"{where}/0.png"


def test_a_table_is_told_by_its_name():
    assert is_table("a/out.parquet") and is_table("s3://b/out.parquet?region=x")
    assert is_table("out.parquet/") and not is_table("out") and not is_table(None)
