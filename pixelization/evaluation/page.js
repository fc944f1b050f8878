// Sorting, zoom and the viewer of a report's page; it is put into the page itself.
const all = (query, root = document) => [...root.querySelectorAll(query)];
for (const image of all("img[data-same]")) {
  image.src = document.getElementById(image.dataset.same).src;
}

for (const head of all(".numbers thead th")) head.onclick = () => {
  const down = head.getAttribute("aria-sort") === "ascending";
  const body = head.closest("table").tBodies[0];
  all("th[aria-sort]", head.parentNode).forEach(each => each.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const key = row => row.cells[head.cellIndex].dataset.value;
  const order = (a, b) => a === "" || b === ""
    ? (a === "") - (b === "")  // nothing goes last, both ways
    : (down ? -1 : 1) * (isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b);
  body.append(...[...body.rows].sort((a, b) => order(key(a), key(b))));
};

document.getElementById("zoom").onchange = event =>
  document.body.style.setProperty("--zoom", event.target.value);

const [sheet, picture, left, right] = ["sheet", "picture", "left", "right"].map(
  id => document.getElementById(id));
const fill = (select, names, wanted) => {
  select.replaceChildren(...names.map((name, i) => new Option(name, i)));
  const at = names.indexOf(wanted);
  if (at >= 0) select.selectedIndex = at;
};
const chosen = select => select.selectedOptions[0] && select.selectedOptions[0].text;
const show = () => {
  const row = all("tbody tr", all(".sheet")[sheet.value])[picture.value];
  const made = all("td.made", row);
  const cells = [...all("td.given", row), made[left.value], made[right.value]];
  const width = (document.body.clientWidth - 12 * cells.length) / cells.length;
  const fitting = Math.min(width / row.dataset.width, 640 / row.dataset.height);
  const zoom = Math.max(1, Math.floor(fitting));
  document.getElementById("panels").replaceChildren(...cells.map(cell => {
    const [panel, caption] = [0, 1].map(() => document.createElement("div"));
    const image = cell.querySelector("img").cloneNode();
    panel.className = "panel"; caption.textContent = image.alt; image.removeAttribute("id");
    image.style.width = zoom * row.dataset.width + "px";
    panel.append(caption, image);
    return panel;
  }));
};
const refill = () => {
  const table = all(".sheet")[sheet.value];
  const rows = all("tbody tr", table);
  const before = [picture, left, right].map(chosen);
  fill(picture, rows.map(row => row.dataset.name), before[0]);
  const methods = all("td.made", rows[0]).map(cell => cell.dataset.method);
  fill(left, methods, before[1]);
  fill(right, methods, before[2] || methods[methods.length - 1]);
  show();
};
fill(sheet, all(".sheet").map(each => each.dataset.title));
sheet.onchange = refill;
for (const select of [picture, left, right]) select.onchange = show;
window.onresize = show;
refill();
