"""A choice holds where it is clear."""

import pytest
import torch

from pixelization.networks.rules.margin import clear_choice

SCORES = torch.tensor([[1.0, 0.0], [2.0, 2.5], [0.0, 1.0]]).view(1, 3, 1, 2)
CANDIDATES = torch.tensor([[10.0, 10], [20, 20], [30, 30]]).view(1, 3, 1, 1, 2)


@pytest.mark.parametrize(
    "margin, expected", [(0, [20, 20]), (0.9, [20, 20]), (1.5, [10, 20]), (3, [10, 10])]
)
def test_a_favourite_stands_unless_another_beats_it_by_the_margin(margin, expected):
    assert clear_choice(SCORES, CANDIDATES, 0, margin).flatten().tolist() == expected


def test_every_cell_may_have_a_favourite_of_its_own():
    favourites = torch.tensor([[[[0, 2]]]])
    assert clear_choice(SCORES, CANDIDATES, favourites, 100).flatten().tolist() == [10, 30]


def test_scores_are_left_alone():
    before = SCORES.clone()
    clear_choice(SCORES, CANDIDATES, 0, 1.5)
    assert torch.equal(SCORES, before)
