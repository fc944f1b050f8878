"""GIF files."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from pixelization.animation.gif import PIXELS_OF_A_BYTE
from pixelization.animation.reading import open_animation
from pixelization.animation.writing import write_animation
from pixelization.errors import UserError
from pixelization.images.reading import read_image
from tests.animation.files import (
    BLUE,
    CLEAR,
    CONTAINERS,
    GREEN,
    RED,
    TABLE,
    gif_file,
    gif_frame,
    read,
    rgba,
    sprites,
    written,
)


def test_gif_counts_repetitions():
    """Browsers and ffmpeg play a NETSCAPE number n as n + 1 times, and a file without one once."""
    frames = sprites(3, 2)
    assert b"NETSCAPE" not in written(frames, "gif", plays=1)
    for plays, number in ((0, 0), (2, 1), (65536, 65535)):
        assert b"NETSCAPE2.0\x03\x01" + struct.pack("<H", number) in written(
            frames, "gif", plays=plays
        )
    for format, most in (("gif", 65536), ("webp", 65535)):
        file = io.BytesIO()
        (remark,) = write_animation(frames, file, durations=[20, 20], plays=most + 1, format=format)
        assert str(most) in remark and open_animation(file.getvalue()).plays == 0


def test_gif_keeps_the_order_of_a_palette():
    palette = (
        np.random.default_rng(0).permutation(256)[:200, None].repeat(3, axis=1).astype(np.uint8)
    )
    opaque = palette[np.random.default_rng(1).integers(0, 200, (8, 8))]
    image = Image.open(io.BytesIO(written([opaque], "gif", palette=palette)))
    assert image.getpalette()[:600] == palette.ravel().tolist()
    np.testing.assert_array_equal(image.convert("RGB"), opaque)
    with pytest.raises(ValueError, match="not in the palette"):
        written([opaque], "gif", palette=palette[:10])


def test_gif_of_256_colors_beside_transparency():
    ramp = np.arange(256, dtype=np.uint8)[:, None].repeat(3, axis=1)
    frame = np.dstack([ramp.reshape(16, 16, 3), np.full((16, 16), 255, np.uint8)])
    np.testing.assert_array_equal(read(written([frame], "gif", palette=ramp))[0], frame[..., :3])
    frame[0, 0] = 0  # 255 colours are left, so one entry of the palette makes room
    np.testing.assert_array_equal(read(written([frame], "gif", palette=ramp))[0], frame)
    file = io.BytesIO()
    other = frame.copy()
    other[0, 0] = (0, 0, 0, 255)  # 256 and transparency do not fit
    (remark,) = write_animation(
        [frame, other], file, durations=[50, 50], plays=0, format="gif", palette=ramp
    )
    assert "255 colours" in remark and "256" in remark
    first, second = read(file.getvalue())
    np.testing.assert_array_equal(first[..., 3], frame[..., 3])
    assert np.abs(second.astype(int) - other).max() == 1


def test_a_palette_of_256_colors_that_does_not_fit_loses_its_rarest():
    rng = np.random.default_rng(5)
    palette = rng.integers(0, 256, (256, 3), dtype=np.uint8)
    index = np.concatenate([np.arange(256).repeat(2), [7] * 16, [0] * 16])
    index[np.flatnonzero(index == 99)[0]] = 98  # 99 is left once, all others at least twice
    frame = (
        np.column_stack([palette[index], np.full(len(index), 255)])
        .astype(np.uint8)
        .reshape(17, 32, 4)
    )
    frame[-1, 16:] = 0
    file = io.BytesIO()
    (remark,) = write_animation(
        [frame], file, durations=[50], plays=0, format="gif", palette=palette
    )
    (back,) = read(file.getvalue())
    different = (back != frame).any(axis=2)
    assert "reduced to 255" in remark and different.sum() == 1
    assert tuple(frame[different][0, :3]) == tuple(palette[99])
    assert tuple(back[different][0, :3]) in set(map(tuple, palette))


def test_gif_of_many_colors_does_not_flicker():
    frames = [
        np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8) for _ in range(3)
    ]
    frames[1][:20] = frames[1][:20] // 2
    frames[2][20:] = 7
    file = io.BytesIO()
    (remark,) = write_animation(frames, file, durations=[50] * 3, plays=0, format="gif")
    assert "reduced to 256" in remark
    back = read(file.getvalue())
    assert len(np.unique(np.concatenate(back).reshape(-1, 3), axis=0)) <= 256
    np.testing.assert_array_equal(back[0][20:], back[1][20:])
    error = np.abs(np.stack(back).astype(int) - np.stack(frames))
    assert error.mean() < 15  # random noise is the worst case; its own standard deviation is 74


def test_gif_disposal():
    whole = [[RED, RED], [RED, CLEAR]]
    file = gif_file(
        gif_frame(whole, disposal=1),
        gif_frame([[GREEN, CLEAR]], top=0, disposal=2),
        gif_frame([[BLUE]], left=1, top=1, disposal=3),
        gif_frame([[BLUE]], left=0, top=1, disposal=0),
        gif_frame([[CLEAR]]),
    )
    expected = [
        whole,
        [[GREEN, RED], [RED, CLEAR]],
        [[CLEAR, CLEAR], [RED, BLUE]],  # the two pixels above were cleared
        [[CLEAR, CLEAR], [BLUE, CLEAR]],  # the blue one was taken back
        [[CLEAR, CLEAR], [BLUE, CLEAR]],
    ]
    for pixels, rows in zip(read(file), expected, strict=True):
        np.testing.assert_array_equal(pixels, rgba(rows))


def test_gif_clears_to_transparent_even_if_nothing_was_transparent():
    file = gif_file(
        gif_frame([[RED, RED], [RED, RED]], disposal=2, transparent=False),
        gif_frame([[GREEN]], left=1, transparent=False),
        background=3,
    )
    first, second = read(file)
    np.testing.assert_array_equal(first, rgba([[RED, RED], [RED, RED]]))
    np.testing.assert_array_equal(second, rgba([[CLEAR, GREEN], [CLEAR, CLEAR]]))


def test_a_gif_whose_first_frame_is_taken_back_is_transparent_there():
    """Also where no frame has a transparent index."""
    file = gif_file(
        gif_frame([[RED, RED], [RED, RED]], disposal=3, transparent=False),
        gif_frame([[GREEN]], left=1, disposal=3, transparent=False),
        gif_frame([[BLUE]], transparent=False),
    )
    first, second, third = read(file)
    np.testing.assert_array_equal(first, rgba([[RED, RED], [RED, RED]]))
    np.testing.assert_array_equal(second, rgba([[CLEAR, GREEN], [CLEAR, CLEAR]]))
    np.testing.assert_array_equal(third, rgba([[BLUE, CLEAR], [CLEAR, CLEAR]]))


def test_gif_disposal_does_not_last():
    file = gif_file(
        gif_frame([[RED, RED], [RED, RED]], disposal=1, transparent=False),
        gif_frame([[GREEN]], disposal=3),
        gif_frame([[BLUE]], left=1),
        gif_frame([[BLUE]], left=1, top=1, control=False),
    )
    np.testing.assert_array_equal(read(file)[3], rgba([[RED, BLUE], [RED, BLUE]])[..., :3])


def test_gif_with_a_table_of_its_own_a_small_first_frame_and_a_late_large_one():
    """Frames are cut off at the canvas, as browsers do."""
    file = gif_file(
        gif_frame([[RED]], left=1, transparent=False),
        gif_frame([[GREEN], [GREEN], [GREEN]], transparent=False, table=TABLE[::-1]),
        gif_frame([[GREEN]], left=7, top=9, transparent=False),
    )
    assert open_animation(file).size == (2, 2)
    mirrored = (*TABLE[::-1][6:9], 255)
    second = rgba([[mirrored, RED], [mirrored, CLEAR]])
    first = rgba([[CLEAR, RED], [CLEAR, CLEAR]])
    for frame, expected in zip(read(file), (first, second, second), strict=True):
        np.testing.assert_array_equal(frame, expected)


def test_the_canvas_of_a_gif_grows_for_its_first_frame_only():
    """As in Firefox and Chrome."""
    rows = [[RED, GREEN, BLUE]] * 3
    file = gif_file(gif_frame(rows, transparent=False), size=(1, 2))
    np.testing.assert_array_equal(read(file)[0], rgba(rows)[..., :3])
    np.testing.assert_array_equal(np.asarray(read_image(file)), rgba(rows)[..., :3])
    beside = gif_file(gif_frame(rows, left=1, transparent=False), size=(3, 3))
    assert read_image(beside).size == open_animation(beside).size == (3, 3)


def test_a_gif_that_uses_transparency_to_save_bytes_is_opaque():
    file = gif_file(
        gif_frame([[RED, RED], [RED, RED]], disposal=1), gif_frame([[CLEAR, GREEN]], disposal=1)
    )
    reader = open_animation(file)
    assert reader.mode == "RGB" and [frame.image.mode for frame in reader] == ["RGB", "RGB"]
    np.testing.assert_array_equal(read(file)[1], rgba([[RED, GREEN], [RED, RED]])[..., :3])


def test_all_frames_are_rgba_if_the_last_one_is():
    frames = sprites(4, 3)
    frames[0][..., 3] = frames[1][..., 3] = 255
    for format in CONTAINERS:
        assert [frame.image.mode for frame in open_animation(written(frames, format))] == [
            "RGBA"
        ] * 3


def test_gif_frames_that_browsers_slow_down_are_reported():
    file = io.BytesIO()
    (remark,) = write_animation(
        sprites(3, 3), file, durations=[1000 / 60] * 3, plays=0, format="gif"
    )
    assert "at most 50 frames per second" in remark
    assert (
        write_animation(sprites(3, 3), io.BytesIO(), durations=[20] * 3, plays=0, format="gif")
        == []
    )


@pytest.mark.parametrize(
    ("noise", "side", "count"), [(True, 100, 20), (True, 60, 40), (False, 400, 9), (False, 500, 4)]
)
def test_a_large_file_may_have_more_pixels_than_a_small_one(noise, side, count, monkeypatch):
    rng = np.random.default_rng(0)
    images = [
        Image.fromarray(rng.integers(0, 256 if noise else 1, (side, side), dtype=np.uint8) + each)
        for each in range(count)
    ]
    file = io.BytesIO()
    images[0].save(file, "GIF", save_all=True, append_images=images[1:])
    data, pixels = file.getvalue(), count * side * side
    least = pixels - PIXELS_OF_A_BYTE * len(data)
    assert (least <= 0) == noise
    monkeypatch.setenv("PIXELIZATION_MAX_ANIMATION_PIXELS", str(max(1, least)))
    assert len(list(open_animation(data, name="a.gif"))) == count
    if not noise:
        monkeypatch.setenv("PIXELIZATION_MAX_ANIMATION_PIXELS", str(least - 1))
        with pytest.raises(UserError, match=f"at most {pixels - 1} pixels .*MAX_ANIMATION_PIXELS"):
            open_animation(data, name="a.gif")


@pytest.mark.parametrize(("side", "count"), [(100, 20), (60, 40), (30, 9)])
def test_no_file_is_so_large_that_it_may_have_more_pixels_than_a_video(side, count, monkeypatch):
    rng = np.random.default_rng(0)
    images = [
        Image.fromarray(rng.integers(0, 256, (side, side), dtype=np.uint8)) for _ in range(count)
    ]
    file = io.BytesIO()
    images[0].save(file, "GIF", save_all=True, append_images=images[1:])
    data, pixels = file.getvalue() + bytes(1000), count * side * side
    monkeypatch.setenv("PIXELIZATION_MAX_ANIMATION_PIXELS", "1")
    monkeypatch.setenv("PIXELIZATION_MAX_VIDEO_PIXELS", str(pixels - 1))
    assert len(list(open_animation(data, name="a.gif"))) == count
    monkeypatch.setenv("PIXELIZATION_MAX_VIDEO_PIXELS", str(pixels - 2))
    with pytest.raises(UserError, match="PIXELIZATION_MAX_ANIMATION_PIXELS"):
        open_animation(data, name="a.gif")
