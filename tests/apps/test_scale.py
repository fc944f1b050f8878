"""Lists, tables and engines, as the commands take them."""

import json
from importlib.util import find_spec

import pytest

from pixelization.apps.cli import depixelize, inputs, pixelize, snap, sprites
from tests.apps.calling import caller
from tests.apps.test_pixelize import draw

needs_arrow = pytest.mark.skipif(find_spec("pyarrow") is None, reason="pyarrow is not installed")
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")


@pytest.fixture
def call(tiny_weights, capsys):
    return caller(pixelize.main, capsys, "--weights", tiny_weights, "--size", "8", "--jobs", "2")


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}


def test_a_list_of_files_gives_what_the_folder_gives(call, tmp_path):
    names = [draw(tmp_path / "in" / each) for each in ("a.png", "b/a.png")]
    (tmp_path / "list.txt").write_text("\n".join(map(str, names)) + "\n\n")
    assert call(tmp_path / "in", "-r", "-o", tmp_path / "folder")[0] == 0
    assert call("--list", tmp_path / "list.txt", "-o", tmp_path / "listed")[0] == 0
    assert files(tmp_path / "folder") == files(tmp_path / "listed") != {}


def test_a_list_is_never_written_over(call, tmp_path):
    names = tmp_path / "names.hex"
    names.write_text(f"{draw(tmp_path / 'a.png')}\n")
    what = ("-o", tmp_path / "b.png", "--colors", "4", "--palette-out", names, "--overwrite")
    code, _, err = call("--list", names, *what)
    assert code == 2 and "names.hex: would be written over the input" in err
    assert names.read_text() == f"{tmp_path / 'a.png'}\n"


@pytest.mark.parametrize(
    "encoded",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),  # as editors of Windows save it
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.rstrip("\n").encode(),
    ],
)
def test_lists_of_other_editors_are_read(call, tmp_path, encoded):
    names = [draw(tmp_path / "in" / each) for each in ("a.png", "b\u2028\x0c.png")]
    (tmp_path / "list.txt").write_bytes(encoded("".join(f"{name}\n" for name in names)))
    assert call("--list", tmp_path / "list.txt", "-o", tmp_path / "out")[0] == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {name.name for name in names}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "out"], "there is no input: give a file or a folder, or --list FILE"),
        (["--list", "empty.txt", "-o", "out"], "empty.txt: names no file"),
        (["--list", "missing.txt", "-o", "out"], "missing.txt: no such file"),
        (["--list", "a.png", "-o", "out"], "a.png: is no list: give a text in UTF-8"),
        (["--list", "utf16.txt", "-o", "out"], "utf16.txt: is no list: give a text in UTF-8"),
        (["a.png", "-o", "s3://bucket/out"], "s3://bucket/out: results go to a folder"),
        (
            ["a.png", "-o", "out", "--address", "auto"],
            "--address is of a cluster: give --engine ray",
        ),
        (["a.png", "-o", "out", "--engine", "spark"], "'spark'"),
    ],
)
@pytest.mark.parametrize("tool", [pixelize, depixelize, snap])
def test_what_cannot_be_is_one_line(tool, capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "utf16.txt").write_text("a.png\n", "utf-16")
    draw(tmp_path / "a.png")
    code, out, err = caller(tool.main, capsys)(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1) and message in err


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")
def test_without_ray_it_says_what_to_install(call, tmp_path):
    code, _, err = call(draw(tmp_path / "a.png"), "-o", tmp_path / "out", "--engine", "ray")
    assert code == 2 and "pip install 'pixelization[ray]'" in err


@needs_arrow
def test_a_table_holds_the_bytes_of_the_files_and_goes_on(call, tmp_path):
    from pyarrow.parquet import read_table  # noqa: PLC0415 - not always installed

    for seed, name in enumerate(["a.png", "b/a.png"]):
        draw(tmp_path / "in" / name, seed=seed)
    (tmp_path / "in" / "bad.png").write_bytes(b"no image")
    call(tmp_path / "in", "-r", "-o", tmp_path / "folder")
    table = tmp_path / "out.parquet"
    code, out, err = call(tmp_path / "in", "-r", "-o", table, "--json")
    assert code == 1 and "1 of 3 files failed" in err
    reports = [json.loads(line) for line in out.splitlines()]
    assert [each["output"] for each in reports][::2] == [f"{table}/a.png", None]
    rows = {row["name"]: row for row in read_table(table).to_pylist()}
    for name in ("a.png", "b/a.png"):
        assert rows[name]["image"] == (tmp_path / "folder" / name).read_bytes()
    assert rows["bad.png"]["error"] == reports[2]["error"]
    code, _, err = call(tmp_path / "in", "-r", "-o", table)
    assert code == 2 and "holds 2 results" in err and "(--skip-existing)" in err
    draw(tmp_path / "in" / "bad.png", seed=5)
    code, out, _ = call(tmp_path / "in", "-r", "-o", table, "--skip-existing")
    assert (code, out) == (0, f"{table}/bad.png\n")
    assert sorted(read_table(table).column("name").to_pylist()) == ["a.png", "b/a.png", "bad.png"]


@needs_arrow
@needs_arrow
def test_what_is_made_is_in_the_table_where_it_cannot_be_printed(call, tmp_path, monkeypatch):
    from pyarrow.parquet import read_table  # noqa: PLC0415 - not always installed

    for name in "ab":
        draw(tmp_path / f"{name}.png")
    table = tmp_path / "out.parquet"

    def fail(prog, results, *_, **__):
        next(results)
        raise BrokenPipeError

    def printed(prog, batch, results):
        with pytest.raises(BrokenPipeError) as caught:
            inputs.print_batch(prog, batch, results)
        assert read_table(table).column("name").to_pylist() == ["a.png"], caught
        return 1

    monkeypatch.setattr(inputs, "print_results", fail)
    monkeypatch.setattr(sprites, "print_batch", printed)
    assert call(tmp_path / "a.png", tmp_path / "b.png", "-o", table)[0] == 1


@pytest.mark.parametrize("palette", ["t.parquet/p.hex", "t.parquet/x/../x/p.hex", "link/p.hex"])
def test_nothing_else_is_written_into_a_table(call, tmp_path, palette):
    (tmp_path / "link").symlink_to(tmp_path / "t.parquet")
    what = ("-o", tmp_path / "t.parquet", "--colors", "4", "--palette-out", tmp_path / palette)
    code, _, err = call(draw(tmp_path / "a.png"), *what)
    assert code == 2 and "p.hex: lies in the table" in err and not (tmp_path / "t.parquet").exists()


@pytest.mark.slow
@needs_ray
@needs_arrow
def test_workers_of_ray_load_the_networks_and_give_the_same_bytes(call, tmp_path, monkeypatch):
    for seed in range(6):
        draw(tmp_path / "in" / f"{seed}.png", seed=seed)
    monkeypatch.chdir(tmp_path)  # paths are relative to it, on the workers, too
    assert call("in", "-o", "here", "--preview", "2")[0] == 0
    code, out, err = call("in", "-o", "away", "--preview", "2", "--engine", "ray")
    assert (code, out.count("\n")) == (0, 12), err
    assert files(tmp_path / "here") == files(tmp_path / "away")
