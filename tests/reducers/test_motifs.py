"""What lies by itself on a ground."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pixelization.reducers.motifs import find_motifs
from pixelization.reducers.shown import weighed

CELL = (6.0, 6.0)


def found(image):
    areas, motifs = find_motifs(weighed(np.array(image.convert("RGBA"))), CELL)
    return areas, list(motifs)


def boxes(image):
    return [(each.left, each.top, *each.mask.shape[::-1]) for each in found(image)[1]]


@pytest.fixture
def face():
    """A figure of 80 pixels with two eyes, the left one with a brow 3 pixels above it."""
    image = Image.new("RGB", (120, 120), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, 99, 99), fill="orange")
    draw.ellipse((35, 40, 46, 51), fill="black")
    draw.ellipse((70, 40, 81, 51), fill="black")
    draw.rectangle((35, 33, 46, 36), fill="brown")
    return image


def test_what_is_nearer_than_a_cell_is_one(face):
    # a pixel more all around, where colours change
    assert sorted(boxes(face)) == [(34, 32, 14, 21), (69, 39, 14, 14)]


def test_a_motif_has_what_it_surrounds_and_its_ground(face):
    ImageDraw.Draw(face).ellipse((73, 43, 78, 48), fill="white")
    areas, motifs = found(face)
    eye = max(motifs, key=lambda each: each.left)
    assert eye.mask[7, 7] and (eye.colors[7, 7] == 255).all()
    assert eye.mask.sum() > 12 * 12 * np.pi / 4
    assert eye.ground == areas[60, 60] != areas[5, 5]


def test_what_is_small_or_large_or_at_the_border_is_none():
    image = Image.new("RGBA", (120, 120))
    draw = ImageDraw.Draw(image)
    draw.rectangle((10, 10, 11, 10), fill="red")  # with a pixel around 12, of 18
    draw.rectangle((20, 20, 92, 60), fill="blue")  # more than 72 wide
    draw.rectangle((0, 80, 20, 100), fill="green")
    assert boxes(image) == []
    draw.rectangle((50, 80, 60, 100), fill="green")
    assert len(boxes(image)) == 1


def test_a_ground_may_change_slowly():
    ramp = np.arange(120, dtype=np.uint8)[None].repeat(120, 0)
    image = Image.fromarray(ramp)
    ImageDraw.Draw(image).rectangle((40, 40, 60, 60), fill=255)
    assert boxes(image) == [(39, 39, 23, 23)]
    noise = np.random.default_rng(0).integers(0, 256, (120, 120), dtype=np.uint8)
    assert boxes(Image.fromarray(noise)) == []
