"""tools/blue_noise.py: the matrix that is shipped can be made again."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from pixelization.palettes import dithering

ROOT = Path(__file__).resolve().parents[2]


def test_the_blue_noise_matrix_can_be_made_again(tmp_path):
    path = tmp_path / "again.npy"
    subprocess.run([sys.executable, ROOT / "tools/blue_noise.py", path], check=True)
    made, shipped = np.load(path), np.load(Path(dithering.__file__).with_name("blue_noise.npy"))
    assert made.dtype == shipped.dtype == np.uint16 and np.array_equal(made, shipped)
