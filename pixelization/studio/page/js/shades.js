/** Colours as people see them: Oklab, likeness, ramps. Knows "rrggbb" and no picture. */

const GREY = 0.035; // chroma in Oklab below which a colour has no hue to speak of
const APART = 32; // degrees between two hues from which on they are of two ramps
const WIDEST = 70; // degrees of hue that a ramp spans

/** Lightness 0 to 1, and two opponent channels (Ottosson 2020). */
export function oklab(color) {
  const [red, green, blue] = [0, 2, 4].map((at) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const [l, m, s] = [
    0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue,
    0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue,
    0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue,
  ].map(Math.cbrt);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** The one of some colours that is most like a colour. */
export function nearest(color, others) {
  const wanted = oklab(color);
  const far = (other) => Math.hypot(...oklab(other).map((value, index) => value - wanted[index]));
  return others.reduce((best, each) => (far(each) < far(best) ? each : best));
}

/** Colours in rows of one hue each, dark to light: greys first, then around the circle. */
export function ramps(colors) {
  const seen = colors.map((color) => {
    const [light, a, b] = oklab(color);
    const hue = ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360;
    return { color, light, hue, grey: Math.hypot(a, b) < GREY };
  });
  const hued = seen.filter(({ grey }) => !grey).sort((one, other) => one.hue - other.hue);
  const rows = [seen.filter(({ grey }) => grey)];
  const first = afterWidestGap(hued);
  let start = null;
  let before = null;
  for (const each of [...hued.slice(first), ...hued.slice(0, first)]) {
    const turned = (from) => (each.hue - from + 360) % 360;
    if (before === null || turned(before) > APART || turned(start) > WIDEST) {
      rows.push([]);
      start = each.hue;
    }
    rows.at(-1).push(each);
    before = each.hue;
  }
  return rows
    .filter((row) => row.length)
    .map((row) => row.sort((one, other) => one.light - other.light).map(({ color }) => color));
}

/** Where the circle of hues is best cut open. */
function afterWidestGap(hued) {
  let widest = -1;
  let found = 0;
  hued.forEach(({ hue }, index) => {
    const before = hued.at(index - 1).hue;
    const gap = (hue - before + 360) % 360;
    if (gap > widest) [widest, found] = [gap, index];
  });
  return found;
}
