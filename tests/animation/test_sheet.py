"""All frames on one PNG file, and the JSON that says where they are."""

import json

import numpy as np
import pytest
from PIL import Image

from pixelization.animation.sheet import LARGEST
from pixelization.animation.writing import write_animation
from pixelization.errors import UserError
from pixelization.images.aseprite import Tag
from pixelization.sheets.atlas import find_atlas, read_atlas
from pixelization.sheets.layout import Box
from pixelization.sheets.tags import tagged_frames
from tests.animation.files import sprites


def written(path, frames, durations=None, **options):
    durations = durations or [100] * len(frames)
    return write_animation(frames, path, durations=durations, plays=0, format="sheet", **options)


def test_frames_durations_and_tags_come_back_as_a_sheet_is_read(tmp_path):
    frames = sprites(1, 3, (9, 7))
    tags = (Tag("stand", 0, 0), Tag("walk", 1, 2, 2, 3, (255, 8, 0)))
    assert written(tmp_path / "cat.png", frames, [20, 1000, 40], tags=tags) == []
    sheet = np.asarray(Image.open(tmp_path / "cat.png"))
    assert sheet.shape == (9, 21, 4)
    assert find_atlas(tmp_path / "cat.png") == tmp_path / "cat.json"
    atlas = read_atlas(tmp_path / "cat.json")
    atlas.check_fits((21, 9))
    assert [frame.name for frame in atlas.frames] == ["cat 0", "cat 1", "cat 2"]
    assert [frame.duration for frame in atlas.frames] == [20, 1000, 40]
    for frame, described in zip(frames, atlas.frames, strict=True):
        box = described.box
        np.testing.assert_array_equal(sheet[box.y : box.bottom, box.x : box.right], frame)
    assert tagged_frames(atlas) == [("stand", (0,)), ("walk", (1, 2))]


def test_the_json_is_aseprites(tmp_path):
    tags = (Tag("walk", 0, 1, 2, 3, (255, 8, 0)), Tag("new", 1, 1, 9))
    written(tmp_path / "a.png", sprites(0, 2, (4, 6), channels=3), [80.4, 80.4], tags=tags)
    data = json.loads((tmp_path / "a.json").read_text())
    assert data["frames"]["a 1"] == {
        "frame": {"x": 6, "y": 0, "w": 6, "h": 4},
        "rotated": False,
        "trimmed": False,
        "spriteSourceSize": {"x": 0, "y": 0, "w": 6, "h": 4},
        "sourceSize": {"w": 6, "h": 4},
        "duration": 81,  # 160.8 in all
    }
    assert data["meta"]["image"] == "a.png" and data["meta"]["format"] == "RGB888"
    assert data["meta"]["size"] == {"w": 12, "h": 4} and data["meta"]["scale"] == "1"
    walk, unknown = data["meta"]["frameTags"]
    assert walk == {
        "name": "walk",
        "from": 0,
        "to": 1,
        "direction": "pingpong",
        "color": "#ff0800ff",
        "repeat": "3",
    }
    assert unknown["direction"] == "forward" and "repeat" not in unknown


@pytest.mark.parametrize(
    ("width", "count", "size"),
    [(1024, 3, (2048, 4)), (LARGEST + 1, 2, (LARGEST + 1, 4)), (3, 700, (3 * 682, 4))],
)
def test_rows_are_no_wider_than_a_texture(tmp_path, width, count, size):
    frames = [np.full((2, width, 3), number % 256, np.uint8) for number in range(count)]
    remarks = written(tmp_path / "a.png", frames)
    assert [f"{size[0]}x4 pixels: GPUs may take" in line for line in remarks] == [True] * (
        size[0] > LARGEST
    )
    sheet = Image.open(tmp_path / "a.png")
    assert sheet.size == size
    last = read_atlas(tmp_path / "a.json").frames[-1].box
    assert last == Box((count - 1) % (size[0] // width) * width, 2, width, 2)
    assert sheet.getpixel((last.x, last.y))[:3] == ((count - 1) % 256,) * 3


@pytest.mark.parametrize("there", ["a.png", "a.json"])
def test_both_files_or_none(tmp_path, there):
    (tmp_path / there).write_text("mine")
    with pytest.raises(UserError, match=there):
        written(tmp_path / "a.png", sprites(0, 2))
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"
    written(tmp_path / "a.png", sprites(0, 2), overwrite=True)
    assert len(read_atlas(tmp_path / "a.json").frames) == 2


def test_a_sheet_is_a_png_file_with_a_name(tmp_path):
    with pytest.raises(UserError, match="end its name in .png"):
        written(tmp_path / "a.gif", sprites(0, 2))
    with (tmp_path / "a").open("wb") as stream, pytest.raises(UserError, match="several files"):
        written(stream, sprites(0, 2))
    with pytest.raises(UserError, match="with no number"):
        written(tmp_path / "a_%02d.png", sprites(0, 2))
    tall = [np.zeros((300, 2000, 3), np.uint8)] * 219
    with pytest.raises(UserError, match="65700"):
        written(tmp_path / "tall.png", tall)
    assert not (tmp_path / "tall.png").exists()


def test_frames_of_no_time_last_as_browsers_show_them(tmp_path):
    written(tmp_path / "a.png", sprites(0, 3), [0, 30, 0])
    assert [frame.duration for frame in read_atlas(tmp_path / "a.json").frames] == [100, 30, 100]


def test_the_rest_of_the_last_row_has_no_pixels(tmp_path):
    frames = [np.full((2, 900, 3), 7, np.uint8)] * 3
    written(tmp_path / "a.png", frames)
    sheet = np.asarray(Image.open(tmp_path / "a.png"))
    assert sheet.shape == (4, 1800, 4) and not sheet[2:, 900:].any()
    assert (sheet[2:, :900] == (7, 7, 7, 255)).all()


@pytest.mark.parametrize("transparent_first", [False, True])
def test_an_indexed_sheet_has_the_palette_in_its_order(tmp_path, transparent_first):
    frames = [np.full((2, 900, 3), level, np.uint8) for level in (7, 9, 7)]
    palette = np.array([[9, 9, 9], [1, 2, 3], [7, 7, 7]], np.uint8)
    options = {"palette": palette, "transparent_first": transparent_first}
    written(tmp_path / "a.png", frames, indexed=True, **options)
    sheet = Image.open(tmp_path / "a.png")
    first = int(transparent_first)
    assert sheet.mode == "P" and sheet.getpixel((0, 0)) == 2 + first
    assert sheet.getpixel((1000, 0)) == first and sheet.info["transparency"] == (3, 0)[first]
    assert json.loads((tmp_path / "a.json").read_text())["meta"]["format"] == "I8"
    written(tmp_path / "b.png", frames, **options)
    assert Image.open(tmp_path / "b.png").mode == "RGBA"
