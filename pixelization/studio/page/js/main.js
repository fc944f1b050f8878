/** Puts the page together and draws what has changed. */

import { App, cellText } from "./app.js";
import { fillBar, fillTools, zoomText } from "./bars.js";
import { h } from "./dom.js";
import { listen } from "./keys.js";
import { colorPanel } from "./panels/colors.js";
import { cleanPanel, outlinePanel } from "./panels/finish.js";
import { savePanel } from "./panels/saving.js";
import { sizePanel, toolPanel } from "./panels/size.js";
import { gridPanel, modelPanel, sourcePanel } from "./panels/source.js";
import { dropPlace, fillNotes, fillPins, fillTray, listenForFiles } from "./stage.js";
import { View } from "./view.js";

const PANELS = [
  toolPanel, sizePanel, gridPanel, colorPanel, cleanPanel, outlinePanel, sourcePanel, modelPanel,
  savePanel,
];

const app = new App();
const picker = h("input", {
  type: "file", multiple: true, hidden: true, id: "picker", "aria-label": "Pictures",
  accept: "image/*,video/mp4,video/webm,.apng,.tga,.avif,.aseprite,.ase,.json,.yaml,.yml",
  onchange: () => {
    if (picker.files.length) app.open([...picker.files]);
    picker.value = "";
  },
});
const openFiles = () => picker.click();
const [tray, notes, frame, pins, tools] = ["tray", "notes", "view", "tray pins", "tools"].map(
  (name) => h("div", { class: name }),
);
const place = dropPlace(openFiles);
document.getElementById("stage").append(
  h("div", {}, tray, notes), frame, h("div", {}, pins, tools), place, picker,
);
const view = new View(frame, {
  onstroke: (kind, x, y) => app.painter.stroke(kind, x, y),
  oncell: (...cell) => app.set({ sizing: "cell", cell: cellText(cell) }),
  onpick: (x, y) => app.pickedBackground(x, y),
  onchange: () => {
    if (!tools.firstChild) return;
    document.getElementById("zoom").textContent = zoomText(view.layout().zoom);
    document.getElementById("compare").value = Math.round(100 * view.split);
    if (view.split > 0) app.showSourceFrame();
  },
});

/** Draw the settings anew; the focus stays where it was. */
function fillSide() {
  const side = document.getElementById("side");
  const focused = side.contains(document.activeElement) ? document.activeElement.id : null;
  side.replaceChildren(
    ...(app.about && app.picture ? PANELS.map((make) => make(app)).filter(Boolean) : []),
  );
  side.hidden = !app.picture;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function showFrame() {
  if (view.split > 0 || app.picking) app.showSourceFrame();
  view.set({ painting: app.painter.painting, source: app.source, found: foundGrid() });
  const tiles = app.state.tiles === "auto" ? app.picture?.tiles : null;
  const others = app.sideBySide && !app.picking ? app.others : [];
  view.set({ picking: app.picking, tiles, others, caption: others.length ? app.told : "" });
  view.set({ ghost: app.onion ? (app.frames[app.player.frame - 1] ?? null) : null });
  view.canvas.setAttribute("aria-label", app.result
    ? `The result of ${app.picture.name}: ${app.told}` : "The picture");
  const { cell_size, corner } = app.result ?? { cell_size: [1, 1], corner: [0, 0] };
  view.show(app.frames[app.player.frame] ?? null, cell_size, corner);
  const told = document.getElementById("frame-told");
  if (told) {
    told.value = `${app.player.frame + 1} / ${app.player.count}`;
    document.getElementById("frame").value = app.player.frame;
    document.getElementById("frame-time").textContent = app.player.time;
  }
}

/** The grid to draw over the source: as found, or of the size of cells that is set. */
function foundGrid() {
  const { grid, fitted, state } = app;
  if (state.tool === "pixelize") return null;
  if (state.sizing === "cell") return fitted?.text === state.cell ? fitted : null;
  return state.sizing === "auto" && grid && !grid.native ? grid : null;
}

/** Draw what depends on what has changed. */
app.render = (what) => {
  if (!app.about) return;
  frame.classList.toggle("busy", app.busy);
  document.body.dataset.busy = app.busy;
  if (what === "busy") return;
  showFrame();
  if (what === "frame") return;
  if (what === "slide") {
    fillBar(app, openFiles);
    return;
  }
  place.hidden = Boolean(app.picture);
  document.body.classList.toggle("empty", !app.picture);
  frame.hidden = tools.hidden = !app.picture;
  fillTray(tray, app);
  fillNotes(notes, app);
  fillPins(pins, app);
  fillBar(app, openFiles);
  fillTools(tools, app, view);
  if (!app.sliding) fillSide();
};
app.say = (text) => (document.getElementById("status").textContent = text);

// While a slider is held, its panel stays as it is.
addEventListener("change", () => {
  if (!app.sliding) return;
  app.sliding = false;
  app.render("settings");
});

document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
listenForFiles(app);
listen(app, view, openFiles);
fillBar(app, openFiles);
globalThis.studio = { app, view }; // for the console, and for tests
app.start().catch((error) => {
  app.say(error.message);
  place.append(h("p", { class: "bad", role: "alert" }, error.message));
});
