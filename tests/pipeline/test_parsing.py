"""Options as texts."""

import pytest

from pixelization.pipeline.parsing import color, number, size, whole


def test_texts():
    assert (number("16/3"), number("4")) == (16 / 3, 4.0)
    assert (size("64x48"), size("64")) == ((64, 48), (64, None))
    assert [color(text) for text in ("#f80", "ff8800", "F80", "auto")] == [(255, 136, 0)] * 3 + [
        None
    ]
    for text in ("nan", "inf", "1/0", "", "a"):
        with pytest.raises(ValueError, match="is not a number"):
            number(text)


def test_whole_numbers_of_any_length():
    assert (whole("-12"), whole("+7"), whole("1000000000000")) == (-12, 7, 10**12)
    for text in ("1.5", "1e3", "", "0x10", "9" * 5000):
        with pytest.raises(ValueError, match="is not a whole number"):
            whole(text)
