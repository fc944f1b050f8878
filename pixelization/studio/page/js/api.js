/** The server's REST API. Knows addresses and errors; knows nothing of the page. */

const token = readToken();

/** What the server says is wrong; `grid` where it is not sure of one. */
export class Refused extends Error {
  constructor(message, status, grid) {
    super(message);
    this.status = status;
    this.grid = grid;
  }
}

function readToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem("token", given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem("token");
}

async function ask(path, { body, type, signal, accept } = {}) {
  const headers = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (accept) headers.accept = accept;
  if (body !== undefined) headers["content-type"] = type ?? "application/json";
  let answer;
  try {
    answer = await fetch(`api/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers, signal,
      body: body === undefined || type ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("the studio does not answer: is it still running?", 0);
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Refused(told.error ?? `error ${answer.status}`, answer.status, told.grid);
}

const json = async (path, options) => (await ask(path, options)).json();
const bytes = "application/octet-stream";
const named = (path, name) => `${path}?name=${encodeURIComponent(name)}`;

export const about = () => json("about");
export const pictures = () => json("pictures");
export const addPicture = (file) => json(named("pictures", file.name), { body: file, type: bytes });
export const describeSheet = (id, file) =>
  json(named(`pictures/${id}/sheet`, file.name), { body: file, type: bytes });
export const picture = async (id, frame = 0) =>
  (await ask(`pictures/${id}/image?frame=${frame}`)).blob();
export const grid = (id, cell) =>
  json(`pictures/${id}/grid${cell ? `?cell_size=${encodeURIComponent(cell)}` : ""}`);
export const readPalette = (file) => json(named("palettes", file.name), { body: file, type: bytes });
export const takePalette = (id, colors) =>
  json("palettes/picture", { body: { picture: id, colors } });
export const readStyle = (file) => json(named("styles", file.name), { body: file, type: bytes });
export const sharedPalette = (body) => json("palettes/shared", { body });
export const command = async (body) => (await json("commands", { body })).command;

/** A result; `onprogress` is told the number of frames that are done. */
export async function sprite(body, { signal, onprogress } = {}) {
  const answer = await ask("sprites", { body, signal, accept: "text/event-stream" });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Refused("the studio stopped before the result was there", 0);
    text += value;
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      const [, kind, data] = /^event: (\w+)\ndata: (.*)$/s.exec(event);
      const told = JSON.parse(data);
      if (kind === "progress") onprogress?.(told.frames);
      if (kind === "result") return told;
      if (kind === "error") throw new Refused(told.error, 422, told.grid);
    }
  }
}

/** A file of the server's, as {blob, name}. */
async function file(path, body) {
  const answer = await ask(path, { body });
  const named = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("content-disposition"));
  const remarks = decodeURIComponent(answer.headers.get("x-remarks") ?? "");
  return {
    blob: await answer.blob(),
    name: decodeURIComponent(named[1]),
    remarks: remarks ? remarks.split("\n") : [],
  };
}

export const spriteFile = (body) => file("files", body);
export const paletteFile = (body) => file("palette-files", body);
export const sheetFile = (body) => file("sheet-files", body);
export const batch = (body) => file("batches", body);
