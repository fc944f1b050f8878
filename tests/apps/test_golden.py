"""One word, one product: a command and the Python call of its name write the same file."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from PIL import Image

from pixelization import Pixelizer, Style, depixelize, pixel_snap, write_animation
from pixelization.apps.cli import (
    depixelize as depixelize_tool,
    pixelize as pixelize_tool,
    snap as snap_tool,
)
from tests.make import drawing, enlarged

SPRITES = Path(__file__).resolve().parents[2] / "examples" / "sprites"
NAMES = sorted(path.name for path in SPRITES.glob("*.png"))

RICH = (
    "--colors 8 --dither floyd-steinberg --isolated --jaggies --remove-background --outline inside "
    "--outline-color #102030",
    {
        "colors": 8,
        "dither": "floyd-steinberg",
        "isolated": True,
        "jaggies": True,
        "remove_background": True,
        "outline": "inside",
        "outline_color": "#102030",
    },
)
CANVAS = ("--palette pico-8 --dither bayer4 --trim --pad 80", {
    "palette": "pico-8", "dither": "bayer4", "trim": True, "pad": 80
})  # fmt: skip


@pytest.fixture(scope="module")
def pixelizer(tiny_weights):
    return Pixelizer.from_weights(tiny_weights, device="cpu")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder with drawings and enlarged pixel art: stills, animations and sheets."""
    folder = tmp_path_factory.mktemp("pictures")
    disc = np.asarray(drawing(96, 72, "RGBA"))
    disc.setflags(write=False)
    frog = np.asarray(Image.open(SPRITES / "frog.png").convert("RGBA"))
    eye = frog[:16, 16:]  # with transparency beside it; all of it would take twice as long
    for name, picture, step in (("drawing", disc, 8), ("pixels", enlarged(eye, 5), 5)):
        frames = [np.roll(picture, step * count, axis=1) for count in (0, 1, 1)]
        Image.fromarray(picture).save(folder / f"{name}.png")
        Image.fromarray(np.hstack(frames[:2])).save(folder / f"{name}_sheet.png")
        durations = [100, 80, 300]
        write_animation(
            frames, folder / f"{name}.webp", durations=durations, plays=2, format="webp"
        )
    return folder


def written(main, *argv):
    """The bytes of the file that a command writes, the last of its arguments."""
    assert main([*map(str, argv[:-1]), "-o", str(argv[-1]), "--quiet"]) == 0
    return argv[-1].read_bytes()


def saved(done, path):
    done.save(path)
    return path.read_bytes()


@pytest.mark.parametrize("options", [("", {}), RICH, CANVAS])
@pytest.mark.parametrize(
    "suffix, size",
    [
        ("png", ("", {})),
        ("png", ("--size 24x18", {"size": "24x18"})),
        ("webp", ("--size 24x18", {"size": "24x18"})),
    ],
)
def test_pixelize_stills_and_animations(
    pixelizer, pictures, tiny_weights, tmp_path, options, size, suffix
):
    source = pictures / f"drawing.{suffix}"
    flags = f"--weights {tiny_weights} {size[0]} {options[0]}".split()
    expected = written(pixelize_tool.main, source, *flags, tmp_path / f"command.{suffix}")
    done = pixelizer.pixelize(source, **size[1], **options[1])
    assert saved(done, tmp_path / f"call.{suffix}") == expected


@pytest.mark.parametrize("options", [("", {}), RICH])
def test_pixelize_sheets(pixelizer, pictures, tiny_weights, tmp_path, options):
    source = pictures / "drawing_sheet.png"
    flags = f"--weights {tiny_weights} --sheet 96x72 --cell-size 6 {options[0]}".split()
    expected = written(pixelize_tool.main, source, *flags, tmp_path / "command.png")
    done = pixelizer.pixelize(source, sheet=(96, 72), cell_size=6, **options[1])
    assert saved(done, tmp_path / "call.png") == expected


@pytest.mark.parametrize("options", [("", {}), RICH, CANVAS])
@pytest.mark.parametrize(
    "suffix, size",
    [
        ("png", ("", {})),
        ("png", ("--cell-size 5", {"cell_size": 5})),
        ("webp", ("", {})),
    ],
)
def test_snap_stills_and_animations(pictures, tmp_path, options, size, suffix):
    source = pictures / f"pixels.{suffix}"
    flags = f"{size[0]} {options[0]}".split()
    expected = written(snap_tool.main, source, *flags, tmp_path / f"command.{suffix}")
    done = pixel_snap(source, **size[1], **options[1])
    assert done.frames[0].shape[:2] == ((80, 80) if "pad" in options[1] else (16, 16))
    assert saved(done, tmp_path / f"call.{suffix}") == expected


@pytest.mark.parametrize("options", [("", {}), RICH])
def test_snap_sheets(pictures, tmp_path, options):
    source = pictures / "pixels_sheet.png"
    flags = f"--sheet 80x80 {options[0]}".split()
    expected = written(snap_tool.main, source, *flags, tmp_path / "command.png")
    assert saved(pixel_snap(source, sheet=80, **options[1]), tmp_path / "call.png") == expected


@pytest.mark.parametrize(
    "options",
    [
        ("", {}),
        ("--factor 3.5 --no-keep-colors", {"factor": 3.5, "keep_colors": False}),
        ("--size 100 --cell-size 5 --method bicubic", {
            "size": 100, "cell_size": 5, "method": "bicubic"
        }),
        ("--native --factor 2 --method nearest", {
            "native": True, "factor": 2, "method": "nearest"
        }),
    ],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_depixelize_stills_and_animations(
    pixelizer, pictures, tiny_weights, tmp_path, options, suffix
):
    source = pictures / f"pixels.{suffix}"
    networks = "" if options[1].get("method") else f"--weights {tiny_weights}"
    flags = f"{networks} {options[0]}".split()
    expected = written(depixelize_tool.main, source, *flags, tmp_path / f"command.{suffix}")
    done = pixelizer.depixelize(source, **options[1])
    assert saved(done, tmp_path / f"call.{suffix}") == expected
    if options[1].get("method"):  # which needs no network
        done = depixelize(source, **options[1])
        assert saved(done, tmp_path / f"alone.{suffix}") == expected


def test_depixelize_sheets(pixelizer, pictures, tiny_weights, tmp_path):
    source = pictures / "pixels_sheet.png"
    flags = f"--weights {tiny_weights} --sheet 80x80 --factor 3".split()
    expected = written(depixelize_tool.main, source, *flags, tmp_path / "command.png")
    done = pixelizer.depixelize(source, sheet=(80, 80), factor=3)
    assert saved(done, tmp_path / "call.png") == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_sprite_drawn_by_nearest_is_the_sprite(name, tmp_path):
    out = tmp_path / "out.png"
    flags = ["--native", "--method", "nearest", "--factor", "4"]
    written(depixelize_tool.main, SPRITES / name, *flags, out)
    sprite = np.asarray(Image.open(SPRITES / name).convert("RGBA"))
    found = np.asarray(Image.open(out).convert("RGBA"))
    opaque = sprite[..., 3:] > 0
    assert np.array_equal(found, enlarged(np.where(opaque, sprite, 0), 4))


def flags_of(options):
    """The command line of options of a style."""
    found = []
    for name, value in options.items():
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            found.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            found += [f"--{flag}", str(value)]
    return found


@st.composite
def styles(draw):
    """Options of a style, as people write them, that fit each other."""
    options = {}
    options |= draw(st.sampled_from([
        {}, {"size": 12}, {"size": "20x9"}, {"size": "max:17"}, {"cell_size": 5}, {"cell_size": 1},
        {"cell_size": "16/3"}, {"cell_size": "7x4.5"},
    ]))  # fmt: skip
    colors = draw(st.sampled_from([
        {}, {"palette": "pico-8"}, {"palette": "ff0000,#00f,fff"}, {"colors": 5},
        {"colors": "auto", "fit": "source"}, {"colors": 2},
    ]))  # fmt: skip
    if colors and draw(st.booleans()):
        options["dither"] = draw(st.sampled_from(["bayer4", "atkinson", "blue-noise"]))
        options["dither_strength"] = draw(st.sampled_from([0, 0.5, 1]))
    for name in ("remove_background", "isolated", "jaggies", "trim"):
        if draw(st.booleans()):
            options[name] = draw(st.booleans())
    if options.get("remove_background"):
        options["holes"] = draw(st.booleans())
    options["outline"] = draw(st.sampled_from(["none", "inside", "outside"]))
    if options["outline"] != "none":
        options["outline_color"] = draw(st.sampled_from(["auto", "#102030", "f00"]))
    if draw(st.booleans()):
        options["pad"] = draw(st.sampled_from([120, "130x110"]))
    return options | colors


PROPERTY = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@PROPERTY
@given(options=styles(), moves=st.booleans())
def test_whatever_is_asked_of_pixelize_command_and_call_agree(
    pixelizer, pictures, tiny_weights, tmp_path, options, moves
):
    source = pictures / f"drawing.{'webp' if moves else 'png'}"
    weights = ["--weights", tiny_weights, "--overwrite"]
    expected = written(
        pixelize_tool.main, source, *weights, *flags_of(options), tmp_path / f"c{source.suffix}"
    )
    (tmp_path / f"d{source.suffix}").unlink(missing_ok=True)
    assert saved(pixelizer.pixelize(source, **options), tmp_path / f"d{source.suffix}") == expected
    (tmp_path / f"d{source.suffix}").unlink()
    style = Style(**options)
    assert saved(pixelizer.pixelize(source, style), tmp_path / f"d{source.suffix}") == expected


@PROPERTY
@given(options=styles(), moves=st.booleans())
def test_whatever_is_asked_of_pixel_snap_command_and_call_agree(pictures, tmp_path, options, moves):
    source = pictures / f"pixels.{'webp' if moves else 'png'}"
    if options.get("cell_size") == 1:
        options["pad"] = 300
    target = tmp_path / f"c{source.suffix}"
    expected = written(snap_tool.main, source, "--overwrite", *flags_of(options), target)
    (tmp_path / f"d{source.suffix}").unlink(missing_ok=True)
    assert saved(pixel_snap(source, **options), tmp_path / f"d{source.suffix}") == expected


@PROPERTY
@given(
    method=st.sampled_from(["depixelnet", "bicubic", "nearest"]),
    how=st.sampled_from([{"factor": 2}, {"factor": "7/2"}, {"size": 100}, {"size": "90x70"}, {}]),
    cells=st.sampled_from([{}, {"cell_size": 5}, {"cell_size": "5x5"}]),
    keep=st.booleans(),
    moves=st.booleans(),
)
def test_whatever_is_asked_of_depixelize_command_and_call_agree(
    pixelizer, pictures, tiny_weights, tmp_path, method, how, cells, keep, moves
):
    source = pictures / f"pixels.{'webp' if moves else 'png'}"
    options = {"method": method, "keep_colors": keep} | how | cells
    weights = ["--weights", tiny_weights] if method == "depixelnet" else []
    flags = [*weights, "--overwrite", *flags_of(options)]
    target = tmp_path / f"c{source.suffix}"
    expected = written(depixelize_tool.main, source, *flags, target)
    if isinstance(how.get("factor"), str):
        options["factor"] = 3.5
    (tmp_path / f"d{source.suffix}").unlink(missing_ok=True)
    done = pixelizer.depixelize(source, **options)
    assert saved(done, tmp_path / f"d{source.suffix}") == expected
