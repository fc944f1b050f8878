"""Options of a batch are values."""

from dataclasses import fields

import pytest

from pixelization.batch.options import OutputOptions, SmoothOptions, SourceOptions


@pytest.mark.parametrize("kind", [SourceOptions, OutputOptions, SmoothOptions])
def test_options_are_values(kind):
    options = kind()
    assert options == kind() and hash(options) == hash(kind())
    with pytest.raises(AttributeError):
        setattr(options, fields(options)[0].name, None)
