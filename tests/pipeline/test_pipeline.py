"""From votes to finished sprites.

Palettes that hold, animations that do not flicker, tiles that do not bleed.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pixelization import Pixelizer
from pixelization.errors import UserError
from pixelization.palettes.names import DITHERS
from pixelization.palettes.palette import Palette
from pixelization.pipeline.finish import finish
from pixelization.pipeline.sprites import choose_palette, count_colors
from pixelization.pipeline.style import Style
from pixelization.pipeline.votes import vote_animation, vote_image, vote_sheet
from pixelization.sheets.layout import grid_tiles
from tests.measures import flicker_share

RANDOM = np.random.default_rng(0)


@dataclass
class Reduced:
    sprite: Image.Image
    cell_size: tuple[float, float]


def every_pixel(image, *, cell_size, size):
    """The image itself, alpha made hard, as if each of its pixels were a cell."""
    pixels = np.array(image)
    if pixels.shape[2] == 4:
        pixels[..., 3] = np.where(pixels[..., 3] >= 128, 255, 0)
        pixels[pixels[..., 3] == 0] = 0
    return Reduced(Image.fromarray(pixels), (1.0, 1.0))


def opaque_colors(frames):
    pixels = np.concatenate([frame.reshape(-1, frame.shape[2]) for frame in frames])
    opaque = pixels[pixels[:, 3] == 255] if pixels.shape[1] == 4 else pixels
    return set(map(tuple, opaque[:, :3].tolist()))


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
        "the outline is cut where the drawing touches the border: pad it, or trim it",
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
    with pytest.raises(
        UserError, match="nothing to outline: no background was removed: the border has no colour"
    ):
        finish(vote_image(every_pixel, image, style), style)


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
        .remarks[0]
        .endswith("less than half opaque, or background")
    )
    seen = faint.copy()
    seen[2, 3, 3] = 128
    assert (
        finish(vote_image(every_pixel, seen)).remarks
        == finish(vote_animation(every_pixel, [faint, seen])).remarks
        == ()
    )


def ball(column, background=(70, 130, 80)):
    """A light square on a flat ground."""
    frame = np.full((12, 24, 3), background, np.uint8)
    frame[4:8, column : column + 4] = (250, 240, 160)
    return frame


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


def test_an_animation_needs_frames_of_one_size():
    with pytest.raises(UserError, match="no frames"):
        vote_animation(every_pixel, [])
    with pytest.raises(UserError, match="frame 2 has 8x9 pixels, the others 8x8"):
        vote_animation(every_pixel, [np.zeros((8, 8, 3), np.uint8), np.zeros((9, 8, 3), np.uint8)])


@pytest.fixture(scope="module")
def shipped():
    return Pixelizer.from_pretrained(device="cpu")


def picture(name="tests/data/cartoons", size=128):
    path = sorted((Path(__file__).resolve().parents[2] / name).iterdir())[0]
    return np.asarray(Image.open(path).convert("RGB").resize((size, size), Image.Resampling.BOX))


@pytest.mark.parametrize(
    "style",
    [
        Style(cell_size=4),
        Style(cell_size=4, colors=8, dither="bayer4"),
        Style(cell_size=4, colors=8, dither="atkinson"),
    ],
)
def test_a_noisy_still_does_not_flicker(shipped, style):
    clean = picture().astype(np.int16)
    frames = [
        np.clip(clean + np.random.default_rng(seed).integers(-2, 3, clean.shape), 0, 255).astype(
            np.uint8
        )
        for seed in range(24)
    ]
    sprites = np.stack(shipped.pixelize(frames, style).frames)
    changed = (sprites != sprites[0]).any(axis=(0, 3))
    assert changed.mean() <= 0.005
    by_itself = np.stack([shipped.pixelize(frame, style).frames[0] for frame in frames[:4]])
    # the rule has something to do
    assert (by_itself != by_itself[0]).any(axis=(0, 3)).mean() > 0.005


@pytest.mark.parametrize("dither", ["none", "bayer4", "floyd-steinberg"])
def test_a_sprite_that_moves_leaves_the_background_alone(shipped, dither):
    background, cell = picture(), 4
    frames, covered = [], np.zeros((24, 32, 32), bool)
    for step in range(24):
        frame = background.copy()
        left = cell * step
        frame[40:72, left : left + 32] = (20, 60, 200)
        frame[48:56, left + 8 : left + 24] = (250, 240, 90)
        covered[step, 10:18, step : step + 8] = True
        frames.append(frame)
    style = Style(cell_size=cell, colors=12, dither=dither)
    sprites = np.stack(shipped.pixelize(frames, style).frames)
    never = ~covered.any(axis=0)
    assert (sprites[:, never] != sprites[0, never]).any(axis=(0, 2)).mean() <= 0.01
    # And a cell that is uncovered again looks as it did.
    first_seen = np.array(
        [[sprites[np.argmin(covered[:, y, x]), y, x] for x in range(32)] for y in range(32)]
    )
    differs = (sprites != first_seen).any(axis=3) & ~covered
    assert differs.mean() <= 0.01
    assert flicker_share(frames, list(sprites)) <= 0.005


def test_tiles_are_made_each_by_itself(shipped):
    sheet = np.zeros((64, 64, 4), np.uint8)
    sheet[:32, :32, :3] = picture(size=32)
    sheet[32:, 32:, :3] = picture(size=32)[::-1]
    sheet[:32, :32, 3] = sheet[32:, 32:, 3] = 255
    tiles = grid_tiles((64, 64), (32, 32))
    (whole,) = shipped.pixelize(sheet, Style(cell_size=4), sheet=tiles).frames
    assert whole.shape == (16, 16, 4)
    (alone,) = shipped.pixelize(sheet[:32, :32, :3], cell_size=4).frames
    assert np.array_equal(whole[:8, :8, :3], alone)
    assert not whole[:8, 8:].any()
    (by_size,) = shipped.pixelize(sheet, sheet=(32, 32), size=8).frames
    assert np.array_equal(by_size, whole)
    rounded = vote_sheet(shipped.networks, sheet, tiles, Style(cell_size=7))
    assert (rounded.sprites[0].shape[:2], rounded.cell_size) == ((5, 5), (6.4, 6.4))
    with pytest.raises(
        UserError, match="tiles of 4x4 pixels are smaller than a cell of 5.333x5.333"
    ):
        vote_sheet(shipped.networks, sheet, grid_tiles((64, 64), (4, 4)))
    for boxes, message in (
        ([], "no tiles"),
        (grid_tiles((128, 64), (64, 64)), "beyond the sheet of 64x64"),
    ):
        with pytest.raises(UserError, match=message):
            vote_sheet(shipped.networks, sheet, boxes)
    with pytest.raises(UserError, match="trim and pad"):
        vote_sheet(shipped.networks, sheet, tiles, Style(trim=True))


def test_pil_numpy_and_torch_are_the_same_picture(shipped):
    pixels = picture(size=64)
    tensor = torch.from_numpy(pixels.copy()).permute(2, 0, 1)
    style = Style(cell_size=4)
    first, *others = (
        shipped.pixelize(image, style).frames[0]
        for image in (pixels, Image.fromarray(pixels), tensor, tensor / 255)
    )
    assert all(np.array_equal(first, other) for other in others)
