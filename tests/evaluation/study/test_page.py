"""The page of a study: it loads nothing, names nobody, and saves what the scorer reads."""

import json
import re
import shutil
import subprocess

import pytest
from PIL import Image

from pixelization.errors import UserError
from pixelization.evaluation.study.key import QUESTIONS, read_answers
from pixelization.evaluation.study.page import judging_page
from pixelization.evaluation.study.sheets import Row, write_study

# Just enough of a browser: elements that remember, keys that are pressed, the file that is saved.
BROWSER = """
const made = [];
const fake = () => ({style: {}, append() {}, replaceChildren(...all) { this.all = all; },
  click() { made.push(this); }});
const known = {};
globalThis.document = {
  getElementById: id => known[id] = known[id] || fake(), createElement: fake};
globalThis.localStorage = {getItem: () => null, setItem() {}};
globalThis.prompt = () => "me";
globalThis.Blob = class { constructor(parts) { this.text = parts.join(""); } };
URL.createObjectURL = blob => blob.text;
const press = key => document.onkeydown({key, preventDefault() {}});
"""


def write(tmp_path, question, methods, count=2):
    rows = [
        Row(f"image {k}", None if question == "forgery" else Image.new("RGB", (9, 9)), sprites)
        for k in range(count)
        for sprites in [{name: Image.new("RGB", (5, 4), (k, 9, 9)) for name in methods}]
    ]
    return write_study(tmp_path / "blind", tmp_path / "key.json", rows, question, seed=1)


def script(page):
    return re.search(r"<script>(.*)</script>", page, re.DOTALL).group(1)


def saved(page, keys, tmp_path):
    """What the page saves after these keys."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    presses = f"for (const key of {json.dumps(keys)}) press(key);"
    end = "known.save.onclick(); console.log(JSON.stringify(made.map(e => [e.download, e.href])));"
    (tmp_path / "page.js").write_text("\n".join([BROWSER, script(page), presses, end]))
    done = subprocess.run(
        [node, str(tmp_path / "page.js")], capture_output=True, text=True, timeout=30, check=True
    )
    return json.loads(done.stdout)


def test_the_page_is_whole_and_names_nobody(tmp_path):
    write(tmp_path, "ranking", ("newest", "oldest", "farthest"))
    page = judging_page(tmp_path / "blind", "Round <1>")
    assert "<h1>Round &lt;1&gt;</h1>" in page and QUESTIONS["ranking"] in page
    assert "http" not in page and not re.search(r'(src|href)="(?!data:)', page)
    assert not any(name in page for name in ("newest", "oldest", "farthest", "image 0"))
    study = json.loads(re.search(r"const STUDY = (\{.*?\}), IDENTITY", page).group(1))
    shown = [[figure["caption"] for figure in row] for row in study["rows"]]
    assert shown == [["source", "A", "B", "C"]] * 2
    source, first = study["rows"][0][:2]
    assert (first["width"], first["height"], first["cells"]) == (285, 228, True)  # 5 x 4 cells
    assert (source["width"], source["height"], source["cells"]) == (285, 285, False)
    assert "</script>" not in script(page)


def test_a_ranking_by_keys_is_read_by_the_scorer(tmp_path):
    key = write(tmp_path, "ranking", ("a", "b", "c"))
    page = judging_page(tmp_path / "blind", "Round 1")
    # a wrong first choice is taken back; the last place fills itself; case does not matter
    [[name, text]] = saved(
        page, ["b", "Backspace", "C", "A", "x", "Enter", "b", "b", "a"], tmp_path
    )
    assert name == "Round_1_me.json" and json.loads(text) == {"1": "CAB", "2": "BAC"}
    (tmp_path / "me.json").write_text(text)
    assert read_answers(tmp_path / "me.json", key) == {"image 0": "CAB", "image 1": "BAC"}


def test_a_whole_ranking_can_be_taken_back(tmp_path):
    write(tmp_path, "ranking", ("a", "b", "c"), count=1)
    page = judging_page(tmp_path / "blind", "t")
    [[_, text]] = saved(page, ["A", "B", "Backspace", "C"], tmp_path)
    assert json.loads(text) == {"1": "ACB"}


def test_a_pick_by_keys_is_read_by_the_scorer(tmp_path):
    key = write(tmp_path, "forgery", ("artist", "new"))
    page = judging_page(tmp_path / "blind", "t")
    [[_, text]] = saved(page, ["a", "b", "ArrowRight", "A"], tmp_path)
    (tmp_path / "me.json").write_text(text)
    assert read_answers(tmp_path / "me.json", key) == {"image 0": "B", "image 1": "A"}


def test_nothing_is_saved_before_all_rows_are_answered(tmp_path):
    write(tmp_path, "forgery", ("artist", "new"))
    assert saved(judging_page(tmp_path / "blind", "t"), ["a"], tmp_path) == []


def test_what_is_no_study_is_one_line(tmp_path):
    with pytest.raises(UserError, match="is not the folder of a study"):
        judging_page(tmp_path, "t")
    write(tmp_path, "forgery", ("artist", "new"))
    (tmp_path / "blind/tiles/02_B.png").unlink()
    with pytest.raises(UserError, match="or not whole"):
        judging_page(tmp_path / "blind", "t")
