/** What keys do, and the list of them. */

import { button, h } from "./dom.js";

const KEYS = [
  ["Ctrl O", "open pictures; or drop or paste them"],
  ["Ctrl S", "save"],
  ["Ctrl Z, Ctrl Shift Z", "undo, redo"],
  ["+  -  0", "zoom in, out, fit"],
  ["G", "grid of cells"],
  ["C", "original or result"],
  ["P", "keep the result to compare"],
  ["S", "kept results side by side"],
  ["Esc", "stop what is being made, or was begun"],
  ["V  B  E  F  I", "move, pencil, eraser, fill, take a colour"],
  ["Space", "play or pause an animation"],
  [",  .", "frame before, frame after"],
  ["?", "this list"],
];
const TOOLS = { v: "hand", b: "pencil", e: "eraser", f: "fill", i: "picker" };

export function showKeys() {
  const dialog = h(
    "dialog",
    { "aria-labelledby": "keys-title" },
    h("h2", { id: "keys-title" }, "Keys"),
    h("dl", { class: "keys" }, KEYS.flatMap(([keys, what]) => [h("dt", {}, keys), h("dd", {}, what)])),
    h("p", { class: "quiet" }, "Nothing leaves this machine: the networks run here."),
    button("Close", null, () => dialog.close()),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.getElementById("dialogs").append(dialog);
  dialog.showModal();
}

export function listen(app, view, openFiles) {
  addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const typing = event.target.matches?.("input[type=text], input[type=number], select");
    if (document.querySelector("dialog[open]")) return;
    if (command && key === "z" && !typing) run(event, () =>
      event.shiftKey ? app.store.redo() : app.store.undo());
    else if (command && key === "y" && !typing) run(event, () => app.store.redo());
    else if (command && key === "s") run(event, () =>
      document.getElementById("save").click());
    else if (command && key === "o") run(event, openFiles);
    else if (!command && !event.altKey && !typing) plain(event, key, app, view);
  });
}

function plain(event, key, app, view) {
  const slides = event.target.matches?.("input[type=range]");
  const pressed = event.target.matches?.("button, summary, input[type=checkbox]");
  if (key === "+" || key === "=") run(event, () => view.step(1));
  else if (key === "-") run(event, () => view.step(-1));
  else if (key === "0") run(event, () => view.set({ zoom: null }));
  else if (key === "g") run(event, () => view.set({ lines: !view.lines }));
  else if (key === "c") run(event, () => view.set({ split: view.split > 0.5 ? 0 : 1 }));
  else if (key === "p" && app.result) run(event, app.pin);
  else if (key === "s" && app.pins.length) run(event, () => app.compare(!app.sideBySide));
  else if (key === "escape" && app.picking) run(event, () => app.pickBackground(false));
  else if (key === "escape" && app.busy) run(event, () => app.stop());
  else if (key === "?") run(event, showKeys);
  else if (key === " " && !pressed && !slides) run(event, () =>
    app.player.playing ? app.player.pause() : app.player.play());
  else if (key === ",") run(event, () => app.player.show(app.player.frame - 1));
  else if (key === ".") run(event, () => app.player.show(app.player.frame + 1));
  else if (TOOLS[key] && app.result) run(event, () => (app.painter.tool = TOOLS[key]));
  else return;
  app.render("tools");
}

function run(event, action) {
  event.preventDefault();
  action();
}
