/** What can be set, its defaults, and how the server is asked for it. Knows no element. */

export const DEFAULTS = {
  tool: "pixelize",
  model: null,
  sizing: "longest", // "longest", "exact", "cell" or "auto", which only finding a grid has
  longest: 64,
  width: 64,
  height: null,
  cell: "8",
  offset: "", // "0.5x0.25": of the grid, in cells; "": it begins at the corner
  symmetric: false, // in place of an offset
  coloring: "own", // "own", "count" or "list"
  count: 16,
  fit: "sprite",
  palette: null, // {name, colors}; a name that the server knows is sent by itself
  dither: "none",
  strength: 1,
  merge: null, // 0 to 1; null: as the model asks for
  isolated: false,
  jaggies: false,
  background: false,
  backgroundColor: null, // null: what most of the border has
  holes: false,
  outline: "none",
  outlineColor: null,
  trim: false,
  pad: "",
  alpha: "hard",
  wrap: false,
  still: 8,
  hysteresis: 0.03,
  tiles: "",
  margin: 0,
  spacing: 0,
  fps: null,
  guess: false,
  method: "depixelnet",
  factor: 4,
  native: false,
  keepColors: false,
  paint: null, // {width, height, cells: {"frame,x,y": "rrggbb" or ""}}
};

/** The options of the style, as the server takes them. */
function style(state) {
  const found = { alpha: state.alpha };
  if (state.tool === "depixelize") {
    if (state.sizing === "cell" && !state.native) found.cell_size = state.cell;
    if (state.wrap) found.wrap = true;
    return found;
  }
  if (state.sizing === "longest") found.size = `max:${state.longest}`;
  if (state.sizing === "exact")
    found.size = state.height ? `${state.width}x${state.height}` : `${state.width}`;
  if (state.sizing === "cell") found.cell_size = state.cell;
  if (state.coloring === "count") {
    found.colors = state.count;
    found.fit = state.fit;
  }
  if (state.coloring === "list" && state.palette)
    found.palette = state.palette.builtin ?? state.palette.colors;
  if (state.dither !== "none" && state.coloring !== "own") {
    found.dither = state.dither;
    found.dither_strength = state.strength;
  }
  for (const name of ["isolated", "jaggies", "trim"]) found[name] = state[name];
  if (state.merge !== null) found.merge = state.merge;
  found.remove_background = state.background;
  found.holes = state.background && state.holes;
  if (state.background && state.backgroundColor) found.background_color = state.backgroundColor;
  found.outline = state.outline;
  if (state.outline !== "none" && state.outlineColor) found.outline_color = state.outlineColor;
  if (state.pad) found.pad = state.pad;
  if (state.tool === "pixelize" && state.wrap) found.wrap = true;
  if (state.tool === "pixelize" && !state.tiles) {
    if (state.symmetric) found.symmetric = true;
    else if (state.offset) found.offset = state.offset;
  }
  found.still = state.still;
  found.hysteresis = state.hysteresis;
  return found;
}

/** The settings of a request, without its picture. */
export function request(state) {
  const body = { tool: state.tool, style: style(state), min_confidence: state.guess ? 0 : 0.9 };
  if (state.model) body.model = state.model;
  if (state.tiles) {
    body.tiles = state.tiles;
    body.margin = state.margin;
    body.spacing = state.spacing;
  }
  if (state.fps && !state.tiles) body.fps = state.fps;
  if (state.tool === "depixelize") {
    body.method = state.method;
    body.factor = state.factor;
    body.native = state.native;
    body.keep_colors = state.keepColors;
  }
  return body;
}

/** The cells that were painted, for a result of this size. */
export function edits(state, result) {
  const paint = state.paint;
  if (!paint || paint.width !== result.width || paint.height !== result.height) return [];
  return Object.entries(paint.cells).map(([where, color]) => {
    const [frame, x, y] = where.split(",").map(Number);
    return { frame, x, y, color: color || null };
  });
}

/** What is none of a style: a style file leaves it as it is. */
const KEPT = [
  "tool", "model", "tiles", "margin", "spacing", "fps", "guess", "method", "factor", "native",
  "keepColors", "paint",
];

/** The settings of a style, all of them, from options as a style file writes them. */
export function fromStyle(texts, palettes, tool = "pixelize") {
  const found = { ...DEFAULTS };
  for (const name of KEPT) delete found[name];
  if (tool !== "pixelize") found.sizing = "auto";
  const flag = (name) => texts[name] === "true";
  if (texts.size?.startsWith("max:"))
    Object.assign(found, { sizing: "longest", longest: Number(texts.size.slice(4)) });
  else if (texts.size) {
    const [width, height] = texts.size.split("x").map(Number);
    Object.assign(found, { sizing: "exact", width, height: height || null });
  } else if (texts["cell-size"])
    Object.assign(found, { sizing: "cell", cell: texts["cell-size"] });
  if (texts.colors)
    Object.assign(found, {
      coloring: "count", count: Number(texts.colors) || texts.colors, // "auto", "hues"
    });
  if (texts.palette) {
    const known = palettes.find((each) => each.name === texts.palette);
    const palette = known
      ? { name: known.name, builtin: known.name, colors: known.colors }
      : { name: "given", colors: texts.palette.split(",") };
    Object.assign(found, { coloring: "list", palette });
  }
  for (const name of ["fit", "dither", "outline", "pad", "alpha", "offset"])
    if (texts[name]) found[name] = texts[name];
  for (const name of ["isolated", "jaggies", "trim", "wrap", "holes", "symmetric"])
    if (flag(name)) found[name] = true;
  if (flag("remove-background")) found.background = true;
  if (texts["dither-strength"]) found.strength = Number(texts["dither-strength"]);
  if (texts["background-color"]) found.backgroundColor = texts["background-color"];
  if (texts["outline-color"]) found.outlineColor = texts["outline-color"];
  if (texts.merge) found.merge = Number(texts.merge);
  if (texts.still) found.still = Number(texts.still);
  if (texts.hysteresis) found.hysteresis = Number(texts.hysteresis);
  return found;
}
