"""k-means gives scikit-learn's clusters, label by label, without it."""

import numpy as np
import pytest

from pixelization.palettes.kmeans import kmeans


def colors(seed, count, levels=256):
    """Distinct colours, float64, and how many pixels have each."""
    random = np.random.default_rng(seed)
    found = np.unique(random.integers(0, levels, (count, 3)) * (256 // levels), axis=0)
    return found.astype(float), random.integers(1, 100, len(found))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count, levels", [(30, 256), (300, 256), (900, 8)])
@pytest.mark.parametrize("k", [1, 2, 7, 20])
def test_clusters_are_those_of_scikit_learn(seed, count, levels, k):
    cluster = pytest.importorskip("sklearn.cluster")
    points, weights = colors(seed, count, levels)
    theirs = cluster.KMeans(k, n_init=3, random_state=0).fit(points, sample_weight=weights)
    labels, centres = kmeans(points, weights, k, starts=3)
    assert (labels == theirs.labels_).all()
    assert np.allclose(centres, theirs.cluster_centers_)


def test_centres_are_the_means_of_their_clusters():
    points, weights = colors(9, 200)
    labels, centres = kmeans(points, weights, 12, starts=1)
    for cluster, centre in enumerate(centres):
        own = labels == cluster
        assert np.allclose(np.average(points[own], axis=0, weights=weights[own]), centre, atol=2)
    assert (((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1) == labels).all()


@pytest.mark.parametrize("k", [1, 3, 5])
def test_as_many_clusters_as_points(k):
    points = np.arange(3.0 * k).reshape(k, 3)
    labels, centres = kmeans(points, np.ones(k), k, starts=2)
    assert sorted(labels) == list(range(k)) and np.allclose(centres[labels], points)


@pytest.mark.parametrize("value", [0.0, 100.0])
def test_equal_points_are_one_cluster(value):
    labels, centres = kmeans(np.full((9, 3), value), np.ones(9), 4, starts=3)
    assert len(set(labels)) == 1 and np.allclose(centres, value)


def test_a_point_of_much_weight_is_a_centre():
    points, weights = colors(1, 50)
    weights[7] = 10**9
    labels, centres = kmeans(points, weights, 4, starts=3)
    assert np.allclose(centres[labels[7]], points[7], atol=1e-3)
