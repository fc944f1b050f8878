"""The page in a real browser: what it shows and saves is what the commands give."""

import io
import json
import os
import zipfile
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization.apps.cli import pixelize
from pixelization.color.oklab import oklab
from pixelization.palettes.classics import classic_palette
from pixelization.palettes.files import parse_palette
from tests.make import drawing
from tests.studio.browser import CHROMIUM, FLAGS, drop, listening, put, saved, settle, shown
from tests.studio.conftest import run_command

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
server = pytest.importorskip("pixelization.studio.server")
guard = pytest.importorskip("pixelization.studio.guard")
Workshop = pytest.importorskip("pixelization.studio.workshop").Workshop
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium"),
]
SETTINGS = [
    {"sizing": "exact", "width": 24, "height": 16},
    {"sizing": "cell", "cell": "16/3", "isolated": True},
    {"sizing": "longest", "longest": 20, "jaggies": True, "offset": "0.5x0.25"},
    {"coloring": "count", "count": 5, "dither": "floyd-steinberg", "strength": 0.4},
    {"coloring": "count", "count": "auto", "fit": "source"},
    {"coloring": "list", "palette": {"builtin": "nes", "name": "nes", "colors": []}},
    {
        "coloring": "list",
        "palette": {"name": "own", "colors": ["102030", "f0e0d0"]},
        "dither": "bayer8",
    },
    {"background": True, "outline": "outside", "outlineColor": "ff00aa", "pad": "60x40"},
    {"trim": True, "alpha": "keep"},
    {"wrap": True, "background": True, "holes": True, "outline": "inside"},
    {"background": True, "backgroundColor": "141ec8", "coloring": "count", "count": "hues"},
    {"model": "other"},
    {"symmetric": True, "longest": 20},
    {"tool": "depixelize", "sizing": "cell", "cell": "8", "method": "bicubic", "factor": 3},
]


@pytest.fixture(scope="module")
def chromium():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def tab(chromium, tiny_weights):
    """A studio, and a tab of a browser in which its page is opened: for all tests here."""
    workshop = Workshop({"lite": tiny_weights, "other": tiny_weights}, "cpu")
    context = chromium.new_context(
        accept_downloads=True,
        permissions=["clipboard-read", "clipboard-write"],
        reduced_motion="reduce",  # the bar of work in progress costs a drawing in every frame
    )
    context.set_default_timeout(20_000)
    with listening(server.build_app(workshop)) as address:
        yield workshop, address, context.new_page()
        context.close()


@pytest.fixture
def cleared(tab):
    """The studio of all tests here, without pictures."""
    for upload in tab[0].pictures.all():
        tab[0].pictures.drop(upload.key)
    return tab[0]


@pytest.fixture
def page(tab, request):
    """A page without pictures, whose console must stay without errors.

    What it shows at the end is kept in the folder that ``STUDIO_SCREENSHOTS`` names, to look at.
    """
    _, address, page = tab
    problems = []

    def listen(said):
        # the page of JSON before has no icon, and chromium may ask for one late
        if said.type == "error" and not said.location["url"].endswith("/favicon.ico"):
            problems.append(said.text)

    def fail(error):
        problems.append(str(error))

    page.goto(f"{address}api/about")  # of the same server, else chromium starts a new process
    request.getfixturevalue("cleared")  # by then the page holds none of them
    page.set_viewport_size({"width": 900, "height": 600})
    page.emulate_media(color_scheme="light")
    page.on("pageerror", fail)
    page.on("console", listen)
    page.goto(address)
    page.wait_for_selector("#open-first")
    yield page
    if folder := os.environ.get("STUDIO_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{request.node.name}.png")
    page.remove_listener("pageerror", fail)
    page.remove_listener("console", listen)
    assert problems == []


def palette_of(name):
    """A built-in palette, as the page keeps it."""
    return {"name": name, "builtin": name, "colors": classic_palette(name).hex()}


def opaque(path):
    """The cells of a PNG file, and which of them can be seen."""
    cells = np.asarray(Image.open(path).convert("RGBA"))
    return cells[..., :3], cells[..., 3] == 255


def test_a_drawing_is_dropped_resized_recoloured_and_saved(page, folder):
    drop(page, folder / "drawing.png")
    assert page.inner_text("#size-told").startswith("48 × 32 cells from 96 × 64 pixels")
    page.fill("#field-cells", "32")
    page.press("#field-cells", "Enter")
    settle(page)
    page.click("#segments-which-colours-list")
    settle(page)
    page.select_option("#field-palette", "sweetie-16")
    settle(page)
    page.select_option("#dither", "bayer4")
    settle(page)
    line = page.inner_text("#command")
    assert line == (
        "pixelize drawing.png -o drawing_sprite.png --size max:32 --palette sweetie-16 "
        "--dither bayer4"
    )
    written = run_command(line)
    cells, seen = opaque(written)
    assert (shown(page)[seen] == cells[seen]).all()
    data, name = saved(page, "#save")
    assert (data, name) == (written.read_bytes(), written.name)


def test_files_are_those_of_the_copied_commands(page, folder):
    drop(page, folder / "drawing.png")
    for number, patch in enumerate(SETTINGS):
        page.evaluate(
            "(patch) => studio.app.set({ ...studio.app.defaults, model: 'lite', ...patch })", patch
        )
        settle(page)
        assert page.query_selector(".note.bad") is None, patch
        page.click("#copy-command")
        line = page.evaluate("navigator.clipboard.readText()")
        written = run_command(line.replace("drawing_s", f"{number}_s"))
        data, _ = saved(page, "#save")
        assert data == written.read_bytes(), line


def test_larger_indexed_and_palette_files_are_those_of_the_commands(page, folder):
    drop(page, folder / "drawing.png")
    put(page, sizing="exact", width=16, height=12, coloring="count", count=4)
    line = page.inner_text("#command")
    page.select_option("#saving select >> nth=0", "3")
    data, name = saved(page, "#save-enlarged")
    run_command(f"{line} --preview 3 --palette-out colours.hex")
    assert (name, data) == (
        "drawing_sprite_preview.png",
        (folder / "drawing_sprite_preview.png").read_bytes(),
    )
    page.select_option("#saving select >> nth=1", ".hex")
    assert saved(page, "#save-palette")[0] == (folder / "colours.hex").read_bytes()
    written = run_command(line.replace("_sprite", "_indexed") + " --indexed")
    assert saved(page, "#button-indexed-png")[0] == written.read_bytes()
    page.click("#segments-which-colours-list")
    settle(page)
    page.set_input_files("#palette-file", folder / "colours.hex")
    page.wait_for_selector("#colors-told >> text=of 4 colours")
    assert saved(page, "#save-palette")[0] == (folder / "colours.hex").read_bytes()


def test_undo_and_redo_bring_back_what_was_shown(page, folder):
    drop(page, folder / "drawing.png")
    seen = [shown(page)]
    for patch in ({"sizing": "exact", "width": 20}, {"coloring": "count", "count": 3}):
        put(page, **patch)
        seen.append(shown(page))
    assert seen[1].shape != seen[0].shape and (seen[1] != seen[2]).any()
    for before in (seen[1], seen[0]):
        page.keyboard.press("Control+z")
        settle(page)
        assert np.array_equal(shown(page), before)
    assert page.is_disabled("#button-undo")
    for after in (seen[1], seen[2]):
        page.keyboard.press("Control+Shift+Z")
        settle(page)
        assert np.array_equal(shown(page), after)


def test_cells_are_painted_picked_filled_undone_and_saved(page, folder):
    drop(page, folder / "drawing.png")
    put(page, sizing="exact", width=16, height=12, coloring="count", count=4)
    before = shown(page)

    def at(x, y):
        box = page.locator(".view canvas").bounding_box()
        layout = page.evaluate("studio.view.layout()")
        zoom = layout["zoom"]
        return (
            box["x"] + layout["x"] + (x + 0.5) * zoom,
            box["y"] + layout["y"] + (y + 0.5) * zoom,
        )

    page.keyboard.press("b")
    page.evaluate("studio.app.pick('ff00ff')")
    page.mouse.move(*at(4, 5))
    page.mouse.down()
    page.mouse.move(*at(9, 5))
    page.mouse.up()
    settle(page)
    expected = before.copy()
    expected[5, 4:10] = (255, 0, 255)
    assert (shown(page) == expected).all()
    assert "6 painted cells" in page.inner_text("#saving")
    data, _ = saved(page, "#save")
    cells = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
    assert (cells[5, 4:10] == (255, 0, 255, 255)).all()
    page.keyboard.press("i")
    page.mouse.click(*at(8, 6))
    page.keyboard.press("f")
    page.mouse.click(*at(5, 5))
    settle(page)
    expected[5, 4:10] = before[6, 8]
    seen = cells[..., 3] > 0  # elsewhere the checkerboard shows, which moves with the page
    assert (shown(page) == expected)[seen].all()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    settle(page)
    assert (shown(page) == before)[seen].all()


def test_a_colour_is_replaced_locked_and_removed(page, folder):
    drop(page, folder / "drawing.png")
    put(page, sizing="exact", width=16, height=12, coloring="count", count=4)
    before = shown(page)
    first = page.get_attribute(".swatch >> nth=0", "id").removeprefix("swatch-")
    page.click(f"#swatch-{first}")
    page.fill("#new-color", "#00ff7f")
    page.click("#button-replace")
    settle(page)
    changed = (before == tuple(bytes.fromhex(first))).all(axis=2)
    assert changed.any()
    assert (shown(page)[changed] == (0, 255, 127)).all()
    page.keyboard.press("Control+z")
    page.click("#button-lock-these-colours")
    settle(page)
    assert (shown(page) == before).all()
    page.click(f"#swatch-{first}")
    page.click("#button-remove")
    settle(page)
    assert page.inner_text("#colors-told") == "3 of 3 colours are used"
    assert not (shown(page) == tuple(bytes.fromhex(first))).all(axis=2).any()


def test_a_colour_is_merged_into_another_as_one_step(page, folder):
    drop(page, folder / "drawing.png")
    put(page, sizing="exact", width=16, height=12, coloring="count", count=5)
    before = shown(page)
    first, *_, last = page.eval_on_selector_all(
        ".swatch", "(all) => all.map(({ id }) => id.replace('swatch-', ''))"
    )
    page.click(f"#swatch-{first}")
    page.click("#merge-into")
    page.click(f"#swatch-{last}")
    settle(page)
    expected = before.copy()
    expected[(before == tuple(bytes.fromhex(first))).all(axis=2)] = tuple(bytes.fromhex(last))
    assert (shown(page) == expected).all()
    assert page.inner_text("#colors-told") == "4 of 4 colours are used"
    page.keyboard.press("Control+z")
    settle(page)
    assert (shown(page) == before).all()


def test_colours_stand_in_ramps_by_hue_and_lightness(page, folder):
    drop(page, folder / "drawing.png")
    put(page, coloring="list", palette=palette_of("sweetie-16"))
    page.click("#button-by-hue")
    rows = page.eval_on_selector_all(
        ".swatches",
        "(rows) => rows.map((row) => [...row.querySelectorAll('button')].map(({ id }) => id))",
    )
    rows = [[code.removeprefix("swatch-") for code in row] for row in rows]
    colors = classic_palette("sweetie-16").hex()
    assert sorted(chain(*rows)) == sorted(colors)
    assert ["38b764", "a7f070"] in rows  # its greens
    for row in rows:
        lightness = oklab(np.array([list(bytes.fromhex(code)) for code in row], np.uint8))[:, 0]
        assert (np.diff(lightness) >= 0).all()
    page.click("#button-keep-this-order")
    settle(page)
    assert ",".join(list(chain(*rows))) in page.inner_text("#command")
    data, _ = saved(page, "#save-palette")
    assert parse_palette(data, "own.gpl").hex() == list(chain(*rows))


def test_a_click_on_the_background_removes_its_colour(page, folder):
    scene = np.full((48, 64, 3), (90, 160, 230), np.uint8)
    scene[32:] = (60, 180, 75)  # a meadow
    Image.fromarray(scene).save(folder / "scene.png")
    drop(page, folder / "scene.png")
    put(page, sizing="exact", width=16, height=12)
    page.click("#pick-background")
    x, y, width, height = page.evaluate("studio.view.sourceRectangle()")
    box = page.locator(".view canvas").bounding_box()
    page.mouse.click(box["x"] + x + width / 2, box["y"] + y + height * 0.9)
    settle(page)
    assert page.is_checked("#tick-remove-the-background")
    assert page.input_value("#background-color") == "#3cb44b"
    line = page.inner_text("#command")
    assert "--remove-background --background-color 3cb44b" in line
    written = run_command(line)
    _, seen = opaque(written)
    assert seen[:8].all() and not seen[8:].any()
    assert saved(page, "#save")[0] == written.read_bytes()
    page.click("#button-automatic")
    settle(page)
    assert "--background-color" not in page.inner_text("#command")
    page.click("#pick-background")
    page.keyboard.press("Escape")
    assert page.query_selector("#no-background") is None


def test_a_style_file_sets_all_controls(page, folder):
    drop(page, folder / "drawing.png")
    told = []
    for patch in SETTINGS[1:-2:3]:
        page.evaluate("(patch) => studio.app.set({ ...studio.app.defaults, ...patch })", patch)
        settle(page)
        data, _ = saved(page, "#save-style")
        told.append((page.inner_text("#command"), data))
    for line, data in told:
        page.set_input_files(
            "#style-file", {"name": "style.yaml", "mimeType": "text/yaml", "buffer": data}
        )
        page.wait_for_function("(line) => studio.app.result.command === line", arg=line)
    (folder / "house.yaml").write_text("size: 48\n")
    drop(page, folder / "house.yaml")
    page.wait_for_selector("#size-told >> text=48 × 32 cells")
    assert page.inner_text("#command").endswith("--size 48")


def test_enlarged_pixel_art_is_recovered_at_the_grid(page, folder):
    drop(page, folder / "large.png")
    page.click("#recover")
    settle(page)
    page.wait_for_selector("#grid-told >> text=24 × 24 cells")
    written = run_command(page.inner_text("#command"))
    assert (shown(page) == np.asarray(Image.open(written).convert("RGB"))).all()
    page.click(".candidates button >> nth=0")
    settle(page)
    assert "--cell-size" in page.inner_text("#command")


def test_a_line_of_the_grid_is_dragged_to_correct_it(page, folder):
    drop(page, folder / "large.png")
    put(page, tool="snap", sizing="cell", cell="8")
    page.evaluate("studio.view.set({ split: 1 })")
    settle(page)
    box = page.locator(".view canvas").bounding_box()
    left, top, width, height = page.evaluate(
        """async () => {
          while (!studio.view.found) await new Promise((again) => setTimeout(again, 20));
          return studio.view.sourceRectangle();
        }"""
    )
    cell, phase = page.evaluate("[studio.view.found.cell[0], studio.view.found.phase[0]]")
    scale = width / 144  # the picture has 24 cells of 6 pixels

    def at(pixel):
        return box["x"] + left + pixel * scale, box["y"] + top + height * 0.515

    page.mouse.move(*at(phase + 9 * cell))
    page.mouse.down()
    page.mouse.move(*at(phase + 9 * 6), steps=4)
    page.mouse.up()
    settle(page)
    width, height = page.evaluate("studio.app.state.cell").split("x")
    assert abs(float(width) - 6) < 0.1 and float(height) == 8


def test_an_animation_plays_and_is_saved_in_every_format(page, folder):
    drop(page, folder / "walk.gif")
    put(page, sizing="exact", width=12, coloring="count", count=6)
    assert page.inner_text("#frame-told") == "1 / 3"
    first = shown(page)
    page.click("#play")
    seen = page.evaluate(
        """async () => {
          const { player } = studio.app, { onframe } = player, seen = [];
          player.onframe = () => { seen.push(player.frame); onframe(); };
          while (seen.length < 5) await new Promise((again) => setTimeout(again, 10));
          player.onframe = onframe;
          return seen;
        }"""
    )
    assert all((after - before) % 3 == 1 for before, after in pairwise(seen))
    page.click("#play")
    page.keyboard.press(".")
    settle(page)
    frame = int(page.inner_text("#frame-told")[0])
    assert (shown(page) == first).all() == (frame == 1)
    assert page.inner_text("#frame-time") == f"{50 * frame} ms"
    put(page, fps=8)
    assert page.inner_text("#frame-time") in ("120 ms", "130 ms", "125 ms")
    line = page.inner_text("#command")
    data, name = saved(page, "#save")
    assert (data, name) == (run_command(line).read_bytes(), "walk_sprite.gif")
    data, name = saved(page, "#button-apng")
    again = line.replace("walk_sprite.gif", "walk_sprite.png")
    assert (data, name) == (run_command(again).read_bytes(), "walk_sprite.png")


def test_tiles_and_tags_of_a_sheet_come_from_its_json(page, folder):
    still = np.asarray(drawing(32, 32))
    tiles = [np.roll(still, 8 * step, axis=1) for step in range(4)]
    Image.fromarray(np.hstack(tiles)).save(folder / "hero.png")
    frames = [
        {
            "filename": f"hero {number}",
            "frame": {"x": 32 * number, "y": 0, "w": 32, "h": 32},
            "duration": 40 + number,
        }
        for number in range(4)
    ]
    meta = {"image": "hero.png", "frameTags": [{"name": "walk", "from": 1, "to": 3}]}
    (folder / "hero.json").write_text(json.dumps({"frames": frames, "meta": meta}))
    drop(page, folder / "hero.json", folder / "hero.png")
    put(page, sizing="longest", longest=8, coloring="count", count=6)
    assert page.inner_text("#tiles-told").startswith("4 tiles, 1 tags")
    line = page.inner_text("#command")
    assert line == "pixelize hero.png -o hero_sprite.png --size max:8 --colors 6 --sheet auto"
    written = run_command(line)
    assert saved(page, "#save")[0] == written.read_bytes()
    assert saved(page, "#save-sheet") == (
        written.with_suffix(".json").read_bytes(),
        "hero_sprite.json",
    )
    played = page.evaluate(
        """async () => {
          const { canvas } = studio.app.tagPlayer, seen = [];
          const context = canvas.getContext("2d");
          for (let tries = 0; tries < 60 && seen.length < 3; tries++) {
            const now = String(context.getImageData(0, 0, 8, 8).data);
            if (!seen.includes(now)) seen.push(now);
            await new Promise((again) => setTimeout(again, 10));
          }
          return seen.map((each) => each.split(",").map(Number));
        }"""
    )
    sheet = np.asarray(Image.open(written).convert("RGBA"))
    expected = {sheet[:, 8 * tile : 8 * tile + 8].tobytes() for tile in (1, 2, 3)}
    assert {np.array(each, np.uint8).tobytes() for each in played} == expected
    page.click("#button-no-sheet")
    settle(page)
    assert "--sheet" not in page.inner_text("#command")


def test_the_original_of_a_frame_and_the_frame_before_are_shown(page, folder):
    drop(page, folder / "walk.gif")
    put(page, sizing="exact", width=12, coloring="count", count=6)
    page.keyboard.press(".")
    settle(page)
    second = shown(page)
    page.fill("#compare", "100")
    page.wait_for_function("() => studio.app.originals.get(1) === studio.view.source")
    settle(page)
    with Image.open(folder / "walk.gif") as animation:
        animation.seek(1)
        frame = np.asarray(animation.convert("RGB"))
    assert np.abs(shown(page).astype(int) - frame[2::4, 2::4]).mean() < 8  # at the cells' centres
    page.fill("#compare", "0")
    page.click("#button-onion-skin")
    settle(page)
    ghost = shown(page)
    page.keyboard.press(",")
    page.click("#button-onion-skin")
    settle(page)
    expected = second + 0.35 * (shown(page).astype(int) - second)
    assert np.abs(ghost - expected).max() <= 2


def test_an_animation_keeps_its_format_alone_and_among_others(page, folder):
    with Image.open(folder / "walk.gif") as walk:
        walk.save(folder / "run.webp", save_all=True, lossless=True)
    drop(page, folder / "run.webp", folder / "drawing.png")
    put(page, sizing="exact", width=12)
    written = run_command(page.inner_text("#command"))
    data, name = saved(page, "#save")
    assert (data, name) == (written.read_bytes(), "run_sprite.webp")
    data, _ = saved(page, "#save-all")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["run_sprite.webp", "drawing_sprite.png"]
        assert archive.read("run_sprite.webp") == written.read_bytes()


def test_a_picture_is_pasted(page, folder):
    data = list((folder / "drawing.png").read_bytes())
    page.evaluate(
        """(data) => {
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File([new Uint8Array(data)], "image.png"));
          dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
        }""",
        data,
    )
    settle(page)
    assert page.inner_text("#command").startswith("pixelize pasted.png")


def test_several_pictures_are_saved_as_a_zip(page, folder):
    drop(page, folder / "drawing.png", folder / "large.png")
    put(page, sizing="exact", width=12, height=8, coloring="count", count=5)
    page.click("#share-palette")
    settle(page)
    page.wait_for_selector("#colors-told >> text=of 5 colours")
    data, name = saved(page, "#save-all")
    assert name == "sprites.zip"
    options = "--size 12x8 --colors 5 --shared-palette -o together -q"
    assert pixelize.main(["drawing.png", "large.png", *options.split()]) == 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for stem in ("drawing", "large"):
            written = (folder / "together" / f"{stem}.png").read_bytes()
            assert archive.read(f"{stem}_sprite.png") == written
    page.click(".tray-item button.thumb >> nth=1")
    settle(page)
    assert "large.png" in page.inner_text("#command")


def test_what_is_wrong_is_told_and_mended(page, folder):
    drop(page, folder / "drawing.png")
    put(page, sizing="exact", width=9999)
    assert "out of range" in page.inner_text(".note.bad")
    put(page, sizing="exact", width=16)
    assert page.query_selector(".note.bad") is None


def test_the_divider_shows_the_original(page, folder):
    drop(page, folder / "drawing.png")
    put(page, sizing="exact", width=16, height=12, coloring="count", count=2)
    sprite = shown(page)
    page.evaluate("studio.view.set({ split: 0.5 })")
    settle(page)
    half = shown(page)
    assert (half[:, 9:] == sprite[:, 9:]).all() and (half[:, :7] != sprite[:, :7]).any()
    assert page.input_value("#compare") == "50"


def test_the_grid_begins_elsewhere_and_the_original_lies_where_its_cells_are(page, folder):
    drop(page, folder / "drawing.png")
    put(page, sizing="cell", cell="8")
    corner = shown(page)
    before = page.evaluate("studio.view.sourceRectangle()")
    page.click("[id='offset-0.75x0.5']")
    settle(page)
    line = page.inner_text("#command")
    assert line == "pixelize drawing.png -o drawing_sprite.png --cell-size 8 --offset 0.75x0.5"
    cells, seen = opaque(run_command(line))
    assert (shown(page)[seen] == cells[seen]).all() and (shown(page) != corner).any()
    after = page.evaluate("studio.view.sourceRectangle()")
    zoom = page.evaluate("studio.view.layout().zoom")
    assert np.subtract(after, before) == pytest.approx([0.25 * zoom, -0.5 * zoom, 0, 0])
    page.click("#see-places")
    page.wait_for_selector(".tries button:nth-child(16)")
    assert page.locator(".tries [aria-pressed='true']").get_attribute("title").startswith("0.75 of")
    page.click(".tries [aria-label='At the corner']")
    settle(page)
    assert (shown(page) == corner).all() and page.locator("dialog").count() == 0


def test_results_are_kept_to_compare_and_gone_back_to(page, folder):
    drawing(96, 64).save(folder / "opaque.png")
    drop(page, folder / "opaque.png")
    put(page, sizing="exact", width=16, coloring="count", count=3)
    first = shown(page)
    page.click("#button-keep-to-compare")
    put(page, width=20, count=5)
    page.keyboard.press("p")
    second = shown(page)
    assert page.locator("button.pin").count() == 2
    page.click("#pin-0")
    settle(page)
    assert np.array_equal(shown(page), first)
    page.click("#pin-1")
    settle(page)
    assert np.array_equal(shown(page), second)
    page.click("[aria-label='Forget result 1']")
    assert page.locator("button.pin").count() == 1


def test_four_settings_stand_side_by_side(page, folder):
    drawing(96, 64).save(folder / "opaque.png")
    drop(page, folder / "opaque.png")
    sprites = []
    for width in (16, 24, 20, 12):
        put(page, sizing="exact", width=width, coloring="count", count=3)
        sprites.append(shown(page))
        page.keyboard.press("p")
    put(page, width=18)
    page.keyboard.press("p")  # the first goes: four are kept
    page.keyboard.press("s")
    settle(page)
    assert page.get_attribute("#button-side-by-side", "aria-pressed") == "true"
    assert page.evaluate("studio.view.others.map(({ canvas }) => canvas.width)") == [24, 20, 12]
    page.click("#pin-1")
    settle(page)
    assert page.get_attribute("#pin-1", "aria-pressed") == "true"
    assert np.array_equal(shown(page), sprites[2])
    beside = page.evaluate(
        """() => {
          const { canvas } = studio.view, context = canvas.getContext("2d");
          return studio.view.placesBeside().map(({ canvas: { width, height }, zoom, x, y }) => {
            const found = [];
            for (let row = 0; row < height; row++)
              for (let column = 0; column < width; column++)
                found.push(...context.getImageData(
                  x + (column + .5) * zoom, y + (row + .5) * zoom, 1, 1).data.slice(0, 3));
            return { width, height, found };
          });
        }"""
    )
    assert [each["width"] for each in beside] == [24, 12, 18]
    for each, sprite in zip(beside, (sprites[1], sprites[3]), strict=False):
        cells = np.array(each["found"], np.uint8).reshape(each["height"], each["width"], 3)
        assert np.array_equal(cells, sprite)


def test_a_token_comes_by_the_address_and_is_not_left_there(chromium, cleared, folder):
    policy = guard.policy_for("127.0.0.1", "swordfish")
    with listening(server.build_app(cleared, policy)) as address:
        page = chromium.new_page()
        page.goto(address)
        page.wait_for_selector(".drop [role=alert] >> text=give the token")
        page.goto("about:blank")
        page.goto(f"{address}#token=swordfish")
        page.wait_for_selector("#open-first")
        drop(page, folder / "drawing.png")
        assert "swordfish" not in page.url
        page.reload()
        settle(page)
        assert page.inner_text("#command").startswith("pixelize drawing.png")
        page.close()


@pytest.mark.parametrize("width, theme", [(360, "dark"), (1200, "light")])
def test_nothing_serious_stands_in_the_way_and_all_fits(page, folder, width, theme):
    page.set_viewport_size({"width": width, "height": 740})
    page.emulate_media(color_scheme=theme)
    found = [axe.Axe().run(page)]
    drop(page, folder / "drawing.png")
    put(page, coloring="count", count=6, background=True, outline="outside")
    page.click(".swatch >> nth=0")
    found.append(axe.Axe().run(page))
    page.evaluate("studio.app.pin(); studio.app.compare(true); studio.app.sortColors(true)")
    put(page, longest=20, tiles="32", dither="bayer4")
    page.click("#source-title")
    page.click("#pick-background")
    found.append(axe.Axe().run(page))
    serious = [
        (each["id"], [node["html"][:120] for node in each["nodes"]])
        for result in found
        for each in result.response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_tool_is_in_sight_on_a_phone(page, folder):
    page.set_viewport_size({"width": 360, "height": 740})
    drop(page, folder / "walk.gif")
    page.click("#tool-pencil")  # with a colour beside it
    for width in (360, 390, 521):
        page.set_viewport_size({"width": width, "height": 740})
        settle(page)
        boxes = page.locator(".tools :is(button, input)").evaluate_all(
            "all => all.map((each) => [each.ariaLabel ?? each.id, each.getBoundingClientRect()])"
            ".map(([name, { left, right, top, height }]) => [name, left, right, top + height / 2])"
        )
        names = {name for name, _, _, _ in boxes}
        assert {"Fit", "Keep to compare", "compare", "Play"} <= names, width
        assert [each for each in boxes if each[1] < 0 or each[2] > width] == [], width
        rows = {round(top) for _, _, _, top in boxes}
        assert len(rows) <= 3 or width > 520, width  # what paints, zoom and pin, the player


def test_a_tab_opens_its_own_pictures_again_and_another_begins_empty(tab, page, folder):
    drop(page, folder / "drawing.png", folder / "walk.gif")
    page.click(".tray .close >> nth=0")
    settle(page)
    page.reload()
    settle(page)
    assert page.evaluate("studio.app.pictures.map(({ name }) => name)") == ["walk.gif"]
    other = page.context.browser.new_page()
    other.goto(tab[1])
    other.wait_for_selector("#open-first")
    assert other.evaluate("studio.app.pictures.length") == 0
    other.close()


def test_a_picture_that_one_tab_closes_stays_in_another(tab, page, folder):
    other = page.context.browser.new_page()
    other.goto(tab[1])
    for each in (page, other):
        drop(each, folder / "drawing.png", folder / "walk.gif")
    page.click(".tray .close >> nth=0")
    settle(page)
    other.reload()
    settle(other)
    names = other.evaluate("studio.app.pictures.map(({ name }) => name)")
    assert names == ["drawing.png", "walk.gif"]
    assert other.evaluate("studio.app.error") is None
    other.close()


def test_a_picture_of_the_command_stays_closed_where_it_was_closed(chromium, cleared, folder):
    for name in ("drawing.png", "walk.gif"):
        cleared.pictures.add((folder / name).read_bytes(), name)
    with listening(server.build_app(cleared)) as address:
        pages = [chromium.new_page() for _ in range(2)]
        for page in pages:
            page.goto(address)
            settle(page)
        pages[0].click(".tray .close >> nth=0")
        for page, names in zip(pages, (["walk.gif"], ["drawing.png", "walk.gif"]), strict=True):
            settle(page)
            page.reload()
            settle(page)
            assert page.evaluate("studio.app.pictures.map(({ name }) => name)") == names
            page.close()


def test_pictures_of_the_command_are_open_on_every_page(chromium, cleared, folder):
    cleared.pictures.add((folder / "drawing.png").read_bytes(), "drawing.png")
    with listening(server.build_app(cleared)) as address:
        cleared.pictures.add((folder / "walk.gif").read_bytes(), "walk.gif")  # by somebody else
        for _ in range(2):
            page = chromium.new_page()
            page.goto(address)
            settle(page)
            assert page.evaluate("studio.app.pictures.map(({ name }) => name)") == ["drawing.png"]
            page.close()


def test_keys_do_what_their_list_says(page, folder):
    drop(page, folder / "walk.gif")
    put(page, sizing="exact", width=12)
    said = {
        "g": "studio.view.lines",
        "c": "studio.view.split === 1",
        "+": "studio.view.zoom !== null",
        "e": "studio.app.painter.tool === 'eraser'",
        ".": "studio.app.player.frame === 1",
        " ": "studio.app.player.playing",
        "p": "studio.app.pins.length === 1",
        "s": "studio.app.sideBySide",
        "?": "document.querySelector('dialog[open]') !== null",
    }
    page.locator(".view canvas").focus()
    for key, became in said.items():
        assert not page.evaluate(became), key
        page.keyboard.press(key)
        assert page.evaluate(became), key


def test_a_finger_paints_and_two_zoom(chromium, tab, folder):
    _, address, _ = tab
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("#open-first")
    drop(page, folder / "drawing.png")
    put(page, sizing="exact", width=16, height=12, coloring="count", count=4)
    page.tap("#tool-pencil")
    page.evaluate("studio.app.pick('ff00ff')")
    box = page.locator(".view canvas").bounding_box()
    x, y = page.evaluate(
        """() => {
          const { x, y, zoom, ratio } = studio.view.layout();
          return [(x + 4.5 * zoom) / ratio, (y + 5.5 * zoom) / ratio];
        }"""
    )
    page.touchscreen.tap(box["x"] + x, box["y"] + y)
    settle(page)
    assert tuple(shown(page)[5, 4]) == (255, 0, 255)
    zoom = page.evaluate("studio.view.layout().zoom")
    session = context.new_cdp_session(page)
    middle = box["y"] + box["height"] / 2
    for kind, apart in (("touchStart", 20), ("touchMove", 60), ("touchMove", 90), ("touchEnd", 0)):
        points = (
            []
            if kind == "touchEnd"
            else [
                {"x": 180 + side * apart, "y": middle, "id": number}
                for number, side in enumerate((-1, 1))
            ]
        )
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    settle(page)
    assert page.evaluate("studio.view.layout().zoom") > zoom
    context.close()
