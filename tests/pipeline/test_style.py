"""Styles: values out of range, and options as Python gives them."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pixelization.cells.sizes import Longest
from pixelization.errors import UserError
from pixelization.pipeline.style import OPTIONS, Style, make_style


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cell_size": 4.0, "size": (8, 8)}, "exclude"),
        ({"colors": 0}, "1 to 256, auto or hues"),
        ({"colors": 257}, "1 to 256, auto or hues"),
        ({"colors": 4, "dither_strength": 1.5}, "dither strength 1.5 is out of range"),
        ({"still": 256}, "0 to 255"),
        ({"dither": "bayer4"}, "needs colours to mix"),
        ({"holes": True}, "nothing without remove background"),
        ({"background_color": "fff"}, "nothing without remove background"),
        ({"remove_background": True, "background_color": "sky"}, "background color"),
        ({"pad": (0, 5)}, "pad 0x5 is out of range: give a size of at least 1x1"),
        ({"dither": "noise", "colors": 4}, "dither: 'noise' is none of: none, bayer2"),
        ({"fit": "x"}, "'x' is none of: sprite, source"),
        ({"outline": "both"}, "outside"),
        ({"outline_color": "red"}, "outline color: .*red"),
        ({"outline_color": (0, 0, 256)}, "each 0 to 255"),
        ({"colors": True}, "1 to 256"),
        ({"colors": 3.5}, "1 to 256"),
        ({"size": 4.5}, "size 4.5 is out of range: give .width, height. in cells"),
        ({"size": 10**12}, "size 1000000000000 is out of range: give .* each 1 to 1000000"),
        ({"size": "max:10000000"}, "size max:10000000 is out of range: .* each 1 to 1000000"),
        ({"pad": "64x10000000"}, "pad 64x10000000 is out of range: .* at most 1000000x1000000"),
        ({"colors": "9" * 999}, r"colors 9+\.\.\.9+ is out of range: give 1 to 256"),
        ({"size": "9" * 16}, "size 9{16} is out of range: give .* each 1 to 1000000"),
        ({"size": f"4x{'9' * 400}"}, "size 4x9{400} is out of range"),
        ({"pad": "9" * 20}, "pad 9{20}x9{20} is out of range: .* at most 1000000x1000000"),
        ({"size": "max:0"}, "size max:0 is out of range"),
        ({"size": "max:x"}, "'max:x' is not a size such as"),
        ({"palette": "no-such"}, "neither a file nor a palette"),
        ({"size": (0, None)}, "size 0 is out of range"),
        ({"cell_size": "many"}, "'many' is not a number"),
        (
            {"palette": ["ff0000", "00ff00"]},
            r"^palette \('ff0000', '00ff00'\) is out of range: give a Palette, as Palette.from_hex",
        ),
        ({"palette": [(255, 0, 0), (0, 0, 0)]}, r"^palette \(\(255, 0, 0\), \(0, 0, 0\)\) is out"),
        ({"palette": [[255, 0, 0], [0, 0, 0]]}, r"^palette \(\[255, 0, 0\], \[0, 0, 0\]\) is out"),
        ({"offset": "0.5x0", "symmetric": True}, "symmetric finds where the grid begins"),
        ({"offset": "0.5x1"}, "offset 0.5x1.0 is out of range: give two parts of a cell"),
        ({"offset": -0.25}, "offset -0.25 is out of range"),
        ({"offset": "half"}, "offset: 'half' is not a number"),
    ],
)
def test_values_out_of_range(values, message):
    with pytest.raises(UserError, match=message):
        Style(**values)


def test_numbers_of_other_types():
    style = Style(
        size=(np.int64(48), None),
        colors=np.uint8(8),
        pad=(np.int32(64), 64),
        dither_strength=np.float32(0.5),
    )
    assert style == Style(size=(48, None), colors=8, pad=(64, 64), dither_strength=0.5)
    assert Style(cell_size=np.float32(4)) == Style(cell_size=Fraction(4)) == Style(cell_size=4.0)
    for wrong, shown in (
        (np.bool_(True), "True"),
        (np.float64(8.5), "8.5"),
        (np.int64(300), "300"),
        (Fraction(7, 2), "3.5"),
    ):
        with pytest.raises(UserError, match=f"colors .*{shown}.* is out of range: give 1 to 256"):
            Style(colors=wrong)


def test_a_style_takes_values_as_the_command_does():
    style = Style(size=16, pad="64", outline="inside", outline_color="#ff0000", cell_size=None)
    assert style == Style(
        size=(16, None), pad=(64, 64), outline="inside", outline_color=(255, 0, 0)
    )
    assert style.size == (16, None) and style.pad == (64, 64)
    assert Style(size="16x12") == Style(size=(16, 12)) == Style(size=[16, 12])
    assert Style(size="max:64").size == Style(size=Longest(64)).size == Longest(64)
    assert Style(cell_size="16/3").cell_size == 16 / 3
    assert Style(offset="1/2x0").offset == Style(offset=[0.5, 0]).offset == (0.5, 0)
    assert Style(offset=0) == Style()
    assert Style(offset=0.5) == Style(offset="0.5") == Style(offset=(0.5, 0.5))
    assert hash(Style(size=[16, 12])) == hash(Style(size=(16, 12)))
    assert Style(outline_color="auto").outline_color is None


def test_options_as_python_gives_them():
    assert make_style(size=48, pad=64) == Style(size=(48, None), pad=(64, 64))
    assert make_style(size="48x32", cell_size=None, colors="auto") == Style(
        size=(48, 32), colors="auto"
    )
    assert make_style(outline="inside", outline_color="#ff0000") == Style(
        outline="inside", outline_color=(255, 0, 0)
    )
    assert make_style(trim="yes", dither_strength="1/2", palette=Path("c64")) == Style(
        trim=True, dither_strength=0.5, palette=Path("c64")
    )


def test_options_win_over_what_they_exclude_in_the_style():
    house = Style(cell_size=4, colors=8, remove_background=True, holes=True)
    assert make_style(house) == house
    assert make_style(house, size=48, palette="pico-8", remove_background=False) == Style(
        size=(48, None), palette="pico-8"
    )


def test_options_that_are_wrong():
    with pytest.raises(TypeError, match="no option 'colours'; did you mean 'colors'"):
        make_style(colours=4)
    for options, message in (
        ({"size": "big"}, "size: 'big' is not a size"),
        ({"size": 0}, "size 0 is out of range"),
        ({"size": True}, "size True is out of range"),
        ({"trim": 2}, "trim 2 is out of range: give true or false"),
        ({"palette": "no-such"}, "'no-such' is neither a file nor a palette"),
    ):
        with pytest.raises(UserError, match=message):
            make_style(**options)


def test_every_default_is_in_range_and_every_switch_has_no_value():
    assert make_style(**{name: each.default for name, each in OPTIONS.items()}) == Style()
    for each in OPTIONS.values():
        assert (each.metadata["metavar"] is None) == isinstance(each.default, bool)


def test_symmetric_and_an_offset_take_the_place_of_each_other():
    assert make_style(Style(offset=0.25), symmetric=True) == Style(symmetric=True)
    assert make_style(Style(symmetric=True), offset="0.5x0") == Style(offset=(0.5, 0))
    assert make_style(Style(symmetric=True), offset=0) == Style(symmetric=True)
