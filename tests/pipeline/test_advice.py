"""What is told of pictures whose cells nobody has asked for."""

import io

import numpy as np
import pytest
from PIL import Image

from pixelization.pipeline.advice import size_advice
from pixelization.pipeline.parsing import size as parse_size
from pixelization.pipeline.pictures import Animation, Sheet, Still
from pixelization.pipeline.style import Style
from pixelization.reducers.base import MIN_CELL_SIZE, check_size
from pixelization.sheets.layout import Box
from tests.make import drawing, enlarged, shaded_sprite

SPRITE = shaded_sprite(side=24)


def pictures(pixels):
    image = Image.fromarray(pixels)
    return Still(image), Animation([image, image])


def test_a_small_picture_keeps_every_pixel():
    for picture in pictures(SPRITE):
        (line,) = size_advice(picture, Style())
        assert "has 24x24 pixels: each is kept as a cell" in line


@pytest.mark.parametrize("factor", [3, 8])
def test_pixel_art_that_is_enlarged_is_named_with_its_cells(factor):
    for picture in pictures(enlarged(SPRITE, factor)):
        (line,) = size_advice(picture, Style())
        assert "shows pixel art already, of 24x24 cells" in line


@pytest.mark.parametrize("factor", [4, 7])
def test_pixel_art_of_a_jpeg_file_is_named_too(factor):
    file = io.BytesIO()
    Image.fromarray(enlarged(SPRITE, factor)[..., :3]).save(file, "JPEG", quality=80)
    image = Image.open(file)
    assert image.getcolors(256) is None
    (line,) = size_advice(Still(image), Style())
    assert "shows pixel art already, of 24x24 cells" in line


@pytest.mark.parametrize("quality", [5, 20, 50])
def test_a_gradient_in_which_blocks_of_jpeg_show_is_none(quality):
    across, down = np.meshgrid(*[np.linspace(0, 255, 512)] * 2)
    ramp = np.stack([across, down, (across + down) / 2], axis=2).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(ramp).save(file, "JPEG", quality=quality)
    assert size_advice(Still(Image.open(file)), Style()) == ()


def test_pixel_art_that_is_large_and_native_is_named():
    (line,) = size_advice(Still(Image.fromarray(shaded_sprite(side=96))), Style())
    assert "shows pixel art already, of 96x96 cells: pixel-snap keeps them" in line
    assert line.endswith("or a size of 96x96")


def test_nothing_is_told_where_there_is_nothing_to_tell():
    assert size_advice(Still(drawing(200, 150)), Style()) == ()
    flat = np.full((200, 200, 3), 255, np.uint8)
    assert size_advice(Still(Image.fromarray(flat)), Style()) == ()
    small = Still(Image.fromarray(SPRITE))
    assert size_advice(small, Style(size=12)) == size_advice(small, Style(cell_size=2)) == ()
    assert size_advice(Sheet(small.image, (Box(0, 0, 65, 12),)), Style()) == ()


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (100, None),
        (101, "has 100 cells along its longer side: there are no pixels for 101"),
        (199, "has 100 cells along its longer side"),
        (200, "has 200x150 pixels: each is kept as a cell"),
        (999, "has 200x150 pixels: each is kept as a cell"),
    ],
)
def test_a_longer_side_of_more_cells_than_there_can_be_is_told(cells, told):
    remarks = size_advice(Still(drawing(200, 150)), Style(size=f"max:{cells}"))
    assert len(remarks) == (told is not None) and all(told in line for line in remarks)


def test_the_longer_side_of_a_sheet_is_that_of_its_largest_tile():
    boxes = (Box(0, 0, 20, 20), Box(20, 0, 200, 150))
    sheet = Sheet(Image.new("RGB", (220, 150)), boxes)
    assert size_advice(sheet, Style(size="max:64")) == ()


@pytest.mark.parametrize("side", [12, 32, 64])
def test_tiles_that_are_kept_as_they_are_are_told(side):
    sheet = Sheet(Image.new("RGB", (3 * side, side)), (Box(0, 0, 8, 8), Box(side, 0, side, side)))
    (line,) = size_advice(sheet, Style())
    assert f"at most {side} pixels per side: each is kept as a cell" in line
    assert size_advice(sheet, Style(cell_size=2)) == ()


@pytest.mark.parametrize(
    ("pixels", "size", "told"),
    [
        ((256, 256), (64, 48), "a size of 64 keeps its shape, or of 48 with a pad of 64x48 on"),
        ((256, 256), (48, 64), "a size of 48 keeps its shape, or of 48 with a pad of 48x64 on"),
        ((400, 300), (32, 32), "a size of 32 keeps its shape, or of 32 with a pad of 32x32 on"),
        ((300, 400), (32, 32), "a size of 32 keeps its shape, or of 24 with a pad of 32x32 on"),
    ],
)
def test_a_size_that_squeezes_is_told_with_sizes_that_do_not(pixels, size, told):
    tile = Box(0, 0, *pixels)
    image = Image.new("RGB", pixels)
    for picture in (Still(image), Animation([image, image]), Sheet(image, (tile,))):
        (line,) = size_advice(picture, Style(size=size))
        assert told in line and "is squeezed from" in line


@pytest.mark.parametrize(
    ("pixels", "size"),
    [((256, 256), (64, 64)), ((256, 256), (64, 62)), ((100, 30), (10, 3)), ((100, 17), (10, 2))],
)
def test_a_size_of_the_pictures_shape_up_to_rounding_squeezes_nothing(pixels, size):
    assert size_advice(Still(Image.new("RGB", pixels)), Style(size=size)) == ()


def test_a_strip_that_becomes_hardly_any_rows_is_told():
    (line,) = size_advice(Still(drawing(1200, 60)), Style())
    assert line == "becomes a sprite of only 64x3 cells: a size of 160x8 shows more"
    (line,) = size_advice(Still(drawing(16, 200)), Style())
    assert line == "becomes a sprite of only 5x64 cells: a size of 8x100 shows more"
    assert size_advice(Still(drawing(1200, 60)), Style(size=64)) == ()
    assert size_advice(Still(drawing(1200, 150)), Style()) == ()  # 64x8
    assert size_advice(Still(drawing(200, 15)), Style()) == ()  # no 8 rows of 2 pixels


@pytest.mark.parametrize("pixels", [(1200, 60), (16, 200), (17, 977), (4093, 31)])
def test_the_size_that_a_strip_is_told_is_possible_and_keeps_its_shape(pixels):
    (line,) = size_advice(Still(drawing(*pixels)), Style())
    told = line.removesuffix(" shows more").rpartition(" ")[2]
    width, height = check_size(parse_size(told), pixels, MIN_CELL_SIZE)
    assert min(width, height) == 8
    assert size_advice(Still(drawing(*pixels)), Style(size=told)) == ()


@pytest.mark.parametrize("factor", [1, 3])
def test_a_strip_of_pixel_art_is_pixel_art(factor):
    for picture in pictures(enlarged(np.tile(SPRITE[:16], (1, 10, 1)), factor)):
        (line,) = size_advice(picture, Style())
        assert "shows pixel art already, of 240x16 cells" in line
