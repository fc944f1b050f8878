/** Clean-up, background, outline and canvas. */

import { button, choice, drawer, h, row, slider, tick } from "../dom.js";

const MERGE = 100; // steps of the slider in 1, the distance of black and white

export function cleanPanel(app) {
  const { state, set, slide } = app;
  if (state.tool === "depixelize") return null;
  const told = (merge) => (merge === null ? "auto" : String(Math.round(MERGE * merge)));
  const output = h("output", {}, told(state.merge));
  return drawer(
    "Clean-up",
    "clean",
    true,
    tick("Remove the background", state.background, (background) => set({ background })),
    h(
      "div",
      { class: "presets" },
      button("Click its colour", "picker", () => app.pickBackground(), {
        title: "Then click on the background in the original", "aria-pressed": String(app.picking),
        id: "pick-background",
      }),
      state.background && state.backgroundColor ? ownBackground(app) : null,
    ),
    state.background
      ? tick("…also where the drawing encloses it", state.holes, (holes) => set({ holes }))
      : null,
    row(
      "Merge",
      slider(state.merge === null ? 2 : Math.round(MERGE * state.merge), {
        min: 0, max: 20, id: "merge",
        title: "Colours that are nearer to each other than this become one",
        oninput: (step) => {
          output.value = told(step / MERGE);
          slide({ merge: step / MERGE });
        },
      }),
      output,
    ),
    tick("Remove stray cells", state.isolated, (isolated) => set({ isolated })),
    tick("Smooth doubled corners of lines", state.jaggies, (jaggies) => set({ jaggies })),
  );
}

/** The colour that was clicked, to change or to forget. */
function ownBackground({ state, set }) {
  const color = h("input", {
    type: "color", id: "background-color", "aria-label": "Colour of the background",
    value: `#${state.backgroundColor}`,
    onchange: () => set({ backgroundColor: color.value.slice(1) }),
  });
  return [color, button("Automatic", null, () => set({ backgroundColor: null }), {
    title: "The colour that most of the border has",
  })];
}

export function outlinePanel({ state, set }) {
  if (state.tool === "depixelize") return null;
  const own = state.outlineColor !== null;
  const color = h("input", {
    type: "color", id: "outline-color", "aria-label": "Colour of the outline",
    value: `#${state.outlineColor ?? "000000"}`,
    onchange: () => set({ outlineColor: color.value.slice(1) }),
  });
  const pad = h("input", {
    type: "text", value: state.pad, size: 8, placeholder: "none", id: "pad",
    onchange: () => set({ pad: pad.value.trim() }),
  });
  return drawer(
    "Outline and canvas",
    "outline",
    false,
    row(
      "Outline",
      choice(
        [
          ["none", "none"],
          ["outside", "around the silhouette"],
          ["inside", "inside its edge"],
        ],
        state.outline,
        (outline) => set({ outline, ...(outline === "none" ? {} : outlinePatch(state)) }),
        { id: "outline-where" },
      ),
    ),
    state.outline === "none"
      ? null
      : h(
          "div",
          { class: "row" },
          tick("A colour of its own", own, (on) => set({ outlineColor: on ? "1a1c2c" : null })),
          own ? color : null,
        ),
    tick("Cut transparent margins off", state.trim, (trim) => set({ trim })),
    row("Canvas", pad, h("span", { class: "quiet" }, "such as 64 or 64x48")),
    tick("Keep half transparency", state.alpha === "keep", (on) =>
      set({ alpha: on ? "keep" : "hard" })),
    state.tool === "pixelize"
      ? tick("The picture is a tile that repeats", state.wrap, (wrap) => set({ wrap }))
      : null,
  );
}

/** An outline needs a silhouette, so the background goes, as most people mean it. */
function outlinePatch(state) {
  return state.background ? {} : { background: true };
}
