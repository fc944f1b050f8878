"""tools/study.py as a user calls it: from images to scores."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization.apps.cli.study import main
from pixelization.evaluation.rivals.catalogue import PIXELIZERS
from pixelization.evaluation.study.key import QUESTIONS, read_key
from pixelization.evaluation.validation import half_of

ROOT = Path(__file__).resolve().parents[2]
CARTOONS, SPRITES = ROOT / "tests/data/cartoons", ROOT / "tests/data/sprites"


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"))


def test_from_images_to_scores(tiny_weights, tmp_path, capsys):
    blind, key_file = tmp_path / "blind", tmp_path / "keys/key.json"
    methods = ["nearest=nearest", f"tiny={tiny_weights}", f"folder={tmp_path / 'made'}"]
    (tmp_path / "made").mkdir()
    for path in CARTOONS.iterdir():
        made = PIXELIZERS["area"](pixels(path), _size(path, 16))
        Image.fromarray(made).save(tmp_path / "made" / f"{path.stem}.png")
    options = ["--key", str(key_file), "--sources", str(CARTOONS), "--size", "16", "--count", "2"]
    assert main(["sheets", str(blind), *options, *methods]) == 0
    key = read_key(key_file)
    assert len(key.rows) == 2 and set(key.order[key.rows[0]]) == {"nearest", "tiny", "folder"}
    for number, name in enumerate(key.rows, start=1):
        path = next(CARTOONS.glob(f"{name}.*"))
        for method, function in (("nearest", "nearest"), ("folder", "area")):
            letter = "ABC"[key.order[name].index(method)]
            tile = pixels(blind / f"tiles/{number:02d}_{letter}.png")
            assert np.array_equal(tile, PIXELIZERS[function](pixels(path), _size(path, 16)))

    assert main(["page", str(blind), str(tmp_path / "page.html"), "--title", "Round 1"]) == 0
    assert "<title>Round 1</title>" in (tmp_path / "page.html").read_text()

    by_method = {row: "".join("ABC"[key.order[row].index(m)] for m in MEANT) for row in key.rows}
    for judge in ("one", "two"):
        answers = {str(k): by_method[row] for k, row in enumerate(key.rows, start=1)}
        (tmp_path / f"{judge}.json").write_text(json.dumps(answers))
    capsys.readouterr()
    scores = tmp_path / "scores.md"
    judges = [str(tmp_path / "one.json"), str(tmp_path / "two.json")]
    assert main(["score", str(key_file), *judges, "--markdown", str(scores)]) == 0
    text = capsys.readouterr().out
    assert text == scores.read_text() and "| tiny | 1.00 | – | 1.00 (1.00 to 1.00) |" in text


def test_rows_are_those_that_differ_most(tmp_path, capsys):
    names = sorted(path.stem for path in CARTOONS.iterdir())
    for folder, changed in (("one", {}), ("other", {names[1]: 3, names[2]: 1})):
        (tmp_path / folder).mkdir()
        for name in names:
            sprite = np.full((4, 4, 3), 100, np.uint8)
            sprite.reshape(-1, 3)[: changed.get(name, 0), 1] += 25
            sprite.reshape(-1, 3)[5 : 5 + len(changed), 2] += 24  # which nobody sees
            Image.fromarray(sprite).save(tmp_path / folder / f"{name}.png")
    methods = [f"one={tmp_path / 'one'}", f"other={tmp_path / 'other'}"]
    for count, shown in ((1, {names[1]}), (len(names), {names[1], names[2]})):
        blind, key_file = tmp_path / f"blind{count}", tmp_path / f"{count}.json"
        options = ["--key", str(key_file), "--sources", str(CARTOONS), "--count", str(count)]
        assert main(["sheets", str(blind), *options, "--differing", *methods]) == 0
        assert set(read_key(key_file).rows) == shown
        share = 4 / 16 / len(names)
        said = f"one and other differ in {share:.2%} of the cells of {len(names)} images"
        printed = capsys.readouterr()
        assert printed.out == f"{blind}\n{said}\n"
        assert ("warning: 2 rows, not 4" in printed.err) == (count > 2)
    options[1], methods[1] = str(tmp_path / "k.json"), f"same={tmp_path / 'one'}"
    assert main(["sheets", str(tmp_path / "blind"), *options, "--differing", *methods]) == 2
    assert "'one' and 'same' look the same" in capsys.readouterr().err


def test_others_take_the_place_of_images_that_cannot_be_used(tmp_path, capsys):
    sources = tmp_path / "sources"
    shutil.copytree(CARTOONS, sources)
    names = sorted(path.stem for path in sources.iterdir())
    broken = next(sources.glob(f"{names[0]}.*"))
    broken.write_bytes(broken.read_bytes()[:200])
    methods = ["--size", "8", "a=nearest", "b=area"]
    for number, more in enumerate(([], ["--differing"])):
        key_file = tmp_path / f"{number}.json"
        options = ["--key", str(key_file), "--sources", str(sources), *more, *methods]
        assert main(["sheets", str(tmp_path / str(number)), *options]) == 1
        assert set(read_key(key_file).rows) == set(names[1:])
        assert f"files that could not be used:\n  {broken}: " in capsys.readouterr().err
    for path in sources.iterdir():
        path.write_bytes(b"")
    options = ["--key", str(tmp_path / "k.json"), "--sources", str(sources), *methods]
    assert main(["sheets", str(tmp_path / "none"), *options]) == 2
    assert not (tmp_path / "none").exists()


def test_places_are_looked_at_before_any_work(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "there").mkdir()
    long = "x" * 300
    for blind, key_file, part in (
        ("loop", "k", "loop: exists"),
        ("b", "loop", "loop: exists"),
        ("there", "k", "there: exists"),
        ("b", "b/k", "b/k: is in the judges' folder"),
        (long, "k", "File name too long"),
        ("b", long, "File name too long"),
    ):
        line = ["sheets", blind, "--key", key_file, "--sources", "nowhere", "a=area", "b=nearest"]
        assert main(line) == 2
        err = capsys.readouterr().err
        assert part in err and err.count("\n") == 1
    assert main(["sheets", "b", "--key", "k", "--sources", str(CARTOONS), f"a={long}", "b=x"]) == 2
    assert "File name too long" in capsys.readouterr().err


def test_two_sources_of_one_name_are_refused(tmp_path, capsys):
    sources = tmp_path / "sources"
    sources.mkdir()
    for name in ("a.png", "a.bmp"):
        Image.new("RGB", (16, 16)).save(sources / name)
    line = ["sheets", str(tmp_path / "b"), "--key", str(tmp_path / "k"), "--sources", str(sources)]
    assert main([*line, "--size", "8", "a=area", "b=nearest"]) == 2
    assert "rename one" in capsys.readouterr().err


def test_a_full_disk_for_stdout_is_one_line(tmp_path):
    key_file, scores = ROOT / "docs/study/lite-96/key.json", "docs/study/lite-96/artist.json"
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, ROOT / "tools/study.py", "score", key_file, ROOT / scores],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("study: error: stdout: cannot be written")


def test_who_reads_stdout_may_go(tmp_path):
    key_file, scores = ROOT / "docs/study/lite-96/key.json", "docs/study/lite-96/artist.json"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, ROOT / "tools/study.py", "score", key_file, ROOT / scores],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)
    assert done.returncode == 1 and not done.stderr


MEANT = ("tiny", "nearest", "folder")


def _size(path, width):
    with Image.open(path) as image:
        return width, round(image.height * width / image.width)


def test_a_forgery_test(tmp_path, capsys):
    blind, key_file = tmp_path / "blind", tmp_path / "key.json"
    options = ["--key", str(key_file), "--sprites", str(SPRITES), "--count", "2", "--seed", "3"]
    assert main(["forgery", str(blind), *options, "major=majority"]) == 0
    key = read_key(key_file)
    assert key.question == "forgery"
    assert all(set(key.order[row]) == {"artist", "major"} for row in key.rows)
    right = {str(k): "AB"[key.order[row].index("artist")] for k, row in enumerate(key.rows, 1)}
    (tmp_path / "judge.json").write_text(json.dumps(right))
    capsys.readouterr()
    assert main(["score", str(key_file), str(tmp_path / "judge.json")]) == 0
    assert "picked in 1.00 (1.00 to 1.00)" in capsys.readouterr().out


def test_only_a_half_is_shown(tmp_path):
    for half in ("choosing", "reporting"):
        names = [path.stem for path in CARTOONS.iterdir() if half_of(path.stem) == half]
        options = ["--key", str(tmp_path / f"{half}.json"), "--sources", str(CARTOONS)]
        options += ["--size", "8", "--half", half, "a=nearest", "b=area"]
        code = main(["sheets", str(tmp_path / half), *options])
        if names:
            assert code == 0
            assert sorted(read_key(tmp_path / f"{half}.json").rows) == sorted(names)
        else:
            assert code == 2


@pytest.mark.parametrize(
    "arguments, parts",
    [
        (["sheets", "blind", "--key", "k", "--sources", str(CARTOONS), "a=nearest", "b=area"], []),
        (["sheets", "blind", "--key", "k", "--sources", "nowhere", "--size", "8", "a=nearest"], []),
        (["sheets", "blind", "--key", "k", "--sources", "x", "nearest"], ["NAME=WHAT"]),
        (["sheets", "blind", "--key", "k", "--sources", "x", "artist=area"], ["'artist'"]),
        (["sheets", "blind", "--key", "k", "--sources", str(CARTOONS), "a=area"], ["2 to 8"]),
        (["forgery", "blind", "--key", "k", "--sprites", str(SPRITES), "a=neerest"], ["neerest"]),
        (["forgery", "blind", "--key", "k", "--sprites", str(SPRITES), "a=area"], ["40 rows"]),
        (["page", "nowhere", "p.html"], ["nowhere: is not the folder of a study"]),
        (["score", "k.json", "a.json"], ["k.json: no such file"]),
        (["score", "k.json", "a.json", "./a.json"], ["a.json: is there twice"]),
        (["draw"], ["draw"]),
        ([], []),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(arguments, parts, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith("study: error: ") and err.count("\n") == 1
    assert all(part in err for part in parts), err
    assert not list(tmp_path.iterdir())


def test_the_tool_is_the_command():
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/study.py"), "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0 and "forgery" in done.stdout


def test_the_words_of_the_questions_stand_in_the_docs():
    text = " ".join((ROOT / "docs/study/README.md").read_text().replace("> ", "").split())
    assert all(question in text for question in QUESTIONS.values())
