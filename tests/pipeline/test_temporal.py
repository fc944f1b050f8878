"""The temporal vote: what may change, what may not, and which colour comes back."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization import Pixelizer
from pixelization.animation.reading import open_animation
from pixelization.cells.voting import paint_cells
from pixelization.pipeline.temporal import TemporalVote, first_alike, gather

CELL = 8
DATA = Path(__file__).parents[1] / "data"


def flat(*values, channels=3):
    """A sprite of one row of greys."""
    sprite = np.array([values], np.uint8)[..., None].repeat(channels, axis=2)
    if channels == 4:
        sprite[..., 3] = 255
    return sprite


def enlarged(sprite):
    return paint_cells(sprite, (sprite.shape[0] * CELL, sprite.shape[1] * CELL))


def noisy(image, seed, amount=2):
    noise = np.random.default_rng(seed).integers(-amount, amount + 1, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def origins(sources, sprites, **settings):
    vote = TemporalVote(**settings)
    return [vote.vote(source, sprite) for source, sprite in zip(sources, sprites, strict=True)]


def of_one_cell(greys, voted=None, **settings):
    """The origins of one cell whose source shows ``greys`` and whose sprites show ``voted``."""
    sources = [enlarged(flat(grey)) for grey in greys]
    return [
        int(o[0, 0]) for o in origins(sources, [flat(grey) for grey in voted or greys], **settings)
    ]


def random_sprite(seed, size=(16, 16)):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)


def test_a_still_cell_cannot_change_whatever_is_voted():
    assert of_one_cell([100, 100, 108, 92, 100], voted=[0, 255, 0, 90, 255]) == [0, 0, 0, 0, 0]
    assert of_one_cell([100, 109, 109, 117], voted=[0, 255, 0, 0]) == [0, 1, 1, 1]
    assert of_one_cell([100, 109], voted=[0, 255], still=9) == [0, 0]


@pytest.mark.parametrize(
    "pixels, amount, changed",
    [
        (1, 64, False),
        (1, 65, True),  # no palette is so far off
        (5, 60, False),  # a mean of 4.7, as a palette may cause
        (8, 60, True),  # of 7.5: a stroke of one pixel
        (64, 8, False),
        (64, 9, True),
    ],
)
def test_few_pixels_change_their_cell_only_if_by_much(pixels, amount, changed):
    sprites = [flat(0, 0), flat(255, 255)]
    before = enlarged(flat(100, 100))
    after = before.copy()
    cell = after[:, CELL:, 2].copy()
    cell.flat[:pixels] += amount
    after[:, CELL:, 2] = cell
    assert origins([before, after], sprites)[1].tolist() == [[0, int(changed)]]
    # where nothing is to be held, everything counts
    assert origins([before, after], sprites, still=0, hysteresis=0)[1].tolist() == [[0, 1]]


def walking(column, eyes_open=True):
    """A head with a smooth outline that stands still over a leg that walks: RGB ``(96, 128, 3)``.

    The eyes are a cell each.
    """
    y, x = np.mgrid[:96, :128]
    radius = np.hypot(x - 63.3, y - 20.6)[..., None]
    frame = 190 + (np.array([230, 170, 120]) - 190) * np.clip(20.5 - radius, 0, 1)
    frame += (20 - frame) * np.clip(2.5 - np.abs(radius - 19), 0, 1)
    if eyes_open:
        frame[16:24, 48:56] = frame[16:24, 72:80] = 20
    leg = np.hypot(x - 20 - 8 * column, y - 80)[..., None]
    frame += (np.array([30 + 20 * column, 60, 200]) - frame) * np.clip(9.7 - leg, 0, 1)
    return np.clip(frame, 0, 255).astype(np.uint8)


def test_a_palette_per_gif_frame_does_not_move_what_stands_still(tmp_path):
    frames = [Image.fromarray(walking(column)) for column in (0, 2, 4, 6)]
    shown = {}
    for name in ("walk.gif", "walk.png"):
        written = frames
        if name == "walk.gif":
            written = [frame.quantize(24, dither=Image.Dither.NONE) for frame in frames]
        written[0].save(tmp_path / name, save_all=True, append_images=written[1:], duration=100)
        animation = open_animation(tmp_path / name)
        shown[name] = [np.asarray(frame.image.convert("RGB")) for frame in animation]
    gif, apng = shown["walk.gif"], shown["walk.png"]
    assert all((a == b).all() for a, b in zip(apng, map(np.asarray, frames), strict=True))
    head = slice(0, 48)
    change = max(int(np.abs(gif[0][head].astype(int) - g[head]).max()) for g in gif)
    assert 8 < change <= 64  # so there is something to hold
    for sources in shown.values():
        found = origins(sources, [random_sprite(t, (12, 16)) for t in range(4)])
        assert not np.any([o[:6] for o in found])


@pytest.mark.parametrize("ink, width", [(0, 1), (130, 1), (150, 2)])
def test_a_thin_line_that_moves_still_moves(ink, width):
    sources, sprites, columns = [], [], range(3, 128, 8)
    for column in columns:
        source, sprite = enlarged(flat(*[200] * 16)), flat(*[200] * 16)
        source[:, column : column + width] = sprite[:, column // CELL] = ink
        sources.append(source)
        sprites.append(sprite)
    found = gather(sprites, origins(sources, sprites))
    assert all((a == b).all() for a, b in zip(found, sprites, strict=True))


def test_an_eye_of_one_cell_still_blinks():
    sources = [walking(0, eyes_open) for eyes_open in (True, False, True, True, False)]
    sprites = [source[4::8, 4::8] for source in sources]
    found = gather(sprites, origins(sources, sprites))
    assert [int(sprite[2, 6, 0] == 20) for sprite in found] == [1, 0, 1, 1, 0]
    assert [int(sprite[2, 9, 0] == 20) for sprite in found] == [1, 0, 1, 1, 0]


def test_small_changes_are_not_drawn():
    # 9 levels of mid-grey are about 0.035 away from each other, 6 are about 0.023.
    assert of_one_cell([100, 130], voted=[100, 106]) == [0, 0]
    assert of_one_cell([100, 130], voted=[100, 110]) == [0, 1]
    assert of_one_cell([100, 130], voted=[100, 106], hysteresis=0) == [0, 1]
    # The darkest levels look alike.
    assert of_one_cell([0, 30], voted=[0, 2]) == [0, 0]


def test_small_changes_do_not_add_up():
    assert of_one_cell([0, 60, 120, 180], voted=[100, 105, 110, 115]) == [0, 0, 2, 2]


def test_a_cell_held_by_hysteresis_is_still_afterwards():
    """The second picture is remembered with the first decision, and the first picture as well."""
    assert of_one_cell([100, 130, 130, 100, 130], voted=[100, 104, 0, 0, 255]) == [0] * 5


def test_a_cell_that_is_uncovered_gets_its_colour_back():
    assert of_one_cell([100, 0, 102, 0, 100], voted=[100, 0, 150, 50, 200]) == [0, 1, 0, 1, 0]
    # Behind something wider than the memory, even if it was seen but once.
    assert of_one_cell([100, 0, 30, 60, 200, 250, 100], voted=[100, 0, 30, 60, 200, 250, 0]) == [
        0,
        1,
        2,
        3,
        4,
        5,
        0,
    ]
    assert of_one_cell([100, 0, 100], voted=[100, 0, 150], memory=1) == [0, 1, 2]


def test_the_most_familiar_picture_is_kept_and_the_latest_forgotten():
    # with two slots: 60 is seen twice, then 120 takes the slot of 0
    greys = [0, 60, 60, 120, 180, 0, 60, 120, 180]
    assert of_one_cell(greys, memory=2) == [0, 1, 1, 3, 4, 5, 1, 7, 8]


def test_the_picture_used_last_wins():
    # 104 is within 8 of both 100 and 109.
    assert of_one_cell([100, 109, 104], voted=[0, 255, 99]) == [0, 1, 1]
    assert of_one_cell([100, 109, 100, 104], voted=[0, 255, 99, 99]) == [0, 1, 0, 0]


def test_alpha_is_a_change_and_hidden_colours_are_none():
    opaque = flat(100, channels=4)
    transparent = opaque * np.array([0, 0, 0, 0], np.uint8)
    hidden = opaque * np.array([2, 1, 0, 0], np.uint8)
    sources = [enlarged(sprite) for sprite in (transparent, hidden, opaque, transparent)]
    assert [o.item() for o in origins(sources, [transparent, opaque, opaque, opaque])] == [
        0,
        0,
        2,
        0,
    ]
    # Black and transparent differ in alpha alone.
    black = flat(0, channels=4)
    assert [
        o.item() for o in origins([enlarged(transparent), enlarged(black)], [transparent, black])
    ] == [0, 1]
    # A hidden colour of the sprite does not defeat the hysteresis.
    sources = [enlarged(opaque), enlarged(flat(200, channels=4))]
    assert [o.item() for o in origins(sources, [transparent, hidden])] == [0, 0]


def test_a_slow_fade_arrives():
    greys = [100 + t for t in range(60)]
    decided = of_one_cell(greys)
    shown = [greys[origin] for origin in decided]
    assert max(abs(a - b) for a, b in zip(shown, greys, strict=True)) <= 9
    assert len(set(decided)) < 10
    # With the source noisy and the votes too.
    sources = [noisy(enlarged(flat(*[grey] * 20)), seed) for seed, grey in enumerate(greys)]
    sprites = [noisy(flat(*[grey] * 20), seed) for seed, grey in enumerate(greys)]
    last = gather(sprites, origins(sources, sprites))[-1]
    # still, hysteresis in levels, noise
    assert np.abs(last.astype(int) - greys[-1]).max() <= 8 + 8 + 2


def test_a_noisy_still_image_never_changes():
    image = enlarged(random_sprite(0))
    found = origins([noisy(image, t) for t in range(24)], [random_sprite(t) for t in range(24)])
    assert not np.any(found)


@pytest.mark.parametrize("width", [1, 3, 7])
def test_a_moving_sprite_leaves_the_background_alone(width):
    """The votes flicker at random everywhere; the sprite moves by one cell per frame, then back."""
    background, figure = enlarged(random_sprite(0)), enlarged(random_sprite(1, (4, width)))
    columns = [*range(16 - width), *range(16 - width, -1, -1)]
    covered = np.zeros((len(columns), 16, 16), bool)
    sources = []
    for t, column in enumerate(columns):
        frame = background.copy()
        frame[4 * CELL : 8 * CELL, column * CELL : (column + width) * CELL] = figure
        covered[t, 4:8, column : column + width] = True
        sources.append(noisy(frame, t))
    found = np.stack(origins(sources, [random_sprite(100 + t) for t in range(len(columns))]))
    shown = np.where(covered, -1, found)
    first_seen = (~covered).argmax(axis=0)
    touched = ~covered & (shown != first_seen)
    assert touched.sum() <= 0.01 * (~covered).sum()
    # What moves is drawn anew.
    assert (found[covered] > 0).mean() > 0.8


def test_held_gathers_finished_colours():
    sprites = [flat(1, 2, channels=4), flat(3, 4, channels=4), flat(5, 6, channels=4)]
    found = gather(sprites, [np.array([[0, 0]]), np.array([[0, 1]]), np.array([[1, 2]])])
    assert [sprite[0, :, 0].tolist() for sprite in found] == [[1, 2], [1, 4], [3, 6]]
    assert found[0].shape == (1, 2, 4) and found[0].dtype == np.uint8
    assert gather([], []) == []


def test_the_first_frame_of_the_same_decision_in_the_same_colour():
    looks = np.array([1, 1, 2, 2, 1, 2], np.uint8)  # of one cell, shaded in three frames
    decisions = [0, 0, 0, 0, 0, 5]
    sprites = [flat(grey, channels=4) for grey in looks]
    assert [int(o[0, 0]) for o in first_alike(sprites, [np.array([[d]]) for d in decisions])] == [
        0,
        0,
        2,
        2,
        0,
        5,
    ]
    random = np.random.default_rng(0)
    frames = [random.integers(0, 2, (5, 7, 4), dtype=np.uint8) * 255 for _ in range(9)]
    origins = [random.integers(0, 2, (5, 7)) for _ in range(9)]
    found = first_alike(frames, origins)
    for y, x in np.ndindex(5, 7):
        seen = [(origin[y, x], *frame[y, x]) for origin, frame in zip(origins, frames, strict=True)]
        assert [o[y, x] for o in found] == [seen.index(each) for each in seen]


def test_frames_that_do_not_fit():
    vote = TemporalVote()
    with pytest.raises(ValueError, match="does not fit"):
        vote.vote(flat(1), flat(1, 2))
    vote.vote(enlarged(flat(1, 2)), flat(1, 2))
    for source, sprite in [((1, 2, 3), (1, 2)), ((1, 2), (1, 2, 3))]:
        with pytest.raises(ValueError, match="as before"):
            vote.vote(enlarged(flat(*source)), flat(*sprite))
    with pytest.raises(ValueError, match="uint8"):
        vote.vote(np.zeros((8, 8, 3)), flat(1))
    # nothing of them was taken
    assert vote.vote(enlarged(flat(1, 2)), flat(1, 2)).tolist() == [[0, 0]]
    with pytest.raises(ValueError, match="2 sprites"):
        gather([flat(1), flat(1)], [np.zeros((1, 1), int)])
    with pytest.raises(ValueError, match="do not fit"):
        gather([flat(1), flat(1)], [np.zeros((1, 2), int)] * 2)
    for wrong in ({"still": 256}, {"hysteresis": -1}, {"memory": 0}):
        with pytest.raises(ValueError, match="out of range"):
            TemporalVote(**wrong)


@pytest.fixture(scope="module")
def pixelizer():
    return Pixelizer.from_pretrained(device="cpu")


@pytest.fixture(scope="module")
def cartoon():
    with Image.open(DATA / "cartoons" / "strawberry.png") as image:
        return np.asarray(image.convert("RGB").resize((64, 64), Image.Resampling.BOX))


def animated(pixelizer, sources):
    sprites = [np.asarray(pixelizer.networks(source, size=(16, 16)).sprite) for source in sources]
    return sprites, gather(sprites, origins(sources, sprites))


def test_the_network_on_a_noisy_still(pixelizer, cartoon):
    sprites, shown = animated(pixelizer, [noisy(cartoon, t) for t in range(8)])
    assert all((sprite == shown[0]).all() for sprite in shown)
    assert any((sprite != sprites[0]).any() for sprite in sprites)  # there was something to hold


def test_the_network_on_a_moving_figure(pixelizer, cartoon):
    sources = []
    for column in range(0, 12, 2):
        frame = cartoon.copy()
        frame[16:32, column * 4 : column * 4 + 12] = (30, 60, 200)
        sources.append(noisy(frame, column))
    _, shown = animated(pixelizer, sources)
    rows = np.r_[0:4, 8:16]
    assert all((sprite[rows] == shown[0][rows]).all() for sprite in shown)
    # The figure is at columns 0 to 3 in the first frame and at 10 to 13 in the last.
    assert (shown[-1][4:8, 11] != shown[0][4:8, 11]).any(axis=1).all()
