"""Animations as numbered images: walk_0001.png, walk_0002.png, ... are walk_%04d.png."""

import re
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from pixelization.animation.formats import BY_SUFFIX
from pixelization.animation.frames import AnimationSource, Frame, Played
from pixelization.errors import UserError, reason
from pixelization.files import whole_files
from pixelization.images.reading import read_image

NUMBER = re.compile(r"%(?:0(\d{1,2}))?d")
FPS = 12.0  # "on twos", the usual speed of hand-drawn animation


def is_pattern(path: str | Path) -> bool:
    """Whether the file's name has one place for a number (``%d``, ``%04d``), and no file has that
    very name.
    """
    path = Path(path)
    return len(NUMBER.findall(path.name)) == 1 and not path.exists()


def named_format(path: str | Path) -> str | None:
    """The format of animations that the name of a result asks for; None: it is no such name.

    Raises:
        UserError: it asks for numbered images that are no PNG files.
    """
    suffix = Path(path).suffix.lower()
    if not is_pattern(path):
        return BY_SUFFIX.get(suffix)
    if suffix != ".png":
        raise UserError(
            f"{path}: numbered images are PNG files: end the name in .png, or take the number "
            f"{_place(Path(path))[0]} out of it"
        )
    return "sequence"


def numbered(pattern: str | Path, number: int) -> Path:
    """The pattern's path for a number."""
    path = Path(pattern)
    return path.with_name(NUMBER.sub(lambda match: f"{number:0{match[1] or 1}d}", path.name))


def frame_name(pattern: str | Path) -> re.Pattern[str]:
    """What the names of a pattern's files are like; the group is the number.

    ``UserError`` where the name has no place for a number, or several.
    """
    name, place = Path(pattern).name, _place(Path(pattern))
    digits = max(1, int(place[1] or 1))
    number = f"([0-9]{{{digits}}}|[1-9][0-9]{{{digits},}})"
    before, after = re.escape(name[: place.start()]), re.escape(name[place.end() :])
    return re.compile(f"{before}{number}{after}", re.DOTALL)


def frame_files(pattern: str | Path, count: int) -> list[Path]:
    """The files of so many frames, numbered from 1."""
    return [numbered(pattern, number) for number in range(1, count + 1)]


def read_sequence(pattern: str | Path) -> AnimationSource:
    """Find numbered images of any format, from the first number that exists to the last.

    Args:
        pattern: a path with a printf pattern in the file's name.

    Raises:
        UserError: no such images, a number is missing, or, while frames are read, damaged images or
            different sizes.
    """
    pattern = Path(pattern)
    name = frame_name(pattern)
    try:
        matches = [name.fullmatch(path.name) for path in pattern.parent.iterdir()]
    except OSError as error:
        raise UserError(f"{pattern.parent}: cannot be read ({reason(error)})") from None
    numbers = sorted(int(match[1]) for match in matches if match)
    if not numbers:
        raise UserError(f"{pattern}: no images with such names")
    for expected, number in enumerate(numbers, numbers[0]):
        if expected != number:
            following = numbered(pattern, number).name
            raise UserError(
                f"{numbered(pattern, expected)}: is missing, but there is {following}: renumber "
                "the images"
            )
    size = read_image(numbered(pattern, numbers[0])).size

    def frames() -> Iterator[Frame]:
        for number in numbers:
            image = read_image(numbered(pattern, number))
            if image.size != size:
                sizes = f"{image.width}x{image.height} pixels, the first has {size[0]}x{size[1]}"
                raise UserError(
                    f"{numbered(pattern, number)}: has {sizes}: all frames must have one size"
                )
            yield Frame(image, 1000 / FPS)

    return AnimationSource("sequence", size, 0, len(numbers), True, frames)


def write_sequence(played: Played, pattern: str | Path, *, overwrite: bool) -> list[str]:
    """Write one PNG file per frame, numbered from 1, all of them or none.

    Returns:
        Remarks for the user.

    Raises:
        UserError: the name has no place for a number, or a file exists (then none is written) or
            cannot be written.
    """
    _place(Path(pattern))
    frames = played.frames
    paths = frame_files(pattern, len(frames))
    with whole_files(paths, overwrite=overwrite) as temporaries:
        for path, frame in zip(temporaries, frames, strict=True):
            Image.fromarray(frame).save(path, format="PNG")
    remarks = []
    if len(set(played.durations)) > 1:
        remarks.append(
            "numbered images hold no durations, and those of the frames differ: write GIF, APNG or "
            "WebP to keep them"
        )
    if numbered(pattern, len(frames) + 1).exists():
        remarks.append(
            f"{numbered(pattern, len(frames) + 1)}: was there before and will be taken for a frame "
            "of this animation"
        )
    return remarks


def _place(pattern: Path) -> re.Match:
    found = list(NUMBER.finditer(pattern.name))
    if len(found) != 1:
        raise UserError(
            f"{pattern}: the file's name needs one place for the number, such as walk_%04d.png"
        )
    return found[0]
