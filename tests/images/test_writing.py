"""Files that appear whole or not at all."""

import pytest
from PIL import Image

from pixelization.errors import UserError
from pixelization.images.reading import list_images, read_image
from pixelization.images.writing import write_png


def test_names_longer_than_a_file_can_have(tmp_path, picture):
    longest, too_long = tmp_path / ("a" * 251 + ".png"), tmp_path / ("a" * 252 + ".png")
    write_png(picture, longest)
    assert list_images(tmp_path) == [longest]
    for call in (
        lambda: write_png(picture, too_long),
        lambda: read_image(too_long),
        lambda: list_images(too_long),
    ):
        with pytest.raises(UserError, match="File name too long"):
            call()


def test_writing_is_whole_or_not_at_all(tmp_path, picture, monkeypatch):
    path = tmp_path / "new" / "a.png"
    write_png(picture, path)
    assert Image.open(path).tobytes() == picture.tobytes()
    before = path.read_bytes()
    with pytest.raises(UserError, match="exists: allow overwriting"):
        write_png(Image.new("RGB", (1, 1)), path)

    def fail(self, file, **options):
        file.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(UserError, match="a.png.*No space left"):
        write_png(picture, path, overwrite=True)
    assert path.read_bytes() == before and [file.name for file in path.parent.iterdir()] == [
        "a.png"
    ]
