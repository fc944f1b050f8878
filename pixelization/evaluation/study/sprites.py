"""The sprites of a ranking: from folders, or made by methods."""

import random
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from pixelization.cells.sizes import completed_size
from pixelization.color.luma import ALIKE_LEVELS
from pixelization.errors import UserError, one_line
from pixelization.evaluation.config import EvaluationConfig, MethodConfig
from pixelization.evaluation.methods import Method, build_methods
from pixelization.evaluation.rivals.catalogue import PIXELIZERS
from pixelization.evaluation.study.key import ARTIST, LETTERS
from pixelization.evaluation.study.sheets import Row, check_row
from pixelization.evaluation.validation import Half, held_out
from pixelization.images.alpha import on_white
from pixelization.images.reading import list_images, read_image

Make = Callable[[str, Image.Image], Image.Image]
"""A method's sprite of the image of that name."""


class Ranking(NamedTuple):
    """What judges are to rank.

    Attributes:
        rows: in the order in which they are shown.
        images: how many there were to choose from.
        failures: a line for each image that could not be used; others took its place.
        differing: of those, the mean share of the cells in which the first two methods differ as
            :func:`differing_cells` says; None where rows were chosen at random.
    """

    rows: list[Row]
    images: int
    differing: float | None
    failures: list[str]


def parse_method(text: str) -> tuple[str, str]:
    """``NAME=WHAT`` as both; ``ValueError`` if it is something else."""
    name, equals, what = text.partition("=")
    if not (name and equals and what):
        raise ValueError(f"'{text}' is not NAME=WHAT, such as nearest=nearest or new=FOLDER")
    if name == ARTIST:
        raise ValueError(f"'{text}': no method may be called '{ARTIST}'")
    return name, what


def build_method(name: str, what: str) -> Method:
    """A method that runs: a weights file, a baseline, or a model that is shipped.

    Raises:
        UserError: there is no such thing, or it cannot run here.
    """
    if Path(what).is_file():
        config = MethodConfig(name=name, weights=what)
    elif what in PIXELIZERS:
        config = MethodConfig(name=name, baseline=what)
    else:
        config = MethodConfig(name=name, model=what)
    return build_methods(EvaluationConfig(methods=(config,))).ready[0]


def ranking_rows(
    sources: Path,
    methods: Sequence[tuple[str, str]],
    width: int | None,
    *,
    count: int,
    seed: int,
    half: Half = "both",
    differing: bool = False,
) -> Ranking:
    """The rows of a ranking, images chosen at random or by what differs.

    Args:
        sources: folder of the images.
        methods: name, and the folder of its sprites (``STEM.png`` of an image) or what
            :func:`build_method` takes.
        width: of the sprites that are made, in cells; None if all are in folders.
        count: rows at most; images of which a folder has no sprite are left out.
        seed: of the choice.
        half: of the images.
        differing: choose those in which the first two methods differ in the largest share of the
            cells, and none in which they do not differ at all.

    Raises:
        UserError: methods are too few or too many, or one occurs twice, cannot run or needs a
            width; two images have one name; no image can be used; the first two methods make
            the same of all images.
    """
    names = [name for name, _ in methods]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"method '{name}' occurs twice")
    if not 2 <= len(names) <= len(LETTERS):
        raise UserError(f"{len(names)} methods: give 2 to {len(LETTERS)}")
    makers = {name: _maker(name, what, width) for name, what in methods}
    folders = [Path(what) for _, what in methods if Path(what).is_dir()]
    paths: dict[str, Path] = {}
    for path in list_images(sources):
        if path.stem in paths:
            raise UserError(f"{path}: {paths[path.stem].name} has its name, too: rename one")
        paths[path.stem] = path
    whole = [name for name in paths if all((f / f"{name}.png").is_file() for f in folders)]
    chosen = held_out(sorted(whole), half)
    random.Random(seed).shuffle(chosen)

    failures: list[str] = []

    def row(name: str, methods: Sequence[str]) -> Row | None:
        try:
            image = read_image(paths[name])
            made = Row(name, image, {each: makers[each](name, image) for each in methods})
            check_row(made)
        except UserError as error:
            failures.append(one_line(error))
            return None
        return made

    images, share = len(chosen), None
    if differing:
        shares = {}
        for name in chosen:
            if (both := row(name, names[:2])) is not None:
                shares[name] = differing_cells(both)
        images = len(shares)
        share = sum(shares.values()) / max(1, images)
        if images and not share:
            raise UserError(f"'{names[0]}' and '{names[1]}' look the same in all {images} images")
        most = sorted(filter(shares.get, shares), key=shares.__getitem__, reverse=True)
    else:
        most = chosen
    made = filter(None, (row(name, names) for name in most))
    rows = sorted(islice(made, count), key=lambda row: chosen.index(row.name))  # says nothing
    if failures and not rows:
        raise UserError(failures[0])
    return Ranking(rows, images, share, list(dict.fromkeys(failures)))


def differing_cells(row: Row) -> float:
    """The share of the cells of a row's two sprites that look different, as judges see them: on
    white, a channel differs by more than ``ALIKE_LEVELS``. Both are of one size.
    """
    one, other = (np.asarray(on_white(each.convert("RGBA")), int) for each in row.sprites.values())
    return float((np.abs(one - other).max(axis=2) > ALIKE_LEVELS).mean())


def _maker(name: str, what: str, width: int | None) -> Make:
    if Path(what).is_dir():
        return lambda image_name, image: read_image(Path(what) / f"{image_name}.png")
    if width is None:
        raise UserError(f"method '{name}': '{what}' is no folder, so it needs --size, in cells")
    run = build_method(name, what).run
    cells = width

    def make(image_name: str, image: Image.Image) -> Image.Image:
        size = completed_size((cells, None), image.size)
        return Image.fromarray(run(np.asarray(image), size)[0])

    return make
