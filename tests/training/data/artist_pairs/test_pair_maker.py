"""Whole pairs: a pure function of the seed, and what a plain one is."""

import numpy as np
import pytest
import torch
from PIL import Image

from pixelization.networks.candidates import candidates
from pixelization.training.data.artist_pairs import maker
from pixelization.training.data.artist_pairs.kinds import differ
from pixelization.training.data.artist_pairs.maker import PairMaker, PairOptions
from pixelization.training.data.artist_pairs.scenes import compose
from pixelization.training.data.artist_pairs.sprites import Sprite, read_sprite_set
from pixelization.training.losses.pointing import matching


@pytest.fixture(scope="module")
def sprites(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("sprites"), np.random.default_rng(0)
    for index in range(6):
        small = Image.fromarray(rng.integers(0, 256, (4, 4, 4), np.uint8))
        small.putalpha(small.getchannel("A").point(lambda a: 255 * (a > 60)))
        small.resize((12, 12), Image.Resampling.NEAREST).save(folder / f"s{index % 2}_{index}.png")
    return read_sprite_set(sorted(folder.glob("*.png")))


def test_the_same_seed_gives_the_same_pairs(sprites):
    maker = PairMaker(sprites, PairOptions(cells=16))
    a, b, other = maker.batch(3, (1, 5)), maker.batch(3, (1, 5)), maker.batch(3, (1, 6))
    assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))
    assert not torch.equal(a.lattice, other.lattice)


def test_shapes_and_ranges(sprites):
    pairs = PairMaker(sprites, PairOptions(cells=16, margin=2)).batch(4, (2,))
    assert pairs.lattice.shape == (4, 4, 96, 96) and pairs.target.shape == (4, 4, 12, 12)
    assert pairs.cell_size.shape == (4,)
    assert pairs.lattice.min() >= -1 and pairs.lattice.max() <= 1
    assert set(pairs.target[:, 3].unique().tolist()) <= {-1.0, 1.0}
    assert pairs.smooth.shape == pairs.lattice.shape
    assert pairs.smooth.min() >= -1 and pairs.smooth.max() <= 1


def test_the_center_of_a_plain_drawings_cell_is_the_answer(sprites):
    pairs = PairMaker(sprites, PairOptions(cells=16, plain=1.0, difficulty=0.0)).batch(8, (3,))
    large = pairs.cell_size >= 8
    centers = pairs.lattice[..., 3::8, 3::8]
    assert (~differ(centers, pairs.target))[large].float().mean() > 0.97


def test_most_cells_have_a_candidate_that_the_artist_took(sprites):
    pairs = PairMaker(sprites, PairOptions(cells=16)).batch(8, (4,))
    choices = candidates(pairs.lattice)
    matches, best = matching(*choices, pairs.target)
    assert ((matches.amax(-1) > 0.5) & (best < 0.05)).float().mean() > 0.95


def test_a_ground_of_nothing_stays_nothing_in_drawing_and_sprite(sprites):
    drawn = PairMaker(sprites, PairOptions(cells=16, ground="nothing")).drawn(4, (5,))
    for picture, target in zip(drawn.pictures, drawn.target, strict=True):
        assert picture[3].min() == -1 and target[3].min() == -1


def test_how_a_sprite_should_be_drawn_lies_on_the_grid_and_is_not_damaged(sprites):
    drawn = [
        PairMaker(sprites, PairOptions(cells=16, difficulty=hard, strokes=0)).drawn(4, (6,))
        for hard in (0, 1)
    ]
    assert torch.equal(drawn[0].smooth, drawn[1].smooth)
    assert any(not torch.equal(*each) for each in zip(*(d.pictures for d in drawn), strict=True))
    smooth, target = drawn[0].smooth, drawn[0].target
    assert (~differ(smooth[..., 3::8, 3::8], target)).float().mean() > 0.9
    assert set(smooth[:, 3].unique().tolist()) <= {-1.0, 1.0}


@pytest.mark.parametrize("seed", range(3))
def test_strokes_are_drawn_a_cell_wide_where_the_sprite_has_their_chain(sprites, seed, monkeypatch):
    # without light: it is drawn behind the strokes
    monkeypatch.setattr(maker, "_slopes", lambda count, size, rng: torch.zeros(size, count, 2))
    without, drawn = (
        PairMaker(sprites, PairOptions(cells=16, plain=0, strokes=chance)).drawn(1, (7, seed))
        for chance in (0, 1)
    )
    chains = differ(without.target, drawn.target)[0]
    middle = torch.nn.functional.avg_pool2d(drawn.smooth, 8)
    apart = [(middle - each.target).abs().amax(1)[0][chains].mean() for each in (without, drawn)]
    assert chains.sum() > 5 and apart[1] < 0.6 * apart[0]
    touched = (without.target != drawn.target).any(1).float()
    elsewhere = torch.nn.functional.max_pool2d(touched, 3, 1, 1)[0] == 0
    pixels = elsewhere.repeat_interleave(8, 0).repeat_interleave(8, 1)
    # but for what a stroke covers in its own colour
    changed = (drawn.smooth != without.smooth).any(1)[0]
    assert changed[pixels].float().mean() < 0.03 < changed[~pixels].float().mean()


def test_without_extras_a_plain_drawing_has_the_artists_own_colours(sprites):
    options = PairOptions(cells=16, plain=1.0, ground="white", recolor=False, extras=False)
    drawn = PairMaker(sprites, options).drawn(6, (6,))
    own = {tuple((color * 255).round()) for sprite in sprites.sprites for color in sprite.colors}
    for picture, target in zip(drawn.pictures, drawn.target, strict=True):
        cells = set(map(tuple, ((target[:3] + 1) * 127.5).round().flatten(1).T.tolist()))
        assert cells <= own | {(255.0, 255.0, 255.0)} and len(cells) > 1
        assert (picture[3] == 1).all()


def test_a_given_scene_is_drawn_as_it_is(sprites):
    labels = np.zeros((16, 16), np.int64)
    labels[3:13, 5:9] = 1
    scene = Sprite(labels, np.array([[1.0, 0.0, 0.0]]))
    maker = PairMaker(sprites, PairOptions(cells=16, plain=0, extras=False, thinning=(1.0,)))
    drawn, again = (maker.drawn_of([scene], (7,)) for _ in range(2))
    assert torch.equal(drawn.pictures[0], again.pictures[0])
    assert torch.equal(drawn.target[0, 3] > 0, torch.from_numpy(labels > 0))
    assert (drawn.target[0, :3, 3:13, 5:9].amax((1, 2)) == torch.tensor([1.0, -1.0, -1.0])).all()


def test_a_dark_ground_is_dark(sprites):
    rng = np.random.default_rng(8)
    scene = compose(sprites, 40, rng, "dark", recolor=False)
    assert scene.colors[scene.labels[0, 0] - 1].max() <= 0.2 + 0.5 / 255
