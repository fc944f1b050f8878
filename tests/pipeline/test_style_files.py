"""Styles in files: what they mean, which value wins, and what is wrong with them."""

import pytest

from pixelization.errors import UserError
from pixelization.pipeline.style import Style
from pixelization.pipeline.style_files import load_style


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_kind_of_value_in_a_file(tmp_path):
    path = write(
        tmp_path / "style.yaml",
        "cell-size: 16/3\ncolors: 12\ndither: bayer4\ndither_strength: 0.5\n"
        "remove-background: yes\noutline: inside\noutline-color: '#102030'\npad: 64\nstill: 0\n",
    )
    assert load_style(path) == Style(
        cell_size=16 / 3,
        colors=12,
        dither="bayer4",
        dither_strength=0.5,
        remove_background=True,
        outline="inside",
        outline_color=(16, 32, 48),
        pad=(64, 64),
        still=0,
    )


def test_what_is_given_wins_over_the_file_and_over_what_it_excludes(tmp_path):
    path = write(tmp_path / "style.yaml", "cell_size: 4\ncolors: auto\ntrim: true\n")
    assert load_style(path, {"size": (32, None), "trim": False}) == Style(
        size=(32, None), colors="auto"
    )
    assert load_style(path, {"palette": "pico-8"}) == Style(
        cell_size=4, palette="pico-8", trim=True
    )
    house = write(tmp_path / "house.yaml", "remove-background: true\nholes: true\n")
    assert load_style(house, {"remove_background": False}) == Style()
    assert (
        load_style(write(tmp_path / "plain.yaml", "_base_: house.yaml\nremove-background: no\n"))
        == Style()
    )
    with pytest.raises(UserError, match="nothing without remove background"):
        load_style(house, {"remove_background": False, "holes": True})


def test_a_base_and_the_palette_file_beside_the_style(tmp_path):
    write(tmp_path / "house" / "hero.hex", "ff0000\n")
    write(tmp_path / "house" / "base.yaml", "size: 48x32\npalette: hero.hex\n")
    style = load_style(write(tmp_path / "house" / "walk.yaml", "_base_: base.yaml\ncell-size: 8\n"))
    assert style == Style(cell_size=8, palette=str(tmp_path / "house" / "hero.hex"))


def test_colours_as_a_list(tmp_path):
    assert (
        load_style(write(tmp_path / "s.yaml", "palette: [ff0000, '00ff00']\n")).palette
        == "ff0000,00ff00"
    )
    many = [f"{number:06x}" for number in range(256)]
    for text in (f"palette: {many}\n", f"palette: '{','.join(many)}'\n"):
        assert load_style(write(tmp_path / "s.yaml", text)).palette == ",".join(many)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colours: 3\n", "s.yaml: unknown key 'colours'; did you mean 'colors'"),
        ("colors: many\n", "s.yaml: colors: 'many' is not a whole number"),
        ("size: big\n", "s.yaml: size: 'big' is not a size such as 64x48"),
        ("trim: maybe\n", "s.yaml: trim: 'maybe' is neither true nor false"),
        ("dither: noise\n", "s.yaml: dither: 'noise' is none of: none, bayer2"),
        ("pad: [1, 2]\n", r"s.yaml: pad: expected one value, got \['1', '2'\]"),
        ("palette: pico-8\ncolors: 8\n", "s.yaml: palette and colors exclude each other"),
        ("dither: bayer4\n", "s.yaml: dither bayer4 needs colours to mix"),
        ("colors: 300\n", "s.yaml: colors: 300 is out of range: give 1 to 256, auto or hues"),
        (
            "_base_: base.yaml\npad: 64\n",
            "base.yaml: dither_strength: 1.5 is out of range: give 0 to 1",
        ),
        (
            "palette: no-such-palette\n",
            "s.yaml: palette: 'no-such-palette' is neither a file nor a palette",
        ),
        (
            "outline-color: #1a1c2c\n",
            "s.yaml: outline_color: a colour is missing; YAML takes # .* quotes, as '#1a1c2c'",
        ),
        ("outline-color: red\n", "s.yaml: outline_color: 'red' is not a colour"),
        ("palette: #1a1c2c\n", "s.yaml: palette: a colour is missing; .* in quotes"),
        ("palette: ff0000, #1a1c2c\n", "s.yaml: palette: a colour is missing; .* in quotes"),
        ("palette:\n- 'ff0000'\n- #1a1c2c\n", "s.yaml: palette: a colour is missing; .* in quotes"),
        ("palette: sea.gpl\n", "s.yaml: palette: there is no file sea.gpl"),
        (f"palette: {300 * 'a'}.gpl\n", "s.yaml: palette: there is no file aaa"),
        ("- a\n", "s.yaml: has no keys"),
        ("colors: [\n", "s.yaml: not valid YAML"),
    ],
)
def test_wrong_files(text, message, tmp_path):
    write(tmp_path / "base.yaml", "dither-strength: 1.5\n")
    with pytest.raises(UserError, match=message):
        load_style(write(tmp_path / "s.yaml", text))


def test_what_is_wrong_with_the_flags_is_not_the_file_s_fault(tmp_path):
    path = write(tmp_path / "s.yaml", "trim: true\n")
    wrong = {
        "colors 300 is out": {"colors": 300},
        "dither bayer4 needs": {"dither": "bayer4"},
        "holes does": {"holes": True},
    }
    for message, given in wrong.items():
        with pytest.raises(UserError, match=f"^{message}"):
            load_style(path, given)
    assert load_style(write(tmp_path / "dither.yaml", "dither: bayer4\n"), {"colors": 4}) == Style(
        dither="bayer4", colors=4
    )
