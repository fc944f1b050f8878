"""JSON that may come from anybody to values, and values to JSON files.

Whatever is wrong with a text is said in plain words.
"""

import json
from typing import Any

MAX_DEPTH = 64  # levels of nesting; what the package reads has about 7


def parse_json(text: str | bytes) -> Any:
    """The values of a JSON text.

    Args:
        text: bytes are UTF-8, perhaps after a byte order mark.

    Returns:
        What ``json.loads`` gives, at most ``MAX_DEPTH`` levels deep, so that copying or writing it
        stays within Python's stack.

    Raises:
        ValueError: it is no such text; the message says why, and where.
    """
    try:
        data = json.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text)
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start}: not UTF-8, so no JSON") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"{place}: no valid JSON ({error.msg})") from None
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except ValueError:  # Python turns numbers of more than 4300 digits away
        raise ValueError("a number in it has too many digits") from None
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return data
    raise ValueError(_TOO_DEEP)


def format_json(obj: Any) -> str:
    """The text of a JSON file, which people may read."""
    return json.dumps(obj, indent=1) + "\n"


_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
