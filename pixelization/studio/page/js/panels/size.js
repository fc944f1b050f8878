/** What is made, and how many cells it has. */

import { choice, h, number, panel, row, segments, slider, tick } from "../dom.js";

const PRESETS = [16, 32, 48, 64, 96, 128];
const QUARTERS = [0, 0.25, 0.5, 0.75];
const PLACES = QUARTERS.flatMap((down) =>
  QUARTERS.map((right) => ({
    offset: right || down ? `${right}x${down}` : "",
    told: right || down ? `${right} of a cell right, ${down} down` : "At the corner",
  })),
);

export function toolPanel({ state, set }) {
  return h(
    "section",
    { class: "panel", id: "tool" },
    segments(
      "What to make",
      [
        ["pixelize", "Pixelize", "A drawing or a photo becomes pixel art"],
        ["snap", "Recover", "Enlarged or blurred pixel art becomes its sprite again"],
        ["depixelize", "Smooth", "Pixel art becomes a smooth picture"],
      ],
      state.tool,
      (tool) => set({ tool, sizing: sizingFor(tool, state) }),
    ),
    h(
      "p",
      { class: "hint" },
      {
        pixelize: "A drawing or a photo becomes pixel art.",
        snap: "Enlarged or blurred pixel art becomes its sprite again.",
        depixelize: "Pixel art becomes a smooth picture.",
      }[state.tool],
    ),
  );
}

function sizingFor(tool, state) {
  if (tool === "pixelize") return state.sizing === "auto" ? "longest" : state.sizing;
  return "auto";
}

export function sizePanel(app) {
  const { state, set, picture } = app;
  if (state.tool === "depixelize") return smoothPanel(app);
  const kinds = [
    ["longest", "Longest side", "Cells along the longest side; the shape stays"],
    ["exact", "Exact size", "Width and height in cells"],
    ["cell", "Cell size", "Pixels of the picture that become one cell"],
  ];
  if (state.tool === "snap") kinds[0] = ["auto", "Found", "The cells that the picture shows"];
  return panel(
    "Size",
    "size",
    segments("How the size is given", kinds, state.sizing, (sizing) =>
      set({ sizing, ...(sizing === "cell" ? { cell: nearCell(app) } : {}) }),
    ),
    ...sizeRows(app),
    ...(state.tool === "pixelize" && !state.tiles ? gridRows(app) : []),
    app.result
      ? h(
          "p",
          { class: "hint", id: "size-told" },
          `${app.result.width} × ${app.result.height} cells`,
          picture ? ` from ${picture.width} × ${picture.height} pixels` : "",
        )
      : null,
  );
}

/** The size of cells as they are now, to begin with. */
function nearCell({ result, state }) {
  if (!result) return state.cell;
  return String(Number(Math.max(1, result.cell_size[0]).toFixed(2)));
}

function sizeRows({ state, set, slide }) {
  if (state.sizing === "auto") return [];
  if (state.sizing === "cell") {
    const field = h("input", {
      type: "text", value: state.cell, inputMode: "decimal", size: 8,
      onchange: () => set({ cell: field.value.trim() || state.cell }),
    });
    return [row("Pixels per cell", field, h("span", { class: "quiet" }, "such as 8, 16/3, 6x5"))];
  }
  if (state.sizing === "exact") {
    const height = h("input", {
      type: "number", min: 1, max: 4096, placeholder: "auto", value: state.height ?? "",
      onchange: () => set({ height: Number(height.value) || null }),
    });
    return [
      row("Width", number(state.width, { min: 1, max: 4096, onchange: (width) => set({ width }) })),
      row("Height", height, h("span", { class: "quiet" }, "empty keeps the shape")),
    ];
  }
  const field = number(state.longest, {
    min: 1, max: 2048, onchange: (longest) => set({ longest: Math.round(longest) }),
  });
  const drag = slider(Math.min(256, state.longest), {
    min: 8, max: 256, "aria-label": "Cells along the longest side",
    id: "longest-slider",
    oninput: (longest) => {
      field.value = longest;
      slide({ longest });
    },
  });
  return [
    row("Cells", field, drag),
    h(
      "div",
      { class: "presets", role: "group", "aria-label": "Usual sizes" },
      PRESETS.map((cells) =>
        h(
          "button",
          {
            type: "button", id: `preset-${cells}`, "aria-pressed": String(cells === state.longest),
            onclick: () => set({ longest: cells }),
          },
          cells,
        ),
      ),
    ),
  ];
}

/** Where the grid lies on the picture: by two equal halves, or as it is told. */
function gridRows(app) {
  const { state, set, picture } = app;
  const rows = state.symmetric ? [] : [offsetRow(app)];
  if (picture && (!picture.moving || state.symmetric))
    rows.push(
      tick("Equal halves, left and right", state.symmetric, (symmetric) => set({ symmetric }), {
        title: "Where the drawing is its own mirror image, so is the sprite",
      }),
    );
  return rows;
}

/** Where in a cell the grid begins: eyes, lines and symmetry come out otherwise. */
function offsetRow(app) {
  const { state, set, picture } = app;
  return h(
    "div",
    { class: "row" },
    h("span", { class: "quiet before" }, "Grid begins"),
    h(
      "div",
      { class: "places", role: "group", "aria-label": "Where in a cell the grid begins" },
      PLACES.map(({ offset, told }) =>
        h("button", {
          type: "button", id: `offset-${offset || "corner"}`, title: told, "aria-label": told,
          "aria-pressed": String(offset === state.offset),
          onclick: () => set({ offset }),
        }),
      ),
    ),
    picture && !picture.moving
      ? h("button", { type: "button", id: "see-places", onclick: () => showPlaces(app) }, "See all")
      : null,
  );
}

/** What each place gives, side by side; a click takes it. */
async function showPlaces(app) {
  const gone = new AbortController();
  const places = h("div", { class: "tries", "aria-busy": "true" });
  const dialog = h(
    "dialog",
    { class: "wide", "aria-labelledby": "places-title" },
    h("h2", { id: "places-title" }, "Where the grid begins"),
    places,
    h("button", { type: "button", onclick: () => dialog.close() }, "Close"),
  );
  dialog.addEventListener("close", () => {
    gone.abort();
    dialog.remove();
  });
  document.getElementById("dialogs").append(dialog);
  dialog.showModal();
  for (const { offset, told } of PLACES) {
    let canvas;
    try {
      canvas = await app.preview({ offset }, gone.signal);
    } catch (error) {
      if (gone.signal.aborted) return;
      places.after(h("p", { class: "bad", role: "status" }, error.message));
      break;
    }
    const take = () => {
      app.set({ offset });
      dialog.close();
    };
    const pressed = String(offset === app.state.offset);
    places.append(
      h("button", { type: "button", "aria-label": told, title: told, "aria-pressed": pressed,
        onclick: take }, canvas),
    );
  }
  places.ariaBusy = "false";
}

function smoothPanel({ state, set, slide, about, result }) {
  const output = h("output", {}, `${state.factor}×`);
  return panel(
    "Size",
    "size",
    row(
      "Enlarge",
      slider(state.factor, {
        min: 2, max: 16, id: "factor",
        oninput: (factor) => {
          output.value = `${factor}×`;
          slide({ factor });
        },
      }),
      output,
    ),
    row("Method", choice(about.methods, state.method, (method) => set({ method }))),
    tick("The picture has one pixel per cell", state.native, (native) => set({ native })),
    state.method === "depixelnet"
      ? tick("Keep the mean colour of every cell", state.keepColors, (keepColors) =>
          set({ keepColors }))
      : null,
    result ? h("p", { class: "hint" }, `${result.width} × ${result.height} pixels`) : null,
  );
}
