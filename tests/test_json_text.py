"""JSON text to values, or one sentence on what is wrong with it."""

import json

import pytest
from hypothesis import given, settings, strategies as st

from pixelization.json_text import MAX_DEPTH, parse_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


@settings(max_examples=50, deadline=None)
@given(VALUES)
def test_values_come_back(values):
    text = json.dumps(values)
    assert parse_json(text) == parse_json(text.encode()) == values
    assert parse_json(b"\xef\xbb\xbf" + text.encode()) == values


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 500, 3000, 100_000])
@pytest.mark.parametrize(
    ("opening", "closing"), [("[", "]"), ('{"a": ', "}"), ('[1, {"b": ', "}]")]
)
def test_deep_nesting_is_told_in_our_words(depth, opening, closing):
    text = opening * depth + "0" + closing * depth
    with pytest.raises(ValueError, match=f"^nested deeper than {MAX_DEPTH} levels$"):
        parse_json(text)


def test_nesting_that_anything_has_is_read():
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert json.dumps(parse_json(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: no valid JSON .Expecting value."),
        ("{\n 1}", "line 2, column 2: no valid JSON"),
        (b"[1, \xff]", "byte 4: not UTF-8, so no JSON"),
        ("[1]".encode("utf-16"), "byte 0: not UTF-8, so no JSON"),
        ("9" * 5000, "^a number in it has too many digits$"),
    ],
)
def test_what_is_wrong_is_told(text, message):
    with pytest.raises(ValueError, match=message):
        parse_json(text)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | st.text('[]{}:,"0e-\\\\u', max_size=60))
def test_whatever_it_holds_it_is_parsed_or_told(text):
    said = ""
    try:
        parse_json(text)
    except ValueError as error:
        said = str(error)
    assert "\n" not in said and "recursion" not in said
