"""How a message is worded."""

from pixelization.errors import advice, one_line


def test_messages_have_one_line():
    assert one_line(ValueError("by\n  zero")) == "by zero"


def test_advice_is_the_nearest_name_or_all_of_them():
    assert advice("bicubik", ["nearest", "bicubic"]) == "did you mean 'bicubic'?"
    assert advice("x", iter(["nearest", "bicubic"])) == "there are nearest, bicubic"
