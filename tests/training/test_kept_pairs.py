"""Pairs that are drawn once and learned from several times."""

from itertools import permutations

import numpy as np
import torch

from pixelization.training.data.artist_pairs.kept import USES, KeptPairs
from pixelization.training.data.artist_pairs.maker import PairBatch
from pixelization.training.data.artists import ArtistsData, ArtistsDataConfig

KEPT = 3


def drawn(number):
    """A pair of one cell by two that shows its number."""
    rng = np.random.default_rng(number)
    target = np.zeros((4, 1, 2))
    target[:3, 0, 0] = rng.permutation(32)[:3] / 15.5 - 1
    target[3] = 1, -1
    lattice = np.kron(target, np.ones((8, 8)))
    return PairBatch(lattice, np.float32(number), target, lattice / 2)


def sample(pairs, index):
    return pairs.sample(index, np.random.default_rng(index))


def test_each_pair_is_drawn_once_and_used_four_times():
    calls = []
    pairs = KeptPairs(lambda number: calls.append(number) or drawn(number), KEPT)
    uses = [int(sample(pairs, index).cell_size) for index in range(2 * USES * KEPT)]
    assert uses == [0, 1, 2] * USES + [12, 13, 14] * USES
    assert calls == [0, 1, 2, 12, 13, 14]


def test_a_use_is_the_pair_with_axes_and_channels_in_another_order():
    pairs, seen = KeptPairs(drawn, 1), set()
    for index in range(200):
        number = index // USES * USES
        lattice, _, target, smooth = sample(pairs, index)
        whole = drawn(number).target
        (turned, channels), *others = (
            (turned, channels)
            for turned in (False, True)
            for channels in permutations(range(3))
            if np.shape(target) == ((4, 2, 1) if turned else (4, 1, 2))
            and np.abs(target - _changed(whole, turned, channels)).max() < 0.004
        )
        assert not others
        seen.add((turned, channels))
        assert np.abs(lattice - _changed(drawn(number).lattice, turned, channels)).max() < 0.004
        assert np.abs(smooth - _changed(drawn(number).smooth, turned, channels)).max() < 0.004
        assert not np.asarray(target)[:3, np.asarray(target)[3] < 0].any()  # exactly 0
    assert len(seen) == 12


def _changed(picture, turned, channels):
    changed = picture[[*channels, 3]]
    return changed.transpose(0, 2, 1) if turned else changed


def test_a_sample_does_not_depend_on_those_before():
    """So runs resume exactly, and loader processes share them in any way."""
    config = ArtistsDataConfig(drawings=5, cells=12, sizes=(16,), chances=(1,), ramp=2, kept=KEPT)
    before = ArtistsData(config, seed=3)
    for index in (0, 5, 1, 13):
        before.sample(index)
    for index in (14, 2, 25):
        for one, other in zip(
            before.sample(index).pairs, ArtistsData(config, seed=3).sample(index).pairs, strict=True
        ):
            assert torch.equal(torch.as_tensor(one), torch.as_tensor(other))


def test_without_any_each_sample_has_a_new_pair():
    config = ArtistsDataConfig(drawings=5, cells=12, sizes=(16,), chances=(1,))
    data = ArtistsData(config, seed=3)
    assert np.array_equal(data.sample(7).pairs.lattice, data.pair(7).lattice)


def test_pairs_are_new_and_ever_harder_until_the_ramp_ends():
    config = ArtistsDataConfig(drawings=5, cells=12, sizes=(16,), chances=(1,), ramp=6, kept=KEPT)
    data, drawn_for = ArtistsData(config, seed=3), []
    whole = data.pair
    data.pair = lambda index: drawn_for.append(index) or whole(index)
    for index in range(6 + 2 * USES * KEPT):
        data.sample(index)
    assert drawn_for == [*range(6), 6, 7, 8, 18, 19, 20]
