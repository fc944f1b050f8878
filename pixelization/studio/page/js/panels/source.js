/** How the picture is read, and by which networks: animations, sheets, models, grids. */

import { cellText } from "../app.js";
import { button, choice, drawer, h, number, row, slider, tick } from "../dom.js";

export function sourcePanel(app) {
  const { state, set, slide, picture } = app;
  const fromFile = state.tiles === "auto";
  const tiles = h("input", {
    type: "text", value: state.tiles, size: 8, placeholder: "no sheet", id: "tiles",
    onchange: () => set({ tiles: tiles.value.trim() }),
  });
  const file = h("input", {
    type: "file", hidden: true, id: "sheet-file", "aria-label": "JSON of the tiles",
    accept: ".json", onchange: () => file.files[0] && app.openSheet(file.files[0], picture),
  });
  const fps = h("input", {
    type: "number", min: 1, max: 1000, placeholder: "its own", value: state.fps ?? "", id: "fps",
    onchange: () => set({ fps: Number(fps.value) || null }),
  });
  return drawer(
    "Animation and sheets",
    "source",
    Boolean(picture?.moving || picture?.tiles),
    row("Tiles", tiles, h("span", { class: "quiet" }, "such as 32 or 64x48")),
    h(
      "div",
      { class: "presets" },
      button("Tiles from JSON…", null, () => file.click(), {
        id: "open-sheet", title: "As Aseprite, TexturePacker or this program write it",
      }),
      picture?.tiles && !fromFile
        ? button("Take its tiles", null, () => set({ tiles: "auto" }))
        : null,
      state.tiles ? button("No sheet", null, () => set({ tiles: "" })) : null,
      file,
    ),
    ...(fromFile && picture?.tiles ? described(app) : []),
    state.tiles && !fromFile
      ? row(
          "Margin",
          number(state.margin, { min: 0, max: 999, onchange: (margin) => set({ margin }) }),
          h("span", { class: "quiet" }, "around all"),
        )
      : null,
    state.tiles && !fromFile
      ? row(
          "Spacing",
          number(state.spacing, { min: 0, max: 999, onchange: (spacing) => set({ spacing }) }),
          h("span", { class: "quiet" }, "between tiles"),
        )
      : null,
    picture?.moving && !state.tiles
      ? h("p", { class: "hint" }, "All frames have one palette, and cells that rest stay as they are.")
      : null,
    picture?.moving ? row("Frames per s", fps) : null,
    picture?.moving && state.tool !== "depixelize"
      ? row(
          "Hold still",
          slider(state.still, {
            min: 0, max: 64, id: "still",
            title: "Change of a pixel up to which a cell keeps its colour",
            oninput: (still) => slide({ still }),
          }),
        )
      : null,
    picture?.moving && state.tool !== "depixelize"
      ? row(
          "Hold colours",
          slider(Math.round(1000 * state.hysteresis), {
            min: 0, max: 200, id: "hysteresis",
            title: "Change of a cell's colour that is ignored",
            oninput: (step) => slide({ hysteresis: step / 1000 }),
          }),
        )
      : null,
  );
}

/** What the JSON of a sheet says: tiles, and tags to play. */
function described(app) {
  const { picture, result, frames } = app;
  const { tiles, tags } = picture;
  const told = h(
    "p",
    { class: "hint", id: "tiles-told" },
    `${tiles.length} tiles, ${tags.length ? `${tags.length} tags` : "no tags"}. Tiles of a tag hold still.`,
  );
  const tag = tags.find(({ name }) => name === app.tag) ?? tags[0];
  const there = tag && result?.tiles?.length === tiles.length && frames[0];
  app.tagPlayer.load(frames[0], result?.tiles, there ? tag : null);
  if (!tag) return [told];
  return [
    told,
    row("Play", choice(tags.map(({ name }) => name), tag.name, app.playTag, { id: "tag" })),
    there ? app.tagPlayer.canvas : null,
  ];
}

export function modelPanel({ state, set, about }) {
  if (state.tool === "snap") return null;
  return drawer(
    "Model",
    "model",
    false,
    row(
      "Networks",
      choice(about.models, state.model, (model) => set({ model }), { id: "model-name" }),
    ),
  );
}

export function gridPanel(app) {
  const { state, set, grid } = app;
  if (state.tool === "pixelize") return null;
  return drawer(
    "Grid",
    "grid",
    true,
    grid
      ? h(
          "p",
          { class: "hint", id: "grid-told" },
          grid.native
            ? "Every pixel is a cell."
            : `Cells of ${pair(grid.cell)} pixels, ${grid.size.join(" × ")} cells, ` +
                `${Math.round(100 * grid.confidence)} % likely.`,
        )
      : h("p", { class: "hint" }, "Looking for the grid…"),
    h("p", { class: "hint" }, "Show the original, and drag a line to correct it."),
    grid?.sure && !state.guess
      ? null
      : tick("Take the best guess", state.guess, (guess) => set({ guess })),
    grid?.candidates.length
      ? h(
          "div",
          { class: "candidates", role: "group", "aria-label": "Other grids" },
          app.candidates.map((each) => candidate(app, each)),
        )
      : null,
  );
}

function candidate({ state, set }, { cell, size, score, canvas }) {
  const text = cellText(cell);
  const pressed = state.sizing === "cell" && state.cell === text;
  return h(
    "button",
    {
      type: "button", "aria-pressed": String(pressed), id: `cell-${text}`,
      onclick: () => set({ sizing: "cell", cell: text }),
    },
    canvas ?? null,
    h("span", {}, `${size.join(" × ")}`),
    h("span", { class: "quiet" }, percent(score)),
  );
}

const percent = (share) => (share < 0.005 ? "unlikely" : `${Math.round(100 * share)} %`);

function pair(values) {
  return values.map((value) => Number(value.toFixed(2))).join(" × ");
}
