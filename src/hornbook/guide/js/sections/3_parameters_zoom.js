// One matrix from near: every number with its row's and column's names, smallest, largest, mean and spread, a histogram.

import { button, el } from "../shell/el.js";
import { family, format } from "../shell/format.js";
import { purpose, spelled } from "./3_parameters_map.js";

const BINS = 12;
const AXES = { wte: ["token", "dimension"], wpe: ["position", "dimension"], lm_head: ["token", "dimension"], wq: ["head", "dimension"], wk: ["head", "dimension"],
  wv: ["head", "dimension"], wo: ["dimension", "head"], fc1: ["neuron", "dimension"], fc2: ["dimension", "neuron"] };
const SAYS = { token: "tokens", position: "positions", dimension: "dimensions of the vector", head: "the heads' parts (head.part)", neuron: "neurons" };

// {element, show(name, kind), update, close}; `see()` returns what is shown, `closed()` is called when it is put away.
export function zoom(app, { see, closed }) {
  const element = el("div", { class: "stage zoom", role: "region", "aria-label": "One matrix from near", hidden: true });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    closed();
  });
  let parts = [];

  function show(name) {
    const seen = see(), numbers = figures(app, see), bins = histogram(app, see), [rows, columns] = AXES[name.split(".").at(-1)];
    const table = app.matrix({ name: seen.name, rowLabel: label(app, rows), columnLabel: label(app, columns) }), title = el("h3", { tabindex: -1 }, `${seen.name}: ${spelled(seen.shape)}`);
    parts = [numbers, bins, table];
    element.replaceChildren(el("div", { class: "heading" }, title, button("Close", closed)), el("p", {}, `${purpose(app, name)}. Rows are ${SAYS[rows]}, columns are ${SAYS[columns]}.`),
      numbers.element, el("div", { class: "numbers" }, table.element), el("details", { class: "spread", open: true }, el("summary", {}, "How the numbers are spread"), bins.element));
    element.hidden = false;
    return title;
  }

  function update() {
    if (!element.hidden) for (const part of parts) part.update();
  }

  return { element, show, update, close: () => { element.hidden = true; parts = []; } };
}

function label(app, axis) {
  const { tokenizer, sizes: { K } } = app.model.gpt;
  if (axis === "token") return (i) => tokenizer.token(i);
  return axis === "head" ? (i) => `${Math.floor(i / K)}.${i % K}` : String;
}

// Smallest, largest, mean and standard deviation, and what the weights were drawn with.
function figures(app, see) {
  const sum = (values) => values.reduce((total, x) => total + x, 0), at = (k) => `[${Math.floor(k / see().shape[1])}][${k % see().shape[1]}]`;
  const mean = (data) => sum(data) / data.length, squares = (data) => { const m = mean(data); return sum(data.map((x) => (x - m) ** 2)); };
  const extreme = (choose) => ({ name, data }) => { const value = choose(...data); return { value, formula: name + at(data.indexOf(value)) }; };
  const specs = {
    min: extreme(Math.min), max: extreme(Math.max),
    mean: ({ data }) => ({ value: mean(data), formula: `${format(sum(data))} / ${data.length}` }),
    std: ({ data }) => ({ value: Math.sqrt(squares(data) / data.length), formula: `√(Σ (number − mean)² / count) = √(${format(squares(data))} / ${data.length})` }),
  };
  const { lines, parts: { Config: [first] } } = app.data.sources.microgpt, line = lines.findIndex((text, i) => i >= first && text.includes("init_std:")) + 1;
  if (see().name in app.model.gpt.shapes) specs.init_std = () => ({ value: app.model.gpt.config.init_std, meaning: "the standard deviation with which weights are drawn at step 0", lines: [line] });
  const shown = Object.entries(specs).map(([name, spec]) => [name, app.number(el("span", { class: "number" }), () => ({ name, ...spec(see()) })), spec]);
  const update = () => { for (const [, number, spec] of shown) number.textContent = format(spec(see()).value); };
  update();
  return { element: el("dl", { class: "figures" }, shown.map(([name, number]) => el("div", {}, el("dt", {}, name), el("dd", {}, number)))), update };
}

function histogram(app, see) {
  function items() {
    const { data } = see(), low = Math.min(...data), width = (Math.max(...data) - low) / BINS, counts = Array(BINS).fill(0), digits = Math.max(2, 1 - Math.floor(Math.log10(width)));
    if (!width) return [{ label: `all are ${format(low)}`, value: data.length }];
    for (const x of data) counts[Math.min(BINS - 1, Math.floor((x - low) / width))]++;
    const edge = (i) => format(low + i * width, digits);
    return counts.map((value, i) => ({ label: `${edge(i)} to ${edge(i + 1)}`, value }));
  }

  return app.bars({ title: "Histogram: how many numbers lie where", items, family: family(see().name), explain: (element, { label: range, value }) =>
    app.number(element, { name: "count", value, meaning: `how many of the numbers lie from ${range}` }) });
}
