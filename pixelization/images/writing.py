"""Images to files."""

from pathlib import Path

from PIL import Image

from pixelization.files import whole_file


def write_png(image: Image.Image, path: str | Path, overwrite: bool = False) -> None:
    """Write a PNG file whole or not at all; missing folders are made.

    Raises:
        UserError: the file exists and ``overwrite`` is not set, or it cannot be written.
    """
    with whole_file(path, overwrite=overwrite) as temporary:
        image.save(temporary, format="PNG")
