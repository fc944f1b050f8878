"""The experiment's configuration: frozen dataclasses, filled from YAML and ``key.sub=value``.

``configs/base.yaml`` explains every key; the defaults are its values. Order of precedence: defaults
< the file named by ``_base_`` < the file < overrides. Folders are relative to the current
directory, ``_base_`` to the file that names it.
"""

import difflib
import math
import reprlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import yaml

from pixelization.errors import UserError

Section = TypeVar("Section")
MAX_BYTES = 1_000_000  # of a configuration file; a larger one is something else, such as weights


def load_dataclass(config: Section, path: str | Path, overrides: Iterable[str] = ()) -> Section:
    """Fill any frozen dataclass as :func:`load_config` does; its ranges are left to the caller.

    Args:
        config: the defaults; fields are texts, numbers, booleans, literals, dataclasses, or tuples
            of these.
        path, overrides: see :func:`load_config`.

    Raises:
        UserError: a file is missing or no YAML mapping; a key is unknown; a value is of the wrong
            type.
    """
    for source, values in [*read_layers(Path(path)), *map(_override_layer, overrides)]:
        try:
            config = updated(config, values)
        except UserError as error:
            raise UserError(f"{source}: {error}") from None
    return config


class _Loader(yaml.BaseLoader):
    """Reads every scalar as text, to be coerced by the type of its field: YAML's own guesses take
    ``on`` for a boolean, ``010`` for 8 and ``1e-4`` for a string. A key that occurs twice is an
    error; YAML forgets the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        mapping = super().construct_mapping(node, deep)
        if len(mapping) < len(node.value):
            raise yaml.constructor.ConstructorError(
                None, None, "a key occurs twice in the section", node.start_mark
            )
        return mapping


def _parse(text: str | bytes, source: str) -> Any:
    try:
        # safe: a BaseLoader makes strings, lists and dictionaries only
        return yaml.load(text, _Loader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        reason = (
            getattr(error, "problem", None) or getattr(error, "reason", None) or "nested too deeply"
        )
        raise UserError(f"{source}: not valid YAML{where}: {reason}") from None


def _override_layer(override: str) -> tuple[str, dict]:
    """Where the values come from, for messages, and the values."""
    key, equals, text = override.partition("=")
    if not equals or not all(key.split(".")):
        raise UserError(f"override {override!r} is not of the form key.sub=value, as optim.lr=1e-4")
    values = _parse(text, f"override {override!r}")
    for name in reversed(key.split(".")):
        values = {name: "" if values is None else values}
    return f"override {override!r}", values


def read_layers(path: Path) -> list[tuple[Path, dict]]:
    """A file and its bases with their values, the deepest base first."""
    layers: list[tuple[Path, dict]] = []
    while True:
        # first: it says what is wrong with a name that cannot be resolved
        values = _read_mapping(path)
        if path.resolve() in [seen.resolve() for seen, _ in layers]:
            raise UserError(
                f"{path}: is its own _base_, directly or by way of others; break the circle"
            )
        layers.insert(0, (path, values))
        if "_base_" not in values:
            return layers
        base = values.pop("_base_")
        if not isinstance(base, str) or not base:
            raise UserError(f"{path}: _base_ must name one file, got {reprlib.repr(base)}")
        path = path.parent / base


def _read_mapping(path: Path) -> dict:
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"{path}: cannot read the configuration: {reason}; give a YAML file"
        ) from None
    if len(text) > MAX_BYTES:
        raise UserError(f"{path}: too large for a configuration; give a YAML file, see configs/")
    values = _parse(text, str(path))
    if not isinstance(values, dict):
        problem = "is empty" if values is None else "has no keys"
        raise UserError(
            f"{path}: {problem}; a configuration has sections such as 'data:', see configs/"
        )
    return values


def updated(section: Any, values: Any, prefix: str = "", whole: Any = None) -> Any:
    """The dataclass ``section`` of ``whole`` with ``values`` put in, coerced to the types of its
    fields.
    """
    whole = whole or section
    if values == "":  # a section whose keys are all commented out
        return section
    if not isinstance(values, dict):
        raise UserError(
            f"{prefix[:-1] or 'configuration'}: expected a section with keys, got {reprlib.repr(values)}"
        )
    types = {each.name: each.type for each in fields(section)}
    changes = {}
    for name, value in values.items():
        key = f"{prefix}{name}"
        if name not in types:
            # The nearest name of this section, else a key of that name in another.
            near = [prefix + each for each in difflib.get_close_matches(str(name), types, n=1)]
            near += [each for each in values_by_key(whole) if each.split(".")[-1] == name]
            advice = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(types)}"
            raise UserError(f"unknown key '{key}'; {advice}")
        if is_dataclass(types[name]):
            changes[name] = updated(getattr(section, name), value, f"{key}.", whole)
        else:
            changes[name] = _coerced(value, types[name], key)
    return replace(section, **changes)


def _coerced(value: Any, kind: Any, key: str) -> Any:
    """``value``, or the text of one, as the type ``kind`` of the field ``key``."""
    options = get_args(kind)
    if is_dataclass(kind):  # in a list of sections
        return updated(kind(), value, f"{key}.")
    if get_origin(kind) is tuple:
        endless = options[-1] is Ellipsis
        expected = "a list" if endless else f"a list of {len(options)}"
        if isinstance(value, (list, tuple)) and (endless or len(value) == len(options)):
            return tuple(
                _coerced(each, options[0 if endless else i], f"{key}[{i}]")
                for i, each in enumerate(value)
            )
    elif get_origin(kind) is Literal:
        expected = "one of " + ", ".join(options)
        if value in options:
            return value
    elif kind is str:
        expected = "text"
        if isinstance(value, str):
            return value
    elif kind is bool:
        expected = "true or false"
        words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
        truth = words.get(value.lower()) if isinstance(value, str) else value
        if isinstance(truth, bool):
            return truth
    else:
        expected = "a whole number" if kind is int else "a number"
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if abs(number) <= 2**53 and number == kind(number):  # finite, and exact as an integer
            return kind(number)
    raise UserError(f"{key}: expected {expected}, got {reprlib.repr(value)}")


def values_by_key(section: Any, prefix: str = "") -> dict[str, Any]:
    """Every value by its dotted path."""
    leaves = {}
    for each in fields(section):
        value, key = getattr(section, each.name), prefix + each.name
        leaves |= values_by_key(value, f"{key}.") if is_dataclass(value) else {key: value}
    return leaves


Range = tuple[str, Callable[[Any], bool], Sequence[str]]
"""What a number must be, in words and as a test, and the names of the keys it holds for."""


def check_ranges(section: Any, ranges: Iterable[Range], prefix: str = "") -> None:
    """Check every number of a dataclass, and of the dataclasses in it.

    Args:
        section: the dataclass.
        ranges: a key is looked up by its last name, in whatever section it is; of a list every
            number must hold, and there must be one.
        prefix: of the keys in the message, as ``model.``.

    Raises:
        UserError: a number is out of its range.
    """
    for key, value in values_by_key(section, prefix).items():
        values = value if isinstance(value, tuple) else (value,)
        for allowed, holds, names in ranges:
            if key.split(".")[-1] in names and not (values and all(map(holds, values))):
                shown = list(value) if isinstance(value, tuple) else value
                raise UserError(f"{key}={shown} must be {allowed}")
