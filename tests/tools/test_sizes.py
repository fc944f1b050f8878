"""tools/sizes.py: what an installation takes, package by package.

Its real size is looked at where one is made: tests/apps/test_without_torch.py.
"""

from importlib import metadata
from pathlib import Path

import pytest

from tests.make import tool_module

ROOT = Path(__file__).parents[2]
REQUIRED = {
    "pixelization": ("numpy>=1", "engine", 'torch>=2; extra == "train"'),
    "numpy": (),
    "engine": ("numpy", 'never; python_version < "3"', "shared[fast]"),
    "shared": ('quick; extra == "fast"',),
    "quick": ("shared",),  # in a circle
    "torch": ("numpy", 'never; extra == "train"'),
}


class Installed:
    def __init__(self, name, folder):
        self.name, self.requires, self.folder = name, REQUIRED[name], folder
        self.files = [f"{name}.py", "removed.py", f"{name}.py"]

    def locate_file(self, file):
        return self.folder / file


@pytest.fixture
def tool(monkeypatch, tmp_path):
    def distribution(name):
        if name not in REQUIRED:
            raise metadata.PackageNotFoundError(name)
        return Installed(name, tmp_path)

    for name in REQUIRED:
        (tmp_path / f"{name}.py").write_bytes(bytes(1000 * len(name)))
    with tool_module("sizes") as sizes:
        monkeypatch.setattr(sizes.metadata, "distribution", distribution)
        monkeypatch.setattr(sizes, "_own_bytes", lambda: 4000)
        yield sizes


def test_each_package_that_is_required_counts_once(tool):
    assert tool.installed() == {
        "engine": 6000,
        "shared": 6000,
        "numpy": 5000,
        "quick": 5000,
        "pixelization": 4000,
    }


def test_an_extra_comes_on_top(tool):
    assert tool.installed("train") == {**tool.installed(), "torch": 5000}


def test_it_prints_a_line_for_each(tool, capsys, monkeypatch):
    monkeypatch.setattr(tool, "MEGABYTE", 1000)
    assert tool.main([]) == 0
    plain, train = capsys.readouterr().out.splitlines()
    assert plain.startswith("pip install pixelization: 26 MB (engine 6, ")
    assert train.startswith("pip install 'pixelization[train]': 31 MB (")


@pytest.mark.parametrize("name", ["engine", "torch", "quick"])
def test_what_is_not_installed_is_named(tool, name, monkeypatch, capsys):
    monkeypatch.delitem(REQUIRED, name)
    assert tool.main(["--extra", "train"]) == 2
    assert f"{name}: is not installed" in capsys.readouterr().err


def test_the_package_itself_counts_its_files():
    weights = ROOT / "pixelization" / "pretrained" / "lite.safetensors"
    with tool_module("sizes") as sizes:
        assert weights.stat().st_size < sizes._own_bytes() < 30e6
