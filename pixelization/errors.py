"""What a user is meant to read: the exception, and how its one line is worded.

Knows no option and no file.
"""

import difflib
from collections.abc import Iterable, Sequence

LONGEST_MESSAGE = 2000  # characters; a message may quote a file, which may hold anything
LONGEST_NAME = 100  # characters of a name that others are compared with


class UserError(Exception):
    """Something the caller can fix; its message is one line that says what is wrong and what to do.

    The command line tools print it on stderr and exit with code 2. Everything else that is raised
    is a bug and keeps its traceback. One case differs: what a tool meets in one of its files is
    printed as one line too, and the other files are still done.

    A long message is shortened in its middle.

    Attributes:
        option: the option that mends it, such as ``"cell_size"``, for a door that calls options by
            other names than Python does; None where no single one does.
    """

    def __init__(self, message: str = "", *, option: str | None = None) -> None:
        super().__init__(shortened(message, LONGEST_MESSAGE))
        self.option = option


def unexpected(error: Exception) -> str:
    """What to tell of an exception that is no :class:`UserError`."""
    if is_lack_of_memory(error):
        return "this machine has too little memory for it"
    return f"{type(error).__name__}: {error}"


def is_lack_of_memory(error: BaseException) -> bool:
    """Whether too little memory is what is wrong: of Python, of torch on a GPU or on the CPU."""
    # Torch is not imported for its class. On the CPU it raises a plain RuntimeError.
    known = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return known or "can't allocate memory" in str(error)


def reason(error: BaseException) -> str:
    """What an exception says, without the number and the name that an ``OSError`` puts around."""
    return str(getattr(error, "strerror", None) or error)


def one_line(text: object) -> str:
    """A message without line breaks, and without whatever else would act on a terminal.

    Names of files can hold escape sequences, and marks that turn the direction of writing. What is
    not printable is shown as Python writes it: ``\\x1b``.
    """
    return printable(" ".join(str(text).split()))


def printable(text: str) -> str:
    """The text with escapes in place of characters that are not printable.

    Bytes that are no UTF-8, which Python keeps as surrogates, stay: they go out as they are.
    """
    return "".join(
        each if each.isprintable() or "\udc80" <= each <= "\udcff" else ascii(each)[1:-1]
        for each in text
    )


def shortened(text: object, most: int = 100) -> str:
    """The text, or its beginning and its end where it has more than ``most`` characters."""
    whole = str(text)
    if len(whole) <= most:
        return whole
    half = (most - 3) // 2
    return f"{whole[:half]}...{whole[-half:]}"


def nearest(name: str, known: Iterable[str], least: float = 0.6) -> list[str]:
    """The one of the known that is spelled like a name; none if it is like none of them.

    Args:
        name: what somebody wrote.
        known: what could have been meant.
        least: the likeness of names that count, from 0 to 1, as difflib has it.
    """
    if len(name) > LONGEST_NAME:  # comparing takes as long as both are
        return []
    return difflib.get_close_matches(name, list(known), n=1, cutoff=least)


def advice(name: str, known: Iterable[str], near: Sequence[str] | None = None) -> str:
    """What to say of a name that is none of the known: the nearest of them, or all.

    Args:
        name: what somebody wrote.
        known: what could have been meant.
        near: the nearest, where that is found otherwise than by :func:`nearest`.
    """
    known = list(known)
    near = nearest(name, known) if near is None else near
    return f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known) or 'none'}"
