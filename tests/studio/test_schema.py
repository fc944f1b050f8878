"""What may go over the wire is what the modules below list."""

from typing import get_args

import pytest

from pixelization.animation.formats import SUFFIXES
from pixelization.enlargers.base import METHODS
from pixelization.palettes.files import WRITABLE

schema = pytest.importorskip("pixelization.studio.schema")
settings = pytest.importorskip("pixelization.studio.settings")


def test_closed_lists_are_those_of_the_modules_below():
    assert get_args(schema.Tool) == tuple(settings.PROGRAMS) == tuple(settings.ENDINGS)
    assert get_args(schema.Method) == METHODS
    assert get_args(schema.Format) == tuple(SUFFIXES)
    assert get_args(schema.PaletteSuffix) == WRITABLE


def test_only_batches_may_keep_the_format_of_each():
    own = {"format": "own"}
    assert schema.BatchRequest(pictures=["0" * 64], **own).options().format == "own"
    with pytest.raises(ValueError, match="format"):
        schema.FileRequest(picture="0" * 64, **own)
