"""One way to read animations, whatever file they are in."""

import math
from collections.abc import Iterator
from pathlib import Path

from pixelization.animation import apng, aseprite, avif, gif, sequence, video, webp
from pixelization.animation.frames import AnimationSource, Frame, is_transparent
from pixelization.errors import UserError
from pixelization.files import is_pipe, read_whole, reading
from pixelization.images import gif as gif_blocks, png
from pixelization.images.aseprite import frame_count, is_aseprite
from pixelization.images.gif import GIF_SIGNATURES
from pixelization.images.opening import within_memory
from pixelization.images.png import PNG_SIGNATURE

# Brands of AVIF and HEIC images, whose files begin as those of MP4 do.
STILLS = (b"avif", b"heic", b"heix", b"hevc", b"mif1", b"msf1")
HEAD = 256  # bytes that tell the kind of a file
VIDEOS = ("mp4", "webm")


class AnimationReader:
    """The frames of an animation, read one at a time; every loop over it starts at the first frame.

    Attributes:
        format: "gif", "png", "webp", "aseprite", "mp4" (QuickTime too), "webm" (Matroska too) or
            "sequence".
        mode: "RGBA" if any pixel of any frame is transparent, else "RGB"; all frames have it.
        size: (width, height) of every frame.
        plays: how often the animation is played in all, 0 for forever; videos and numbered images
            do not say: 0.
        count: number of frames; None for videos that do not say.
        remarks: one line each: what the file lacks, or what was left out.
        tags: frames that have a name; only of Aseprite's sprites.
    """

    def __init__(self, source: AnimationSource, fps: float | None, name: str) -> None:
        """Read ahead, only as far as needed, to find out whether any pixel is transparent.

        Args:
            source: what to read.
            fps: frames per second, which replace the file's durations.
            name: how messages call it.
        """
        self._name = name
        self.format, self.size, self.plays, self.count, self.remarks = (
            source.format,
            source.size,
            source.plays,
            source.count,
            source.remarks,
        )
        self.tags = source.tags
        self._frames = source.frames
        self._duration = 1000 / fps if fps else None
        # Whether a frame is transparent is known for sure only when it is composed.
        with within_memory(name):
            transparent = source.alpha and any(
                is_transparent(frame.image) for frame in source.frames()
            )
        self.mode = "RGBA" if transparent else "RGB"

    def __iter__(self) -> Iterator[Frame]:
        """The frames from the first on.

        Raises:
            UserError: a frame is damaged; the message names it.
        """
        with within_memory(self._name):
            for image, duration in self._frames():
                yield Frame(
                    image if image.mode == self.mode else image.convert(self.mode),
                    duration if self._duration is None else self._duration,
                )

    def __enter__(self) -> "AnimationReader":
        return self

    def __exit__(self, *error: object) -> None:
        self._frames = _closed


def open_animation(
    source: str | Path | bytes, *, name: str | None = None, fps: float | None = None
) -> AnimationReader:
    """Open an animation: GIF, APNG, WebP, Aseprite's, numbered images, or (with the extra
    ``video``) MP4 and WebM.

    The kind of a file is told by its content. Images that do not move are animations of one frame,
    of 0 ms.

    Args:
        source: path, the file's bytes, or a printf pattern such as ``walk_%04d.png``: consecutive
            numbers from the first that exists.
        name: how messages call the source; the path if not given.
        fps: frames per second; replaces the file's durations; 12 if not given for numbered images.

    Raises:
        UserError: no such file, no animation, damaged, truncated, empty or too large; numbers are
            missing.
    """
    if fps is not None and not (0 < fps < math.inf and math.isfinite(1000 / fps)):
        raise UserError(
            f"{fps:g} frames per second: give a number above 0, such as {sequence.FPS:g}"
        )
    if isinstance(source, str | Path) and sequence.is_pattern(source):
        return AnimationReader(sequence.read_sequence(source), fps, str(source))
    name = name or ("the animation" if isinstance(source, bytes) else str(source))
    if not isinstance(source, bytes) and is_pipe(source):
        source = read_whole(source)
    head = source[:HEAD] if isinstance(source, bytes) else _head(Path(source))
    if not head:
        raise UserError(f"{name}: the file is empty")
    kind = _kind(head)
    if kind is None:
        raise UserError(
            f"{name}: is not an animation of a known format (GIF, APNG, WebP, AVIF, Aseprite, "
            "MP4, WebM, numbered images)"
        )
    if kind in VIDEOS:
        return AnimationReader(video.read_video(source, kind, name), fps, name)
    data = source if isinstance(source, bytes) else read_whole(source)
    read = {
        "gif": gif.read_gif,
        "png": apng.read_apng,
        "webp": webp.read_webp,
        "avif": avif.read_avif,
        "aseprite": aseprite.read_aseprite,
    }[kind]
    with within_memory(name):
        return AnimationReader(read(data, name), fps, name)


def animation_format(source: str | Path | bytes) -> str | None:
    """The format of a file that has more than one frame, as far as its structure tells; nothing is
    decoded.

    Videos and printf patterns always count, pipes never: they can be read only once. A sequence in
    AVIF counts as "png": AVIF is not written. None for still images and what cannot be read:
    opening it says what is wrong.
    """
    try:
        if isinstance(source, str | Path) and sequence.is_pattern(source):
            return "sequence"
        if not isinstance(source, bytes) and is_pipe(source):
            return None  # what is looked at here would be gone
        head = source[:HEAD] if isinstance(source, bytes) else _head(Path(source))
        kind = _kind(head)
        if kind is None or kind in VIDEOS:
            return kind
        if kind == "avif":
            return "png"
        if kind == "aseprite":
            return kind if frame_count(head) > 1 else None
        data = source if isinstance(source, bytes) else read_whole(source)
    except UserError:
        return None
    is_moving = {"gif": gif_blocks.is_moving, "png": png.is_moving, "webp": webp.is_moving}[kind]
    return kind if is_moving(data) else None


def _kind(head: bytes) -> str | None:
    if head.startswith(GIF_SIGNATURES):
        return "gif"
    if head.startswith(PNG_SIGNATURE):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if is_aseprite(head):
        return "aseprite"
    if head[4:8] == b"ftyp" and avif.is_moving(head):
        return "avif"
    if head[4:8] == b"ftyp" and head[8:12] in STILLS:
        return None
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        return "mp4"
    return "webm" if head[:4] == b"\x1aE\xdf\xa3" else None


def _head(path: Path) -> bytes:
    with reading(path), path.open("rb") as file:
        return file.read(HEAD)


def _closed() -> Iterator[Frame]:
    raise ValueError("the animation has been closed")
