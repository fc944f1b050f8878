"""MP4 and WebM."""

import io
import struct
import sys

import numpy as np
import pytest

from pixelization.animation.reading import open_animation
from pixelization.animation.writing import write_animation
from pixelization.errors import UserError
from tests.animation.files import read, sprites, written


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


@pytest.mark.parametrize("name", ["concat:secret.mp4", "http:x.mp4", "file:a.mp4", "12:30.mp4"])
def test_names_are_no_orders_to_ffmpeg(av, tmp_path, monkeypatch, name):
    """FFmpeg would read another file, or ask the network."""
    monkeypatch.chdir(tmp_path)
    red, blue = (np.full((16, 16, 3), color, np.uint8) for color in ((250, 0, 0), (0, 0, 250)))
    (tmp_path / "secret.mp4").write_bytes(written([red] * 2, "mp4"))
    (tmp_path / name).write_bytes(written([blue] * 2, "mp4"))
    assert len(list(open_animation(name))) == 2
    assert next(iter(open_animation(name))).image.getpixel((8, 8))[0] < 10


def test_a_name_that_is_no_file_is_not_looked_for_elsewhere(av, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.mp4").write_bytes(written([np.zeros((16, 16, 3), np.uint8)] * 2, "mp4"))
    for name in ("concat:secret.mp4", "file:secret.mp4", "subfile,,start,0,end,0,,:secret.mp4"):
        with pytest.raises(UserError, match="no such file"):
            open_animation(name)


def test_only_the_container_that_a_file_shows_is_tried(av, tmp_path):
    """Other demuxers follow lists of further files."""
    (tmp_path / "secret.mp4").write_bytes(written([np.zeros((16, 16, 3), np.uint8)] * 2, "mp4"))
    listing = b"\0\0\0\x08wide\n#EXTM3U\n#EXTINF:1,\n" + bytes(tmp_path / "secret.mp4") + b"\n"
    (tmp_path / "list.mp4").write_bytes(listing)
    with pytest.raises(UserError, match="list.mp4: "):
        open_animation(tmp_path / "list.mp4")


def test_times_that_run_backwards_are_one_line(av):
    data = written([np.zeros((16, 16, 3), np.uint8)] * 3, "webm", [50, 50, 50])
    hurt = data.replace(b"\x81\x00\x32", b"\x81\x00\xc8")  # frame 2, at 200 ms instead of 50
    assert hurt != data
    with pytest.raises(UserError, match="a.webm: is damaged: the time of frame 3 runs backwards"):
        read(hurt, name="a.webm")


def test_long_and_large_videos_are_refused(av, monkeypatch):
    for format in ("mp4", "webm"):
        data = written([np.zeros((16, 16, 3), np.uint8)] * 3, format)
        monkeypatch.setenv("PIXELIZATION_MAX_FRAMES", "2")
        with pytest.raises(UserError, match="3 frames, at most 2 .*PIXELIZATION_MAX_FRAMES"):
            read(data)
        monkeypatch.delenv("PIXELIZATION_MAX_FRAMES")
        monkeypatch.setenv("PIXELIZATION_MAX_VIDEO_PIXELS", "600")
        with pytest.raises(UserError, match="3 frames of 16x16 .*PIXELIZATION_MAX_VIDEO_PIXELS"):
            read(data)
        monkeypatch.delenv("PIXELIZATION_MAX_VIDEO_PIXELS")
        monkeypatch.setenv("PIXELIZATION_MAX_PIXELS", "255")
        with pytest.raises(UserError, match="16x16 pixels.*PIXELIZATION_MAX_PIXELS"):
            read(data)
        monkeypatch.delenv("PIXELIZATION_MAX_PIXELS")
