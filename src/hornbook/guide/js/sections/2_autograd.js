// Section 2: a small expression as a graph of Value nodes, its sliders, and the backward pass node by node, to and fro.

import { button, el, labelled, newId } from "../shell/el.js";
import { format } from "../shell/format.js";
import { LEAST, MOST, PRESETS } from "./2_autograd_presets.js";
import { Pass, lineOf, linesOf, said } from "./2_autograd_pass.js";
import { graph } from "./2_autograd_graph.js";
import { leafTable, nodeTable } from "./2_autograd_tables.js";

const PAUSE = 800; // milliseconds between the steps of the animation
const USUAL = "both";

export const section = { id: "autograd", title: "The Value node and autograd", mount, terms: {
  Value: "A node of the graph: one number, what it was made from, and, after the backward pass, its gradient.",
  graph: "All numbers of a computation, with an arrow from each to those that were made from it.",
  leaf: "A number that was not computed from others: an input, a parameter or a constant.",
  "forward pass": "Computing the numbers of the graph, from the leaves to the result.",
  "backward pass": "Computing the gradients of the graph, from the result to the leaves.",
  "local derivative": "How much a node moves when one of the numbers it was made from grows a little, the others standing still.",
  "finite difference": "A slope found without calculus: nudge a number a little up and down and see how far the result moves.",
  "topological order": "An order in which every node comes after those that it was made from.",
} };

function mount(root, app) {
  const chosen = { word: "", numbers: {}, step: 0 }, pass = () => chosen.pass;
  const code = app.code("autograd.Value", "autograd.slope"), picture = graph(app, pass), leaves = leafTable(app, pass), table = nodeTable(app, pass);
  const inputs = sliders(set), step = stepper(app, pass, go), presets = choices(choose), about = expression(app, pass, chosen);
  const stage = el("div", { class: "stage" }, presets.element, inputs.element, about.element, step.element, picture.element, leaves.element, table.element);
  root.append(...introduction(app), stage, code.element);

  // Take everything from the address: the expression, its numbers, the step.
  function read() {
    const asked = app.state.get("autograd.graph", USUAL), word = Object.hasOwn(PRESETS, asked) ? asked : USUAL, other = chosen.word !== word;
    chosen.word = word;
    const { leaves: usual } = PRESETS[chosen.word];
    chosen.numbers = Object.fromEntries(Object.entries(usual).map(([name, value]) => [name, within(app.state.get(`autograd.${name}`, value)) ?? value]));
    show(Math.round(app.state.get("autograd.step", 0)), other);
  }

  function show(at, other = false) {
    chosen.pass = new Pass(PRESETS[chosen.word], chosen.numbers, at);
    if (other) {
      presets.update(chosen.word);
      inputs.build(chosen.numbers);
      for (const part of [picture, leaves, table]) part.build();
    }
    inputs.update(chosen.numbers);
    for (const part of [about, step, picture, leaves, table]) part.update();
    code.light(lit(app, chosen.pass), "autograd");
  }

  function choose(word) {
    step.halt();
    for (const key of ["a", "b", "c", "step"]) app.state.set(`autograd.${key}`, "");
    app.state.set("autograd.graph", word === USUAL ? "" : word);
    read();
    app.say(`${PRESETS[word].title}. ${about.element.textContent}`);
  }

  function set(name, value) {
    chosen.numbers[name] = value;
    app.state.set(`autograd.${name}`, value === PRESETS[chosen.word].leaves[name] ? "" : String(value));
    show(chosen.pass.step);
    app.say(`${name} = ${format(value)}, result ${format(chosen.pass.result.data)}`);
  }

  function go(at) {
    const to = Math.max(0, Math.min(chosen.pass.last, at));
    app.state.set("autograd.step", to || "");
    show(to);
    app.say(said(chosen.pass));
  }

  app.keys(stage, "Autograd", { ArrowRight: ["a node further back", () => step.move(1)], ArrowLeft: ["a node less far", () => step.move(-1)],
    Home: ["forward pass only", () => step.to(0)], End: ["the whole backward pass", () => step.to(chosen.pass.last)] });
  for (const key of ["graph", "a", "b", "c", "step"]) app.state.on(`autograd.${key}`, () => { if (!same()) read(); });
  const same = () => chosen.pass && app.state.get("autograd.graph", USUAL) === chosen.word && app.state.get("autograd.step", 0) === chosen.pass.step
    && Object.entries(chosen.numbers).every(([name, value]) => app.state.get(`autograd.${name}`, PRESETS[chosen.word].leaves[name]) === value);
  read();
}

function introduction(app) {
  return [el("p", {}, "microgpt is made of one kind of thing: a ", app.term("Value"), ", a single number that remembers what it was made from. Together they are a ", app.term("graph"),
    ". The ", app.term("forward pass"), " computes the numbers from the ", app.term("leaf", "leaves"), " to the result; the ", app.term("backward pass"),
    " goes the same way back and gives every node its ", app.term("gradient"), " by the ", app.term("chain rule"), "."),
  el("p", {}, "The number on each edge is its ", app.term("local derivative"), ". Nodes pass their gradients on in the reverse of a ", app.term("topological order"),
    ", so that each has all of its own before it passes anything on. The ", app.term("finite difference"), " below checks the result.")];
}

// The line of Python, what it gives, and what there is to see in it.
function expression(app, pass, chosen) {
  const python = el("code", {}), result = app.number(el("span", { class: "number" }), () => ({ name: "result", value: pass().result.data, formula: python.textContent })), why = el("p", {});
  const update = () => {
    python.textContent = PRESETS[chosen.word].python;
    result.textContent = format(pass().result.data);
    why.textContent = PRESETS[chosen.word].why;
  };
  return { element: el("div", {}, el("p", { class: "expression" }, python, " = ", result), why), update };
}

function choices(choose) {
  const buttons = Object.entries(PRESETS).map(([word, { title }]) => [word, button(title, () => choose(word))]);
  const update = (word) => { for (const [other, one] of buttons) one.setAttribute("aria-pressed", String(other === word)); };
  return { element: el("div", { class: "controls", role: "group", "aria-label": "Expression" }, buttons.map(([, one]) => one)), update };
}

// A slider and a field for each leaf.
function sliders(set) {
  const list = el("div", { class: "controls sliders" }), wrong = el("p", { class: "wrong", role: "status" });
  let inputs = {};

  function pair(name) {
    const slide = el("input", { type: "range", min: LEAST, max: MOST, step: 0.1, "data-leaf": name, oninput: () => taken(name, slide.value, slide) });
    const field = el("input", { type: "number", min: LEAST, max: MOST, step: 0.1, "aria-label": `${name} as a number`, "aria-describedby": wrong.id, oninput: () => taken(name, field.value, field) });
    inputs[name] = [slide, field];
    return el("span", { class: "leaf" }, labelled(name, slide), field);
  }

  function taken(name, text, from) {
    const value = within(text), [, field] = inputs[name];
    field.setAttribute("aria-invalid", String(value === null));
    wrong.textContent = value === null ? `${name} takes a number from ${format(LEAST)} to ${format(MOST)}, such as 1.5.` : "";
    if (value === null) return;
    set(name, value);
    for (const input of inputs[name]) if (input !== from) input.value = value;
  }

  function build(numbers) {
    inputs = {};
    wrong.textContent = "";
    list.replaceChildren(...Object.keys(numbers).map(pair));
  }

  function update(numbers) {
    for (const [name, pairOf] of Object.entries(inputs)) for (const input of pairOf) if (input !== document.activeElement) input.value = numbers[name];
  }

  wrong.id = newId("autograd-wrong");
  return { element: el("div", {}, list, wrong), build, update };
}

// A number that a slider can have, or null.
function within(text) {
  const value = Number(text);
  return text !== "" && value >= LEAST && value <= MOST ? value : null;
}

// Backward as an animation, or node by node, to and fro.
function stepper(app, pass, go) {
  const text = el("p", { class: "step" }), count = el("span", { class: "count" });
  const play = button("Backward", () => (timer ? halt() : start())), back = button("◀ Step back", () => move(-1)), next = button("Step ▶", () => move(1)), clear = button("Clear gradients", () => to(0));
  let timer = 0;

  function start() {
    if (app.still) return go(pass().last);
    go(pass().step < pass().last ? pass().step + 1 : 1);
    timer = setInterval(() => (pass().step < pass().last ? go(pass().step + 1) : halt()), PAUSE);
    update();
  }

  function halt() {
    clearInterval(timer);
    timer = 0;
    update();
  }

  function move(way) { to(pass().step + way); }
  function to(at) { halt(); go(at); }

  function update() {
    const { step, last } = pass();
    if (timer && step === last) { clearInterval(timer); timer = 0; }
    play.textContent = timer ? "Pause" : "Backward";
    for (const [one, off] of [[back, step === 0], [next, step === last], [clear, step === 0]]) one.setAttribute("aria-disabled", String(off));
    count.textContent = `Step ${step} of ${last}`;
    text.textContent = said(pass());
  }

  return { element: el("div", {}, el("div", { class: "controls", role: "group", "aria-label": "Backward pass" }, play, back, next, clear, count), text), update, halt, move, to };
}

// The lines that run at this step: of the operations before the first, then of `backward` with the active node's own.
function lit(app, { active, step, order }) {
  const source = app.data.sources.autograd;
  if (step === 0) return [...new Set(order.flatMap((node) => linesOf(source, node)))];
  const at = (text) => lineOf(source, "Value.backward", text);
  return step === 1 ? [at("self.grad = 1")] : [at("for node in"), at("grad = node.grad"), at("for child"), at("child.grad +="), ...linesOf(source, active)];
}
