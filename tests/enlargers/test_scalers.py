"""Classical methods at any factor."""

import numpy as np
import pytest

from pixelization.color.ciede2000 import ciede2000, lab
from pixelization.enlargers.base import CLASSICAL
from pixelization.enlargers.faithful import (
    enlarge_sprite,
)
from pixelization.enlargers.scalers import classical_enlarger
from pixelization.errors import UserError
from tests.make import blobs, cell_means


@pytest.mark.parametrize("method", CLASSICAL)
@pytest.mark.parametrize("factor", [2, 3, 5, 16])
def test_classical_methods_at_any_factor(method, factor):
    if method in ("epx", "hqx", "xbr"):
        pytest.importorskip("scalerack")
    sprite = blobs(3)
    smooth = enlarge_sprite(
        sprite, (24 * factor, 20 * factor), classical_enlarger(method), keep_colors=False
    )
    assert smooth.shape == (20 * factor, 24 * factor, 4)
    difference = ciede2000(lab(cell_means(smooth, factor)), lab(sprite[..., :3]))[
        sprite[..., 3] > 0
    ]
    assert difference.mean() < (0.5 if method == "nearest" else 15)


def test_there_is_no_such_method_or_room():
    with pytest.raises(UserError, match="'magic': there are epx, hqx"):
        classical_enlarger("magic")
    with pytest.raises(UserError, match="40000x40000 pixels"):
        enlarge_sprite(np.zeros((4, 4, 3), np.uint8), (40000, 40000), classical_enlarger("nearest"))
