// The blocks of gpt() from top to bottom as an SVG: arrows, the two ways around, the operation that is lit.

import { el, svg } from "../shell/el.js";

const WIDTH = 320, HEIGHT = 26, ROW = 40, MIDDLE = 160, AROUND = 300;

// id: [row, x of its middle, width, family]; a row is 40 high.
const BOXES = {
  embed: [0, 84, 136, "embedding"], pos_embed: [0, 236, 136, "embedding"], sum: [1, MIDDLE, 34, "embedding"], embed_norm: [2, MIDDLE, 140, "stream"],
  norm1: [3.5, MIDDLE, 140, "stream"], q: [4.5, 72, 64, "attention"], k: [4.5, 148, 64, "attention"], v: [4.5, 224, 64, "attention"], heads: [5.5, 148, 216, "attention"],
  scores: [6.5, 110, 140, "attention"], pattern: [7.5, 110, 140, "attention"], z: [8.5, 148, 216, "attention"], out: [9.5, MIDDLE, 140, "attention"], resid_mid: [10.5, MIDDLE, 34, "stream"],
  norm2: [11.5, MIDDLE, 140, "stream"], pre: [12.5, MIDDLE, 140, "mlp"], post: [13.5, MIDDLE, 140, "mlp"], mlp_out: [14.5, MIDDLE, 140, "mlp"], resid_post: [15.5, MIDDLE, 34, "stream"],
  logits: [17, MIDDLE, 140, "loss"], probabilities: [18, MIDDLE, 140, "loss"], losses: [19, MIDDLE, 140, "loss"], loss: [20, MIDDLE, 140, "loss"],
};
const TEXTS = {
  embed: "token: wte", pos_embed: "position: wpe", sum: "+", embed_norm: "RMSNorm", norm1: "RMSNorm", q: "q: wq", k: "k: wk", v: "v: wv", pattern: "softmax", z: "weights · v",
  out: "wo", resid_mid: "+", norm2: "RMSNorm", pre: "fc1", post: "ReLU", mlp_out: "fc2", resid_post: "+", logits: "lm_head → logits", probabilities: "softmax", losses: "−ln p of the next", loss: "mean: the loss",
};
const DOWN = ["sum embed_norm 160", "embed_norm norm1 160", "norm1 q 72 106", "norm1 k 148", "norm1 v 224 214", "q heads 72", "k heads 148", "v heads 224", "heads scores 110", "heads z 224",
  "scores pattern 110", "pattern z 110", "z out 160", "out resid_mid 160", "resid_mid norm2 160", "norm2 pre 160", "pre post 160", "post mlp_out 160", "mlp_out resid_post 160",
  "resid_post logits 160", "logits probabilities 160", "probabilities losses 160", "losses loss 160"];

const top = (id) => BOXES[id][0] * ROW + 12, bottom = (id) => top(id) + HEIGHT, middle = (id) => top(id) + HEIGHT / 2;

// Returns {element, light(id, done, back, label)}; a click on a box calls `onPick(id)`.
export function diagram({ A, K, L }, onPick) {
  const boxes = new Map(Object.keys(BOXES).map((id) => [id, box(id, A, K, onPick)]));
  const layer = svg("g", {}, svg("rect", { x: 6, y: top("norm1") - 22, width: 308, height: bottom("resid_post") - top("norm1") + 34, rx: 6, class: "layer" }),
    svg("text", { x: 14, y: top("norm1") - 7, class: "label" }, L === 1 ? "one layer" : `a layer, ${L} of them`));
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${bottom("loss") + 10}`, role: "img" }, layer, ...DOWN.map(down), ...["embed", "pos_embed"].map(corner),
    around("embed_norm", "norm1", "resid_mid"), around("resid_mid", "norm2", "resid_post"), ...boxes.values());
  const element = el("div", { class: "gpt", tabindex: 0, role: "group", "aria-label": "Diagram" }, picture);

  function light(id, done, back, label) {
    picture.classList.toggle("back", back);
    picture.setAttribute("aria-label", label);
    for (const [one, { classList }] of boxes) {
      classList.toggle("lit", one === id);
      classList.toggle("coming", !done.has(one));
    }
    const scale = picture.getBoundingClientRect().height / (bottom("loss") + 10);
    if (element.scrollHeight > element.clientHeight + 1) element.scrollTop = middle(id) * scale - element.clientHeight / 2;
  }

  return { element, light };
}

function box(id, A, K, onPick) {
  const [, x, width, family] = BOXES[id], y = top(id), text = { scores: `q · k / √${K}`, heads: `${A} heads of ${K}` }[id] ?? TEXTS[id];
  const pieces = id === "heads" ? [72, 148, 224].flatMap((at) => Array.from({ length: A }, (_, i) => svg("rect", { x: at - 26 + (52 * i) / A, y: y + HEIGHT - 7, width: 52 / A - 2, height: 5, class: "piece" }))) : [];
  return svg("g", { class: "box", "data-id": id, style: `--family:var(--${family})`, onclick: () => onPick(id) }, svg("rect", { x: x - width / 2, y, width, height: HEIGHT, rx: text === "+" ? 13 : 4 }), pieces,
    svg("text", { x, y: y + (pieces.length ? 14 : 17.5) }, text), svg("path", { class: "mark", d: `M${x - width / 2 - 11},${y + 6} l8,7 l-8,7 z` }));
}

// An arrow that points down in the forward pass and up in the backward one.
function arrow(d, [x1, y1], [x2, y2], side = 0) {
  const head = (x, y, dx, dy, kind) => svg("path", { class: `head ${kind}`, d: dx ? `M${x},${y} l${-6 * dx},-4 v8 z` : `M${x},${y} l-4,${-6 * dy} h8 z` });
  return svg("g", { class: "arrow" }, svg("path", { d }), side ? head(x2, y2, side, 0, "forth") : head(x2, y2, 0, 1, "forth"), head(x1, y1, 0, -1, "up"));
}

function down(text) {
  const [from, to, x, start = x] = text.split(" "), y1 = bottom(from), y2 = top(to);
  return arrow(`M${start},${y1} L${x},${y2}`, [Number(start), y1], [Number(x), y2]);
}

function corner(id) {
  const [, x] = BOXES[id], side = x < MIDDLE ? 1 : -1, end = MIDDLE - 17 * side;
  return arrow(`M${x},${bottom(id)} V${middle("sum")} H${end}`, [x, bottom(id)], [end, middle("sum")], side);
}

function around(from, over, to) {
  const y = (bottom(from) + top(over)) / 2, end = MIDDLE + 17;
  return svg("g", { class: "bypass" }, arrow(`M${MIDDLE},${y} H${AROUND} V${middle(to)} H${end}`, [AROUND, y], [end, middle(to)], -1));
}
