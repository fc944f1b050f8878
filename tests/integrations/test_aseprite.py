"""Aseprite's extension, in a real Lua with a stub of ``app``, and the real command behind it."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pixelization
from pixelization import Palette, Pixelizer, pixel_snap, read_palette
from tests.animation.files import sprites
from tests.make import drawing, enlarged

lua54 = pytest.importorskip("lupa.lua54")

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "integrations" / "aseprite"
STUB = Path(__file__).with_name("aseprite_stub.lua")
RGB, GRAY, INDEXED = 0, 1, 2
TARGET = "the sprite's palette"


class Aseprite:
    """A program with the extension; sprites are made of arrays, and read as arrays."""

    def __init__(self, temporary, *, version=30, windows=False):
        self.lua = lua54.LuaRuntime(unpack_returned_tuples=True)
        temporary.mkdir()
        self.temporary = temporary
        self.lua.globals().host = self.lua.table_from(
            {
                "temporary": str(temporary),
                "extension": str(EXTENSION),
                "is_file": os.path.isfile,
                "is_folder": os.path.isdir,
                "make_folder": os.mkdir,
                "remove_folder": os.rmdir,
                "list": lambda path: self.lua.table_from(os.listdir(path)),
                "write_text": lambda path, text: Path(path).write_text(text) and None,
                "write_png": self._write_png,
                "read_png": self._read_png,
                "read_palette": lambda path: self.lua.table_from(
                    [self.lua.table_from(each) for each in read_palette(path).colors.tolist()]
                ),
            }
        )
        self.stub = self.lua.execute(STUB.read_text())
        self.app.apiVersion = version
        self.lua.execute((EXTENSION / "main.lua").read_text())
        self.lua.globals().init(self.stub.plugin)
        if windows:
            self.app.fs.pathSeparator = "\\"
        self.preferences = self.stub.plugin.preferences
        self.preferences.python = sys.executable

    @property
    def app(self):
        return self.lua.globals().app

    def _write_png(self, path, width, height, mode, pixels, table, clear):
        values = np.array(list(pixels.values()))
        if mode == INDEXED:
            image = Image.fromarray(values.reshape(height, width).astype(np.uint8), "P")
            image.putpalette([level for color in table.values() for level in color.values()])
            image.info["transparency"] = clear
        elif mode == GRAY:
            image = Image.fromarray(values.astype("<u2").view(np.uint8).reshape(height, width, 2))
        else:
            image = Image.fromarray(values.astype("<u4").view(np.uint8).reshape(height, width, 4))
        image.save(path, "PNG")

    def _read_png(self, path):
        image = Image.open(path).convert("RGBA")
        pixels = np.asarray(image).view("<u4").ravel().tolist()
        return image.width, image.height, self.lua.table_from(pixels)

    def sprite(self, frames, mode=RGB, palette=None, durations=None):
        """A sprite of pixels, ``(h, w, 4)`` or, indexed, ``(h, w)``; it is the active one."""
        height, width = frames[0].shape[:2]
        sprite = self.lua.globals().Sprite(width, height, mode)
        if palette is not None:
            made = self.lua.globals().Palette(len(palette))
            for index, (red, green, blue) in enumerate(palette):
                color = self.lua.table_from({"r": red, "g": green, "b": blue})
                made.setColor(made, index, self.lua.globals().Color(color))
            sprite.palettes[1] = made
        for number, frame in enumerate(frames, 1):
            image = self.lua.globals().Image(sprite.spec)
            values = np.ascontiguousarray(frame)
            values = values if mode == INDEXED else values.view("<u4" if mode == RGB else "<u2")
            for at, value in enumerate(values.ravel().tolist()):
                image.pixels[at] = value
            duration = (durations or [100] * len(frames))[number - 1] / 1000
            sprite.frames[number] = self.lua.table_from(
                {"frameNumber": number, "duration": duration}
            )
            place = self.lua.globals().Point(0, 0)
            sprite.layers[1].cels[number] = self.lua.table_from({"image": image, "position": place})
        return sprite

    def click(self, command, **settings):
        """Click a command and answer its dialog; returns what the user is told."""
        before = len(self.stub.told)
        self.stub.click(f"Pixelization{command}", self.lua.table_from(settings))
        assert list(self.temporary.iterdir()) == []  # nothing is left behind
        return [*self.stub.told.values()][before:]

    def undo(self):
        return [[*step.values()] for step in self.stub.undo.values()]


@pytest.fixture
def aseprite(tmp_path):
    return Aseprite(tmp_path / "temporary files")


def pixels(layer, number=1):
    """What a layer has in a frame, uint8 ``(h, w, 4)``; indexed ``(h, w)``."""
    image = layer.cels[number].image
    values = np.array([image.pixels[at] for at in range(image.width * image.height)])
    if image.colorMode == INDEXED:
        return values.reshape(image.height, image.width)
    return values.astype("<u4").view(np.uint8).reshape(image.height, image.width, 4)


def opaque(array):
    return array if array.shape[2] == 4 else np.dstack([array, np.full(array.shape[:2], 255, "u1")])


def test_the_menu(aseprite):
    plugin = aseprite.stub.plugin
    titles = {command.title for command in plugin.commands.values()}
    assert titles == {
        "Pixelize...",
        "Snap to Pixels...",
        "Depixelize...",
        "Palette from Image...",
        "Settings...",
    }
    (group,) = plugin.groups.values()
    assert {command.group for command in plugin.commands.values()} == {group.id}
    commands = list(plugin.commands.values())
    grey = [each.title for each in commands if each.onenabled and not each.onenabled()]
    assert len(grey) == 4  # without a sprite there is nothing to do


def test_an_older_aseprite_is_told(tmp_path):
    old = Aseprite(tmp_path / "old", version=21)
    assert [*old.stub.told.values()] == ["Pixelization needs Aseprite 1.3 or later"]
    assert not list(old.stub.plugin.commands)


def test_snap_makes_a_layer_in_one_step(aseprite):
    cells = sprites(6, 1, shape=(12, 16), colors=5)[0]
    sprite = aseprite.sprite([enlarged(cells, 6)])
    assert aseprite.click("snap") == []
    assert np.array_equal(pixels(sprite.layers[2]), cells) and sprite.layers[2].name == "Snapped"
    assert aseprite.undo() == [["newLayer", "newCel"]]
    assert np.array_equal(pixels(sprite.layers[1]), enlarged(cells, 6))  # as it was


def test_an_animation_becomes_a_sprite_of_its_own(aseprite):
    cells = sprites(7, 3, shape=(12, 16), colors=5)
    source = aseprite.sprite([enlarged(each, 6) for each in cells], durations=[40, 80, 120])
    assert aseprite.click("snap", frames="all", result="new sprite") == []
    made = aseprite.app.sprite
    assert made is not source and (made.width, made.height) == (16, 12)
    expected = pixel_snap([enlarged(each, 6) for each in cells]).frames
    for number, frame in enumerate(expected, 1):
        assert np.array_equal(pixels(made.layers[1], number), opaque(frame))
    assert [round(frame.duration * 1000) for frame in made.frames.values()] == [40, 80, 120]
    assert len(aseprite.undo()) == 1


def test_the_sprites_palette_is_the_target_of_an_indexed_sprite(aseprite):
    palette = [(9, 9, 9), (250, 240, 230), (30, 60, 200), (200, 40, 40)]
    random = np.random.default_rng(0)
    cells = random.integers(1, 4, (12, 16))
    cells[2:5, 3:9] = 0  # the transparent index
    large = enlarged(cells[..., None], 6)[..., 0]
    sprite = aseprite.sprite([large], INDEXED, palette)
    assert aseprite.click("snap", colors_from=TARGET, what="layer") == []
    assert np.array_equal(pixels(sprite.layers[2]), cells)


def test_pixelize_equals_the_library(aseprite):
    picture = opaque(np.asarray(drawing(64, 48)))
    palette = [(0, 0, 0), (255, 255, 255), (200, 60, 60), (60, 200, 60), (60, 60, 200)]
    sprite = aseprite.sprite([picture], palette=palette)
    settings = {"size": 16, "along": "width", "colors_from": TARGET, "dither": "bayer4"}
    settings |= {"right": "0.5", "down": "0.25"}
    assert aseprite.click("pixelize", **settings) == []
    options = {"size": 16, "palette": Palette(np.array(palette, np.uint8)), "dither": "bayer4"}
    options["offset"] = (0.5, 0.25)
    expected = Pixelizer.from_pretrained().pixelize(picture, **options)
    assert np.array_equal(pixels(sprite.layers[2]), opaque(expected.frames[0]))
    assert aseprite.undo() == [["newLayer", "newCel"]]


def test_depixelize_makes_a_sprite(aseprite):
    cells = sprites(8, 1, shape=(8, 10), colors=4)[0]
    aseprite.sprite([cells])
    assert aseprite.click("depixelize", method="nearest", factor=3) == []
    assert np.array_equal(pixels(aseprite.app.sprite.layers[1]), enlarged(cells, 3))


@pytest.mark.parametrize(("mode", "mask"), [(RGB, None), (INDEXED, 2)])
def test_a_palette_from_an_image(mode, mask, aseprite, tmp_path):
    colors = np.array([[200, 30, 30], [30, 200, 30], [30, 30, 200]], np.uint8)
    name = tmp_path / 'it\'s a "picture" & $(touch x).png'
    Image.fromarray(colors.repeat(20, axis=0)[:, None].repeat(4, axis=1)).save(name)
    frame = np.zeros((4, 4, 4), np.uint8) if mode == RGB else np.zeros((4, 4), int)
    sprite = aseprite.sprite([frame], mode)
    if mask is not None:
        sprite.transparentColor = mask
    assert aseprite.click("Palette", file=str(name), colors=3) == []
    palette = sprite.palettes[1]
    found = [palette.getColor(palette, index) for index in range(palette.count)]
    shown = [(each.red, each.green, each.blue) for each in found if each.alpha]
    assert sorted(shown) == sorted(map(tuple, colors.tolist()))
    assert [index for index, each in enumerate(found) if not each.alpha] == (
        [] if mask is None else [mask]
    )
    assert aseprite.undo() == [["setPalette"]]


def test_what_goes_wrong_is_told_and_changes_nothing(aseprite):
    photo = opaque(np.asarray(drawing(64, 48)))
    sprite = aseprite.sprite([photo])
    (told,) = aseprite.click("snap")
    assert told.startswith("not sure of the grid: perhaps cells of ")
    aseprite.preferences.python = "/no/such python"
    (told,) = aseprite.click("pixelize")
    assert "is Python right in the settings" in told
    (told,) = aseprite.click("Palette", file="/no/such.png")
    assert told == "choose a picture to take the colours from"
    sprite.layers[1].isImage = False
    (told,) = aseprite.click("pixelize", what="layer")
    assert "group or a tilemap" in told
    assert aseprite.undo() == [] and len(sprite.layers) == 1


def test_settings_are_remembered_and_cancelled_ones_are_not(aseprite):
    cells = sprites(6, 1, shape=(12, 16), colors=5)[0]
    aseprite.sprite([enlarged(cells, 6)])
    aseprite.preferences.python = "/no/such python"  # nothing need be made
    aseprite.click("snap", best_guess=True, colors=3, colors_from="so many of its own")
    aseprite.stub.click("Pixelizationsnap", None)  # cancelled
    last = list(aseprite.stub.dialogs.values())[-1]
    shown = {each.id: each for each in last.shown.values()}
    assert shown["best_guess"].selected and shown["colors"].text.startswith("3")
    assert shown["colors_from"].option == "so many of its own"
    aseprite.click("Settings", python="/opt/python")
    assert aseprite.preferences.python == "/opt/python"


NAMES = [
    "plain zebra",
    "it's",
    'a "b"',
    "$HOME `id` $(id)",
    "a;b|c&d > e < f",
    "back\\slash\\",
    "zoë%d*?",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_reaches_the_command_as_it_is(name, aseprite, tmp_path):
    tool = aseprite.lua.execute((EXTENSION / "tool.lua").read_text())
    code = "import sys; print(repr(sys.argv[1:]))"
    arguments = [sys.executable, "-c", code, name, f"{name}/x"]
    log = tmp_path / f"log of {name.replace('/', '')}"
    os.system(tool.line(aseprite.lua.table_from(arguments), str(log)))
    assert log.read_text().strip() == repr([name, f"{name}/x"])


def test_names_that_no_command_can_be_given(aseprite):
    tool = aseprite.lua.execute((EXTENSION / "tool.lua").read_text())
    for name in ("two\nlines", "a\rb", "a\0b"):
        with pytest.raises(lua54.LuaError, match="line break"):
            tool.quoted(name)


def test_quoting_on_windows(tmp_path):
    windows = Aseprite(tmp_path / "windows", windows=True)
    tool = windows.lua.execute((EXTENSION / "tool.lua").read_text())
    given = [r"C:\Program Files\python.exe", "a & b", "C:\\folder\\", "%04d"]
    assert tool.line(windows.lua.table_from(given), "log") == (
        r'""C:\Program Files\python.exe" "a & b" "C:\folder\\" "%04d" > "log" 2>&1"'
    )
    for name in ('a"b', "%PATH%"):
        with pytest.raises(lua54.LuaError, match="on Windows"):
            tool.quoted(name)


def test_the_package(tmp_path):
    about = json.loads((EXTENSION / "package.json").read_text())
    assert about["version"] == pixelization.__version__
    assert about["contributes"]["scripts"] == [{"path": "./main.lua"}]
    made = tmp_path / "out" / "pixelization.aseprite-extension"
    command = [sys.executable, ROOT / "tools/aseprite_extension.py", made]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(command, check=True, env=environment)
    with zipfile.ZipFile(made) as archive:
        names = archive.namelist()
        assert sorted(names) == ["main.lua", "package.json", "pictures.lua", "tool.lua"]
        for name in names:
            assert archive.read(name) == (EXTENSION / name).read_bytes()
    first = made.read_bytes()
    subprocess.run(command, check=True, env=environment)
    assert made.read_bytes() == first


def test_results_take_the_colour_mode_of_the_sprite(aseprite):
    made = opaque(np.array([[[255, 0, 0], [250, 250, 250]]], np.uint8))
    made[0, 1, 3] = 200
    parts = aseprite.lua.execute((EXTENSION / "pictures.lua").read_text())
    image = aseprite.sprite([made]).layers[1].cels[1].image
    for mode, expected in ((RGB, None), (GRAY, [76 | 255 << 8, 250 | 200 << 8]), (INDEXED, [2, 3])):
        blank = np.zeros((4, 4) if mode == INDEXED else (4, 4, 4 if mode == RGB else 2), np.uint8)
        palette = [(255, 0, 0), (0, 0, 0), (200, 0, 0), (255, 255, 255)]  # 0 is transparent
        copy = parts.converted(image, aseprite.sprite([blank], mode, palette))
        assert (copy.width, copy.height, copy.colorMode) == (2, 1, mode)
        found = [copy.pixels[at] for at in range(2)]
        assert found == (expected or [image.pixels[at] for at in range(2)])
