"""Packaging of pixelization; the version lives in pixelization/__init__.py."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
MEASURE = ["scikit-image>=0.22"]  # CIEDE2000, SSIM, contours, photos to measure on; CIELAB for two baselines
VIDEO = ["av>=15"]  # MP4 and WebM
FEATURES = ["torchmetrics>=1.4", "timm>=1.0"]  # FID, KID, Inception Score; the networks they and DINO look with
SCALERACK = "scalerack>=0.3.1; python_version >= '3.11'"


def version() -> str:
    """Read ``__version__`` from the text: importing the package here would need torch."""
    text = (ROOT / "pixelization" / "__init__.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE).group(1)


setup(
    name="pixelization",
    version=version(),
    description="Cartoons and photos to pixel art and back: the cascade of Han et al. 2018, with colours taken from the input",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="pixelization contributors",
    license="MIT",
    python_requires=">=3.10",
    packages=find_packages(include=["pixelization", "pixelization.*"]),
    package_data={"pixelization": ["py.typed", "*.pyi", "pretrained/*.safetensors", "palettes/*.npy", "palettes/classics/*.gpl", "configs/*.yaml", "configs/eval/*.yaml", "evaluation/page.css", "evaluation/page.js"]},
    install_requires=[
        "torch>=2.4",
        "numpy>=1.26",
        "pillow>=10.1",
        "scipy>=1.11",
        "scikit-learn>=1.3",  # k-means
        "pyyaml>=6.0",
        "safetensors>=0.4",
        "tqdm>=4.64",
        "lazy_loader>=0.4",  # the names of the package, without waiting for torch
    ],
    extras_require={
        "train": ["tensorboardX>=2.6"],
        "video": VIDEO,
        "measure": MEASURE,
        "baselines": ["pixeloe>=1.0", "opencv-python-headless>=4.8", SCALERACK],  # PixelOE; EPX, hqx, xBR, Kopf-Lischinski
        "features": FEATURES,
        # Detectors that ours is compared with; ai2pixelart is for noncommercial use only.
        "rivals": [
            "perfect-pixel>=0.1.4",
            "unfake>=1.0.7",
            "proper-pixel-art>=2.0; python_version >= '3.11'",
            "ai2pixelart>=0.1.4; python_version >= '3.11'",
        ],
        "test": ["pytest>=7.4", "pytest-xdist>=3.5", "tensorboardX>=2.6", *MEASURE, *FEATURES, *VIDEO, SCALERACK],
    },
    entry_points={
        "console_scripts": [
            "pixelize = pixelization.apps.cli.pixelize:main",
            "depixelize = pixelization.apps.cli.depixelize:main",
            "pixel-snap = pixelization.apps.cli.snap:main",
        ]
    },
)
