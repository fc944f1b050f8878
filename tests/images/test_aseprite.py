"""Aseprite's sprites made by hand: what is seen of them, and what is refused."""

import struct

import numpy as np
import pytest

from pixelization.animation.reading import animation_format, open_animation
from pixelization.errors import UserError
from pixelization.images.aseprite import Tag
from pixelization.images.reading import list_images, read_image
from tests.images import aseprite_files as ase

RED, GREEN, BLUE, CLEAR = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0)
CANVAS = (2, 1)


def seen(data, **options):
    """The pixels of every frame, row by row."""
    return [
        [tuple(pixel) for row in np.asarray(frame.image.convert("RGBA")) for pixel in row.tolist()]
        for frame in open_animation(data, **options)
    ]


def still(data):
    return [
        tuple(each) for row in np.asarray(read_image(data).convert("RGBA")).tolist() for each in row
    ]


def rgba(*pixels):
    return b"".join(map(bytes, pixels))


@pytest.mark.parametrize("packed", [True, False])
def test_pixels_raw_and_compressed(packed):
    data = ase.file(CANVAS, [ase.layer(), ase.cel(0, CANVAS, rgba(RED, CLEAR), packed=packed)])
    assert still(data) == [RED, CLEAR] and seen(data) == [[RED, CLEAR]]
    assert animation_format(data) is None and read_image(data).mode == "RGBA"


def test_grey():
    cel = ase.cel(0, CANVAS, [7, 255, 200, 128])
    assert still(ase.file(CANVAS, [ase.layer(), cel], bits=16)) == [
        (7, 7, 7, 255),
        (200, 200, 200, 128),
    ]


@pytest.mark.parametrize(
    ("flags", "transparent", "expected"),
    [
        (ase.VISIBLE, 1, [RED, CLEAR]),
        (ase.VISIBLE, 0, [CLEAR, GREEN]),
        (ase.VISIBLE | ase.BACKGROUND, 1, [RED, GREEN]),  # on it, the index is a colour
    ],
)
def test_indexed(flags, transparent, expected):
    chunks = [ase.palette(RED, GREEN), ase.layer(flags=flags), ase.cel(0, CANVAS, [0, 1])]
    assert still(ase.file(CANVAS, chunks, bits=8, transparent=transparent)) == expected


def test_a_palette_may_change_from_frame_to_frame():
    cel = ase.cel(0, CANVAS, [1, 2])
    data = ase.file(
        CANVAS,
        [ase.palette(CLEAR, RED, GREEN), ase.layer(), cel],
        [cel],
        [ase.palette(BLUE, first=2), cel],
        bits=8,
    )
    assert seen(data) == [[RED, GREEN], [RED, GREEN], [RED, BLUE]]


def test_an_index_beyond_the_palette_is_black():
    chunks = [ase.palette(CLEAR, RED), ase.layer(), ase.cel(0, CANVAS, [1, 9])]
    assert still(ase.file(CANVAS, chunks, bits=8)) == [RED, (0, 0, 0, 255)]


def test_opacity_of_layers_and_cels():
    below, above = ase.cel(0, CANVAS, rgba(BLUE, CLEAR)), rgba(RED, RED)
    chunks = [ase.layer(), ase.layer(opacity=128), below, ase.cel(1, CANVAS, above, opacity=128)]
    # 128 of 255 of 128 of 255 is 64; over blue that leaves 191 of 255 of it
    assert still(ase.file(CANVAS, chunks)) == [(64, 0, 191, 255), (255, 0, 0, 64)]
    # a file that does not say that a layer's opacity is valid
    chunks = [ase.layer(opacity=0), ase.cel(0, CANVAS, above)]
    assert still(ase.file(CANVAS, chunks, flags=0)) == [RED, RED]


def test_hidden_layers_and_references_are_not_seen():
    red, green, blue = (ase.cel(at, (1, 1), color) for at, color in enumerate((RED, GREEN, BLUE)))
    for flags in (0, ase.VISIBLE | ase.REFERENCE):
        chunks = [ase.layer(), ase.layer(flags=flags), red, green]
        assert still(ase.file((1, 1), chunks)) == [RED]
    # in a hidden group, and beside it
    group = ase.layer("group", flags=0, kind=1)
    chunks = [group, ase.layer(level=1), ase.layer(), green, blue]
    assert still(ase.file((1, 1), chunks)) == [BLUE]


def test_the_order_of_cels():
    red, green = ase.cel(0, (1, 1), RED), ase.cel(1, (1, 1), GREEN)
    assert still(ase.file((1, 1), [ase.layer(), ase.layer(), green, red])) == [GREEN]
    lifted = ase.cel(0, (1, 1), RED, z=2)
    assert still(ase.file((1, 1), [ase.layer(), ase.layer(), lifted, green])) == [RED]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ((1, 0), [CLEAR, RED]),
        ((-1, 0), [GREEN, CLEAR]),
        ((0, -1), [CLEAR, CLEAR]),
        ((2, 0), [CLEAR, CLEAR]),
        ((-300, 300), [CLEAR, CLEAR]),
    ],
)
def test_cels_are_cut_off_at_the_canvas(place, expected):
    cel = ase.cel(0, (2, 1), rgba(RED, GREEN), place=place)
    assert still(ase.file(CANVAS, [ase.layer(), cel])) == expected


def test_frames_durations_and_tags():
    red, green = ase.cel(0, CANVAS, rgba(RED, RED)), ase.cel(0, CANVAS, rgba(GREEN, CLEAR))
    walk = ase.tags((0, 1, 2, 3, "walk"), (1, 9, 0, 0, "beyond the end"))
    data = ase.file(
        CANVAS,
        [ase.layer(), walk, red],
        [green],
        [ase.linked(0, 0)],
        [],
        durations=[10, 0, 65535, 40],
        speed=70,
    )
    assert seen(data) == [[RED] * 2, [GREEN, CLEAR], [RED] * 2, [CLEAR] * 2]
    assert animation_format(data) == "aseprite"
    with open_animation(data) as reader:
        assert (reader.format, reader.size, reader.count, reader.plays) == (
            "aseprite",
            (2, 1),
            4,
            0,
        )
        assert [frame.duration for frame in reader] == [10, 70, 65535, 40]
        assert reader.tags == (Tag("walk", 0, 1, 2, 3, (1, 2, 3)),)


def test_pixels_that_are_not_square_are_named():
    data = bytearray(ase.file(CANVAS, [ase.layer(), ase.cel(0, CANVAS, rgba(RED, RED))]))
    data[34] = 2
    remarks = []
    read_image(bytes(data), None, remarks)
    assert remarks == ["has pixels of 2:1: they are read as squares"]


@pytest.mark.parametrize(
    ("layer", "part"),
    [
        (ase.layer("glow", blend=1), "layer 'glow' is blended in another way"),
        (ase.layer("ground", kind=2), "layer 'ground' is a tilemap"),
        (ase.layer("limbs", kind=1, opacity=9), "layer 'limbs' is blended"),
    ],
)
def test_what_would_look_otherwise_is_refused(layer, part):
    data = ase.file(CANVAS, [layer], flags=3)
    for call in (read_image, open_animation):
        with pytest.raises(UserError, match=part):
            call(data)
    hidden = layer[:6] + b"\0\0" + layer[8:]
    assert still(ase.file(CANVAS, [hidden], flags=3)) == [CLEAR, CLEAR]


def whole():
    first = [ase.palette(RED, GREEN), ase.layer(), ase.tags((0, 1, 0, 0, "a"))]
    return ase.file(CANVAS, [*first, ase.cel(0, CANVAS, [0, 1])], [ase.linked(0, 0)], bits=8)


def test_a_file_that_is_cut_is_one_line():
    data = whole()
    assert len(seen(data)) == 2
    for size in range(134, len(data)):
        with pytest.raises(UserError, match=r"a\.aseprite: .*damaged or truncated"):
            seen(data[:size], name="a.aseprite")


@pytest.mark.parametrize(
    "data",
    [
        ase.file(CANVAS, [ase.layer()], bits=24),
        ase.file((0, 1), [ase.layer()]),
        ase.file(CANVAS, [ase.cel(0, CANVAS, rgba(RED, RED))]),  # no such layer
        ase.file(CANVAS, [ase.layer(), ase.linked(0, 0)]),  # to itself
        ase.file(CANVAS, [ase.layer()], [ase.linked(0, 0)]),  # to nothing
        ase.file(CANVAS, [ase.layer(), ase.linked(0, 1)], [ase.cel(0, (1, 1), RED)]),  # ahead
        ase.file(CANVAS, [ase.layer(), ase.cel(0, (2, 2), rgba(RED, RED))]),
        ase.file(CANVAS, [ase.layer(), ase.cel(0, (2, 2), rgba(RED, RED), packed=False)]),
        ase.file(CANVAS, [ase.chunk(0x2019, struct.pack("<III8x", 1, 0, 1 << 31))], bits=8),
        ase.file(CANVAS, [struct.pack("<IH", 5, 0x2004)]),
        ase.file(CANVAS, [struct.pack("<IH", 1 << 31, 0x2004)]),
    ],
)
def test_damage_is_one_line(data):
    with pytest.raises(UserError) as caught:
        seen(data, name="a.aseprite")
    assert str(caught.value).startswith("a.aseprite: ") and "\n" not in str(caught.value)


def test_bombs_are_refused_before_they_are_decoded(monkeypatch):
    cels = [ase.cel(0, (60000, 60000), b"")]
    with pytest.raises(UserError, match="60000x60000 pixels: is too large"):
        read_image(ase.file(CANVAS, [ase.layer(), *cels]))
    with pytest.raises(UserError, match="60000x60000 pixels: is too large"):
        read_image(ase.file((60000, 60000), [ase.layer()]))
    monkeypatch.setenv("PIXELIZATION_MAX_ANIMATION_PIXELS", "40")
    layers = [ase.layer() for _ in range(9)]
    cels = [ase.cel(at, (2, 2), rgba(*[RED] * 4)) for at in range(9)]
    assert len(still(ase.file((2, 2), layers + cels))) == 4  # 4 of the canvas, 9 times 4
    with pytest.raises(UserError, match="layers of 80 pixels in all"):
        open_animation(ase.file((2, 2), layers + cels, [ase.linked(at, 0) for at in range(9)]))
    monkeypatch.setenv("PIXELIZATION_MAX_FRAMES", "3")
    with pytest.raises(UserError, match="4 frames"):
        open_animation(ase.file(CANVAS, [], [], [], []))


def test_folders_list_them(tmp_path):
    (tmp_path / "a.aseprite").write_bytes(whole())
    (tmp_path / "palette.ase").write_bytes(b"ASEF")  # of Adobe
    assert [path.name for path in list_images(tmp_path)] == ["a.aseprite"]
