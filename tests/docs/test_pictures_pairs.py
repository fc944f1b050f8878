"""The picture of docs/pairs.md is what tools/doc_pictures_pairs.py makes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "doc_pictures_pairs.py"
PICTURE = ROOT / "docs" / "images" / "pairs" / "steps.png"


def test_picture_is_what_the_tool_makes(tmp_path):
    run = subprocess.run(
        [sys.executable, TOOL, "-o", tmp_path], capture_output=True, text=True, timeout=600
    )
    assert run.returncode == 0, run.stderr
    new, old = (np.asarray(Image.open(path), float) for path in (tmp_path / "steps.png", PICTURE))
    assert new.shape == old.shape, f"run {TOOL.name}"
    assert np.abs(new - old).mean() < 1.5, f"run {TOOL.name}"
