"""YAML that may come from anybody to texts, and values to YAML.

Apart from :mod:`pixelization.config`, since most commands are done before PyYAML is loaded.
"""

from typing import Any

import yaml

from pixelization.errors import UserError, shortened


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


def parse_yaml(text: str | bytes, source: str) -> Any:
    """Strings, lists and dictionaries of a YAML text.

    Args:
        text: bytes are UTF-8 or UTF-16.
        source: where it comes from, for messages.

    Raises:
        UserError: it is no YAML.
    """
    try:
        # safe: a BaseLoader makes strings, lists and dictionaries only
        return yaml.load(text, _Loader)
    # The last two: an escape that stands for no character.
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        reason = (
            getattr(error, "problem", None)
            or getattr(error, "reason", None)
            or ("nested too deeply" if isinstance(error, RecursionError) else "a wrong escape")
        )
        raise UserError(f"{source}: not valid YAML{where}: {shortened(reason)}") from None


def to_yaml(values: dict) -> str:
    """YAML of texts, numbers, booleans and None in lists and dictionaries."""
    return str(yaml.safe_dump(values, sort_keys=False, allow_unicode=True))
