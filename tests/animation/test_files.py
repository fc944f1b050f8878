"""Animations in and out.

What is written comes back, what others wrote is composed as browsers do, damage is named.
"""

import io
import os
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageSequence

from pixelization.animation.frames import ticks
from pixelization.animation.reading import animation_format, open_animation
from pixelization.animation.writing import write_animation
from pixelization.errors import UserError
from pixelization.images.reading import read_image
from tests.measures import refusal

RED, GREEN, BLUE, CLEAR = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0)
CONTAINERS = ("gif", "png", "webp")


def sprites(seed: int, count: int, shape=(9, 7), channels=4, colors=12) -> list[np.ndarray]:
    """Random sprites in few colours.

    The second frame repeats the first, the last differs in one pixel from the one before.
    """
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (colors, 3), dtype=np.uint8)
    frames = [palette[rng.integers(0, colors, shape)] for _ in range(count)]
    if channels == 4:
        masks = [np.where(rng.random((*shape, 1)) < 0.7, 255, 0).astype(np.uint8) for _ in frames]
        frames = [
            np.dstack([frame * (mask > 0), mask]) for frame, mask in zip(frames, masks, strict=True)
        ]
    if count > 2:
        frames[1] = frames[0].copy()
        frames[-1] = frames[-2].copy()
        frames[-1][-1, -1] = 255 - frames[-1][-1, -1] if channels == 3 else RED
    return frames


def written(frames, format, durations=None, plays=0, **options) -> bytes:
    file = io.BytesIO()
    remarks = write_animation(
        frames,
        file,
        durations=durations or [100] * len(frames),
        plays=plays,
        format=format,
        **options,
    )
    assert remarks == []
    return file.getvalue()


def read(data, **options) -> list[np.ndarray]:
    return [np.asarray(frame.image) for frame in open_animation(data, **options)]


def rgba(rows) -> np.ndarray:
    return np.array(rows, np.uint8)


@pytest.mark.parametrize("format", CONTAINERS)
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize(
    ("shape", "count", "plays"), [((9, 7), 6, 0), ((1, 1), 3, 1), ((16, 33), 2, 2), ((5, 8), 1, 7)]
)
def test_frames_durations_and_plays_come_back(format, channels, shape, count, plays):
    frames = sprites(count, count, shape, channels)
    durations = [20, 40, 20, 130, 1000, 50][:count]
    data = written(frames, format, durations, plays)
    with open_animation(data) as reader:
        assert (reader.format, reader.size, reader.plays, reader.count) == (
            format,
            shape[::-1],
            plays,
            count,
        )
        back = list(reader)
    transparent = channels == 4 and any((frame[..., 3] == 0).any() for frame in frames)
    assert reader.mode == ("RGBA" if transparent else "RGB")
    assert [duration for _, duration in back] == durations
    for (image, _), frame in zip(back, frames, strict=True):
        np.testing.assert_array_equal(image, frame if transparent else frame[..., :3])


@pytest.mark.parametrize("format", CONTAINERS)
def test_pillow_reads_the_same(format):
    frames = sprites(5, 6)
    image = Image.open(io.BytesIO(written(frames, format, [20, 40, 20, 130, 1000, 50], 3)))
    assert image.n_frames == 6 and image.info["loop"] == (2 if format == "gif" else 3)
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        pixels = np.asarray(frame.convert("RGBA"))
        np.testing.assert_array_equal(pixels * (pixels[..., 3:] > 0), frames[number])
        assert frame.info["duration"] == [20, 40, 20, 130, 1000, 50][number]


@pytest.mark.parametrize("format", ["gif", "png"])
@pytest.mark.parametrize("channels", [3, 4])
def test_ffmpeg_reads_the_same(format, channels):
    av = pytest.importorskip("av")
    frames = sprites(6, 6, channels=channels)
    with av.open(io.BytesIO(written(frames, format, [20, 40, 20, 130, 1000, 50]))) as container:
        decoded = list(container.decode(video=0))
    start = [float(frame.pts * frame.time_base) for frame in decoded]
    np.testing.assert_allclose(start, np.cumsum([0, 0.02, 0.04, 0.02, 0.13, 1]), atol=1e-6)
    for frame, expected in zip(decoded, frames, strict=True):
        pixels = frame.to_ndarray(format="rgba")
        pixels = pixels * (pixels[..., 3:] > 0)
        np.testing.assert_array_equal(pixels[..., :channels], expected)


@pytest.mark.parametrize("format", CONTAINERS)
def test_a_pixel_that_moves_does_not_store_whole_frames_again(format):
    background = (
        np.random.default_rng(0).integers(0, 2, (64, 64, 1), dtype=np.uint8).repeat(3, axis=2) * 255
    )
    frames = []
    for number in range(20):
        frames.append(background.copy())
        frames[-1][10, 10 + number] = (255, 0, 0)
    data = written(frames, format)
    assert len(data) < 4 * len(written(frames[:1], format))
    for back, frame in zip(read(data), frames, strict=True):
        np.testing.assert_array_equal(back, frame)


def test_exact_durations():
    frames = sprites(1, 4, channels=3)
    durations = [1000 / 24, 1000 / 30, 0, 65535000]
    assert [
        frame.duration for frame in open_animation(written(frames, "png", durations))
    ] == pytest.approx(durations, rel=1e-9)
    durations = [15, 1, 0, 16777215]
    assert [
        frame.duration for frame in open_animation(written(frames, "webp", durations))
    ] == durations


def test_rounded_durations_keep_the_total():
    assert ticks([1000 / 30] * 6, 10, 65535) == [3, 4, 3, 3, 4, 3]
    assert ticks([0, 4, 4, 4, 0, 500], 10, 65535) == [0, 1, 1, 1, 0, 48]
    rng = np.random.default_rng(0)
    for _ in range(50):
        durations = rng.uniform(20, 200, 40).tolist()
        stored = ticks(durations, 10, 65535)
        assert abs(sum(stored) * 10 - sum(durations)) <= 5
        assert all(
            abs(tick * 10 - duration) <= 10
            for tick, duration in zip(stored, durations, strict=True)
        )


@pytest.mark.parametrize(
    ("format", "most"), [("gif", 655350), ("png", 65535000), ("webp", 16777215)]
)
def test_a_frame_that_is_too_long(format, most):
    frames = sprites(2, 3)
    assert [
        frame.duration for frame in open_animation(written(frames, format, [20, most, 20]))
    ] == [20, most, 20]
    with pytest.raises(UserError, match=f"frame 2: .* at most {most}"):
        written(frames, format, [20, most + 10, 20])


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


# Files as other programs write them, by hand. In LZW with 7 bits, bytes below 128 stand for
# themselves.

COLORS = {RED: 1, GREEN: 2, BLUE: 3, CLEAR: 0}
TABLE = bytes([9, 9, 9, 255, 0, 0, 0, 255, 0, 0, 0, 255])


def gif_frame(rows, left=0, top=0, disposal=0, transparent=True, table=b"", control=True) -> bytes:
    index = [COLORS[color] for row in rows for color in row]
    data = bytes([0x80, *index, 0x81])
    head = b"!\xf9\x04" + bytes([disposal << 2 | transparent, 5, 0, 0, 0]) if control else b""
    box = struct.pack("<4HB", left, top, len(rows[0]), len(rows), 0x81 if table else 0)
    return head + b"," + box + table + b"\x07" + bytes([len(data)]) + data + b"\0"


def gif_file(*frames, size=(2, 2), background=0) -> bytes:
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", *size, 0x81, background, 0)
        + TABLE
        + b"".join(frames)
        + b";"
    )


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


def test_gif_disposal_does_not_last():
    file = gif_file(
        gif_frame([[RED, RED], [RED, RED]], disposal=1, transparent=False),
        gif_frame([[GREEN]], disposal=3),
        gif_frame([[BLUE]], left=1),
        gif_frame([[BLUE]], left=1, top=1, control=False),
    )
    np.testing.assert_array_equal(read(file)[3], rgba([[RED, BLUE], [RED, BLUE]])[..., :3])


def test_gif_with_a_table_of_its_own_a_small_first_frame_and_a_late_large_one():
    file = gif_file(
        gif_frame([[RED]], left=1, transparent=False),
        gif_frame([[GREEN], [GREEN], [GREEN]], transparent=False, table=TABLE[::-1]),
    )
    assert open_animation(file).size == (2, 3)
    np.testing.assert_array_equal(
        read(file)[0], rgba([[CLEAR, RED], [CLEAR, CLEAR], [CLEAR, CLEAR]])
    )
    mirrored = (*TABLE[::-1][6:9], 255)
    np.testing.assert_array_equal(
        read(file)[1], rgba([[mirrored, RED], [mirrored, CLEAR], [mirrored, CLEAR]])
    )


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


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_pixels(rows) -> bytes:
    return zlib.compress(
        b"".join(b"\0" + bytes(np.array(row, np.uint8).ravel().tolist()) for row in rows)
    )


def png_file(frames, *, kind=6, extra=b"", hidden=b"", size=(2, 2), plays=0) -> bytes:
    """frames: (rows, left, top, disposal, blend).

    Hidden: rows of a default image that is no frame.
    """
    parts = [png_chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, kind, 0, 0, 0)), extra]
    parts.append(png_chunk(b"acTL", struct.pack(">II", len(frames), plays)))
    if hidden:
        parts.append(png_chunk(b"IDAT", png_pixels(hidden)))
    sequence = 0
    for number, (rows, left, top, disposal, blend) in enumerate(frames):
        place = struct.pack(">5I", sequence, len(rows[0]), len(rows), left, top)
        parts.append(png_chunk(b"fcTL", place + struct.pack(">HHBB", 3, 0, disposal, blend)))
        sequence += 1
        if number == 0 and not hidden:
            parts.append(png_chunk(b"IDAT", png_pixels(rows)))
        else:
            parts.append(png_chunk(b"fdAT", struct.pack(">I", sequence) + png_pixels(rows)))
            sequence += 1
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + png_chunk(b"IEND", b"")


def test_apng_disposal_and_blending():
    half = (0, 255, 0, 128)
    frames = [
        ([[RED, RED], [RED, CLEAR]], 0, 0, 0, 0),
        ([[half, half]], 0, 0, 1, 1),  # over: mixes; then cleared
        ([[BLUE], [CLEAR]], 0, 0, 2, 0),  # in place of what was there; then taken back
        ([[CLEAR]], 1, 0, 0, 1),
    ]
    expected = [
        [[RED, RED], [RED, CLEAR]],
        [[(127, 128, 0, 255), (127, 128, 0, 255)], [RED, CLEAR]],
        [[BLUE, CLEAR], [CLEAR, CLEAR]],
        [[CLEAR, CLEAR], [RED, CLEAR]],
    ]
    file = png_file(frames, plays=4)
    assert open_animation(file).plays == 4
    assert [frame.duration for frame in open_animation(file)] == [30] * 4  # denominator 0 means 100
    for pixels, rows in zip(read(file), expected, strict=True):
        np.testing.assert_array_equal(pixels, rgba(rows))


def test_apng_with_a_default_image_that_is_no_frame():
    frames = [([[GREEN, GREEN], [GREEN, GREEN]], 0, 0, 2, 0), ([[BLUE]], 1, 1, 0, 0)]
    file = png_file(frames, hidden=[[RED, RED], [RED, RED]])
    first, second = read(file)
    np.testing.assert_array_equal(first, rgba([[GREEN, GREEN], [GREEN, GREEN]]))
    np.testing.assert_array_equal(second, rgba([[CLEAR, CLEAR], [CLEAR, BLUE]]))


def test_apng_with_palette_clears_to_transparent():
    extra = png_chunk(b"PLTE", bytes([255, 0, 0, 0, 255, 0])) + png_chunk(b"tRNS", bytes([255]))
    file = png_file([([[0, 1], [1, 0]], 0, 0, 1, 0), ([[1]], 1, 0, 0, 1)], kind=3, extra=extra)
    first, second = read(file)
    np.testing.assert_array_equal(first, rgba([[RED, GREEN], [GREEN, RED]]))
    np.testing.assert_array_equal(second, rgba([[CLEAR, GREEN], [CLEAR, CLEAR]]))


@pytest.mark.parametrize("format", ["png", "webp"])
def test_colour_profiles(format):
    """Of a display with linear light, whose half is 188 of sRGB."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    curve = profile.index(b"para") + 12
    profile[curve : curve + 20] = struct.pack(">5i", 1 << 16, 1 << 16, 0, 1 << 16, 0)
    frames = [Image.new("RGB", (4, 4), (grey,) * 3) for grey in (128, 0)]
    file = io.BytesIO()
    frames[0].save(
        file,
        format,
        save_all=True,
        append_images=frames[1:],
        icc_profile=bytes(profile),
        lossless=True,
    )
    with open_animation(file.getvalue()) as reader:
        assert [read_image(frame.image).getpixel((0, 0)) for frame in reader] == [
            (188,) * 3,
            (0,) * 3,
        ]


def test_still_images_are_animations_of_one_frame(tmp_path):
    for format in ("GIF", "PNG", "WEBP"):
        file = io.BytesIO()
        Image.new("RGB", (4, 3), "red").save(file, format)
        with open_animation(file.getvalue()) as reader:
            assert (reader.count, reader.plays, len(list(reader))) == (1, 1, 1)
        assert animation_format(file.getvalue()) is None


def test_animation_format(tmp_path):
    for format in CONTAINERS:
        path = tmp_path / f"anything.{format}"
        path.write_bytes(written(sprites(0, 3), format))
        assert (
            animation_format(path)
            == animation_format(str(path))
            == animation_format(path.read_bytes())
            == format
        )
        assert animation_format(written(sprites(0, 1), format)) is None
    assert animation_format("walk_%04d.png") == animation_format(tmp_path / "%d.png") == "sequence"
    (tmp_path / "100%d.png").write_bytes(b"x")
    assert animation_format(tmp_path / "100%d.png") is None  # the name of a file
    (tmp_path / "clip.mp4").write_bytes(b"\0\0\0\x18ftypisom")
    assert animation_format(tmp_path / "clip.mp4") == "mp4"
    for data in (b"", b"GIF89a", b"text", b"RIFF\0\0\0\0WEBP", b"\x89PNG\r\n\x1a\n"):
        assert animation_format(data) is None
    assert animation_format(tmp_path / "missing.gif") is None and animation_format(tmp_path) is None


def test_avif_and_heic_are_still_images():
    for brand in (b"avif", b"heic", b"heix", b"hevc", b"mif1", b"msf1"):
        data = b"\0\0\0\x1cftyp" + brand + b"\0\0\0\0"
        assert animation_format(data) is None
        with pytest.raises(UserError, match="not an animation of a known format"):
            open_animation(data)


def test_apng_that_is_played_more_often_than_the_format_knows():
    frames = [([[RED]], 0, 0, 0, 0), ([[GREEN]], 0, 0, 0, 0)]
    assert open_animation(png_file(frames, plays=(1 << 31) - 1)).plays == (1 << 31) - 1
    assert open_animation(png_file(frames, plays=1 << 31)).plays == 0


def test_unreadable_sources(tmp_path):
    missing = tmp_path / "no.gif"
    for source, reason in (
        (missing, "no such file"),
        (tmp_path, "is a folder"),
        (b"", "is empty"),
        (b"text", "known format"),
    ):
        with pytest.raises(UserError, match=reason) as caught:
            open_animation(source)
        assert "\n" not in str(caught.value)
    with pytest.raises(UserError, match="stdin: is not"):
        open_animation(b"text", name="stdin")
    for fps in (0, -1, float("nan"), float("inf"), 1e-310):
        with pytest.raises(UserError, match="frames per second"):
            open_animation(written(sprites(0, 2), "gif"), fps=fps)


@pytest.mark.parametrize("format", CONTAINERS)
def test_every_truncation_is_an_error(format):
    data = written(sprites(7, 3, (5, 4)), format)
    assert len(read(data)) == 3
    for length in range(1, len(data)):
        with pytest.raises(UserError, match="^cut: "):
            read(data[:length], name="cut")


@pytest.mark.parametrize("format", CONTAINERS)
def test_damage_raises_nothing_but_user_errors(format):
    data = written(sprites(8, 3, (6, 6)), format)
    rng = np.random.default_rng(0)
    failed = 0
    for _ in range(400):
        damaged = bytearray(data)
        # Not in the size of the canvas: libwebp would take hundreds of megabytes for it, many
        # times.
        for position in rng.integers(30 if format == "webp" else 6, len(data), rng.integers(1, 4)):
            damaged[position] = rng.integers(0, 256)
        message = refusal(lambda damaged=damaged: read(bytes(damaged), name="hurt"))
        if message is not None:
            failed += 1
            assert message.startswith("hurt: ") and "\n" not in message
    assert failed > 100


def test_frames_are_read_one_at_a_time_and_the_damaged_one_is_named():
    frames = [np.full((8, 8, 3), value, np.uint8) for value in (0, 80, 160)]
    good = png_file([(frame.tolist(), 0, 0, 0, 0) for frame in frames], kind=2, size=(8, 8))
    body = png_pixels(frames[2].tolist())
    at = good.rfind(b"fdAT") - 4
    bad = good[:at] + png_chunk(b"fdAT", struct.pack(">I", 4) + body[:6]) + png_chunk(b"IEND", b"")
    frames = iter(open_animation(bad, name="walk.png"))
    assert np.asarray(next(frames).image).max() == 0 and np.asarray(next(frames).image).max() == 80
    with pytest.raises(UserError, match="walk.png: frame 3 is damaged"):
        next(frames)


def test_too_large_and_empty():
    huge = gif_file(gif_frame([[RED]]), size=(60000, 60000))
    with pytest.raises(UserError, match="too large"):
        open_animation(huge)
    with pytest.raises(UserError, match="too large"):
        open_animation(png_file([([[RED]], 0, 0, 0, 0)], size=(60000, 60000)))
    with pytest.raises(UserError, match="no frame"):
        open_animation(gif_file())


def test_a_reader_can_be_read_twice_and_takes_another_speed():
    reader = open_animation(written(sprites(9, 4), "webp", [10, 20, 30, 40]), fps=20)
    assert [frame.duration for frame in reader] == [50] * 4 == [frame.duration for frame in reader]
    with reader:
        pass
    with pytest.raises(ValueError, match="closed"):
        list(reader)


def test_numbered_images(tmp_path):
    frames = sprites(10, 4)
    pattern = tmp_path / "out" / "walk_%04d.png"
    assert write_animation(frames, pattern, durations=[80] * 4, plays=0, format="sequence") == []
    assert sorted(os.listdir(pattern.parent)) == [
        f"walk_{number:04d}.png" for number in (1, 2, 3, 4)
    ]
    with open_animation(str(pattern)) as reader:
        assert (reader.format, reader.mode, reader.size, reader.plays, reader.count) == (
            "sequence",
            "RGBA",
            (7, 9),
            0,
            4,
        )
        for (image, duration), frame in zip(reader, frames, strict=True):
            assert duration == pytest.approx(1000 / 12)
            np.testing.assert_array_equal(image, frame)
    assert next(iter(open_animation(pattern, fps=25))).duration == 40


def test_numbers_start_anywhere_and_have_no_gaps(tmp_path):
    colors = {8: "red", 9: "lime", 10: "blue", 11: "white"}
    for number, color in colors.items():
        Image.new("RGB", (3, 2), color).save(tmp_path / f"a[{number}].png")
    Image.new("RGB", (3, 2)).save(tmp_path / "a[0013].png")  # not what %d writes
    Image.new("RGB", (3, 2)).save(tmp_path / "a[7]x.png")
    firsts = [frame.image.getpixel((0, 0)) for frame in open_animation(tmp_path / "a[%d].png")]
    assert firsts == [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
    (tmp_path / "a[10].png").unlink()
    with pytest.raises(UserError, match=r"a\[10\]\.png: is missing"):
        open_animation(tmp_path / "a[%d].png")
    with pytest.raises(UserError, match="no images with such names"):
        open_animation(tmp_path / "b%d.png")
    with pytest.raises(UserError, match="nowhere: cannot be read"):
        open_animation(tmp_path / "nowhere" / "b%d.png")


def test_numbered_images_of_different_sizes(tmp_path):
    Image.new("RGB", (3, 2)).save(tmp_path / "1.png")
    Image.new("RGB", (2, 3)).save(tmp_path / "2.png")
    with pytest.raises(UserError, match="2.png: has 2x3 pixels, the first has 3x2"):
        list(open_animation(tmp_path / "%d.png"))


def test_numbered_images_are_not_overwritten(tmp_path):
    frames = sprites(11, 3)
    pattern = tmp_path / "%d.png"
    (tmp_path / "3.png").write_bytes(b"mine")
    with pytest.raises(UserError, match="3.png: exists"):
        write_animation(frames, pattern, durations=[10] * 3, plays=0, format="sequence")
    assert os.listdir(tmp_path) == ["3.png"]
    (remark,) = write_animation(frames[:2], pattern, durations=[10, 10], plays=0, format="sequence")
    assert "3.png: was there before" in remark
    (remark,) = write_animation(
        frames, pattern, durations=[10, 20, 10], plays=0, format="sequence", overwrite=True
    )
    assert "durations" in remark
    for name in ("walk.png", "%d_%d.png"):
        with pytest.raises(UserError, match="one place for the number"):
            write_animation(frames, tmp_path / name, durations=[10] * 3, plays=0, format="sequence")
    with pytest.raises(UserError, match="stream"):
        write_animation(frames, io.BytesIO(), durations=[10] * 3, plays=0, format="sequence")


def test_files_appear_whole_and_are_not_overwritten(tmp_path):
    frames = sprites(12, 2)
    path = tmp_path / "new" / "walk.gif"
    write_animation(frames, path, durations=[50, 50], plays=0, format="gif")
    before = path.read_bytes()
    with pytest.raises(UserError, match="walk.gif: exists"):
        write_animation(frames[:1], path, durations=[50], plays=0, format="gif")
    with pytest.raises(UserError, match="too long"):
        write_animation(frames, path, durations=[50, 1e9], plays=0, format="gif", overwrite=True)
    assert path.read_bytes() == before
    write_animation(frames[:1], str(path), durations=[50], plays=0, format="gif", overwrite=True)
    assert path.read_bytes() != before and os.listdir(path.parent) == ["walk.gif"]
    with pytest.raises(UserError, match="cannot be written"):
        write_animation(frames, path / "below.gif", durations=[50, 50], plays=0, format="gif")


def test_programming_mistakes():
    frames = sprites(13, 2)

    def write(frames, durations=(10, 10), plays=0, format="gif"):
        write_animation(frames, io.BytesIO(), durations=durations, plays=plays, format=format)

    for mistake in (
        lambda: write([], ()),
        lambda: write([frames[0], frames[1][..., :3]]),
        lambda: write([frames[0], frames[1][:2]]),
        lambda: write([frame.astype(float) for frame in frames]),
        lambda: write([frame[..., 0] for frame in frames]),
        lambda: write(frames, (10,)),
        lambda: write(frames, (10, -1)),
        lambda: write(frames, (10, float("nan"))),
        lambda: write(frames, plays=-1),
        lambda: write(frames, format="jpg"),
    ):
        with pytest.raises(ValueError, match="expected|needs|unknown"):
            mistake()


@pytest.fixture
def av():
    return pytest.importorskip("av", minversion="15")


@pytest.mark.parametrize(
    ("format", "factor", "tolerance"),
    [("mp4", 1, 2), ("mp4", 2, 5), ("webm", 1, 0), ("webm", 2, 0)],
)
def test_videos_keep_colors_and_durations(av, tmp_path, format, factor, tolerance):
    frames = [
        frame.repeat(factor, axis=0).repeat(factor, axis=1)
        for frame in sprites(14, 6, (11, 17), 3, 256)
    ]
    durations = [10, 33, 100, 250, 41, 77]
    path = tmp_path / "walk"
    assert write_animation(frames, path, durations=durations, plays=0, format=format) == []
    with open_animation(path) as reader:
        assert (reader.format, reader.mode, reader.size, reader.plays) == (
            format,
            "RGB",
            (17 * factor, 11 * factor),
            0,
        )
        assert reader.count in (6, None)
        back = list(reader)
    assert [frame.duration for frame in back] == durations
    for (image, _), frame in zip(back, frames, strict=True):
        assert np.abs(np.asarray(image).astype(int) - frame).max() <= tolerance
    with av.open(str(path)) as container:
        layout = container.streams.video[0].pix_fmt
    assert layout == {("mp4", 1): "yuv444p", ("mp4", 2): "yuv420p"}.get((format, factor), "gbrp")


def test_webm_keeps_alpha(av):
    frames = [
        frame.repeat(2, axis=0).repeat(2, axis=1) for frame in sprites(15, 4, (13, 17), 4, 256)
    ]
    back = read(written(frames, "webm", [30, 0, 20, 60]))
    for pixels, frame in zip(back, frames, strict=True):
        np.testing.assert_array_equal(pixels[..., 3], frame[..., 3])
        assert (np.abs(pixels.astype(int) - frame)[frame[..., 3] > 0] <= 5).all()
    file = io.BytesIO()
    (remark,) = write_animation(
        [frame[1:, 1:] for frame in frames], file, durations=[9] * 4, plays=0, format="webm"
    )
    assert "half the size" in remark


def test_mp4_has_a_white_background(av):
    frames = sprites(16, 3, (8, 8))
    file = io.BytesIO()
    (remark,) = write_animation(frames, file, durations=[50] * 3, plays=0, format="mp4")
    assert "white" in remark
    for pixels, frame in zip(read(file.getvalue()), frames, strict=True):
        assert pixels[frame[..., 3] == 0].min() >= 253


def test_videos_filmed_upright_are_turned(av):
    frame = np.zeros((8, 12, 3), np.uint8)
    frame[:4, :6] = (255, 0, 0)  # above left; after a quarter turn clockwise it is above right
    data = bytearray(written([frame] * 3, "mp4"))
    matrix = data.find(b"tkhd") + 44
    data[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    assert open_animation(bytes(data)).size == (8, 12)
    turned = read(bytes(data))[0]
    assert turned[:6, 4:, 0].min() > 250 and turned[:, :4].max() < 5 and turned[6:].max() < 5


@pytest.mark.parametrize("format", ["mp4", "webm"])
def test_truncated_videos(av, format):
    data = written(sprites(17, 4, (12, 12), 3), format)
    for part in np.linspace(0.01, 0.9, 25):
        with pytest.raises(UserError, match="^cut: "):
            read(data[: int(len(data) * part)], name="cut")


def test_videos_without_pyav(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(UserError, match=r"pip install 'pixelization\[video\]'"):
        open_animation(b"\0\0\0\x18ftypisom")
    with pytest.raises(UserError, match=r"pip install 'pixelization\[video\]'"):
        write_animation(sprites(0, 2), io.BytesIO(), durations=[9, 9], plays=0, format="mp4")


def test_titles_of_videos_in_another_encoding(av):
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        container.metadata["title"] = "Cafe au lait"
        stream = container.add_stream("libx264", rate=10)
        stream.width = stream.height = 16
        container.mux(stream.encode(av.VideoFrame(16, 16, "yuv420p")))
        container.mux(stream.encode(None))
    data = file.getvalue()
    assert b"Cafe" in data
    assert len(read(data.replace(b"Cafe", b"Caf\xe9"))) == 1


@pytest.mark.parametrize(("format", "most"), [("GIF", 65535), ("WebP", 16384)])
def test_frames_that_a_format_cannot_hold(format, most):
    for shape in ((1, most + 1, 3), (most + 1, 1, 3)):
        with pytest.raises(UserError, match=f"too large for {format}: at most {most} per side"):
            written([np.zeros(shape, np.uint8)], format.lower())


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
