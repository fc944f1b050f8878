"""k-means with weights, which scipy's has not; scikit-learn would double what has to be installed
beside ONNX Runtime.
"""

import numpy as np
from threadpoolctl import threadpool_limits

ROUNDS = 300
TOLERANCE = 1e-4  # of the mean variance: centres that move by less stand still
ROWS = 256  # points at a time: their distances stay in the processor's cache


def kmeans(
    points: np.ndarray, weights: np.ndarray, k: int, *, starts: int
) -> tuple[np.ndarray, np.ndarray]:
    """The best of several runs of Lloyd's algorithm from greedy k-means++ seeds.

    The same arguments always give the same clusters. They are those of scikit-learn's ``KMeans``
    with ``random_state=0``, whose order of sums is kept: palettes depend on the last bit where
    colours lie regularly.

    Args:
        points: float64 ``(n, d)``, at least ``k``.
        weights: positive, ``(n,)``.
        k: clusters, at least 1.
        starts: runs.

    Returns:
        The cluster of every point, int64 ``(n,)``, and the centres, float64 ``(k, d)``.

    Source: Lloyd 1982; Arthur and Vassilvitskii 2007, with several candidates for each seed.
    """
    weights = weights.astype(np.float64)
    middle = points.mean(axis=0)
    points = points - middle  # squares of small numbers are exacter
    random = np.random.RandomState(0)
    least, best = np.inf, None
    # One thread: there is little to do, beside other work (--jobs) several would mostly wait for
    # each other, and sums would depend on how many there are.
    with threadpool_limits(1):
        for _ in range(starts):
            labels, centres = _lloyd(points, weights, _seeds(points, weights, k, random))
            error = float(weights @ ((points - centres[labels]) ** 2).sum(axis=1))
            if best is None or (error < least and not _same(labels, best[0])):
                least, best = error, (labels, centres)
    assert best is not None  # there is at least one start
    return best[0], best[1] + middle


def _same(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether clusters are the same but for their numbers: errors of such differ by rounding."""
    pairs = np.unique(first * len(first) + second)
    return len(pairs) == len(np.unique(first)) == len(np.unique(second))


def _seeds(
    points: np.ndarray, weights: np.ndarray, k: int, random: np.random.RandomState
) -> np.ndarray:
    """Points far from each other, ``(k, d)``: each the best of a few drawn by squared distance."""
    tries = 2 + int(np.log(k))
    squares = _squares(points)
    seeds = [int(random.choice(len(points), p=weights / weights.sum()))]
    nearest = np.maximum(_distances(points, points[seeds])[:, 0] + squares, 0)
    error = nearest @ weights
    for _ in range(1, k):
        drawn = np.searchsorted(np.cumsum(weights * nearest), random.uniform(size=tries) * error)
        drawn = np.minimum(drawn, len(points) - 1)  # the last sum may be less than the error
        distances = np.maximum(_distances(points, points[drawn]).T + squares, 0)
        distances = np.minimum(nearest, distances, order="C")
        errors = (distances @ weights[:, None])[:, 0]
        chosen = errors.argmin()
        error, nearest = errors[chosen], distances[chosen]
        seeds.append(int(drawn[chosen]))
    return points[seeds]


def _lloyd(
    points: np.ndarray, weights: np.ndarray, centres: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Clusters and centres, each the best for the other, or nearly so."""
    still = TOLERANCE * points.var(axis=0).mean()
    labels = np.full(len(points), -1)
    for _ in range(ROUNDS):
        before, labels = labels, _distances(points, centres).argmin(axis=1)
        moved = _centres(points, weights, labels, centres)
        shift = ((moved - centres) ** 2).sum()
        centres = moved
        if np.array_equal(labels, before):
            return labels, centres
        if shift <= still:
            break
    return _distances(points, centres).argmin(axis=1), centres


def _centres(
    points: np.ndarray, weights: np.ndarray, labels: np.ndarray, centres: np.ndarray
) -> np.ndarray:
    """Means of the clusters; one that lost all its points gets the one furthest from its centre."""
    k = len(centres)
    sums = np.stack([np.bincount(labels, weights * x, minlength=k) for x in points.T], axis=1)
    totals = np.bincount(labels, weights, minlength=k)
    empty = np.flatnonzero(totals == 0)
    errors = ((points - centres[labels]) ** 2).sum(axis=1) if len(empty) else np.zeros(1)
    if errors.any():
        furthest = np.argpartition(errors, -len(empty))[: -len(empty) - 1 : -1]
        for cluster, point in zip(empty, furthest, strict=True):
            part = points[point] * weights[point]
            sums[labels[point]] -= part
            totals[labels[point]] -= weights[point]
            sums[cluster], totals[cluster] = part, weights[point]
    means = sums * (1 / np.where(totals > 0, totals, 1))[:, None]
    return np.where(totals[:, None] > 0, means, means[totals.argmax()])


def _distances(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared distances ``(n, k)``, less the squares of the points."""
    squares, double = _squares(centres), -2 * centres.T
    result = np.empty((len(points), len(centres)))
    for start in range(0, len(points), ROWS):
        part = slice(start, start + ROWS)
        np.add(points[part] @ double, squares, out=result[part])
    return result


def _squares(points: np.ndarray) -> np.ndarray:
    """Squared lengths ``(n,)``."""
    return np.einsum("ij,ij->i", points, points)
