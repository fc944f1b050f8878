"""What a result depends on besides its configuration."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

import torch

from pixelization import __version__
from pixelization.networks.devices import resolve_device

PACKAGES = (
    "torch",
    "onnxruntime",
    "numpy",
    "pillow",
    "scikit-image",
    "scipy",
    "opencv-python-headless",
    "pixeloe",
    "scalerack",
    "torchmetrics",
    "timm",
    "perfect-pixel",
    "unfake",
    "proper-pixel-art",
    "ai2pixelart",
)


def versions(device: str) -> dict[str, str]:
    """Versions by name.

    This package with its commit, Python, the packages that are installed; and the machine.
    """
    found = {
        "pixelization": " ".join(filter(None, (__version__, _commit()))),
        "python": platform.python_version(),
    }
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    parts = (
        resolve_device(device),
        f"{torch.get_num_threads()} threads",
        f"{os.cpu_count()} cores",
    )
    return found | {"machine": ", ".join(map(str, parts))}


def _commit() -> str:
    """The commit of the checkout, with ``-dirty`` if files differ from it; empty without one."""
    folder = Path(__file__).resolve().parents[1]
    try:
        for command in (
            "ls-files --error-unmatch __init__.py",
            "describe --always --dirty --abbrev=40 --exclude=*",
        ):
            done = subprocess.run(
                ["git", "-C", folder, *command.split()],
                capture_output=True,
                text=True,
                timeout=20,
                check=True,
            )
    except (OSError, subprocess.SubprocessError):
        return ""  # no git, or not a checkout
    return f"commit {done.stdout.strip()}"
