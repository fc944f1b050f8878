"""The key of a study, which judges must not see, and their answers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pixelization.errors import UserError
from pixelization.files import read_whole, write_whole
from pixelization.json_text import format_json, parse_json

LETTERS = "ABCDEFGH"
ARTIST = "artist"  # whose sprite is looked for in a forgery test

Question = Literal["ranking", "forgery"]
QUESTIONS: dict[str, str] = {
    "ranking": (
        "Every row shows a picture, and sprites that were made of it, each with a letter. "
        "You are to ship one of the sprites in a game. "
        "Rank all sprites of the row: which one would you ship first, which one next, which one "
        "last?"
    ),
    "forgery": (
        "Every row shows two sprites of the same thing, each with a letter. "
        "One is as an artist drew it. "
        "The other is what a program made of a smooth drawing of it. "
        "Which one is the artist's?"
    ),
}
"""The exact words in which judges are asked."""


@dataclass(frozen=True)
class Key:
    """What the letters of a study stand for.

    Attributes:
        question: of ``QUESTIONS``.
        rows: names, in the order in which they are shown.
        order: for every row the methods of its letters, A first.
    """

    question: Question
    rows: tuple[str, ...]
    order: dict[str, tuple[str, ...]]

    def letters(self, row: str) -> str:
        """The letters of a row."""
        return LETTERS[: len(self.order[row])]

    def methods(self, row: str, answer: str) -> list[str]:
        """An answer as methods."""
        return [self.order[row][LETTERS.index(letter)] for letter in answer]


Answers = dict[str, str]
"""By the name of the row: all its letters, best first; or the letter of the artist's sprite."""


def write_key(path: Path, key: Key) -> None:
    """Write a key as JSON; it must be new.

    Raises:
        UserError: it cannot be written, or there is such a file.
    """
    write_whole(path, format_json(asdict(key)), overwrite=False)


def read_key(path: Path) -> Key:
    """Read a key, or one of the older form that knows rankings only.

    Raises:
        UserError: it cannot be read, or is no key.
    """
    found = _read_json(path)
    try:
        question = found.get("question", "ranking")
        rows = tuple(found["rows"])
        order = {name: tuple(found["order"][name]) for name in rows}
    except (KeyError, TypeError):
        raise UserError(
            f"{path}: is not the key of a study: it lacks rows or their order"
        ) from None
    same = len({frozenset(methods) for methods in order.values()}) == 1
    sized = all(1 < len(set(methods)) == len(methods) <= len(LETTERS) for methods in order.values())
    if question not in QUESTIONS or len(order) != len(rows) or not (same and sized):
        raise UserError(f"{path}: is not the key of a study: every row needs the same methods")
    if question == "forgery" and ARTIST not in order[rows[0]]:
        raise UserError(f"{path}: is not the key of a forgery test: '{ARTIST}' is not in it")
    return Key(question, rows, order)


def read_answers(path: Path, key: Key) -> Answers:
    """Read the answers of one judge: ``{"1": "CABD", "2": "ADBC", ...}``, by the rows' numbers.

    Raises:
        UserError: it cannot be read, a row is missing, or an answer is not one to the question.
    """
    found = _read_json(path)
    wanted = [str(number) for number in range(1, len(key.rows) + 1)]
    missing = [number for number in wanted if number not in found]
    extra = sorted(set(found) - set(wanted))
    if missing or extra:
        problem = f"row {missing[0]} is missing" if missing else f"there is no row '{extra[0]}'"
        raise UserError(f"{path}: {problem}: it needs an answer to each of {len(wanted)} rows")
    return {
        name: _checked(path, number, found[number], key.letters(name), key.question)
        for number, name in zip(wanted, key.rows, strict=True)
    }


def _checked(path: Path, number: str, answer: Any, letters: str, question: Question) -> str:
    text = answer.strip().upper() if isinstance(answer, str) else ""
    if question == "forgery":
        if len(text) != 1 or text not in letters:
            raise UserError(f"{path}: row {number}: '{answer}' is not one letter of {letters}")
    elif sorted(text) != list(letters):
        raise UserError(
            f"{path}: row {number}: '{answer}' does not have each of {letters} once, best first"
        )
    return text


def _read_json(path: Path) -> Mapping[str, Any]:
    try:
        found = parse_json(read_whole(path))
    except ValueError as error:
        raise UserError(f"{path}: is not JSON ({error})") from None
    if not isinstance(found, dict):
        raise UserError(f"{path}: is not a JSON object")
    return found
