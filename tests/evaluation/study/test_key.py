"""Keys and answers: what judges say, and what is wrong with it."""

import json

import pytest

from pixelization.errors import UserError
from pixelization.evaluation.study.key import Key, read_answers, read_key, write_key

RANKING = Key(
    "ranking", ("cat", "dog"), {"cat": ("new", "old", "far"), "dog": ("far", "new", "old")}
)
FORGERY = Key("forgery", ("cat",), {"cat": ("new", "artist")})


def write(path, value):
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def test_letters_stand_for_methods():
    assert RANKING.letters("dog") == "ABC"
    assert RANKING.methods("cat", "CAB") == ["far", "new", "old"]
    assert RANKING.methods("dog", "CAB") == ["old", "far", "new"]


@pytest.mark.parametrize("key", [RANKING, FORGERY])
def test_a_key_comes_back(key, tmp_path):
    write_key(tmp_path / "key.json", key)
    assert read_key(tmp_path / "key.json") == key


def test_a_key_of_the_older_form_is_a_ranking(tmp_path):
    old = {"rows": ["cat"], "order": {"cat": ["a", "b"]}}
    assert read_key(write(tmp_path / "key.json", old)).question == "ranking"


def test_answers_are_read_by_the_numbers_of_rows(tmp_path):
    path = write(tmp_path / "judge.json", {"2": "cab", "1": " ABC "})
    assert read_answers(path, RANKING) == {"cat": "ABC", "dog": "CAB"}
    assert read_answers(write(path, {"1": "b"}), FORGERY) == {"cat": "B"}


@pytest.mark.parametrize(
    "key, answers, part",
    [
        (RANKING, {"1": "ABC"}, "row 2 is missing: it needs an answer to each of 2 rows"),
        (RANKING, {"1": "ABC", "2": "ABC", "3": "ABC"}, "there is no row '3'"),
        (RANKING, {"1": "ABC", "2": "AB"}, "row 2: 'AB' does not have each of ABC once"),
        (RANKING, {"1": "ABC", "2": "AAB"}, "row 2: 'AAB' does not"),
        (RANKING, {"1": 5, "2": "ABC"}, "row 1: '5' does not"),
        (FORGERY, {"1": "AB"}, "row 1: 'AB' is not one letter of AB"),
        (FORGERY, {"1": "C"}, "row 1: 'C' is not one letter of AB"),
        (FORGERY, ["A"], "is not a JSON object"),
        (FORGERY, "{", "is not JSON"),
    ],
)
def test_wrong_answers_are_one_line(key, answers, part, tmp_path):
    path = write(tmp_path / "judge.json", answers)
    with pytest.raises(UserError) as error:
        read_answers(path, key)
    assert str(path) in str(error.value) and part in str(error.value)


@pytest.mark.parametrize(
    "key, part",
    [
        ({"order": {}}, "lacks rows"),
        ({"rows": ["cat"], "order": {}}, "lacks rows"),
        ({"rows": ["cat"], "order": {"cat": ["a", "a"]}}, "the same methods"),
        ({"rows": [], "order": {}}, "the same methods"),
        ({"rows": ["c", "d"], "order": {"c": ["a", "b"], "d": ["a", "x"]}}, "the same methods"),
        ({"question": "forgery", "rows": ["c"], "order": {"c": ["a", "b"]}}, "'artist' is not"),
    ],
)
def test_what_is_no_key_is_one_line(key, part, tmp_path):
    with pytest.raises(UserError, match=part):
        read_key(write(tmp_path / "key.json", key))


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(UserError, match="none.json: no such file"):
        read_key(tmp_path / "none.json")
