"""The kinds of drawings that sprites are to be found in, a table each."""

from dataclasses import dataclass

from pixelization.training.data.artist_pairs.maker import PairOptions


@dataclass(frozen=True)
class Kind:
    """Drawings of one kind.

    Attributes:
        options: how they are drawn.
        about: what they are, for the reader of the report.
    """

    options: PairOptions
    about: str


def _deformed(ground: str) -> PairOptions:
    """No drawing lies on the grid, and colours are the artists' own."""
    return PairOptions(plain=0, ground=ground, recolor=False)


PAIRS = {
    "white": Kind(_deformed("white"), "on white"),
    "coloured": Kind(_deformed("color"), "on any one colour"),
    "dark": Kind(_deformed("dark"), "on a colour that is nearly black"),
    "transparent": Kind(_deformed("nothing"), "on nothing (methods see alpha)"),
    "on the grid": Kind(
        PairOptions(plain=1, recolor=False), "on any ground, neither deformed nor thinned"
    ),
    # as the first trial of pairs drew them, whose shares were the first to be had
    "easier": Kind(
        PairOptions(
            plain=0,
            strokes=0,
            thinning=(0, 1 / 3, 1 / 3, 1 / 3, 0),
            shift=0.22,
            cell_sizes=(4, 16 / 3, 8),
        ),
        "on any ground and in changed colours: cells have 4 pixels or more, drawings are moved by "
        "less, strokes lose 1 to 3 of 8 pixels on each side, and no line art is added",
    ),
}
