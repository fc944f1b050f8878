"""Drawings of held-out sprites: counts by hand, the same pairs for all, mistakes in one line."""

import math
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from pixelization.apps.cli.evaluate import main
from pixelization.errors import UserError
from pixelization.evaluation.config import load_evaluation
from pixelization.evaluation.measures import cells_found, found_share
from pixelization.evaluation.methods import build_methods
from pixelization.evaluation.pair_kinds import PAIRS
from pixelization.evaluation.pairs import draw_pairs, read_held_out
from pixelization.evaluation.validation import half_of
from pixelization.training.data.artist_pairs.sprites import sprite_set_of
from tests.make import read_csv, sprite_of

ROOT = Path(__file__).resolve().parents[2]
SPRITES = ROOT / "tests/data/sprites"

# A dark line on white, with a loose red cell at its end.
TARGET = sprite_of(
    "wwwwww",
    "wwwwww",
    "w###ww",
    "wwwwrw",
    "wwwwww",
    "wwwwww",
)


def write_config(folder, methods, **changes):
    values = {
        "name": "pairs",
        "task": "pairs",
        "out": str(folder / "reports"),
        "sprites": str(SPRITES),
        "half": "both",
        "drawings": 3,
        "methods": [{"name": name, **each} for name, each in methods.items()],
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(values | changes))
    return str(path)


@pytest.fixture(scope="module")
def held_out():
    rng = np.random.default_rng(0)
    sprites = {}
    for index in range(4):
        cells = rng.integers(0, 4, (10, 10))
        colors = np.array([(0, 0, 0, 0), (200, 30, 40, 255), (240, 240, 90, 255), (9, 9, 9, 255)])
        sprites[f"s_{index}"] = colors[cells].astype(np.uint8)
    return sprite_set_of(sprites)


# The line and the dot differ from the ten cells that touch them: 14 of 36 are contrast.
WHOLE = {
    "contrast": (14, 14),
    "outline": (0, 0),
    "dark": (4, 4),
    "light": (0, 0),
    "detail": (1, 1),
    "flat": (22, 22),
}


def lost(**cells):
    """``WHOLE`` less so many cells."""
    return {kind: (right - cells.get(kind, 0), of) for kind, (right, of) in WHOLE.items()}


def test_everything_came_back():
    assert cells_found(TARGET, TARGET, 0) == WHOLE


@pytest.mark.parametrize(
    "cell, color, missing",
    [
        ((2, 2), (250, 250, 250), {"contrast": 1, "dark": 1}),  # a gap in the line
        ((3, 4), (250, 250, 250), {"contrast": 1, "dark": 1, "detail": 1}),  # the dot
        ((0, 0), (200, 30, 40), {"flat": 1}),  # a stray cell
        ((3, 3), (10, 10, 10), {"contrast": 1}),  # a thick corner
        ((2, 2), (14, 14, 14), {}),  # nobody sees that
    ],
)
def test_a_wrong_cell_is_wrong_in_its_kinds(cell, color, missing):
    sprite = TARGET.copy()
    sprite[cell] = color
    assert cells_found(TARGET, sprite, 0) == lost(**missing)


def test_cells_at_the_border_are_not_counted():
    sprite = TARGET.copy()
    sprite[0] = sprite[:, 5] = (200, 30, 40)
    found = cells_found(TARGET, sprite, 1)
    # of the inner 16 cells, (1, 4), (4, 1), (4, 2) and (4, 3) are flat
    assert found["flat"] == (4, 4) and found["contrast"] == (12, 12)


def test_what_nobody_sees_is_no_difference_and_a_hole_is_one():
    target = sprite_of("...", ".r.", "...")
    other = target.copy()
    other[0, 0, :3] = 99  # under alpha 0
    assert cells_found(target, other, 0)["contrast"] == (5, 5)
    assert cells_found(target, other, 0)["outline"] == (1, 1)
    other[1, 1, 3] = 0
    assert cells_found(target, other, 0)["outline"] == (0, 1)
    opaque = sprite_of("www", "wrw", "www")
    assert cells_found(target, opaque, 0)["flat"] == (0, 4)


def test_shares_are_of_all_cells_together():
    shares = found_share([{"dark": (1, 1), "light": (0, 0)}, {"dark": (1, 3), "light": (0, 0)}])
    assert shares["found_dark"] == 0.5  # not the mean of 1 and 1/3
    assert math.isnan(shares["found_light"])


def test_more_drawings_begin_with_the_same(held_out, monkeypatch):
    monkeypatch.setattr("pixelization.evaluation.pairs.BATCH", 2)
    few, many = (draw_pairs(held_out, PAIRS["white"].options, count) for count in (2, 3))
    assert [each.name for each in many] == ["000", "001", "002"]
    for one, other in zip(few, many[:2], strict=True):
        assert np.array_equal(one.picture, other.picture)
        assert np.array_equal(one.target, other.target)


def test_grounds_and_colours_are_what_they_are_called(held_out):
    artists = {(0, 0, 0), (200, 30, 40), (240, 240, 90), (9, 9, 9)}
    made = {kind: draw_pairs(held_out, PAIRS[kind].options, 8) for kind in ("white", "dark")}
    corners = {kind: [each.target[0, 0] for each in pairs] for kind, pairs in made.items()}
    # shading may darken a ground a little
    assert np.median(np.concatenate(corners["white"])) > 220
    assert np.median(np.concatenate(corners["dark"])) < 60
    unshaded = [
        each for each in made["white"] if len(np.unique(each.target.reshape(-1, 3), axis=0)) < 5
    ]
    assert unshaded
    for each in unshaded:
        assert set(map(tuple, each.target.reshape(-1, 3).tolist())) <= artists | {(255, 255, 255)}


def test_on_the_grid_nearest_finds_nearly_all_and_elsewhere_it_does_not(tmp_path):
    config = write_config(
        tmp_path,
        {"nearest": {"baseline": "nearest"}, "area": {"baseline": "area"}},
        pairs=["on the grid", "transparent"],
        against="area",
    )
    assert main(["--cfg", config, "half=both"]) == 0
    rows = {
        (row["size"], row["method"]): row for row in read_csv(tmp_path / "reports/pairs/tables.csv")
    }
    on_grid, off = rows["on the grid", "nearest"], rows["transparent", "nearest"]
    assert float(on_grid["found_contrast"]) > 0.97 > float(off["found_contrast"]) > 0.3
    assert off["found_outline"] and float(rows["transparent", "area"]["wrong_contrast"]) == 1
    ratio = (1 - float(off["found_contrast"])) / (
        1 - float(rows["transparent", "area"]["found_contrast"])
    )
    assert float(off["wrong_contrast"]) == pytest.approx(ratio, abs=1e-6)
    text = (tmp_path / "reports/pairs/report.md").read_text()
    assert "- pairs: sha256 " in text and "on the grid: on any ground" in text
    shown = tmp_path / "reports/pairs/sprites/pairs/transparent/nearest/000.png"
    assert Image.open(shown).size == (28, 28)


def test_networks_give_alpha_at_both_stages(tiny_weights, pointing_weights, tmp_path):
    methods = {
        f"{name} {stage}": {"weights": str(weights), "stage": stage}
        for name, weights in (("cascade", tiny_weights), ("pointing", pointing_weights))
        for stage in ("pixelnet", "gridnet")
    } | {"majority": {"baseline": "majority"}}
    config = load_evaluation(write_config(tmp_path, methods))
    image = np.full((32, 32, 4), (200, 30, 40, 255), np.uint8)
    image[:, 16:] = 0
    for method in build_methods(config).ready:
        sprite, _ = method.run(image, (8, 8))
        assert sprite.shape == (8, 8, 4), method.name
        if not method.name.startswith("pointing"):  # whose weights are random
            assert (sprite[:, :4, 3] == 255).all() and not sprite[:, 4:].any(), method.name
        opaque, _ = method.run(image[:, :16, :3], (4, 8))
        assert opaque.shape == (8, 4, 3), method.name


def test_only_the_half_and_the_sources_are_drawn(tmp_path):
    for name in ("x_1", "x_2", "x_3", "x_4", "y_1", "y_2"):
        Image.fromarray(sprite_of("##", "r.")).save(tmp_path / f"{name}.png")
    Image.new("RGBA", (2, 2)).save(tmp_path / "x_empty.png")
    (tmp_path / "x_broken.png").write_bytes(b"no image")
    methods = {"nearest": {"baseline": "nearest"}}

    def names(**changes):
        config = load_evaluation(write_config(tmp_path, methods, sprites=str(tmp_path), **changes))
        sprites, failures = read_held_out(config.sprites, config.half, config.sources, config.limit)
        assert len(failures) == 2 and any("nothing can be seen" in line for line in failures)
        return [path.stem for path in sprites.paths]

    every = names()
    assert every == ["x_1", "x_2", "x_3", "x_4", "y_1", "y_2"]
    assert names(half="choosing") == [name for name in every if half_of(name) == "choosing"]
    assert names(sources=["y"]) == ["y_1", "y_2"] and names(limit=2) == ["x_1", "x_2"]
    with pytest.raises(UserError, match="of the sources z"):
        names(sources=["z"])


@pytest.mark.parametrize(
    "overrides, parts",
    [
        (["pairs=[wite]"], ["pairs: no 'wite'", "did you mean 'white'?"]),
        (["pairs=[white, white]"], ["pairs: 'white' occurs twice"]),
        (["against=neerest"], ["against: no 'neerest'", "did you mean 'nearest'?"]),
        (["sprites="], ["set sprites to a folder"]),
        (["sprites=nowhere"], ["nowhere: no such folder"]),
        (["half=third"], ["half"]),
        (["drawings=0"], ["drawings"]),
        (["methods=[{name: a, baseline: neerest}]"], ["no baseline 'neerest' for task pairs"]),
        (["methods=[{name: truth, baseline: nearest}]"], ["'truth' occurs twice"]),
        (["methods=[{name: a, detector: grid}]"], ["method 'a'", "detector is for task snap"]),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(overrides, parts, tmp_path, capsys):
    config = write_config(tmp_path, {"nearest": {"baseline": "nearest"}})
    assert main(["--cfg", config, *overrides]) == 2
    err = capsys.readouterr().err
    assert err.startswith("evaluate: error: ") and err.count("\n") == 1
    assert all(part in err for part in parts), err
    assert not (tmp_path / "reports").exists()


def test_the_configurations_load():
    whole, quick = (
        load_evaluation(ROOT / f"configs/eval/{name}.yaml") for name in ("pairs", "pairs-quick")
    )
    assert whole.pairs == () and whole.half == quick.half == "reporting"
    assert quick.drawings < whole.drawings and quick.methods == whole.methods
    assert {"nearest", "majority", "rule", "cascade", "lite"} <= {e.name for e in whole.methods}
