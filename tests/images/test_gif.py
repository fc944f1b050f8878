"""GIF files as stills."""

import numpy as np
import pytest

from pixelization.errors import UserError
from pixelization.images.gif import is_moving, read_structure
from pixelization.images.reading import read_image
from tests.animation.files import BLUE, CLEAR, GREEN, RED, gif_file, gif_frame, rgba

ROWS = [[RED, GREEN], [CLEAR, BLUE]]


def test_a_still_without_its_end():
    data = gif_file(gif_frame(ROWS))
    for cut, remark in (
        (1, "without an end mark: 1 frame could be read"),
        (2, "in or before frame 1: 1 frame could be read"),  # the data's own end mark, too
    ):
        remarks = []
        image = read_image(data[:-cut], remarks=remarks)
        np.testing.assert_array_equal(np.asarray(image), rgba(ROWS))
        assert len(remarks) == 1 and remark in remarks[0]
    with pytest.raises(UserError, match="a.gif: is truncated"):
        read_image(data[:-6], "a.gif")


def test_rubbish_after_a_frame():
    data = gif_file(gif_frame(ROWS), b"rubbish", gif_frame(ROWS))
    remarks = []
    np.testing.assert_array_equal(np.asarray(read_image(data, remarks=remarks)), rgba(ROWS))
    assert "frame 2 is damaged" in remarks[0] and "1 frame could be read" in remarks[0]
    assert not is_moving(data)
    with pytest.raises(UserError, match="a.gif: frame 1 is damaged"):
        read_image(gif_file(b"rubbish", gif_frame(ROWS)), "a.gif")


def test_the_canvas_around_a_small_frame_is_transparent():
    data = gif_file(gif_frame([[RED]], left=1, top=1, transparent=False), size=(3, 2), background=2)
    np.testing.assert_array_equal(
        np.asarray(read_image(data)), rgba([[CLEAR] * 3, [CLEAR, RED, CLEAR]])
    )


@pytest.mark.parametrize("size", [(0, 0), (1, 1)])
def test_a_canvas_smaller_than_the_first_frame(size):
    assert read_image(gif_file(gif_frame(ROWS), size=size)).size == (2, 2)


def test_a_frame_larger_than_any_canvas_is_not_decoded():
    huge = b"," + b"\0\0\0\0\xff\xff\xff\xff\0" + b"\x02\x01\x2c\0"
    data = gif_file(gif_frame(ROWS), huge)
    with pytest.raises(UserError, match="frame 2: .*PIXELIZATION_MAX_PIXELS"):
        read_structure(data, "a.gif")


def test_many_frames(monkeypatch):
    monkeypatch.setenv("PIXELIZATION_MAX_FRAMES", "3")
    read_structure(gif_file(*[gif_frame(ROWS)] * 3), "a.gif")
    with pytest.raises(UserError, match="4 frames, at most 3 frames .*PIXELIZATION_MAX_FRAMES"):
        read_structure(gif_file(*[gif_frame(ROWS)] * 4), "a.gif")
