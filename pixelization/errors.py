"""The exceptions that a user is meant to read."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


class UserError(Exception):
    """Something the caller can fix; its message is one line that says what is wrong and what to do.

    The command line tools print it on stderr and exit with code 2. Everything else that is raised
    is a bug: it keeps its traceback, unless a tool met it in one of its files: then it is one line,
    too, and the other files are still done.
    """
