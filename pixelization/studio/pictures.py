"""The pictures that were handed to the studio, by the hash of their bytes; never by a path.

Knows files in memory and their limits; does not know what is made of them.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePath, PureWindowsPath

from PIL import Image

from pixelization.animation.reading import AnimationReader, animation_format, open_animation
from pixelization.errors import UserError, one_line, shortened
from pixelization.images.aseprite import is_aseprite
from pixelization.images.opening import open_image
from pixelization.images.reading import read_image
from pixelization.limits import STUDIO_FRAMES, STUDIO_PICTURE_BYTES, STUDIO_PIXELS
from pixelization.pipeline.pictures import Picture, Still, Tiles, open_picture
from pixelization.sheets.atlas import Atlas, parse_atlas
from pixelization.studio.memory import Memory, remembered

LONGEST_NAME = 100  # characters
NAMELESS = "picture.png"


class Unknown(UserError):
    """There is no such picture, or it was forgotten."""


@dataclass(frozen=True)
class Description:
    """The JSON of a sheet.

    Attributes:
        key: SHA-256 of its bytes, hexadecimal.
        atlas: what it says.
    """

    key: str
    atlas: Atlas


@dataclass(frozen=True)
class Upload:
    """A picture as it was handed in.

    Attributes:
        key: SHA-256 of its bytes, hexadecimal.
        name: of its file, without any folder.
        data: its bytes.
        format: of the animation, see :func:`~pixelization.animation.reading.animation_format`;
            None for a still.
        size: (width, height) in pixels, upright.
        frames: how many; 1 for a still, None for a video that does not say.
        remarks: one line each: what the file lacks.
        description: where the tiles are, if it is a sheet whose JSON was handed in, too.
    """

    key: str
    name: str
    data: bytes
    format: str | None
    size: tuple[int, int]
    frames: int | None
    remarks: tuple[str, ...]
    description: Description | None = None

    @property
    def content(self) -> tuple[str, str | None]:
        """What a result may depend on."""
        return self.key, self.description.key if self.description else None


class Pictures:
    """Uploads, and decoded stills, both within a number of bytes.

    Args:
        limit: bytes of all uploads.
        decoded: bytes of all decoded stills.
    """

    def __init__(self, limit: int, decoded: int) -> None:
        self._uploads = Memory(limit)
        self._decoded = Memory(decoded)

    def add(self, data: bytes, name: str) -> Upload:
        """Keep a picture, whose header says that it is not too large.

        Args:
            data: the file.
            name: of the file, as its owner calls it.

        Raises:
            UserError: it cannot be read, or is above a limit.
        """
        name = file_name(name)
        STUDIO_PICTURE_BYTES.check(len(data), name)
        key = hashlib.sha256(data).hexdigest()
        kind = animation_format(data)
        if kind is None:
            if not is_aseprite(data):
                _check_pixels(open_image(data, name).size, name)
            still = self._still(key, data, name)
            _check_pixels(still.image.size, name)
            upload = Upload(key, name, data, None, still.image.size, 1, still.remarks)
        else:
            with open_animation(data, name=name) as reader:
                _check_pixels(reader.size, name)
                STUDIO_FRAMES.check(reader.count or 1, name)
                upload = Upload(
                    key, name, data, kind, reader.size, reader.count, tuple(reader.remarks)
                )
        known: Upload | None = self._uploads.get(key)
        if known is not None:
            upload = replace(upload, description=known.description)
        self._uploads.put(key, upload)
        return upload

    def describe(self, key: str, data: bytes, name: str) -> Upload:
        """Keep the JSON of a sheet with its picture.

        Args:
            key: of the picture.
            data: the file.
            name: of the file.

        Raises:
            UserError: it is not the JSON of a sheet, or not of this one.
        """
        upload = self.get(key)
        atlas = parse_atlas(data, file_name(name), upload.name)
        atlas.check_fits(upload.size)
        description = Description(hashlib.sha256(data).hexdigest(), atlas)
        upload = replace(upload, description=description)
        self._uploads.put(key, upload)
        return upload

    def get(self, key: str) -> Upload:
        """The upload of a key; ``Unknown`` if there is none."""
        found: Upload | None = self._uploads.get(key)
        if found is None:
            raise Unknown("this picture is not here (any more): open it again")
        return found

    def all(self) -> list[Upload]:
        """Those that are kept."""
        return [upload for _, upload in self._uploads.items()]

    def drop(self, key: str) -> None:
        """Forget a picture."""
        self._uploads.drop(key)
        self._decoded.drop(key)

    @contextmanager
    def open(
        self, upload: Upload, *, sheet: Tiles | None = None, fps: float | None = None
    ) -> Iterator[Picture]:
        """The picture as the commands open it; stills are decoded once.

        Arguments and errors as of :func:`~pixelization.pipeline.pictures.open_picture`.
        """
        if upload.format is None and sheet is None and fps is None:
            yield self._still(upload.key, upload.data, upload.name)
            return
        fps = fps if sheet is None else None
        atlas = upload.description.atlas if upload.description else None
        with open_picture(
            upload.data, name=upload.name, sheet=sheet, fps=fps, atlas=atlas
        ) as picture:
            yield picture

    def frame(self, upload: Upload, number: int = 0) -> Image.Image:
        """A frame as it is read: RGB or RGBA, sRGB.

        Raises:
            UserError: there is no such frame.
        """
        if upload.format is None:
            if number:
                raise UserError("a still has one frame: number 0")
            return self._still(upload.key, upload.data, upload.name).image
        with open_animation(upload.data, name=upload.name) as reader:
            return _nth(reader, number)

    def _still(self, key: str, data: bytes, name: str) -> Still:
        def decode() -> Still:
            remarks: list[str] = []
            return Still(read_image(data, name, remarks), tuple(remarks))

        return remembered(self._decoded, key, decode)


def file_name(name: str) -> str:
    """A name without folders and without what is not printable; never empty."""
    name = PurePath(PureWindowsPath(name).name).name
    name = one_line(name).strip(".")
    name = name.encode(errors="replace").decode()
    return shortened(name, LONGEST_NAME) or NAMELESS


def _check_pixels(size: tuple[int, int], name: str) -> None:
    width, height = size
    STUDIO_PIXELS.check(width * height, f"{name}: an image of {width}x{height} pixels")


def _nth(reader: AnimationReader, number: int) -> Image.Image:
    for index, frame in enumerate(reader):
        if index == number:
            return frame.image
    raise UserError(f"there is no frame {number}: they are numbered from 0")
