/** The page's state and what can be done: pictures, results, saving. Draws through `render`. */

import * as api from "./api.js";
import { download } from "./dom.js";
import { Painter } from "./paint.js";
import { Player } from "./player.js";
import * as raster from "./raster.js";
import { DEFAULTS, edits, fromStyle, request } from "./settings.js";
import { Store } from "./store.js";
import { TagPlayer } from "./tags.js";

const STYLES = /\.ya?ml$/i; // names of style files
const SHEETS = /\.json$/i; // names of what describes a sheet
const PINS = 4; // results that are kept to compare
const OPEN = "pictures"; // where a tab keeps which pictures are open in it
const CLOSED = "closed"; // where it keeps which of those that every tab begins with are not
const WAIT = 15; // milliseconds after a change before the server is asked

/** Whether two states are the same settings. */
export const alike = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** A list that this tab keeps; empty before it has kept any. */
const stored = (key) => JSON.parse(sessionStorage.getItem(key) ?? "[]");

/** A size of cells as it is written in options. */
export const cellText = (cell) => cell.map((side) => Number(side.toFixed(3))).join("x");

export class App {
  constructor() {
    this.about = null;
    this.pictures = []; // as the server describes them, each with `thumb`, an address
    this.picture = null;
    this.source = null; // the bitmap of the current picture
    this.originals = new Map(); // bitmaps of its frames that were shown, by their numbers
    this.result = null; // as the server describes it
    this.frames = []; // canvases of the result, with what was painted
    this.bare = []; // the same without
    this.used = null; // [["rrggbb", cells]]
    this.chosen = null; // a colour whose editor is open
    this.grid = null;
    this.fitted = null; // the grid of the size of cells that is set, with its `text`
    this.candidates = [];
    this.hint = null; // that the picture is pixel art already
    this.error = null;
    this.making = this.loading = this.busy = false;
    this.working = 0; // how many other things are being done
    this.sideBySide = false; // whether kept results stand beside the one that is shown
    this.merging = false; // whether a click on a colour merges the chosen one into it
    this.byHue = false; // whether colours are shown in ramps
    this.picking = false; // whether a click on the original takes the background's colour
    this.pins = []; // results to compare: {state, canvas, told}
    this.saving = { scale: 8, suffix: ".gpl" };
    this.render = () => {};
    this.say = () => {};
    this.defaults = DEFAULTS;
    this.store = new Store({ ...DEFAULTS });
    this.store.subscribe((state, before) => this.#changed(state, before));
    this.player = new Player(() => this.render("frame"));
    this.tagPlayer = new TagPlayer();
    this.tag = null; // the name of the tag that is played
    this.painter = new Painter(this.#paintHost());
    this.set = (patch, kind) => this.store.set(patch, kind);
    this.slide = (patch) => {
      this.sliding = true;
      this.store.set(patch);
    };
    for (const name of ["save", "saveAll", "savePalette", "saveSheet", "saveStyle", "copyCommand",
      "copyPicture", "takePalette", "sharePalette", "openPalette", "openStyle", "choose",
      "recolor", "pick", "pin", "setSaving", "playTag"])
      this[name] = this[name].bind(this);
  }

  get state() {
    return this.store.state;
  }

  get painted() {
    return this.result ? edits(this.#ownPaint(), this.result).length : 0;
  }

  /** Whether the result is an animation. */
  get moving() {
    return Boolean(this.picture?.moving && !this.state.tiles);
  }

  /** What the command writes without being told: animations keep their format. */
  get format() {
    return this.moving ? this.picture.format : "png";
  }

  /** Begin with what is open in this tab, and with what the studio was started with. */
  async start() {
    this.about = await api.about();
    const { style, model } = this.about.start;
    this.store.reset({ ...DEFAULTS, model, ...fromStyle(style, this.about.palettes) });
    const open = new Set([...this.about.start.pictures, ...stored(OPEN)]);
    for (const id of stored(CLOSED)) open.delete(id);
    for (const each of await api.pictures()) if (open.has(each.id)) this.#take(each);
    if (this.pictures.length) await this.select(this.pictures[0]);
    this.render("all");
  }

  /** Hand files to the server, and show the first of them. */
  async open(files) {
    let first = null;
    this.#work(1);
    const described = files.filter(({ name }) => SHEETS.test(name));
    for (const file of files) {
      if (described.includes(file)) continue;
      if (STYLES.test(file.name)) {
        await this.openStyle(file);
        continue;
      }
      try {
        const taken = this.#take(await api.addPicture(file));
        first ??= taken;
      } catch (error) {
        const name = `${file.name}: `;
        this.#fail(error, error.message.startsWith(name) ? "" : name);
      }
    }
    for (const file of described) await this.openSheet(file, first);
    this.#work(-1);
    if (first) await this.select(first);
  }

  /** Take the tiles of a sheet from its JSON: of the picture of that name, or the one in sight. */
  async openSheet(file, first = null) {
    const stem = (name) => name.replace(/\.[^.]*$/, "");
    const picture = this.pictures.find(({ name }) => stem(name) === stem(file.name))
      ?? first ?? this.picture;
    await this.#try(async () => {
      if (!picture) throw new Error(`${file.name}: open its picture, too`);
      Object.assign(picture, await api.describeSheet(picture.id, file));
      if (this.state.tiles === "auto") this.refresh();
      else this.set({ tiles: "auto" });
    });
  }

  /** Take up what the server described; its pixels come while a result is being made. */
  #take(described) {
    const known = this.pictures.find((each) => each.id === described.id);
    if (known) return Object.assign(known, described);
    const taken = { ...described, thumb: null, blob: api.picture(described.id) };
    taken.blob
      .then((blob) => {
        taken.thumb = URL.createObjectURL(blob);
        this.render("settings");
      })
      .catch((error) => this.#fail(error));
    this.pictures.push(taken);
    this.#remember();
    return taken;
  }

  /** Keep which pictures are open: a reload opens them again, another tab does not. */
  #remember() {
    const open = this.pictures.map(({ id }) => id);
    const closed = this.about.start.pictures.filter((id) => !open.includes(id));
    sessionStorage.setItem(OPEN, JSON.stringify(open));
    sessionStorage.setItem(CLOSED, JSON.stringify(closed));
  }

  async select(picture) {
    this.player.pause();
    Object.assign(this, {
      picture, source: null, result: null, frames: [], bare: [], used: null, chosen: null,
      grid: null, fitted: null, candidates: [], hint: null, error: null, pins: [],
      picking: false, originals: new Map(),
    });
    this.render("all");
    await Promise.all([this.refresh(), this.#showSource(picture)]);
  }

  async #showSource(picture) {
    this.loading = true;
    try {
      const source = await raster.decode(await picture.blob);
      if (this.picture === picture) this.source = source;
      this.originals.set(0, source);
    } catch (error) {
      if (this.picture === picture) this.#fail(error);
    }
    if (this.picture !== picture) return;
    this.loading = false;
    this.#busy(this.making);
    this.render("frame");
    if (this.result) this.#look(picture, this.state.tool);
  }

  /** Show the frame of the original that belongs to the frame of the result. */
  async showSourceFrame() {
    const { picture, originals } = this;
    const { frame } = this.player;
    if (!picture?.moving || !this.source || !this.result) return;
    const number = this.state.tiles ? 0 : frame;
    if (!originals.has(number)) {
      originals.set(number, null); // it is on its way
      try {
        originals.set(number, await raster.decode(await api.picture(picture.id, number)));
      } catch {
        return; // the result says what is wrong with the picture
      }
    }
    const found = originals.get(number);
    if (this.picture !== picture || this.player.frame !== frame || !found) return;
    if (this.source === found) return;
    this.source = found;
    this.render("frame");
  }

  /** Close a picture here. The server keeps it: the same file may be open in another tab. */
  close(picture) {
    URL.revokeObjectURL(picture.thumb);
    this.pictures = this.pictures.filter((each) => each !== picture);
    this.#remember();
    if (this.picture !== picture) this.render("all");
    else if (this.pictures.length) this.select(this.pictures[0]);
    else {
      this.running?.abort();
      Object.assign(this, { picture: null, source: null, result: null, frames: [], error: null });
      this.loading = false;
      this.#busy(false);
      this.render("all");
    }
  }

  #changed(state, before) {
    const asked = JSON.stringify({ ...state, paint: null });
    if (asked !== JSON.stringify({ ...before, paint: null })) {
      this.chosen = null;
      this.merging = false;
      clearTimeout(this.timer);
      this.#busy(Boolean(this.picture));
      this.timer = setTimeout(() => this.refresh(), WAIT);
    }
    if (state.paint !== before.paint) this.#paint();
    this.render(this.sliding ? "slide" : "settings");
  }

  /** Ask for the result of the settings as they are; an answer to older ones is dropped. */
  async refresh() {
    const { picture, state } = this;
    clearTimeout(this.timer);
    if (!picture) return;
    this.running?.abort();
    const running = (this.running = new AbortController());
    this.#busy(true);
    try {
      const result = await api.sprite(
        { picture: picture.id, ...request(state) },
        { signal: running.signal, onprogress: (done) => this.#progress(done) },
      );
      const bare = await Promise.all(
        result.frames.map(async ({ png }) =>
          raster.canvasOf(await raster.decode(raster.pngBlob(png)))),
      );
      if (running.signal.aborted) return;
      Object.assign(this, { result, bare, error: null });
      this.player.load(result.frames.map(({ duration }) => duration));
      this.#paint();
      this.say(`${picture.name}: ${result.width} × ${result.height}`);
    } catch (error) {
      if (running.signal.aborted) return;
      if (error.grid) this.#takeGrid(error.grid);
      this.#fail(error);
    }
    this.#busy(false);
    this.render("result");
    this.#look(picture, state.tool);
    this.#fit(picture, state);
  }

  /** Where cells of the size that is set begin, to draw them over the original. */
  async #fit(picture, { tool, sizing, cell }) {
    if (tool === "pixelize" || sizing !== "cell" || this.error) return;
    try {
      const fitted = { ...(await api.grid(picture.id, cell)), text: cell };
      if (this.picture !== picture) return;
      this.fitted = fitted;
      this.render("frame");
    } catch {
      // The result says what is wrong with the size.
    }
  }

  #progress(done) {
    const { frames, moving } = this.picture;
    if (moving) this.say(`frame ${done}${frames ? ` of ${frames}` : ""}…`);
  }

  /** Look for a grid where that helps: to show it, or to tell that there is one. */
  async #look(picture, tool) {
    if (this.looking === picture.id || this.grid || !this.source) return;
    if (tool === "pixelize" && !this.#looksDrawnInCells(picture)) return;
    this.looking = picture.id;
    try {
      const grid = await api.grid(picture.id);
      if (this.picture !== picture) return;
      this.hint = grid.sure && !grid.native && this.state.tool === "pixelize" ? grid : null;
      this.#takeGrid(grid);
      this.render("result");
    } catch {
      // The result says what is wrong with the picture.
    } finally {
      this.looking = null;
    }
  }

  /** Whether it is worth a look, which takes seconds: as the commands decide it. */
  #looksDrawnInCells({ moving, width, height }) {
    const { advice_pixels: largest, advice_colors: most } = this.about.limits;
    return !moving && Math.max(width, height) <= largest && raster.hasFewColors(this.source, most);
  }

  #takeGrid(grid) {
    this.grid = grid;
    this.candidates = grid.candidates.slice(0, 6).map((each) => ({ ...each, canvas: null }));
    if (this.state.tool !== "pixelize") this.showCandidates();
  }

  /** Small pictures of what other grids give. */
  async showCandidates() {
    const { picture } = this;
    for (const each of this.candidates) {
      if (each.canvas || this.picture !== picture || Math.max(...each.size) > 512) continue;
      try {
        const style = { cell_size: cellText(each.cell) };
        each.canvas = await this.#made({ tool: "snap", style });
        if (this.picture === picture) this.render("result");
      } catch {
        continue; // such a grid gives nothing
      }
    }
  }

  /** What other settings give, without strokes. */
  preview(patch, signal) {
    return this.#made(request({ ...this.state, ...patch }), signal);
  }

  /** The first frame of what a request makes of the picture. */
  async #made(body, signal) {
    const made = await api.sprite({ picture: this.picture.id, ...body }, { signal });
    return raster.canvasOf(await raster.decode(raster.pngBlob(made.frames[0].png)));
  }

  /** Paint what is kept of strokes onto the bare frames. */
  #paint() {
    const { result } = this;
    if (!result) return;
    const cells = edits(this.#ownPaint(), result);
    this.frames = this.bare.map((canvas, frame) => {
      const own = cells.filter((each) => each.frame === frame);
      if (!own.length) return canvas;
      const copy = raster.canvasOf(canvas);
      for (const { x, y, color } of own) raster.putColor(copy, x, y, color);
      return copy;
    });
    this.used = raster.countColors(this.frames);
    this.render("frame");
  }

  /** The state, without strokes on another picture. */
  #ownPaint() {
    const { paint } = this.state;
    return paint?.picture === this.picture?.id ? this.state : { ...this.state, paint: null };
  }

  #paintHost() {
    const app = this;
    return {
      get frame() {
        return app.player.frame;
      },
      get canvas() {
        return app.frames[app.player.frame];
      },
      preview(cells) {
        const { frame } = app.player;
        if (app.frames[frame] === app.bare[frame])
          app.frames[frame] = raster.canvasOf(app.bare[frame]);
        for (const [where, color] of Object.entries(cells)) {
          const [, x, y] = where.split(",").map(Number);
          raster.putColor(app.frames[frame], x, y, color);
        }
        app.render("frame");
      },
      commit: (cells) => app.paint(cells),
      picked: (color) => app.pick(color),
    };
  }

  /** Keep painted cells: {"frame,x,y": "rrggbb" or ""}. */
  paint(cells, patch = {}) {
    const { width, height } = this.result;
    const own = edits(this.#ownPaint(), this.result).length ? this.state.paint.cells : {};
    const paint = { picture: this.picture.id, width, height, cells: { ...own, ...cells } };
    this.set({ ...patch, paint }, `paint ${performance.now()}`);
    this.render("settings");
  }

  /** Every cell of a colour, in all frames, painted in another one. */
  cellsAs(color, other) {
    const cells = {};
    this.frames.forEach((canvas, frame) => {
      for (const [x, y] of raster.cellsOf(canvas, color)) cells[`${frame},${x},${y}`] = other;
    });
    return color === other ? {} : cells;
  }

  /** Keep painted cells along with other settings, as one step. */
  recolor(cells, patch = {}) {
    this.chosen = null;
    if (Object.keys(cells).length) this.paint(cells, patch);
    else this.set(patch);
  }

  /** Draw with a colour from now on. */
  pick(color) {
    this.painter.color = color;
    if (!this.painter.painting || this.painter.tool === "picker") this.painter.tool = "pencil";
    this.render("tools");
  }

  /** Ask for a click on the background, or no longer. */
  pickBackground(picking = !this.picking) {
    this.picking = picking && Boolean(this.source);
    this.render("result");
  }

  pickedBackground(x, y) {
    const [width] = this.result?.cell_size ?? [1];
    const color = raster.colorAround(this.source, x, y, Math.round(width / 4));
    this.pickBackground(false);
    if (color) this.set({ background: true, backgroundColor: color });
    else this.say("this is transparent already");
  }

  /** Keep what is shown beside the canvas, with its settings; the oldest of many goes. */
  pin() {
    const canvas = raster.canvasOf(this.frames[this.player.frame]);
    this.pins = [...this.pins, { state: this.state, canvas, told: this.told }].slice(-PINS);
    this.render("settings");
  }

  /** What the result is, in a few words. */
  get told() {
    const { width, height, colors } = this.result ?? {};
    const { coloring, palette, dither } = this.state;
    const named = coloring === "list" && palette ? `, ${palette.name}` : "";
    const dithered = coloring !== "own" && dither !== "none" ? `, ${dither}` : "";
    return `${width} × ${height}, ${colors} colours${named}${dithered}`;
  }

  /** The kept results that are not what is shown. */
  get others() {
    return this.pins.filter(({ state }) => !alike(state, this.state)).slice(1 - PINS);
  }

  compare(sideBySide) {
    this.sideBySide = sideBySide;
    this.render("settings");
  }

  unpin(pin) {
    this.pins = this.pins.filter((each) => each !== pin);
    this.render("settings");
  }

  /** Give up what is being made. */
  stop() {
    this.running?.abort();
    this.#busy(false);
    this.say("stopped");
    this.render("result");
  }

  choose(color, { quiet } = {}) {
    this.chosen = color;
    this.merging = false;
    if (!quiet) this.render("settings");
  }

  /** Ask for a click on the colour that takes the place of the chosen one, or no longer. */
  merge() {
    this.merging = !this.merging;
    this.render("settings");
  }

  playTag(name) {
    this.tag = name;
    this.render("settings");
  }

  sortColors(byHue) {
    this.byHue = byHue;
    this.render("settings");
  }

  setSaving(patch) {
    Object.assign(this.saving, patch);
  }

  async openPalette(file) {
    await this.#try(async () => {
      const { name, colors } = await api.readPalette(file);
      if (colors.length > 256) throw new Error(`${file.name}: more than 256 colours`);
      this.set({ coloring: "list", palette: { name: name || file.name, colors } });
    });
  }

  /** Set all controls of a style as its file says. */
  async openStyle(file) {
    await this.#try(async () => {
      const { style } = await api.readStyle(file);
      this.set(fromStyle(style, this.about.palettes, this.state.tool));
      this.say(`${file.name}: the style is set`);
    });
  }

  /** One palette for all pictures that are open, of as many colours as are asked for. */
  async sharePalette() {
    this.#work(1);
    await this.#try(async () => {
      const { state } = this;
      const count = state.coloring === "count" ? state.count : (state.palette?.colors.length ?? 16);
      const asked = request({ ...state, coloring: "count", count });
      const pictures = this.pictures.map(({ id }) => id);
      const { colors } = await api.sharedPalette({ pictures, ...asked });
      this.set({ coloring: "list", palette: { name: "of all pictures", colors } });
    });
    this.#work(-1);
  }

  async takePalette() {
    await this.#try(async () => {
      const { colors } = await api.takePalette(this.picture.id, 16);
      this.set({ coloring: "list", palette: { name: "from the picture", colors } });
    });
  }

  #body(more = {}) {
    return {
      picture: this.picture.id,
      ...request(this.state),
      edits: edits(this.#ownPaint(), this.result),
      ...more,
    };
  }

  async save(options) {
    await this.#saveFile(() => api.spriteFile(this.#body(options)));
  }

  async saveSheet() {
    await this.#saveFile(() => api.sheetFile(this.#body({ edits: [] })));
  }

  async savePalette() {
    await this.#saveFile(() => api.paletteFile(this.#body({ suffix: this.saving.suffix })));
  }

  async saveAll() {
    const pictures = this.pictures.map(({ id }) => id);
    await this.#saveFile(() => api.batch({ pictures, format: "own", ...request(this.state) }));
  }

  saveStyle() {
    download(new Blob([this.result.style_file], { type: "text/yaml" }), "style.yaml");
    this.say("style.yaml is saved: use it with --cfg style.yaml");
  }

  async copyCommand() {
    await this.#try(async () => {
      await navigator.clipboard.writeText(this.result.command);
      this.say("the command is copied");
    });
  }

  async copyPicture() {
    await this.#try(async () => {
      const made = api.spriteFile(this.#body()).then(({ blob }) => blob);
      await navigator.clipboard.write([new ClipboardItem({ "image/png": made })]);
      this.say("the picture is copied");
    });
  }

  async #saveFile(make) {
    if (!this.result) return;
    this.#work(1);
    await this.#try(async () => {
      const { blob, name, remarks } = await make();
      download(blob, name);
      this.say([`${name} is saved`, ...remarks].join("; "));
    });
    this.#work(-1);
  }

  async #try(action) {
    try {
      await action();
    } catch (error) {
      this.#fail(error);
      this.render("result");
    }
  }

  #fail(error, before = "") {
    this.error = `${before}${error.message}`;
    this.say(this.error);
    this.render("result");
  }

  /** Whether a result is being made; the page is busy until the original is there, too. */
  #busy(making) {
    this.making = making;
    this.busy = making || this.loading || this.working > 0;
    this.render("busy");
  }

  /** Begin or end something beside the result: reading files, saving. */
  #work(by) {
    this.working += by;
    this.#busy(this.making);
  }
}
