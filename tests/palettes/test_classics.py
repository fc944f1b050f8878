"""Built-in palettes, and what a user may call a palette."""

import numpy as np
import pytest

from pixelization.errors import UserError
from pixelization.palettes.classics import CLASSICS, classic_palette
from pixelization.palettes.files import write_palette
from pixelization.palettes.lookup import find_palette
from pixelization.palettes.palette import Palette

SIZES = {
    "c64": 16,
    "cga": 16,
    "cga-1-high": 4,
    "db16": 16,
    "db32": 32,
    "game-boy": 4,
    "game-boy-pocket": 4,
    "nes": 54,
    "pico-8": 16,
    "sweetie-16": 16,
    "zx-spectrum": 15,
}


def test_each_has_its_number_of_distinct_colours() -> None:
    assert dict.fromkeys(CLASSICS) == dict.fromkeys(SIZES)
    for name, size in SIZES.items():
        palette = classic_palette(name)
        assert len(palette) == len(np.unique(palette.colors, axis=0)) == size, name
        assert palette.name


def test_cga_is_computed_by_its_rule() -> None:
    expected = []
    for number in range(16):
        levels = [170 * (number >> bit & 1) + 85 * (number >> 3) for bit in (2, 1, 0)]
        expected.append([170, 85, 0] if number == 6 else levels)
    assert classic_palette("cga").colors.tolist() == expected
    assert classic_palette("cga-1-high").colors.tolist() == [expected[i] for i in (0, 11, 13, 15)]


def test_zx_spectrum_is_computed_by_its_rule() -> None:
    expected = [
        [level * (number >> bit & 1) for bit in (1, 2, 0)]
        for level in (215, 255)
        for number in range(8)
    ]
    del expected[8]  # bright black
    assert classic_palette("zx-spectrum").colors.tolist() == expected


def test_c64_has_the_luminances_of_its_chip() -> None:
    """The VIC-II gives pairs of colours one luminance.

    That is what the palette was computed from.
    """
    luma = classic_palette("c64").colors @ np.array([0.299, 0.587, 0.114])
    levels = [{0}, {6, 9}, {2, 11}, {4, 8}, {12, 14}, {5, 10}, {3, 15}, {7, 13}, {1}]
    means = [np.mean([luma[i] for i in level]) for level in levels]
    assert means == sorted(means)
    # With the gamma of the monitor taken out and put back, pairs are only about equal.
    assert all(np.ptp([luma[i] for i in level]) < 14 for level in levels)


def test_known_entries() -> None:
    assert classic_palette("pico-8").hex()[8] == "ff004d"
    assert classic_palette("nes").hex()[0] == "626262"
    assert classic_palette("db32").hex()[21] == "ffffff"
    assert classic_palette("game-boy").hex() == ["0f380f", "306230", "8bac0f", "9bbc0f"]


def test_names_in_any_spelling() -> None:
    for text in ("PICO-8", "pico8", "Pico 8", "pico_8"):
        assert find_palette(text).name == "PICO-8"
    with pytest.raises(UserError, match="choose from c64 cga"):
        classic_palette("pico-9")


def test_colours() -> None:
    assert find_palette("ff0000").hex() == ["ff0000"]
    assert find_palette("#F00, 00ff00,ff0000").hex() == ["ff0000", "00ff00", "ff0000"]
    assert find_palette("#c64").hex() == ["cc6644"]
    assert len(find_palette("c64")) == 16
    assert len(find_palette(",".join(["123456"] * 256))) == 256  # longer than a file name can be


@pytest.mark.parametrize(
    "text, part",
    [
        ("ff0000,red", "'red' is not a colour"),
        ("ff0000,", "'' is not a colour"),
        (",".join(["123456"] * 4097), "4097 colours"),
        ("vga", "c64 cga"),
        ("none.gpl", "neither a file"),
        ("", "neither a file"),
        ("ff00", "neither a file"),
        ("a\0b", "neither a file"),
        ("endesga-32", "download its file (.hex, .gpl) from its page"),
        ("https://example.org/palettes/endesga-32", "download its file (.hex, .gpl)"),
    ],
)
def test_what_is_no_palette(text: str, part: str) -> None:
    with pytest.raises(UserError) as caught:
        find_palette(text)
    assert part in str(caught.value) and "\n" not in str(caught.value)


def test_files_and_built_in_names(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_palette(Palette.from_hex(["123456"]), tmp_path / "mine.gpl")
    data = (tmp_path / "mine.gpl").read_bytes()
    for name in ("nes", "nes.gpl", "own", "abc"):
        (tmp_path / name).write_bytes(data)
    for text in ("./nes", "nes.gpl", "own", "abc", str(tmp_path / "nes")):
        assert find_palette(text).hex() == ["123456"], text
    assert len(find_palette("nes")) == 54
