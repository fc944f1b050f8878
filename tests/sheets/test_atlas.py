"""The JSON beside a sheet."""

import copy
import json
import time

import numpy as np
import pytest

from pixelization.errors import UserError
from pixelization.sheets.atlas import Atlas, find_atlas, parse_atlas, read_atlas, write_json
from pixelization.sheets.layout import Box, grid_tiles, scale_layout


def rect(x, y, w, h):
    return {"x": x, "y": y, "w": w, "h": h}


def entry(frame, source=None, size=None, **more):
    """A frame; ``source`` and ``size`` are spriteSourceSize and sourceSize."""
    w, h = size or frame[2:]
    source = source or (0, 0, *frame[2:])
    found = {"frame": rect(*frame), "rotated": False, "trimmed": source != (0, 0, w, h)}
    return {**found, "spriteSourceSize": rect(*source), "sourceSize": {"w": w, "h": h}, **more}


ASEPRITE = {
    "frames": [
        {
            "filename": f"hero {index}.aseprite",
            **entry((32 * index, 0, 32, 48), duration=100 + index),
        }
        for index in range(3)
    ],
    "meta": {
        "app": "https://www.aseprite.org/",
        "version": "1.3.7",
        "image": "hero.png",
        "format": "RGBA8888",
        "size": {"w": 96, "h": 48},
        "scale": "1",
        "frameTags": [
            {"name": "walk", "from": 0, "to": 2, "direction": "pingpong", "color": "#000000ff"}
        ],
        "layers": [{"name": "Layer 1", "opacity": 255, "blendMode": "normal"}],
        "slices": [
            {
                "name": "hit",
                "color": "#0000ffff",
                "keys": [
                    {
                        "frame": 0,
                        "bounds": rect(8, 4, 16, 44),
                        "center": rect(4, 8, 8, 24),
                        "pivot": {"x": 8, "y": 44},
                    },
                    {"frame": 2, "bounds": rect(31, 47, 1, 1)},
                ],
            }
        ],
    },
}


TEXTUREPACKER = {
    "frames": {
        "bush.png": entry(
            (2, 2, 40, 24), source=(4, 8, 40, 24), size=(48, 40), pivot={"x": 0.5, "y": 1}
        ),
        "tree.png": entry((44, 2, 24, 40), rotated=True, pivot={"x": 12, "y": 40}),
        "bush again.png": entry((2, 2, 40, 24), source=(4, 8, 40, 24), size=(48, 40)),
    },
    "meta": {
        "app": "https://www.codeandweb.com/texturepacker",
        "image": "w.png",
        "size": {"w": 128, "h": 64},
        "scale": "1",
    },
    "animations": {"bush": ["bush.png", "bush again.png"]},
}


def saved(folder, data, name="sheet.json"):
    path = folder / name
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


def guillotine(rng, box, depth):
    """A random packing: a box cut at random places."""
    if depth == 0 or min(box.width, box.height) < 8:
        return [box]
    if rng.random() < 0.5:
        at = int(rng.integers(4, box.width - 3))
        halves = (
            Box(box.x, box.y, at, box.height),
            Box(box.x + at, box.y, box.width - at, box.height),
        )
    else:
        at = int(rng.integers(4, box.height - 3))
        halves = (
            Box(box.x, box.y, box.width, at),
            Box(box.x, box.y + at, box.width, box.height - at),
        )
    return [found for half in halves for found in guillotine(rng, half, depth - 1)]


@pytest.mark.parametrize("seed", range(20))
def test_random_packings_are_reduced_without_overlap_and_frames_keep_to_them(seed):
    rng = np.random.default_rng(seed)
    boxes = guillotine(rng, Box(0, 0, 200, 150), 5)
    cell = tuple(rng.uniform(2, 4, 2))
    targets = scale_layout(boxes, cell)
    count = np.zeros((200, 200), int)
    for box, target in zip(boxes, targets, strict=True):
        count[target.y : target.bottom, target.x : target.right] += 1
        assert (
            abs(target.width - box.width / cell[0]) <= 1
            and abs(target.height - box.height / cell[1]) <= 1
        )
    assert count.max() == 1

    frames = {}
    for index, box in enumerate(boxes):
        x, y = int(rng.integers(box.width)), int(rng.integers(box.height))
        w, h = int(rng.integers(1, box.width - x + 1)), int(rng.integers(1, box.height - y + 1))
        turned = bool(rng.random() < 0.5)
        size = (h, w) if turned else (w, h)
        # The sprite of which trimming left this is the tile.
        whole = (box.height, box.width) if turned else (box.width, box.height)
        frames[str(index)] = entry(
            (box.x + x, box.y + y, *size), source=(0, 0, *size), size=whole, rotated=turned
        )
    found = Atlas({"frames": frames}, "a.json").scaled(boxes, targets, cell, (9, 9), "b.png")
    for target, frame in zip(targets, found["frames"].values(), strict=True):
        w, h = (frame["frame"][key] for key in ("hw" if frame["rotated"] else "wh"))
        assert w >= 1 and h >= 1
        assert target.contains(Box(frame["frame"]["x"], frame["frame"]["y"], w, h))
        source, whole = frame["spriteSourceSize"], frame["sourceSize"]
        assert source["x"] + source["w"] <= whole["w"] and source["y"] + source["h"] <= whole["h"]
        assert (source["w"], source["h"]) == (frame["frame"]["w"], frame["frame"]["h"])


def test_aseprite_array_is_scaled_along(tmp_path):
    atlas = read_atlas(saved(tmp_path, ASEPRITE))
    assert atlas.boxes == [Box(0, 0, 32, 48), Box(32, 0, 32, 48), Box(64, 0, 32, 48)]
    targets = scale_layout(atlas.boxes, (4, 4))
    found = atlas.scaled(atlas.boxes, targets, (4, 4), (24, 12), "small.png")
    assert atlas.data == ASEPRITE  # not changed itself

    expected = copy.deepcopy(ASEPRITE)
    expected["frames"] = [
        {"filename": f"hero {index}.aseprite", **entry((8 * index, 0, 8, 12), duration=100 + index)}
        for index in range(3)
    ]
    expected["meta"]["image"], expected["meta"]["size"] = "small.png", {"w": 24, "h": 12}
    expected["meta"]["slices"][0]["keys"] = [
        {
            "frame": 0,
            "bounds": rect(2, 1, 4, 11),
            "center": rect(1, 2, 2, 6),
            "pivot": {"x": 2, "y": 11},
        },
        {"frame": 2, "bounds": rect(7, 11, 1, 1)},  # rounded, it would begin outside
    ]
    assert found == expected
    assert list(found["frames"][0]) == list(ASEPRITE["frames"][0])


def test_texturepacker_hash_is_scaled_along(tmp_path):
    atlas = read_atlas(saved(tmp_path, TEXTUREPACKER))
    # w and h are those of the tree upright; it lies on its side. The second bush is in the place of
    # the first.
    assert atlas.boxes == [Box(2, 2, 40, 24), Box(44, 2, 40, 24)]
    targets = scale_layout(atlas.boxes, (4, 4))
    found = atlas.scaled(atlas.boxes, targets, (4, 4), (22, 7), "small.png")
    bush, tree, again = found["frames"].values()
    assert targets == [Box(1, 1, 10, 6), Box(12, 1, 10, 6)]
    assert bush == entry(
        (1, 1, 10, 6), source=(1, 2, 10, 6), size=(12, 10), pivot={"x": 0.5, "y": 1}
    )
    assert tree == entry((12, 1, 6, 10), rotated=True, pivot={"x": 3, "y": 10})
    assert {**again, "pivot": bush["pivot"]} == bush
    assert found["animations"] == TEXTUREPACKER["animations"] and found["meta"]["scale"] == "1"
    assert found["meta"]["image"] == "small.png" and found["meta"]["size"] == {"w": 22, "h": 7}


def test_cells_may_be_wider_than_high_and_frames_turned():
    data = {
        "frames": {"a": entry((0, 0, 24, 40), source=(8, 8, 24, 40), size=(40, 60), rotated=True)}
    }
    atlas = Atlas(data, "a.json")
    found = atlas.scaled(atlas.boxes, scale_layout(atlas.boxes, (8, 4)), (8, 4), (5, 6), "b.png")
    # On the sheet 40 x 24 pixels are 5 x 6 cells; upright, they are 6 x 5, of 4 x 8 pixels.
    assert found["frames"]["a"] == entry(
        (0, 0, 6, 5), source=(2, 1, 6, 5), size=(10, 8), rotated=True
    )


def test_trimmed_frames_inside_the_tiles_of_a_grid():
    corner = entry((19, 9, 1, 1), source=(9, 9, 1, 1), size=(10, 10))
    data = {"frames": {"a": entry((3, 5, 5, 5), source=(3, 5, 5, 5), size=(10, 10)), "b": corner}}
    tiles = grid_tiles((20, 10), (10, 10))
    found = Atlas(data, "a.json").scaled(
        tiles, scale_layout(tiles, (4, 4)), (4, 4), (6, 3), "b.png"
    )
    # A tile of 10 pixels has 3 cells of 3.33: 3 to 8 of it are cell 1, and 5 to 10 are cells 2 and
    # 3 (1.5 is rounded up).
    assert found["frames"]["a"]["frame"] == rect(1, 2, 1, 1)
    assert found["frames"]["b"]["frame"] == rect(5, 2, 1, 1)
    assert found["frames"]["a"]["sourceSize"] == {"w": 3, "h": 3}
    across = Atlas({"frames": [entry((8, 0, 4, 4), filename="c")]}, "a.json")
    with pytest.raises(UserError, match="a.json: frame 'c': is not inside one tile"):
        across.scaled(tiles, tiles, (1, 1), (20, 10), "b.png")


def test_little_json_and_empty_frames(tmp_path):
    data = {"frames": {"a": {"frame": rect(0, 0, 8, 8)}, "none": {"frame": rect(8, 4, 0, 0)}}}
    atlas = read_atlas(saved(tmp_path, data))
    assert atlas.boxes == [Box(0, 0, 8, 8)]
    found = atlas.scaled(atlas.boxes, [Box(0, 0, 2, 2)], (4, 4), (2, 2), "b.png")
    assert found["frames"] == {
        "a": {"frame": rect(0, 0, 2, 2)},
        "none": {"frame": rect(2, 1, 0, 0)},
    }
    assert found["meta"] == {"image": "b.png", "size": {"w": 2, "h": 2}}


def test_frames_beyond_the_sheet(tmp_path):
    atlas = read_atlas(saved(tmp_path, ASEPRITE))
    atlas.check_fits((96, 48))
    for size in ((95, 48), (96, 47)):
        with pytest.raises(
            UserError, match="'hero [02].aseprite': reaches to .*, beyond the sheet of"
        ):
            atlas.check_fits(size)


def test_find_atlas(tmp_path):
    sheet = tmp_path / "walk.v2.png"
    assert find_atlas(sheet) is None
    path = saved(tmp_path, ASEPRITE, "walk.v2.json")
    assert find_atlas(sheet) == find_atlas(str(sheet)) == path
    for stray in (
        [],
        {},
        3,
        {"frames": 24},
        {"frames": []},
        {"frames": [1, 2]},
        {"frames": {"a": {"frame": 7}}},
    ):
        saved(tmp_path, stray, path.name)
        assert find_atlas(sheet) is None
        with pytest.raises(UserError, match="walk.v2.json: is not the JSON of a sheet"):
            read_atlas(path)
    saved(tmp_path, '{"frames":', path.name)  # not ignored: reading it says what is wrong
    assert find_atlas(sheet) == path


def changed(data, value, *keys):
    data = copy.deepcopy(data)
    place = data
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    return data


@pytest.mark.parametrize(
    "data, told",
    [
        ('{"frames": {\n "a": {"frame": ]}}', r"line 2, column 17: no valid JSON"),
        ("", "line 1, column 1"),
        ("[" * 100_000, "nested deeper than 64 levels: export it again"),
        (changed(ASEPRITE, 5, "frames", 1), "frame 1: is no JSON object"),
        (
            changed(ASEPRITE, 1.5, "frames", 1, "frame", "x"),
            "frame 'hero 1.aseprite': frame: needs whole numbers",
        ),
        (changed(ASEPRITE, "8", "frames", 0, "frame", "w"), "needs whole numbers"),
        (changed(ASEPRITE, float("nan"), "frames", 0, "frame", "w"), "needs whole numbers"),
        (changed(ASEPRITE, 10**400, "frames", 0, "frame", "w"), "needs whole numbers"),
        (changed(ASEPRITE, True, "frames", 0, "frame", "w"), "needs whole numbers"),
        (changed(ASEPRITE, None, "frames", 0, "frame"), "needs whole numbers"),
        (changed(ASEPRITE, -8, "frames", 0, "frame", "w"), "negative size"),
        (changed(ASEPRITE, -8, "frames", 0, "frame", "x"), "outside the sheet"),
        (changed(ASEPRITE, [], "frames", 0, "spriteSourceSize"), "spriteSourceSize: needs"),
        (changed(ASEPRITE, {"w": 3}, "frames", 0, "sourceSize"), "sourceSize: needs"),
        (changed(ASEPRITE, 3, "meta"), "meta: is no JSON object"),
        (changed(ASEPRITE, 3, "meta", "slices"), "slice 0 has no list"),
        (changed(ASEPRITE, [3], "meta", "slices", 0, "keys"), "slice 0 has no list"),
        (
            changed(ASEPRITE, None, "meta", "slices", 0, "keys", 1, "bounds"),
            "slice 'hit': bounds: needs",
        ),
        (
            changed(ASEPRITE, {}, "meta", "slices", 0, "keys", 0, "pivot"),
            "slice 'hit': pivot: needs",
        ),
        *(
            (changed(TEXTUREPACKER, number, "frames", "tree.png", "pivot", axis), "pivot: needs")
            for axis, number in (("x", 10**400), ("y", -(10**400)), ("y", 1_000_001), ("x", True))
        ),
        ({"frames": {"a": {"frame": rect(0, 0, 0, 8)}}}, "all frames are empty"),
    ],
)
def test_malformed_json_is_told_in_one_line(tmp_path, data, told):
    with pytest.raises(UserError, match=told) as caught:
        read_atlas(saved(tmp_path, data))
    assert str(caught.value).startswith(str(tmp_path / "sheet.json")) and "\n" not in str(
        caught.value
    )


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        read_atlas(tmp_path / "none.json")
    with pytest.raises(UserError, match="is a folder, not a file"):
        read_atlas(tmp_path)
    with pytest.raises(UserError, match="cannot be read"):
        read_atlas("a\0.json")


def test_a_file_is_no_larger_than_the_limit_at_both_doors(tmp_path, monkeypatch):
    path = saved(tmp_path, ASEPRITE)
    monkeypatch.setenv("PIXELIZATION_MAX_SHEET_BYTES", "99")
    for read in (lambda: read_atlas(path), lambda: parse_atlas(path.read_bytes(), path.name)):
        with pytest.raises(UserError, match="sheet.json: is too large.*MAX_SHEET_BYTES"):
            read()


def test_text_that_is_no_json_is_told_with_its_place(tmp_path):
    path = tmp_path / "latin.json"
    path.write_bytes('{"frames": "ü"}'.encode("latin-1"))
    with pytest.raises(UserError, match="byte 12: not UTF-8"):
        read_atlas(path)
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(ASEPRITE).encode())  # Windows programs begin so
    assert read_atlas(path).data == ASEPRITE


def test_write_json_is_whole_and_replaces_nothing(tmp_path):
    path = tmp_path / "new" / "sheet.json"
    data = {**TEXTUREPACKER, "ü\ud800": 1}
    write_json(data, path)
    assert json.loads(path.read_text(encoding="utf-8")) == data
    with pytest.raises(UserError, match="exists"):
        write_json({}, path)
    with pytest.raises(TypeError):
        write_json({"a": object()}, path, overwrite=True)
    assert json.loads(path.read_text(encoding="utf-8")) == data
    write_json({}, path, overwrite=True)
    assert path.read_text() == "{}\n" and list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("depth", [100, 3000, 100_000])
@pytest.mark.parametrize("pair", [("[", "]"), ('{"a": ', "}")])
def test_deep_nesting_is_refused(tmp_path, depth, pair):
    path = tmp_path / "deep.json"
    frames = json.dumps(ASEPRITE)[:-1]
    path.write_text(frames + ', "x": ' + pair[0] * depth + "1" + pair[1] * depth + "}")
    with pytest.raises(UserError, match=r"deep\.json: nested deeper than 64 levels"):
        read_atlas(path)


def test_many_frames_in_the_tiles_of_a_grid_take_no_time_for_every_pair():
    places = [(x * 20 + 1, y * 20 + 2) for y in range(100) for x in range(100)]
    tiles = grid_tiles((2000, 2000), (20, 20))
    data = {"frames": [entry((x, y, 16, 16)) for x, y in places]}
    start = time.process_time()
    found = Atlas(data, "a.json").scaled(tiles, scale_layout(tiles, (4, 4)), (4, 4), (9, 9), "b")
    assert time.process_time() - start < 3  # 0.2 s; a look at all tiles took 7 s
    assert [e["frame"]["x"] // 5 for e in found["frames"]] == [x // 20 for x, _ in places]


def test_too_many_frames_or_pixels_are_told(tmp_path, monkeypatch):
    path = saved(tmp_path, {"frames": [entry((i, 0, 9, 9)) for i in range(4)]})
    assert len(read_atlas(path).boxes) == 4
    monkeypatch.setenv("PIXELIZATION_MAX_SHEET_PIXELS", "323")
    with pytest.raises(UserError, match="324 pixels, at most 323 .*MAX_SHEET_PIXELS"):
        read_atlas(path)
    monkeypatch.setenv("PIXELIZATION_MAX_SHEET_FRAMES", "3")
    with pytest.raises(UserError, match="4 frames, at most 3 .*MAX_SHEET_FRAMES"):
        read_atlas(path)


def test_borders_and_polygons_of_frames_are_scaled_along(tmp_path):
    corners = [[0, 0], [128, 0], [64, 128]]
    data = {
        "frames": {
            "plain": entry((0, 0, 128, 128)),
            "poly": entry(
                (128, 0, 128, 128),
                borders={"left": 32, "top": 16, "right": 32, "bottom": 8},
                vertices=corners,
                verticesUV=[[x + 128, y] for x, y in corners],
                triangles=[[0, 1, 2]],
            ),
        }
    }
    atlas = read_atlas(saved(tmp_path, data))
    targets = scale_layout(atlas.boxes, (8, 8))
    found = atlas.scaled(atlas.boxes, targets, (8, 8), (32, 16), "b.png")["frames"]["poly"]
    assert found["borders"] == {"left": 4, "top": 2, "right": 4, "bottom": 1}
    assert found["vertices"] == [[0, 0], [16, 0], [8, 16]]
    assert found["verticesUV"] == [[16, 0], [32, 0], [24, 16]]
    assert found["triangles"] == [[0, 1, 2]]
    # by the frame's own size where that is rounded: 128 / 10 is 13 cells
    targets = scale_layout(atlas.boxes, (10, 10))
    found = atlas.scaled(atlas.boxes, targets, (10, 10), (26, 13), "b.png")["frames"]["poly"]
    assert found["vertices"] == [[0, 0], [13, 0], [7, 13]]
    assert found["verticesUV"] == [[13, 0], [26, 0], [20, 13]]


@pytest.mark.parametrize(
    "more, told",
    [
        ({"borders": {"left": 1}}, "borders: needs whole numbers left, top"),
        ({"vertices": [[1, 2, 3]]}, "vertices: needs pairs"),
        ({"verticesUV": [[0, "1"]]}, "verticesUV: needs pairs"),
    ],
)
def test_malformed_borders_and_polygons_are_told(tmp_path, more, told):
    with pytest.raises(UserError, match=told):
        read_atlas(saved(tmp_path, {"frames": [entry((0, 0, 9, 9), **more)]}))


def test_a_multi_atlas_of_one_texture(tmp_path):
    frames = [entry((0, 0, 64, 64), filename="a"), entry((64, 0, 64, 64), filename="b")]
    page = {"image": "multi.png", "size": {"w": 128, "h": 64}, "scale": 1, "frames": frames}
    path = saved(tmp_path, {"textures": [page], "meta": {"app": "x"}}, "multi.json")
    assert find_atlas(tmp_path / "multi.png") == path
    atlas = read_atlas(path)
    assert atlas.boxes == [Box(0, 0, 64, 64), Box(64, 0, 64, 64)]
    found = atlas.scaled(atlas.boxes, scale_layout(atlas.boxes, (8, 8)), (8, 8), (16, 8), "s.png")
    assert found["meta"] == {"app": "x"} and "frames" not in found
    page = found["textures"][0]
    assert (page["image"], page["size"], page["scale"]) == ("s.png", {"w": 16, "h": 8}, 1)
    assert [e["frame"] for e in page["frames"]] == [rect(0, 0, 8, 8), rect(8, 0, 8, 8)]


@pytest.mark.parametrize("textures", [[], [1], [{}], {}])
def test_other_textures_are_no_atlas(tmp_path, textures):
    with pytest.raises(UserError, match="not the JSON of a sheet"):
        read_atlas(saved(tmp_path, {"textures": textures}))


def multi_atlas(*sheets):
    """A multi-atlas: of every sheet its name and the places of its frames."""
    textures = [
        {
            "image": name,
            "size": {"w": 128, "h": 64},
            "frames": [entry(place, filename=f"{name} {n}") for n, place in enumerate(places)],
        }
        for name, places in sheets
    ]
    return {"textures": textures, "meta": {"app": "x"}}


@pytest.mark.parametrize(
    "first, second, json_name",
    [
        ("art-0.png", "art-1.png", "art.json"),
        ("art_1.png", "art_2.png", "art.json"),
        ("art.0.webp", "sub/art.1.png", "art.json"),
        ("art.png", "other.png", "art.json"),
    ],
)
def test_each_sheet_of_a_multi_atlas_has_its_own_part(tmp_path, first, second, json_name):
    data = multi_atlas((first, [(0, 0, 64, 64)]), (second, [(64, 0, 32, 64), (0, 0, 64, 64)]))
    path = saved(tmp_path, data, json_name)
    assert find_atlas(tmp_path / first) == path
    atlas = read_atlas(path, tmp_path / first)
    assert (atlas.boxes, atlas.sheets) == ([Box(0, 0, 64, 64)], 2)
    name = second.split("/")[-1]
    other = read_atlas(path, name)
    assert other.boxes == [Box(64, 0, 32, 64), Box(0, 0, 64, 64)]
    targets = scale_layout(other.boxes, (8, 8))
    (page,) = other.scaled(other.boxes, targets, (8, 8), (12, 8), "s.png")["textures"]
    assert page["image"] == "s.png" and page["frames"][0]["frame"] == rect(8, 0, 4, 8)
    assert data["textures"][0]["image"] == first
    for stranger in (None, "art-7.png"):
        with pytest.raises(UserError, match="is of 2 sheets .*name one"):
            read_atlas(path, stranger)
    assert find_atlas(tmp_path / "art-7.png") is None


def test_other_json_is_not_that_of_a_numbered_sheet(tmp_path):
    saved(tmp_path, {"frames": {"a": entry((0, 0, 8, 8))}}, "walk.json")
    assert find_atlas(tmp_path / "walk-1.png") is None
    assert find_atlas(tmp_path / "1.png") is None
    saved(tmp_path, "{", "walk.json")
    assert find_atlas(tmp_path / "walk_2.png") is None
