"""Tiny networks with random weights: what the tests of weights, inference and tools work with.

Torch is imported by what needs it only, so that tests run without it, too.
"""

import sys
from functools import cache
from importlib.util import find_spec

import pytest

from pixelization.backends.choice import onnx_file


@pytest.fixture(autouse=True)
def same_threads():
    """With ``--jobs`` the tools change how many threads the process has, and with that the last
    bits of every sum.
    """
    torch = sys.modules.get("torch")
    threads = torch and torch.get_num_threads()
    yield
    if torch and torch.get_num_threads() != threads:
        torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def tiny_config():
    from tests import tiny  # noqa: PLC0415 - torch

    return tiny.cascade_config()


@pytest.fixture(scope="session")
def tiny_cascade(tiny_config):
    from tests import tiny  # noqa: PLC0415 - torch

    return tiny.cascade(tiny_config)


@pytest.fixture(scope="session")
def tiny_weights(tiny_config, tiny_cascade, tmp_path_factory):
    from tests import tiny  # noqa: PLC0415 - torch

    folder = tmp_path_factory.mktemp("weights")
    return tiny.saved(tiny_cascade, tiny_config, folder / "tiny.safetensors", step=7)


@pytest.fixture(scope="session")
def pointing_config():
    from tests import tiny  # noqa: PLC0415 - torch

    return tiny.pointing_config()


@pytest.fixture(scope="session")
def pointing_networks(pointing_config):
    """Tiny networks that point, with random weights everywhere."""
    from tests import tiny  # noqa: PLC0415 - torch

    return tiny.pointing(pointing_config)


@pytest.fixture(scope="session")
def pointing_weights(pointing_config, pointing_networks, tmp_path_factory):
    from tests import tiny  # noqa: PLC0415 - torch

    folder = tmp_path_factory.mktemp("weights")
    return tiny.saved(pointing_networks, pointing_config, folder / "pointing.safetensors", step=3)


@pytest.fixture(scope="session")
def any_weights(request):
    """Networks for tests of what is around them; without torch, those that are shipped."""
    return request.getfixturevalue("tiny_weights") if find_spec("torch") else onnx_file("lite")


@pytest.fixture(scope="session")
def quick_weights():
    """Networks for commands in processes of their own, which start without torch."""
    return onnx_file("lite")


@pytest.fixture(scope="session")
def remembered_scenes():
    """The classes of scenes that stand in place of images, and how each draws, but only once."""
    from pixelization.training.data import drawings  # noqa: PLC0415 - torch

    kinds = (drawings.DrawnCartoons, drawings.DrawnSprites)
    return [(kind, _remembered(kind._draw)) for kind in kinds]


@pytest.fixture(scope="module")
def scenes_once(remembered_scenes):
    """Scenes are the same in every run and take longer to draw than a step of a small network:
    each is drawn once for all tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        for kind, draw in remembered_scenes:
            patch.setattr(kind, "_draw", draw)
        yield


def _remembered(draw):
    """A method that draws scenes by their numbers, as one that remembers them."""
    drawn = cache(lambda index: draw(None, index))
    return lambda self, index: drawn(index).copy()
