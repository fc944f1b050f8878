"""The grids that one axis of an image may have, each with what speaks for it."""

import math
from dataclasses import dataclass

import numpy as np

from pixelization.detection.fit import KERNELS, exact_grid, refine, residual, sketch
from pixelization.detection.geometry import first_border, off_borders
from pixelization.detection.profiles import changes_along, colors_along, periods_along

# kernels that show whether there is a grid of any softness; phases to try
COARSE = (("box", 8), ("soft-0.4", 6))
# of the best periods are tried too: a profile may show the harmonics of a grid only
MULTIPLES = (2, 3, 4, 5)
WINDOW = 512  # pixels in the middle of a long axis, in which that is tried
KEPT = 3  # periods that are refined, besides those that the other axis asks for
CHANCE = math.log(1000)  # once in so many images
# cells; grids whose borders are this close to both ends of the axis are tried with borders exactly
# there
ALIGNED = 0.3


@dataclass(frozen=True)
class AxisGrid:
    """A grid and what it explains; residuals are logarithms, see ``fit.residual``.

    Attributes:
        cell: in pixels.
        phase: of the first border at or before pixel 0, in (-cell, 0].
        cells: that fit the axis, fractional.
        left: residual of the grid with the kernel that suits it best.
        half, quarter: residual with that kernel and all borders off by half a cell; the smaller one
            of those off by a quarter to either side. On an image without this grid they are no
            larger.
        aligned: the grid begins and ends with the image.
        exact: every change of colour is a border.
    """

    cell: float
    phase: float
    cells: float
    left: float
    half: float
    quarter: float
    aligned: bool
    exact: bool


@dataclass(frozen=True)
class _Coarse:
    """A period with the phase at which it fits best, by how much better it fits there than
    elsewhere.
    """

    period: float
    phase: float
    contrast: float

    @property
    def rank(self) -> float:
        """Contrast times the logarithm of the period.

        Any divisor of the cell size has borders where the grid has. With the logarithm the grid
        itself comes first.
        """
        return self.contrast * math.log(self.period)


class Axis:
    """One axis of an image.

    Args:
        lines: float32 ``(lines, length, C)``, from ``lines_along``.
        longest: the largest cell size there may be, in pixels.

    Attributes:
        length: in pixels.
        longest: as given, but at most a quarter of the length.
        gradient: log of the mean square difference of neighbouring pixels.
        roughness: log of the mean square second difference, less ``gradient``; small where pixels
            change slowly.
        places: int64, where neighbouring pixels differ in any line, ascending.
        changes: share of neighbouring columns that differ.
        colors: log of the number of colours.
    """

    def __init__(self, lines: np.ndarray, longest: float):
        self.length = lines.shape[1]
        self.longest = min(longest, self.length / 4)
        self._samples = sketch(lines)
        self.places = changes_along(lines)
        self.periods = periods_along(lines, longest)
        self.changes = len(self.places) / max(1, self.length - 1)
        self.colors = math.log(colors_along(lines))
        self.gradient, second = (
            math.log((np.diff(self._samples, order, axis=0) ** 2).sum() / self._samples.size + 1e-3)
            for order in (1, 2)
        )
        self.roughness = second - self.gradient

    def rank(self, periods: list[float]) -> list[_Coarse]:
        """Periods and multiples of the best of them, without those that are equal but for noise,
        the best first.
        """
        ranked: list[_Coarse] = []
        for period in periods:
            self._add(period, ranked)
        for best in sorted(ranked, key=lambda coarse: -coarse.rank)[:3]:
            for factor in MULTIPLES:
                self._add(best.period * factor, ranked)
        return sorted(ranked, key=lambda coarse: -coarse.rank)

    def same(self, first: float, second: float) -> bool:
        """Whether cells of two sizes are off by less than a quarter of a cell at the end of the
        axis.
        """
        return abs(1 / first - 1 / second) * self.length < 0.25

    def exact_grids(self, ranked: list[_Coarse]) -> list[AxisGrid]:
        """The grids, with cells as large as can be, of which every change of colour is a border."""
        found: list[AxisGrid] = []
        for coarse in ranked:
            exact = exact_grid(self.places, coarse.period, coarse.phase)
            while exact and not any(self.same(exact[0], grid.cell) for grid in found):
                found.append(self._grid(*exact, exact=True))
                cell, phase = exact
                index = np.round((self.places - phase) / cell).astype(int)
                factor = int(np.gcd.reduce(np.diff(index)))
                exact = (
                    exact_grid(self.places, cell * factor, phase + cell * index[0])
                    if factor > 1
                    else None
                )
        return found

    def by_chance(self, factor: float) -> bool:
        """Whether all changes of colour may be on borders of cells that are ``factor`` times as
        large as the true ones.
        """
        return _surprise(self.places, factor) < CHANCE

    def soft_grid(self, coarse: _Coarse) -> AxisGrid:
        """The best grid near a period and phase."""
        soft = self._best_kernel(
            coarse.period, coarse.phase, [name for name in KERNELS if name != "box"]
        )[1]
        return self._grid(*refine(self._samples, coarse.period, coarse.phase, soft), exact=False)

    def _grid(self, cell: float, phase: float, exact: bool) -> AxisGrid:
        left, kernel = self._best_kernel(cell, phase, list(KERNELS))
        count = max(1, round(self.length / cell))
        ends = phase / cell, (self.length - phase) / cell
        aligned = False
        if max(abs(end - round(end)) for end in ends) < ALIGNED:
            whole = self.length / count
            if exact:
                # A picture of a grid that begins and ends with it shows nothing beside the grid.
                # A pixel whose centre is on a border may be on either side of it.
                aligned = off_borders(self.places, whole, 0.0) < 0.5 + 1e-6
            else:
                residual_whole = residual(self._samples, whole, 0.0, kernel)
                aligned = residual_whole <= left + 0.05
                left = residual_whole if aligned else left
            cell, phase = (whole, 0.0) if aligned else (cell, phase)
        half, before, after = (
            residual(self._samples, cell, phase + part * cell, kernel)
            for part in (0.5, -0.25, 0.25)
        )
        return AxisGrid(
            cell,
            first_border(phase, cell),
            self.length / cell,
            left,
            half,
            min(before, after),
            bool(aligned),
            exact,
        )

    def _add(self, period: float, ranked: list[_Coarse]) -> None:
        if not 1.99 <= period <= self.longest or any(
            self.same(period, other.period) for other in ranked
        ):
            return
        start = max(0, (self.length - WINDOW) // 2)
        window = self._samples[start : start + WINDOW]
        found = []
        for kernel, steps in COARSE:
            phases = -np.arange(steps) / steps * period
            left = [residual(window, period, phase - start, kernel) for phase in phases]
            found.append((max(left) - min(left), float(phases[np.argmin(left)])))
        contrast, phase = max(found)
        ranked.append(_Coarse(period, phase, contrast))

    def _best_kernel(self, cell: float, phase: float, kernels: list[str]) -> tuple[float, str]:
        return min((residual(self._samples, cell, phase, kernel), kernel) for kernel in kernels)


@dataclass(frozen=True)
class Exact:
    """What the changes of colour in an image, or in a part of it, tell of its cells.

    Attributes:
        grids: cell and phase, in pixels of the whole image, of the largest cells of which every
            change is a border, of x and y; cells of 1 where there are none.
        places: int64, where colours change, in pixels of the whole image, of x and y.
    """

    grids: tuple[tuple[float, float], ...]
    places: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, axes: tuple[Axis, Axis], starts: tuple[int, int] = (0, 0)) -> "Exact":
        """Of a part's axes, and of the pixel at which it starts, ``(x, y)``."""
        periods = axes[0].periods + axes[1].periods
        grids, places = [], []
        for axis, start in zip(axes, starts, strict=True):
            exact = [(grid.cell, grid.phase) for grid in axis.exact_grids(axis.rank(periods))]
            cell, phase = max(exact, default=(1.0, 0.0))
            grids.append((cell, phase + start))
            places.append(axis.places + start)
        return cls(tuple(grids), tuple(places))

    def outdoes(self, whole: "Exact") -> bool:
        """Whether a part shows larger cells than the whole, not by chance, or cells of the same
        size that are better.

        Cells are larger where it is less likely that all changes are on their grid by chance than
        that all others are on the smaller one. They are better where they need no rounding, and the
        others are off them.
        """
        better = False
        for (cell, phase), places, (other, _), all_places in zip(
            self.grids, self.places, whole.grids, whole.places, strict=True
        ):
            if _surprise(places, cell) < CHANCE:
                return False
            others = np.setdiff1d(all_places, places)
            if cell > 1.5 * other:  # grids with borders in common differ by 2 or more
                own = _surprise(places, cell / other)
                if own < CHANCE or own <= _surprise(others, other):
                    return False
                better = True
            elif off_borders(places, cell, phase) < 0.25:
                better |= off_borders(others, cell, phase) > 0.5 + 1e-6
        return better


def _surprise(places: np.ndarray, factor: float) -> float:
    """Of places that are all on a grid, where one in ``factor`` is by chance: minus log of that
    probability.
    """
    return len(places) * math.log(factor)


def axis_grids(axes: tuple[Axis, Axis]) -> tuple[list[AxisGrid], list[AxisGrid]]:
    """The grids that each of two axes may have.

    Cells of most images are square, so each axis tries what the other shows.
    """
    periods = axes[0].periods + axes[1].periods
    ranked = [axis.rank(periods) for axis in axes]
    found = []
    for axis, own, others in zip(axes, ranked, reversed(ranked), strict=True):
        exact = axis.exact_grids(own)
        largest = max((grid.cell for grid in exact), default=0)
        exact = [grid for grid in exact if axis.by_chance(largest / grid.cell)]
        wanted = [coarse.period for coarse in others[:2]] + [
            coarse.period * factor for coarse in own[:1] for factor in (2, 3)
        ]
        kept = own[:KEPT] + [
            coarse
            for coarse in own[KEPT:]
            if any(axis.same(coarse.period, period) for period in wanted)
        ]
        # Large cells that drift a little may be explained exactly by tiny ones; not the other way
        # round.
        soft = [axis.soft_grid(coarse) for coarse in kept if coarse.period > 1.01 * largest]
        # the fit moves periods a little
        found.append(exact + [grid for grid in soft if grid.cell <= axis.longest])
    return found[0], found[1]
