"""Finished sprites: palettes that hold, outlines, canvases, and files."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pixelization.animation.frames import Frame
from pixelization.animation.reading import open_animation
from pixelization.errors import UserError
from pixelization.palettes.classics import classic_palette
from pixelization.palettes.names import DITHERS
from pixelization.palettes.palette import Palette
from pixelization.pipeline.finish import finish, for_format
from pixelization.pipeline.sheet_votes import vote_sheet
from pixelization.pipeline.sprites import choose_palette
from pixelization.pipeline.style import Style, make_style
from pixelization.pipeline.votes import vote_animation, vote_image
from pixelization.sheets.atlas import read_atlas
from pixelization.sheets.layout import grid_tiles
from tests.make import ball, every_pixel, opaque_colors

RANDOM = np.random.default_rng(0)


def blocks(channels, size=12):
    """Random squares: areas, lines and stray pixels in few colours."""
    colors = RANDOM.integers(0, 256, (6, channels), dtype=np.uint8)
    return colors[RANDOM.integers(0, 6, (size, size)) * RANDOM.integers(0, 2, (size, size))]


@pytest.mark.parametrize("seed", range(40))
def test_every_opaque_pixel_is_in_the_palette(seed):
    random = np.random.default_rng(seed)
    palette = Palette(
        random.integers(0, 256, (int(random.choice([1, 2, 3, 16, 100, 256])), 3), dtype=np.uint8)
    )
    style = Style(
        palette=palette,
        dither=str(random.choice(DITHERS)),
        dither_strength=random.random(),
        isolated=bool(seed % 2),
        jaggies=bool(seed % 3),
        remove_background=True,
        trim=bool(seed % 5),
        outline=str(random.choice(["none", "outside", "inside"])),
        outline_color=None if seed % 2 else (1, 2, 3),
    )
    frames = [blocks(4) for _ in range(3)]
    for votes in (
        vote_image(every_pixel, frames[0], style),
        vote_animation(every_pixel, frames, style),
    ):
        done = finish(votes, style, choose_palette(style, votes.histogram))
        assert opaque_colors(done.frames) <= set(map(tuple, palette.colors.tolist()))
        assert {frame.dtype for frame in done.frames} == {np.dtype(np.uint8)}
        assert set(np.unique([frame[..., 3] for frame in done.frames])) <= {0, 255}


def test_trimming_padding_and_the_outline_on_the_canvas():
    image = np.zeros((9, 9, 4), np.uint8)
    image[3:5, 4:7] = (200, 0, 0, 255)
    votes = vote_image(every_pixel, image)
    (trimmed,) = finish(votes, Style(trim=True)).frames
    assert trimmed.shape == (2, 3, 4)
    (outlined,) = finish(votes, Style(trim=True, outline="outside", outline_color=(0, 0, 0))).frames
    assert (
        outlined.shape == (4, 5, 4)
        and (outlined[0, 1:4] == (0, 0, 0, 255)).all()
        and outlined[0, 0, 3] == 0
    )
    (padded,) = finish(votes, Style(trim=True, pad=(7, 6))).frames
    assert padded.shape == (6, 7, 4) and np.array_equal(padded[2:4, 2:5], trimmed)
    done = finish(vote_image(every_pixel, image[3:5, 4:7]), Style(outline="none"))
    assert done.remarks == ()
    cut = finish(vote_image(every_pixel, image[2:, 4:]), Style(outline="outside"))
    assert cut.remarks == (
        "the outline is cut where the drawing touches the border: give a pad of 7x9, or, "
        "of a drawing, a size of 3 with a pad of 5x7",
    )
    with pytest.raises(UserError, match="background"):
        finish(vote_image(every_pixel, image[..., :3]), Style(outline="inside"))


def test_an_outline_needs_a_silhouette_whatever_is_made_of_the_canvas():
    image = RANDOM.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    for style in (
        Style(outline="outside"),
        Style(outline="outside", trim=True),
        Style(outline="inside", pad=(12, 12)),
    ):
        with pytest.raises(UserError, match="nothing to outline: nothing is transparent"):
            finish(vote_image(every_pixel, image), style)
    # though what was voted for knew nothing of a background
    with pytest.raises(UserError, match="nothing to outline"):
        finish(vote_image(every_pixel, image), Style(remove_background=True, outline="outside"))
    style = Style(remove_background=True, outline="outside")
    votes = vote_image(every_pixel, image, style)
    with pytest.raises(
        UserError, match="nothing to outline: no background was removed: the border has no colour"
    ):
        finish(replace(votes, remarks=("not sure of the grid", *votes.remarks)), style)


def test_a_cut_outline_on_a_sheet_needs_another_remedy():
    sheet = np.zeros((4, 8, 4), np.uint8)
    sheet[:, 1:3] = (200, 0, 0, 255)
    done = finish(
        vote_sheet(every_pixel, sheet, grid_tiles((8, 4), (4, 4)), Style(cell_size=1)),
        Style(outline="outside"),
    )
    assert done.remarks == (
        "the outline is cut where the drawing touches the border: "
        "leave a margin of one cell in every tile",
    )


def test_a_result_that_cannot_be_seen_is_remarked_on():
    faint = np.full((6, 6, 4), (200, 30, 40, 100), np.uint8)
    for votes in (
        vote_image(every_pixel, faint),
        vote_animation(every_pixel, [faint, faint // 2]),
        vote_sheet(every_pixel, faint, grid_tiles((6, 6), (3, 3)), Style(cell_size=1)),
    ):
        assert finish(votes).remarks == ("nothing is left: every cell is less than half opaque",)
    flat = Style(remove_background=True)
    assert (
        finish(vote_image(every_pixel, faint[..., :3], flat), flat)
        .remarks[-1]
        .endswith("less than half opaque, or background")
    )
    seen = faint.copy()
    seen[2, 3, 3] = 128
    assert (
        finish(vote_image(every_pixel, seen)).remarks
        == finish(vote_animation(every_pixel, [faint, seen])).remarks
        == ()
    )


@pytest.mark.parametrize("dither", ["floyd-steinberg", "atkinson"])
def test_a_cell_that_looks_as_before_is_dithered_as_before(dither):
    """Also where clean-up has changed it meanwhile and back."""
    ground = np.linspace((40, 60, 90), (120, 160, 200), 24).astype(np.uint8) + np.zeros(
        (12, 1, 1), np.uint8
    )
    frames = []
    for column in (2, 5, 8, 11, 8, 5, 2, 14):
        frame = ground.copy()
        frame[4:8, column : column + 4] = (250, 240, 160)
        frames.append(frame)
    style = Style(palette="pico-8", dither=dither, isolated=True)
    votes = vote_animation(every_pixel, frames, style)
    finished = finish(votes, style, choose_palette(style, votes.histogram)).frames
    for later in range(8):
        for earlier in range(later):
            same = (votes.sprites[later] == votes.sprites[earlier]).all(axis=2) & (
                frames[later] == frames[earlier]
            ).all(axis=2)
            assert np.array_equal(finished[later][same], finished[earlier][same])


def test_a_still_is_saved_as_png(tmp_path):
    done = finish(
        vote_image(every_pixel, blocks(4)), Style(palette="pico-8"), classic_palette("pico-8")
    )
    assert done.image.size == (12, 12) and repr(done) == "<Finished: 12x12, 16 colours>"
    assert done.save(tmp_path / "new" / "still.png") == []
    assert np.array_equal(np.asarray(Image.open(tmp_path / "new" / "still.png")), done.frames[0])
    with pytest.raises(UserError, match="exists"):
        done.save(tmp_path / "new" / "still.png")
    done.save(tmp_path / "new" / "still.png", overwrite=True)
    with pytest.raises(UserError, match="still is a PNG file"):
        done.save(tmp_path / "still.gif")
    done.save(tmp_path / "100%done.aseprite")
    assert (tmp_path / "100%done.aseprite").is_file()  # one, no numbered images


def test_an_animation_is_saved_by_its_suffix(tmp_path):
    frames = [Frame(Image.fromarray(ball(column)), 40.0 * column) for column in (2, 5, 8)]
    done = finish(vote_animation(every_pixel, frames))
    assert repr(done) == "<Finished: 3 frames of 24x12>"
    for name in ("walk.png", "walk.gif", "walk.webp", "walk_%02d.png"):
        done.save(tmp_path / name)
        with open_animation(tmp_path / name) as reader:
            assert [np.asarray(frame.image).tolist() for frame in reader] == [
                frame.tolist() for frame in done.frames
            ]
            if "%" not in name:
                assert [frame.duration for frame in reader] == [80, 200, 320]
    done.save(tmp_path / "sheet.png", sheet=True)
    strip = np.asarray(Image.open(tmp_path / "sheet.png"))
    tiles = finish(vote_sheet(every_pixel, strip, grid_tiles(strip.shape[1::-1], (24, 12))))
    with pytest.raises(UserError, match="is a sheet already"):
        tiles.save(tmp_path / "again.png", sheet=True)
    assert np.array_equal(strip, np.concatenate(done.frames, axis=1))
    durations = [frame.duration for frame in read_atlas(tmp_path / "sheet.json").frames]
    assert durations == [80, 200, 320]
    with pytest.raises(UserError, match="ends in one of .png .apng .gif"):
        done.save(tmp_path / "walk.jpg")
    with pytest.raises(UserError, match="numbered images are PNG files"):
        done.save(tmp_path / "walk_%02d.gif")
    untimed = finish(vote_animation(every_pixel, [ball(2), ball(5)]))
    assert untimed.durations is None
    untimed.save(tmp_path / "untimed.webp")
    with open_animation(tmp_path / "untimed.webp") as reader:
        assert [round(frame.duration) for frame in reader] == [83, 84]


def test_soft_edges_and_formats_that_have_none(tmp_path):
    soft = np.full((4, 4, 4), (200, 30, 30, 255), np.uint8)
    soft[0, :, 3] = (0, 100, 150, 255)
    for format in (None, "png", "webp", "sequence"):
        assert for_format((soft,), format) == ((soft,), [])
    (hard,), remarks = for_format((soft,), "gif")
    assert hard[0, :, 3].tolist() == [0, 0, 255, 255] and remarks[0].startswith("GIF has no half")
    (white,), remarks = for_format((soft,), "mp4")
    assert white.shape == (4, 4, 3) and remarks[0].startswith("MP4 has no transparency")
    assert (white[0, 0] == 255).all()


def test_an_outline_that_is_there_is_said_and_completed():
    sprite = np.zeros((7, 7, 4), np.uint8)
    sprite[1:6, 1:6] = (20, 16, 30, 255)
    sprite[2:5, 2:5] = (250, 200, 90, 255)
    whole = finish(vote_image(every_pixel, sprite), Style(outline="outside"))
    assert np.array_equal(whole.frames[0], sprite)
    assert whole.remarks == (
        "16 of 16 cells along the silhouette look like an outline already: only the others got one",
    )
    sprite[1, 3] = (250, 200, 90, 255)
    gap = finish(vote_image(every_pixel, sprite), Style(outline="outside"))
    assert (gap.frames[0] != sprite).any(axis=2).sum() == 1 and gap.frames[0][0, 3, 3] == 255
    assert gap.remarks[0].startswith("15 of 16 cells")


@pytest.mark.parametrize(
    ("shape", "pad", "advice"),
    [
        ((32, 32), None, "a pad of 34x34, or, of a drawing, a size of 30 with a pad of 32x32"),
        ((24, 32), None, "a pad of 34x26, or, of a drawing, a size of 29 with a pad of 32x24"),
        ((24, 32), (32, 32), "a pad of 34x34, or, of a drawing, a size of 30 with a pad of 32x32"),
        ((2, 2), None, "a pad of 4x4"),
    ],
)
def test_what_is_told_of_an_outline_that_is_cut_makes_room_for_it(shape, pad, advice):
    filled = np.full((*shape, 4), (200, 30, 40, 255), np.uint8)
    filled[0, 0] = 0
    style = Style(outline="outside", pad=pad)
    (line,) = finish(vote_image(every_pixel, filled), style).remarks
    assert line.endswith(f"touches the border: give {advice}")
    larger = advice.split(",")[0].removeprefix("a pad of ")
    assert finish(vote_image(every_pixel, filled), make_style(style, pad=larger)).remarks == ()


SMALL = Palette.from_hex(
    ["000000", "ab5236", "5f574f", "7e2553", "ff004d", "ffa300", "fff1e8", "1d2b53"]
)


def two_colors(first, second):
    """A rectangle of two halves on nothing, RGBA."""
    image = np.zeros((8, 12, 4), np.uint8)
    image[2:6, 2:6], image[2:6, 6:10] = (*first, 255), (*second, 255)
    return image


def outline_colors(frame, bare):
    added = (frame[..., 3] > 0) & (bare[..., 3] == 0)
    return set(map(tuple, frame[added, :3].tolist()))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((255, 0, 77), (255, 241, 232)),
        ((255, 163, 0), (255, 0, 77)),
        ((255, 241, 232), (29, 43, 83)),
    ],
)
def test_an_outline_has_one_dark_colour_of_a_small_palette(first, second):
    image = two_colors(first, second)
    votes = vote_image(every_pixel, image)
    (found,) = finish(votes, Style(outline="outside"), SMALL).frames
    (color,) = outline_colors(found, image)
    assert color in set(map(tuple, SMALL.colors.tolist())) and max(color) < 180
    assert np.array_equal(found[image[..., 3] > 0], image[image[..., 3] > 0])
    (free,) = finish(votes, Style(outline="outside")).frames
    assert len(outline_colors(free, image)) == 2


def test_frames_share_the_colour_of_their_outline_and_unlike_tiles_do_not():
    frames = [two_colors((255, 0, 77), (255, 0, 77)), two_colors((255, 241, 232), (255, 241, 232))]
    style = Style(outline="outside")
    moving = finish(vote_animation(every_pixel, frames), style, SMALL)
    assert len(set.union(*map(outline_colors, moving.frames, frames))) == 1
    sheet = np.hstack(frames)
    votes = vote_sheet(every_pixel, sheet, grid_tiles((24, 8), (12, 8)), Style(cell_size=1))
    (tiles,) = finish(votes, style, SMALL).frames
    assert len(outline_colors(tiles, sheet)) == 2


@pytest.mark.parametrize(
    ("color", "remarks"),
    [
        ((255, 0, 0), ("the palette has no #ff0000: the outline is #ff004d",)),
        ((255, 0, 77), ()),
        (None, ()),
    ],
)
def test_an_outline_in_a_colour_that_the_palette_lacks_is_told(color, remarks):
    votes = vote_image(every_pixel, two_colors((29, 43, 83), (29, 43, 83)))
    done = finish(votes, Style(outline="outside", outline_color=color), SMALL)
    assert done.remarks == remarks
