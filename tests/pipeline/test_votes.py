"""Votes: what is counted, cleaned up and held still before any palette."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pixelization.enlargers.scalers import classical_enlarger
from pixelization.errors import UserError
from pixelization.images.alpha import with_alpha
from pixelization.images.sprites import hard_edged
from pixelization.palettes.extraction import ColorHistogram
from pixelization.pipeline.finish import finish
from pixelization.pipeline.pictures import Animation, Still
from pixelization.pipeline.sheet_votes import vote_sheet
from pixelization.pipeline.sprites import choose_palette, count_colors, smooth
from pixelization.pipeline.style import Style
from pixelization.pipeline.votes import vote_animation, vote_image
from pixelization.pipeline.voting import vote
from pixelization.reducers.snapping import snap
from pixelization.sheets.layout import Box
from tests.make import ball, every_pixel, middles, opaque_colors

RANDOM = np.random.default_rng(0)


def ring(is_open):
    """A ring that may open, so that the ground inside is reached."""
    frame = np.full((12, 12, 3), 255, np.uint8)
    frame[2:10, 2:10] = (200, 30, 30)
    frame[4:8, 4:8] = 255
    if is_open:
        frame[5:7, 8:10] = 255
    return frame


def speckled(column):
    """A stray cell, which is none while the square is beside it."""
    frame = ball(column)
    frame[5, 12] = (120, 170, 110)
    return frame


MOVING = [ball(column) for column in range(2, 20, 3)]


OPENING = [ring(is_open) for is_open in (False, True, True, False, True)]


STRAYING = [speckled(column) for column in (2, 8, 12, 16)]


def test_colours_that_can_be_seen_are_counted_once():
    first, second = np.zeros((2, 2, 3, 4), np.uint8)
    first[...] = 9, 8, 7, 255
    first[0, 0], second[0] = (1, 2, 3, 1), (9, 8, 7, 255)
    first[1, 1], second[1, 1] = (4, 4, 4, 0), (5, 6, 7, 200)
    assert [count_colors(each) for each in ([first], [second], [first, second])] == [2, 2, 3]
    assert count_colors([first[..., :3], second]) == 4 and count_colors([]) == 0
    for wrong in (first[0], first[..., 0], first.astype(np.uint16), first / 255):
        with pytest.raises(ValueError, match="expected"):
            count_colors([first, wrong])


def test_many_colours_are_counted_exactly():
    every = np.arange(70_000, dtype=">u4").view(np.uint8).reshape(100, 700, 4)[..., 1:]
    assert count_colors([every]) == count_colors([every[:60], every[40:]]) == 70_000


def test_colours_are_counted_after_the_background_is_gone():
    image = np.full((8, 8, 3), 255, np.uint8)
    image[2:6, 2:6] = RANDOM.integers(0, 200, (4, 4, 3))
    style = Style(colors=16, remove_background=True)
    votes = vote_image(every_pixel, image, style)
    assert (255, 255, 255) not in set(
        map(tuple, choose_palette(style, votes.histogram).colors.tolist())
    )
    assert count_colors([image]) == 17
    on_source = replace(style, fit="source")
    assert (255, 255, 255) in set(
        map(
            tuple,
            choose_palette(
                on_source, vote_image(every_pixel, image, on_source).histogram
            ).colors.tolist(),
        )
    )


@pytest.mark.parametrize(
    ("frames", "style"),
    [
        (MOVING, Style(jaggies=True)),
        (MOVING, Style(isolated=True, palette="pico-8", dither="bayer4")),
        (OPENING, Style(remove_background=True)),
        (OPENING, Style(remove_background=True, isolated=True, outline="inside")),
        (STRAYING, Style(isolated=True, jaggies=True)),
    ],
)
def test_neighbours_that_change_leave_nothing_behind_in_an_animation(frames, style):
    """What the clean-up makes of a cell that holds still is decided by what is around it now."""
    votes = vote_animation(every_pixel, frames, style)
    animated = finish(votes, style, choose_palette(style, votes.histogram)).frames
    for frame, found in zip(frames, animated, strict=True):
        alone = vote_image(every_pixel, frame, style)
        assert np.array_equal(
            found, finish(alone, style, choose_palette(style, alone.histogram)).frames[0]
        )


def test_the_cleaned_colours_of_all_frames_are_what_the_palette_is_fitted_to():
    style = Style(colors=16, remove_background=True)
    votes = vote_animation(every_pixel, MOVING, style)
    fitted = set(map(tuple, choose_palette(style, votes.histogram).colors.tolist()))
    assert fitted == opaque_colors(votes.sprites) < opaque_colors(MOVING)


def test_a_background_goes_by_its_colour():
    scene = np.full((12, 12, 3), (90, 160, 230), np.uint8)  # a sky above a meadow
    scene[8:] = (60, 180, 75)
    scene[4:7, 4:8] = (60, 180, 75)  # a leaf before the sky
    meadow = Style(remove_background=True, background_color="3cb44b")
    (sprite,) = vote_image(every_pixel, scene, meadow).sprites
    assert (sprite[8:, :, 3] == 0).all() and (sprite[:8, :, 3] == 255).all()
    (sprite,) = vote_image(every_pixel, scene, replace(meadow, holes=True)).sprites
    assert np.array_equal(sprite[..., 3] == 255, scene[..., 2] == 230)
    (sprite,) = vote_image(every_pixel, scene, replace(meadow, background_color=None)).sprites
    assert np.array_equal(sprite[..., 3] == 255, scene[..., 2] != 230)
    votes = vote_animation(every_pixel, [scene, scene[::-1]], meadow)
    assert [sprite[0, 0, 3] for sprite in votes.sprites] == [255, 0]
    nowhere = replace(meadow, background_color=(255, 0, 255))
    assert vote_image(every_pixel, scene, nowhere).remarks == (
        "no background was removed: nothing at the border is of the colour ff00ff",
    )


@pytest.mark.parametrize(("left", "said"), [(0, True), (4, True), (18, False), (300, False)])
def test_it_is_told_where_the_background_takes_almost_everything(left, said):
    scene = np.full((24, 24, 3), (90, 160, 230), np.uint8)
    scene.reshape(-1, 3)[100 : 100 + left] = (60, 180, 75)
    remarks = vote_image(every_pixel, scene, Style(remove_background=True)).remarks
    assert [f"took {576 - left} of 576 cells" in remark for remark in remarks] == [True] * said


def test_the_background_of_an_animation_does_not_flicker():
    style = Style(remove_background=True)
    # covers most of the border, in many colours
    close_up = RANDOM.integers(0, 256, (12, 24, 3), dtype=np.uint8)
    close_up[..., 0], close_up[:, :4] = 250, (70, 130, 80)
    # the third has hardly another background
    frames = [ball(2), close_up, ball(6, (72, 131, 82)), ball(10)]
    votes = vote_animation(every_pixel, frames, replace(style, still=0, hysteresis=0))
    assert votes.remarks == ()
    for sprite, frame in zip(votes.sprites, frames, strict=True):
        assert np.array_equal(sprite[..., 3] > 0, frame[..., 0] == 250)
    # Every scene has its own.
    scenes = [ball(2), ball(3), ball(4), ball(5, (20, 20, 90)), ball(6, (20, 20, 90))]
    for sprite, frame in zip(
        vote_animation(every_pixel, scenes, style).sprites, scenes, strict=True
    ):
        assert np.array_equal(sprite[..., 3] > 0, frame[..., 0] == 250)
    # What is transparent already has no other one, even if the drawing fills a frame.
    alone = np.zeros((12, 24, 4), np.uint8)
    alone[4:8, 2:6] = (250, 240, 160, 255)
    filled = np.full((12, 24, 4), (250, 240, 160, 255), np.uint8)
    assert vote_animation(every_pixel, [alone, filled], style).sprites[0][..., 3].sum() == 16 * 255
    noise = [RANDOM.integers(0, 256, (12, 24, 3), dtype=np.uint8) for _ in range(3)]
    votes = vote_animation(every_pixel, noise, style)
    assert votes.remarks == (
        "no background was removed: the border has no colour that most of its cells share",
    )


def test_a_white_body_stays_in_frames_that_show_no_background():
    body = np.full((96, 96, 3), 255, np.uint8)
    body[16:80, 16:80] = 20  # an outline of one pixel, which the middles of cells miss
    body[17:79, 17:79] = 255
    close_up = body.copy()
    close_up[:12], close_up[-12:], close_up[:, :12] = (40, 90, 200), (60, 180, 75), (200, 60, 60)
    style = Style(cell_size=8, remove_background=True)
    sprites = vote_animation(middles, [body, close_up, body], style).sprites
    assert [int((sprite[3:9, 3:9, 3] > 0).sum()) for sprite in sprites] == [36, 36, 36]


@pytest.mark.parametrize("wrap", [False, True])
def test_strays_of_a_fill_join_it_in_tiles_that_repeat_too(wrap):
    def scattering(image, **asked):
        return replace(middles(image, **asked), shade=0.05)

    fill = np.full((128, 128, 3), (200, 60, 60), np.uint8)
    fill[40:48, 40:48] = (201, 61, 60)
    (sprite,) = vote_image(scattering, fill, Style(cell_size=8, wrap=wrap)).sprites
    assert np.array_equal(sprite, np.broadcast_to((200, 60, 60), sprite.shape))


def test_an_animation_needs_frames_of_one_size():
    with pytest.raises(UserError, match="no frames"):
        vote_animation(every_pixel, [])
    with pytest.raises(UserError, match="frame 2 has 8x9 pixels, the others 8x8"):
        vote_animation(every_pixel, [np.zeros((8, 8, 3), np.uint8), np.zeros((9, 8, 3), np.uint8)])


def half_transparent():
    image = np.zeros((6, 6, 4), np.uint8)
    image[:3] = (250, 200, 0, 255)
    image[3] = (10, 20, 200, 160)
    image[4] = (10, 20, 30, 80)
    return image


def snapping(image, *, cell_size, size):
    return snap(image, cell_size=1 if size is None else None, size=size)


def reduced_hard(image, *, cell_size, size):
    result = snapping(image, cell_size=cell_size, size=size)
    return replace(result, sprite=hard_edged(result.sprite))


def test_sprites_that_no_memory_holds_are_refused(monkeypatch):
    frames = [np.full((2, 4, 3), level, np.uint8) for level in (0, 100, 200)]
    monkeypatch.setenv("PIXELIZATION_MAX_ANIMATION_CELLS", "24")
    assert len(vote_animation(every_pixel, frames).sprites) == 3
    monkeypatch.setenv("PIXELIZATION_MAX_ANIMATION_CELLS", "23")
    with pytest.raises(UserError, match="3 frames of 4x2 cells: .*MAX_ANIMATION_CELLS"):
        vote_animation(every_pixel, frames)


def test_half_transparent_cells_are_counted_or_kept():
    image = half_transparent()
    hard = vote_image(reduced_hard, image)
    assert hard.remarks == (
        "half transparent cells: 6 became transparent, 6 opaque: alpha 'keep' keeps them",
    )
    assert set(np.unique(hard.sprites[0][..., 3])) == {0, 255}
    kept = vote_image(reduced_hard, image, Style(alpha="keep"))
    assert kept.remarks == () and (kept.sprites[0] == image).all()


def test_half_transparent_cells_of_frames_and_tiles_are_counted_together():
    image = half_transparent()
    frames = vote_animation(reduced_hard, [image, image[::-1].copy()])
    assert frames.remarks[0].startswith("half transparent cells: 12 became transparent, 12 opaque")
    boxes = [Box(0, 0, 3, 6), Box(3, 0, 3, 6)]
    sheet = vote_sheet(reduced_hard, image, boxes, Style(cell_size=1, alpha="keep"))
    assert sheet.remarks == () and (np.hstack(sheet.sprites) == image).all()


def test_colours_of_shadows_are_counted_for_the_palette():
    style = Style(alpha="keep", colors=3)
    colors = vote_image(reduced_hard, half_transparent(), style).histogram.colors
    assert len(colors) == 3


def flickering_strip(count=4, cell=4, size=8, seed=0):
    """Tiles of a still picture in a row, with noise that tips colours over, and its JSON's tags."""
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (size, size, 3), np.uint8).repeat(cell, 0).repeat(cell, 1)
    frames = [
        np.clip(picture.astype(int) + rng.integers(-4, 5, picture.shape), 0, 255).astype(np.uint8)
        for _ in range(count)
    ]
    side = size * cell
    boxes = [Box(index * side, 0, side, side) for index in range(count)]
    return np.hstack(frames), boxes, frames


def test_tiles_of_a_strip_are_held_as_the_same_animation_is():
    sheet, boxes, frames = flickering_strip()
    style = Style(cell_size=4)
    moving = vote_animation(snap, frames, style)
    held = vote_sheet(snap, sheet, boxes, style, strips=[(0, 1, 2, 3)])
    loose = vote_sheet(snap, sheet, boxes, style)
    for tile, frame in zip(held.sprites, moving.sprites, strict=True):
        assert np.array_equal(tile, frame) and np.array_equal(tile, held.sprites[0])
    assert any(not np.array_equal(tile, loose.sprites[0]) for tile in loose.sprites)
    assert held.together == [(0, 1, 2, 3)] and loose.together == [(0,), (1,), (2,), (3,)]


def test_tiles_outside_a_strip_stay_as_they_were():
    sheet, boxes, _ = flickering_strip(count=5, seed=1)
    style = Style(cell_size=4)
    loose = vote_sheet(snap, sheet, boxes, style)
    held = vote_sheet(snap, sheet, boxes, style, strips=[(3, 1)])
    for number in (0, 2, 4):
        assert np.array_equal(held.sprites[number], loose.sprites[number])
    assert np.array_equal(held.sprites[1], loose.sprites[3])  # in the order of time
    assert np.array_equal(held.sprites[3], loose.sprites[3])


@pytest.mark.parametrize("dither", ["floyd-steinberg", "bayer4"])
def test_cells_of_a_strip_that_stand_still_are_dithered_alike(dither):
    """Errors spread from a square that moves, but nothing else changes."""
    boxes = [Box(24 * index, 0, 24, 12) for index in range(4)]
    sheet = np.hstack([ball(column) for column in (2, 7, 12, 17)])
    style = Style(cell_size=1, palette="gameboy", dither=dither, still=0, hysteresis=0)
    palette = choose_palette(style, ColorHistogram())
    votes = vote_sheet(every_pixel, sheet, boxes, style, strips=[(0, 1, 2, 3)])
    moving = vote_animation(every_pixel, [ball(column) for column in (2, 7, 12, 17)], style)
    assert np.array_equal(
        finish(votes, style, palette).frames[0], np.hstack(finish(moving, style, palette).frames)
    )


def test_the_background_of_a_strip_does_not_flicker():
    """A tile whose border shows little of it has that of the others, as frames have."""
    sheet = np.hstack([ring(False), ring(True), ring(False)])
    sheet[[0, -1], 12:23] = (10, 200, 10)
    boxes = [Box(12 * index, 0, 12, 12) for index in range(3)]
    style = Style(cell_size=1, remove_background=True)
    frames = [sheet[:, 12 * index : 12 * index + 12] for index in range(3)]
    held = vote_sheet(every_pixel, sheet, boxes, style, strips=[(0, 1, 2)])
    moving = vote_animation(every_pixel, frames, style)
    for tile, frame in zip(held.sprites, moving.sprites, strict=True):
        assert np.array_equal(with_alpha(tile), frame)


def test_repeated_borders_of_tiles_are_repeated_again():
    rng = np.random.default_rng(0)
    tiles = [rng.integers(0, 256, (4, 4, 3), np.uint8) for _ in range(2)]
    large = [np.pad(t.repeat(4, 0).repeat(4, 1), ((2, 2), (2, 2), (0, 0)), "edge") for t in tiles]
    sheet, boxes = np.hstack(large), [Box(2, 2, 16, 16), Box(22, 2, 16, 16)]
    style = Style(cell_size=4)
    votes = vote_sheet(snap, sheet, boxes, style)
    assert votes.ring == (1, 1)
    (found,) = finish(votes, style).frames
    expected = np.hstack([np.pad(tile, ((1, 1), (1, 1), (0, 0)), "edge") for tile in tiles])
    assert np.array_equal(found, expected)
    smooth_sheet = smooth(votes, classical_enlarger("nearest"), factor=2)
    assert np.array_equal(smooth_sheet.frames[0], expected.repeat(2, 0).repeat(2, 1))
    assert smooth_sheet.boxes == (Box(2, 2, 8, 8), Box(14, 2, 8, 8))


def outlined_box(left, ink=(0, 0, 0)):
    """A white box of 4 x 4 cells of 8 pixels, with an outline of one pixel, on white."""
    image = np.full((64, 64, 3), 255, np.uint8)
    image[16:48, left : left + 32] = ink
    image[17:47, left + 1 : left + 31] = 255
    return image


@pytest.mark.parametrize("ink", [(0, 0, 0), (200, 30, 30), (120, 120, 120)])
def test_a_background_does_not_leak_through_outlines_that_cells_have_lost(ink):
    style = Style(remove_background=True)
    (sprite,) = vote_image(middles, outlined_box(16, ink), style).sprites
    expected = np.zeros((8, 8), bool)
    expected[2:6, 2:6] = True
    assert np.array_equal(sprite[..., 3] == 255, expected)
    (sprite,) = vote_image(middles, outlined_box(16, ink), replace(style, holes=True)).sprites
    assert not sprite.any()


def test_nor_in_frames_or_tiles():
    style = Style(remove_background=True)
    boxes = [outlined_box(left) for left in (8, 8, 16, 24)]
    tiles = [Box(64 * index, 0, 64, 64) for index in range(4)]
    frames = vote_animation(middles, boxes, style).sprites
    sheet = vote_sheet(middles, np.hstack(boxes), tiles, replace(style, cell_size=8)).sprites
    for left, frame, tile in zip((1, 1, 2, 3), frames, sheet, strict=True):
        expected = np.zeros((8, 8), bool)
        expected[2:6, left : left + 4] = True
        assert np.array_equal(frame[..., 3] == 255, expected)
        assert np.array_equal(tile[..., 3] == 255, expected)


def moved_by_hand(picture, right, down, mode="edge"):
    """What lies further right and down comes to the corner."""
    height, width = picture.shape[:2]
    wide = np.pad(picture, ((8, 8), (8, 8), (0, 0)), mode=mode)
    return wide[8 + down : 8 + down + height, 8 + right : 8 + right + width]


@pytest.mark.parametrize("wrap", [False, True])
def test_an_offset_is_the_picture_moved_by_hand(wrap):
    """Of stills, and of frames that are held still; the background is that of the source, whose
    thin outlines the middles of cells miss.
    """
    noise = RANDOM.integers(0, 3, (4, 64, 64, 3), np.uint8)
    boxes = [outlined_box(left) - each for left, each in zip((8, 8, 16, 24), noise, strict=True)]
    style = Style(cell_size=8, remove_background=True, wrap=wrap)
    offset = replace(style, offset=(0.5, 0.75))
    mode = "wrap" if wrap else "edge"
    by_hand = [moved_by_hand(box, 4, -2, mode) for box in boxes]
    still = vote_image(middles, boxes[2], offset)
    assert np.array_equal(still.sprites[0], vote_image(middles, by_hand[2], style).sprites[0])
    assert still.sprites[0][..., 3].any(), "the white body within stays"
    found = vote_animation(middles, boxes, offset)
    expected = vote_animation(middles, by_hand, style)
    assert all(map(np.array_equal, found.sprites, expected.sprites))
    assert all(map(np.array_equal, found.strips[0].origins, expected.strips[0].origins))


def test_colours_of_the_source_are_those_of_the_whole():
    picture = RANDOM.integers(0, 256, (24, 32, 3), np.uint8)
    style = Style(cell_size=8, colors=4, fit="source")
    for votes in (vote_image, lambda *given: vote_animation(given[0], [given[1]], given[2])):
        plain = votes(middles, picture, style).histogram
        found = votes(middles, picture, replace(style, offset=0.5)).histogram
        assert np.array_equal(found.colors, plain.colors)
        assert np.array_equal(found.counts, plain.counts)


def test_an_offset_that_moves_nothing_is_told():
    still = Still(Image.fromarray(RANDOM.integers(0, 256, (24, 32, 3), np.uint8)))
    assert vote(middles, still, Style(cell_size=8, offset=(0, 0.25))).remarks == ()
    for picture in (still, Animation([still.image, still.image])):
        for offset in (0.05, 0.95):
            (remark,) = vote(middles, picture, Style(cell_size=8, offset=offset)).remarks
            assert "the offset moves nothing" in remark


def owl(left):
    """Two eyes on a ground, the right one lighter than the left one by a trace."""
    picture = np.full((64, 96, 3), 240, np.uint8)
    for place, color in ((left + 8, (20, 20, 60)), (left + 32, (24, 20, 60))):
        picture[20:34, place : place + 15] = color
        picture[24:28, place + 5 : place + 10] = (250, 220, 60)
    return picture


@pytest.mark.parametrize("left", [18, 20, 21])
def test_a_symmetric_drawing_has_the_cells_of_its_left_half_on_the_right(left):
    picture = owl(left)  # columns left + 8 to left + 46: the axis is at left + 27.5
    style = Style(cell_size=8)
    made = vote_image(middles, picture, replace(style, symmetric=True))
    axis = left + 27.5 - made.corner[0]
    assert abs(made.corner[0]) <= 2 and made.corner[1] == 0 and not made.remarks
    assert abs(axis / 4 - round(axis / 4)) <= 0.5 / 4
    by_hand = vote_image(middles, moved_by_hand(picture, made.corner[0], 0), style)
    cells, bare = made.sprites[0], by_hand.sprites[0]
    halves = round(axis / 4)
    assert np.array_equal(cells[:, : halves // 2], bare[:, : halves // 2])
    width = min(halves, 24 - halves)
    middle = cells[:, (halves - width) // 2 : (halves + width) // 2]
    assert np.array_equal(middle, middle[:, ::-1])


def test_what_is_not_symmetric_is_told_and_stays():
    picture = np.random.default_rng(3).integers(0, 256, (96, 160, 3), np.uint8)
    style = Style(cell_size=8, symmetric=True)
    made = vote_image(middles, picture, style)
    assert made.corner == (0, 0) and "no drawing that is its own mirror image" in made.remarks[0]
    assert np.array_equal(
        made.sprites[0], vote_image(middles, picture, Style(cell_size=8)).sprites[0]
    )


def test_animations_stay_as_they_are():
    frames = [Image.fromarray(owl(left)) for left in (18, 21)]
    made = vote(middles, Animation(frames), Style(cell_size=8, symmetric=True))
    expected = vote(middles, Animation(frames), Style(cell_size=8))
    assert all(map(np.array_equal, made.sprites, expected.sprites))
    assert "symmetric is for single pictures" in made.remarks[0]
