/** Files, the command, the style. */

import { button, choice, h, panel, row } from "../dom.js";

const PALETTES = [
  [".gpl", "GIMP, Aseprite (.gpl)"],
  [".hex", "Lospec (.hex)"],
  [".pal", "JASC (.pal)"],
  [".txt", "paint.net (.txt)"],
  [".act", "Adobe (.act)"],
  [".png", "picture (.png)"],
];
const SCALES = [2, 3, 4, 6, 8, 10, 16];

export function savePanel(app) {
  const { state, result, saving } = app;
  const { moving } = app;
  const smooth = state.tool === "depixelize";
  const style = h("input", {
    type: "file", hidden: true, id: "style-file", "aria-label": "Style file",
    accept: ".yaml,.yml", onchange: () => style.files[0] && app.openStyle(style.files[0]),
  });
  return panel(
    "Save",
    "saving",
    h(
      "div",
      { class: "saves" },
      moving
        ? ["gif", "png", "webp"].map((format) =>
            button({ gif: "GIF", png: "APNG", webp: "WebP" }[format], null, () =>
              app.save({ format })))
        : [
            button(smooth ? "PNG" : "PNG, 1 pixel a cell", null, () => app.save({}), {
              id: "save-png",
            }),
            smooth || state.coloring === "own" || state.alpha === "keep"
              ? null
              : button("Indexed PNG", null, () => app.save({ indexed: true }), {
                  title: "With a colour table in the palette's order",
                }),
          ],
      state.tiles && app.picture?.tiles && !smooth
        ? button("JSON of tiles", null, app.saveSheet, {
            id: "save-sheet", title: "Frames, tags and slices, in cells",
          })
        : null,
      smooth ? null : button("Aseprite", null, () => app.save({ format: "aseprite" })),
      button("Copy picture", null, app.copyPicture, { disabled: moving }),
      app.pictures.length > 1
        ? button(`All ${app.pictures.length} as zip`, null, app.saveAll, { id: "save-all" })
        : null,
    ),
    smooth
      ? null
      : row(
          "Enlarged",
          choice(SCALES.map((scale) => [String(scale), `${scale} ×`]), String(saving.scale),
            (scale) => app.setSaving({ scale: Number(scale) })),
          button("Save", null, () => app.save({
            scale: saving.scale, format: app.format,
          }), { id: "save-enlarged" }),
        ),
    smooth
      ? null
      : row(
          "Palette",
          choice(PALETTES, saving.suffix, (suffix) => app.setSaving({ suffix })),
          button("Save", null, app.savePalette, { id: "save-palette" }),
        ),
    result
      ? h(
          "div",
          {},
          h(
            "div",
            { class: "presets" },
            button("Copy as command", null, app.copyCommand, { id: "copy-command" }),
            smooth ? null : button("Save style", null, app.saveStyle, { id: "save-style" }),
            smooth ? null : button("Open style…", null, () => style.click(), {
              id: "open-style", title: "Set everything as a style file says",
            }),
            style,
          ),
          h("code", { class: "command", id: "command" }, result.command),
          app.painted
            ? h("p", { class: "hint" }, `${app.painted} painted cells are not in the command.`)
            : null,
        )
      : null,
  );
}
