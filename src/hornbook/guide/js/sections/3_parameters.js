// Section 3: every parameter of the model: the matrices in proportion, each from near, and how many there are.

import { el, labelled } from "../shell/el.js";
import { format } from "../shell/format.js";
import { map, partsOf, spelled } from "./3_parameters_map.js";
import { zoom } from "./3_parameters_zoom.js";

const WAIT = 120; // milliseconds between pictures while the model is trained
const KINDS = { "": "the weights", "grad.": "gradients, for the name above", "m.": "Adam's m", "v.": "Adam's v" };

export const section = { id: "parameters", title: "Parameters", mount, terms: {
  weight: "Another word for a parameter: a number of a matrix that multiplies.",
  "standard deviation": "How far numbers lie from their mean: the root of the mean of the squared distances.",
  histogram: "How many numbers lie in each of several ranges of the same width.",
} };

function mount(root, app) {
  const code = app.code("microgpt.init", "microgpt.forward"), chosen = { kind: "", name: "" };
  let built = "";
  const see = (name) => app.trace(chosen.kind + name), light = (name) => code.light(name ? linesOf(app, name) : []);
  const all = map(app, { see, pick, look: light }), near = zoom(app, { see: () => see(chosen.name), closed: close }), total = counter(app);
  const kind = el("select", { onchange: () => { app.state.set("parameters.show", kind.value); read(); } }, Object.entries(KINDS).map(([value, text]) => el("option", { value }, text)));
  const stage = el("div", { class: "stage" }, el("div", { class: "controls" }, labelled("Show", kind)), all.element, near.element);
  root.append(...introduction(app), stage, total.element, code.element);

  function read() {
    const { shapes } = app.model.gpt, asked = app.state.get("parameters.matrix"), word = app.state.get("parameters.show");
    Object.assign(chosen, { kind: Object.hasOwn(KINDS, word) ? word : "", name: Object.hasOwn(shapes, asked) ? asked : "" });
    kind.value = chosen.kind;
    all.update();
    all.zoomed(chosen.name);
    light(chosen.name);
    return chosen.name ? near.show(chosen.name) : near.close();
  }

  function pick(name) {
    app.state.set("parameters.matrix", name);
    read().focus();
    app.say(`${name}, ${spelled(app.model.gpt.shapes[name])}, from near.`);
  }

  function close() {
    const { name } = chosen;
    app.state.set("parameters.matrix", "");
    read();
    all.focus(name);
  }

  function build() {
    built = JSON.stringify(app.model.gpt.shapes);
    all.build();
    total.update();
    read();
  }

  const update = whileSeen(root, () => {
    if (built !== JSON.stringify(app.model.gpt.shapes)) return build(); // a run of another size was opened
    all.update();
    near.update();
  });
  app.keys(all.element, "Parameters", { ArrowRight: ["the next matrix", () => all.move(1)], ArrowLeft: ["the matrix before", () => all.move(-1)], Enter: ["its numbers from near", () => {}], Escape: ["away from them again", close] });
  app.state.on("parameters.matrix", () => { if (app.state.get("parameters.matrix") !== chosen.name) read(); });
  app.state.on("parameters.show", () => { if (app.state.get("parameters.show") !== chosen.kind) read(); });
  app.onStep(update);
  app.onWord(() => { if (chosen.kind === "grad.") update(); });
  app.onNames(build);
  app.onTheme(() => all.update());
  build();
}

function introduction(app) {
  return [el("p", {}, "All that the model knows is in these matrices of ", app.term("parameter", "parameters"), ", also called ", app.term("weight", "weights"), ". At step 0 they are drawn at random with a small ",
    app.term("standard deviation"), "; training changes all of them. Each rectangle is as high as its matrix has rows and as wide as it has columns, one square a number."),
  el("p", {}, "The stronger its colour, the larger a number is, measured against the largest of its matrix; a number below 0 is grey with a bar. Point at a matrix to see what it is for, choose it to see every number and a ", app.term("histogram"), ".")];
}

// Update at most every so often, and only what can be seen: what happened meanwhile shows once it can.
function whileSeen(root, update) {
  let seen = false, due = false, timer = 0;
  const soon = () => {
    due = true;
    if (!seen || timer) return;
    timer = setTimeout(() => { timer = 0; due = false; update(); }, WAIT);
  };
  new IntersectionObserver(([{ isIntersecting }]) => { seen = isIntersecting; if (due) soon(); }).observe(root);
  return soon;
}

// Where a matrix is given its shape and drawn, and where it multiplies.
function linesOf(app, name) {
  const { lines, parts } = app.data.sources.microgpt, last = `${name.split(".").at(-1)}"`;
  const inside = (number) => ["init", "forward"].some((part) => number >= parts[part][0] && number <= parts[part][1]);
  return [...app.lines(name).slice(0, 1), ...lines.map((_, i) => i + 1).filter((number) => inside(number) && lines[number - 1].includes(last))];
}

// How many numbers each part has, and the sum as it grows.
function counter(app) {
  const table = el("table", { class: "counter" });

  function update() {
    const { shapes, memory } = app.model.gpt, size = (name) => shapes[name][0] * shapes[name][1], total = memory.parameters.length;
    let running = 0;
    const number = (spec) => app.number(el("span", { class: "number" }, format(spec.value)), spec);
    const rows = partsOf(shapes).map(({ part, title, names }) => {
      const count = names.reduce((sum, name) => sum + size(name), 0), before = running, sums = names.map((name) => spelled(shapes[name])).join(" + ");
      running += count;
      return el("tr", { style: `--family:var(--${part})` }, el("th", { scope: "row" }, title, el("small", {}, names.map((name) => name.split(".").at(-1)).join(", "))),
        el("td", {}, number({ name: `parameters, ${title}`, value: count, formula: sums, lines: app.lines(names[0]) })),
        el("td", {}, number({ name: "running total", value: running, formula: `${format(before)} + ${format(count)}`, lines: app.lines(names[0]) })),
        el("td", { class: "share" }, `${((100 * count) / total).toFixed(1)} %`, el("span", { class: "bar", "aria-hidden": "true", style: `--size:${((100 * count) / total).toFixed(1)}%` })));
    });
    table.replaceChildren(el("thead", {}, el("tr", {}, ["part", "parameters", "running total", "share"].map((word) => el("th", { scope: "col" }, word)))), el("tbody", {}, rows),
      el("tfoot", {}, el("tr", {}, el("th", { scope: "row" }, `all ${Object.keys(shapes).length} matrices`), el("td", {}, number({ name: "parameters", value: total,
        formula: Object.keys(shapes).map((name) => format(size(name))).join(" + "), lines: app.lines("wte") })), el("td", {}, ""), el("td", {}, ""))));
  }

  return { element: el("div", {}, el("h3", {}, "How many there are"), el("div", { class: "wide" }, table)), update };
}
