"""What pydantic finds, in one line."""

from typing import Annotated

import pytest

pydantic = pytest.importorskip("pydantic")

from pixelization.studio.mistakes import describe_mistake  # noqa: E402 - after what it may lack


class Inner(pydantic.BaseModel):
    """A body inside a body."""

    model_config = pydantic.ConfigDict(extra="forbid")
    several: str | int | list[float] | None = None
    flag: bool = False


class Body(pydantic.BaseModel):
    """A body."""

    model_config = pydantic.ConfigDict(extra="forbid")
    inner: Inner = pydantic.Field(default_factory=Inner)
    count: Annotated[int, pydantic.Field(ge=1, le=9)] = 1
    names: list[str] = pydantic.Field(["a"], min_length=1, max_length=2)
    key: str = pydantic.Field("0", pattern="^[0-9]$")


@pytest.mark.parametrize(
    "body, told",
    [
        ({"inner": {"several": {}}}, "inner.several: expected a text or a whole number or a list"),
        ({"inner": {"several": [1, "a"]}}, "inner.several.1: expected a number, got 'a'"),
        ({"inner": {"flag": "perhaps"}}, "inner.flag: expected true or false, got 'perhaps'"),
        ({"inner": {"a-b": 1}}, "inner.a-b: unknown key"),
        ({"inner": {"int": 1}}, "inner.int: unknown key"),
        ({"inner": 5}, "inner: expected an object, got 5"),
        ({"count": 10}, "count: expected at most 9, got 10"),
        ({"count": 0}, "count: expected at least 1, got 0"),
        ({"names": []}, "names: expected at least 1, got []"),
        ({"names": list("abc")}, "names: expected at most 2, got ['a', 'b', 'c']"),
        ({"names": ["a", 5]}, "names.1: expected a text, got 5"),
        ({"key": "x"}, "key: String should match pattern"),  # what the table does not have
        ({"x" * 5000: 1}, "xxx...xxx"),
        ({"count": "x" * 5000}, "...x"),
    ],
)
def test_the_first_field_that_is_wrong_is_told_in_one_short_line(body, told):
    with pytest.raises(pydantic.ValidationError) as caught:
        Body(**body)
    line = describe_mistake(caught.value.errors())
    assert told in line
    assert "\n" not in line and len(line) < 200
