// Section 4: one pass through gpt(), operation by operation, forwards and back, with the real numbers of one position.

import { pattern } from "../shell/formulas.js";
import { family } from "../shell/format.js";
import { button, el, labelled } from "../shell/el.js";
import { cells } from "../shell/cells.js";
import { diagram } from "./4_diagram.js";
import { operations, sentence } from "./4_operations.js";
import { letterAt, linesOf, next, rowsOf } from "./4_rows.js";
import { refusal } from "../shell/meant.js";
import { whenSeen } from "../shell/seen.js";

export const section = { id: "architecture", title: "The architecture, step by step", mount };

function mount(root, app) {
  const walk = new Walk(app), map = el("div", {}), controls = controlsOf(app, walk), panel = panelOf(app, walk);
  const code = app.code("microgpt.forward", "microgpt.linear", "microgpt.add", "microgpt.rmsnorm", "microgpt.attention", "microgpt.softmax", "microgpt.loss"), behind = app.code("autograd.Value.backward");
  const stage = el("div", { class: "stage architecture", tabindex: -1, role: "group", "aria-label": "One pass, operation by operation" }, controls.element, el("div", { class: "passage" }, map, panel.element));
  let picture = null;
  behind.element.querySelector("summary").textContent = "Show Python code of the backward pass";

  function redraw() {
    picture = diagram(app.model.gpt.sizes, (id) => walk.to(walk.list.findIndex((one) => one.id === id && (one.layer ?? walk.here.layer ?? 0) === (walk.here.layer ?? 0))));
    map.replaceChildren(picture.element);
    show();
  }

  function show() {
    controls.update();
    panel.show();
    code.light(linesOf(app, walk.here));
    behind.element.hidden = !walk.back;
    behind.light(walk.back ? [app.data.sources.autograd.parts["Value.backward"][1]] : [], "autograd");
    picture.light(walk.here.id, walk.done, walk.back, `Diagram of forward() and loss(), ${walk.label}: lit`);
  }

  root.append(el("p", {}, ...sentence(app, "Everything that happens to one [token] of a name, from its [embedding] to the [loss], one operation at a time; and the way back, in which every one of these numbers gets its [gradient].")),
    stage, listOf(app, walk), code.element, behind.element);
  app.keys(stage, "The architecture", { ArrowRight: ["next operation", () => walk.by(1)], ArrowLeft: ["operation before", () => walk.by(-1)],
    Home: ["first operation", () => walk.by(-Infinity)], End: ["last operation", () => walk.by(Infinity)], b: ["forward or backward pass", () => walk.turn()] });
  for (const key of ["step", "position", "pass"]) app.state.on(`architecture.${key}`, () => show());
  redraw();
  app.onStep(whenSeen(stage, () => { if (walk.fits) panel.refresh(); else redraw(); }));
  app.onWord(show);
  app.onNames(redraw);
}

// Where one is: which operation, which position, forwards or back; all of it in the address.
class Walk {
  constructor(app) { this.app = app; }

  get list() {
    const { gpt } = this.app.model;
    if (this.of !== gpt) { this.of = gpt; this.all = operations(gpt.sizes.L); }
    return this.all;
  }
  get fits() { return this.of === this.app.model.gpt; }
  get back() { return this.app.state.get("architecture.pass") === "back"; }
  get at() { return Math.max(0, Math.min(this.list.length - 1, Math.round(this.app.state.get("architecture.step", 1)) - 1)); } // in the order of the pass
  get index() { return this.back ? this.list.length - 1 - this.at : this.at; }
  get here() { return this.list[this.index]; }
  get count() { return this.app.trace("losses").shape[0]; }
  get position() { return Math.max(0, Math.min(this.count - 1, Math.round(this.app.state.get("architecture.position", 0)))); }
  get done() { return new Set(this.list.filter((_, i) => (this.back ? i >= this.index : i <= this.index)).map(({ id }) => id)); }
  get label() { return `${this.back ? "backward, " : ""}step ${this.at + 1} of ${this.list.length}, ${this.here.title}${this.list.length > 27 && this.here.layer !== null ? `, layer ${this.here.layer}` : ""}`; }

  go(at) {
    this.app.state.set("architecture.step", String(Math.max(0, Math.min(this.list.length - 1, at)) + 1));
    this.app.say(this.label);
  }
  by(steps) { this.go(this.at + steps); }
  to(index) { if (index >= 0) this.go(this.back ? this.list.length - 1 - index : index); }

  // The same operation in the other pass.
  turn() {
    const { index } = this;
    this.app.state.set("architecture.pass", this.back ? "" : "back");
    this.to(index);
  }
}

function controlsOf(app, walk) {
  const text = el("input", { size: 10, maxlength: 30, autocomplete: "off", spellcheck: "false", autocapitalize: "off" }), wrong = el("span", { class: "wrong", role: "status" });
  const position = el("select", { onchange: () => app.state.set("architecture.position", position.value) });
  const before = button("◀ Back", () => walk.by(-1)), after = button("Next ▶", () => walk.by(1)), way = button("Backward pass", () => walk.turn());
  const slider = el("input", { type: "range", min: 1, step: 1, oninput: () => walk.go(Number(slider.value) - 1) });
  const take = (word) => {
    wrong.replaceChildren(...refusal(app, text, word, take));
    if (word && !wrong.firstChild) app.model.look(word);
  };
  text.addEventListener("input", () => take(text.value.trim()));

  function update() {
    if (document.activeElement !== text) text.value = app.model.word;
    const wanted = Array.from({ length: walk.count }, (_, t) => `${t}: ${next(app, t)}`).join("\n");
    if (position.dataset.of !== wanted) position.replaceChildren(...wanted.split("\n").map((label, t) => el("option", { value: t }, label)));
    position.dataset.of = wanted;
    position.value = String(walk.position);
    slider.max = String(walk.list.length);
    slider.value = String(walk.at + 1);
    slider.setAttribute("aria-valuetext", walk.label);
    for (const [one, end] of [[before, 0], [after, walk.list.length - 1]]) one.setAttribute("aria-disabled", String(walk.at === end));
    way.setAttribute("aria-pressed", String(walk.back));
  }

  const element = el("div", {}, el("p", { class: "controls" }, labelled("Text", text), labelled("Position", position), way, wrong),
    el("p", { class: "controls" }, before, after, labelled("Operation", slider)));
  return { element, update };
}

// The side panel: what the operation is, the line it is, what it makes, what it is made of, its matrix.
function panelOf(app, walk) {
  const words = el("div", {}), vectors = el("div", {}), name = el("h4", {}), place = el("div", {}), pictures = {};
  const matrixName = () => walk.here.matrix ?? "layers.0.attn.wq", full = () => (walk.back ? "grad." : "") + matrixName();
  const values = () => (walk.here.matrix ? app.trace(full()) : { shape: [1, 1], data: [0] }), spec = (i, j) => ({ name: full(), index: [i, j] });
  const heat = (colours) => (pictures[colours] ??= app.heatmap({ title: colours === "loss" ? "Gradient of the weights" : "Weights in between", family: colours, cell: 9, values,
    explain: (i, j) => app.explanation(spec(i, j)), explainCell: (cell, i, j) => app.number(cell, () => spec(i, j)) }));
  const matrix = el("div", { class: "weights" }, name, place), element = el("div", { class: "panel" }, words, vectors, matrix);
  let parts = [];

  function show() {
    const { here, back, position } = walk, row = app.data.numbers[pattern(here.name)], lines = linesOf(app, here);
    words.replaceChildren(el("h3", {}, el("span", { class: "count" }, `${walk.at + 1} of ${walk.list.length} `), back ? `Gradient: ${here.title}` : here.title),
      el("p", {}, ...sentence(app, back ? here.back : here.says)), el("p", { class: "source" }, formulaOf(here, row), lines.slice(0, 2).map((line) => app.sourceLine("microgpt", line))));
    parts = partsOf(app, walk, position);
    vectors.replaceChildren(...parts.flatMap(({ heading, cells: { element: picture } }) => [el("h4", {}, heading), picture]));
    matrix.hidden = !here.matrix;
    refresh();
  }

  function refresh() {
    for (const { cells: { show: fill }, rows } of parts) fill(rows());
    name.textContent = `${full()}, ${app.model.gpt.shapes[matrixName()]?.join(" × ")}`;
    if (!walk.here.matrix) return;
    const picture = heat(walk.back ? "loss" : family(walk.here.matrix.replace("lm_head", "logits")));
    if (picture.element.parentNode !== place) place.replaceChildren(picture.element);
    picture.update();
  }

  return { element, show, refresh };
}

function formulaOf({ name }, row) {
  const short = name.replace(/^layers\.\d+\./, "");
  return row?.formula ? el("span", { class: "formula" }, `${short} = ${row.formula}`) : short === "sum" ? el("span", { class: "formula" }, "x = embed + pos_embed") : null;
}

// Forwards: what is made, and what it is made of. Backwards: the gradient, and the number whose gradient it is.
function partsOf(app, walk, t) {
  const { here, back } = walk, made = here.name, of = (name, slope) => ({ heading: heading(app, name, t, slope), rows: () => rowsOf(app, name, t, slope), cells: cells(app, { title: plain(app, name, t, slope), family: slope ? "loss" : colour(name) }) });
  if (back) return [of(made, true), of(made, false)];
  return [of(made, false), ...here.reads.map((name) => ({ ...of(name, false), heading: ["from ", heading(app, name, t, false)].flat() }))];
}

const colour = (name) => (name.endsWith("sum") ? "embedding" : family(name.replace(/heads|keys|values/, "attn")));

function plain(app, name, t, slope) {
  const short = name.replace(/^layers\.(\d+)\./, app.model.gpt.sizes.L > 1 ? "layer $1, " : "");
  const key = short.replace(/^.*, /, "").replace("attn.", "");
  const said = { sum: "embed + pos_embed", heads: "q, k and v, head by head", keys: `the keys of positions 0 … ${t}`, values: `the values of positions 0 … ${t}`, losses: "losses, position by position", loss: "loss" }[key];
  return `${slope ? "∂loss / ∂ " : ""}${said ?? `${short}[${t}]`}`;
}

function heading(app, name, t, slope) {
  return [plain(app, name, t, slope), el("span", { class: "count" }, ` ${t}: ${letterAt(app, t)}`)];
}

// The table behind the diagram.
function listOf(app, walk) {
  const body = el("tbody", {}), element = el("details", { class: "behind", ontoggle: fill }, el("summary", {}, "The diagram as a table"),
    el("div", { class: "wide", tabindex: 0, role: "group", "aria-label": "Operations" }, el("table", {}, el("thead", {}, el("tr", {}, ["", "operation", "number", "shape", "formula"].map((text) => el("th", { scope: "col" }, text || "step")))), body)));

  function fill() {
    if (!element.open) return;
    body.replaceChildren(...walk.list.map(({ title, name }, i) => {
      const row = app.data.numbers[pattern(name)];
      return el("tr", {}, el("td", {}, String(i + 1)), el("th", { scope: "row" }, title), el("td", {}, name), el("td", {}, row?.shape.join(" × ") ?? ""), el("td", {}, row?.formula ?? ""));
    }));
  }

  return element;
}
