"""Options as texts."""

import pytest

from pixelization.pipeline.parsing import color, number, size


def test_texts():
    assert (number("16/3"), number("4")) == (16 / 3, 4.0)
    assert (size("64x48"), size("64")) == ((64, 48), (64, None))
    assert [color(text) for text in ("#f80", "ff8800", "F80", "auto")] == [(255, 136, 0)] * 3 + [
        None
    ]
    for text in ("nan", "inf", "1/0", "", "a"):
        with pytest.raises(ValueError, match="is not a number"):
            number(text)
