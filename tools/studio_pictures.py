#!/usr/bin/env python3
"""Take the pictures of docs/studio.md: the studio in Debian's chromium, used as a person does.

Needs the extra ``studio``, playwright and chromium. Everything is clicked; nothing is drawn here.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
READY = "body[data-busy='false'] #side:not(:empty)"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
DESK = {"width": 1200, "height": 760}
PHONE = {"width": 360, "height": 740}
COLORS = 128  # of a picture: the page has few, and files stay small


def main() -> None:
    """Take the pictures that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", metavar="NAME")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "images" / "studio")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    with (
        sync_playwright() as playwright,
        studio() as address,
        tempfile.TemporaryDirectory() as folder,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name in args.name or PICTURES:
            size, theme, take = PICTURES[name]
            context = browser.new_context(viewport=size, color_scheme=theme)
            page = context.new_page()
            page.goto(address)
            page.wait_for_selector("#open-first")
            take(page, Path(folder))
            settle(page)
            page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
            path = args.output / f"{name}.png"
            page.screenshot(path=path)
            Image.open(path).convert("RGB").quantize(COLORS).save(path, optimize=True)
            print(path)
            page.evaluate("studio.app.pictures.forEach((each) => studio.app.close(each))")
            page.wait_for_selector("#open-first")
            context.close()
        browser.close()


@contextmanager
def studio() -> Iterator[str]:
    """The address of a studio that runs as long as the context lasts."""
    command = [sys.executable, "-m", "pixelization", "studio", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def settle(page: Page) -> None:
    """Wait until the result is there and drawn."""
    page.wait_for_selector(READY, timeout=120_000)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def first(page: Page, folder: Path) -> None:
    """A drawing that was just opened, half of the original shown."""
    page.set_input_files("#picker", EXAMPLES / "images" / "scooter.png")
    settle(page)
    page.fill("#compare", "42")


def places(page: Page, folder: Path) -> None:
    """What sixteen places of the grid give."""
    page.set_input_files("#picker", EXAMPLES / "images" / "monkey.png")
    settle(page)
    page.click("#preset-32")
    settle(page)
    page.click("#see-places")
    page.wait_for_selector(".tries button:nth-child(16)", timeout=120_000)


def palette(page: Page, folder: Path) -> None:
    """A palette, dithering, an outline, painted cells."""
    page.set_input_files("#picker", EXAMPLES / "images" / "house.png")
    settle(page)
    page.click("#preset-48")
    page.click("#segments-which-colours-list")
    page.select_option("#field-palette", "sweetie-16")
    page.select_option("#dither", "bayer4")
    page.click("#tick-remove-the-background")
    settle(page)
    page.click(".swatch >> nth=3")


def compare(page: Page, folder: Path) -> None:
    """Four settings side by side."""
    page.set_input_files("#picker", EXAMPLES / "images" / "house.png")
    settle(page)
    page.click("#preset-48")
    settle(page)
    page.keyboard.press("p")
    page.click("#segments-which-colours-count")
    settle(page)
    page.keyboard.press("p")
    page.click("#segments-which-colours-list")
    page.select_option("#dither", "floyd-steinberg")
    settle(page)
    page.keyboard.press("p")
    page.select_option("#field-palette", "sweetie-16")
    page.select_option("#dither", "none")
    settle(page)
    page.click("#button-by-hue")
    page.click("#button-side-by-side")


def enlarged_frog(folder: Path) -> Path:
    """A file of pixel art that was enlarged, blurred and compressed."""
    sprite = Image.open(EXAMPLES / "sprites" / "frog.png").convert("RGBA")
    ground = Image.new("RGBA", sprite.size, "#f4e9d8")
    ground.alpha_composite(sprite)
    large = ground.convert("RGB").resize((224, 224), Image.Resampling.BICUBIC)
    path = folder / "frog_from_a_chat.jpg"
    large.save(path, quality=88)
    return path


def recover(page: Page, folder: Path) -> None:
    """Enlarged pixel art, its grid, and other grids that it may have."""
    page.set_input_files("#picker", enlarged_frog(folder))
    settle(page)
    page.click("#segments-what-to-make-snap")
    settle(page)
    page.wait_for_selector(".candidates canvas >> nth=2", timeout=120_000)
    page.fill("#compare", "50")


def phone(page: Page, folder: Path) -> None:
    """The same on a small screen, in the dark."""
    page.set_input_files("#picker", EXAMPLES / "images" / "cat.jpg")
    settle(page)
    page.click("#segments-which-colours-count")
    page.fill("#compare", "50")


Take = Callable[[Page, Path], None]
PICTURES: dict[str, tuple[dict[str, int], str, Take]] = {
    "first": (DESK, "light", first),
    "places": (DESK, "light", places),
    "palette": (DESK, "dark", palette),
    "compare": (DESK, "light", compare),
    "recover": (DESK, "light", recover),
    "phone": (PHONE, "dark", phone),
}

if __name__ == "__main__":
    main()
