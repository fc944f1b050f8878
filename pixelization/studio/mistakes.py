"""What pydantic finds wrong with a request, as one line in the words of the commands.

Knows kinds of mistakes; does not know any field.
"""

import reprlib
from collections.abc import Sequence
from typing import Any

from pixelization.errors import one_line, shortened

OF_TYPE = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
WANTED = OF_TYPE | {
    "literal_error": "{expected}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
}
"""By the names of https://docs.pydantic.dev/latest/errors/validation_errors, with their context."""
PLACES = ("body", "query", "path")  # of what is wrong in a request
TYPES = ("str", "int", "float", "bool")  # names of types in pydantic's places; others have - or [


def describe_mistake(errors: Sequence[Any]) -> str:
    """The first field that is wrong, what it should be and what it is.

    Args:
        errors: of pydantic's ``ValidationError.errors()``; a field that may have several types is
            in it once for each.
    """
    first = _field(errors[0])
    # The type that was tried furthest, which is an item of a list, was likely meant.
    inside = [each for each in errors if f"{_field(each)}.".startswith(f"{first}.")]
    field = _field(max(inside, key=lambda each: len(_field(each).split("."))))
    same = [each for each in inside if _field(each) == field]
    return one_line(f"{field}: {_told(same)}".lstrip(": "))


def _field(error: Any) -> str:
    """The name of the field, without the type that it was tried as."""
    names = [str(part) for part in error["loc"]]
    if names[:1] and names[0] in PLACES:
        names = names[1:]
    if error["type"] == "extra_forbidden":  # its name may be any
        return ".".join(map(shortened, names))
    return ".".join(each for each in names if each not in TYPES and not {"-", "["} & set(each))


def _told(same: Sequence[Any]) -> str:
    if same[0]["type"] == "extra_forbidden":
        return "unknown key"
    if same[0]["type"] == "missing":
        return "is missing"
    if unknown := [each for each in same if each["type"] not in WANTED]:
        return str(unknown[0]["msg"])
    # A value that has one of several types is told what is wrong with it as such.
    same = [each for each in same if each["type"] not in OF_TYPE] or same
    wanted = dict.fromkeys(WANTED[each["type"]].format(**each.get("ctx", {})) for each in same)
    if "a number" in wanted:
        wanted.pop("a whole number", None)
    return f"expected {' or '.join(wanted)}, got {reprlib.repr(same[0]['input'])}"
