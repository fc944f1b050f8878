"""What a clone must hold: sources for every bundled image, and every file that the README names."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("folder", ["examples", "tests/data"])
def test_every_bundled_image_has_its_source_and_every_source_its_image(folder):
    images = {path.name for path in (ROOT / folder).rglob("*") if path.suffix in {".png", ".jpg"}}
    listed = set(
        re.findall(
            r"^\| `([^`]+\.(?:png|jpg))`",
            (ROOT / folder / "ATTRIBUTION.md").read_text(),
            re.MULTILINE,
        )
    )
    assert images and images == listed


def test_bundled_images_stay_small():
    files = [
        path
        for folder in ("examples", "tests/data")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    ]
    assert sum(path.stat().st_size for path in files) < 1_500_000


def test_every_file_that_the_readme_names_is_there():
    text = (ROOT / "README.md").read_text()
    named = set(re.findall(r"\]\(((?!http)[^)]+)\)", text)) | set(
        re.findall(r"\b(?:tools|configs|docs)/[\w/-]+\.\w+", text)
    )
    named |= {
        f"configs/{name}.yaml"
        for line in re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
        for name in re.findall(r"`([a-z]+_\w+|smoke)`", line)
    }
    assert len(named) > 15
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_modules_are_listed_and_import_only_from_above():
    listing = (ROOT / "docs" / "architecture.md").read_text().split("```")[1]
    order = re.findall(r"^(\S+)", listing, re.MULTILINE)

    def place(path):
        return next(
            number
            for number, entry in enumerate(order)
            if path == entry or entry.endswith("/") and path.startswith(entry)
        )

    package = ROOT / "pixelization"
    for file in package.rglob("[!_]*.py"):
        path = file.relative_to(package).as_posix()
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        for_checkers = {
            each
            for node in nodes
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for each in node.body
        }
        for node in nodes:
            if (
                isinstance(node, ast.ImportFrom)
                and node.module.startswith("pixelization.")
                and node not in for_checkers
            ):
                imported = node.module.removeprefix("pixelization.").replace(".", "/")
                modules = (
                    [imported]
                    if (package / f"{imported}.py").exists()
                    else [f"{imported}/{name.name}" for name in node.names]
                )
                for module in modules:
                    assert place(f"{module}.py") <= place(path), f"{path} imports {module}"
