// Curves over steps, with level lines to compare with: an SVG, its legend in words, and the table behind.

import { el, svg } from "./el.js";
import { format } from "./format.js";

const WIDTH = 640, HEIGHT = 260, LEFT = 44, BOTTOM = 28, TOP = 10, RIGHT = 8, MOST = 320, PAD = 0.06; // points drawn of one curve; room above and below, in heights
const DASHES = ["", "6 3", "2 3", "8 3 2 3"];

// `series()` returns [{label, values, family, from, tell}], values[0] belonging to step `from` (1); `levels()` {label: value}.
// `tell(step, value)` and `tellLevel(label, value)` return what explains a number beyond its name. Returns {element, update}.
export function chart(app, { title, series, levels = () => ({}), tellLevel = () => ({}), xLabel = "step", yLabel = "nats" }) {
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "chart" });
  const legend = el("ul", { class: "legend" }), table = el("div", { class: "wide" });
  let keys = "";
  const number = (name, value, told) => app.number(el("span", { class: "number" }, format(value)), () => ({ name, value, lines: [], ...told() }));
  const level = ([label, value]) => number(label, value, () => tellLevel(label, value));
  const behind = el("details", { class: "behind", ontoggle: update }, el("summary", {}, "As a table"), table);

  function update() {
    const all = series().filter(({ values }) => values.length), yardsticks = Object.entries(levels());
    const frame = bounds(all, yardsticks.map(([, value]) => value));
    picture.setAttribute("aria-label", `${title}. ${all.map(said).join(". ")}`);
    picture.replaceChildren(...axes(frame, xLabel, yLabel), ...yardsticks.map((level, i) => line(level, i, frame)), ...all.map((one, i) => curve(one, i, frame)), ...yardsticks.map((level) => name(level, frame)));
    const wanted = JSON.stringify([all.map(({ label, family }) => [label, family]), yardsticks]);
    if (keys !== wanted) legend.replaceChildren(...all.map((one, i) => key(one.label, one.family, i)), ...yardsticks.map((one) => el("li", {}, `${one[0]} `, level(one))));
    keys = wanted;
    if (behind.open) table.replaceChildren(tableOf(all, yardsticks, xLabel, number, level));
  }

  update();
  return { element: el("figure", { class: "picture" }, picture, legend, behind), update };
}

const said = ({ label, values }) => `${label}: ${values.length} values, the last ${format(values[values.length - 1])}`;

function bounds(all, levels) {
  let low = Math.min(...levels, Infinity), high = Math.max(...levels, -Infinity), last = 1;
  for (const { values, from = 1 } of all) {
    last = Math.max(last, from + values.length - 1);
    for (const y of values) if (Number.isFinite(y)) { low = Math.min(low, y); high = Math.max(high, y); }
  }
  if (!(low < high)) { low = (Number.isFinite(low) ? low : 0) - 0.5; high = low + 1; }
  const room = (high - low) * PAD;
  low -= room;
  high += room;
  const x = (step) => LEFT + ((step - 1) / Math.max(1, last - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value) => TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  return { low, high, last, x, y };
}

// Round numbers, four to eight of them, from the lowest to the highest.
function ticks(low, high) {
  const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].find((one) => one * power >= rough) * power;
  return Array.from({ length: Math.floor(high / step) - Math.ceil(low / step) + 1 }, (_, i) => (Math.ceil(low / step) + i) * step);
}

function axes({ low, high, last, x, y }, xLabel, yLabel) {
  const marks = ticks(low, high);
  return [
    ...marks.map((value) => svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value), class: "rule" })),
    ...marks.map((value) => svg("text", { x: LEFT - 4, y: y(value) + 4, class: "right" }, String(Number(value.toFixed(6))))),
    svg("text", { x: LEFT, y: HEIGHT - 8 }, `${xLabel} 1`),
    last > 1 && svg("text", { x: x(last), y: HEIGHT - 8, class: "right" }, last.toLocaleString("en")),
    svg("text", { x: LEFT + 4, y: TOP + 12 }, yLabel),
  ].filter(Boolean);
}

function line([label, value], i, { y }) {
  return svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value), class: "level", "stroke-dasharray": DASHES[(i % 3) + 1] });
}

function name([label, value], { y }) {
  return svg("text", { x: WIDTH - RIGHT, y: y(value) - 3, class: "right level-name" }, label);
}

function curve({ values, family = "loss", from = 1 }, i, { x, y }) {
  const stride = Math.max(1, Math.ceil(values.length / MOST)), points = [];
  for (let at = 0; at < values.length; at += stride) {
    const part = values.slice(at, at + stride), mean = part.reduce((sum, value) => sum + value, 0) / part.length;
    points.push(`${x(from + at + (part.length - 1) / 2).toFixed(1)},${y(mean).toFixed(1)}`);
  }
  return svg("polyline", { points: points.join(" "), class: "curve", style: `stroke:var(--${family})`, "stroke-dasharray": DASHES[i % DASHES.length] });
}

function key(label, family = "loss", i = 0) {
  const sample = svg("svg", { viewBox: "0 0 24 8", class: "key", "aria-hidden": "true" },
    svg("line", { x1: 0, x2: 24, y1: 4, y2: 4, class: "curve", style: `stroke:var(--${family})`, "stroke-dasharray": DASHES[i % DASHES.length] }));
  return el("li", {}, sample, ` ${label}`);
}

// At most twenty rows: every so many steps, and the last.
function tableOf(all, levels, xLabel, number, level) {
  const last = Math.max(0, ...all.map(({ values, from = 1 }) => from + values.length - 1)), stride = Math.max(1, Math.ceil(last / 20));
  const steps = Array.from({ length: last }, (_, i) => i + 1).filter((step) => step === last || (step - 1) % stride === 0);
  const row = (step) => el("tr", {}, el("th", { scope: "row" }, String(step)), all.map((one) => el("td", {}, cell(one, step))));
  const cell = ({ label, values, from = 1, tell = () => ({}) }, step) => (values[step - from] === undefined ? "–" : number(`${label}, ${xLabel} ${step}`, values[step - from], () => tell(step, values[step - from])));
  return el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, xLabel), all.map(({ label }) => el("th", { scope: "col" }, label)))),
    el("tbody", {}, steps.map(row), levels.map((one) => el("tr", {}, el("th", { scope: "row" }, one[0]), el("td", { colspan: Math.max(1, all.length) }, level(one))))));
}
