/** A small picture that plays tiles of a sheet one after another. Knows rectangles and times. */

const SHOWN = 120; // CSS pixels of the longer side, at most
const USUAL = 100; // milliseconds of a tile that does not say how long

export class TagPlayer {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "strip-player";
    this.canvas.setAttribute("role", "img");
    this.timer = null;
    this.step = 0;
    this.tag = null;
  }

  /** Play a tag of a sheet: {name, tiles, durations}, with rectangles of all tiles. */
  load(sheet, rectangles, tag) {
    const same = this.tag?.name === tag?.name;
    Object.assign(this, { sheet, rectangles, tag });
    this.canvas.setAttribute("aria-label", tag ? `The animation ${tag.name}` : "");
    if (!same) this.step = 0;
    clearTimeout(this.timer);
    this.timer = null;
    if (tag) this.#show();
  }

  #show() {
    const { sheet, rectangles, tag } = this;
    this.step %= tag.tiles.length;
    const [x, y, width, height] = rectangles[tag.tiles[this.step]];
    this.canvas.width = width;
    this.canvas.height = height;
    const zoom = Math.max(1, Math.floor(SHOWN / Math.max(width, height)));
    this.canvas.style.width = `${width * zoom}px`;
    this.canvas.getContext("2d").drawImage(sheet, x, y, width, height, 0, 0, width, height);
    if (tag.tiles.length < 2) return;
    this.timer = setTimeout(() => {
      this.step += 1;
      if (this.canvas.isConnected) this.#show();
    }, tag.durations[this.step] ?? USUAL);
  }
}
