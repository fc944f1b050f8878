/** Elements: made, labelled, filled. Knows the document; knows nothing of pictures. */

const GLYPHS = {
  open: "M3 7h6l2 2h10v10H3z",
  undo: "M9 6 4 11l5 5M4 11h10a6 6 0 0 1 6 6v1",
  redo: "m15 6 5 5-5 5M20 11H10a6 6 0 0 0-6 6v1",
  save: "M12 4v11m-5-4 5 5 5-5M4 20h16",
  theme: "M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z",
  help: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18h.01M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20z",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  grid: "M4 4h16v16H4zM4 10h16M4 15h16M10 4v16M15 4v16",
  hand: "M8 12V6a1.5 1.5 0 0 1 3 0v5V5a1.5 1.5 0 0 1 3 0v6V7a1.5 1.5 0 0 1 3 0v7a6 6 0 0 1-6 7c-3 0-4-2-6-5l-1.5-2.5a1.5 1.5 0 0 1 2.5-1.5z",
  pencil: "m4 20 1-4L16 5l3 3L8 19z",
  eraser: "m8 20-5-5L13 5l6 6-9 9zM8 20h12",
  fill: "m5 12 7-7 7 7-7 7zM12 5 9 2M21 15c1 2 1.5 3 0 4-1.5-1-1-2 0-4z",
  picker: "m4 20 1-4 8-8 3 3-8 8zM12 7l2-3 5 5-3 2",
  play: "M7 5v14l12-7z",
  pause: "M8 5v14M16 5v14",
  pin: "M9 4h6l-1 6 4 3H6l4-3zM12 13v7",
  onion: "M9 5a7 7 0 1 0 0 14A7 7 0 0 0 9 5zM15 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14z",
  panes: "M4 4h16v16H4zM12 4v16M4 12h16",
  more: "m6 10 6 6 6-6",
  close: "M6 6l12 12M18 6 6 18",
};

/** A stable id, so that the focus survives when a panel is drawn anew. */
export const slug = (...words) => words.join("-").toLowerCase().replace(/[^a-z0-9]+/g, "-");

/** An element. Attributes that begin with "on" are listeners; null and false are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "color") element.style.setProperty("--color", value);
    else if (name in element && name !== "list" && name !== "form") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Put these in place of what an element holds; null is left out. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter(Boolean));
}

export function glyph(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "glyph");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", GLYPHS[name]);
  svg.append(path);
  return svg;
}

/** A button with an icon, and with a word that may be hidden where there is little room. */
export function button(label, icon, onclick, { primary, hidden, title, ...more } = {}) {
  return h(
    "button",
    {
      type: "button", id: slug("button", label), onclick, title: title ?? label, ...more,
      class: [primary ? "primary" : "", hidden ? "icon" : ""].join(" ").trim() || null,
      "aria-label": label,
    },
    icon ? glyph(icon) : null,
    hidden ? null : h("span", { class: "label" }, label),
  );
}

/** A label and a control in a row. */
export function row(label, control, ...more) {
  control.id ||= slug("field", label);
  return h("div", { class: "row" }, h("label", { htmlFor: control.id }, label), control, ...more);
}

/** A box to tick. */
export function tick(label, checked, onchange, more = {}) {
  const box = h("input", {
    type: "checkbox", id: slug("tick", label), checked, onchange: () => onchange(box.checked), ...more,
  });
  return h("label", { class: "choice" }, box, label);
}

/** A list to choose from; options are texts or [value, text]. */
export function choice(options, value, onchange, more = {}) {
  const select = h(
    "select",
    { onchange: () => onchange(select.value), ...more },
    options.map((each) => {
      const [name, text] = Array.isArray(each) ? each : [each, each];
      return h("option", { value: name, selected: name === value }, text);
    }),
  );
  return select;
}

/** One of a few, side by side; options are [value, text, title]. */
export function segments(legend, options, value, onchange) {
  const name = slug("segments", legend);
  return h(
    "fieldset",
    {},
    h("legend", { class: "unseen" }, legend),
    h(
      "div",
      { class: "segments" },
      options.map(([each, text, title]) =>
        h(
          "label",
          { title },
          h("input", {
            type: "radio", name, id: slug(name, each), value: each, checked: each === value,
            onchange: () => onchange(each),
          }),
          h("span", {}, text),
        ),
      ),
    ),
  );
}

/** A whole number, told when it is changed and in range. */
export function number(value, { min, max, step = 1, onchange, ...more }) {
  const field = h("input", {
    type: "number", value, min, max, step, inputMode: "decimal", ...more,
    onchange: () => {
      const given = Number(field.value);
      if (field.value === "" || !Number.isFinite(given)) field.value = value;
      else onchange(Math.min(max ?? Infinity, Math.max(min ?? -Infinity, given)));
    },
  });
  return field;
}

/** A slider, told while it moves. */
export function slider(value, { min, max, step = 1, oninput, ...more }) {
  const field = h("input", {
    type: "range", min, max, step, ...more, oninput: () => oninput(Number(field.value)),
  });
  field.value = value;
  return field;
}

/** A panel with a title; closed ones are for what few people need. */
export function panel(title, id, ...children) {
  return h("section", { class: "panel", id, "aria-label": title }, h("h2", {}, title), ...children);
}

const drawers = {};

/** A panel that can be closed, and stays as it was left. */
export function drawer(title, id, open, ...children) {
  // a click comes before the drawer opens or closes
  const remember = () => (drawers[id] = !details.open);
  const details = h(
    "details",
    { class: "panel", id, open: drawers[id] ?? open },
    h("summary", { id: slug(id, "title"), onclick: remember }, title),
    ...children,
  );
  return details;
}

/** Hand a file to the user. */
export function download(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
