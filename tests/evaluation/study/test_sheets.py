"""Sheets are blind: the same for all, without names, with the key elsewhere."""

import json

import numpy as np
import pytest
from PIL import Image

from pixelization.errors import UserError
from pixelization.evaluation.study import sheets
from pixelization.evaluation.study.key import read_key
from pixelization.evaluation.study.sheets import (
    CAPTION,
    GAP,
    TILE,
    Row,
    is_sprite,
    source_size,
    sprite_size,
    write_study,
)

COLORS = {"new": (200, 30, 40), "old": (60, 80, 220), "far": (250, 220, 90)}


def make_rows(count, methods=("new", "old", "far"), size=(6, 4), source=True):
    return [
        Row(
            f"image {number}",
            Image.new("RGB", (30, 20), (number, 0, 0)) if source else None,
            {name: Image.new("RGB", size, COLORS.get(name, (9, 9, 9))) for name in methods},
        )
        for number in range(count)
    ]


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def test_the_key_tells_which_letter_is_whose(tmp_path):
    rows = make_rows(7)
    key = write_study(tmp_path / "blind", tmp_path / "key.json", rows, "ranking", seed=5)
    assert read_key(tmp_path / "key.json") == key
    assert key.rows == tuple(row.name for row in rows)
    assert len(set(key.order.values())) > 1
    for number, name in enumerate(key.rows, start=1):
        for letter, method in zip("ABC", key.order[name], strict=True):
            tile = Image.open(tmp_path / f"blind/tiles/{number:02d}_{letter}.png")
            assert tile.size == (6, 4) and tile.getpixel((0, 0)) == COLORS[method]
    assert sorted(path.name for path in (tmp_path / "blind").glob("*.png")) == [
        "rows01.png",
        "rows02.png",
        "rows03.png",
    ]


def test_a_seed_gives_the_same_study_and_another_another(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_study(tmp_path / name, tmp_path / f"{name}.json", make_rows(6), "ranking", seed)
    assert files(tmp_path / "a") == files(tmp_path / "b") != files(tmp_path / "c")


def test_judges_see_no_names(tmp_path):
    write_study(tmp_path / "blind", tmp_path / "key.json", make_rows(2), "ranking", seed=1)
    told = json.loads((tmp_path / "blind/study.json").read_text())
    assert told == {"question": "ranking", "letters": [3, 3]}
    for path, content in files(tmp_path / "blind").items():
        assert not any(name in path or name.encode() in content for name in COLORS)


def test_a_sheet_shows_source_and_sprites_in_a_row(tmp_path):
    key = write_study(tmp_path / "blind", tmp_path / "key.json", make_rows(1), "ranking", seed=1)
    sheet = np.asarray(Image.open(tmp_path / "blind/rows01.png"))
    middle = CAPTION + TILE // 2
    shown = [tuple(sheet[middle, k * (TILE + GAP) + TILE // 2]) for k in range(4)]
    assert shown == [(0, 0, 0), *(COLORS[method] for method in key.order["image 0"])]


def test_pairs_stand_beside_one_another_without_a_source(tmp_path):
    rows = make_rows(9, methods=("artist", "new"), source=False)
    write_study(tmp_path / "blind", tmp_path / "key.json", rows, "forgery", seed=1)
    first, second = (Image.open(tmp_path / f"blind/rows0{k}.png") for k in (1, 2))
    assert first.size == (2 * (2 * (TILE + GAP) + GAP), 4 * (TILE + CAPTION))
    assert second.size == (2 * (TILE + GAP) + GAP, TILE + CAPTION)
    assert not list((tmp_path / "blind/tiles").glob("*source*"))


@pytest.mark.parametrize(
    "cells, shown",
    [
        ((48, 48), (288, 288)),
        ((35, 20), (280, 160)),  # whole factors only
        ((100, 150), (100, 150)),
        ((576, 288), (288, 144)),  # too large
    ],
)
def test_sprites_are_enlarged_by_whole_factors(cells, shown):
    assert sprite_size(cells) == shown


@pytest.mark.parametrize(
    "source, sprite, shown, cells",
    [
        ((256, 256), (48, 48), (288, 288), False),
        ((300, 150), (35, 18), (280, 140), False),  # as large as its sprites
        ((24, 24), (192, 192), (192, 192), True),  # a sprite that was made smooth
        ((48, 48), (48, 48), (288, 288), False),
    ],
)
def test_sources_are_as_large_as_what_was_made_of_them(source, sprite, shown, cells):
    assert source_size(source, sprite) == shown and is_sprite(source, sprite) == cells


def test_cells_are_equal_squares_on_a_sheet(tmp_path):
    cells = np.random.default_rng(0).integers(0, 256, (36, 36, 3), np.uint8)
    sprites = dict.fromkeys(("artist", "new"), Image.fromarray(cells))
    write_study(tmp_path / "b", tmp_path / "key.json", [Row("x", None, sprites)], "forgery", seed=1)
    sheet = np.asarray(Image.open(tmp_path / "b/rows01.png"))
    tile = sheet[CAPTION : CAPTION + TILE, :TILE]
    assert np.array_equal(tile, cells.repeat(8, axis=0).repeat(8, axis=1))


def test_a_large_source_is_reduced_for_judges(tmp_path):
    row = make_rows(1)[0]
    row = Row(row.name, Image.new("RGB", (2000, 1000)), row.sprites)
    write_study(tmp_path / "blind", tmp_path / "key.json", [row], "ranking", seed=1)
    assert Image.open(tmp_path / "blind/tiles/01_source.png").size == (576, 288)


def test_transparency_is_shown_as_white(tmp_path):
    hole = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    rows = [Row("x", None, {"artist": hole, "new": hole})]
    write_study(tmp_path / "blind", tmp_path / "key.json", rows, "forgery", seed=1)
    assert Image.open(tmp_path / "blind/tiles/01_A.png").getpixel((1, 1)) == (255, 255, 255)


@pytest.mark.parametrize(
    "rows, folder, key, part",
    [
        ([], "blind", "key.json", "nothing to judge"),
        (make_rows(1), "blind", "blind/key.json", "is in the judges' folder"),
        (make_rows(1), "there", "key.json", "there: exists: name a new one"),
        (make_rows(1), "blind", "there/key", "key: exists: name a new one"),
        (make_rows(1, methods=("new",)), "blind", "key.json", "1 methods: give 2 to 8"),
        (make_rows(1, methods=tuple("abcdefghi")), "blind", "key.json", "9 methods"),
        (
            [Row("x", None, {"a": Image.new("RGB", (4, 4)), "b": Image.new("RGB", (4, 5))})],
            "blind",
            "key.json",
            "x: sprites differ in size and would be known by it: a 4x4, b 4x5",
        ),
    ],
)
def test_mistakes_leave_nothing(rows, folder, key, part, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there/key").write_text("")
    with pytest.raises(UserError, match=part):
        write_study(tmp_path / folder, tmp_path / key, rows, "ranking", seed=1)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["key", "there"]


def test_a_folder_that_cannot_be_written_is_told_without_options_of_others(tmp_path):
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(UserError) as error:
        write_study(tmp_path / "link/a", tmp_path / "key.json", make_rows(1), "ranking", seed=1)
    assert str(error.value) == f"{tmp_path}/link/a: cannot be written (File exists)"
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


def test_a_folder_that_appears_meanwhile_is_left(tmp_path, monkeypatch):
    (tmp_path / "blind").mkdir()
    (tmp_path / "blind/old").write_text("")
    monkeypatch.setattr(sheets, "check_places", lambda *_: None)
    with pytest.raises(UserError) as error:
        write_study(tmp_path / "blind", tmp_path / "key.json", make_rows(1), "ranking", seed=1)
    assert str(error.value) == f"{tmp_path}/blind: cannot be written (Directory not empty)"
    assert [path.name for path in (tmp_path / "blind").iterdir()] == ["old"]
