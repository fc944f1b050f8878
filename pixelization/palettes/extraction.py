"""A palette taken from images: colours counted, clustered by k-means, and how many are needed."""

import numpy as np
import scipy

from pixelization.cells.voting import HALF_OPAQUE
from pixelization.color.ciede2000 import ciede2000, lab
from pixelization.color.oklab import oklab, perceptual, srgb
from pixelization.color.packing import pack, unpack
from pixelization.palettes.assignment import distinct
from pixelization.palettes.kmeans import kmeans
from pixelization.palettes.names import MAX_COLORS
from pixelization.palettes.palette import Palette

MAX_EXACT = 1 << 16  # distinct colours above which a histogram keeps mean colours of groups
MANY = 4096  # colours above which k-means gets mean colours of groups
GROUP_BITS = 5  # a group: colours equal in so many upper bits of each channel
MODE_SHARE = 0.25  # of a cluster's pixels: a colour that has as many stands for the cluster
ROUNDS = 16  # of 2-means, which mostly ends before
# Colours nearer than one of these look alike. Oklab stretches near-blacks, CIEDE2000 the tints of
# near-greys, and CIELAB differences of lively colours.
NOTICEABLE_CIEDE2000 = 2.0
NOTICEABLE_LAB = 2.3  # in CIELAB; source: Mahy, Van Eycken and Oosterlinck 1994

CHROMA = 32  # of 255, largest minus smallest channel, from which a colour has a hue
HUE_BINS = 120
HUE_WIDTH = 6.0  # degrees: standard deviation of the smoothing
# degrees between independent hues; where the smoothing of a flat colour has faded to nothing
HUE_GAP = 24.0
HUE_SHARE = 0.01  # of all pixels that a hue needs to count
SHADE_STEP = 0.12  # between the shades of a ramp, in ``oklab.perceptual``; 1 is from black to white
MAX_SHADES = 8


class ColorHistogram:
    """The colours of any number of images and how many opaque pixels have each, in bounded memory.

    Exact up to 65,536 distinct colours; above that, colours equal in the upper five bits of each
    channel are one, their mean: at most 32,768. The order of the images makes no difference.

    Attributes:
        colors: float64 ``(n, 3)`` sRGB in [0, 255], ascending; whole numbers while exact.
        counts: int64 ``(n,)``, pixels.
    """

    def __init__(self) -> None:
        self.colors = np.zeros((0, 3))
        self.counts = np.zeros(0, np.int64)
        self._bits = 8

    def add(self, image: np.ndarray) -> None:
        """Count the pixels of an image.

        Args:
            image: uint8 ``(..., 3)`` RGB or ``(..., 4)`` RGBA, of which pixels with alpha of at
                least 128 count.

        Raises:
            ValueError: an array of another kind.
        """
        if image.dtype != np.uint8 or image.ndim < 1 or image.shape[-1] not in (3, 4):
            raise ValueError(
                f"expected an image of dtype uint8 and shape (..., 3 or 4), got {image.dtype} "
                f"{image.shape}"
            )
        if image.shape[-1] == 4:
            image = image[image[..., 3] >= HALF_OPAQUE, :3]
        codes, counts = np.unique(pack(image), return_counts=True)
        self._count(unpack(codes), counts)

    def update(self, other: "ColorHistogram") -> None:
        """Count what another histogram has counted."""
        self._bits = min(self._bits, other._bits)
        self._count(other.colors, other.counts)

    def _count(self, colors: np.ndarray, counts: np.ndarray) -> None:
        colors, counts = (
            np.concatenate([self.colors, colors]),
            np.concatenate([self.counts, counts]),
        )
        self.colors, self.counts = _grouped(colors, counts, self._bits)
        if len(self.counts) > MAX_EXACT:
            self._bits = GROUP_BITS
            self.colors, self.counts = _grouped(self.colors, self.counts, GROUP_BITS)

    def clusterable(self) -> tuple[np.ndarray, np.ndarray]:
        """Colours and counts as above, but mean colours of groups where there are over 4,096.

        In photos this costs k-means up to 5 % in squared error and saves 90 % of the time.
        """
        if len(self.counts) <= MANY or self._bits == GROUP_BITS:
            return self.colors, self.counts
        return _grouped(self.colors, self.counts, GROUP_BITS)


def fit_palette(histogram: ColorHistogram, k: int) -> Palette:
    """Choose the colours that represent images best, as they are seen.

    This is k-means over their distinct colours in the space of ``oklab.perceptual``, weighted by
    their pixels, the best of three starts. A cluster is represented by its most frequent colour if
    at least a quarter of its pixels have that, else by its mean.

    Flat art is drawn in few exact colours, and means would pull them towards their anti-aliased
    edges: outlines would turn grey and paper dirty. In photos no colour is that frequent, except
    white where they are overexposed, and single colours would be chosen by noise.

    No two colours look alike while others are missing: k-means divides what many pixels have, such
    as the noise of a JPEG on black, rather than giving rare colours an entry. So clusters that look
    alike are joined, and those of the largest squared error are divided instead.

    Args:
        histogram: of the images.
        k: colours wanted, 1 to 256.

    Returns:
        A palette of at most ``k`` colours, that of most pixels first (ties: smallest (R, G, B)
            first); exactly the images' own if they have no more than ``k``.

    Raises:
        ValueError: ``k`` is not from 1 to 256, or no pixel has been counted.
    """
    colors, counts = _clusterable(histogram, k)
    if len(colors) > k:
        labels, _ = kmeans(perceptual(_rounded(colors)), counts, k, starts=3)
        labels = _spread(colors, counts, labels)
        colors = _representatives(colors, counts, labels)
        counts = np.bincount(labels, weights=counts)
    return _by_frequency(colors, counts)


def _spread(colors: np.ndarray, counts: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Clusters ``(n,)`` of colours, those that look alike joined and others divided instead.

    As many as there were; those that look alike stay where nothing else could be divided.
    """
    points = perceptual(_rounded(colors))
    found = _representatives(colors, counts, labels)
    indivisible: set[int] = set()
    for _ in range(2 * len(found)):  # each time there is one pair less, as a rule
        pair = _alike(found)
        if pair is None:
            break
        first, second = pair
        joined = np.where(labels == second, first, labels)
        indivisible -= {first, second}  # both are others now
        divided = _divided(colors, points, counts, joined, found, second, indivisible)
        if divided is None:
            break
        labels = divided
        found = _representatives(colors, counts, labels)
    return labels


def _alike(colors: np.ndarray) -> tuple[int, int] | None:
    """The two colours, as indices in order, that are nearest, if they look alike."""
    distances = _differences(colors, colors)
    distances[np.tril_indices(len(colors))] = np.inf
    first, second = np.unravel_index(distances.argmin(), distances.shape)
    return (int(first), int(second)) if distances[first, second] < 1 else None


def _differences(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Of every two colours ``(n, 3)`` and ``(m, 3)`` in [0, 255]: ``(n, m)``; below 1 two look
    alike.
    """
    one, other = lab(_rounded(first))[:, None], lab(_rounded(second))
    euclidean = np.linalg.norm(one - other, axis=-1)
    return np.minimum(ciede2000(one, other) / NOTICEABLE_CIEDE2000, euclidean / NOTICEABLE_LAB)


def _divided(
    colors: np.ndarray,
    points: np.ndarray,
    counts: np.ndarray,
    labels: np.ndarray,
    found: np.ndarray,
    free: int,
    indivisible: set[int],
) -> np.ndarray | None:
    """The clusters, one of which is divided: a part of it that looks like no other is taken off.

    Args:
        colors, points, counts: what is clustered, as it is and in ``oklab.perceptual``.
        labels: of its clusters; none has ``free``.
        found: the colours of the clusters.
        free: the label that one half gets.
        indivisible: clusters that were tried in vain; more are added.

    Returns:
        The new labels; None if no cluster can be divided so.
    """
    centres = perceptual(_rounded(found))
    errors = np.bincount(
        labels, counts * ((points - centres[labels]) ** 2).sum(axis=1), minlength=len(found)
    )
    for cluster in np.argsort(-errors, kind="stable").tolist():
        members = labels == cluster
        if cluster in indivisible or cluster == free or members.sum() < 2:
            continue
        halves = _halves(points[members], counts[members], centres[cluster])
        if 0 < halves.sum() < len(halves):
            tried = labels.copy()
            tried[members] = np.where(halves, free, cluster)
            new = _representatives(colors, counts, tried)
            if np.delete(_differences(new[[free]], new)[0], free).min() >= 1:
                return tried
        indivisible.add(cluster)
    return None


def _halves(points: np.ndarray, counts: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """2-means that starts at the centre and the point furthest from it: which are of the latter,
    bool ``(n,)``.

    Better starts would divide what most pixels have, and leave the rare colour where it is.
    """
    first = centre
    second = points[((points - centre) ** 2).sum(axis=1).argmax()]
    found = np.zeros(len(points), bool)
    for _ in range(ROUNDS):
        nearer = ((points - second) ** 2).sum(axis=1) < ((points - first) ** 2).sum(axis=1)
        if np.array_equal(nearer, found) or nearer.all():
            break
        found = nearer
        first = np.average(points[~found], axis=0, weights=counts[~found])
        second = np.average(points[found], axis=0, weights=counts[found])
    return found


def kmeans_palette(image: np.ndarray, k: int) -> Palette:
    """The palette of one image by plain k-means, as published comparisons take it.

    Squared error in sRGB, the best of ten starts, clusters represented by their means.

    Args:
        image: uint8 ``(..., 3)``.
        k: colours wanted, 1 to 256.

    Returns:
        As :func:`fit_palette`.

    Raises:
        ValueError: ``k`` is not from 1 to 256, or the image has no pixel.
    """
    histogram = ColorHistogram()
    histogram.add(image)
    return _plain_palette(histogram, k)


def hue_palette(histogram: ColorHistogram) -> Palette:
    """A colour for every independent hue of images, and one for their greys if they have some.

    Plain k-means in sRGB, as :func:`kmeans_palette`. The source does not say when hues are
    independent; here they are 24 degrees apart, and greys count as one, as in
    :func:`auto_colors`.

    Returns:
        At least 1 colour, at most 16; few, for images whose hues have several shades.

    Raises:
        ValueError: no pixel has been counted.

    Source: UNIMORE, "Making Pixel Art with Deep Unsupervised Learning", "Palette Extraction".
    """
    counts = histogram.counts
    if not len(counts):
        raise ValueError("a palette needs at least 1 opaque pixel")
    saturated = _hues(histogram.colors)[1]
    greys = counts[~saturated].sum() >= HUE_SHARE * counts.sum()
    return _plain_palette(histogram, max(1, len(_hue_peaks(histogram)) + bool(greys)))


def auto_colors(histogram: ColorHistogram) -> int:
    """Choose the size of a palette for images.

    Every independent hue, at least 24 degrees from the others, gets a ramp of 1 to 8 shades, as
    many as the lightness and the colourfulness of the pixels nearest to it ask for: the ranges of
    both, from the 1st to the 99th percentile, are added as legs of a right angle, and the shades
    are 0.12 apart (black to white is 1). The greys get one too, if at least 1 % of the pixels have
    no hue; its ends are black and white where they occur. Most cartoons get 6 to 24.

    Returns:
        2 to 64, and no more than the images have colours.

    Raises:
        ValueError: no pixel has been counted.
    """
    if not len(histogram.counts):
        raise ValueError("a palette needs at least 1 opaque pixel")
    counts = histogram.counts
    hues, saturated = _hues(histogram.colors)
    peaks = _hue_peaks(histogram)
    ramp = np.zeros(len(counts), int)  # 0: greys
    if len(peaks):
        ramp = np.where(saturated, 1 + _hue_distance(hues[:, None], peaks).argmin(axis=1), 0)
    coordinates = perceptual(_rounded(histogram.colors))
    tones = np.stack([coordinates[:, 0], np.hypot(coordinates[:, 1], coordinates[:, 2])], axis=1)
    ramps = (
        range(len(peaks) + 1)
        if counts[ramp == 0].sum() >= HUE_SHARE * counts.sum()
        else range(1, len(peaks) + 1)
    )
    total = sum(_shades(tones[ramp == i], counts[ramp == i]) for i in ramps)
    return int(min(np.clip(total, 2, 64), max(2, len(counts))))


def _clusterable(histogram: ColorHistogram, k: int) -> tuple[np.ndarray, np.ndarray]:
    if not 1 <= k <= MAX_COLORS:
        raise ValueError(f"a palette has 1 to {MAX_COLORS} colours, not {k}")
    if not len(histogram.counts):
        raise ValueError("a palette needs at least 1 opaque pixel")
    return histogram.clusterable()


def _plain_palette(histogram: ColorHistogram, k: int) -> Palette:
    """By k-means in sRGB."""
    colors, counts = _clusterable(histogram, k)
    if len(colors) > k:
        labels, colors = kmeans(colors, counts, k, starts=10)
        counts = np.bincount(labels, weights=counts)
    return _by_frequency(colors, counts)


def _by_frequency(colors: np.ndarray, counts: np.ndarray) -> Palette:
    colors, index = distinct(_rounded(colors))  # two may have become one
    counts = np.bincount(index, weights=counts)
    return Palette(colors[np.argsort(-counts, kind="stable")])


def _grouped(colors: np.ndarray, counts: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean colours of groups equal in the upper ``bits`` of each channel, and their pixels.

    Float64 ``(n, 3)`` and int64 ``(n,)``.
    """
    group = distinct(colors.astype(np.uint8) & (0xFF << 8 - bits & 0xFF))[1]
    return _means(colors, counts, group), np.bincount(group, weights=counts).astype(np.int64)


def _means(colors: np.ndarray, counts: np.ndarray, labels: np.ndarray) -> np.ndarray:
    sums = [np.bincount(labels, weights=counts * channel) for channel in colors.T]
    return np.stack(sums, axis=1) / np.bincount(labels, weights=counts)[:, None]


def _representatives(colors: np.ndarray, counts: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The colour for every cluster, by the rule in :func:`fit_palette`: ``(k, 3)`` in [0, 255]."""
    means = srgb(_means(oklab(_rounded(colors)), counts, labels))
    order = np.lexsort((-counts, labels))  # by cluster, its most frequent colour first
    modes = order[np.unique(labels[order], return_index=True)[1]]
    frequent = counts[modes] >= MODE_SHARE * np.bincount(labels, weights=counts)
    return np.where(frequent[:, None], colors[modes], means)


def _rounded(colors: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(colors), 0, 255).astype(np.uint8)


def _hues(colors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """HSV hue in degrees, and whether a colour is saturated enough to have one."""
    red, green, blue = colors.T
    largest = colors.max(axis=1)
    chroma = largest - colors.min(axis=1)
    divisor = np.maximum(chroma, 1e-9)
    hue = np.select(
        [largest == red, largest == green],
        [(green - blue) / divisor % 6, (blue - red) / divisor + 2],
        (red - green) / divisor + 4,
    )
    return hue * 60, chroma >= CHROMA


def _hue_peaks(histogram: ColorHistogram) -> np.ndarray:
    """The independent hues of images, in degrees, ``(n,)``, the most frequent first.

    They are the peaks of the histogram of hues (HSV). Only saturated pixels have a hue.

    The histogram is smoothed on the circle. The highest place is a hue, then the highest at least
    24 degrees from it, and so on while they are as high as the peak of a flat colour with 1 % of
    all pixels. So a rainbow without peaks has hues too. Greys have none, no image has more than 15.

    Source: UNIMORE, "Making Pixel Art with Deep Unsupervised Learning", "Palette Extraction": the
    number of clusters of k-means is the number of independent colours in the histogram of hues.
    """
    hues, saturated = _hues(histogram.colors)
    bins = (hues[saturated] * HUE_BINS / 360).astype(int) % HUE_BINS
    shares = np.bincount(bins, weights=histogram.counts[saturated], minlength=HUE_BINS) / max(
        1, histogram.counts.sum()
    )
    sigma = HUE_WIDTH * HUE_BINS / 360
    smooth = scipy.ndimage.gaussian_filter1d(shares, sigma, mode="wrap")
    least = HUE_SHARE / (sigma * np.sqrt(2 * np.pi))  # the height of a flat colour's peak
    centres = (np.arange(HUE_BINS) + 0.5) * 360 / HUE_BINS
    peaks = []
    while smooth.max() >= least:
        peaks.append(centres[smooth.argmax()])
        smooth[_hue_distance(centres, peaks[-1]) < HUE_GAP] = 0
    return np.array(peaks)


def _hue_distance(first: np.ndarray, second: np.ndarray | float) -> np.ndarray:
    return np.abs((first - second + 180) % 360 - 180)


def _shades(tones: np.ndarray, counts: np.ndarray) -> int:
    """How many shades a ramp needs for colours of such lightness and colourfulness ``(n, 2)``."""
    spans = []
    for values in tones.T:
        order = np.argsort(values)
        shares = np.cumsum(counts[order]) / counts.sum()
        low, high = values[order][np.searchsorted(shares, [0.01, 0.99]).clip(max=len(order) - 1)]
        spans.append(high - low)
    return int(np.clip(round(np.hypot(*spans) / SHADE_STEP) + 1, 1, MAX_SHADES))
