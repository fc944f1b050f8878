"""Limits: what holds, how it is raised, and that the docs list what the module has."""

import re
from pathlib import Path

import pytest

from pixelization.errors import UserError
from pixelization.limits import LIMITS, PIXELS

PAGE = (Path(__file__).parents[1] / "docs" / "limits.md").read_text(encoding="utf-8")


def test_the_page_lists_what_the_module_has():
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(limit.variable, str(limit.default), limit.what) for limit in LIMITS]


def test_a_message_names_the_limit_and_the_way_out(monkeypatch):
    PIXELS.check(PIXELS.default, "map.png")
    with pytest.raises(UserError) as caught:
        PIXELS.check(PIXELS.default + 1, "map.png")
    assert str(caught.value) == (
        "map.png: is too large: 67108865 pixels, at most 67108864 pixels are taken: reduce it, "
        "or set PIXELIZATION_MAX_PIXELS to allow more"
    )
    monkeypatch.setenv("PIXELIZATION_MAX_PIXELS", "67108865")
    PIXELS.check(PIXELS.default + 1, "map.png")


@pytest.mark.parametrize("text", ["0", "-1", "1e9", "many", "9" * 5000, "٣"])
def test_a_variable_that_is_no_number_is_one_line(monkeypatch, text):
    monkeypatch.setenv("PIXELIZATION_MAX_PIXELS", text)
    with pytest.raises(UserError, match="PIXELIZATION_MAX_PIXELS: expected a whole number") as got:
        PIXELS.check(1, "map.png")
    assert len(str(got.value)) < 200


def test_limits_can_be_lowered_and_an_empty_variable_does_not_count(monkeypatch):
    monkeypatch.setenv("PIXELIZATION_MAX_PIXELS", "99")
    with pytest.raises(UserError, match="100 pixels, at most 99 pixels"):
        PIXELS.check(100, "map.png")
    monkeypatch.setenv("PIXELIZATION_MAX_PIXELS", "")
    PIXELS.check(100, "map.png")
