"""Which tiles of a sheet are frames of one animation."""

import json
import random

import pytest

from pixelization.errors import UserError
from pixelization.limits import SHEET_FRAMES
from pixelization.sheets.atlas import read_atlas
from pixelization.sheets.layout import Box, grid_tiles
from pixelization.sheets.tags import tagged_tiles

ROW = grid_tiles((96, 8), (8, 8))


def rectangle(box):
    return {"x": box.x, "y": box.y, "w": box.width, "h": box.height}


def atlas(folder, boxes=ROW, tags=None, animations=None, **more):
    """The JSON of frames f0, f1, ... at places, as an atlas."""
    frames = [{"filename": f"f{i}", "frame": rectangle(box)} for i, box in enumerate(boxes)]
    for index, entry in more.items():
        frames[int(index[1:])] |= entry
    data = {"frames": frames, "meta": {} if tags is None else {"frameTags": tags}}
    if animations is not None:
        data["animations"] = animations
    path = folder / "sheet.json"
    path.write_text(json.dumps(data))
    return read_atlas(path)


def tag(name, first, last):
    return {"name": name, "from": first, "to": last, "direction": "forward"}


@pytest.mark.parametrize(
    "tags, expected",
    [
        (None, []),
        ([], []),
        ([tag("walk", 0, 3)], [(0, 1, 2, 3)]),
        ([tag("walk", 2, 5), tag("run", 6, 11)], [(6, 7, 8, 9, 10, 11), (2, 3, 4, 5)]),
        ([tag("one", 4, 4)], []),
        # of tags that overlap, the longest has the frames
        ([tag("part", 0, 2), tag("all", 0, 5)], [(0, 1, 2, 3, 4, 5)]),
        ([tag("first", 0, 3), tag("second", 2, 5)], [(0, 1, 2, 3), (4, 5)]),
        # frames that were not exported, and nonsense
        ([tag("walk", 10, 14), tag("back", 5, 3), tag("text", "0", "3"), 7, None], []),
        ("walk", []),
    ],
)
def test_tags_of_aseprite(tmp_path, tags, expected):
    assert tagged_tiles(atlas(tmp_path, tags=tags), ROW) == (expected, ())


@pytest.mark.parametrize(
    "animations, expected",
    [
        ({"walk": ["f3", "f1", "f2"]}, [(3, 1, 2)]),
        ({"walk": ["f0", "f1", "f0", "f2"]}, [(0, 1, 2)]),
        ({"walk": ["f0", "elsewhere", "f1"]}, [(0, 1)]),
        ({"walk": ["f0"], "run": "f1", "fly": [3, 4]}, []),
        ([["f0", "f1"]], []),
    ],
)
def test_animations_of_pixijs(tmp_path, animations, expected):
    assert tagged_tiles(atlas(tmp_path, animations=animations), ROW) == (expected, ())


def test_frames_that_share_a_place_are_one_tile(tmp_path):
    places = [ROW[0], ROW[1], ROW[0], ROW[2]]
    found = tagged_tiles(atlas(tmp_path, places, [tag("walk", 0, 3)]), ROW[:3])
    assert found == ([(0, 1, 2)], ())


@pytest.mark.parametrize(
    "boxes, more",
    [
        ([Box(0, 0, 8, 8), Box(8, 0, 7, 8)], {}),
        ([Box(0, 0, 8, 8), Box(8, 0, 8, 8)], {"f1": {"rotated": True}}),
        (
            [Box(0, 0, 8, 8), Box(8, 0, 8, 8)],
            {
                f"f{i}": {
                    "spriteSourceSize": {"x": i, "y": 0, "w": 8, "h": 8},
                    "sourceSize": {"w": 12, "h": 8},
                }
                for i in range(2)
            },
        ),
    ],
)
def test_frames_that_do_not_lie_upon_one_another_are_told(tmp_path, boxes, more):
    found, (remark,) = tagged_tiles(atlas(tmp_path, boxes, [tag("walk", 0, 1)], **more), boxes)
    assert found == [] and "the frames of 'walk' are no whole tiles of one size" in remark


def test_frames_trimmed_alike_are_held(tmp_path):
    trim = {
        "spriteSourceSize": {"x": 2, "y": 1, "w": 8, "h": 8},
        "sourceSize": {"w": 12, "h": 10},
    }
    found = tagged_tiles(atlas(tmp_path, ROW[:2], [tag("a", 0, 1)], f0=trim, f1=trim), ROW[:2])
    assert found == ([(0, 1)], ())


def test_frames_inside_the_tiles_of_a_grid_are_told(tmp_path):
    frames = [Box(box.x + 1, 0, 6, 8) for box in ROW]
    found, remarks = tagged_tiles(atlas(tmp_path, frames, [tag("walk", 0, 3)]), ROW)
    assert found == [] and len(remarks) == 1


def test_any_tags_give_each_tile_to_one_animation(tmp_path):
    rng = random.Random(0)
    for _ in range(30):
        tags = [tag("t", *sorted(rng.sample(range(12), 2))) for _ in range(rng.randrange(6))]
        found, _ = tagged_tiles(atlas(tmp_path, tags=tags), ROW)
        tiles = [tile for strip in found for tile in strip]
        assert len(tiles) == len(set(tiles)) and all(len(strip) > 1 for strip in found)


def test_tags_of_too_many_frames_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(SHEET_FRAMES.variable, "20")
    tags = [tag("walk", 0, 11)] * 2
    with pytest.raises(UserError, match="24 frames of tags.*SHEET_FRAMES"):
        tagged_tiles(atlas(tmp_path, tags=tags), ROW)
