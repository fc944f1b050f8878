"""Which tiles of a sheet are frames of one animation: tags of Aseprite, animations of PixiJS."""

from collections.abc import Iterator, Sequence
from typing import Any

from pixelization.errors import shortened
from pixelization.limits import SHEET_FRAMES
from pixelization.sheets.atlas import Atlas
from pixelization.sheets.layout import Box


def tagged_tiles(
    atlas: Atlas, boxes: Sequence[Box]
) -> tuple[list[tuple[int, ...]], tuple[str, ...]]:
    """The animations on a sheet.

    A tile belongs to one of them: where tags overlap, to the longest; of equally long ones, to the
    first.

    Args:
        atlas: the JSON of the sheet.
        boxes: the tiles, in pixels.

    Returns:
        Indices of tiles that are played one after another, at least two, each once; and remarks:
        tags whose frames cannot be held as an animation, and why.

    Raises:
        UserError: the tags have more frames together than ``SHEET_FRAMES``.
    """
    frames = atlas.frames
    tiles = {box: index for index, box in enumerate(boxes)}
    found, remarks = [], []
    tags = tagged_frames(atlas)
    free = set(tiles.values())
    for name, numbers in sorted(tags, key=lambda tag: -len(tag[1])):
        played = [tiles.get(frames[number].box) for number in numbers]
        places = {frames[number].place for number in numbers}
        if len(numbers) > 1 and (None in played or len(places) > 1):
            remarks.append(
                f"the frames of {shortened(name)!r} are no whole tiles of one size, so each is "
                "decided by itself: export them untrimmed to hold them still"
            )
            continue
        strip = tuple(dict.fromkeys(each for each in played if each is not None and each in free))
        free.difference_update(strip)
        if len(strip) > 1:
            found.append(strip)
    return found, tuple(remarks)


def tagged_frames(atlas: Atlas) -> list[tuple[str, tuple[int, ...]]]:
    """Every tag with the numbers of its frames, in the order of time.

    Raises:
        UserError: as of :func:`tagged_tiles`.
    """
    found = [
        (name, tuple(numbers))
        for name, numbers in _tags(atlas.data, [frame.name for frame in atlas.frames])
    ]
    total = sum(len(numbers) for _, numbers in found)
    SHEET_FRAMES.check(total, f"{atlas.name}: {total} frames of tags")
    return found


def _tags(data: dict[str, Any], names: Sequence[str]) -> Iterator[tuple[str, Sequence[int]]]:
    """Name and frames, as they are numbered in the file, of every tag that makes sense."""
    meta = data.get("meta")
    tags = meta.get("frameTags") if isinstance(meta, dict) else None
    for tag in tags if isinstance(tags, list) else ():
        first, last = (tag.get("from"), tag.get("to")) if isinstance(tag, dict) else (None, None)
        # a tag of frames that were not exported is there all the same
        if type(first) is int and type(last) is int and 0 <= first <= last < len(names):
            yield str(tag.get("name", "")), range(first, last + 1)
    animations = data.get("animations")
    numbers = {name: number for number, name in enumerate(names)}
    for name, played in animations.items() if isinstance(animations, dict) else ():
        if isinstance(played, list):
            # names may be of frames on another sheet
            yield (
                name,
                [numbers[each] for each in played if isinstance(each, str) and each in numbers],
            )
