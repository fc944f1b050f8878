"""Palette files.

Every format read and written, and one line for everything that is wrong with one.
"""

import io
import os
import struct

import numpy as np
import pytest
from PIL import Image
from skimage.color import lab2rgb

from pixelization.errors import UserError
from pixelization.palettes.files import (
    WRITABLE,
    parse_palette,
    read_palette,
    write_palette,
)
from pixelization.palettes.palette import Palette
from tests.measures import refusal

RED, GREEN, BLUE = "ff0000", "00ff00", "0000ff"


def hexes(data: bytes | str, name: str = "file.xyz") -> list[str]:
    return parse_palette(data.encode() if isinstance(data, str) else data, name).hex()


def fails(data: bytes | str, *parts: str, name: str = "file.xyz") -> None:
    """Parsing raises one line that names the file and holds these parts."""
    with pytest.raises(UserError) as caught:
        hexes(data, name)
    message = str(caught.value)
    assert message.startswith(name) and "\n" not in message
    for part in parts:
        assert part in message


def png(pixels: np.ndarray, mode: str | None = None) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(np.asarray(pixels, np.uint8))
    (image.convert(mode) if mode else image).save(buffer, "PNG")
    return buffer.getvalue()


def swatch(model: bytes, *values: float, name: str = "a") -> bytes:
    body = struct.pack(">H", len(name) + 1) + f"{name}\0".encode("utf-16-be") + model
    body += struct.pack(f">{len(values)}f", *values) + struct.pack(">H", 0)
    return struct.pack(">HI", 1, len(body)) + body


def ase(*blocks: bytes) -> bytes:
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + b"".join(blocks)


def aseprite(*chunks: tuple[int, bytes]) -> bytes:
    body = b"".join(struct.pack("<IH", 6 + len(data), kind) + data for kind, data in chunks)
    frame = struct.pack("<IHHHHI", 16 + len(body), 0xF1FA, len(chunks), 100, 0, len(chunks)) + body
    return struct.pack("<IHHHHH", 128 + len(frame), 0xA5E0, 1, 8, 8, 32).ljust(128, b"\0") + frame


class TestPalette:
    def test_holds_its_own_copy_that_cannot_be_changed(self) -> None:
        colors = np.array([[1, 2, 3], [1, 2, 3]], np.uint8)
        palette = Palette(colors, "two")
        colors[:] = 0
        assert len(palette) == 2 and palette.hex() == ["010203", "010203"]
        with pytest.raises(ValueError, match="read-only"):
            palette.colors[0] = 0

    @pytest.mark.parametrize("shape", [(0, 3), (4, 4), (3,)])
    def test_refuses_what_is_no_table_of_colours(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match="colours"):
            Palette(np.zeros(shape, np.uint8))
        with pytest.raises(ValueError, match="int64"):
            Palette(np.zeros((4, 3), np.int64))

    def test_hex_codes(self) -> None:
        assert Palette.from_hex(["FF8000", "#f80", "#0a0B0c"]).hex() == [
            "ff8000",
            "ff8800",
            "0a0b0c",
        ]
        for wrong in ("ff80", "##ff8000", "ff800g", "", "ff8000\n"):
            with pytest.raises(ValueError, match="is not a colour"):
                Palette.from_hex([wrong])


class TestRoundTrips:
    @pytest.mark.parametrize("suffix", WRITABLE)
    @pytest.mark.parametrize("count", [1, 2, 3, 16, 255, 256])
    def test_colours_order_and_duplicates_survive(self, tmp_path, suffix: str, count: int) -> None:
        random = np.random.default_rng(count)
        for trial in range(3):
            colors = random.integers(0, 256, (count, 3), dtype=np.uint8)
            if trial:
                colors = colors[random.integers(0, (count + 1) // 2, count)]  # many duplicates
            if trial == 2:
                colors[-(count // 2) :] = 0  # ends in black like the padding of .act
            path = tmp_path / f"{trial}{suffix}"
            write_palette(Palette(colors), path)
            np.testing.assert_array_equal(read_palette(path).colors, colors)

    @pytest.mark.parametrize("suffix", [".gpl", ".txt"])
    def test_names_survive(self, tmp_path, suffix: str) -> None:
        write_palette(Palette.from_hex([RED], "Rötlich\n# 2"), tmp_path / f"a{suffix}")
        assert read_palette(tmp_path / f"a{suffix}").name == "Rötlich # 2"

    @pytest.mark.parametrize("suffix", WRITABLE)
    def test_a_file_whose_name_is_no_text(self, tmp_path, suffix: str) -> None:
        named = parse_palette(b"ff0000", os.fsdecode(b"p\xff.hex"))
        write_palette(named, tmp_path / f"a{suffix}")
        assert read_palette(tmp_path / f"a{suffix}").name in ("p?", "a")

    @pytest.mark.parametrize("suffix", WRITABLE)
    def test_without_a_name_it_is_that_of_the_file(self, tmp_path, suffix: str) -> None:
        write_palette(Palette.from_hex([RED]), tmp_path / f"mine{suffix}")
        assert read_palette(tmp_path / f"mine{suffix}").name == "mine"

    def test_every_gimp_entry_has_a_name(self, tmp_path) -> None:
        write_palette(Palette.from_hex([RED, GREEN]), tmp_path / "a.gpl")
        assert (tmp_path / "a.gpl").read_text().splitlines()[-2:] == [
            "255   0   0\tff0000",
            "  0 255   0\t00ff00",
        ]

    @pytest.mark.parametrize("suffix", WRITABLE)
    def test_nothing_is_overwritten_unasked(self, tmp_path, suffix: str) -> None:
        path = tmp_path / f"a{suffix.upper()}"
        write_palette(Palette.from_hex([RED]), path)
        with pytest.raises(UserError, match="exists"):
            write_palette(Palette.from_hex([GREEN]), path)
        assert read_palette(path).hex() == [RED]
        write_palette(Palette.from_hex([GREEN]), path, overwrite=True)
        assert read_palette(path).hex() == [GREEN]
        assert list(tmp_path.iterdir()) == [path]

    def test_the_suffix_must_be_known(self, tmp_path) -> None:
        for name in ("a.ase", "a", "a.jpg"):
            with pytest.raises(UserError, match="End the name in one of .gpl .pal"):
                write_palette(Palette.from_hex([RED]), tmp_path / name)
        assert not list(tmp_path.iterdir())


class TestGimp:
    def test_as_programs_and_people_write_it(self) -> None:
        head = ["GIMP Palette", "Name: Two words", "Columns: 4", "# note", ""]
        colors = ["255   0   0\tRed", "  0 255 0", "0 0 255 1st blue  "]
        palette = parse_palette(
            b"\xef\xbb\xbf" + "\r\n".join([*head, *colors, ""]).encode(), "a.txt"
        )
        assert palette.hex() == [RED, GREEN, BLUE] and palette.name == "Two words"

    def test_old_macs_utf_16_and_latin_1(self) -> None:
        assert hexes("GIMP Palette\r255 0 0\r0 255 0\r") == [RED, GREEN]
        assert hexes("GIMP Palette\n255 0 0\n".encode("utf-16")) == [RED]
        assert hexes("GIMP Palette\n255 0 0\tgrün\n".encode("latin-1")) == [RED]

    def test_alpha_of_aseprite(self) -> None:
        text = "GIMP Palette\nChannels: RGBA\n#\n255 0 0 255 Red\n1 2 3 0 Mask\n0 255 0 9\n"
        assert hexes(text) == [RED, GREEN]
        # no fourth channel was announced
        assert hexes("GIMP Palette\n255 0 0 0 is a name\n") == [RED]

    @pytest.mark.parametrize("line", ["255 0", "256 0 0", "-1 0 0", "a b c", "1.0 0 0", "² 0 0"])
    def test_a_bad_line_is_named(self, line: str) -> None:
        fails(f"GIMP Palette\n#\n\n1 2 3\n{line}\n", "line 5", repr(line), "red, green, blue")

    def test_missing_alpha(self) -> None:
        fails("GIMP Palette\nChannels: RGBA\n1 2 3\n", "line 3", "alpha")


class TestJasc:
    def test_as_programs_write_it(self) -> None:
        assert hexes("JASC-PAL\r\n0100\r\n2\r\n255 0 0\r\n0 255 0\r\n") == [RED, GREEN]
        # Aseprite's alpha
        assert hexes("JASC-PAL\n0100\n3\n255 0 0 255\n0 255 0 0\n0 0 255\n") == [RED, BLUE]

    def test_errors(self) -> None:
        fails("JASC-PAL\n0100\n3\n255 0 0\n", "line 3", "says 3 colours, but 1 follow")
        fails("JASC-PAL\n0100\n1\n255 0 0\n1 2 3\n", "line 3", "says 1 colours, but 2 follow")
        fails("JASC-PAL\n0100\nmany\n255 0 0\n", "line 3", "'many'")
        fails("JASC-PAL\n0100\n", "line 2")
        fails("JASC-PAL", "line 1")
        fails("JASC-PAL\n0100\n0\n", "no colours")
        fails("JASC-PAL\n0100\n1\n255 0 300\n", "line 4")


class TestCodes:
    def test_lospec_hex(self) -> None:
        assert hexes("FF0000\n#00ff00\n\n0000fF") == [RED, GREEN, BLUE]

    def test_paint_net(self) -> None:
        head = ";paint.net Palette File\r\n;Palette Name: Sea\r\n;Colors: 3\r\n"
        text = head + "FFFF0000\r\n00ABCDEF\r\n8000FF00 ; half\r\n"
        palette = parse_palette(text.encode(), "x.txt")
        assert palette.hex() == [RED, GREEN] and palette.name == "Sea"

    def test_errors(self) -> None:
        fails("ff0000\nff00\n", "line 2", "'ff00'")
        fails("Dear diary\n", "line 1", "'Dear diary'")
        fails("x" * 1000, "line 1", "...")
        fails("; only\n\n", "no colours")
        fails("00123456\n", "no colours")
        fails("\n" + "123456\n" * 4097, "4097 colours", "PIXELIZATION_MAX_PALETTE_COLORS")


class TestAct:
    TABLE = bytes(range(256)) * 3

    def test_both_sizes(self) -> None:
        assert len(hexes(self.TABLE, "a.act")) == 256
        assert hexes(self.TABLE + b"\x00\x02\xff\xff", "a.act") == ["000102", "030405"]
        assert hexes(self.TABLE + b"\x00\x02\xff\xff", "unknown") == ["000102", "030405"]

    def test_a_table_of_letters_is_known_by_its_suffix_only(self) -> None:
        assert hexes(b"a" * 768, "a.act") == ["616161"] * 256
        fails(b"a" * 768, "line 1")

    def test_the_transparent_entry_is_dropped(self) -> None:
        assert hexes(self.TABLE + b"\x00\x03\x00\x01", "a.act") == ["000102", "060708"]
        assert hexes(self.TABLE + b"\x00\x02\x00\x05", "a.act") == ["000102", "030405"]

    def test_the_first_entry_stays_because_aseprite_always_calls_it_transparent(self) -> None:
        assert hexes(self.TABLE + b"\x00\x02\x00\x00", "a.act") == ["000102", "030405"]

    def test_errors(self) -> None:
        fails(self.TABLE[:-1], "767 bytes", name="a.act")
        fails(self.TABLE + b"\x01\x01\xff\xff", "byte 768", "257", name="a.act")
        fails(self.TABLE + b"\x00\x00\xff\xff", "no colours", name="a.act")


class TestRiff:
    @staticmethod
    def riff(*chunks: tuple[bytes, bytes]) -> bytes:
        body = b"".join(
            kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
            for kind, data in chunks
        )
        return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"PAL " + body

    def test_other_chunks_are_skipped(self) -> None:
        colors = struct.pack("<HH", 0x300, 2) + bytes([255, 0, 0, 0, 0, 255, 0, 4])
        assert hexes(self.riff((b"offl", b"abc"), (b"data", colors))) == [RED, GREEN]

    def test_errors(self) -> None:
        data = self.riff((b"data", struct.pack("<HH", 0x300, 2) + bytes(8)))
        fails(data[:-1], "truncated", f"byte {len(data) - 1}")
        fails(self.riff((b"offl", b"ab")), "byte 22", "without its colours")
        fails(self.riff((b"data", struct.pack("<HH", 0x300, 0))), "no colours")
        fails(
            self.riff((b"data", struct.pack("<HH", 0x300, 4097) + bytes(4 * 4097))), "4097 colours"
        )


class TestAdobeSwatches:
    def test_groups_and_models(self) -> None:
        title = "group\0".encode("utf-16-be")
        group = struct.pack(">HI", 0xC001, 2 + len(title)) + struct.pack(">H", 6) + title
        end = struct.pack(">HI", 0xC002, 0)
        grey, ink = swatch(b"Gray", 0.2, name="grün"), swatch(b"CMYK", 0, 1, 0.5, 0.2)
        data = ase(group, swatch(b"RGB ", 1, 0.5, 0), end, grey, ink, swatch(b"RGB ", 2, -1, 0))
        assert hexes(data, "a.ase") == ["ff8000", "333333", "cc0066", "ff0000"]

    def test_lab_agrees_with_scikit_image(self) -> None:
        random = np.random.default_rng(0)
        lab = np.stack([random.uniform(40, 70, 50), *random.uniform(-15, 15, (2, 50))], axis=1)
        data = ase(*(swatch(b"LAB ", lightness / 100, a, b) for lightness, a, b in lab))
        ours = parse_palette(data, "a.ase").colors.astype(int)
        # lab2rgb does not adapt D50 to the white of sRGB, D65; the white point given says that
        # there is nothing to adapt.
        assert np.abs(ours - lab2rgb(lab, illuminant="D65") * 255).max() < 6
        greys = ase(*(swatch(b"LAB ", lightness, 0, 0) for lightness in (0, 0.53585, 1)))
        assert hexes(greys) == ["000000", "808080", "ffffff"]

    def test_errors(self) -> None:
        whole = ase(swatch(b"RGB ", 1, 0, 0), swatch(b"RGB ", 1, 0, 0))
        for size in range(12, len(whole)):
            if size < len(whole) - 2:  # the last word is not needed
                fails(whole[:size], "truncated", f"byte {size}")
        fails(ase(swatch(b"HSB ", 1, 0, 0)), "byte 24", "HSB")
        fails(ase(swatch(b"RGB ", float("nan"), 0, 0)), "byte 28", "not a number")
        fails(ase(), "no colours")


class TestAseprite:
    def test_new_palette(self) -> None:
        entries = (
            struct.pack("<HBBBB", 0, 255, 0, 0, 255)
            + struct.pack("<HBBBBH", 1, 0, 255, 0, 255, 2)
            + b"ab"
        )
        entries += struct.pack("<HBBBB", 0, 9, 9, 9, 0) + struct.pack("<HBBBB", 0, 0, 0, 255, 255)
        new, old = struct.pack("<III8x", 4, 0, 3) + entries, struct.pack("<HBB3B", 1, 0, 1, 7, 7, 7)
        data = aseprite((0x2004, b"layer"), (0x2019, new), (0x0004, old))
        assert hexes(data, "a.ase") == [RED, GREEN, BLUE]

    def test_old_palettes(self) -> None:
        assert hexes(aseprite((0x0004, struct.pack("<HBB6B", 1, 0, 2, 255, 0, 0, 0, 255, 0)))) == [
            RED,
            GREEN,
        ]
        assert hexes(aseprite((0x0011, struct.pack("<HBB3B", 1, 0, 1, 63, 0, 0)))) == [RED]
        assert len(hexes(aseprite((0x0004, struct.pack("<HBB", 1, 0, 0) + bytes(768))))) == 256

    def test_errors(self) -> None:
        fails(aseprite((0x2004, b"layer")), "has no palette")
        whole = aseprite(
            (0x2019, struct.pack("<III8x", 1, 0, 0) + struct.pack("<HBBBB", 0, 255, 0, 0, 255))
        )
        for size in range(135, len(whole)):
            fails(whole[:size], "truncated")
        fails(
            aseprite(
                (0x2019, struct.pack("<III8x", 5000, 0, 4999) + bytes([0, 0, 1, 2, 3, 255]) * 5000)
            ),
            "5000 colours",
        )


class TestImages:
    COLORS = np.array([[255, 0, 0], [0, 255, 0], [255, 0, 0], [0, 0, 255]], np.uint8)
    CODES = (RED, GREEN, RED, BLUE)

    @pytest.mark.parametrize("side", [1, 2, 8, 32])
    def test_strips(self, side: int) -> None:
        strip = self.COLORS[None].repeat(side, 0).repeat(side, 1)
        assert hexes(png(strip)) == list(self.CODES)
        assert hexes(png(strip.swapaxes(0, 1))) == list(self.CODES)
        assert hexes(png(strip, "P"), "a.png") == list(self.CODES)

    def test_other_images_give_each_colour_once_in_order(self) -> None:
        pixels = np.array([[1, 1, 0], [2, 0, 3]], np.uint8)
        assert hexes(png(self.COLORS[[3, 1, 0]][np.minimum(pixels, 2)])) == [
            "00ff00",
            "0000ff",
            "ff0000",
        ]

    def test_many_rows(self) -> None:
        random = np.random.default_rng(0)
        index = random.integers(0, 256, (400, 300))
        table = np.stack([np.arange(256), np.arange(256)[::-1], np.full(256, 7)], axis=1).astype(
            np.uint8
        )
        order = list(dict.fromkeys(index.ravel().tolist()))
        assert hexes(png(table[index])) == [bytes(table[i].tolist()).hex() for i in order]

    def test_what_is_under_transparency_does_not_matter(self) -> None:
        strip = (
            np.dstack([self.COLORS[None], np.array([[255, 0, 255, 255]])])
            .astype(np.uint8)
            .repeat(4, 0)
            .repeat(4, 1)
        )
        strip[:, 4:8, :3] = np.random.default_rng(0).integers(0, 256, (4, 4, 3))
        assert hexes(png(strip)) == [RED, RED, BLUE]
        fails(png(np.zeros((2, 3, 4))), "no colours")

    def test_too_many_colours(self) -> None:
        pixels = np.zeros((2, 4097, 3), np.uint8)
        pixels[0, :, 0], pixels[0, :, 1] = np.divmod(np.arange(4097) % 4096, 64)
        assert len(hexes(png(pixels))) == 4096
        pixels[0, 4096, 2] = 1
        fails(png(pixels), "no palette", "PIXELIZATION_MAX_PALETTE_COLORS")

    def test_a_damaged_image(self) -> None:
        fails(png(np.random.default_rng(0).integers(0, 256, (64, 64, 3)))[:300], "damaged")


class TestFiles:
    def test_content_before_suffix(self, tmp_path) -> None:
        path = tmp_path / "wrong.act"
        write_palette(Palette.from_hex([RED, GREEN]), tmp_path / "a.png")
        path.write_bytes((tmp_path / "a.png").read_bytes())
        assert read_palette(path).hex() == [RED, GREEN]

    def test_what_is_no_palette(self, tmp_path) -> None:
        with pytest.raises(UserError, match="no such file"):
            read_palette(tmp_path / "none.gpl")
        with pytest.raises(UserError, match="is a folder, not a file"):
            read_palette(tmp_path)
        with pytest.raises(UserError, match="cannot be read"):
            read_palette("a\0b.gpl")
        (tmp_path / "empty.gpl").touch()
        with pytest.raises(UserError, match="the file is empty"):
            read_palette(tmp_path / "empty.gpl")

    def test_only_an_image_may_be_as_large_as_other_files(self, tmp_path, monkeypatch) -> None:
        write_palette(Palette.from_hex([RED, GREEN]), tmp_path / "a.png")
        (tmp_path / "a.hex").write_text("123456\n" * 9)
        monkeypatch.setenv("PIXELIZATION_MAX_PALETTE_BYTES", "62")
        assert len(read_palette(tmp_path / "a.png")) == 2
        for read in (
            lambda: read_palette(tmp_path / "a.hex"),
            lambda: parse_palette((tmp_path / "a.hex").read_bytes(), "a.hex"),
        ):
            with pytest.raises(UserError, match="a.hex: is too large.*MAX_PALETTE_BYTES"):
                read()

    def test_binary_garbage_is_one_line(self) -> None:
        fails(b"abc\x00def", "byte 3", "neither text")
        random = np.random.default_rng(0)
        binary = (
            b"RIFF\0\0\0\0PAL ",
            b"ASEF\0\1\0\0\0\0\0\x09",
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a",
            b"BM",
        )
        for head in (b"", *binary, b"GIMP Palette\n", b"JASC-PAL\n", b"\xff\xfe"):
            for size in (1, 20, 768 - len(head), 2000):
                data = head + random.bytes(size)
                message = refusal(lambda data=data: hexes(data)) or "file.xyz"
                assert "\n" not in message and message.startswith("file.xyz")
                assert len(message) < 250

    def test_truncated_anywhere_is_a_palette_or_one_line(self, tmp_path) -> None:
        palette = Palette(np.random.default_rng(1).integers(0, 256, (20, 3), dtype=np.uint8))
        for suffix in WRITABLE:
            write_palette(palette, tmp_path / f"a{suffix}")
            data = (tmp_path / f"a{suffix}").read_bytes()
            for size in range(0, len(data), max(1, len(data) // 60)):
                try:
                    colors = len(parse_palette(data[:size], f"a{suffix}"))
                except UserError as error:
                    assert "\n" not in str(error)  # noqa: PT017 - most sizes are a palette
                else:
                    assert colors <= 20 + 236 * (suffix == ".act")


class TestRaw:
    def test_of_an_emulator_keeps_its_levels(self) -> None:
        data = bytes(index % 64 for index in range(192))
        assert (
            hexes(data, "nes.pal")[:2] == ["000102", "030405"] and len(hexes(data, "a.pal")) == 64
        )

    def test_with_512_colours(self) -> None:
        assert len(hexes(bytes(range(256)) * 6, "nes.pal")) == 512

    @pytest.mark.parametrize("name", ["a.pal", "a.act"])
    def test_levels_of_6_bits_are_scaled(self, name: str) -> None:
        assert hexes(bytes([0, 21, 42, 63, 63, 63]) + bytes(762), name)[:2] == ["0055aa", "ffffff"]

    def test_dark_levels_of_8_bits_are_not(self) -> None:
        assert hexes(bytes([0, 21, 42]) + bytes(765), "a.pal")[0] == "00152a"

    def test_no_triples(self) -> None:
        fails(bytes(100), "triples", name="a.pal")


class TestSwatches:
    def aco(self, *colors: tuple[int, ...], version: int = 1) -> bytes:
        end = struct.pack(">IH", 1, 0) if version == 2 else b""
        rows = [struct.pack(">5H", *color) + end for color in colors]
        return struct.pack(">HH", version, len(rows)) + b"".join(rows)

    @pytest.mark.parametrize("version", [1, 2])
    def test_every_colour_space(self, version: int) -> None:
        full = 65535
        data = self.aco(
            (0, full, 0x8080, 0, 0),
            (1, full // 3, full, full, 0),
            (2, full, full, full, full),
            (7, 10000, 0, 0, 0),
            (8, 10000, 0, 0, 0),
            version=version,
        )
        assert hexes(data, "a.aco") == ["ff8000", "00ff00", "ffffff", "ffffff", "ffffff"]
        assert hexes(data, "unknown") == hexes(data, "a.aco")

    def test_errors(self) -> None:
        data = self.aco((0, 1, 2, 3, 0))
        fails(data[:-1], "truncated", name="a.aco")
        fails(self.aco((10, 0, 0, 0, 0)), "colour space 10", name="a.aco")
        fails(b"\0\3\0\0", "version 3", name="a.aco")


class TestPlaceOfAlpha:
    CODES = "000000ff\nff004dff\n29adff00\n"

    def test_hex_has_it_last(self) -> None:
        assert hexes(self.CODES, "a.hex") == ["000000", "ff004d"]
        assert hexes("ff004d80\n", "a.hex") == ["ff004d"]

    def test_so_have_codes_of_css(self) -> None:
        assert hexes("#ff004d80\n#f80\n", "a.txt") == ["ff004d", "ff8800"]

    def test_paint_net_has_it_first(self) -> None:
        assert hexes("; paint.net\nff004dff\n", "a.txt") == ["004dff"]

    def test_elsewhere_the_opaque_end_tells(self) -> None:
        assert hexes("000000ff\n0x29adffff\n", "a.txt") == ["000000", "29adff"]


class TestJson:
    def test_of_lospec(self) -> None:
        palette = parse_palette(b'{"name": "Two", "author": "", "colors": ["1a1c2c", "#f80"]}', "a")
        assert palette.hex() == ["1a1c2c", "ff8800"] and palette.name == "Two"

    def test_of_pixelorama(self) -> None:
        text = (
            '{"colors": [{"data": "(1, 0.5, 0, 1)", "index": 1}, {"data": "(0, 0, 1, 1)", '
            '"index": 0}, {"data": "(0, 0, 0, 0)", "index": 2}], "columns": 8, "name": "P"}'
        )
        assert hexes(text) == ["0000ff", "ff8000"]

    def test_plain_lists(self) -> None:
        assert hexes('["ff0000", [0, 255, 0], {"r": 0, "g": 0, "b": 255}]') == [RED, GREEN, BLUE]

    @pytest.mark.parametrize(
        "text", ["[" * 5000, '{"a": 1}', "[]", "[1]", '["zz"]', "[[1, 2, NaN]]", "[[1, 2, 1e999]]"]
    )
    def test_errors(self, text: str) -> None:
        fails(text)


def test_old_palettes_of_aseprite() -> None:
    data = aseprite((0x0011, struct.pack("<HBB", 1, 0, 2) + bytes([63, 0, 0, 64, 0, 0])))
    fails(data, "level 64", "at most 63")
    assert hexes(aseprite((0x0011, struct.pack("<HBB", 1, 0, 1) + bytes([63, 0, 0])))) == [RED]


def test_a_chunk_of_aseprite_ends_where_it_says() -> None:
    fails(aseprite((0x2019, struct.pack("<III8x", 2, 0, 200))) + bytes(9999), "truncated")


def vga_text(kind, colors):
    rows = [" ".join(map(str, color)) for color in colors]
    head = {"gpl": ["GIMP Palette"], "pal": ["JASC-PAL", "0100", str(len(colors))]}[kind]
    return "\n".join([*head, *rows]).encode()


GREYS = [(level, level, level) for level in range(0, 64, 4)]


@pytest.mark.parametrize("kind", ["gpl", "pal"])
@pytest.mark.parametrize(
    "colors, scaled",
    [
        (GREYS, True),  # 0 to 60
        ([*GREYS, (63, 0, 21)], True),
        (GREYS[:12] * 2, False),  # the lightest is 44: nothing speaks for 6 bits
        ([*GREYS, (64, 0, 0)], False),
        (GREYS[4:], False),  # fewer than VGA has
        ([*GREYS[:10] * 2, (63, 63, 0)], False),  # nothing is light
    ],
)
def test_the_six_bits_of_vga_as_text(kind, colors, scaled):
    found = parse_palette(vga_text(kind, colors), f"p.{kind}").colors.tolist()
    expected = [[level * 255 // 63 if scaled else level for level in color] for color in colors]
    assert found == expected
