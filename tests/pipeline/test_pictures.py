"""Stills, animations and sheets are told apart as the commands do."""

import json

import numpy as np
import pytest
from PIL import Image

from pixelization.animation.reading import open_animation
from pixelization.animation.writing import write_animation
from pixelization.errors import UserError
from pixelization.pipeline.pictures import Animation, Sheet, Still, open_picture
from pixelization.sheets.layout import Box, TileGrid, grid_tiles

FLAT = np.full((8, 12, 3), 200, np.uint8)
TILES = grid_tiles((12, 8), (4, 4))


@pytest.fixture
def walk(tmp_path):
    """An animation of two frames."""
    path = tmp_path / "walk.gif"
    write_animation([FLAT, FLAT // 2], path, durations=[100, 50], plays=0, format="gif")
    return path


def test_what_moves_is_an_animation(walk):
    with open_animation(walk) as reader:
        for source in (walk, str(walk), walk.read_bytes(), reader, [FLAT, FLAT], (FLAT,)):
            with open_picture(source) as picture:
                assert isinstance(picture, Animation)
                assert len(list(picture.frames)) == len(list(picture.frames)) >= 1
    with open_picture(walk, fps=20) as picture:
        assert [frame.duration for frame in picture.frames] == [50, 50]


def test_what_does_not_is_a_still(tmp_path):
    path = tmp_path / "flat.png"
    Image.fromarray(FLAT).save(path)
    for source in (path, path.read_bytes(), Image.open(path), FLAT):
        with open_picture(source) as picture:
            assert isinstance(picture, Still) and picture.image.size == (12, 8)
    with pytest.raises(UserError, match="fps is for animations"), open_picture(path, fps=12):
        pass
    with pytest.raises(ValueError, match="files and single pictures"), open_picture([FLAT], fps=12):
        pass


@pytest.mark.parametrize("tiles", [(4, 4), 4, "4", "4x4", TileGrid((4, 4)), TILES])
def test_tiles_in_every_form(walk, tiles):
    for source in (FLAT, walk):
        with open_picture(source, sheet=tiles) as picture:
            assert isinstance(picture, Sheet) and list(picture.boxes) == TILES


def test_tiles_of_the_json_beside(tmp_path):
    path = tmp_path / "sheet.png"
    Image.fromarray(FLAT).save(path)
    with pytest.raises(UserError, match="sheet.png: has no JSON"), open_picture(path, sheet="auto"):
        pass
    frames = {"only": {"frame": {"x": 4, "y": 0, "w": 8, "h": 8}}}
    path.with_suffix(".json").write_text(json.dumps({"frames": frames}))
    with open_picture(path, sheet="auto") as picture:
        assert list(picture.boxes) == [Box(4, 0, 8, 8)]
        assert list(picture.strips) == []
    tiles = [{"frame": {"x": x, "y": y, "w": 4, "h": 4}} for y in (0, 4) for x in (0, 4, 8)]
    tags = [{"name": "walk", "from": 1, "to": 3}]
    path.with_suffix(".json").write_text(json.dumps({"frames": tiles, "meta": {"frameTags": tags}}))
    for sheet in ("auto", (4, 4), "4"):  # its tags count for tiles of a size, too
        with open_picture(path, sheet=sheet) as picture:
            assert list(picture.boxes) == TILES and list(picture.strips) == [(1, 2, 3)]
    with open_picture(path, sheet=TILES) as picture:
        assert list(picture.strips) == []
    with pytest.raises(UserError, match="has no JSON"), open_picture(FLAT, sheet="auto"):
        pass
    with pytest.raises(UserError, match="'many' is not a size"), open_picture(FLAT, sheet="many"):
        pass
