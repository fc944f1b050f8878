/** Which colours: those of the picture, so many, or a palette; each can be changed. */

import { button, choice, h, number, panel, row, segments, slider } from "../dom.js";
import { nearest, ramps } from "../shades.js";

const SHOWN = 96; // colours that get a swatch
const MOST = 256; // colours of a palette

/** For several pictures: colours that fit all of them. */
const forAll = (app) =>
  app.pictures.length > 1
    ? button(`One for all ${app.pictures.length}`, null, app.sharePalette, {
        id: "share-palette", title: "One palette that is taken from all pictures that are open",
      })
    : null;

export function colorPanel(app) {
  const { state, set } = app;
  if (state.tool === "depixelize") return null;
  return panel(
    "Colours",
    "colors",
    segments(
      "Which colours",
      [
        ["own", "As they are", "The colours of the picture"],
        ["count", "Fewer", "Colours that are taken from the picture"],
        ["list", "Palette", "A built-in palette, or your own"],
      ],
      state.coloring,
      (coloring) => set(coloringPatch(app, coloring)),
    ),
    ...rows(app),
    swatches(app),
    dithering(app),
  );
}

function coloringPatch({ about }, coloring) {
  if (coloring !== "list") return { coloring };
  const first = about.palettes.find((each) => each.name === "pico-8") ?? about.palettes[0];
  return { coloring, palette: { ...first, builtin: first.name } };
}

function rows(app) {
  const { state, set, slide } = app;
  if (state.coloring === "count") {
    const fixed = typeof state.count === "number";
    const field = number(fixed ? state.count : 16, {
      min: 1, max: MOST, disabled: !fixed,
      onchange: (count) => set({ count: Math.round(count) }),
    });
    const asks = [
      ["auto", "As it asks for", "As many as the hues of the picture ask for"],
      ["hues", "One per hue", "One colour for every hue"],
    ].map(([count, label, title]) =>
      button(label, null, () => set({ count: state.count === count ? 16 : count }), {
        id: `count-${count}`, title, "aria-pressed": String(state.count === count),
      }));
    return [
      row(
        "Colours",
        field,
        slider(fixed ? Math.min(64, state.count) : 16, {
          min: 2, max: 64, id: "count-slider", "aria-label": "Number of colours", disabled: !fixed,
          oninput: (count) => {
            field.value = count;
            slide({ count });
          },
        }),
      ),
      h("div", { class: "presets" }, asks, forAll(app)),
    ];
  }
  if (state.coloring === "list") return palettePicker(app);
  return [];
}

function palettePicker(app) {
  const { state, set, about } = app;
  const builtin = state.palette?.builtin;
  const options = about.palettes.map((each) => [each.name, `${each.name} (${each.colors.length})`]);
  if (!builtin) options.unshift(["", state.palette?.name ?? "own colours"]);
  const file = h("input", {
    type: "file", hidden: true, id: "palette-file", "aria-label": "Palette file",
    accept: ".gpl,.pal,.hex,.txt,.act,.aco,.ase,.aseprite,.json,image/*",
    onchange: () => file.files[0] && app.openPalette(file.files[0]),
  });
  return [
    row(
      "Palette",
      choice(options, builtin ?? "", (name) => {
        const found = about.palettes.find((each) => each.name === name);
        if (found) set({ palette: { ...found, builtin: found.name } });
      }),
    ),
    h(
      "div",
      { class: "presets" },
      button("Open file…", null, () => file.click(), {
        title: "GIMP, JASC, Lospec, paint.net, Adobe, Aseprite or a picture",
      }),
      button("From this picture", null, app.takePalette, {
        title: "Sixteen colours that stand for the whole picture",
      }),
      forAll(app),
      file,
    ),
  ];
}

/** What is shown, most frequent first; of a palette, its colours in their order. */
function swatches(app) {
  const { state, used } = app;
  if (!used) return null;
  const counts = new Map(used);
  const listed = state.coloring === "list" && state.palette ? state.palette.colors : null;
  const extra = listed && !app.painted ? [] : counts.keys();
  const colors = [...new Set([...(listed ?? []), ...extra])];
  const told = listed
    ? `${colors.filter((each) => counts.has(each)).length} of ${colors.length} colours are used`
    : `${counts.size} ${counts.size === 1 ? "colour is" : "colours are"} used`;
  const shown = colors.slice(0, SHOWN);
  const rows = app.byHue ? ramps(shown) : [shown];
  return h(
    "div",
    {},
    h(
      "div",
      { class: "row" },
      h("p", { class: "hint", id: "colors-told" }, told),
      colors.length > 2
        ? button("By hue", null, () => app.sortColors(!app.byHue), {
            "aria-pressed": String(app.byHue),
            title: "Rows of one hue each, from dark to light",
          })
        : null,
    ),
    app.merging ? h("p", { class: "hint" }, "Click on the colour that takes its place.") : null,
    h(
      "div",
      { class: "ramps" },
      rows.map((row, index) =>
        h(
          "ul",
          {
            class: "swatches",
            "aria-label": app.byHue ? `Ramp ${index + 1}` : "Colours of the result",
          },
          row.map((color) => h("li", {}, swatch(app, color, counts.get(color) ?? 0))),
        ),
      ),
    ),
    colors.length > SHOWN
      ? h("p", { class: "hint" }, `and ${colors.length - SHOWN} more`)
      : null,
    app.chosen && colors.includes(app.chosen) ? editor(app, app.chosen, colors) : null,
    h(
      "div",
      { class: "presets lower" },
      state.coloring === "list" || colors.length > MOST
        ? null
        : button("Lock these colours", null, () => lock(app, colors), {
            title: "Make them the palette, which then stays as it is",
          }),
      app.byHue && listed && colors.length <= SHOWN
        ? button("Keep this order", null, () => lock(app, rows.flat(), state.palette.name), {
            title: "Files of the palette, and indexed ones, have it then",
          })
        : null,
    ),
  );
}

function swatch(app, color, cells) {
  return h("button", {
    type: "button", class: "swatch", color: `#${color}`, id: `swatch-${color}`,
    title: `#${color}: ${cells} cells`, "aria-label": `colour ${color}, ${cells} cells`,
    "aria-pressed": String(app.chosen === color),
    onclick: () => {
      if (app.merging && app.chosen !== color) merge(app, app.chosen, color);
      else if (["pencil", "fill"].includes(app.painter.tool)) app.pick(color);
      else app.choose(app.chosen === color ? null : color);
    },
  });
}

function lock(app, colors, name = "locked colours") {
  app.set({ coloring: "list", palette: { name, colors } });
}

/** Give the cells of a colour to another one, which alone stays in the palette. */
function merge(app, color, other) {
  const { state, used } = app;
  const base = state.coloring === "list" && state.palette
    ? state.palette.colors
    : used.map(([each]) => each);
  const left = base.filter((each) => each !== color);
  const painted = left.length && nearest(color, left) !== other ? app.cellsAs(color, other) : {};
  app.choose(null, { quiet: true });
  app.recolor(painted, { coloring: "list", palette: { name: "own colours", colors: left } });
}

/** Change, replace or remove one colour. */
function editor(app, color, colors) {
  const { state, set } = app;
  const listed = state.coloring === "list" && state.palette?.colors.includes(color);
  const field = h("input", {
    type: "color", value: `#${color}`, id: "new-color", "aria-label": "New colour",
  });
  const wanted = () => field.value.slice(1).toLowerCase();
  const change = (replace) => {
    const base = listed ? state.palette.colors : colors;
    const changed = replace(base);
    if (!changed.length) return;
    app.choose(null, { quiet: true });
    set({ coloring: "list", palette: { name: "own colours", colors: [...new Set(changed)] } });
  };
  return h(
    "div",
    { class: "editor", role: "group", "aria-label": `Colour ${color}` },
    h("div", { class: "row" }, field, h("code", {}, `#${color}`)),
    h(
      "div",
      { class: "presets" },
      button("Replace", null, () => app.recolor(app.cellsAs(color, wanted())), {
        title: "Paint every cell of this colour in the new one",
      }),
      button("Change in palette", null, () =>
        change((base) => base.map((each) => (each === color ? wanted() : each))), {
          title: "Then every cell takes the nearest colour of the palette",
          disabled: colors.length > MOST,
        }),
      button("Remove", null, () => change((base) => base.filter((each) => each !== color)), {
        title: "Cells of this colour take the nearest of the others",
        disabled: colors.length > MOST || colors.length < 2,
      }),
      button("Merge into…", null, () => app.merge(), {
        id: "merge-into",
        title: "Then click on the colour that takes its place",
        "aria-pressed": String(app.merging), disabled: colors.length > MOST || colors.length < 2,
      }),
      button("Draw with it", null, () => app.pick(color)),
    ),
  );
}

function dithering({ state, set, slide, about }) {
  if (state.coloring === "own") return null;
  const output = h("output", {}, `${Math.round(100 * state.strength)} %`);
  return h(
    "div",
    {},
    row(
      "Dithering",
      choice(about.dithers, state.dither, (dither) => set({ dither }), { id: "dither" }),
    ),
    state.dither === "none"
      ? null
      : row(
          "Strength",
          slider(Math.round(100 * state.strength), {
            min: 0, max: 100, id: "strength",
            oninput: (percent) => {
              output.value = `${percent} %`;
              slide({ strength: percent / 100 });
            },
          }),
          output,
        ),
  );
}
