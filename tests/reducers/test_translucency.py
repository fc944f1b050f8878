"""Cells that are half transparent all over."""

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from pixelization.pixelizer import Pixelizer
from pixelization.reducers.snapping import snap
from pixelization.reducers.translucency import (
    half_transparent,
    with_translucency,
    without_faint_areas,
)
from tests.make import enlarged


def glassy(seed=0, side=12):
    """A sprite with a shadow of alpha 90 and glass of alpha 170."""
    rng = np.random.default_rng(seed)
    sprite = np.zeros((side, side, 4), np.uint8)
    sprite[2:9, 2:9, :3] = rng.integers(0, 256, (7, 7, 3))
    sprite[2:9, 2:9, 3] = 255
    sprite[4:6, 4:7, 3] = 170
    sprite[9:11, 1:10] = (20, 10, 30, 90)
    return sprite


def bounds(cells, factor):
    return [np.arange(cells + 1.0) * factor] * 2


@pytest.mark.parametrize("factor", [1, 2, 3, 5, 8])
def test_flat_cells_are_found_with_their_colour_and_alpha(factor):
    sprite = glassy()
    found = half_transparent(enlarged(sprite, factor), bounds(12, factor))
    half = (sprite[..., 3] > 0) & (sprite[..., 3] < 255)
    assert (found[half] == sprite[half]).all() and not found[~half].any()


@pytest.mark.parametrize("factor", [1, 4])
def test_a_sprite_gets_its_half_transparency_back(factor):
    sprite = glassy(1)
    result = snap(enlarged(sprite, factor), cell_size=factor)
    assert (with_translucency(np.asarray(result.sprite), result.translucent) == sprite).all()


def test_soft_edges_are_not_flat():
    drawing = Image.new("L", (1280, 1280))
    ImageDraw.Draw(drawing).ellipse((200, 160, 1100, 1010), fill=255)
    alpha = np.asarray(drawing.resize((320, 320), Image.Resampling.BOX))
    pixels = np.dstack([np.full((320, 320, 3), 90, np.uint8), alpha])
    assert ((alpha > 20) & (alpha < 235)).sum() > 300
    for cells in (32, 40, 48, 64, 80):
        assert half_transparent(pixels, [np.linspace(0, 320, cells + 1)] * 2) is None


def test_what_is_opaque_or_almost_has_none():
    pixels = np.full((8, 8, 4), 250, np.uint8)
    pixels[:, 4:, 3] = 3
    assert half_transparent(pixels, bounds(8, 1)) is None
    assert half_transparent(pixels[..., :3], bounds(8, 1)) is None


def alpha_of(pixels, cells, empty=None):
    """Of half transparent cells, 0 of others."""
    edges = [np.linspace(0, side, cells + 1) for side in pixels.shape[1::-1]]
    found = half_transparent(pixels, edges, empty)
    return np.zeros((cells, cells), int) if found is None else found[..., 3].astype(int)


@pytest.mark.parametrize("cells", [16, 32, 64])
def test_a_glow_is_half_transparent_all_round(cells):
    places = np.arange(256) - 127.5
    away = np.hypot(places, places[:, None]) / 120
    alpha = 255 * np.clip(1 - away, 0, 1)
    pixels = np.dstack([np.full((256, 256, 3), 200, np.uint8), alpha.astype(np.uint8)])
    found = alpha_of(pixels, cells)
    true = alpha.reshape(cells, 256 // cells, cells, 256 // cells).mean((1, 3))
    inside = (true > 40) & (true < 200)
    assert inside.sum() > 0.3 * cells**2
    assert np.abs(found - true)[inside].max() < 12


@pytest.mark.parametrize(("blur", "kept"), [(0.3, 0.0), (0.4, 0.0), (3.0, 0.9)])
def test_only_what_is_softer_than_two_cells_stays_soft(blur, kept):
    drawing = Image.new("L", (256, 256))
    ImageDraw.Draw(drawing).ellipse((60, 50, 200, 190), fill=255)
    alpha = np.asarray(drawing.filter(ImageFilter.GaussianBlur(8 * blur)))
    pixels = np.dstack([np.full((256, 256, 3), 90, np.uint8), alpha])
    half = alpha.reshape(32, 8, 32, 8).mean((1, 3))
    ring = (half > 30) & (half < 225)
    share = (alpha_of(pixels, 32)[ring] > 0).mean()
    assert share <= kept if blur < 1 else share >= kept


def test_a_cell_without_a_transparent_pixel_is_not_empty():
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[..., 3] = [255, 160, 110, 110, 0, 0, 0, 0]
    empty = np.array([[True, True], [False, True]])
    found = alpha_of(pixels, 2, empty)
    assert (found == [[110, 0], [0, 0]]).all()


def shadowed(alpha, blur=0):
    """An orange square of 60 pixels with a shadow, 10 pixels below and right of it."""
    shadow = Image.new("L", (128, 128))
    ImageDraw.Draw(shadow).rectangle((40, 40, 99, 99), fill=alpha)
    canvas = Image.new("RGBA", (128, 128), (10, 0, 20, 0))
    canvas.putalpha(shadow.filter(ImageFilter.GaussianBlur(blur)))
    canvas.paste((250, 180, 30, 255), (30, 30, 90, 90))
    return np.array(canvas)


@pytest.mark.parametrize("cell", [2.0, 8 / 3, 5.0])
def test_areas_of_less_than_half_opacity_are_empty(cell):
    pixels = shadowed(100)
    pixels[5:7, 5:90] = (0, 0, 0, 90)  # a stroke that is thinner than a pixel
    found = without_faint_areas(pixels, (cell, cell))
    shadow = pixels[..., 3] == 100
    assert shadow.sum() == 1100 and not found[shadow, 3].any()
    assert np.array_equal(found[~shadow], pixels[~shadow])


@pytest.mark.parametrize("alpha", [8, 128, 200])
def test_what_covers_half_or_is_hardly_seen_stays(alpha):
    pixels = shadowed(alpha)
    assert without_faint_areas(pixels, (4.0, 4.0)) is pixels


@pytest.mark.parametrize("alpha", [30, 60, 120])
def test_the_edge_of_a_figure_on_its_shadow_is_that_of_the_figure(alpha):
    edge = Image.new("RGBA", (512, 512))
    ImageDraw.Draw(edge).ellipse((90, 90, 410, 410), fill=(250, 180, 30))
    figure = edge.resize((64, 64), Image.Resampling.BOX)
    together = Image.new("RGBA", (64, 64), (10, 0, 20, alpha))
    together.alpha_composite(figure)
    found, wanted = without_faint_areas(np.array(together), (4.0, 4.0)), np.array(figure)
    covered = wanted[..., 3] >= 64
    assert (covered & (wanted[..., 3] < 255)).sum() > 40
    assert np.abs(found.astype(int) - wanted)[covered].max() <= 8  # alpha and colours are rounded
    assert (found[wanted[..., 3] == 0, 3] == 0).all()


@pytest.mark.parametrize("blur", [2, 4])
def test_no_cell_of_a_figure_has_the_colour_of_its_shadow(blur):
    edge = Image.new("RGBA", (1024, 1024))
    ImageDraw.Draw(edge).ellipse((130, 130, 830, 830), fill=(250, 180, 30))
    figure = edge.resize((128, 128), Image.Resampling.BOX)
    shadow = figure.getchannel("A").point(lambda value: value * 0.45)
    canvas = Image.new("RGBA", (128, 128))
    canvas.putalpha(ImageChops.offset(shadow, 9, 10).filter(ImageFilter.GaussianBlur(blur)))
    canvas.alpha_composite(figure)
    for size in (20, 24, 31):
        made = Pixelizer.from_pretrained("lite").pixelize(canvas, size=size, alpha="keep").image
        sprite = np.asarray(made)
        body, below = sprite[..., 3] == 255, (sprite[..., 3] > 0) & (sprite[..., 3] < 255)
        assert (sprite[body, 0] > 140).all() and body.any()
        assert (sprite[below, :3] == 0).all() and below.any()
        assert (sprite[below, 3] <= 115).all()  # that of the shadow


@pytest.mark.parametrize("blur", [0, 3])
@pytest.mark.parametrize("size", [24, 32, 48])
def test_a_soft_shadow_is_no_part_of_the_sprite(size, blur):
    sprite = np.asarray(
        Pixelizer.from_pretrained("lite").pixelize(shadowed(102, blur), size=size).image
    )
    body = sprite[..., 3] == 255
    assert (sprite[body, 0] > 200).all() and 0.2 < body.mean() < 0.26
