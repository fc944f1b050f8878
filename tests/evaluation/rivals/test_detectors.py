"""Other people's detectors.

What they are given, what is read from their answers, and that they cannot disturb.
"""

import logging
import signal
import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from pixelization.errors import UserError
from pixelization.evaluation.rivals import detectors
from pixelization.evaluation.rivals.catalogue import DETECTORS

MODULES = {name: name.replace("-", "_") for name in DETECTORS}
# eight colours
SPRITE = (np.random.default_rng(0).integers(0, 2, (16, 20, 3)) * 255).astype(np.uint8)
ENLARGED = SPRITE.repeat(8, axis=0).repeat(8, axis=1)


def pretend(monkeypatch, name, function):
    """Put a package in place of the real one."""
    calls = dict(
        zip(
            DETECTORS, ("get_perfect_pixel", "process_image_sync", "pixelate", "clean"), strict=True
        )
    )
    monkeypatch.setitem(sys.modules, MODULES[name], SimpleNamespace(**{calls[name]: function}))


@pytest.mark.parametrize("name", DETECTORS)
def test_the_real_package_recovers_an_easy_sprite_in_silence(name, capfd):
    pytest.importorskip(MODULES[name])
    recovered = DETECTORS[name](ENLARGED)
    assert recovered.sprite.shape[:2] == (16, 20) and recovered.sprite.dtype == np.uint8
    assert (np.abs(recovered.sprite[..., :3].astype(int) - SPRITE) <= 32).all(axis=2).mean() > 0.9
    if recovered.grid:
        assert recovered.grid.size == (20, 16) and recovered.grid.cell == pytest.approx(
            (8, 8), abs=0.1
        )
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", DETECTORS)
def test_a_missing_package_is_one_line_with_the_extra(name, monkeypatch):
    monkeypatch.setitem(sys.modules, MODULES[name], None)
    with pytest.raises(UserError, match=rf"{MODULES[name]}.*pixelization\[rivals\]"):
        DETECTORS[name](ENLARGED)


@pytest.mark.parametrize("name", ["perfect-pixel", "ai2pixelart"])
def test_packages_without_transparency_see_white(name, monkeypatch):
    seen = []

    def package(image):
        seen.append(image)
        return (1, 1, image) if name == "perfect-pixel" else SimpleNamespace(image=image, grid=None)

    pretend(monkeypatch, name, package)
    image = np.array([[[10, 20, 30, 0], [10, 20, 30, 255]]], np.uint8)
    assert DETECTORS[name](image).grid is None
    assert seen[0].tolist() == [[[255, 255, 255], [10, 20, 30]]]


def test_unfake_sees_rgba(monkeypatch):
    pretend(monkeypatch, "unfake", lambda image, max_colors: {"image_array": image})
    assert DETECTORS["unfake"](SPRITE).sprite.shape == (16, 20, 4)


def test_lines_become_an_even_grid_whatever_the_sides(monkeypatch):
    # of the first cell 3 of 5 pixels, of the last 2
    columns, rows = np.array([0, 3, 8, 13, 18, 20]), np.array([0, 4, 8, 12])
    edges = SimpleNamespace(x=SimpleNamespace(edges=columns), y=SimpleNamespace(edges=rows))
    sprite = np.arange(45, dtype=np.uint8).reshape(3, 5, 3)
    pretend(monkeypatch, "ai2pixelart", lambda image: SimpleNamespace(image=sprite, grid=edges))
    recovered = DETECTORS["ai2pixelart"](np.zeros((12, 20, 3), np.uint8))
    assert np.array_equal(recovered.sprite, sprite[:, :4])
    grid = recovered.grid
    assert (
        grid.cell == pytest.approx((5, 4)) and grid.size == (4, 3) and grid.image_size == (20, 12)
    )
    assert grid.phase[0] == pytest.approx(-2)
    assert min(grid.phase[1] % 4, -grid.phase[1] % 4) == pytest.approx(0, abs=1e-9)
    assert np.isnan(grid.confidence)
    assert grid.bounds(0) == pytest.approx([0, 3, 8, 13, 18])

    mesh = list(columns * 2), list(rows * 2)  # the same, of an image enlarged twice
    result = SimpleNamespace(image=Image.fromarray(sprite), mesh=mesh, upscale_factor=2)
    pretend(monkeypatch, "proper-pixel-art", lambda image: result)
    again = DETECTORS["proper-pixel-art"](np.zeros((12, 20, 3), np.uint8))
    assert again.grid.cell == pytest.approx(grid.cell) and again.grid.phase[0] == pytest.approx(-2)
    assert np.array_equal(again.sprite, sprite[:, :4])

    result.mesh = [0, 20, 40], [0, 8, 16, 24]  # one line inside says nothing
    few = DETECTORS["proper-pixel-art"](np.zeros((12, 20, 3), np.uint8))
    assert few.grid is None and np.array_equal(few.sprite, sprite)


def test_what_a_package_prints_and_logs_is_not_seen(monkeypatch, capfd, caplog):
    def package(image, **_):
        print("Detected!")
        print("oops", file=sys.stderr)
        logging.getLogger("unfake.py").error("scale 3")
        warnings.warn("old", stacklevel=1)
        return {"image_array": SPRITE}

    pretend(monkeypatch, "unfake", package)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        DETECTORS["unfake"](ENLARGED)
    assert capfd.readouterr() == ("", "") and not caplog.records
    logging.getLogger("other").error("heard")
    assert [each.message for each in caplog.records] == ["heard"]


def test_errors_come_through_and_leave_everything_as_it_was(monkeypatch):
    def package(image, **_):
        raise ZeroDivisionError("no peaks")

    pretend(monkeypatch, "unfake", package)
    before = signal.getsignal(signal.SIGALRM), sys.stdout
    with pytest.raises(ZeroDivisionError, match="no peaks"):
        DETECTORS["unfake"](ENLARGED)
    assert (signal.getsignal(signal.SIGALRM), sys.stdout) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_package_that_hangs_is_stopped(monkeypatch):
    stopped = []

    def package(image, **_):
        while True:
            try:
                while True:
                    pass
            except Exception:  # some catch all they can
                stopped.append(1)
                if len(stopped) == 2:
                    raise

    pretend(monkeypatch, "unfake", package)
    monkeypatch.setattr(detectors, "TIME_LIMIT", 0.1)
    with pytest.raises(TimeoutError):
        DETECTORS["unfake"](ENLARGED)
    assert len(stopped) == 2
