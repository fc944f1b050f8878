"""Image sequences in AVIF files, decoded by libavif through Pillow."""

from collections.abc import Iterator

from pixelization.animation.frames import AnimationSource, Frame, check_work
from pixelization.images.opening import decoding, open_image
from pixelization.images.tags import nclx
from pixelization.limits import ANIMATION_PIXELS

SEQUENCE = b"avis"  # the brand of files with more than one picture


def is_moving(data: bytes) -> bool:
    """Whether the file says that it holds a sequence."""
    brands = data[8 : min(len(data), int.from_bytes(data[:4], "big"))]
    return SEQUENCE in [brands[at : at + 4] for at in range(0, len(brands), 4)]


def read_avif(data: bytes, name: str) -> AnimationSource:
    """Open a sequence; what is made of it is an APNG unless another format is asked for.

    The file does not say how often it is played: forever.

    Raises:
        UserError: damaged or truncated, too large or empty.
    """
    image = open_image(data, name, ("AVIF",))
    size, alpha, count = image.size, image.mode in ("RGBA", "LA"), getattr(image, "n_frames", 1)
    check_work(size, count, name, ANIMATION_PIXELS)
    tag = nclx(data)

    def frames() -> Iterator[Frame]:
        file = open_image(data, name, ("AVIF",))
        for index in range(count):
            with decoding(f"{name}: frame {index + 1}"):
                file.seek(index)
                file.load()
                picture = file.copy()
            if tag:
                picture.info["cicp"] = tag
            yield Frame(picture, float(file.info["duration"]))

    return AnimationSource("png", size, 0, count, alpha, frames)
