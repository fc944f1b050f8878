"""The REST API: what it gives is what the commands give, and every mistake is one line."""

import base64
import io
import json
import time
import zipfile
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from PIL import Image

from pixelization import Style, read_palette
from pixelization.apps.cli import pixelize
from pixelization.pipeline import grids
from pixelization.studio.settings import Settings, command, read_style
from tests.make import drawing
from tests.studio.conftest import events, png, run_command

for package in ("fastapi", "httpx2"):
    pytest.importorskip(package)
workshop_module = pytest.importorskip("pixelization.studio.workshop")
Workshop = workshop_module.Workshop

SMALL = png(drawing(12, 8))
STYLES = {
    "default": {},
    "longest": {"size": "max:20"},
    "exact": {"size": "24x16", "isolated": True},
    "cell": {"cell_size": "16/3", "jaggies": True, "size": None},
    "palette": {"size": 24, "palette": "pico-8"},
    "colours": {"size": 24, "palette": ["1a1c2c", "f4f4f4", "b13e53"], "dither": "bayer4"},
    "counted": {
        "size": 24,
        "colors": 5,
        "fit": "source",
        "dither": "atkinson",
        "dither_strength": 0.35,
    },
    "auto": {"size": 24, "colors": "auto", "trim": True},
    "outline": {"size": 24, "outline": "outside", "outline_color": "#ff0000", "pad": "40x36"},
    "kept": {"size": 24, "alpha": "keep", "wrap": True},
    "background": {"size": 24, "remove_background": True, "holes": True, "outline": "inside"},
}


def frames(answer):
    return [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(frame["png"]))))
        for frame in answer.json()["frames"]
    ]


@pytest.mark.parametrize("name", STYLES)
def test_a_file_is_that_of_the_command_bit_for_bit(client, add, folder, name):
    body = {"picture": add(folder / "drawing.png"), "style": STYLES[name]}
    shown = client.post("/api/sprites", json=body)
    assert shown.status_code == 200, shown.text
    file = client.post("/api/files", json=body)
    written = run_command(shown.json()["command"])
    assert file.content == written.read_bytes()
    assert (frames(shown)[0] == np.asarray(Image.open(written))).all()


@pytest.mark.parametrize("name", ["default", "palette", "counted"])
def test_the_style_file_gives_the_same(client, add, folder, name):
    body = {"picture": add(folder / "drawing.png"), "style": STYLES[name]}
    told = client.post("/api/sprites", json=body).json()
    (folder / "style.yaml").write_text(told["style_file"])
    assert pixelize.main(["drawing.png", "-o", "styled.png", "--cfg", "style.yaml", "-q"]) == 0
    assert (folder / "styled.png").read_bytes() == client.post("/api/files", json=body).content


@pytest.mark.parametrize(
    "settings",
    [
        {"tool": "snap"},
        {"tool": "snap", "style": {"cell_size": "6x6", "palette": "game-boy"}},
        {"tool": "snap", "min_confidence": 0, "style": {"colors": 4, "dither": "bayer2"}},
        {"tool": "snap", "min_confidence": 0.5, "style": {"size": "16x16"}},
        {"tool": "depixelize", "method": "bicubic", "factor": 3},
        {"tool": "depixelize", "factor": 4.5, "style": {"cell_size": 12}},
        {"tool": "depixelize", "factor": 2, "keep_colors": True, "style": {"wrap": True}},
        {"tool": "pixelize", "tiles": "72", "style": {"cell_size": 8}},
    ],
)
def test_other_tools_give_what_their_commands_give(client, add, folder, settings):
    body = {"picture": add(folder / "large.png"), **settings}
    shown = client.post("/api/sprites", json=body)
    assert shown.status_code == 200, shown.text
    written = run_command(shown.json()["command"])
    assert client.post("/api/files", json=body).content == written.read_bytes()


@pytest.mark.parametrize("name", ["default", "colours", "outline"])
def test_networks_that_point_give_the_same_too(folder, monkeypatch, pointing_weights, name):
    """Their results ask for more than a sprite: near shades become one."""
    weights = lambda name: pointing_weights  # noqa: E731
    monkeypatch.setattr("pixelization.networks.weights.pretrained_path", weights)
    workshop = Workshop({"lite": pointing_weights}, "cpu")
    upload = workshop.pictures.add((folder / "drawing.png").read_bytes(), "drawing.png")
    settings = Settings(style=read_style(STYLES[name]))
    for _ in range(2):  # the second time from memory
        file = workshop.file(upload, settings)
        written = run_command(f"{command(settings, upload.name)} --overwrite")
        assert file.data == written.read_bytes()


def test_tiles_with_gaps_are_those_of_the_command(client, add, folder):
    sheet = Image.new("RGBA", (2 * 32 + 3 + 2 * 4, 32 + 2 * 4))
    for column in range(2):
        sheet.paste(drawing(32, 32, "RGBA", seed=column), (4 + 35 * column, 4))
    sheet.save(folder / "sheet.png")
    body = {
        "picture": add(folder / "sheet.png"),
        "tiles": "32",
        "margin": 4,
        "spacing": 3,
        "style": {"size": 8},
    }
    line = client.post("/api/sprites", json=body).json()["command"]
    assert client.post("/api/files", json=body).content == run_command(line).read_bytes()


@pytest.mark.parametrize("name", ["drawing.png", "walk.gif"])
def test_aseprite_files_are_those_of_the_command(client, add, folder, name):
    body = {"picture": add(folder / name), "style": {"size": 12}, "format": "aseprite"}
    line = client.post("/api/commands", json=body).json()["command"]
    data = client.post("/api/files", json=body).content
    assert data == run_command(line).read_bytes()
    (folder / "again.aseprite").write_bytes(data)
    again = {"picture": add(folder / "again.aseprite"), "style": {"cell_size": 1}}
    shown = client.post("/api/sprites", json=again).json()
    assert (shown["width"], len(shown["frames"])) == (12, 1 if name == "drawing.png" else 3)


@pytest.mark.parametrize("format", ["gif", "png", "webp"])
def test_animations_are_those_of_the_command(client, add, folder, format):
    body = {
        "picture": add(folder / "walk.gif"),
        "style": {"size": 12, "colors": 6, "dither": "floyd-steinberg"},
        "format": format,
    }
    line = client.post("/api/commands", json=body).json()["command"]
    assert client.post("/api/files", json=body).content == run_command(line).read_bytes()


def test_an_animation_is_shown_with_its_durations(client, add, folder):
    body = {"picture": add(folder / "walk.gif"), "style": {"size": 12}}
    told = client.post("/api/sprites", json=body).json()
    assert [frame["duration"] for frame in told["frames"]] == [50, 100, 150]
    assert told["plays"] == 0
    assert told["command"].startswith("pixelize walk.gif -o walk_sprite.gif")


@pytest.mark.parametrize("options, ending", [({"indexed": True}, ""), ({"scale": 5}, "_preview")])
def test_indexed_and_enlarged_files_are_those_of_the_command(client, add, folder, options, ending):
    body = {"picture": add(folder / "drawing.png"), "style": {"size": 16, "colors": 4}, **options}
    line = client.post("/api/commands", json=body).json()["command"]
    written = run_command(line)
    written = written.with_name(f"{written.stem}{ending}.png")
    file = client.post("/api/files", json=body)
    assert file.content == written.read_bytes()
    assert file.headers["content-disposition"].endswith(f"''{written.name}")


@pytest.mark.parametrize("suffix", [".gpl", ".hex", ".pal", ".txt", ".act", ".png"])
def test_palette_files_are_those_of_the_command(client, add, folder, suffix):
    body = {"picture": add(folder / "drawing.png"), "style": {"size": 16, "colors": 4}}
    line = client.post("/api/commands", json=body).json()["command"]
    run_command(f"{line} --palette-out out{suffix}")
    file = client.post("/api/palette-files", json={**body, "suffix": suffix})
    assert file.content == (folder / f"out{suffix}").read_bytes()


def test_the_palette_of_a_sprite_without_one_has_the_colours_that_it_shows(client, add, folder):
    body = {"picture": add(folder / "drawing.png"), "style": {"size": "4x4"}, "suffix": ".hex"}
    file = client.post("/api/palette-files", json=body)
    (folder / "own.hex").write_bytes(file.content)
    shown = client.post("/api/sprites", json={k: body[k] for k in ("picture", "style")}).json()
    assert sorted(read_palette("own.hex").hex()) == sorted(e["color"] for e in shown["used"])


def test_networks_run_once_per_picture_and_size(client, add, folder, workshop, monkeypatch):
    workshop.load("lite")
    pixelizer = workshop._pixelizers["lite"]
    sizes, networks = [], pixelizer.networks

    def counted(image, *, cell_size, size):
        sizes.append(size)
        return networks(image, cell_size=cell_size, size=size)

    monkeypatch.setattr(pixelizer, "networks", counted)
    key = add(folder / "drawing.png")
    for style in (
        {"size": 16},
        {"size": 16, "palette": "nes"},
        {"size": 16, "isolated": True},
        {"size": 16, "remove_background": True, "outline": "outside", "pad": "32"},
        {"size": 20},
        {"size": 16, "colors": 3, "dither": "bayer8"},
    ):
        assert client.post("/api/sprites", json={"picture": key, "style": style}).is_success
    assert sizes == [(16, None), (20, None)]


def test_a_picture_is_snapped_once_at_the_same_cells(client, add, folder, monkeypatch):
    sizes, snap = [], grids.snap

    def counted(image, **options):
        sizes.append(options["grid"].size)
        return snap(image, **options)

    monkeypatch.setattr(grids, "snap", counted)
    key, files = add(folder / "large.png"), []
    for style in (
        {},
        {"palette": "nes"},  # alpha becomes hard
        {"palette": "pico-8", "dither": "bayer4"},
        {"colors": 4, "fit": "source"},
        {"isolated": True, "pad": "40"},
        {"cell_size": "12"},
        {"cell_size": "12", "palette": "nes"},
        {},
    ):
        body = {"picture": key, "tool": "snap", "style": style}
        assert client.post("/api/sprites", json=body).is_success
        line = client.post("/api/sprites", json=body).json()["command"]
        files.append(client.post("/api/files", json=body).content)
        asked = len(sizes)
        assert run_command(f"{line} --overwrite").read_bytes() == files[-1]
        del sizes[asked:]  # the command's own
    assert files[0] == files[-1]
    assert sizes == [(24, 24), (24, 24), (12, 12), (12, 12)]


def test_a_palette_is_fitted_once_to_the_same_colours(client, add, folder, monkeypatch):
    fitted, choose = [], workshop_module.choose_palette

    def counted(style, histogram):
        fitted.append(style.colors)
        return choose(style, histogram)

    monkeypatch.setattr(workshop_module, "choose_palette", counted)
    key = add(folder / "drawing.png")
    for style in (
        {"colors": 4},
        {"colors": 4, "dither": "bayer4"},
        {"colors": 4, "dither": "atkinson", "pad": "32"},
        {"colors": 5},
        {"colors": 4, "fit": "source"},
        {"colors": 4, "size": 20},
        {"colors": 4},
    ):
        body = {"picture": key, "style": {"size": 16, **style}}
        assert client.post("/api/sprites", json=body).is_success
    assert fitted == [4, 5, 4, 4]


def test_warming_up_loads_the_networks_and_keeps_no_picture(client, workshop, tiny_weights):
    workshop.warm_up("other")
    assert list(workshop._pixelizers) == ["other"]
    assert client.get("/api/pictures").json() == []
    assert not workshop.pictures._decoded.items()


def test_painted_cells_are_in_files_and_their_colours_in_the_palette(client, add, folder):
    body = {
        "picture": add(folder / "drawing.png"),
        "style": {"size": 16, "colors": 4},
        "indexed": True,
        "edits": [
            {"x": 0, "y": 0, "color": "ff00fe"},
            {"x": 1, "y": 0, "color": "ff00ff"},
            {"x": 8, "y": 5},
            {"x": 0, "y": 0, "color": "00ff01"},
        ],
    }
    image = Image.open(io.BytesIO(client.post("/api/files", json=body).content))
    assert image.mode == "P"
    cells = np.asarray(image.convert("RGBA"))
    assert cells[0, 0].tolist() == [0, 255, 1, 255]
    assert cells[0, 1].tolist() == [255, 0, 255, 255]
    assert cells[5, 8, 3] == 0
    body["edits"] = []
    bare = np.asarray(Image.open(io.BytesIO(client.post("/api/files", json=body).content)))
    assert bare.shape == cells.shape[:2]


def test_cells_outside_are_refused(client, add, folder):
    body = {"picture": add(folder / "drawing.png"), "style": {"size": 16}}
    for edit in (
        {"x": 16, "y": 0},
        {"x": 0, "y": 99, "color": "fff"},
        {"x": 0, "y": 0, "frame": 1},
    ):
        answer = client.post("/api/files", json={**body, "edits": [edit]})
        assert answer.status_code == 422
        assert "there is no cell" in answer.json()["error"]


def test_a_batch_is_a_zip_of_what_worked(client, add, folder):
    drawing(64, 96).save(folder / "second.png")
    (folder / "sub").mkdir()
    drawing(64, 64, seed=3).save(folder / "sub" / "second.png")
    drawing(20, 20).save(folder / "small.png")
    keys = [add(folder / name) for name in ("drawing.png", "second.png", "small.png")]
    keys += [add(folder / "sub" / "second.png"), keys[0]]
    body = {"pictures": keys, "style": {"size": "24x24"}}
    answer = client.post("/api/batches", json=body)
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.namelist() == [
        "drawing_sprite.png",
        "second_sprite.png",
        "second_sprite_2.png",
        "failed.txt",
    ]
    assert archive.read("failed.txt").startswith(b"small.png: size 24x24 is out of range")
    one = {"picture": keys[1], "style": {"size": "24x24"}}
    assert archive.read("second_sprite.png") == client.post("/api/files", json=one).content


def test_the_json_of_a_sheet_names_the_picture_beside_it(client, add, folder):
    (folder / "sub").mkdir()
    drawing(64, 64, seed=3).save(folder / "sub" / "drawing.png")
    keys = [add(folder / name) for name in ("drawing.png", "sub/drawing.png")]
    text = json.dumps({"frames": [{"frame": {"x": 0, "y": 0, "w": 32, "h": 32}}]})
    for key in keys:
        client.post(f"/api/pictures/{key}/sheet", params={"name": "a.json"}, content=text)
    how = {"tiles": "auto", "style": {"cell_size": 8}}
    answer = client.post("/api/batches", json={"pictures": keys, **how})
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    for name in ("drawing_sprite", "drawing_sprite_2"):
        assert f"{name}.png" in archive.namelist()
        assert json.loads(archive.read(f"{name}.json"))["meta"]["image"] == f"{name}.png"
    body = {"picture": keys[0], "format": "aseprite", **how}
    told = client.post("/api/sheet-files", json=body).json()
    assert told["meta"]["image"] == "drawing_sprite.aseprite"


def test_a_picture_of_a_batch_that_is_gone_fails_alone(client, add, folder):
    gone = "0" * 64
    body = {"pictures": [gone, add(folder / "drawing.png")], "style": {"size": 8}}
    answer = client.post("/api/batches", json=body)
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.namelist() == ["drawing_sprite.png", "failed.txt"]
    assert archive.read("failed.txt").startswith(f"{gone}: this picture is not here".encode())


def test_palettes_are_read_and_taken(client, add, folder):
    data = b"GIMP Palette\nName: Two\n255 0 0\tred\n0 0 255\tblue\n"
    told = client.post("/api/palettes", params={"name": "../two.gpl"}, content=data).json()
    assert told == {"name": "Two", "colors": ["ff0000", "0000ff"]}
    taken = client.post(
        "/api/palettes/picture", json={"picture": add(folder / "drawing.png"), "colors": 3}
    ).json()
    assert len(taken["colors"]) == 3


def test_progress_is_told_and_the_result_is_the_same(client, add, folder):
    body = {"picture": add(folder / "walk.gif"), "style": {"size": 14}}
    told = events(
        client.post("/api/sprites", json=body, headers={"accept": "text/event-stream"}).text
    )
    assert told[:-1] == [("progress", {"frames": number}) for number in (1, 2, 3)]
    assert told[-1] == ("result", client.post("/api/sprites", json=body).json())


def test_what_is_remembered_is_told_at_once(client, add, folder):
    key = add(folder / "drawing.png")
    seconds = []
    for palette in ("nes", "pico-8", "c64", "cga", "db16"):
        body = {"picture": key, "style": {"size": 14, "palette": palette}}
        begun = time.perf_counter()
        client.post("/api/sprites", json=body, headers={"accept": "text/event-stream"})
        seconds.append(time.perf_counter() - begun)
    assert min(seconds[1:]) < 0.15


def test_an_error_is_an_event_too(client, add, folder):
    body = {"picture": add(folder / "drawing.png"), "style": {"size": 4000}}
    told = events(
        client.post("/api/sprites", json=body, headers={"accept": "text/event-stream"}).text
    )
    assert told[-1][0] == "error" and "out of range" in told[-1][1]["error"]


def test_a_grid_is_told_with_its_runners_up(client, add, folder):
    grid = client.get(f"/api/pictures/{add(folder / 'large.png')}/grid").json()
    assert grid["size"] == [24, 24] and grid["sure"]
    key = client.get("/api/pictures").json()[0]["id"]
    fitted = client.get(f"/api/pictures/{key}/grid", params={"cell_size": "12x6"}).json()
    assert fitted["cell"] == [12, 6] and fitted["size"] == [12, 24]
    wrong = client.get(f"/api/pictures/{key}/grid", params={"cell_size": "wide"})
    assert wrong.status_code == 422
    body = {"picture": add(folder / "drawing.png"), "tool": "snap"}
    unsure = client.post("/api/sprites", json=body)
    assert unsure.status_code == 422
    assert unsure.json()["grid"]["sure"] is False
    assert "not sure of the grid" in unsure.json()["error"]


def test_a_picture_is_shown_as_it_is_read_and_forgotten_when_asked(client, add, folder):
    key = add(folder / "walk.gif")
    for frame in (0, 2):
        answer = client.get(f"/api/pictures/{key}/image", params={"frame": frame})
        assert Image.open(io.BytesIO(answer.content)).size == (48, 48)
    assert client.get(f"/api/pictures/{key}/image", params={"frame": 3}).status_code == 422
    assert [each["name"] for each in client.get("/api/pictures").json()] == ["walk.gif"]
    assert client.delete(f"/api/pictures/{key}").status_code == 204
    gone = client.get(f"/api/pictures/{key}")
    assert gone.status_code == 404 and "open it again" in gone.json()["error"]


@pytest.mark.parametrize(
    "style, told",
    [
        ({"size": "many"}, "size: 'many' is not a size"),
        ({"size": 16, "cell_size": 4}, "exclude each other"),
        ({"dither": "bayer4"}, "needs colours to mix"),
        ({"colors": 0}, "0 is out of range"),
        ({"nothing": 1}, "style.nothing: unknown key"),
        ({"no-thing": 1}, "style.no-thing: unknown key"),
        ({"size": [1, 2]}, "style.size: expected a text or a number, got [1, 2]"),
        ({"cell_size": {}}, "style.cell_size: expected a text or a number, got {}"),
        ({"dither": [True]}, "style.dither: expected a text or a number, got [True]"),
        ({"palette": 5}, "style.palette: expected a text or a list, got 5"),
        ({"palette": ["f00", [5]]}, "style.palette.1: expected a text, got [5]"),
        ({"size": "9" * 5000}, "style.size: expected at most 4096 characters, got '9999"),
        ({"size": True}, "style.size: give a number, not true or false"),
        ({"palette": "no-such"}, "palette: 'no-such' is not a colour"),
        ({"isolated": "perhaps"}, "style.isolated: expected true or false, got 'perhaps'"),
        ([], "style: expected an object, got []"),
    ],
)
def test_wrong_options_are_one_line(open_client, style, told):
    key = open_client.post("/api/pictures", content=png(drawing(40, 40))).json()["id"]
    answer = open_client.post("/api/sprites", json={"picture": key, "style": style})
    assert answer.status_code == 422
    assert told in answer.json()["error"] and "\n" not in answer.json()["error"]


@pytest.mark.parametrize(
    "body, told",
    [
        ({"tiles": 5}, "tiles: expected a text, got 5"),
        ({"margin": 1.5}, "margin: expected a whole number, got 1.5"),
        ({"margin": -1}, "margin: expected at least 0, got -1"),
        ({"fps": "fast"}, "fps: expected a number, got 'fast'"),
        ({"tool": "draw"}, "tool: expected 'pixelize', 'snap' or 'depixelize', got 'draw'"),
        ({"edits": [{"x": 1}]}, "edits.0.y: is missing"),
        ({"edits": {}}, "edits: expected a list, got {}"),
    ],
)
def test_fields_of_a_wrong_type_are_told_what_they_take(open_client, body, told):
    answer = open_client.post("/api/sprites", json={"picture": "0" * 64, **body})
    assert (answer.status_code, answer.json()["error"]) == (422, told)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@hypothesis_settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    style=st.dictionaries(st.sampled_from([each.name for each in fields(Style)]), ANY, max_size=3),
    others=st.dictionaries(
        st.sampled_from(["tool", "model", "tiles", "fps", "factor", "edits", "min_confidence"]),
        ANY,
        max_size=2,
    ),
)
def test_whatever_is_asked_is_answered_in_one_line(open_client, style, others):
    key = open_client.post("/api/pictures", content=SMALL).json()["id"]
    body = json.dumps({"picture": key, "style": style, **others}).encode()  # NaN goes through
    answer = open_client.post("/api/sprites", content=body)
    assert answer.status_code in (200, 422)
    if answer.status_code == 422:
        assert answer.json()["error"] and "\n" not in answer.json()["error"]


@pytest.mark.parametrize(
    "body",
    [
        '{"style": {"\\ud800": 1}}',
        '{"style": {"size": "\\ud800"}}',
        '{"tiles": "\\udc81"}',
        '{"style": {"palette": ["\\ud800"]}}',
        '{"model": "\\udcff"}',
        "[" * 100_000,
        "{",
        "1",
        "",
        '{"style": 1e400}',
        "\x00",
    ],
)
def test_bodies_that_nobody_would_write_are_refused(open_client, body):
    key = open_client.post("/api/pictures", content=SMALL).json()["id"]
    body = body.replace("{", f'{{"picture": "{key}", ', 1) if len(body) > 1 else body
    answer = open_client.post("/api/sprites", content=body.encode())
    assert answer.status_code == 422
    assert answer.json()["error"]


@pytest.mark.parametrize(
    "body, told",
    [
        (b"[" * 100_000, "the body is nested too deeply"),
        (b'{"style": ' + b'{"size":' * 100_000, "the body is nested too deeply"),
        (b'{"style": {"size": ' + b"9" * 5000 + b"}}", "the body cannot be read as JSON"),
        (b'{"model": "\xff"}', "the body is no text in UTF-8"),
        (b'{"model": "caf\xc3"}', "the body is no text in UTF-8"),
    ],
)
def test_what_is_wrong_with_a_body_that_cannot_be_read_is_said(open_client, body, told):
    answer = open_client.post(
        "/api/sprites", content=body, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()) == (422, {"error": told})


@pytest.mark.parametrize(
    "body, told",
    [
        ({"style": {"colors": 1e12}}, "colors 1000000000000 is out of range: give 1 to 256"),
        ({"style": {"colors": 1e16}}, "colors 10000000000000000 is out of range: give 1 to 256"),
        ({"style": {"colors": "9" * 500}}, "999...999"),
        ({"style": {"still": 1e10}}, "still 10000000000 is out of range: give 0 to 255"),
        ({"style": {"size": 1e12}}, "size 1000000000000 is out of range: give (width, height)"),
        ({"style": {"colors": 2.5}}, "colors: '2.5' is not a whole number"),
        ({"style": {"size": True}}, "style.size: give a number, not true or false"),
        ({"style": {"cell_size": False}}, "style.cell_size: give a number, not true or false"),
        ({"tiles": "8", "margin": True}, "margin: give a number, not true or false"),
        ({"fps": True}, "fps: give a number, not true or false"),
        ({"tool": "depixelize", "factor": True}, "factor: give a number, not true or false"),
        ({"edits": [{"x": 0, "y": True}]}, "edits.0.y: give a number, not true or false"),
    ],
)
def test_numbers_are_numbers_and_in_their_range(open_client, body, told):
    key = open_client.post("/api/pictures", content=SMALL).json()["id"]
    answer = open_client.post("/api/sprites", json={"picture": key, **body})
    assert answer.status_code == 422 and told in answer.json()["error"]
    answer = open_client.post("/api/palettes/picture", json={"picture": key, "colors": True})
    assert answer.json() == {"error": "colors: give a number, not true or false"}


def test_what_the_page_needs_is_told(open_client):
    about = open_client.get("/api/about").json()
    assert about["models"] == ["lite", "other"]
    assert {"name": "pico-8", "colors": about["palettes"][8]["colors"]} in about["palettes"]
    assert about["start"] == {"style": {}, "model": "lite", "pictures": []}


def test_the_description_names_every_route_and_every_option(open_client):
    described = open_client.get("/api/openapi.json").json()
    assert {"/api/pictures", "/api/sprites", "/api/files", "/api/batches"} <= set(
        described["paths"]
    )
    options = described["components"]["schemas"]["StyleModel"]["properties"]
    assert {"size", "palette", "dither", "outline_color", "hysteresis"} <= set(options)


def test_the_page_and_all_that_it_loads_are_there(open_client):
    page = open_client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    for part in ("js/main.js", "css/base.css", "icon.svg"):
        assert part in page.text and open_client.get(f"/{part}").is_success
    assert open_client.get("/js/../../server.py").status_code == 404
    assert open_client.get("/%2e%2e/server.py").status_code == 404


@pytest.mark.parametrize(
    "text, told",
    [
        ("sise: 48", "mine.yaml: unknown key 'sise'; did you mean 'size'?"),
        ("_base_: house.yaml", "mine.yaml: starts from house.yaml"),
        ("palette: /etc/hostname", "mine.yaml: palette: '/etc/hostname' is not a colour"),
        ("outline_color: #fff", "mine.yaml: outline_color: a colour is missing"),
        ("size: [48", "mine.yaml: not valid YAML in line 1"),
        ("holes: true", "mine.yaml: holes does nothing without remove background"),
        ("", "mine.yaml: is empty"),
    ],
)
def test_what_is_wrong_with_a_style_file_is_one_line(open_client, text, told):
    answer = open_client.post("/api/styles", params={"name": "a/mine.yaml"}, content=text)
    assert answer.status_code == 422
    assert told in answer.json()["error"] and "\n" not in answer.json()["error"]


def test_one_palette_for_several_pictures_needs_a_number_of_colours(client, add, folder):
    pictures = [add(folder / "drawing.png"), add(folder / "walk.gif")]
    body = {"pictures": pictures, "style": {"size": 16, "colors": 3}}
    found = client.post("/api/palettes/shared", json=body).json()["colors"]
    assert len(found) == 3
    for style in ({"size": 16}, {"size": 16, "palette": "nes"}):
        answer = client.post("/api/palettes/shared", json=body | {"style": style})
        assert answer.status_code == 422 and "a number of colours" in answer.json()["error"]


@pytest.mark.parametrize(
    "text, told",
    [
        ("{", "tiles.json: line 1, column 2: no valid JSON"),
        ("[]", "tiles.json: is not the JSON of a sheet"),
        ('{"frames": [{"frame": {"x": 90, "y": 0, "w": 9, "h": 9}}]}', "reaches to 99,9"),
        ('{"frames": [{"frame": {"x": 0, "y": 0, "w": -9, "h": 9}}]}', "negative size"),
    ],
)
def test_what_is_wrong_with_the_json_of_a_sheet_is_one_line(client, add, folder, text, told):
    key = add(folder / "drawing.png")
    answer = client.post(f"/api/pictures/{key}/sheet", params={"name": "tiles.json"}, content=text)
    assert answer.status_code == 422 and told in answer.json()["error"]
    body = {"picture": key, "tiles": "auto"}
    answer = client.post("/api/sprites", json=body)
    assert answer.status_code == 422 and "give the tiles' size" in answer.json()["error"]
    answer = client.post("/api/sheet-files", json=body)
    assert answer.status_code == 422 and "hand in the JSON" in answer.json()["error"]


def test_tiles_of_another_json_are_other_tiles(client, add, folder):
    """What was made of the sheet before is not given again."""
    key, seen = add(folder / "drawing.png"), []
    for width in (48, 32):
        frames = [{"frame": {"x": 0, "y": 0, "w": width, "h": 64}}]
        text = json.dumps({"frames": frames})
        told = client.post(f"/api/pictures/{key}/sheet", params={"name": "a.json"}, content=text)
        assert told.json()["tiles"] == [[0, 0, width, 64]]
        body = {"picture": key, "tiles": "auto", "style": {"cell_size": 8}}
        sprite = Image.open(io.BytesIO(client.post("/api/files", json=body).content))
        assert sprite.size == (12, 8)
        seen.append(sprite.getbbox()[2])
    assert seen == [6, 4]
    add(folder / "drawing.png")  # once more: its tiles are still known
    assert client.get(f"/api/pictures/{key}").json()["tiles"] == [[0, 0, 32, 64]]
