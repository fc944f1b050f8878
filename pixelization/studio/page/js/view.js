/** The canvas: sprite, source, divider, grid; zoom and pan. Knows pointers; changes no picture. */

const MARGIN = 16; // CSS pixels around a picture that is fitted
const LINES_FROM = 6; // device pixels of a cell from which the grid of cells is drawn
const CHECK = 8; // CSS pixels of a square of the ground under transparency
const NEAR = 14; // CSS pixels around the divider in which it is taken hold of
const GHOST = 0.35; // opacity of the frame before, as an onion skin
const GRIP = 5; // CSS pixels around a line of the grid in which it is taken hold of
const HANDLE = 12; // CSS pixels, radius of what the divider is taken hold of by
const MOST = 128; // device pixels of a cell

export class View {
  /** `onstroke(kind, x, y)` is told of cells that a painting tool touches, `onchange` when zoom or
   * divider have moved, `oncell(width, height)` when a line of the grid was dragged,
   * `onpick(x, y)` of a pixel of the original that was asked for. */
  constructor(container, { onstroke, onchange, oncell, onpick }) {
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "The result");
    this.canvas.tabIndex = 0;
    container.append(this.canvas);
    Object.assign(this, {
      onstroke, onchange, oncell, onpick, ghost: null, sprite: null, source: null, cell: [1, 1],
      corner: [0, 0], zoom: null, pan: [0, 0], split: 0, lines: false, found: null,
      painting: false, picking: false, tiles: null, others: [], caption: "",
    });
    this.pointers = new Map();
    new ResizeObserver(() => this.draw()).observe(container);
    this.#listen();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  /** Show a sprite, a canvas of one pixel per cell, whose cells are so large in the source and
   * begin there at `corner`. */
  show(sprite, cell, corner) {
    const resized = sprite?.width !== this.sprite?.width || sprite?.height !== this.sprite?.height;
    this.sprite = sprite;
    this.cell = cell;
    this.corner = corner;
    if (resized && this.zoom === null) this.pan = [0, 0];
    this.draw();
  }

  /** Set `zoom` (null fits), `split` (0 to 1), `source`, `lines`, `found`, `ghost`, `painting`,
   * `others` (what stands beside the sprite: {canvas, told}), `caption` (of the sprite then),
   * `tiles` (rectangles on the original), `picking` (a pixel of the original, which is then shown alone). */
  set(options) {
    if ("zoom" in options && options.zoom === null) this.pan = [0, 0];
    const dragged = this.action === "line" ? this.found : null;
    Object.assign(this, options);
    if (dragged) this.found = dragged; // whatever else is drawn anew meanwhile
    this.canvas.className = this.painting || this.picking ? "pencil" : "hand";
    this.draw();
  }

  /** Where the picture is, in device pixels. */
  layout() {
    const { ratio, width, height, left, top, across, down } = this.#pane(0);
    const [columns, rows] = this.#size();
    const zoom = this.zoom ?? fitting(columns, rows, across, down, ratio);
    const x = Math.round(left + (across - columns * zoom) / 2 + this.pan[0]);
    const y = Math.round(top + (down - rows * zoom) / 2 + this.pan[1]);
    return { ratio, width, height, columns, rows, zoom, x, y };
  }

  /** The part of the canvas that the sprite has, or one of the others, in device pixels. */
  #pane(index) {
    const ratio = devicePixelRatio || 1;
    const width = Math.round(this.canvas.clientWidth * ratio);
    const height = Math.round(this.canvas.clientHeight * ratio);
    const count = 1 + this.others.length;
    const wide = width >= height;
    const columns = count > 2 || (count === 2 && wide) ? 2 : 1;
    const rows = Math.ceil(count / columns);
    const across = width / columns;
    const down = height / rows;
    const left = (index % columns) * across;
    const top = Math.floor(index / columns) * down;
    return { ratio, width, height, left, top, across, down };
  }

  /** Where another one lies: as large as the sprite, and moved along with it. */
  #beside(index) {
    const { canvas, told } = this.others[index - 1];
    const { ratio, left, top, across, down } = this.#pane(index);
    const { width: columns, height: rows } = canvas;
    const same = this.layout();
    const zoom = this.zoom === null
      ? fitting(columns, rows, across, down, ratio)
      : whole((same.zoom * same.columns) / columns);
    return {
      zoom, ratio, canvas, told, left, top, across, down,
      x: Math.round(left + (across - columns * zoom) / 2 + this.pan[0]),
      y: Math.round(top + (down - rows * zoom) / 2 + this.pan[1]),
    };
  }

  /** Zoom by a step in or out, towards a point in CSS pixels, or the middle. */
  step(direction, point) {
    const before = this.layout();
    const steps = before.zoom >= 1 ? before.zoom : -Math.round(1 / before.zoom) + 2;
    const jump = before.zoom >= 12 ? Math.ceil(before.zoom / 6) : 1;
    const next = direction > 0 ? steps + jump : steps - jump;
    const zoom = next >= 1 ? Math.min(MOST, next) : 1 / Math.min(16, 2 - next);
    const [px, py] = point
      ? point.map((value) => value * before.ratio)
      : [before.width / 2, before.height / 2];
    const moved = [(px - before.x) / before.zoom, (py - before.y) / before.zoom];
    this.zoom = zoom;
    const after = this.layout();
    this.pan[0] += px - moved[0] * zoom - after.x;
    this.pan[1] += py - moved[1] * zoom - after.y;
    this.draw();
  }

  draw() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = null;
      this.#paint();
    });
  }

  #size() {
    const shown = this.sprite ?? this.source;
    return shown ? [shown.width, shown.height] : [1, 1];
  }

  #paint() {
    const { ratio, width, height, columns, rows, zoom, x, y } = this.layout();
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    if (zoom !== this.told?.zoom || this.split !== this.told?.split) {
      this.told = { zoom, split: this.split };
      this.onchange();
    }
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, width, height);
    if (!this.sprite && !this.source) return;
    context.save();
    if (this.others.length) this.#clip(context, this.#pane(0));
    const [w, h] = [columns * zoom, rows * zoom];
    this.#ground(context, x, y, w, h, ratio);
    if (this.sprite) {
      context.imageSmoothingEnabled = zoom < 1;
      context.drawImage(this.sprite, x, y, w, h);
      if (this.ghost) {
        context.globalAlpha = GHOST;
        context.drawImage(this.ghost, x, y, w, h);
        context.globalAlpha = 1;
      }
      if (this.lines && zoom >= LINES_FROM) this.#cells(context, x, y, columns, rows, zoom);
    }
    if (this.source && (this.#shared > 0 || !this.sprite)) this.#before(context, x, y, w, h, zoom, ratio);
    if (this.sprite && this.source && !this.picking) this.#divider(context, x, y, w, h, ratio);
    context.restore();
    if (!this.others.length) return;
    this.#label(context, this.#pane(0), this.caption, true);
    for (const place of this.placesBeside()) this.#other(context, place);
  }

  /** Where the others lie, in device pixels. */
  placesBeside() {
    return this.others.map((_, index) => this.#beside(index + 1));
  }

  #clip(context, { left, top, across, down }) {
    context.beginPath();
    context.rect(left, top, across, down);
    context.clip();
  }

  #other(context, place) {
    const { canvas, told, zoom, x, y, ratio } = place;
    const [w, h] = [canvas.width * zoom, canvas.height * zoom];
    context.save();
    this.#clip(context, place);
    this.#ground(context, x, y, w, h, ratio);
    context.imageSmoothingEnabled = zoom < 1;
    context.drawImage(canvas, x, y, w, h);
    if (this.lines && zoom >= LINES_FROM)
      this.#cells(context, x, y, canvas.width, canvas.height, zoom);
    context.restore();
    this.#label(context, place, told);
  }

  /** What settings a pane shows, at its foot; and its border. */
  #label(context, { left, top, across, down, ratio }, told, chosen = false) {
    context.strokeStyle = resolved(chosen ? "--accent" : "--line");
    context.lineWidth = ratio;
    context.strokeRect(left, top, across, down);
    context.font = `${12 * ratio}px system-ui, sans-serif`;
    const height = 22 * ratio;
    const width = Math.min(across, context.measureText(told).width + 16 * ratio);
    context.fillStyle = resolved(chosen ? "--accent" : "--surface");
    context.fillRect(left, top + down - height, width, height);
    context.fillStyle = resolved(chosen ? "--on-accent" : "--text");
    context.fillText(told, left + 8 * ratio, top + down - 7 * ratio, across - 16 * ratio);
  }

  /** The share of the original, from the left. */
  get #shared() {
    return this.picking ? 1 : this.split;
  }

  #ground(context, x, y, w, h, ratio) {
    const side = Math.max(1, Math.round(CHECK * ratio));
    const tile = new OffscreenCanvas(2 * side, 2 * side);
    const part = tile.getContext("2d");
    part.fillStyle = resolved("--check-a");
    part.fillRect(0, 0, 2 * side, 2 * side);
    part.fillStyle = resolved("--check-b");
    part.fillRect(side, 0, side, side);
    part.fillRect(0, side, side, side);
    context.fillStyle = context.createPattern(tile, "repeat");
    context.fillRect(x, y, w, h);
  }

  #cells(context, x, y, columns, rows, zoom) {
    context.fillStyle = "rgb(128 128 128 / .55)";
    for (let column = 1; column < columns; column++)
      context.fillRect(x + column * zoom, y, 1, rows * zoom);
    for (let row = 1; row < rows; row++)
      context.fillRect(x, y + row * zoom, columns * zoom, 1);
  }

  /** Where the source lies under the sprite: trimmed and padded sprites are centred on it. */
  sourceRectangle() {
    const { x, y, columns, rows, zoom } = this.layout();
    if (!this.sprite) return [x, y, columns * zoom, rows * zoom];
    const w = (this.source.width / this.cell[0]) * zoom;
    const h = (this.source.height / this.cell[1]) * zoom;
    const [right, down] = this.corner.map((pixels, axis) => (pixels / this.cell[axis]) * zoom);
    return [x + (columns * zoom - w) / 2 - right, y + (rows * zoom - h) / 2 - down, w, h];
  }

  #before(context, x, y, w, h, zoom, ratio) {
    context.save();
    const [sx, sy, sw, sh] = this.sourceRectangle();
    context.beginPath();
    context.rect(x, y, this.sprite ? w * this.#shared : w, h);
    context.clip();
    this.#ground(context, x, y, w, h, ratio);
    context.imageSmoothingEnabled = sw < 2 * this.source.width;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.source, sx, sy, sw, sh);
    if (this.found) this.#found(context, sx, sy, sw / this.source.width, sh / this.source.height, ratio);
    if (this.tiles) this.#tiles(context, sx, sy, sw / this.source.width, sh / this.source.height, ratio);
    context.restore();
  }

  #tiles(context, x, y, across, down, ratio) {
    context.strokeStyle = "rgb(255 0 128 / .8)";
    context.lineWidth = ratio;
    for (const [left, top, width, height] of this.tiles)
      context.strokeRect(x + left * across, y + top * down, width * across, height * down);
  }

  /** The grid that was found, in pixels of the source. */
  #found(context, x, y, across, down, ratio) {
    const { cell, phase } = this.found;
    if (cell[0] * across < 3) return;
    context.fillStyle = "rgb(255 0 128 / .8)";
    for (let at = phase[0]; at <= this.source.width; at += cell[0])
      context.fillRect(Math.round(x + at * across), y, ratio, this.source.height * down);
    for (let at = phase[1]; at <= this.source.height; at += cell[1])
      context.fillRect(x, Math.round(y + at * down), this.source.width * across, ratio);
  }

  #divider(context, x, y, w, h, ratio) {
    if (this.split > 0 && this.split < 1) {
      const line = Math.round(x + w * this.split);
      context.fillStyle = "rgb(0 0 0 / .55)";
      context.fillRect(line - 2 * ratio, y, 4 * ratio, h);
      context.fillStyle = "#fff";
      context.fillRect(line - ratio, y, 2 * ratio, h);
    }
    const at = this.#handle(x, w, ratio);
    const middle = y + h / 2;
    context.beginPath();
    context.arc(at, middle, (HANDLE - 1) * ratio, 0, 2 * Math.PI);
    context.fillStyle = "#fff";
    context.fill();
    context.strokeStyle = "rgb(0 0 0 / .55)";
    context.lineWidth = ratio;
    context.stroke();
    context.fillStyle = "#223";
    for (const side of [-1, 1]) {
      context.beginPath();
      context.moveTo(at + side * 7 * ratio, middle);
      context.lineTo(at + side * 3 * ratio, middle - 4 * ratio);
      context.lineTo(at + side * 3 * ratio, middle + 4 * ratio);
      context.fill();
    }
  }

  /** Where the divider is taken hold of; at both ends that is beside the picture. */
  #handle(x, w, ratio) {
    return Math.round(x + w * this.split + (2 * this.split - 1) * HANDLE * ratio);
  }

  /** The cell at a point of the page, perhaps outside. */
  cellAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const { ratio, zoom, x, y } = this.layout();
    return [
      Math.floor(((event.clientX - box.left) * ratio - x) / zoom),
      Math.floor(((event.clientY - box.top) * ratio - y) / zoom),
    ];
  }

  #listen() {
    const canvas = this.canvas;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const kind of ["pointerup", "pointercancel"])
      canvas.addEventListener(kind, (event) => this.#up(event));
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.step(event.deltaY < 0 ? 1 : -1, [event.offsetX, event.offsetY]);
      },
      { passive: false },
    );
  }

  #down(event) {
    if (!this.sprite) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.pointers.size === 2) {
      if (this.action === "stroke") this.onstroke("end");
      this.action = "pinch";
      this.spread = this.#spread();
      return;
    }
    if (event.button === 1 || event.button === 2) this.action = "pan";
    else if (this.picking) this.action = "pick";
    else if (this.#nearDivider(event)) this.action = "split";
    else if (this.#takeLine(event)) this.action = "line";
    else this.action = this.painting ? "stroke" : "pan";
    if (this.action === "stroke") {
      this.stroked = this.cellAt(event);
      this.onstroke("start", ...this.stroked);
    }
  }

  /** A place on the canvas in pixels of the source, and how many device pixels each has. */
  #inSource(event) {
    const box = this.canvas.getBoundingClientRect();
    const { ratio } = this.layout();
    const [x, y, w, h] = this.sourceRectangle();
    const scale = [w / this.source.width, h / this.source.height];
    return {
      at: [
        ((event.clientX - box.left) * ratio - x) / scale[0],
        ((event.clientY - box.top) * ratio - y) / scale[1],
      ],
      scale, ratio,
    };
  }

  /** Take hold of a line of the grid that was found. */
  #takeLine(event) {
    this.line = this.#lineAt(event);
    return Boolean(this.line);
  }

  /** The line of the grid at the pointer, on the side of the original. */
  #lineAt(event) {
    if (!this.found || this.painting || !this.source) return null;
    const { at, scale, ratio } = this.#inSource(event);
    const [column] = this.cellAt(event);
    if (column >= this.sprite.width * this.split) return null;
    const { cell, phase } = this.found;
    const away = [0, 1].map((axis) => {
      const line = Math.round((at[axis] - phase[axis]) / cell[axis]);
      const pixels = Math.abs(phase[axis] + line * cell[axis] - at[axis]) * scale[axis];
      return { axis, line, pixels: line >= 2 ? pixels / ratio : Infinity };
    });
    const nearest = away[0].pixels <= away[1].pixels ? away[0] : away[1];
    return nearest.pixels > GRIP ? null : nearest;
  }

  /** Show by the pointer what can be dragged here. */
  #hover(event) {
    let cursor = "";
    if (this.sprite && !this.picking) {
      if (this.#nearDivider(event)) cursor = "ew-resize";
      else if (this.#lineAt(event)) cursor = ["col-resize", "row-resize"][this.#lineAt(event).axis];
    }
    this.canvas.style.cursor = cursor;
  }

  #nearDivider(event) {
    if (!this.source) return false;
    const box = this.canvas.getBoundingClientRect();
    const { ratio, columns, rows, zoom, x, y } = this.layout();
    const middle = box.top + (y + (rows * zoom) / 2) / ratio;
    const onHandle = Math.abs(event.clientY - middle) <= NEAR;
    const handle = box.left + this.#handle(x, columns * zoom, ratio) / ratio;
    const line = box.left + (x + columns * zoom * this.split) / ratio;
    const free = this.split > 0 && this.split < 1 && !this.painting;
    return (
      (onHandle && Math.abs(event.clientX - handle) <= NEAR) ||
      (free && Math.abs(event.clientX - line) <= NEAR)
    );
  }

  #move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      this.#hover(event);
      return;
    }
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    const { ratio, columns, zoom, x } = this.layout();
    if (this.action === "pinch") {
      const spread = this.#spread();
      if (spread > this.spread * 1.15 || spread < this.spread / 1.15) {
        this.step(spread > this.spread ? 1 : -1);
        this.spread = spread;
      }
    } else if (this.action === "split") {
      const box = this.canvas.getBoundingClientRect();
      const at = ((event.clientX - box.left) * ratio - x) / (columns * zoom);
      this.set({ split: Math.min(1, Math.max(0, at)) });
    } else if (this.action === "line") {
      const { axis, line } = this.line;
      const cell = [...this.found.cell];
      cell[axis] = Math.max(1, (this.#inSource(event).at[axis] - this.found.phase[axis]) / line);
      this.found = { ...this.found, cell };
      this.draw();
    } else if (this.action === "pick") {
      // where the pointer is let go counts
    } else if (this.action === "stroke") {
      const to = this.cellAt(event);
      for (const [column, line] of between(this.stroked, to)) this.onstroke("move", column, line);
      this.stroked = to;
    } else {
      this.zoom ??= zoom;
      this.pan[0] += (event.clientX - before[0]) * ratio;
      this.pan[1] += (event.clientY - before[1]) * ratio;
      this.draw();
    }
  }

  #up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (this.action === "stroke") this.onstroke("end");
    if (this.action === "line") this.oncell(...this.found.cell);
    if (this.action === "pick") this.#pick(event);
    if (!this.pointers.size) this.action = null;
    else if (this.action === "pinch") this.action = "pan";
  }

  #pick(event) {
    const [x, y] = this.#inSource(event).at;
    const { width, height } = this.source;
    if (x >= 0 && y >= 0 && x < width && y < height) this.onpick(x, y);
  }

  #spread() {
    const [[ax, ay], [bx, by]] = [...this.pointers.values()];
    return Math.hypot(ax - bx, ay - by);
  }
}

/** The largest whole zoom, or whole part, at which so many cells fit. */
function fitting(columns, rows, across, down, ratio) {
  const margin = 2 * MARGIN * ratio;
  const room = Math.max(1 / 64, Math.min((across - margin) / columns, (down - margin) / rows));
  return room >= 1 ? Math.min(MOST, Math.floor(room)) : 1 / Math.ceil(1 / room);
}

/** The nearest zoom that has whole pixels. */
function whole(zoom) {
  return zoom >= 1 ? Math.round(zoom) : 1 / Math.round(1 / zoom);
}

/** A custom property that is a colour, as canvas takes it: light-dark() is resolved. */
function resolved(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

/** The cells on the way from one to another, without the first. */
function between([x, y], [toX, toY]) {
  const steps = Math.max(Math.abs(toX - x), Math.abs(toY - y));
  return Array.from({ length: steps }, (_, index) => [
    Math.round(x + ((toX - x) * (index + 1)) / steps),
    Math.round(y + ((toY - y) * (index + 1)) / steps),
  ]);
}
