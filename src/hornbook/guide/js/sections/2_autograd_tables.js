// The tables of the autograd section: each leaf's gradient beside the one found by nudging, and the graph in words.

import { el } from "../shell/el.js";
import { format } from "../shell/format.js";
import { dataSpec, edgeSpec, gradSpec, lineOf, linesOf, sign, written } from "./2_autograd_pass.js";

const NUDGE = 1e-5; // the step of `slope`

const head = (...words) => el("thead", {}, el("tr", {}, words.map((word) => el("th", { scope: "col" }, word))));

// A number that keeps its element while its value changes: `spec()` is asked each time.
function live(app, spec) {
  const element = app.number(el("span", { class: "number" }), () => spec());
  return { element, update: () => { element.textContent = format(spec().value); } };
}

// Each slider's number, its gradient so far, and the check.
export function leafTable(app, pass) {
  const title = "Is the gradient right? Nudge each leaf and see.", table = el("table", { "aria-label": title });
  let rows = [];

  function row(name) {
    const leaf = () => pass().leaves[name];
    const grad = live(app, () => gradSpec(app, pass(), leaf())), nudged = live(app, () => nudgedSpec(app, pass(), leaf())), verdict = el("td", {});
    const update = () => {
      grad.update();
      nudged.update();
      verdict.textContent = pass().step < pass().last ? "–" : verdictOf(leaf().grad, pass().nudged(leaf()));
    };
    return { element: el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, grad.element), el("td", {}, nudged.element), verdict), update };
  }

  function build() {
    rows = Object.keys(pass().leaves).map(row);
    table.replaceChildren(head("leaf", "grad", "by nudging", "the same?"), el("tbody", {}, rows.map(({ element }) => element)));
    update();
  }

  function update() {
    for (const one of rows) one.update();
  }

  return { element: el("div", {}, el("h3", {}, title), el("div", { class: "wide" }, table)), build, update };
}

function verdictOf(grad, nudged) {
  const gap = Math.abs(grad - nudged);
  return gap <= 1e-6 * Math.max(1, Math.abs(grad)) ? "✓ yes" : `✗ off by ${format(gap)}`;
}

function nudgedSpec(app, pass, leaf) {
  const source = app.data.sources.autograd, x = leaf.data, at = (value) => { leaf.data = value; const { data } = pass.make(); leaf.data = x; return data; };
  return { name: `slope in ${leaf.name}`, value: pass.nudged(leaf), meaning: "the finite difference: no calculus, two more forward passes",
    formula: `(f(${format(x)} + h) − f(${format(x)} − h)) / 2h = (${format(at(x + NUDGE), 8)} − ${format(at(x - NUDGE), 8)}) / ${format(2 * NUDGE, 5)}`,
    file: "autograd", lines: [lineOf(source, "slope", "return")] };
}

// Every node in the order in which it was made: the table behind the picture.
export function nodeTable(app, pass) {
  const table = el("table", {}), element = el("details", { class: "behind", ontoggle: () => build() }, el("summary", {}, "The graph as a table"), el("div", { class: "wide" }, table));
  let rows = [];

  function row(i) {
    const node = () => pass().order[i], made = node().children.map((child) => pass().order.indexOf(child) + 1);
    const data = live(app, () => dataSpec(app, node())), grad = live(app, () => gradSpec(app, pass(), node())), slopes = made.map((_, k) => live(app, () => edgeSpec(app, node(), k)));
    const from = made.flatMap((number, k) => [k ? ", " : "", `${number} (local derivative `, slopes[k].element, ")"]);
    const line = linesOf(app.data.sources.autograd, node())[0], numbers = [data, grad, ...slopes];
    return { element: el("tr", {}, el("th", { scope: "row" }, `${i + 1}`), el("td", {}, sign(node())), el("td", {}, written(node())), el("td", {}, from.length ? from : "–"),
      el("td", {}, data.element), el("td", {}, grad.element), el("td", {}, `${line}`)), update: () => numbers.forEach((number) => number.update()) };
  }

  function build() {
    if (!element.open) return;
    rows = pass().order.map((_, i) => row(i));
    table.replaceChildren(head("node", "sign", "computes", "made from", "data", "grad", "line of autograd.py"), el("tbody", {}, rows.map((one) => one.element)));
    update();
  }

  function update() {
    if (element.open) for (const one of rows) one.update();
  }

  return { element, build, update };
}
