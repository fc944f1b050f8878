"""MP4 and WebM with PyAV, the optional extra ``video``.

| written | codec | colours off by | plays in |
|---|---|---|---|
| MP4, even | H.264 High, 4:2:0, QP 1 | 4 | everything |
| MP4, else | H.264 High 4:4:4 Predictive, lossless | 2 | VLC, mpv, ffmpeg, editors |
| WebM, RGB | VP9 profile 1, lossless RGB | 0 | ffmpeg, mpv, VLC, Chrome |
| WebM, RGBA, even | VP9, lossless 4:2:0, and alpha | 4 | Chrome, Firefox, ffmpeg |
| WebM, RGBA, else | the same | blurred | the same |

Even: every 2x2 block has one colour, as in sprites that are enlarged by an even number. MP4 has no
transparency: white takes its place. Videos hold no number of plays.
"""

import io
import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from PIL import Image

from pixelization.animation.frames import AnimationSource, Frame, Played, check_work, ticks
from pixelization.errors import UserError
from pixelization.images.opening import check_size, decoding
from pixelization.limits import PIXELS, VIDEO_PIXELS
from pixelization.optional import missing

DEMUXERS = {"mp4": "mp4", "webm": "matroska"}  # of FFmpeg; the former reads QuickTime, too
MILLISECOND = Fraction(1, 1000)
UNTIMED = 100.0  # ms that browsers show frames of 0 ms for; a video cannot hold those
BT709, BT601 = 1, 5  # of the matrix; 1 of the transfer function and the primaries too, ITU-T H.273
# RGB in [0, 255] -> Y, Cb, Cr in the "limited" range of 8 bits, ITU-R BT.709.
LUMA = np.array([0.2126, 0.7152, 0.0722])
TO_YUV = (
    np.stack([LUMA * 219, ([0, 0, 1] - LUMA) / 1.8556 * 224, ([1, 0, 0] - LUMA) / 1.5748 * 224])
    / 255
)


def read_video(source: str | Path | bytes, kind: str, name: str) -> AnimationSource:
    """Open the first picture stream of a video.

    FFmpeg gets an open file and the kind of container: it takes some names for orders to read other
    files or the network.

    Args:
        source: path, or the file's bytes.
        kind: "mp4" or "webm".
        name: how messages call it.

    Raises:
        UserError: PyAV is not installed; damaged or truncated, without pictures, or too large.
    """
    av = _pyav()
    if kind == "webm":
        _check_complete(source, name)
    with _opened(av, source, kind, name) as container, decoding(f"{name}: frame 1"):
        stream = container.streams.video[0]
        check_size((stream.width, stream.height), name)
        count = stream.frames or None
        hidden = stream.metadata.get("alpha_mode") == "1"
        end = container.duration / 1000 if container.duration else None
        if stream.duration and stream.time_base:
            end = float(((stream.start_time or 0) + stream.duration) * stream.time_base * 1000)
        first = next(container.decode(stream), None)
        if first is None:
            raise UserError(f"{name}: is truncated: it ends before frame 1")
        turns = round(first.rotation / 90) % 4
        size = (first.width, first.height) if turns % 2 == 0 else (first.height, first.width)
        alpha = (
            hidden
            or stream.format.has_palette
            or any(part.is_alpha for part in stream.format.components)
        )
    check_size(size, name)
    check_work(size, count or 1, name, VIDEO_PIXELS)
    video = _Video(av, source, kind, name, size, count, turns, alpha, hidden)
    return AnimationSource(kind, size, 0, count, alpha, lambda: _timed(video.pictures(), end, name))


@dataclass(frozen=True)
class _Video:
    """A video of which the first picture has been looked at.

    Attributes:
        av: PyAV.
        source: path, or the file's bytes.
        kind: "mp4" or "webm".
        name: how messages call it.
        size: (width, height) of all pictures, as they are seen.
        count: number of pictures, if the file says it.
        turns: quarter turns to the left: telephones film upright with a camera that lies.
        alpha: whether pictures are RGBA.
        hidden: alpha is a second picture that most decoders skip, as in WebM.
    """

    av: ModuleType
    source: str | Path | bytes
    kind: str
    name: str
    size: tuple[int, int]
    count: int | None
    turns: int
    alpha: bool
    hidden: bool

    def pictures(self) -> Iterator[tuple[Image.Image, float | None]]:
        """From the first one, with the times in milliseconds at which they start, if known."""
        with _opened(self.av, self.source, self.kind, self.name) as container:
            decoded = self._decoded(container)
            for number in itertools.count(1):
                with decoding(f"{self.name}: frame {number}"):
                    array, time = next(decoded, (None, None))
                if array is None:
                    break
                check_work(self.size, number, self.name, VIDEO_PIXELS)
                if array.shape[1::-1] != self.size:
                    raise UserError(
                        f"{self.name}: frame {number}: the size changes: all frames must have one "
                        "size"
                    )
                yield Image.fromarray(array), time
        if number == 1 or (self.count and number <= self.count):
            raise UserError(f"{self.name}: is truncated: it ends before frame {number}")

    def _decoded(self, container: Any) -> Iterator[tuple[np.ndarray, float | None]]:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        hidden = self.hidden
        decoder = self.av.CodecContext.create("libvpx-vp9", "r") if hidden else stream.codec_context
        for packet in container.demux(stream):
            if packet.size == 0 and hidden:
                packet = None  # the end
            for frame in decoder.decode(packet):
                check_size((frame.width, frame.height), self.name)
                layout = "rgba" if self.alpha and not hidden else "rgb24"
                array = frame.to_ndarray(
                    format=layout, src_colorspace=_matrix(frame), dst_colorspace=BT601
                )
                if hidden:
                    # swscale 9 leaves garbage at the right edge of yuva420p -> rgba at many widths.
                    array = np.dstack([array, _alpha(frame)])
                base = frame.time_base or stream.time_base
                time = None if frame.pts is None else float(frame.pts * base * 1000)
                yield np.rot90(array, self.turns), time


@contextmanager
def _opened(av: ModuleType, source: str | Path | bytes, kind: str, name: str) -> Iterator[Any]:
    """The container of a video, which has pictures."""
    with ExitStack() as stack:
        with decoding(name):
            file = io.BytesIO(source) if isinstance(source, bytes) else io.FileIO(source)
            stack.enter_context(file)
            container = stack.enter_context(
                # Titles are often not in UTF-8, and nobody reads them here.
                av.open(file, format=DEMUXERS[kind], metadata_errors="ignore")
            )
        if not container.streams.video or not container.streams.video[0].codec_context:
            raise UserError(f"{name}: has no pictures")
        container.streams.video[0].codec_context.options = {"max_pixels": str(PIXELS.value)}
        yield container


def write_video(played: Played, kind: str) -> tuple[bytes, list[str]]:
    """An MP4 or WebM file; the head of this module says with which codec.

    Args:
        played: its durations are stored in whole milliseconds, 0 as 100.
        kind: "mp4" or "webm".

    Returns:
        The file, and remarks for the user.

    Raises:
        UserError: PyAV is not installed, or the encoder refuses the frames.
    """
    av = _pyav()
    remarks = []
    frames = played.frames
    height, width, channels = frames[0].shape
    even = height % 2 == 0 and width % 2 == 0 and all(_doubled(frame) for frame in frames)
    if kind == "mp4":
        codec, layout = "libx264", "yuv420p" if even else "yuv444p"
        # 0 would be lossless in 4:2:0 too, in a profile that few players know
        options = {"qp": "1" if even else "0"}
        if channels == 4 and any((frame[..., 3] == 0).any() for frame in frames):
            remarks.append(
                "MP4 has no transparency: the background is white; write WebM, WebP or APNG to "
                "keep it"
            )
    else:
        codec, layout = "libvpx-vp9", "yuva420p" if channels == 4 else "gbrp"
        options = {"lossless": "1"}
        if channels == 4 and not even:
            remarks.append(
                "WebM with transparency holds colours at half the size: enlarge 2, 4, ... times, "
                "or write WebP"
            )
    file = io.BytesIO()
    try:
        with av.open(file, "w", format=kind) as container:
            stream = container.add_stream(codec, rate=25, options=options)
            stream.width, stream.height, stream.pix_fmt = width, height, layout
            context = stream.codec_context
            context.time_base, context.thread_count, context.max_b_frames = MILLISECOND, 1, 0
            context.colorspace, context.color_range = (BT709, 1) if layout != "gbrp" else (0, 2)
            context.color_primaries = context.color_trc = BT709
            lengths = ticks([duration or UNTIMED for duration in played.durations], 1, 1 << 30)
            starts = np.cumsum([0, *lengths[:-1]]).tolist()
            length_at = dict(zip(starts, lengths, strict=True))
            for pixels, start in zip(frames, starts, strict=True):
                frame = _frame(av, pixels, layout)
                frame.pts, frame.time_base = start, MILLISECOND
                _mux(container, stream.encode(frame), length_at)
            _mux(container, stream.encode(None), length_at)
    except (av.FFmpegError, ValueError) as error:
        raise UserError(
            f"{kind}: the video encoder refuses frames of {width}x{height} pixels ({error})"
        ) from None
    return file.getvalue(), remarks


def _pyav() -> ModuleType:
    try:
        import av  # noqa: PLC0415 - an optional package
    except ImportError:
        raise missing("PyAV", "video") from None
    return av


def _check_complete(source: str | Path | bytes, name: str) -> None:
    """Refuse a WebM file that ends too early.

    Unlike MP4 it counts no frames, and ffmpeg just stops there.
    """
    if isinstance(source, bytes):
        head, there = source[:4096], len(source)
    else:
        with open(source, "rb") as file:
            head, there = file.read(4096), Path(source).stat().st_size
    at = head.find(b"\x18\x53\x80\x67") + 4  # Segment, which holds all that follows
    if at < 4 or at >= len(head) or not head[at]:
        return
    bytes_of_size = 9 - head[at].bit_length()
    unknown = (1 << 7 * bytes_of_size) - 1
    size = int.from_bytes(head[at : at + bytes_of_size], "big") & unknown
    if size != unknown and at + bytes_of_size + size > there:
        raise UserError(
            f"{name}: is truncated: it ends at byte {there} of {at + bytes_of_size + size}"
        )


def _timed(
    pictures: Iterator[tuple[Image.Image, float | None]], end: float | None, name: str
) -> Iterator[Frame]:
    """Durations from the times at which pictures start and the last one ends."""
    image, start = next(pictures)
    duration = UNTIMED
    for number, (following, time) in enumerate(pictures, 2):
        if start is not None and time is not None:
            duration = time - start
        if duration < 0:
            raise UserError(f"{name}: is damaged: the time of frame {number} runs backwards")
        yield Frame(image, duration)
        image, start = following, time
    yield Frame(
        image, end - start if end is not None and start is not None and end > start else duration
    )


def _doubled(frame: np.ndarray) -> bool:
    """Whether every 2x2 block has one colour."""
    corner = frame[::2, ::2]
    return all(
        np.array_equal(corner, frame[row::2, column::2]) for row, column in ((0, 1), (1, 0), (1, 1))
    )


def _frame(av: ModuleType, pixels: np.ndarray, layout: str) -> Any:
    """A sprite as a PyAV frame; converted here, because swscale rounds colours more coarsely."""
    height, width, channels = pixels.shape
    rgb = pixels[..., :3]
    if layout == "gbrp":
        planes = [rgb[..., channel] for channel in (1, 2, 0)]
    else:
        if channels == 4 and layout != "yuva420p":
            rgb = np.where(pixels[..., 3:] == 0, np.uint8(255), rgb)
        yuv = rgb @ TO_YUV.T + (16, 128, 128)
        planes = [yuv[..., 0]]
        for channel in (1, 2):
            chroma = yuv[..., channel]
            planes.append(chroma if layout == "yuv444p" else _halved(chroma))
        if layout == "yuva420p":
            planes.append(pixels[..., 3])
    frame = av.VideoFrame(width, height, layout)
    for plane, values in zip(frame.planes, planes, strict=True):
        padded = np.zeros((plane.height, plane.line_size), np.uint8)
        padded[:, : plane.width] = np.rint(values)
        plane.update(padded)
    return frame


def _matrix(frame: Any) -> int:
    """How colours are coded.

    Where the file does not say, players take BT.601 for small pictures and BT.709 for large.
    """
    if frame.colorspace != 2:
        return frame.colorspace
    return BT709 if frame.height >= 720 else BT601


def _alpha(frame: Any) -> np.ndarray:
    plane = frame.planes[3]
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def _halved(plane: np.ndarray) -> np.ndarray:
    """Means of 2x2 blocks; those at an odd edge repeat it."""
    height, width = plane.shape
    plane = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    return plane.reshape(len(plane) // 2, 2, -1, 2).mean(axis=(1, 3))


def _mux(container: Any, packets: list, length_at: dict[int, int]) -> None:
    for packet in packets:
        # Encoders leave the duration out, and nothing but it tells when the last frame ends.
        packet.duration = length_at[round(packet.pts * packet.time_base * 1000)]
        container.mux(packet)
