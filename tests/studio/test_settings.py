"""Settings as commands and as style files, and back."""

import shlex
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from pixelization import Palette, Style, UserError, load_style
from pixelization.cells.sizes import Longest
from pixelization.palettes.names import CLASSICS, DITHERS
from pixelization.pipeline.style import OUTLINES
from pixelization.studio.settings import (
    FileOptions,
    Settings,
    command,
    read_colors,
    read_style,
    style_file,
    style_texts,
)

COLOR = st.tuples(*[st.integers(0, 255)] * 3)
FRACTION = st.floats(0, 1, allow_nan=False)
PART = st.floats(0, 1, exclude_max=True)
SIDE = st.integers(1, 999)


@st.composite
def styles(draw):
    sizing = draw(st.sampled_from(["size", "cell_size", None]))
    options = {}
    if sizing == "size":
        options["size"] = draw(
            st.one_of(st.tuples(SIDE, st.none() | SIDE), st.builds(Longest, SIDE))
        )
    elif sizing:
        number = st.floats(2, 99, allow_nan=False)
        options["cell_size"] = draw(st.one_of(number, st.tuples(number, number)))
    coloring = draw(st.sampled_from(["palette", "colors", None]))
    if coloring == "palette":
        colors = st.lists(COLOR, min_size=1, max_size=9)
        options["palette"] = draw(
            st.sampled_from(CLASSICS) | colors.map(lambda each: Palette(np.array(each, np.uint8)))
        )
    elif coloring:
        options["colors"] = draw(st.integers(1, 256) | st.just("auto"))
    if coloring:
        options["dither"] = draw(st.sampled_from(DITHERS))
    background = draw(st.booleans())
    return Style(
        **options,
        fit=draw(st.sampled_from(["sprite", "source"])),
        dither_strength=draw(FRACTION),
        remove_background=background,
        holes=background and draw(st.booleans()),
        isolated=draw(st.booleans()),
        jaggies=draw(st.booleans()),
        outline=draw(st.sampled_from(OUTLINES)),
        outline_color=draw(st.none() | COLOR),
        **draw(
            st.just({"symmetric": True}) | st.tuples(PART, PART).map(lambda each: {"offset": each})
        ),
        trim=draw(st.booleans()),
        pad=draw(st.none() | st.tuples(SIDE, SIDE)),
        alpha=draw(st.sampled_from(["hard", "keep"])),
        wrap=draw(st.booleans()),
        still=draw(st.integers(0, 255)),
        hysteresis=draw(FRACTION),
    )


def plain(style):
    """A style that can be compared: palettes as their colours."""
    if isinstance(style.palette, Palette):
        return replace(style, palette=",".join(style.palette.hex()))
    return style


@hypothesis_settings(max_examples=60, deadline=None)
@given(styles())
def test_a_style_survives_its_texts_and_its_file(tmp_path_factory, style):
    texts = {key.replace("-", "_"): text for key, text in style_texts(style).items()}
    assert plain(read_style(texts)) == plain(style)
    path = tmp_path_factory.mktemp("style") / "style.yaml"
    path.write_text(style_file(style))
    assert plain(load_style(path)) == plain(style)


@pytest.mark.parametrize(
    "settings, words",
    [
        (Settings(), "pixelize cat.jpg -o cat_sprite.png"),
        (
            Settings(style=Style(size=(48, None), dither="bayer4", colors=8)),
            "pixelize cat.jpg -o cat_sprite.png --size 48 --colors 8 --dither bayer4",
        ),
        (
            Settings(model="cascade", style=Style(cell_size=16 / 3, isolated=True)),
            "pixelize cat.jpg -o cat_sprite.png --model cascade "
            "--cell-size 5.333333333333333 --isolated",
        ),
        (
            Settings(model="mine.sprite.onnx"),
            "pixelize cat.jpg -o cat_sprite.png --weights mine.sprite.onnx",
        ),
        (
            Settings("snap", style=Style(outline_color=(255, 0, 8), outline="inside")),
            "pixel-snap cat.jpg -o cat_sprite.png --outline inside --outline-color ff0008",
        ),
        (
            Settings("depixelize", "cascade", native=True, method="xbr"),
            "depixelize cat.jpg -o cat_smooth.png --method xbr --native",
        ),
    ],
)
def test_commands(settings, words):
    assert command(settings, "cat.jpg") == words


@pytest.mark.parametrize("name", ["-rf.png", "a b.png", "$(rm -rf ~).png", "it's;.png", "`x`.png"])
def test_names_are_quoted_and_never_options(name):
    words = shlex.split(command(Settings(), name, options=FileOptions(indexed=True, scale=4)))
    assert words[1].endswith(name) and not words[1].startswith("-")
    assert not words[3].startswith("-")
    assert words[4:] == ["--indexed", "--preview", "4"]


def test_colours_are_a_name_or_colours():
    assert read_colors("PICO-8") == "pico-8"
    assert read_colors("c64") == "c64"
    assert read_colors("#f00, 00ff00").hex() == ["ff0000", "00ff00"]
    with pytest.raises(UserError, match="give colours like ff0000,00ff00, or one of c64"):
        read_colors("palette.gpl")
