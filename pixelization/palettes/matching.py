"""Which colour of a palette the cells of sprites get, by their areas.

In a small palette the nearest colour is often the same for an area and for what is drawn on it: the
scales of a fish, the keys of a phone. Here the smaller of the two takes another colour, where the
palette has one that is about as near. Photos have no such areas; there, cells between two colours
take the one that is around them (``palettes/joining.py``).
"""

from collections.abc import Sequence

import numpy as np

from pixelization.color.oklab import perceptual
from pixelization.images.sprites import opaque_cells, painted, sprite_colors
from pixelization.palettes.assignment import distinct, nearest_point
from pixelization.palettes.joining import joined
from pixelization.palettes.palette import Palette

# Distances are those of ``oklab.perceptual``, in which about 0.02 is just noticeable.
SHADES = 0.06  # colours of one area are no further apart
APART = 0.1  # two areas that are kept apart differ by more
CLEAR = 0.3  # a difference of more counts no more than this
BESIDE = 0.1  # the other colour may be so much further away than the nearest, in hue, too
# what has so many cells is seen as a form, also in a colour that is further; smaller stains are not
LARGE, BESIDE_LARGE = 10, 0.13
LIGHTER = 0.06  # an area is lighter than another
DARKER = 0.02  # and gets a colour that is darker
SAME = 0.02  # two colours of the palette that are as good as one
FEW = 3  # areas of fewer cells keep the nearest colour: they would be specks
MANY_AREAS, MANY_COLORS = 30, 0.3  # more areas, and more colours per cell: a photo
MOST_AREAS = 512  # of more, each colour gets the nearest
ROUNDS = 10


def match_areas(sprites: Sequence[np.ndarray], palette: Palette) -> list[np.ndarray]:
    """Give every opaque pixel a colour of the palette; but for photos, one colour gets the same
    everywhere.

    Colours that are alike and have the same nearest colour are an area. With n cells of an area, b
    sides of cells along which two areas touch, D and d distances to the colour that it gets and to
    the other area, this looks for the least of::

        sum of n (D^2 - D_nearest^2)  +  sum of b min(d, CLEAR)^2 where both get one colour

    by moving one area at a time, the smallest first (Besag 1986, iterated conditional modes). An
    area moves only if one that it touches is at least as large and has the same nearest colour, and
    not past another in lightness. What has a colour of the palette keeps it.

    Args:
        sprites: frames or tiles that belong together, uint8 ``(h, w, 3)``, or ``(h, w, 4)``.
        palette: to choose from.

    Returns:
        uint8, shapes of ``sprites``; alpha is kept, transparent pixels are (0, 0, 0, 0).
    """
    if not sprites:
        return []
    opaque = [opaque_cells(sprite) for sprite in sprites]
    colors, places = _colors(sprites)
    points, targets = perceptual(colors), perceptual(palette.colors)
    chosen = nearest_point(points, targets)
    counts, own = np.zeros(len(colors)), 0
    for place, mask in zip(places, opaque, strict=True):
        here = np.bincount(place[mask], minlength=len(colors))
        counts += here
        own += int(np.count_nonzero(here))  # by sprite: frames of a photo repeat their colours
    many = own > MANY_COLORS * counts.sum()
    most = MANY_AREAS if many else MOST_AREAS
    area = _areas(points, counts, chosen, most)
    number = int(area.max(initial=0)) + 1
    if many and number > most:
        cells = [
            joined(points[place], np.where(mask, chosen[place], -1), targets)
            for place, mask in zip(places, opaque, strict=True)
        ]
    else:
        if number <= most:
            touching = _touching([area[place] for place in places], opaque, number)
            fixed = (colors == palette.colors[chosen]).all(axis=1)
            seen = [
                np.bincount(area[place[mask]], minlength=number)
                for place, mask in zip(places, opaque, strict=True)
            ]
            largest = np.max(seen, axis=0)  # of all frames: one that stays is no larger for it
            chosen = _moved(points, counts, area, largest, chosen, fixed, touching, targets)
        cells = [chosen[place] for place in places]
    return [
        painted(sprite, palette.colors[cell]) for sprite, cell in zip(sprites, cells, strict=True)
    ]


def _colors(sprites: Sequence[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    """The distinct colours of all sprites, and which of them each cell has, int ``(h, w)``."""
    each = [distinct(sprite_colors(sprite)) for sprite in sprites]
    colors, index = distinct(np.concatenate([found for found, _ in each]))
    starts = np.cumsum([0, *(len(found) for found, _ in each)])
    return colors, [
        index[start : start + len(found)].astype(np.int32)[place]
        for start, (found, place) in zip(starts, each, strict=False)
    ]


def _areas(points: np.ndarray, counts: np.ndarray, chosen: np.ndarray, most: int) -> np.ndarray:
    """Which area every colour belongs to, int ``(n,)``; after ``most`` areas all others are one."""
    area = np.zeros(len(points), int)
    left = np.argsort(-counts, kind="stable")
    for number in range(most + 1):
        if not len(left) or number == most:
            area[left] = number
            break
        first = left[0]  # the commonest one
        alike = (np.linalg.norm(points[left] - points[first], axis=1) < SHADES) & (
            chosen[left] == chosen[first]
        )
        area[left[alike]] = number
        left = left[~alike]
    return area


def _touching(areas: Sequence[np.ndarray], opaque: Sequence[np.ndarray], number: int) -> np.ndarray:
    """Along how many sides of cells areas touch, ``(number, number)``, symmetric."""
    pairs = [
        one[both] * number + other[both]
        for area, mask in zip(areas, opaque, strict=True)
        for one, other, both in (
            (area[:-1], area[1:], mask[:-1] & mask[1:]),
            (area[:, :-1], area[:, 1:], mask[:, :-1] & mask[:, 1:]),
        )
    ]
    table = np.bincount(np.concatenate(pairs), minlength=number * number).astype(float)
    table = table.reshape(number, number)
    np.fill_diagonal(table, 0)
    return table + table.T


def _moved(
    points: np.ndarray,
    counts: np.ndarray,
    area: np.ndarray,
    largest: np.ndarray,
    chosen: np.ndarray,
    fixed: np.ndarray,
    touching: np.ndarray,
    targets: np.ndarray,
) -> np.ndarray:
    """The colour of the palette for every colour, int ``(n,)``."""
    number = len(touching)
    cells = np.bincount(area, counts, number)
    total = np.stack([np.bincount(area, counts * axis, number) for axis in points.T], axis=1)
    mean = total / np.maximum(cells, 1)[:, None]
    start = np.zeros(number, int)
    start[area] = chosen  # an area has one nearest colour
    offsets = mean[:, None] - targets
    distance, hue = np.linalg.norm(offsets, axis=2), np.linalg.norm(offsets[..., 1:], axis=2)
    every = np.arange(number)
    cost = cells[:, None] * (distance**2 - distance[every, start][:, None] ** 2)
    for far, most in ((distance, np.where(largest >= LARGE, BESIDE_LARGE, BESIDE)), (hue, BESIDE)):
        cost[far > (far[every, start] + most)[:, None]] = np.inf
    cost[every, start] = 0

    apart = np.linalg.norm(mean[:, None] - mean, axis=2)
    lost = touching * np.minimum(apart, CLEAR) ** 2
    lightness = mean[:, None, 0] - mean[:, 0]
    lighter = np.sign(lightness) * (np.abs(lightness) > LIGHTER)
    alike = np.linalg.norm(targets[:, None] - targets, axis=2) < SAME
    merged = (touching > 0) & alike[start][:, start] & (apart > APART)
    largest_beside = np.where(merged, cells, 0).max(axis=1, initial=0)
    free = (largest >= FEW) & (cells <= largest_beside) & (np.bincount(area, fixed, number) == 0)

    def turned(each: int, beside: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Whether it would be the darker one, ``(beside, m)``."""
        rise = targets[:, 0] - targets[labels, 0][:, None]
        return lighter[each, beside][:, None] * rise < -DARKER

    now = start.copy()
    for _ in range(ROUNDS):
        before = now.copy()
        for each in np.flatnonzero(free)[np.argsort(cells[free], kind="stable")]:
            beside = np.flatnonzero(lost[each])
            worse = turned(each, beside, now[beside])
            costs = cost[each] + lost[each, beside] @ alike[now[beside]]
            costs[(worse & ~worse[:, now[each], None]).any(axis=0)] = np.inf
            best = int(costs.argmin())
            if costs[best] < costs[now[each]]:
                now[each] = best
        if (now == before).all():
            break
    return now[area]
