"""The exception that a user is meant to read."""


class UserError(Exception):
    """Something the caller can fix; its message is one line that says what is wrong and what to do.

    The command line tools print it on stderr and exit with code 2. Everything else that is raised
    is a bug and keeps its traceback. One case differs: what a tool meets in one of its files is
    printed as one line too, and the other files are still done.
    """
