"""Tools called as from a command line."""

from collections.abc import Callable, Sequence
from typing import Any


def caller(main: Callable[[Sequence[str]], int], capsys: Any, *always: object) -> Callable:
    """Calls ``main`` with arguments and those that it always gets: exit code, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([*map(str, arguments), *map(str, always)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
