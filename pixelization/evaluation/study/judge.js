// A study's page: it is put into the page itself, after STUDY and IDENTITY.
const isLetter = caption => caption.length === 1;  // else it is the source
const ranking = STUDY.question === "ranking";
const element = id => document.getElementById(id);
const letters = index => STUDY.rows[index].map(each => each.caption).filter(isLetter);
const answers = restored();
let at = Math.max(0, STUDY.rows.findIndex((_, index) => !whole(index)));

function restored() {  // what this browser kept of an earlier visit; some keep nothing
  try {
    const kept = JSON.parse(localStorage.getItem(IDENTITY));
    if (Array.isArray(kept) && kept.length === STUDY.rows.length) return kept;
  } catch { /* begin anew */ }
  return STUDY.rows.map(() => "");
}

function keep() {
  try { localStorage.setItem(IDENTITY, JSON.stringify(answers)); } catch { /* then not */ }
}

function whole(index) {
  return answers[index].length === (ranking ? letters(index).length : 1);
}

function choose(letter) {
  if (!letters(at).includes(letter)) return;
  if (!ranking) answers[at] = letter;
  else if (!answers[at].includes(letter)) answers[at] += letter;
  // the last place is what is left
  const left = letters(at).filter(each => !answers[at].includes(each));
  if (ranking && left.length === 1) answers[at] += left[0];
  keep();
  show();
}

function undo() {
  // the last place came by itself
  const last = ranking && whole(at) ? -2 : -1;
  answers[at] = answers[at].slice(0, last);
  keep();
  show();
}

function go(step) {
  at = Math.min(STUDY.rows.length - 1, Math.max(0, at + step));
  show();
}

function show() {
  const done = answers.filter((_, index) => whole(index)).length;
  element("state").textContent = `Row ${at + 1} of ${STUDY.rows.length}; ${done} answered. ` +
    (answers[at] ? `Your answer: ${answers[at].split("").join(" ")}` : "");
  element("row").replaceChildren(...STUDY.rows[at].map(({caption, url, width, height, cells}) => {
    const [figure, image, text] = ["figure", "img", "figcaption"].map(
      each => document.createElement(each));
    const place = isLetter(caption) ? answers[at].indexOf(caption) : -1;
    Object.assign(image, {src: url, alt: caption, width, height});
    image.className = cells ? "cells" : "";
    text.textContent = place >= 0 && ranking ? `${caption}: ${place + 1}` : caption;
    figure.append(text, image);
    if (isLetter(caption)) {
      figure.className = place >= 0 ? "letter chosen" : "letter";
      figure.onclick = () => choose(caption);
    }
    return figure;
  }));
}

function save() {
  const missing = answers.findIndex((_, index) => !whole(index));
  if (missing >= 0) {
    at = missing;
    show();
    element("state").textContent += " This row has no whole answer yet.";
    return;
  }
  const name = prompt("Your name, for the file's name", "judge");
  if (name === null) return;
  const found = Object.fromEntries(answers.map((each, index) => [String(index + 1), each]));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(found)], {type: "application/json"}));
  link.download = `${STUDY.title} ${name}.json`.replace(/[^\p{L}\p{N}.]+/gu, "_");
  link.click();
}

element("keys").textContent = (ranking
  ? "Keys: letters in the order of your ranking, best first; Backspace takes the last one back; "
  : "Keys: the letter of the artist's sprite; Backspace takes it back; ") +
  "Enter or → goes on, ← goes back. A click on a sprite is its letter. " +
  "Save the answers when all rows have one.";
element("back").onclick = () => go(-1);
element("next").onclick = () => go(1);
element("undo").onclick = undo;
element("save").onclick = save;
document.onkeydown = event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const actions = {Enter: () => go(1), ArrowRight: () => go(1), ArrowLeft: () => go(-1),
    Backspace: undo};
  const action = actions[event.key] ||
    (event.key.length === 1 ? () => choose(event.key.toUpperCase()) : null);
  if (!action) return;
  event.preventDefault();
  action();
};
show();
