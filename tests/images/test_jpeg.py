"""JPEG files without their end mark."""

import io

import numpy as np
import pytest
from PIL import Image

from pixelization.errors import UserError
from pixelization.images.jpeg import SCAN
from pixelization.images.reading import read_image
from tests.make import drawing


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_only_the_end_mark_is_missing(mode, options):
    file = io.BytesIO()
    drawing(97, 61).convert(mode).save(file, "JPEG", quality=90, **options)
    data = file.getvalue()
    whole = np.asarray(read_image(data))
    for cut in (1, 2):
        remarks = []
        image = read_image(data[:-cut], remarks=remarks)
        np.testing.assert_array_equal(np.asarray(image), whole)
        assert len(remarks) == 1 and "without an end mark" in remarks[0]
    remarks = []
    read_image(data, remarks=remarks)
    assert remarks == []


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_pixels_are_missing(options):
    file = io.BytesIO()
    drawing(97, 61).save(file, "JPEG", quality=90, **options)
    data = file.getvalue()
    for share in (0.3, 0.5, 0.9, 0.97):
        with pytest.raises(UserError, match="a.jpg: is damaged or truncated"):
            read_image(data[: int(len(data) * share)], "a.jpg")


def test_a_flat_picture_that_is_cut_is_not_made_up():
    file = io.BytesIO()
    Image.new("RGB", (640, 640), (200, 30, 60)).save(file, "JPEG")
    data = file.getvalue()
    with pytest.raises(UserError, match="truncated"):
        read_image(data[:-200])


def test_scans_are_limited():
    """Each goes over all pixels, and 100 bytes are enough for one."""
    file = io.BytesIO()
    Image.new("L", (160, 160), 77).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    first = data.index(SCAN, data.index(SCAN) + 2)
    second = data.index(SCAN, first + 2)
    table = data.rindex(b"\xff\xc4", 0, second)  # that the next scan begins with
    scan = data[first:table]
    assert read_image(data[:table] + scan * 100 + data[table:]).size == (160, 160)
    with pytest.raises(UserError, match="a.jpg: is too large: 10.. scans.*PIXELIZATION_MAX_SCANS"):
        read_image(data[:table] + scan * 1000 + data[table:], "a.jpg")
