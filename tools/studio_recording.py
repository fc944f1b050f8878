#!/usr/bin/env python3
"""Record docs/images/studio/tour.gif: half a minute in the studio, as a person uses it.

Needs the extra ``studio``, playwright and chromium. Everything is clicked; only the pointer and
the words below are drawn here.
"""

import argparse
import io
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, sync_playwright
from studio_pictures import EXAMPLES, FLAGS, ROOT, enlarged_frog, settle, studio

SIZE = {"width": 900, "height": 600}
CAPTION = 36  # pixels below the page
COLORS = 256  # of the recording
POINTER = ((0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (12, 12))
SUN = [(x, y) for y in (5, 6, 7) for x in (5, 6, 7)] + [(6, 3), (9, 6), (6, 9), (3, 6)]  # cells
Point = tuple[float, float]


class Recorder:
    """Frames of a page with a pointer that moves, and a caption below."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frames: list[Image.Image] = []
        self.durations: list[int] = []
        self.at: Point = (SIZE["width"] / 2, SIZE["height"] - 40)
        self.caption = ""
        self.font = ImageFont.load_default(20)

    def shot(self, milliseconds: int, *, pressed: bool = False) -> None:
        """Keep what is seen now, for so long."""
        shown = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        frame = Image.new("RGB", (shown.width, shown.height + CAPTION), "#1a1c2c")
        frame.paste(shown, (0, 0))
        draw = ImageDraw.Draw(frame)
        middle = (frame.width / 2, shown.height + CAPTION / 2)
        draw.text(middle, self.caption, "#f4f4f4", self.font, anchor="mm")
        x, y = self.at
        if pressed:
            draw.ellipse((x - 12, y - 12, x + 12, y + 12), outline="#ef7d57", width=4)
        draw.polygon([(x + dx, y + dy) for dx, dy in POINTER], "#1a1c2c", "#ffffff")
        self.frames.append(frame)
        self.durations.append(milliseconds)

    def say(self, caption: str, milliseconds: int = 700) -> None:
        """Change the caption."""
        self.caption = caption
        self.shot(milliseconds)

    def point(self, target: str | Point) -> Point:
        """Move the pointer to the middle of an element, or to a place."""
        if isinstance(target, str):
            element = self.page.locator(target).first
            element.scroll_into_view_if_needed()
            box = element.bounding_box()
            assert box is not None
            target = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        start, steps = self.at, 3
        for step in range(1, steps + 1):
            self.at = (
                start[0] + (target[0] - start[0]) * step / steps,
                start[1] + (target[1] - start[1]) * step / steps,
            )
            self.shot(60)
        return target

    def click(self, target: str | Point, milliseconds: int = 1100) -> None:
        """Go there, click, and wait for what comes of it."""
        place = self.point(target)
        self.shot(120, pressed=True)
        self.page.mouse.click(*place)
        settle(self.page)
        self.shot(milliseconds)

    def choose(self, selector: str, value: str, milliseconds: int = 1100) -> None:
        """Choose from a list; browsers draw open lists outside of the page."""
        self.point(selector)
        self.shot(120, pressed=True)
        self.page.select_option(selector, value)
        settle(self.page)
        self.shot(milliseconds)

    def slide(self, selector: str, values: Sequence[int], milliseconds: int = 120) -> None:
        """Drag a slider."""
        field = self.page.locator(selector)
        for value in values:
            field.fill(str(value))
            settle(self.page)
            box = field.bounding_box()
            assert box is not None
            least, most = (float(field.get_attribute(name) or 0) for name in ("min", "max"))
            share = (value - least) / (most - least)
            self.at = (box["x"] + 8 + share * (box["width"] - 16), box["y"] + box["height"] / 2)
            self.shot(milliseconds, pressed=True)
        field.blur()
        self.page.dispatch_event(selector, "change")
        settle(self.page)

    def write(self, path: Path) -> None:
        """Write all frames with one palette, that of those which differ most."""
        some = self.frames[:: max(1, len(self.frames) // 24)]
        strip = Image.new("RGB", (some[0].width, some[0].height * len(some)))
        for number, frame in enumerate(some):
            strip.paste(frame, (0, number * frame.height))
        palette = strip.quantize(COLORS, Image.Quantize.MEDIANCUT)
        frames = [
            frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in self.frames
        ]
        frames[0].save(
            path,
            save_all=True,
            append_images=frames[1:],
            duration=self.durations,
            loop=0,
            optimize=True,
        )


def tour(page: Page, folder: Path) -> Recorder:
    """Half a minute: a drawing, then enlarged pixel art."""
    record = Recorder(page)
    record.say("Drop a picture on the page", 900)
    page.evaluate("document.body.classList.add('dragging')")
    record.shot(500)
    page.evaluate("document.body.classList.remove('dragging')")
    page.set_input_files("#picker", EXAMPLES / "images" / "house.png")
    settle(page)
    record.say("Its sprite is there at once", 1200)
    record.slide("#compare", [0, 25, 50, 75, 50, 25, 0], 140)
    record.say("Choose a size", 400)
    record.click("#preset-32")
    record.click("#preset-48")
    record.say("Move the grid: lines come out otherwise", 300)
    record.click("#see-places", 200)
    page.wait_for_selector(".tries button:nth-child(16)")
    record.shot(1600)
    record.click(".tries button:nth-child(11)", 1100)
    record.say("Choose colours", 300)
    record.click("#segments-which-colours-list", 700)
    record.choose("#field-palette", "sweetie-16")
    record.choose("#dither", "bayer4")
    record.choose("#dither", "none", 500)
    record.say("Click on the background: it goes", 300)
    record.click("#pick-background", 500)
    record.click(on_canvas(page, 0.06, 0.1), 900)
    record.say("Compare settings side by side", 300)
    page.keyboard.press("p")
    page.click("#segments-which-colours-own")
    settle(page)
    page.keyboard.press("p")
    page.click("#segments-which-colours-count")
    settle(page)
    page.keyboard.press("s")
    record.shot(2400)
    page.keyboard.press("s")
    for _ in range(2):
        page.click("[aria-label='Forget result 1']")
    record.say("Paint the last cells by hand", 300)
    record.click("#tool-pencil", 300)
    page.evaluate("studio.app.pick('ffb52e')")
    for column, line in SUN:
        record.at = cell(page, column, line)
        page.mouse.click(*record.at)
        settle(page)
        record.shot(110, pressed=True)
    record.shot(900)
    record.click("#tool-hand", 100)
    record.say("Enlarged pixel art: its grid is found", 300)
    page.evaluate("studio.app.set({ ...studio.app.defaults, model: studio.app.state.model })")
    settle(page)
    page.set_input_files("#picker", enlarged_frog(folder))
    settle(page)
    record.shot(900)
    record.click("#segments-what-to-make-snap", 600)
    record.slide("#compare", [0, 25, 50, 75, 50], 160)
    record.shot(1200)
    record.say("Save: files are those of the commands", 300)
    with page.expect_download():
        record.click("#save", 2400)
    return record


def on_canvas(page: Page, across: float, down: float) -> Point:
    """A place on the original, as shares of its sides."""
    box = page.locator(".view canvas").bounding_box()
    assert box is not None
    x, y, width, height = page.evaluate("studio.view.sourceRectangle()")
    return box["x"] + x + across * width, box["y"] + y + down * height


def cell(page: Page, column: int, line: int) -> Point:
    """The middle of a cell of the sprite."""
    box = page.locator(".view canvas").bounding_box()
    assert box is not None
    place = page.evaluate("studio.view.layout()")
    return (
        box["x"] + place["x"] + (column + 0.5) * place["zoom"],
        box["y"] + place["y"] + (line + 0.5) * place["zoom"],
    )


def main() -> None:
    """Record the tour."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = ROOT / "docs" / "images" / "studio" / "tour.gif"
    parser.add_argument("-o", "--output", type=Path, default=default)
    args = parser.parse_args()
    with (
        sync_playwright() as playwright,
        studio() as address,
        tempfile.TemporaryDirectory() as folder,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_context(viewport=SIZE, color_scheme="light").new_page()
        page.goto(address)
        page.wait_for_selector("#open-first")
        record = tour(page, Path(folder))
        browser.close()
    args.output.parent.mkdir(parents=True, exist_ok=True)
    record.write(args.output)
    seconds, size = sum(record.durations) / 1000, args.output.stat().st_size
    print(f"{args.output}: {len(record.frames)} frames, {seconds:.0f} s, {size >> 10} KB")


if __name__ == "__main__":
    main()
