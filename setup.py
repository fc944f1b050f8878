"""Packaging of pixelization; the version lives in pixelization/__init__.py."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
# Without it, ONNX Runtime runs the default model; with it, everything trains and exports.
TRAIN = [
    "torch>=2.13",
    "safetensors>=0.4",
    "tensorboardX>=2.6",
    "onnx>=1.17",
    "onnxscript>=0.5",
]
VIDEO = ["av>=18.1"]  # MP4 and WebM
# CIEDE2000, SSIM, contours, photos to measure on; CIELAB for two rivals. Evaluation runs on torch.
MEASURE = ["scikit-image>=0.22", *TRAIN]
# FID, KID, Inception Score; the networks that they and DINO look with.
FEATURES = ["torchmetrics>=1.4", "timm>=1.0", "torch-fidelity>=0.4"]
# CycleGAN-Turbo, which stands on networks that a user brings; best with CUDA.
TURBO = ["diffusers>=0.36", "peft>=0.18", "transformers>=4.57", *TRAIN, *FEATURES]
SCALERACK = "scalerack>=0.3.1"
ARROW = "pyarrow>=17"  # tables of results, object stores
RAY = ["ray[data]>=2.50", ARROW]  # many processes of many machines
# The studio's page is tested in Debian's chromium, if there is one.
BROWSER = ["httpx2>=2", "playwright>=1.50", "axe-playwright-python>=0.1.4"]
TEST = [
    "hypothesis>=6.100",
    "pytest>=7.4",
    "pytest-xdist>=3.8",
    "pytest-cov>=5",
    "scikit-learn>=1.5",  # another k-means
    "lupa>=2.4",  # runs the extension of Aseprite
    "aseprite>=0.1; python_version >= '3.12'",  # reads what is written, by another hand
]
# The server and its page; ASGI, checked bodies and OpenAPI, bounded memory.
STUDIO = ["fastapi>=0.120", "starlette>=0.49.1", "uvicorn>=0.30", "cachetools>=5.3"]
DOCS = ["mkdocs>=1.6,<2", "mkdocs-material>=9.5,<10"]


def version() -> str:
    """Read ``__version__`` from the text: importing the package here would need torch."""
    text = (ROOT / "pixelization" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    assert found, "pixelization/__init__.py names no version"
    return found[1]


def long_description() -> str:
    """The README as a package index shows it.

    An index has none of the repository's files. So pictures are left out, and links to files
    become their plain texts.
    """
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"^!\[[^\]]*\]\((?!http)[^)]*\)\n", "", text, flags=re.MULTILINE)
    return re.sub(r"\[([^\]]+)\]\((?!http)[^)]+\)", r"\1", text)


setup(
    name="pixelization",
    version=version(),
    description="Cartoons and photos to pixel art and back, in the colours of the input",
    long_description=long_description(),
    long_description_content_type="text/markdown",
    author="pixelization contributors",
    license="MIT",
    license_files=["LICENSE"],
    keywords="pixel-art pixelization depixelization sprites palettes dithering deep-learning",
    classifiers=[
        "Development Status :: 4 - Beta",
        "Environment :: Console",
        "Environment :: GPU :: NVIDIA CUDA",
        "Intended Audience :: Developers",
        "Intended Audience :: End Users/Desktop",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Games/Entertainment",
        "Topic :: Multimedia :: Graphics :: Graphics Conversion",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Image Processing",
        "Typing :: Typed",
    ],
    python_requires=">=3.11",
    packages=find_packages(include=["pixelization", "pixelization.*"]),
    package_data={
        "pixelization": [
            "py.typed",
            "*.pyi",
            "configs/**/*.yaml",
            "pretrained/*.safetensors",
            "pretrained/*.onnx",
            "palettes/*.npy",
            "palettes/classics/*.gpl",
            "evaluation/**/*.css",
            "evaluation/**/*.js",
            "evaluation/**/*.html",
            "studio/page/**/*",
        ]
    },
    # Floors are the first versions without known holes; SECURITY.md names them.
    install_requires=[
        "onnxruntime>=1.26",  # from there on without sympy
        "numpy>=1.26",
        "pillow>=13.0",
        "scipy>=1.11",
        "threadpoolctl>=3.5",  # k-means on one thread
        "pyyaml>=6.0",
        "tqdm>=4.66.3",
        "lazy_loader>=0.4",  # the names of the package, without waiting for torch
    ],
    extras_require={
        "train": TRAIN,
        "video": VIDEO,
        "studio": STUDIO,
        "measure": MEASURE,
        "features": FEATURES,
        "ray": RAY,
        "turbo": TURBO,
        # PixelOE; EPX, hqx, xBR, Kopf-Lischinski.
        "baselines": ["pixeloe>=1.0", "opencv-python-headless>=5.0", SCALERACK],
        # Detectors that ours is compared with; ai2pixelart is for noncommercial use only.
        "rivals": [
            "perfect-pixel>=0.1.4",
            "unfake>=1.0.7",
            "proper-pixel-art>=2.0",
            "ai2pixelart>=0.1.4",
        ],
        "test": [*TEST, *MEASURE, *FEATURES, *VIDEO, *STUDIO, *BROWSER, SCALERACK, ARROW],
        "dev": ["ruff>=0.14", "mypy>=1.18", "types-PyYAML>=6.0", "pre-commit>=4.0"],
        "docs": DOCS,
    },
    entry_points={
        "console_scripts": [
            "pixelize = pixelization.__main__:pixelize",
            "depixelize = pixelization.__main__:depixelize",
            "pixel-snap = pixelization.__main__:pixel_snap",
        ]
    },
)
