"""Shards: many images in a few tar files, as WebDataset has them.

A data set of millions is no folder listing then: an index says where each image lies, and stays on
the disk. Any image is read alone, so samples are drawn in the order in which a folder's are.
"""

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from pixelization.errors import UserError, is_lack_of_memory, reason
from pixelization.files import read_whole, whole_file
from pixelization.images.reading import check_image, is_image_name, list_images, read_image
from pixelization.limits import FILE_BYTES

SUFFIX = ".tar"
INDEX = "shards.npy"
ROW = np.dtype([("shard", "<u4"), ("offset", "<u8"), ("size", "<u8")])
"""Of the index: the place of a shard in the order of names; where in it, and how many bytes."""
HEADER = tarfile.BLOCKSIZE  # bytes before an image, which hold its name


class Shards:
    """The images in the shards of a folder, in the order of the shards.

    Args:
        folder: shards and their index.

    Attributes:
        paths: the shards, sorted.

    Raises:
        UserError: there is no index, or it is of other shards.
    """

    def __init__(self, folder: str | Path) -> None:
        self.paths = list_shards(folder)
        index = Path(folder, INDEX)
        again = f"make one: python -m pixelization shards {folder}"
        try:
            rows = np.load(index, mmap_mode="r", allow_pickle=False)
        except FileNotFoundError:
            raise UserError(f"{folder}: holds shards without an index: {again}") from None
        except Exception as error:  # a damaged header makes numpy raise almost anything
            if is_lack_of_memory(error):
                raise
            raise UserError(f"{index}: cannot be read ({type(error).__name__}): {again}") from None
        if rows.dtype != ROW or rows.ndim != 1 or not self._holds(rows):
            raise UserError(f"{index}: is no index of the shards beside it: {again}")
        self._rows = rows

    def _holds(self, rows: np.ndarray) -> bool:
        """Whether all shards are in an index, and as long as it says."""
        shards = rows["shard"]
        if not len(rows) or shards[-1] + 1 != len(self.paths):
            return False
        last = np.searchsorted(shards, np.arange(len(self.paths)), side="right") - 1
        ends = rows["offset"][last] + rows["size"][last]
        sizes = [os.path.getsize(path) for path in self.paths]
        return bool((last >= 0).all() and (ends <= sizes).all())

    def __len__(self) -> int:
        return len(self._rows)

    def path(self, index: int) -> Path:
        """The shard that holds an image.

        Raises:
            UserError: the index is damaged.
        """
        shard = int(self._rows[index]["shard"])
        if shard >= len(self.paths):
            raise UserError(f"{self.paths[0].with_name(INDEX)}: is damaged: make it anew")
        return self.paths[shard]

    def name(self, index: int) -> str:
        """Of an image, without folders."""
        header = self._bytes(index, -HEADER, HEADER)
        try:
            return os.path.basename(tarfile.TarInfo.frombuf(header, "utf-8", "replace").name)
        except tarfile.HeaderError:
            return f"at byte {self._rows[index]['offset']}"

    def told(self, index: int) -> str:
        """How messages call an image."""
        return f"{self.path(index)}: {self.name(index)}"

    def source(self, index: int) -> bytes:
        """The bytes of an image.

        Raises:
            UserError: the shard is missing or shorter now, or the image is too large.
        """
        size = int(self._rows[index]["size"])
        FILE_BYTES.check(size, f"{self.path(index)}: an image")
        return self._bytes(index, 0, size)

    def image(self, index: int) -> Image.Image:
        """See :func:`~pixelization.images.reading.read_image`."""
        return read_image(self.source(index), self.told(index))

    def _bytes(self, index: int, shift: int, size: int) -> bytes:
        path, start = self.path(index), int(self._rows[index]["offset"]) + shift
        try:
            with open(path, "rb", buffering=0) as file:
                file.seek(max(0, start))
                data = file.read(size)
        except OSError as error:
            raise UserError(f"{path}: cannot be read ({reason(error)})") from None
        except OverflowError:  # of a place that no file has
            data = b""
        if len(data) < size:
            raise UserError(f"{path}: is shorter than its index says: make both anew")
        return data


def is_sharded(folder: str | Path) -> bool:
    """Whether a folder holds shards, not images; a folder that is missing holds none."""
    try:
        with os.scandir(folder) as entries:
            return any(entry.name.endswith(SUFFIX) for entry in entries)
    except OSError:
        return False


def list_shards(folder: str | Path) -> list[Path]:
    """The shards of a folder, sorted.

    Raises:
        UserError: it cannot be read, or holds none.
    """
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(SUFFIX))
    except OSError as error:
        raise UserError(f"{folder}: cannot be read ({reason(error)})") from None
    if not names:
        raise UserError(f"{folder}: holds no shards, which end in {SUFFIX}")
    return [Path(folder, name) for name in names]


def make_shards(
    folder: str | Path, out: str | Path, size: int, left_out: list[UserError]
) -> Iterator[Path]:
    """Pack the images of a folder, as they are, in the order of their paths.

    The same images make the same bytes, whenever and by whom.

    Args:
        folder: searched with its subfolders.
        out: the folder of the shards.
        size: bytes of a shard, about; the last is smaller.
        left_out: takes what is wrong with files that cannot be read, or whose headers are of no
            image; they are not packed.

    Returns:
        Each shard, once it is written, and the index at last.

    Raises:
        UserError: there is no image, or there are shards already; it cannot be written.
    """
    if is_sharded(out):
        raise UserError(f"{out}: holds shards already: choose another folder")
    images = _images(folder, left_out)
    left = next(images, None)
    if left is None:
        raise UserError(f"{folder}: none of its {len(left_out)} images can be read: {left_out[0]}")
    number = 0
    while left is not None:
        path = Path(out, f"{number:06}{SUFFIX}")
        with whole_file(path, overwrite=False) as temporary, tarfile.open(temporary, "w") as tar:
            while left is not None and (tar.offset < size):
                name, data = left
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
                left = next(images, None)
        yield path
        number += 1
    yield index_shards(out)


def _images(folder: str | Path, left_out: list[UserError]) -> Iterator[tuple[str, bytes]]:
    """Path in the folder and bytes of every image that can be opened."""
    for path in list_images(folder, recursive=True):
        try:
            data = read_whole(path)
            check_image(data, str(path))
        except UserError as error:
            left_out.append(error)
        else:
            yield path.relative_to(folder).as_posix(), data


def index_shards(folder: str | Path) -> Path:
    """Write the index of shards, whoever made them; only the names in them are read.

    Returns:
        Its path. One that is there is replaced.

    Raises:
        UserError: a shard is no tar file that is not compressed, or holds no image.
    """
    found = []
    for number, path in enumerate(list_shards(folder)):
        rows = []
        try:
            with tarfile.open(path, "r:") as tar:
                for member in tar:
                    if member.isfile() and is_image_name(member.name):
                        rows.append((number, member.offset_data, member.size))
                    tar.members = []  # type: ignore[attr-defined]  # it would keep all
        except (tarfile.TarError, OSError, EOFError) as error:
            raise UserError(f"{path}: is no tar file that is whole ({error})") from None
        if not rows:
            raise UserError(f"{path}: holds no image: remove it")
        found.append(np.array(rows, ROW))
    index = Path(folder, INDEX)
    with whole_file(index, overwrite=True) as temporary, open(temporary, "wb") as file:
        np.save(file, np.concatenate(found))
    return index
