"""Frozen dataclasses from YAML files and ``key.sub=value``: strict, typed, and knowing no key.

A field says itself what it means and which numbers it takes: see :func:`option`. Order of
precedence: defaults < the file named by ``_base_`` < the file < overrides. ``_base_`` is relative
to the file that names it, or a configuration that ships.
"""

import math
import os
import reprlib
from collections.abc import Iterable, Iterator
from dataclasses import Field, asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

from pixelization.errors import UserError, advice, nearest, shortened
from pixelization.files import read_whole
from pixelization.limits import CONFIG_BYTES, CONFIG_FILES, CONFIG_ITEMS

Section = TypeVar("Section")
Layers = list[tuple[str, dict]]
"""Values, each with the file or the override that they come from, for messages."""
CONFIGS = Path(__file__).parent / "configs"
"""Folder of the configurations that are shipped with the package."""
TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
"""YAML's words for true and false."""


@dataclass(frozen=True)
class Range:
    """Which numbers a field takes; None: any."""

    least: float | None = None
    above: float | None = None
    most: float | None = None
    below: float | None = None

    def __contains__(self, number: float) -> bool:
        return (
            (self.least is None or number >= self.least)
            and (self.above is None or number > self.above)
            and (self.most is None or number <= self.most)
            and (self.below is None or number < self.below)
        )

    def __str__(self) -> str:
        bounds = {
            "at least": self.least,
            "above": self.above,
            "at most": self.most,
            "below": self.below,
        }
        return " and ".join(
            f"{name} {bound}" for name, bound in bounds.items() if bound is not None
        )


def option(
    default: Any,
    meaning: str,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
    may_change: bool = False,
) -> Any:
    """A field of a dataclass, with what it means and which numbers it takes.

    Args:
        default: an immutable value.
        meaning: one line for the reader of a configuration, with the source of the default.
        least, above, most, below: bounds of a number, or of every number of a list, which then
            must have one.
        may_change: the value may change when work goes on, without changing its result.
    """
    numbers = Range(least, above, most, below)
    return field(
        default=default,
        metadata={"meaning": meaning, "numbers": numbers, "may_change": may_change},
    )


def section(kind: type[Section], meaning: str, **defaults: Any) -> Section:
    """A field that holds a section, with what it is for; ``defaults`` differ from the section's."""
    made: Any = field(default_factory=lambda: kind(**defaults), metadata={"meaning": meaning})
    return made


def load_dataclass(config: Section, path: str | Path, overrides: Iterable[str] = ()) -> Section:
    """Fill any frozen dataclass from a YAML file.

    Args:
        config: the defaults; fields are texts, numbers, booleans, literals, dataclasses, or tuples
            of these.
        path: the file; ``_base_: other.yaml`` in it (relative to it) names a file that it refines,
            which may do the same; ``_base_: smoke`` one that ships.
        overrides: ``key.sub=value``, with the value in YAML, as ``optim.betas=[0.5, 0.9]``; the
            last one wins.

    Raises:
        UserError: a file is missing or no YAML mapping; a key is unknown; a value is of the wrong
            type or out of range.
    """
    return filled(config, read_all(path, overrides))


def read_all(path: str | Path, overrides: Iterable[str] = ()) -> Layers:
    """What :func:`load_dataclass` fills in, in order: the last one wins."""
    files = [(str(file), values) for file, values in read_layers(Path(path))]
    return files + [_override_layer(override) for override in overrides]


def filled(config: Section, layers: Layers) -> Section:
    """The dataclass with the values of ``layers``; see :func:`load_dataclass`."""
    for source, values in layers:
        try:
            config = updated(config, values)
        except UserError as error:
            raise UserError(f"{source}: {error}") from None
    check_ranges(config)
    return config


def _parsed(text: str | bytes, source: str) -> Any:
    # Most commands read no YAML, and need not wait for PyYAML.
    from pixelization.yaml_text import parse_yaml  # noqa: PLC0415

    return parse_yaml(text, source)


def _override_layer(override: str) -> tuple[str, dict]:
    """Where the values come from, for messages, and the values."""
    source = f"override {shortened(repr(override))}"
    CONFIG_BYTES.check(len(os.fsencode(override)), source)
    key, equals, text = override.partition("=")
    if not equals or not all(key.split(".")):
        raise UserError(f"{source} is not of the form key.sub=value, as optim.lr=1e-4")
    values = _parsed(text, source)
    for name in reversed(key.split(".")):
        values = {name: "" if values is None else values}
    return source, values


def read_layers(path: Path) -> list[tuple[Path, dict]]:
    """A file and its bases with their values, the deepest base first."""
    layers: list[tuple[Path, dict]] = []
    while True:
        CONFIG_FILES.check(len(layers) + 1, f"{path}: the chain of _base_ that leads to it")
        # first: it says what is wrong with a name that cannot be resolved
        try:
            values = _read_mapping(path)
        except UserError as error:
            if not layers:
                raise
            raise UserError(f"{layers[0][0]}: _base_: {error}") from None
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
        path = _base_path(path.parent, base)


def _base_path(folder: Path, base: str) -> Path:
    """What ``_base_`` names in a file of ``folder``: a file, else one that ships."""
    beside, shipped = folder / base, CONFIGS / f"{base}.yaml"
    return shipped if os.path.isfile(shipped) and not os.path.isfile(beside) else beside


def _read_mapping(path: Path) -> dict:
    return parse_mapping(read_whole(path, CONFIG_BYTES), str(path))


def parse_mapping(data: bytes, source: str) -> dict:
    """The keys of a YAML file and what stands behind them, texts still.

    Args:
        data: the file.
        source: its name, for messages.

    Raises:
        UserError: it is no YAML, or has no keys.
    """
    CONFIG_BYTES.check(len(data), source)
    values = _parsed(data, source)
    if not isinstance(values, dict):
        problem = "is empty" if values is None else "has no keys"
        raise UserError(
            f"{source}: {problem}: give options, as 'palette: pico-8' in a style, or sections, as "
            "'data:' in a configuration of training (see configs/)"
        )
    return values


def updated(section: Any, values: Any, prefix: str = "", whole: Any = None) -> Any:
    """The dataclass ``section`` of ``whole`` with ``values`` put in, in the types of its fields.

    Ranges are not checked: see :func:`check_ranges`.

    Raises:
        UserError: a key is unknown; a value is of the wrong type.
    """
    whole = whole or section
    if values == "":  # a section whose keys are all commented out
        return section
    if not isinstance(values, dict):
        raise UserError(
            f"{prefix[:-1] or 'configuration'}: expected a section with keys, "
            f"got {reprlib.repr(values)}"
        )
    types = {each.name: each.type for each in fields(section)}
    changes = {}
    for name, value in values.items():
        key = f"{prefix}{name}"
        if name not in types:
            # The nearest name of this section, else a key of that name in another.
            near = [prefix + each for each in nearest(str(name), types)]
            near += [each for each in values_by_key(whole) if each.split(".")[-1] == name]
            raise UserError(f"unknown key '{shortened(key)}'; {advice(str(name), types, near)}")
        if is_dataclass(getattr(section, name)):
            changes[name] = updated(getattr(section, name), value, f"{key}.", whole)
        else:
            changes[name] = _coerced(value, types[name], key)
    return replace(section, **changes)


def _coerced(value: Any, kind: Any, key: str) -> Any:
    """``value``, or the text of one, as the type ``kind`` of the field ``key``."""
    options = get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):  # in a list of sections
        return updated(kind(), value, f"{key}.")
    if get_origin(kind) is tuple:
        endless = options[-1] is Ellipsis
        expected = "a list" if endless else f"a list of {len(options)}"
        if isinstance(value, (list, tuple)) and (endless or len(value) == len(options)):
            CONFIG_ITEMS.check(len(value), key)
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
        truth = TRUTHS.get(value.lower()) if isinstance(value, str) else value
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
    return {key: value for key, value, _ in leaves(section, prefix)}


def leaves(section: Any, prefix: str = "") -> Iterator[tuple[str, Any, Field]]:
    """Dotted path, value and field of every key of a dataclass and of the dataclasses in it."""
    for each in fields(section):
        value, key = getattr(section, each.name), prefix + each.name
        if is_dataclass(value):
            yield from leaves(value, f"{key}.")
        else:
            yield key, value, each


def check_ranges(section: Any, prefix: str = "") -> None:
    """Check every number of a dataclass, and of the dataclasses in it, against its option.

    Args:
        prefix: of the keys in the message, as ``model.``.

    Raises:
        UserError: a number is out of its range, or a list of numbers is empty.
    """
    for key, value, each in leaves(section, prefix):
        values = value if isinstance(value, tuple) else (value,)
        for index, part in enumerate(values):
            if is_dataclass(part):  # in a list of sections
                check_ranges(part, f"{key}[{index}].")
        numbers = each.metadata.get("numbers", Range())
        if numbers == Range():
            continue
        if not values:
            raise UserError(f"{key}=[] is empty: give at least one number")
        if not all(number in numbers for number in values):
            shown = list(value) if isinstance(value, tuple) else value
            raise UserError(f"{key}={shown} must be {numbers}")


def as_dict(config: Any) -> dict[str, Any]:
    """A dataclass as nested dictionaries of lists, texts, numbers and booleans."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(each) for name, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(each) for each in value]
        return value

    return plain(asdict(config))


def as_yaml(config: Any) -> str:
    """YAML that :func:`load_dataclass` reads back as an equal dataclass."""
    from pixelization.yaml_text import to_yaml  # noqa: PLC0415 - as _parsed

    return to_yaml(as_dict(config))


def check_named_folder(key: str, folder: str, example: str) -> None:
    """Refuse a folder that a configuration names and that is not there.

    Args:
        key: of the configuration.
        folder: its value.
        example: how the key is given, for the message.

    Raises:
        UserError: there is no such folder.
    """
    if not os.path.isdir(folder):
        raise UserError(f"{key}: {folder}: no such folder: name yours, as in {example}")
