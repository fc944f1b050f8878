"""Aseprite's sprites as they are written, judged by a reader that shares nothing with it."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from pixelization.animation.aseprite import SourceLayer
from pixelization.animation.reading import open_animation
from pixelization.animation.writing import write_animation
from pixelization.errors import UserError
from pixelization.images.aseprite import Tag
from pixelization.palettes.files import parse_palette
from tests.animation.files import sprites, written
from tests.images.aseprite_files import take_apart

TABLE = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)


def test_every_byte_of_a_small_sprite():
    frame = np.array([[[255, 0, 0, 255], [0, 0, 0, 0]]], np.uint8)
    data = written([frame], "aseprite", durations=[250])
    assert data[:6] == struct.pack("<I", len(data)) + b"\xe0\xa5"
    # 1 frame of 2 x 1 pixels of 32 bits, opacity is valid, 100 ms, 8 zeros
    assert data[6:28] == bytes.fromhex("0100 0200 0100 2000 01000000 6400 00000000 00000000")
    # transparent 0, 1 colour, pixels 1:1, grid at 0, 0 of 16 x 16
    assert data[28:44] == bytes.fromhex("00 000000 0100 01 01 0000 0000 1000 1000")
    assert data[44:128] == bytes(84)
    # the frame: its length, FAF1, 4 chunks, 250 ms
    assert data[128:144] == struct.pack("<I", len(data) - 128) + bytes.fromhex(
        "faf1 0400 fa00 0000 04000000"
    )
    # sRGB; a palette of 1 colour, 0 to 0, red
    assert data[144:166] == bytes.fromhex("16000000 0720 0100 0000 00000000 0000000000000000")
    assert data[166:198] == bytes.fromhex(
        "20000000 1920 01000000 00000000 00000000 0000000000000000 0000 ff0000ff"
    )
    # a layer: visible and editable, an image, level 0, normal, opaque, "sprite"
    assert (
        data[198:228]
        == bytes.fromhex("1e000000 0420 0300 0000 0000 0000 0000 0000 ff 000000 0600") + b"sprite"
    )
    # a cel of layer 0 at 0, 0, opaque, compressed, on no other level; 2 x 1 pixels
    assert data[232:254] == bytes.fromhex("0520 0000 0000 0000 ff 0200 0000 0000000000 0200 0100")
    assert take_apart(data).cels == [{0: ((0, 0), (2, 1), frame.tobytes())}]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 99),
    count=st.integers(1, 4),
    channels=st.sampled_from([3, 4]),
    durations=st.lists(st.integers(1, 65535), min_size=4, max_size=4),
)
def test_frames_and_durations_arrive(seed, count, channels, durations):
    frames = sprites(seed, count, channels=channels)
    data = written(frames, "aseprite", durations=durations[:count])
    parts = take_apart(data)
    assert (parts.frames, parts.size, parts.bits) == (count, (7, 9), 32)
    assert parts.durations == durations[:count] and parts.layers == [("sprite", 3)]
    for frame, cels in zip(frames, parts.cels, strict=True):
        whole = frame if channels == 4 else np.dstack([frame, np.full((9, 7), 255, np.uint8)])
        assert cels == {0: ((0, 0), (7, 9), whole.tobytes())}
    back = [np.asarray(frame.image.convert("RGBA")) for frame in open_animation(data)]
    assert [each.tobytes() for each in back] == [cels[0][2] for cels in parts.cels]


def test_half_transparency_is_kept():
    frame = np.array([[[200, 100, 50, 128], [1, 2, 3, 4]]], np.uint8)
    assert take_apart(written([frame], "aseprite")).cels[0][0][2] == frame.tobytes()


@pytest.mark.parametrize("first", [False, True])
def test_indexed(first):
    frames = [TABLE[[[0, 1, 2], [2, 1, 0]]], TABLE[[[0, 0, 0], [1, 1, 1]]]]
    clear = np.array([[0, 255, 255], [255, 255, 255]], np.uint8)
    frames = [np.dstack([each * (clear[..., None] > 0), clear]) for each in frames]
    data = written(frames, "aseprite", palette=TABLE, indexed=True, transparent_first=first)
    parts = take_apart(data)
    place = 0 if first else 3
    assert (parts.bits, parts.transparent, parts.colors) == (8, place, 4)
    assert parts.palette[place] == (0, 0, 0, 0)
    assert [color for at, color in enumerate(parts.palette) if at != place] == [
        (255, 0, 0, 255),
        (0, 255, 0, 255),
        (0, 0, 255, 255),
    ]
    by_hand = [[place, 1, 2, 2, 1, 0], [place, 0, 0, 1, 1, 1]]
    assert [list(cels[0][2]) for cels in parts.cels] == [
        [place, *(at + first for at in row[1:])] for row in by_hand
    ]
    back = [np.asarray(frame.image) for frame in open_animation(data)]
    assert all(np.array_equal(*pair) for pair in zip(back, frames, strict=True))
    assert parse_palette(data, "a.aseprite").colors.tolist() == TABLE.tolist()


def test_256_colours_without_transparency_are_a_background():
    table = np.arange(256, dtype=np.uint8)[:, None].repeat(3, axis=1)
    frame = table.reshape(16, 16, 3)
    parts = take_apart(written([frame], "aseprite", palette=table, indexed=True))
    assert parts.layers == [("sprite", 3 | 8)] and parts.colors == 256
    assert list(parts.cels[0][0][2]) == list(range(256))
    data = written([frame], "aseprite", palette=table, indexed=True)
    assert np.array_equal(np.asarray(next(iter(open_animation(data))).image), frame)


def test_the_palette_of_a_sprite_in_true_colours():
    frame = TABLE[[[2, 2, 2, 1]]]
    assert take_apart(written([frame], "aseprite")).palette == [(0, 0, 255, 255), (0, 255, 0, 255)]
    given = take_apart(written([frame], "aseprite", palette=TABLE, transparent_first=True))
    assert given.palette == [(0, 0, 0, 0), *((*color, 255) for color in TABLE.tolist())]
    nothing = np.zeros((1, 1, 4), np.uint8)
    assert take_apart(written([nothing], "aseprite")).palette == [(0, 0, 0, 255)]


def test_tags_arrive():
    tags = (Tag("walk", 0, 1, 2, 3, (9, 8, 7)), Tag("gehen, 走", 1, 2))
    data = written(sprites(0, 3), "aseprite", tags=tags)
    assert take_apart(data).tags == [
        (0, 1, 2, 3, (9, 8, 7), "walk"),
        (1, 2, 0, 0, (0, 0, 0), "gehen, 走"),
    ]
    assert open_animation(data).tags == tags


@pytest.mark.parametrize("format", ["gif", "png", "webp", "sequence"])
def test_other_formats_say_that_tags_are_lost(format, tmp_path):
    target = tmp_path / ("a_%d.png" if format == "sequence" else "a")
    options = {"durations": [100, 100], "plays": 0, "format": format}
    remarks = write_animation(sprites(0, 2), target, tags=[Tag("a", 0, 1)], **options)
    assert remarks == ["the tags of the input are lost: only .aseprite files and sheets hold them"]


def test_the_source_lies_below_and_is_not_seen():
    frames, pictures = sprites(1, 2), sprites(2, 2, shape=(18, 14), channels=3)
    layer = SourceLayer(iter(pictures), (0.5, -0.25, 7, 9.125))
    data = written(frames, "aseprite", source=layer)
    parts = take_apart(data)
    assert parts.layers == [("source", 64), ("sprite", 3)]
    assert parts.extras == [(0.5, -0.25, 7, 9.125)] * 2
    for picture, cels in zip(pictures, parts.cels, strict=True):
        place, size, pixels = cels[0]
        assert (place, size) == ((0, -1), (14, 18))
        assert np.array_equal(np.frombuffer(pixels, np.uint8).reshape(18, 14, 4)[..., :3], picture)
    back = [np.asarray(frame.image) for frame in open_animation(data)]
    assert all(np.array_equal(*pair) for pair in zip(back, frames, strict=True))


def test_what_it_cannot_hold():
    frame = np.zeros((1, 1, 3), np.uint8)
    how = {"format": "aseprite", "durations": [10, 10]}
    remarks = write_animation([frame] * 2, io.BytesIO(), plays=3, **how)
    assert remarks == ["an Aseprite sprite does not say how often it is played: it is played on"]
    with pytest.raises(UserError, match="65536 ms is too long"):
        written([frame], "aseprite", durations=[65536])
    with pytest.raises(UserError, match="at most 65535"):
        written([np.zeros((1, 65536, 3), np.uint8)], "aseprite")
    with pytest.raises(ValueError, match="not in the palette"):
        written([frame], "aseprite", palette=TABLE, indexed=True)
    assert take_apart(written([frame], "aseprite", durations=[0])).durations == [100]


def test_another_library_reads_the_same():
    """The package aseprite, which needs Python 3.12."""
    aseprite = pytest.importorskip("aseprite")
    tags = [Tag("walk", 0, 1, 2, 3, (9, 8, 7))]
    frames = sprites(3, 3)
    sprite = aseprite.Sprite.from_bytes(written(frames, "aseprite", [10, 20, 30], tags=tags))
    assert [frame.duration_ms for frame in sprite.frames] == [10, 20, 30]
    assert [layer.name for layer in sprite.layers] == ["sprite"]
    assert [sprite.flatten(number) for number in range(3)] == [each.tobytes() for each in frames]
