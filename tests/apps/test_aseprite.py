"""Aseprite's sprites in and out of the commands."""

import json

import numpy as np
import pytest
from PIL import Image

from pixelization import Finished, Palette
from pixelization.animation.reading import open_animation
from pixelization.animation.writing import write_animation
from pixelization.apps.cli import pixelize, snap
from pixelization.images.aseprite import Tag
from pixelization.images.reading import read_image
from tests.animation.files import sprites
from tests.apps.calling import caller
from tests.images.aseprite_files import take_apart
from tests.make import enlarged


@pytest.fixture
def call(capsys):
    return caller(snap.main, capsys)


@pytest.fixture
def drawing(tmp_path):
    """A sprite of 24 x 20 cells, 5 pixels each, shifted by 2 columns: path and cells."""
    cells = sprites(4, 1, shape=(20, 24), colors=5)[0]
    Image.fromarray(enlarged(cells, 5)[:, 2:]).save(tmp_path / "in.png")
    return tmp_path / "in.png", cells


def test_a_still(drawing, tmp_path, call):
    source, _ = drawing
    assert call(source, "-o", tmp_path / "out.png")[0] == 0
    assert call(source, "-o", tmp_path / "out.aseprite") == (0, f"{tmp_path}/out.aseprite\n", "")
    parts = take_apart((tmp_path / "out.aseprite").read_bytes())
    assert parts.layers == [("source", 64), ("sprite", 3)] and parts.durations == [100]
    expected = np.asarray(Image.open(tmp_path / "out.png"))
    assert np.array_equal(np.asarray(read_image(tmp_path / "out.aseprite")), expected)


@pytest.mark.parametrize("options", [(), ("--cell-size", 5)])
@pytest.mark.parametrize(("lost", "left"), [(2, 0.4), (3, -0.4)])
def test_the_source_lies_where_its_cells_are(lost, left, options, tmp_path, call):
    """The first cell has lost 2 of 5 pixels, or 3, and does not count."""
    source, cells = tmp_path / "in.png", sprites(4, 1, shape=(20, 24), colors=5)[0]
    Image.fromarray(enlarged(cells, 5)[:, lost:]).save(source)
    assert call(source, "-o", tmp_path / "out.aseprite", *options)[0] == 0
    (box,) = take_apart((tmp_path / "out.aseprite").read_bytes()).extras
    assert box == pytest.approx((left, 0, (120 - lost) / 5, 20), abs=0.02)


def test_the_source_lies_under_a_grid_that_begins_elsewhere(drawing, tmp_path, tiny_weights):
    source, _ = drawing  # 118 x 100 pixels; cells of 11.8 x 10
    words = [source, "-o", tmp_path / "out.aseprite", "--size", "10x10", "--offset", "0.75x0.5"]
    how = ["--weights", tiny_weights, "--device", "cpu", "-q"]
    assert pixelize.main([str(each) for each in [*words, *how]]) == 0
    (box,) = take_apart((tmp_path / "out.aseprite").read_bytes()).extras
    assert box == pytest.approx((3 / 11.8, -5 / 10, 10, 10), abs=0.02)


@pytest.mark.parametrize("name", ["out.ase", "folder"])
def test_indexed_stills_equal_the_png(name, drawing, tmp_path, call):
    how = ("--colors", 4, "--indexed", "--format", "aseprite")
    source, _ = drawing
    code, _, told = call(source, "-o", tmp_path / name, *how)
    assert code == 0 and "no layer of its source" in told
    assert call(source, "-o", tmp_path / "out.png", *how[:3])[0] == 0
    file = tmp_path / name if name == "out.ase" else tmp_path / name / "in.aseprite"
    parts = take_apart(file.read_bytes())
    expected = Image.open(tmp_path / "out.png")
    assert parts.bits == 8 and parts.layers == [("sprite", 3)]
    assert parts.cels[0][0][2] == expected.tobytes()
    assert [entry[:3] for entry in parts.palette[:4]] == [
        tuple(color) for color in np.array(expected.getpalette()).reshape(-1, 3)[:4].tolist()
    ]


def test_an_animation_keeps_its_tags(tmp_path, call):
    cells = sprites(5, 3, shape=(12, 16), colors=5)
    tags = (Tag("walk", 0, 1, 1, 2, (1, 2, 3)),)
    how = {"durations": [40, 80, 120], "plays": 0, "format": "aseprite", "tags": tags}
    write_animation([enlarged(each, 6) for each in cells], tmp_path / "in.aseprite", **how)
    assert call(tmp_path / "in.aseprite", "-o", tmp_path / "out", "--still", 0)[0] == 0
    with open_animation(tmp_path / "out" / "in.aseprite") as reader:
        found = [np.asarray(frame.image) for frame in reader]
        assert reader.tags == tags
        assert [frame.duration for frame in reader] == [40, 80, 120]
    assert all(np.array_equal(*pair) for pair in zip(found, cells, strict=True))
    parts = take_apart((tmp_path / "out" / "in.aseprite").read_bytes())
    assert parts.layers == [("source", 64), ("sprite", 3)]
    assert [cels[0][1] for cels in parts.cels] == [(96, 72)] * 3
    code, _, told = call(tmp_path / "in.aseprite", "-o", tmp_path / "out.gif", "--still", 0)
    assert code == 0 and "the tags of the input are lost" in told


def test_what_moves_the_sprite_leaves_the_source_out(drawing, tmp_path, call):
    source, _ = drawing
    code, _, told = call(source, "-o", tmp_path / "out.aseprite", "--pad", "40x40")
    assert code == 0 and "no layer of their source" in told
    parts = take_apart((tmp_path / "out.aseprite").read_bytes())
    assert (parts.layers, parts.size) == ([("sprite", 3)], (40, 40))


def test_names_and_formats_that_do_not_fit(drawing, tmp_path, call):
    source, _ = drawing
    code, _, told = call(source, "-o", tmp_path / "out.png", "--format", "aseprite")
    assert code == 2 and "is not a name for the format aseprite" in told
    code, _, told = call(source, "-o", tmp_path / "out.gif")
    assert code == 2 and ".aseprite" in told


def test_damaged_ones_do_not_stop_the_others(drawing, tmp_path, call):
    source, _ = drawing
    whole = tmp_path / "a.aseprite"
    assert call(source, "-o", whole)[0] == 0
    (tmp_path / "b.aseprite").write_bytes(whole.read_bytes()[:300])
    code, out, _ = call(whole, tmp_path / "b.aseprite", "-o", tmp_path / "out", "--json")
    first, second = map(json.loads, out.splitlines())
    assert code == 1 and first["error"] is None and "damaged or truncated" in second["error"]


def test_the_library_saves_them(tmp_path):
    frame = np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8)
    palette = Palette.from_hex(["0000ff", "ff0000", "00ff00"])
    assert Finished((frame,), palette).save(tmp_path / "a.aseprite") == []
    parts = take_apart((tmp_path / "a.aseprite").read_bytes())
    assert parts.palette == [(0, 0, 255, 255), (255, 0, 0, 255), (0, 255, 0, 255)]
    assert (parts.durations, parts.layers) == ([100], [("sprite", 3)])
    walk = Finished((frame, frame), durations=(30, 40), tags=(Tag("a", 0, 1),))
    walk.save(tmp_path / "walk.ase")
    parts = take_apart((tmp_path / "walk.ase").read_bytes())
    assert parts.durations == [30, 40] and [tag[-1] for tag in parts.tags] == ["a"]
