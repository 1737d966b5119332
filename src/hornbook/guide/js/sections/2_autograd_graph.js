// The graph of Value nodes as a picture: number and gradient on each node, local derivatives on the edges, each explained.

import { format } from "../shell/format.js";
import { el, svg } from "../shell/el.js";
import { dataSpec, edgeSpec, gradSpec, sign, written } from "./2_autograd_pass.js";
import { layout } from "./2_autograd_layout.js";

const ROOM = 74; // of a node's text
const LARGEST = 1.4; // times its size, where there is room
const WIDEST = 10; // letters that fit without squeezing

// `pass()` is the Pass to show. Returns {element, build, update}: build after another expression, update after other numbers.
export function graph(app, pass) {
  const frame = el("div", { class: "wide graph" }), rove = roving(frame);
  let marks = [], upright = null;

  function build() {
    const { order } = pass(), room = frame.clientWidth || 600;
    upright = layout(order, false).width > room;
    draw(layout(order, upright));
    update();
  }

  function draw({ width, height, boxes, edges }) {
    const at = new Map(pass().order.map((node, i) => [node, i])), find = (node) => () => pass().order[at.get(node)];
    const lines = edges.map((edge) => edgeMark(app, pass, find(edge.node), edge)), nodes = boxes.map((box) => nodeMark(app, pass, find(box.node), box));
    marks = [...lines, ...nodes];
    const larger = Math.max(1, Math.min(LARGEST, (frame.clientWidth || 0) / width));
    const picture = svg("svg", { viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`, width: Math.ceil(width * larger), role: "group" },
      lines.map(({ line }) => line), marks.map(({ element }) => element));
    const reading = [...nodes, ...lines].sort((one, other) => (upright ? one.y - other.y || one.x - other.x : one.x - other.x || one.y - other.y));
    rove(reading.map(({ element }) => element));
    frame.replaceChildren(picture);
  }

  function update() {
    const { result, step, last } = pass();
    for (const mark of marks) mark.update();
    frame.firstChild?.setAttribute("aria-label", `Graph of ${written(result)} = ${format(result.data)}, step ${step} of ${last}. Up and down go from number to number, left and right through the backward pass.`);
  }

  new ResizeObserver(() => {
    const fits = frame.clientWidth && layout(pass().order, false).width <= frame.clientWidth;
    if (frame.clientWidth && fits === upright) build();
  }).observe(frame);
  return { element: frame, build, update };
}

// One stop of the Tab key; up and down go through the numbers. Returns what takes the elements, in their order. An SVG
// that listens for the focus would be a stop itself: its frame listens.
function roving(frame) {
  let elements = [];
  const only = (target) => { for (const element of elements) element.setAttribute("tabindex", element === target ? 0 : -1); };
  frame.addEventListener("focusin", ({ target }) => { if (elements.includes(target)) only(target); });
  frame.addEventListener("keydown", (event) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key], at = elements.indexOf(document.activeElement);
    if (!way || at < 0) return;
    event.preventDefault();
    elements[Math.max(0, Math.min(elements.length - 1, at + way))].focus();
  });
  return (all) => { elements = all; only(all[0]); };
}

function nodeMark(app, pass, find, { node, x, y, width, height }) {
  const middle = x + width / 2, text = (down, kind) => svg("text", { x: middle, y: y + down, class: kind });
  const head = text(17, "sign"), data = text(33, "data"), grad = text(49, "grad");
  const kind = node.children.length ? "operation" : node.name ? "leaf" : "constant";
  const element = svg("g", { role: "img" }, svg("rect", { x, y, width, height, rx: 6 }), head, data, grad);
  app.tip.explain(element, () => [...app.explanation(dataSpec(app, find())), ...app.explanation(gradSpec(app, pass(), find()))]);

  function update() {
    const current = find(), now = pass(), state = [kind, current === now.active && "active", now.whole(current) && "whole", current === now.result && "result"];
    put(head, kind === "constant" ? kind : current === now.result ? `${sign(current)} ⇒ result` : sign(current), ROOM, 12);
    put(data, kind === "operation" ? format(current.data) : `= ${format(current.data)}`);
    put(grad, `grad ${format(current.grad)}`);
    element.setAttribute("class", ["node", "explained", ...state].filter(Boolean).join(" "));
    element.setAttribute("aria-label", `${written(current)}: data ${format(current.data)}, grad ${format(current.grad)}${now.whole(current) ? "" : ", not whole yet"}`);
  }

  return { element, update, x, y };
}

function edgeMark(app, pass, find, { i, path, x, y }) {
  const line = svg("path", { d: path, class: "edge" }), label = svg("text", { x, y: y + 4 });
  const element = svg("g", { role: "img" }, svg("rect", { x: x - 19, y: y - 12, width: 38, height: 24, class: "target" }), label);
  app.tip.explain(element, () => app.explanation(edgeSpec(app, find(), i)));

  function update() {
    const current = find(), now = pass(), state = current === now.active && now.step > 1 ? "active" : now.passed(current) ? "passed" : "";
    line.setAttribute("class", `edge ${state}`);
    put(label, short(current.localGrads[i]), 38, 6);
    element.setAttribute("class", `slope explained ${state}`);
    element.setAttribute("aria-label", `local derivative of ${written(current)} in ${written(current.children[i])}: ${format(current.localGrads[i])}`);
  }

  return { element, line, update, x, y };
}

const short = (value) => (Number.isInteger(value) ? format(value) : format(value, 2)); // the box has all of it

// Text of an SVG, squeezed where it would be too long.
function put(text, words, room = ROOM, most = WIDEST) {
  text.textContent = words;
  if (words.length > most) text.setAttribute("textLength", room); else text.removeAttribute("textLength");
  text.setAttribute("lengthAdjust", "spacingAndGlyphs");
}
