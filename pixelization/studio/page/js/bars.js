/** The bar on top and the tools under the picture. */

import { button, fill, glyph, h, slider } from "./dom.js";
import { showKeys } from "./keys.js";

const TOOLS = [
  ["hand", "Move the picture", "hand"],
  ["pencil", "Pencil", "pencil"],
  ["eraser", "Eraser", "eraser"],
  ["fill", "Fill an area", "fill"],
  ["picker", "Take a colour", "picker"],
];

export function fillBar(app, openFiles) {
  const at = (id) => document.getElementById(id);
  at("file-actions").replaceChildren(button("Open", "open", openFiles, { title: "Open (Ctrl+O)" }));
  at("history-actions").replaceChildren(
    button("Undo", "undo", () => app.store.undo(), {
      hidden: true, title: "Undo (Ctrl+Z)", disabled: !app.store.past.length,
    }),
    button("Redo", "redo", () => app.store.redo(), {
      hidden: true, title: "Redo (Ctrl+Shift+Z)", disabled: !app.store.future.length,
    }),
  );
  at("page-actions").replaceChildren(
    button("Light or dark", "theme", toggleTheme, { hidden: true }),
    button("Keys and help", "help", showKeys, { hidden: true }),
  );
  const { format } = app;
  fill(
    at("save-action"),
    button("Save", "save",
      () => app.save({ format }), {
        primary: true, disabled: !app.result, id: "save",
        title: `Save as ${format === "png" && app.moving ? "APNG" : format.toUpperCase()} (Ctrl+S)`,
      }),
    app.result
      ? button("More ways to save", "more", showSaving, { hidden: true, id: "more" })
      : null,
  );
}

function showSaving() {
  const panel = document.getElementById("saving");
  panel.scrollIntoView({ block: "start" });
  panel.querySelector("button").focus({ preventScroll: true });
}

function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
  dispatchEvent(new Event("resize"));
}

export function fillTools(bar, app, view) {
  const { zoom } = view.layout();
  const split = slider(Math.round(100 * view.split), {
    min: 0, max: 100, id: "compare", title: "How much of the original is shown",
    oninput: (percent) => view.set({ split: percent / 100 }),
  });
  fill(
    bar,
    h(
      "div",
      { class: "group", role: "group", "aria-label": "Tools" },
      TOOLS.map(([name, label, icon]) =>
        button(label, icon, () => {
          app.painter.tool = name;
          app.render("tools");
        }, {
          hidden: true, "aria-pressed": String(app.painter.tool === name), id: `tool-${name}`,
          disabled: !app.result,
        }),
      ),
      app.painter.painting ? paintColor(app) : null,
    ),
    h(
      "div",
      { class: "group", role: "group", "aria-label": "Zoom" },
      button("Zoom out", "minus", () => view.step(-1), { hidden: true, title: "Zoom out (-)" }),
      h("span", { class: "zoom", id: "zoom" }, zoomText(zoom)),
      button("Zoom in", "plus", () => view.step(1), { hidden: true, title: "Zoom in (+)" }),
      button("Fit", "fit", () => {
        view.set({ zoom: null });
        app.render("tools");
      }, { hidden: true, title: "Fit (0)" }),
      button("Grid of cells", "grid", () => {
        view.set({ lines: !view.lines });
        app.render("tools");
      }, { hidden: true, title: "Grid of cells (G)", "aria-pressed": String(view.lines) }),
    ),
    button("Keep to compare", "pin", app.pin, {
      hidden: true, disabled: !app.result, title: "Keep this result to compare (P)",
    }),
    h(
      "div",
      { class: "compare" },
      h("label", { htmlFor: "compare", class: "quiet" }, "Original"),
      split,
    ),
    app.player.count > 1 ? player(app) : null,
  );
}

export const zoomText = (zoom) => (zoom >= 1 ? `${zoom}×` : `1/${Math.round(1 / zoom)}×`);

function paintColor(app) {
  const field = h("input", {
    type: "color", value: `#${app.painter.color}`, "aria-label": "Colour to draw with",
    id: "paint-color", onchange: () => (app.painter.color = field.value.slice(1)),
  });
  return field;
}

function player(app) {
  const { player: it } = app;
  const drag = slider(it.frame, {
    min: 0, max: it.count - 1, id: "frame", "aria-label": "Frame",
    oninput: (frame) => {
      it.pause();
      it.show(frame);
    },
  });
  return h(
    "div",
    { class: "player" },
    h(
      "button",
      {
        type: "button", class: "icon", id: "play", title: "Play or pause (Space)",
        "aria-label": it.playing ? "Pause" : "Play",
        onclick: () => {
          if (it.playing) it.pause();
          else it.play();
          app.render("tools");
        },
      },
      glyph(it.playing ? "pause" : "play"),
    ),
    drag,
    button("Onion skin", "onion", () => {
      app.onion = !app.onion;
      app.render("tools");
    }, {
      hidden: true, "aria-pressed": String(Boolean(app.onion)),
      title: "Onion skin: the frame before shines through",
    }),
    h("output", { id: "frame-told" }, `${it.frame + 1} / ${it.count}`),
    h("span", { class: "quiet", id: "frame-time", title: "How long this frame is shown" }, it.time),
  );
}
