"""Pixelated image abstraction: superpixels and palette found together."""

import numpy as np

from pixelization.cells.neighbours import OFFSETS
from pixelization.evaluation.rivals.regions import CellNeighbours, neighbour_mean
from pixelization.optional import optional_module

COLORS = 16  # greatest size of the palette
COMPACTNESS = 45  # weight of one cell of distance against one unit of CIELAB: the paper's m
SMOOTHING = 0.4  # how far a superpixel moves towards the mean of its neighbours
COOLING = 0.7  # of the temperature, each time that the palette has settled
FINAL_TEMPERATURE = 1.0
SETTLED = 1.0  # total movement of the palette in CIELAB
SPLIT = 0.25  # distance in CIELAB at which the two halves of a colour become colours
NUDGE = 0.05  # distance in CIELAB by which the halves of a colour are pulled from its centre
SATURATION = 1.1  # of the finished palette
TINY = 1e-12  # in place of zero masses and temperatures
MAX_ROUNDS = 4  # at one temperature, settled or not


def abstraction(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Reduce to superpixels, one per output pixel, and a palette that is annealed with them.

    Args:
        image: uint8 ``(H, W, 3)``.
        size: ``(w, h)`` of the result.

    Returns:
        uint8 ``(h, w, 3)`` of at most 16 colours.

    Raises:
        ValueError: a cell would own no pixel.
        UserError: scikit-image is missing.

    Source: Gerstner et al. 2012, with its constants. Differences: a pixel chooses among the
    superpixels of the 3x3 cells around its own, so that whole images are compared at once, instead
    of among those whose current centre is near; the bilateral filter of the means is 3x3 (the paper
    does not give its size); the annealing uses squared distances, for which its initial temperature
    is the critical one (Rose 1998); four rounds at one temperature are enough, where pixels that go
    back and forth between superpixels might keep the palette from settling for long.
    """
    color = optional_module("skimage.color", extra="measure")
    near = CellNeighbours(image.shape[:2], (size[1], size[0]))
    superpixels = _Superpixels(color.rgb2lab(image).transpose(2, 0, 1), near)
    samples = superpixels.smooth_means()
    palette = _AnnealedPalette(samples, COLORS)
    while palette.temperature > FINAL_TEMPERATURE:
        for _ in range(MAX_ROUNDS):
            superpixels.refine(palette.nearest(samples))
            samples = superpixels.smooth_means()
            if palette.refine(samples) < SETTLED:
                break
        palette.cool(samples)
    lab = palette.nearest(samples) * (1, SATURATION, SATURATION)
    rgb = color.lab2rgb(lab.reshape(*near.grid_size, 3))
    return np.rint(rgb * 255).clip(0, 255).astype(np.uint8)


class _Superpixels:
    """One superpixel per cell: a position (in cells) and the mean colour of its pixels."""

    def __init__(self, lab: np.ndarray, near: CellNeighbours) -> None:
        self._near = near
        self._features = np.stack([*near.pixels, *lab])
        # precise enough to compare distances, and twice as fast
        self._pixels = self._features.astype(np.float32)
        rows, columns = near.grid_size
        index = np.arange(rows * columns).reshape(rows, columns)
        # the nine to choose from
        self._owners = np.stack([near.spread(index, offset) for offset in OFFSETS])
        self._positions = near.centres.copy()
        self._means = np.zeros((3, rows, columns))
        self._update(near.spread(index, (0, 0)))

    def refine(self, colors: np.ndarray) -> None:
        """One step of SLIC, towards colours of the palette instead of the superpixels' means.

        Args:
            colors: of the superpixels, ``(h * w, 3)``.
        """
        near = self._near
        centres = np.concatenate([self._positions, colors.T.reshape(3, *near.grid_size)]).astype(
            np.float32
        )
        distances = np.empty(near.outside.shape, np.float32)
        for distance, offset in zip(distances, OFFSETS, strict=True):
            squared = self._pixels - near.spread(centres, offset)
            squared *= squared
            np.sqrt(squared[0] + squared[1], out=distance)
            distance *= COMPACTNESS
            distance += np.sqrt(squared[2] + squared[3] + squared[4])
        distances[near.outside] = np.inf
        chosen = distances.argmin(axis=0)
        self._update(np.take_along_axis(self._owners, chosen[None], axis=0)[0])
        shift = self._positions - near.centres
        self._positions = near.centres + (1 - SMOOTHING) * shift + SMOOTHING * neighbour_mean(shift)

    def smooth_means(self) -> np.ndarray:
        """Mean colours ``(h * w, 3)`` after a bilateral filter over the grid.

        Its deviations are 1 cell and 10 units of CIELAB.
        """
        padded = np.pad(self._means, ((0, 0), (1, 1), (1, 1)), mode="edge")
        rows, columns = self._near.grid_size
        total, weights = np.zeros_like(self._means), np.zeros((rows, columns))
        for dy, dx in OFFSETS:
            other = padded[:, 1 + dy : 1 + dy + rows, 1 + dx : 1 + dx + columns]
            difference = ((other - self._means) ** 2).sum(axis=0)
            weight = np.exp(-(dy * dy + dx * dx) / 2 - difference / (2 * 10**2))
            total += weight * other
            weights += weight
        return (total / weights).reshape(3, -1).T

    def _update(self, owner: np.ndarray) -> None:
        """Positions and means from the superpixel of every pixel.

        One without pixels stays as it is.
        """
        owner, cells = owner.ravel(), self._means[0].size
        pixels = np.bincount(owner, minlength=cells)
        sums = np.stack([np.bincount(owner, weights.ravel(), cells) for weights in self._features])
        averages = (sums / np.maximum(pixels, 1)).reshape(5, *self._near.grid_size)
        held = (pixels > 0).reshape(self._near.grid_size)
        self._positions = np.where(held, averages[:2], self._positions)
        self._means = np.where(held, averages[2:], self._means)


class _AnnealedPalette:
    """Mass-constrained deterministic annealing (Rose 1998).

    Colours split in two as the temperature falls. Until the palette is full, the two halves of
    every colour lie next to each other; where the samples suggest two colours, the halves move
    apart. In a full palette the halves coincide, which is the same as one colour each.
    """

    def __init__(self, samples: np.ndarray, size: int) -> None:
        self._size = size
        variance = np.linalg.eigvalsh(np.cov(samples.T))[-1] if len(samples) > 1 else 0.0
        # just above the critical one, at which the first colour splits
        self.temperature = 1.1 * 2 * variance
        self._halves, self._masses = np.zeros((0, 2, 3)), np.zeros((0, 2))
        self._set_colors(samples.mean(axis=0)[None], np.ones(1), samples)

    def nearest(self, samples: np.ndarray) -> np.ndarray:
        """The most probable colour of the palette for each of ``samples (n, 3)``, as ``(n, 3)``."""
        return self._centres()[self._posterior(samples).sum(axis=2).argmax(axis=1)]

    def refine(self, samples: np.ndarray) -> float:
        """Move every half to the mean of its samples; return how far they went in all."""
        posterior = self._posterior(samples)
        masses = posterior.sum(axis=0)
        sums = np.tensordot(posterior, samples, axes=(0, 0))
        moved = np.where(
            masses[..., None] > TINY, sums / np.maximum(masses, TINY)[..., None], self._halves
        )
        change = np.sqrt(((moved - self._halves) ** 2).sum(axis=2)).sum()
        self._halves, self._masses = moved, np.maximum(masses / len(samples), TINY)
        return change

    def cool(self, samples: np.ndarray) -> None:
        """Lower the temperature.

        Halves that have moved apart become colours, the farthest first, while there is room.
        """
        self.temperature *= COOLING
        gaps = np.sqrt(((self._halves[:, 0] - self._halves[:, 1]) ** 2).sum(axis=1))
        widest = np.argsort(-gaps, kind="stable")[: self._size - len(gaps)]
        split = np.zeros(len(gaps), bool)
        split[widest] = gaps[widest] > SPLIT
        colors = np.concatenate([self._centres()[~split], *self._halves[split]])
        masses = np.concatenate([self._masses[~split].sum(axis=1), *self._masses[split]])
        self._set_colors(colors, masses, samples)

    def _set_colors(self, colors: np.ndarray, masses: np.ndarray, samples: np.ndarray) -> None:
        """Make both halves of every colour.

        With room for more, pull them apart along the main axis of its samples.
        """
        self._halves = np.stack([colors, colors], axis=1)
        self._masses = np.stack([masses, masses], axis=1) / 2
        if len(colors) < self._size:
            weights = self._posterior(samples).sum(axis=2)
            differences = samples[:, None] - colors
            spread = np.einsum("nk,nki,nkj->kij", weights, differences, differences, optimize=True)
            axis = np.linalg.eigh(spread)[1][..., -1]
            self._halves += NUDGE * np.stack([axis, -axis], axis=1)

    def _centres(self) -> np.ndarray:
        return (self._masses[..., None] * self._halves).sum(axis=1) / self._masses.sum(axis=1)[
            :, None
        ]

    def _posterior(self, samples: np.ndarray) -> np.ndarray:
        """Probability ``(n, k, 2)`` of every half for each sample."""
        halves = self._halves.reshape(-1, 3)
        # less what is the same for all halves
        distance = (halves**2).sum(axis=1) - 2 * samples @ halves.T
        logits = np.log(self._masses.ravel()) - distance / max(self.temperature, TINY)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        return weights.reshape(len(samples), -1, 2)
