/** Painting single cells: pencil, eraser, fill, picker. Knows strokes; keeps nothing but the tool. */

import { area, colorAt } from "./raster.js";

export class Painter {
  /** `host` has `frame`, `canvas` (of the frame), `paint()` and `commit(cells)`. */
  constructor(host) {
    this.host = host;
    this.tool = "hand"; // or "pencil", "eraser", "fill", "picker"
    this.color = "000000";
    this.cells = null;
  }

  get painting() {
    return this.tool !== "hand";
  }

  stroke(kind, x, y) {
    if (kind === "end") {
      if (this.cells && Object.keys(this.cells).length) this.host.commit(this.cells);
      this.cells = null;
      return;
    }
    const canvas = this.host.canvas;
    if (!canvas || x < 0 || y < 0 || x >= canvas.width || y >= canvas.height) return;
    if (kind === "start") this.cells = {};
    if (this.tool === "picker") {
      const found = colorAt(canvas, x, y);
      if (found) this.host.picked(found);
      return;
    }
    const color = this.tool === "eraser" ? "" : this.color;
    const touched = this.tool === "fill" ? (kind === "start" ? area(canvas, x, y) : []) : [[x, y]];
    for (const [column, line] of touched) {
      if (colorAt(canvas, column, line) === color) continue;
      this.cells[`${this.host.frame},${column},${line}`] = color;
    }
    this.host.preview(this.cells);
  }
}
