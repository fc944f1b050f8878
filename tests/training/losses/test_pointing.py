"""Cross-entropy over all candidates that match, worked out by hand."""

import math

import pytest
import torch

from pixelization.networks.candidates import Candidates
from pixelization.networks.pointer import Pointed
from pixelization.training.losses.pointing import color_distance, matching, pointing


def one_cell(colors, exists=None, scores=None):
    """One cell with these candidates, the last of them nothing."""
    colors = torch.tensor([*colors, (0.0, 0, 0)])[None, None, None]
    exists = torch.tensor(exists if exists else [True] * colors.shape[3])[None, None, None]
    scores = torch.tensor(scores if scores else [0.0] * colors.shape[3])[None, None, None]
    return Pointed(scores, Candidates(colors, exists), None)


def target(*rgba):
    return torch.tensor(rgba, dtype=torch.float32).view(1, 4, 1, 1)


def test_black_and_white_are_one_apart():
    assert color_distance(
        torch.tensor([-1.0, -1, -1]), torch.tensor([1.0, 1, 1])
    ).item() == pytest.approx(1)


def test_the_loss_is_minus_log_of_the_share_of_what_matches():
    pointed = one_cell(
        [(1.0, 1, 1), (1.0, 1, 1), (-1.0, -1, -1)]
    )  # four equal scores with nothing, two of which match
    loss = pointing(pointed, target(1, 1, 1, 1), torch.ones(1, 1, 1))
    assert loss.item() == pytest.approx(-math.log(2 / 4), abs=1e-4)


def test_where_nothing_is_only_nothing_matches():
    pointed = one_cell([(0.0, 0, 0), (1.0, 1, 1)])
    loss = pointing(pointed, target(0, 0, 0, -1), torch.ones(1, 1, 1))
    assert loss.item() == pytest.approx(-math.log(1 / 3), abs=1e-4)


def test_the_best_candidate_matches_fully_and_near_shades_nearly():
    pointed = one_cell([(0.5, 0.5, 0.5), (0.52, 0.5, 0.5), (-0.5, 0.5, 0.5)])
    matches, best = matching(*pointed.candidates, target(0.49, 0.5, 0.5, 1))
    assert matches[0, 0, 0, 0] == 1 and 0.9 < matches[0, 0, 0, 1] < 1 and matches[0, 0, 0, 2] < 1e-3
    assert best.item() == pytest.approx(
        color_distance(torch.tensor([0.5, 0, 0]), torch.tensor([0.49, 0, 0])).item()
    )


def test_candidates_that_do_not_exist_do_not_match():
    pointed = one_cell([(1.0, 1, 1), (-1.0, -1, -1)], exists=[False, True, True])
    assert matching(*pointed.candidates, target(1, 1, 1, 1))[0].flatten().tolist() == [0, 1, 0]


def test_a_cell_that_nothing_can_answer_does_not_count():
    pointed = one_cell([(1.0, 1, 1)], exists=[True, False])
    assert pointing(pointed, target(0, 0, 0, -1), torch.ones(1, 1, 1)).item() == 0


def test_the_gradient_raises_what_matches():
    pointed = one_cell([(1.0, 1, 1), (-1.0, -1, -1)])
    scores = pointed.scores.requires_grad_()
    pointing(pointed, target(1, 1, 1, 1), torch.ones(1, 1, 1)).backward()
    assert scores.grad.flatten()[0] < 0 < scores.grad.flatten()[1]
