/** The middle of the page: pictures that are open, notes, the canvas, the place to drop on. */

import { alike } from "./app.js";
import { button, h } from "./dom.js";

export function fillTray(tray, app) {
  tray.hidden = app.pictures.length < 2;
  tray.replaceChildren(
    ...app.pictures.map((each) =>
      h(
        "div",
        { class: "tray-item" },
        h(
          "button",
          {
            type: "button", class: "thumb", title: each.name, "aria-label": each.name,
            "aria-pressed": String(each === app.picture), onclick: () => app.select(each),
          },
          each.thumb ? h("img", { src: each.thumb, alt: "" }) : null,
        ),
        h(
          "button",
          {
            type: "button", class: "close", "aria-label": `Close ${each.name}`,
            onclick: () => app.close(each),
          },
          "×",
        ),
      ),
    ),
  );
}

/** Results that were kept to compare; a click goes back to one. */
export function fillPins(strip, app) {
  strip.hidden = !app.pins.length;
  strip.replaceChildren(
    button("Side by side", "panes", () => app.compare(!app.sideBySide), {
      "aria-pressed": String(app.sideBySide), title: "Show up to four results at once (S)",
    }),
    ...app.pins.map((pin, index) =>
      h(
        "div",
        { class: "tray-item" },
        h(
          "button",
          {
            type: "button", class: "pin", title: `Back to this: ${pin.told}`, id: `pin-${index}`,
            "aria-label": `Back to result ${index + 1}: ${pin.told}`,
            "aria-pressed": String(alike(pin.state, app.state)),
            onclick: () => app.set({ ...pin.state }, `pin ${performance.now()}`),
          },
          pin.canvas,
        ),
        h(
          "button",
          {
            type: "button", class: "close", "aria-label": `Forget result ${index + 1}`,
            onclick: () => app.unpin(pin),
          },
          "×",
        ),
      ),
    ),
  );
}

export function fillNotes(notes, app) {
  const { error, hint, result, state } = app;
  const lines = [];
  if (error) lines.push(h("p", { class: "note bad", role: "alert" }, h("span", {}, error)));
  if (app.picking)
    lines.push(
      h(
        "p",
        { class: "note" },
        h("span", {}, "Click on the background."),
        button("Cancel", null, () => app.pickBackground(false), { id: "no-background" }),
      ),
    );
  if (hint && !app.picking && state.tool === "pixelize")
    lines.push(
      h(
        "p",
        { class: "note" },
        h("span", {}, `This picture shows pixel art already, of ${hint.size.join(" × ")} cells.`),
        button("Recover its pixels", null, () => app.set({ tool: "snap", sizing: "auto" }), {
          id: "recover",
        }),
      ),
    );
  for (const remark of error || app.picking ? [] : (result?.remarks ?? []))
    lines.push(h("p", { class: "note" }, h("span", {}, remark)));
  notes.replaceChildren(...lines);
}

export function dropPlace(openFiles) {
  return h(
    "div",
    { class: "drop" },
    h("h2", {}, "Drop a picture here"),
    h("p", { class: "quiet" }, "a drawing, a photo, a GIF, or pixel art to recover or to smooth"),
    button("Open a picture", "open", openFiles, { primary: true, id: "open-first" }),
    h("p", { class: "quiet" }, "or paste one. It stays on this machine."),
  );
}

/** Take what is dropped on the page, or pasted into it. */
export function listenForFiles(app) {
  const body = document.body;
  let depth = 0;
  const mark = (by) => {
    depth = Math.max(0, depth + by);
    body.classList.toggle("dragging", depth > 0);
  };
  addEventListener("dragenter", (event) => {
    event.preventDefault();
    mark(1);
  });
  addEventListener("dragleave", () => mark(-1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    mark(-depth);
    if (event.dataTransfer.files.length) app.open([...event.dataTransfer.files]);
  });
  addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (files.length) app.open(files.map((file, index) => pastedName(file, index)));
  });
}

/** Browsers call every pasted picture image.png. */
function pastedName(file, index) {
  if (file.name !== "image.png") return file;
  return new File([file], `pasted${index ? `_${index + 1}` : ""}.png`, { type: file.type });
}
