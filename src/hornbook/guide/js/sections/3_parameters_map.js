// All matrices of the model side by side in their true proportions, each a button with its numbers as a picture.

import { button, el } from "../shell/el.js";
import { family, format } from "../shell/format.js";

const SIDE = 4; // pixels of a number in the picture; the style sheet says how large they are shown
const PARTS = { embedding: "Embeddings", attention: "Attention", mlp: "MLP", loss: "Output" };

// [{part, title, names}] of all matrices, in the order in which they are drawn, the head last.
export function partsOf(shapes) {
  const parts = Object.entries(PARTS).map(([part, title]) => ({ part, title, names: Object.keys(shapes).filter((name) => family(name) === part) }));
  return parts.filter(({ names }) => names.length);
}

export const spelled = ([rows, columns]) => `${rows} × ${columns}`;

export function purpose(app, name) {
  return app.data.numbers[name.replace(/^layers\.\d+/, "layers.i")]?.meaning ?? "weights";
}

// `see(name)` returns what is shown of a matrix, `pick(name)` zooms, `look(name)` is told which has the pointer or the focus.
export function map(app, { see, pick, look }) {
  const element = el("div", { class: "map" });
  let tiles = [];

  function build() {
    tiles = [];
    const { shapes } = app.model.gpt;
    element.replaceChildren(...partsOf(shapes).map(({ part, title, names }) => el("div", { class: "part", role: "group", "aria-label": title, style: `--family:var(--${part})` },
      el("p", {}, title), el("div", { class: "tiles" }, names.map((name) => tile(name, shapes[name]))))));
    update();
  }

  function tile(name, shape) {
    const picture = el("canvas", { "aria-hidden": "true", style: `--columns:${shape[1]}` }), large = el("canvas", { "aria-hidden": "true", class: "preview", style: `--columns:${shape[1]};aspect-ratio:${shape[1]}/${shape[0]}` });
    const words = name.split("."), short = app.model.gpt.sizes.L > 1 && words[1] ? `${words[1]}.${words.at(-1)}` : words.at(-1);
    const one = button([], (event) => { event.stopPropagation(); pick(name); }, { class: "tile", "data-name": name, "aria-expanded": "false", "aria-label": `${name}, ${spelled(shape)}: ${purpose(app, name)}. Zoom in`,
      onpointerenter: () => look(name), onfocus: () => look(name) });
    one.append(picture, el("strong", {}, short), el("span", {}, spelled(shape)));
    app.tip.explain(one, () => [...about(name, shape), large]);
    tiles.push({ name, picture, large, one });
    return one;
  }

  function about(name, shape) {
    const { data } = see(name), low = Math.min(...data), high = Math.max(...data);
    paintNow(name, true);
    return [el("strong", {}, `${name}: ${spelled(shape)} = ${format(data.length)} parameters`), el("span", {}, purpose(app, name)),
      el("span", { class: "formula" }, `now from ${format(low)} to ${format(high)}`), el("span", {}, "Click or Enter: every number.")];
  }

  function paintNow(name, asked = false) {
    const { picture, large } = tiles.find((tile) => tile.name === name), seen = see(name);
    paint(picture, seen);
    if (!asked && !large.isConnected) return;
    large.width = picture.width;
    large.height = picture.height;
    large.getContext("2d").drawImage(picture, 0, 0);
  }

  function update() {
    for (const { name } of tiles) paintNow(name);
  }

  function move(way) {
    const at = tiles.findIndex(({ one }) => one === document.activeElement);
    if (at >= 0) tiles[Math.max(0, Math.min(tiles.length - 1, at + way))].one.focus();
  }

  const zoomed = (chosen) => { for (const { name, one } of tiles) one.setAttribute("aria-expanded", String(name === chosen)); };
  return { element, build, update, move, zoomed, focus: (name) => tiles.find((tile) => tile.name === name)?.one.focus() };
}

const packed = ([r, g, b]) => (0xff000000 | (b << 16) | (g << 8) | r) >>> 0; // as a little-endian pixel
const blend = (from, to, share) => from.map((x, i) => x + (to[i] - x) * share);

// The numbers as a picture: the more colour the larger against the matrix's largest, those below 0 slate with a bar.
function paint(canvas, { name, shape: [rows, columns], data }) {
  const style = getComputedStyle(document.documentElement), rgb = (word) => [1, 3, 5].map((i) => parseInt(style.getPropertyValue(`--${word}`).trim().slice(i, i + 2), 16));
  const [paper, ink, above, below] = ["paper", "ink", family(name), "negative"].map(rgb), pen = canvas.getContext("2d"), image = pen.createImageData(columns * SIDE, rows * SIDE), pixels = new Uint32Array(image.data.buffer);
  const largest = data.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
  data.forEach((x, k) => {
    const share = Math.abs(x) / largest, full = x < 0 ? below : above, fill = blend(paper, full, share), mark = blend(fill, ink, 0.2 + 0.5 * share);
    const corner = Math.floor(k / columns) * SIDE * image.width + (k % columns) * SIDE, body = packed(fill), bar = x < 0 ? packed(mark) : body;
    for (let down = 0; down < SIDE; down++) pixels.fill(body, corner + down * image.width, corner + down * image.width + SIDE);
    pixels.fill(bar, corner + 2 * image.width + 1, corner + 2 * image.width + 3);
  });
  canvas.width = image.width;
  canvas.height = image.height;
  pen.putImageData(image, 0, 0);
}
