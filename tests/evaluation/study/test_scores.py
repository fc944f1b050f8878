"""Scores by hand."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pixelization.evaluation.study.key import Key
from pixelization.evaluation.study.scores import (
    bootstrapped,
    markdown,
    score_forgery,
    score_ranking,
)

# Three methods, two rows, two judges. As methods, best first:
#   row 1: judge one a b c, judge two a c b
#   row 2: judge one b a c, judge two a b c
KEY = Key("ranking", ("1", "2"), {"1": ("a", "b", "c"), "2": ("c", "a", "b")})
ONE, TWO = {"1": "ABC", "2": "CBA"}, {"1": "ACB", "2": "BCA"}


def test_mean_ranks_and_shares_of_wins():
    score = score_ranking(KEY, [ONE, TWO])
    assert score.mean_ranks == {"a": 5 / 4, "b": 2.0, "c": 11 / 4}
    assert list(score.mean_ranks) == ["a", "b", "c"]
    values = {pair: share.value for pair, share in score.wins.items()}
    assert values == {
        ("a", "b"): 0.75,
        ("b", "a"): 0.25,
        ("a", "c"): 1,
        ("c", "a"): 0,
        ("b", "c"): 0.75,
        ("c", "b"): 0.25,
    }
    # of six comparisons the judges differ in b and c of row 1, and in a and b of row 2
    assert score.agreement == pytest.approx(4 / 6)
    assert score_ranking(KEY, [ONE]).agreement is None


def test_rows_are_resampled_with_all_their_answers():
    # of two rows, one is won by all and one by none: a resample has 0, 1 or 2 of the former
    share = bootstrapped(np.array([1.0, 0.0]))
    assert (share.value, share.low, share.high) == (0.5, 0.0, 1.0)
    # 1 of 40 rows lost: the number of times that it is drawn is near a Poisson number of mean 1,
    # which is over 3 in 1.9 % and over 2 in 8.0 %; so the bound is at 3 of 40
    share = bootstrapped(np.array([0.0] + [1.0] * 39))
    assert share.high == 1.0 and share.low == pytest.approx(1 - 3 / 40)


def test_the_interval_is_that_of_the_normal_approximation_for_many_rows():
    share = bootstrapped(np.array([1.0, 0.0] * 500))
    half = 1.96 * 0.5 / np.sqrt(1000)
    assert share.low == pytest.approx(0.5 - half, abs=0.003)
    assert share.high == pytest.approx(0.5 + half, abs=0.003)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_the_interval_holds_the_share(by_row):
    share = bootstrapped(np.array(by_row))
    assert share.low - 1e-9 <= share.value <= share.high + 1e-9
    assert min(by_row) - 1e-9 <= share.low and share.high <= max(by_row) + 1e-9


def test_the_artist_is_picked_in_a_share():
    order = {"1": ("artist", "new"), "2": ("new", "artist"), "3": ("new", "artist")}
    key = Key("forgery", ("1", "2", "3"), order)
    judges = [{"1": "A", "2": "B", "3": "A"}, {"1": "A", "2": "A", "3": "A"}]
    assert score_forgery(key, judges).value == pytest.approx(3 / 6)  # rows: 1, 1/2, 0
    text = markdown(key, judges)
    assert text.startswith("# Forgery test: 3 rows, 2 judges\n")
    assert "picked in 0.50 (0.00 to 1.00) of the answers" in text


def test_the_table_has_a_row_per_method_best_first():
    lines = markdown(KEY, [ONE, TWO]).splitlines()
    assert lines[0] == "# Ranking: 2 rows, 2 judges"
    assert "Two judges agree on 0.67 of the comparisons." in lines
    at = lines.index("| method | mean rank | before a | before b | before c |")
    assert lines[at + 2].startswith("| a | 1.25 | – | 0.75 (0.50 to 1.00) | 1.00 (1.00 to 1.00) |")
    assert lines[at + 4].startswith("| c | 2.75 | 0.00 (0.00 to 0.00) |")
    assert "agree" not in markdown(KEY, [ONE])
