/** Pictures as pixels in memory. Knows cells and colours; draws nothing on the page. */

/** PNG in base64 to a blob. */
export function pngBlob(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}

export async function decode(blob) {
  const options = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
  return createImageBitmap(blob, options);
}

/** A canvas of its own that shows a bitmap. */
export function canvasOf(bitmap) {
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(bitmap, 0, 0);
  return canvas;
}

/** The colour of a cell, "rrggbb", or "" if it is transparent. */
export function colorAt(canvas, x, y) {
  const [red, green, blue, alpha] = canvas.getContext("2d").getImageData(x, y, 1, 1).data;
  return alpha ? hex(red, green, blue) : "";
}

/** The colour of most of a bitmap around a point: the medians of the channels; "" if transparent. */
export function colorAround(bitmap, x, y, radius) {
  const side = 2 * radius + 1;
  const part = document.createElement("canvas");
  part.width = part.height = side;
  const context = part.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, radius - Math.floor(x), radius - Math.floor(y));
  const { data } = context.getImageData(0, 0, side, side);
  const seen = [];
  for (let at = 0; at < data.length; at += 4) if (data[at + 3]) seen.push(data.subarray(at, at + 3));
  if (!data[4 * (radius * side + radius) + 3]) return "";
  return hex(...[0, 1, 2].map((channel) => {
    const values = seen.map((pixel) => pixel[channel]).sort((one, other) => one - other);
    return values[values.length >> 1];
  }));
}

export function putColor(canvas, x, y, color) {
  const context = canvas.getContext("2d");
  context.clearRect(x, y, 1, 1);
  if (!color) return;
  context.fillStyle = `#${color}`;
  context.fillRect(x, y, 1, 1);
}

/** The cells of the area of one colour around a cell, as [x, y]. */
export function area(canvas, x, y) {
  const { width, height } = canvas;
  const pixels = new Uint32Array(
    canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer,
  );
  const wanted = pixels[y * width + x];
  const seen = new Uint8Array(pixels.length);
  const found = [];
  const open = [y * width + x];
  seen[open[0]] = 1;
  while (open.length) {
    const at = open.pop();
    const column = at % width;
    found.push([column, Math.floor(at / width)]);
    const near = [at - width, at + width];
    if (column) near.push(at - 1);
    if (column < width - 1) near.push(at + 1);
    for (const next of near)
      if (next >= 0 && next < pixels.length && !seen[next] && pixels[next] === wanted) {
        seen[next] = 1;
        open.push(next);
      }
  }
  return found;
}

/** All cells of one colour, as [x, y]. */
export function cellsOf(canvas, color) {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const found = [];
  for (let at = 0; at < width * height; at++) {
    const [red, green, blue, alpha] = data.subarray(4 * at, 4 * at + 4);
    if (alpha && hex(red, green, blue) === color) found.push([at % width, Math.floor(at / width)]);
  }
  return found;
}

/** How often each colour is shown, the most frequent first: [["rrggbb", cells]]. */
export function countColors(canvases) {
  const counts = new Map();
  for (const canvas of canvases) {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    for (let at = 0; at < data.length; at += 4) {
      if (!data[at + 3]) continue;
      const code = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
  }
  return [...counts]
    .sort((one, other) => other[1] - one[1])
    .map(([code, cells]) => [code.toString(16).padStart(6, "0"), cells]);
}

/** Whether a bitmap has at most so many colours, as pixel art does. */
export function hasFewColors(bitmap, most) {
  const { width, height } = bitmap;
  const { data } = canvasOf(bitmap).getContext("2d").getImageData(0, 0, width, height);
  const seen = new Set();
  for (const pixel of new Uint32Array(data.buffer)) if (seen.add(pixel).size > most) return false;
  return true;
}

function hex(...channels) {
  return channels.map((value) => value.toString(16).padStart(2, "0")).join("");
}
