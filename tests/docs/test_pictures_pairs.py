"""The picture of docs/pairs.md is what tools/doc_pictures_pairs.py makes."""

from pathlib import Path

import numpy as np
from PIL import Image

from tests.make import tool_module

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "doc_pictures_pairs.py"
PICTURE = ROOT / "docs" / "images" / "pairs" / "steps.png"


def test_picture_is_what_the_tool_makes(tmp_path):
    with tool_module("doc_pictures_pairs") as tool:
        assert tool.main(["-o", str(tmp_path)]) == 0
    new, old = (np.asarray(Image.open(path), float) for path in (tmp_path / "steps.png", PICTURE))
    assert new.shape == old.shape, f"run {TOOL.name}"
    assert np.abs(new - old).mean() < 1.5, f"run {TOOL.name}"
