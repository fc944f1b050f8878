"""What a user is meant to read: the exception, and how its one line is worded.

Knows no option and no file.
"""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Something the caller can fix; its message is one line that says what is wrong and what to do.

    The command line tools print it on stderr and exit with code 2. Everything else that is raised
    is a bug and keeps its traceback. One case differs: what a tool meets in one of its files is
    printed as one line too, and the other files are still done.
    """


def one_line(text: object) -> str:
    """A message without line breaks."""
    return " ".join(str(text).split())


def advice(name: str, known: Iterable[str]) -> str:
    """What to say of a name that is none of the known: the nearest of them, or all."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"
