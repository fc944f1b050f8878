"""The top-level names.

Light to import, documented in docs/api.md as they are, typed; the examples there run.
"""

import doctest
import inspect
import io
import json
import re
import subprocess
import sys
import typing
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

import pixelization
from pixelization import Finished, Palette, Pixelizer, Style, write_animation

ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
# - `name(signature)` - text, which may go on in indented lines
ENTRIES = {
    match[1]: (match[2], match[3])
    for match in re.finditer(r"^- `([\w.]+)(\([^`]*\))?` -\s+(.*(?:\n  .*)*)", DOCS, re.MULTILINE)
}
PUBLIC = {name: getattr(pixelization, name) for name in pixelization.__all__}
CLASSES = {name: obj for name, obj in PUBLIC.items() if inspect.isclass(obj)}
METHODS = {
    f"{name}.{attribute}": getattr(cls, attribute)
    for name, cls in CLASSES.items()
    for attribute, raw in vars(cls).items()
    if not attribute.startswith("_") and (inspect.isfunction(raw) or isinstance(raw, classmethod))
}
PROPERTIES = {
    f"{name}.{attribute}": raw
    for name, cls in CLASSES.items()
    for attribute, raw in vars(cls).items()
    if not attribute.startswith("_") and isinstance(raw, property)
}
FUNCTIONS = {name: obj for name, obj in PUBLIC.items() if inspect.isfunction(obj)} | METHODS
PROTOCOLS = {"Reduce"}
ERRORS = {"UnsureError", "UserError"}


def loaded_by(code):
    code += "\nimport sys\nheavy = {'torch', 'scipy'}\nprint(*(heavy & set(sys.modules)))"
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout.split()


def test_the_package_and_its_options_are_light_to_import():
    assert (
        loaded_by(
            "import pixelization; dir(pixelization)\n"
            "from pixelization import Style, UserError, load_style"
        )
        == []
    )
    assert "torch" not in loaded_by("from pixelization import *")


def test_names_that_there_are_not():
    with pytest.raises(AttributeError, match="pixelise"):
        pixelization.pixelise  # noqa: B018
    assert set(pixelization.__all__) <= set(dir(pixelization))


def test_everything_public_is_documented_and_nothing_else_is():
    assert set(ENTRIES) == {*PUBLIC, *METHODS}
    for name in PROPERTIES:
        cls, attribute = name.split(".")
        assert f"`{attribute}`" in ENTRIES[cls][1], name


@pytest.mark.parametrize("name", sorted({*FUNCTIONS, *CLASSES} - PROTOCOLS - ERRORS))
def test_documented_signatures_are_the_real_ones(name):
    def plain(function):
        parameters = [
            each for each in inspect.signature(function).parameters.values() if each.name != "self"
        ]
        return [(each.name, each.kind, each.default) for each in parameters]

    namespace = dict(PUBLIC)
    exec(f"def documented{ENTRIES[name][0]}: ...", namespace)
    assert plain(namespace["documented"]) == plain(FUNCTIONS.get(name) or CLASSES[name])


def test_every_option_is_in_the_table():
    table = re.findall(r"^  \| `(\w+)` \|", DOCS, re.MULTILINE)
    assert table == [each.name for each in fields(Style)]


def test_docstrings():
    documented = {name: obj.__doc__ or "" for name, obj in PUBLIC.items() if callable(obj)}
    # What a dataclass or a named tuple gets by itself is its signature.
    assert [
        name for name, text in documented.items() if not text.strip() or text.startswith(f"{name}(")
    ] == []


@pytest.mark.parametrize("name", sorted({*FUNCTIONS, *CLASSES} - PROTOCOLS - ERRORS))
def test_annotations_are_complete(name):
    function = FUNCTIONS.get(name) or (
        CLASSES[name].__init__ if "__init__" in vars(CLASSES[name]) else CLASSES[name].__new__
    )
    hints = typing.get_type_hints(function, localns=PUBLIC)
    wanted = [
        each for each in inspect.signature(function).parameters if each not in ("self", "_cls")
    ]
    assert [each for each in wanted if each not in hints] == []
    assert name in CLASSES or "return" in hints


def test_properties_are_annotated():
    assert PROPERTIES
    assert [
        name
        for name, each in PROPERTIES.items()
        if "return" not in typing.get_type_hints(each.fget)
    ] == []


@pytest.fixture
def examples(tmp_path, monkeypatch):
    """What the examples find in their folder."""
    for folder in ("examples", "tests"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    hat = np.asarray(
        Image.open(ROOT / "tests/data/cartoons/hat.png")
        .convert("RGB")
        .resize((64, 64), Image.Resampling.NEAREST)
    )
    steps = [np.roll(hat, 8 * step, axis=1) for step in range(4)]
    write_animation(
        steps, tmp_path / "walk.gif", durations=[100, 100, 100, 300], plays=0, format="gif"
    )
    Image.fromarray(np.hstack(steps[:2])).save(tmp_path / "sheet.png")
    frames = {f"walk {i}.png": {"frame": {"x": 64 * i, "y": 0, "w": 64, "h": 64}} for i in range(2)}
    (tmp_path / "sheet.json").write_text(json.dumps({"frames": frames}))
    monkeypatch.chdir(tmp_path)


def test_the_examples_run(examples):
    blocks = re.findall(r"^```pycon\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
    assert len(blocks) == DOCS.count("```") / 2 > 8
    namespace, report = {"__name__": "examples"}, io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for number, block in enumerate(blocks):
        test = doctest.DocTestParser().get_doctest(
            block, namespace, f"example {number}", "docs/api.md", 0
        )
        runner.run(test, out=report.write, clear_globs=False)
        namespace |= test.globs
    assert runner.failures == 0, report.getvalue()
    assert runner.tries > 50


@pytest.fixture(scope="module")
def pixelizer(tiny_weights):
    return Pixelizer.from_weights(tiny_weights, device="cpu")


def png(image):
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_every_kind_of_source_gives_the_same_sprite(pixelizer, tmp_path, channels):
    pixels = np.random.default_rng(channels).integers(0, 256, (48, 40, channels), dtype=np.uint8)
    if channels == 4:
        pixels[..., 3] = 255
        pixels[:16, :20, 3] = 0
    array = pixels[..., 0] if channels == 1 else pixels
    image, tensor = Image.fromarray(array), torch.from_numpy(pixels).permute(2, 0, 1)
    image.save(tmp_path / "image.png")
    floats = array / 255
    sources = [
        image,
        array,
        np.asfortranarray(array),
        floats,
        floats.astype(np.float32),
        tensor,
        tensor / 255,
        tensor.double() / 255,
        (tensor / 255).requires_grad_(),
        png(image),
        tmp_path / "image.png",
        str(tmp_path / "image.png"),
    ]
    before = pixels.copy()
    sprites = [pixelizer.pixelize(source, cell_size=8).frames[0] for source in sources]
    for sprite in sprites:
        assert sprite.shape == (6, 5, 4 if channels == 4 else 3) and sprite.dtype == np.uint8
        np.testing.assert_array_equal(sprite, sprites[0])
    np.testing.assert_array_equal(pixels, before)
    if channels == 4:
        assert (sprites[0][:2, :2] == 0).all() and (sprites[0][3:, :, 3] == 255).all()


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "I", "I;16", "F"]
)
def test_every_mode_of_pil(pixelizer, mode):
    grey = Image.linear_gradient("L").resize((32, 24))
    if mode == "F":  # floats are from 0 to 1
        image = Image.fromarray(np.asarray(grey, np.float32) / 255)
    elif mode == "LAB":
        image = ImageCms.profileToProfile(
            grey.convert("RGB"),
            ImageCms.createProfile("sRGB"),
            ImageCms.createProfile("LAB"),
            outputMode="LAB",
        )
    elif mode in ("I", "I;16"):  # 16 bits, from 0 to 65535
        image = Image.fromarray(np.asarray(grey, np.uint16 if mode == "I;16" else np.int32) * 257)
    else:
        image = grey.convert("RGB").convert(mode)
    assert image.mode == mode
    sprite = pixelizer.pixelize(image, cell_size=4).frames[0]
    assert sprite.shape == (6, 8, 3)
    assert int(sprite[-1].mean()) - int(sprite[0].mean()) > 100  # dark at the top as the gradient


def test_results_have_the_documented_types(pixelizer):
    image = np.full((32, 32, 3), 255, np.uint8)
    image[8:24, 8:24] = (200, 0, 0)
    done = pixelizer.pixelize(image, cell_size=4, colors=2)
    assert (
        isinstance(done, Finished)
        and isinstance(done.frames, tuple)
        and isinstance(done.palette, Palette)
    )
    assert done.remarks == () and len(done.palette) <= 2
    assert pixelizer.pixelize(image).palette is None
    result = pixelizer.networks(image, cell_size=4)
    assert [each.mode for each in (result.sprite, result.grid, result.network_output)] == [
        "RGB"
    ] * 3
    assert result.cell_size == (4.0, 4.0) and all(
        isinstance(side, float) for side in result.cell_size
    )
