"""What a clone and a wheel must hold, and that modules import only from above."""

import ast
import re
import runpy
import shutil
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "pixelization"
LISTING = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("```")[1]
ORDER = re.findall(r"^(\S+)", LISTING, re.MULTILINE)


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


PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def anchors(page):
    """What the titles of a page can be linked by."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_and_pictures_of_pages_lead_somewhere(page):
    for link in re.findall(r"\]\(((?!https?:)[^)]+)\)", page.read_text(encoding="utf-8")):
        path, _, title = link.partition("#")
        target = page.parent / path if path else page
        assert target.is_file(), link
        assert not title or title in anchors(target), link


# The changelog names what is gone.
@pytest.mark.parametrize("page", [p for p in PAGES if p.stem != "CHANGELOG"], ids=lambda p: p.stem)
def test_files_that_pages_name_are_there(page):
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w/])(?:tools|configs|docs|tests|examples)/[\w/-]+\.\w+", text))
    named -= {"tests/ROOM/test_MODULE.py"}
    named |= {
        f"configs/{name}.yaml"
        for line in re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
        for name in re.findall(r"`(smoke|cascade_\w+|table1_\w+|\w+net_alone)`", line)
    }
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_every_page_is_on_the_site():
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    listed = re.findall(r": (\S+\.md)$", nav, re.MULTILINE)
    docs = ROOT / "docs"
    pages = [*docs.glob("*.md"), *docs.glob("*/README.md")]
    assert sorted(listed) == sorted(path.relative_to(docs).as_posix() for path in pages)


@cache
def imports(file):
    """The modules of the package that a module imports, but for type checkers, as paths."""
    return tuple(_imports(file))


def _imports(file):
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    for_checkers = {
        each
        for node in nodes
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for each in node.body
    }
    for node in nodes:
        if not isinstance(node, ast.ImportFrom) or node in for_checkers:
            continue
        if (node.module or "").startswith("pixelization."):
            imported = node.module.removeprefix("pixelization.").replace(".", "/")
            if (PACKAGE / f"{imported}.py").exists():
                yield f"{imported}.py"
            else:
                yield from (f"{imported}/{name.name}.py" for name in node.names)


def place(path):
    """The number of the line of the listing that a module belongs to."""
    return next(
        number
        for number, entry in enumerate(ORDER)
        if path == entry or (entry.endswith("/") and path.startswith(entry))
    )


MODULES = sorted(file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("[!_]*.py"))


@pytest.mark.parametrize("path", MODULES)
def test_modules_are_listed_and_import_only_from_above(path):
    assert [each for each in imports(PACKAGE / path) if place(each) > place(path)] == []


def test_no_module_imports_itself_by_way_of_others():
    """The order of rooms cannot see circles within a room."""
    above = {path: set(imports(PACKAGE / path)) for path in MODULES}
    while free := {path for path, needed in above.items() if not needed & above.keys()}:
        for path in free:
            del above[path]
    assert not above


def test_the_map_names_modules_that_are_there():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+(?:/\w+)*(?:\.py|/))`", text)
    assert len(named) > 30
    assert [
        name for name in named if not ((PACKAGE / name).exists() or (ROOT / name).exists())
    ] == []


def test_every_line_of_the_listing_is_a_module_or_a_room():
    assert [entry for entry in ORDER if not (PACKAGE / entry).exists()] == []
    named = {place(path) for path in MODULES}
    assert [entry for number, entry in enumerate(ORDER) if number not in named] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel as pip builds it, from a copy, since building leaves files behind."""
    pytest.importorskip("setuptools")
    source = tmp_path_factory.mktemp("source")
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(PACKAGE, source / "pixelization", ignore=shutil.ignore_patterns("__pycache__"))
    code = "from setuptools import build_meta; build_meta.build_wheel('dist')"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=source, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    (path,) = (source / "dist").glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        metadata = next(name for name in archive.namelist() if name.endswith("/METADATA"))
        return set(archive.namelist()), archive.read(metadata).decode()


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel):
    files = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for kind in ("py.typed", ".safetensors", ".gpl", ".npy", "configs/base.yaml", ".pyi"):
        assert any(name.endswith(kind) for name in files), kind
    assert {name for name in wheel[0] if ".dist-info/" not in name} == files


def test_what_a_package_index_shows_leads_nowhere_in_the_repository(wheel):
    metadata, _, text = wheel[1].partition("\n\n")
    assert "# pixelization" in text
    assert [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link] == []
    assert "Classifier: Typing :: Typed" in metadata
    assert "License-File: LICENSE" in metadata


def test_the_security_policy_names_the_floors_that_hold():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    setup = (ROOT / "setup.py").read_text(encoding="utf-8")
    floors = re.findall(r"^\| ([\w-]+) \| ([\d.]+) \|", text, re.MULTILINE)
    assert len(floors) >= 6
    for package, floor in floors:
        assert f'"{package.lower()}>={floor}"' in setup, package


@pytest.mark.parametrize(
    "extra, package",
    [
        ("train", "torch"),
        ("train", "safetensors"),
        ("measure", "torch"),  # which evaluation says to install where torch is missing
        ("measure", "safetensors"),
        ("measure", "scikit-image"),
        ("turbo", "torch"),
    ],
)
def test_an_extra_brings_all_that_its_commands_import(extra, package, monkeypatch):
    setuptools = pytest.importorskip("setuptools")
    told = {}
    monkeypatch.setattr(setuptools, "setup", told.update)
    monkeypatch.chdir(ROOT)
    runpy.run_path("setup.py")
    assert package in {name.partition(">=")[0] for name in told["extras_require"][extra]}
