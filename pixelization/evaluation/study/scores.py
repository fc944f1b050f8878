"""Answers as numbers: mean ranks, shares of comparisons that are won, with intervals."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixelization.evaluation.study.key import ARTIST, Answers, Key

RESAMPLES, LEVEL = 10_000, 95  # of the bootstrap; percent


@dataclass(frozen=True)
class Share:
    """A share with the bounds of its interval, all in [0, 1]."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


@dataclass(frozen=True)
class Ranking:
    """The score of a ranking.

    Attributes:
        mean_ranks: by method, the best first; 1 is the best.
        wins: by (one, other), how often one was put before the other.
        agreement: share of comparisons on which two judges agree; None with one judge.
    """

    mean_ranks: dict[str, float]
    wins: dict[tuple[str, str], Share]
    agreement: float | None


def score_ranking(key: Key, judges: Sequence[Answers]) -> Ranking:
    """Score the answers of judges who ranked all rows.

    Every row must have the same methods.
    """
    methods = sorted(set(itertools.chain.from_iterable(key.order.values())))
    places = np.array(
        [
            [
                [key.methods(row, answers[row]).index(method) for method in methods]
                for row in key.rows
            ]
            for answers in judges
        ]
    )  # (judges, rows, methods)
    means = places.mean((0, 1)) + 1
    before = places[..., :, None] < places[..., None, :]  # (judges, rows, methods, methods)
    pairs = list(itertools.permutations(range(len(methods)), 2))
    wins = {(methods[i], methods[k]): bootstrapped(before[..., i, k].mean(0)) for i, k in pairs}
    agreement = None
    if len(judges) > 1:
        one, other = np.triu_indices(len(methods), 1)
        above = before[..., one, other]  # (judges, rows, comparisons)
        agreement = float(np.mean([(a == b).mean() for a, b in itertools.combinations(above, 2)]))
    order = sorted(range(len(methods)), key=lambda index: means[index])
    return Ranking({methods[k]: float(means[k]) for k in order}, wins, agreement)


def score_forgery(key: Key, judges: Sequence[Answers]) -> Share:
    """How often the artist's sprite was picked; 0.5 is chance."""
    picked = [
        [key.methods(row, answers[row])[0] == ARTIST for row in key.rows] for answers in judges
    ]
    return bootstrapped(np.mean(picked, axis=0))


def bootstrapped(by_row: np.ndarray) -> Share:
    """The mean over rows, with its interval by the percentile bootstrap.

    Rows are resampled with all answers to them, because answers to one row are not independent.

    Args:
        by_row: share of a row's answers, float ``(rows,)`` in [0, 1].

    Source: Efron & Tibshirani 1993, ch. 13.
    """
    values = np.asarray(by_row, float)
    chosen = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
    tail = (100 - LEVEL) / 2
    low, high = np.percentile(values[chosen].mean(1), [tail, 100 - tail])
    return Share(float(values.mean()), float(low), float(high))


def markdown(key: Key, judges: Sequence[Answers]) -> str:
    """The scores as a page in Markdown, by the question of the key."""
    told = f"{_number(len(key.rows), 'row')}, {_number(len(judges), 'judge')}"
    note = f"In brackets: {LEVEL} % intervals, rows resampled."
    if key.question == "forgery":
        share = score_forgery(key, judges)
        return (
            f"# Forgery test: {told}\n\n"
            f"The artist's sprite was picked in {share} of the answers; 0.50 is chance.\n{note}\n"
        )
    score = score_ranking(key, judges)
    methods = list(score.mean_ranks)
    lines = [
        f"# Ranking: {told}",
        "",
        "How often the method of a row was put before that of a column.",
        note,
    ]
    if score.agreement is not None:
        lines.append(f"Two judges agree on {score.agreement:.2f} of the comparisons.")
    lines += [
        "",
        f"| method | mean rank | {' | '.join(f'before {each}' for each in methods)} |",
        "|---|" + "---:|" * (len(methods) + 1),
    ]
    for one in methods:
        cells = ["–" if one == other else str(score.wins[one, other]) for other in methods]
        lines.append(f"| {one} | {score.mean_ranks[one]:.2f} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"
