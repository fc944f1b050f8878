"""Spurs go: a single cell that sticks out of one side of a small shape, and not of the other.

A circle reaches a part of a cell over what it fills, and where, is chance. Networks give it a cell
there now and then, and a pupil has a nub on its left, or an eye a hair on its top.
"""

import numpy as np

from pixelization.cells.neighbours import alike_neighbours
from pixelization.reducers.shown import CONTRAST, alike, planes, shares

COVERED = 0.6  # of a cell, from which on it is the shape's
FAINT = 0.3  # of a spur's contrast, from which on a sample is the shape's
REACH = 7  # rows of samples, of 8, over which a shape is seen that leads through its spur
FREE = 2  # cells around that are looked at: none beside a spur sticks out, as battlements do
ACROSS = 8  # cells behind a spur at most: in a large shape one cell more is no fault
SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))  # opposite ones are neighbours here


def remove_spurs(pixels: np.ndarray, sprite: np.ndarray) -> np.ndarray:
    """Give cells that stick out by themselves to what is around them.

    A spur lies on three cells of its colour, side by side, and all others around it are of one
    other colour, which it becomes. It stays where its shape covers most of it in the picture or
    leads through it, as the bar of a letter does, where another cell sticks out near it, at a tip,
    to which both sides go in steps, and where one sticks out at the other end, too: a cross is a
    cross. A shape that the border cuts off is a large one.

    Args:
        pixels: the picture, uint8 RGBA ``(H, W, 4)``.
        sprite: uint8 RGBA ``(h, w, 4)``, alpha 0 or 255.

    Returns:
        A new sprite, or the same one where nothing is to be done.
    """
    cells = planes(sprite)
    spurs = _lying_on_three(cells)
    amid = slice(FREE, -FREE)
    side, row, column = np.nonzero(spurs[:, amid, amid])
    place = np.array((row, column)) + FREE
    out = np.array(SIDES)[side].T
    aside = np.abs(out[::-1])

    def beside(ahead: int, along: int) -> np.ndarray:
        """The cells so many steps outwards and to one side, ``(4, n)``."""
        return np.asarray(cells[:, *(place + ahead * out + along * aside)])

    own, ground = beside(0, 0), beside(1, 0)
    goes = np.abs(own - ground).max(axis=0, initial=0) >= CONTRAST
    tip = np.ones_like(goes)
    for along in (-1, 1):
        goes &= alike(beside(0, along), ground) & alike(beside(1, along), ground)
        goes &= ~alike(beside(0, FREE * along), own)
        tip &= ~alike(beside(-1, FREE * along), own) & alike(beside(-FREE, FREE * along), own)
    goes &= ~tip
    if not goes.any():  # what comes now takes longer
        return sprite
    side, place, out, own, ground = (each[..., goes] for each in (side, place, out, own, ground))
    goes = _at_one_end(cells, spurs, side, place) & ~_in_a_row(cells, spurs, side, place)
    shown = shares(pixels, sprite.shape[:2], place, own, ground)
    goes &= (shown.mean(axis=(1, 2)) < COVERED) & (_reach(shown, out) < REACH)
    if not goes.any():
        return sprite
    place, out = place[:, goes], out[:, goes]
    cleared = sprite.copy()
    cleared[*place] = sprite[*(place + out)]
    return cleared


def _lying_on_three(cells: np.ndarray) -> np.ndarray:
    """Which cells ``(4, h, w)`` have three neighbours of their colour, all on the side opposite
    each of ``SIDES``: bool ``(4, h, w)``.
    """
    like = alike_neighbours(cells, alike)[:, :, 1:-1, 1:-1]
    three = like.sum(axis=(0, 1), dtype=np.int8) == 3
    behind = (like[1], like[-1], like[:, 1], like[:, -1])
    return np.stack([each.all(axis=0) & three for each in behind])


def _at_one_end(
    cells: np.ndarray, spurs: np.ndarray, side: np.ndarray, place: np.ndarray
) -> np.ndarray:
    """Which spurs are of shapes of at most ``ACROSS`` cells that have none at the other end.

    Args:
        cells: ``(4, h, w)``.
        spurs: of :func:`_lying_on_three`.
        side, place: of ``n`` spurs, ``(n,)`` and ``(2, n)``.
    """
    line = _line(cells, place, -np.array(SIDES)[side].T, ACROSS + 1)
    same = alike(cells[:, *line], cells[:, *place][..., None])
    length = np.logical_and.accumulate(same, axis=1).sum(axis=1)
    end = line[:, np.arange(len(side)), length - 1]
    return np.asarray((length <= ACROSS) & ~spurs[side ^ 1, *end])


def _in_a_row(
    cells: np.ndarray, spurs: np.ndarray, side: np.ndarray, place: np.ndarray
) -> np.ndarray:
    """Which spurs are not the only ones on their side of the shape, as the teeth of a comb.

    Args:
        cells, spurs, side, place: of :func:`_at_one_end`.
    """
    out = np.array(SIDES)[side].T
    many = np.zeros(len(side), bool)
    for aside in (-np.abs(out[::-1]), np.abs(out[::-1])):
        line = _line(cells, place, aside, ACROSS)
        shape = alike(cells[:, *(line - out[..., None])], cells[:, *place][..., None])
        joined = np.logical_and.accumulate(shape, axis=1)
        many |= (joined & spurs[side[:, None], *line]).any(axis=1)
    return many


def _line(cells: np.ndarray, place: np.ndarray, step: np.ndarray, count: int) -> np.ndarray:
    """The places one to ``count`` steps from others, ``(2, n, count)``; off the canvas, its border.

    Args:
        cells: ``(4, h, w)``.
        place, step: rows and columns, ``(2, n)``.
    """
    limits = np.array(cells.shape[1:])[:, None, None] - 1
    return (place[..., None] + np.arange(1, count + 1) * step[..., None]).clip(0, limits)


def _reach(shown: np.ndarray, out: np.ndarray) -> np.ndarray:
    """How many rows of samples, from the three cells outwards, show the shape without a break.

    Args:
        shown: of :func:`~pixelization.reducers.shown.shares`.
        out: where ``n`` spurs stick out to, ``(2, n)``; of those to the left and right, columns of
            samples are counted.
    """
    upright, back = out[0, :, None] != 0, out.sum(axis=0)[:, None] < 0
    most = np.where(upright, shown.max(axis=2), shown.max(axis=1))
    outwards = np.where(back, most[:, ::-1], most)
    return np.asarray(np.logical_and.accumulate(outwards >= FAINT, axis=1).sum(axis=1))
