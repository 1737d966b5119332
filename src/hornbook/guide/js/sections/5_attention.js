// Section 5: who looks at whom in each head, one weight taken apart, and what would be if attention were flat or sharp.

import { button, el, labelled } from "../shell/el.js";
import { cells } from "../shell/cells.js";
import { sentence } from "./4_operations.js";
import { refusal } from "../shell/meant.js";
import { whenSeen } from "../shell/seen.js";
import { arrows } from "./5_arrows.js";
import { dot, inside } from "./5_dot.js";
import { effect } from "./5_effect.js";
import { MOST, View, valueAt } from "./5_view.js";

export const section = { id: "attention", title: "Attention, head by head", mount };

function mount(root, app) {
  const view = new View(app), controls = controlsOf(app, view), pictures = el("div", { class: "headed" }), apart = dot(app, view), after = effect(app, view), code = app.code("microgpt.attention", "microgpt.softmax");
  const stage = el("div", { class: "stage attention", tabindex: -1, role: "group", "aria-label": "Attention" }, controls.element, pictures, apart.element, after.element);
  let drawn = "", heads = [];

  function show() {
    view.forget();
    if (drawn !== shape()) {
      drawn = shape();
      heads = view.heads.map((head) => headOf(app, view, head));
      pictures.replaceChildren(...heads.map(({ element }) => element));
      pictures.classList.toggle("one", heads.length === 1);
    }
    controls.update();
    for (const part of [...heads, apart, after]) part.show();
  }

  const shape = () => `${view.heads} ${view.word} ${view.layer}`;
  root.append(el("p", {}, ...sentence(app, "In each [head], every position (its [query]) spreads a weight of 1 over itself and the positions before it (their [key|keys]). Rows look, columns are looked at; what comes later is never seen. Pick a cell to take its number apart.")), stage, code.element);
  code.light([view.name("scores"), view.name("pattern"), view.name("z")].flatMap((name) => app.lines(name)).filter((line) => inside(app, line)));
  app.keys(stage, "Attention", { h: ["next head, or all", () => nextHead(app, view)], u: ["uniform", () => push(app, -MOST)], t: ["unchanged", () => push(app, 0)], p: ["peaked", () => push(app, MOST)] });
  for (const key of ["name", "head", "cell", "push", "layer"]) app.state.on(`attention.${key}`, show);
  show();
  app.onStep(whenSeen(stage, show));
  app.onWord(controls.update);
  app.onNames(() => { drawn = ""; show(); });
}

const push = (app, place) => { app.state.set("attention.push", place ? String(place) : ""); app.say({ [-MOST]: "uniform", 0: "unchanged", [MOST]: "peaked" }[place] ?? ""); };

function nextHead(app, view) {
  const head = view.head === null ? 0 : view.head + 1;
  app.state.set("attention.head", head < view.sizes.A ? String(head) : "");
  app.say(head < view.sizes.A ? `Head ${head}` : "All heads");
}

function controlsOf(app, view) {
  const text = el("input", { size: 8, maxlength: 30, autocomplete: "off", spellcheck: "false", autocapitalize: "off" }), wrong = el("span", { class: "wrong", role: "status" });
  const shared = button("", () => app.state.set("attention.name", app.model.word)), choices = el("span", { role: "group", "aria-label": "Heads", class: "controls" }), said = el("output", {});
  const layer = el("select", { onchange: () => app.state.set("attention.layer", layer.value) }), layers = labelled("Layer", layer);
  const slider = el("input", { type: "range", min: -MOST, max: MOST, step: 1, oninput: () => push(app, Number(slider.value)) });
  const ends = [["Uniform", -MOST], ["Unchanged", 0], ["Peaked", MOST]].map(([label, place]) => [button(label, () => push(app, place)), place]);
  const take = (word) => {
    wrong.replaceChildren(...refusal(app, text, word, take));
    if (word && !wrong.firstChild) app.state.set("attention.name", word);
  };
  text.addEventListener("input", () => take(text.value.trim()));

  function update() {
    const { A, L } = view.sizes;
    if (document.activeElement !== text) text.value = view.word;
    shared.textContent = `Take “${app.model.word}”`;
    shared.hidden = app.model.word === view.word;
    if (choices.children.length !== A + 1) choices.replaceChildren(...[null, ...Array(A).keys()].map((head) => button(head === null ? "All heads" : `Head ${head}`, () => app.state.set("attention.head", head === null ? "" : String(head)))));
    [...choices.children].forEach((one, i) => one.setAttribute("aria-pressed", String((view.head ?? -1) === i - 1)));
    if (layer.options.length !== L) layer.replaceChildren(...Array.from({ length: L }, (_, i) => el("option", { value: i }, String(i))));
    layer.value = String(view.layer);
    layers.hidden = L < 2;
    slider.value = String(view.place);
    said.textContent = `scores ${view.times}`;
    slider.setAttribute("aria-valuetext", said.textContent);
    for (const [one, place] of ends) one.setAttribute("aria-pressed", String(view.place === place));
  }

  const element = el("div", {}, el("p", { class: "controls" }, labelled("Short name", text), shared, layers, wrong), el("p", { class: "controls" }, choices),
    el("p", { class: "controls" }, labelled("From uniform to peaked", slider), ends.map(([one]) => one)), el("p", {}, "Now: ", said, ", in the heads shown."));
  return { element, update };
}

// One head: its weights as a square of cells, and as arrows.
function headOf(app, view, head) {
  const name = view.name("pattern"), square = cells(app, { title: `Head ${head}: who looks at whom; rows look, columns are looked at`, family: "attention", columns: "query ╲ key", digits: view.head === null ? 2 : 4, onPick });
  const looks = arrows(head), element = el("figure", { class: "picture" }, el("figcaption", {}, `Head ${head}`), el("div", { class: "wide" }, square.element), looks.element);

  function onPick(t, s) {
    if (s > t) { app.say("A later key: not seen"); return; }
    app.state.set("attention.cell", `${head}.${t}.${s}`);
    app.say(`Head ${head}: ${view.letter(t)} looks at ${view.letter(s)}, taken apart below`);
  }

  function show() {
    const pattern = view.see(name), { T } = view, [of, query, key] = view.cell, weight = (t, s) => valueAt(pattern, [t, head, s]);
    square.show(Array.from({ length: T }, (_, t) => ({ label: view.label(t), items: Array.from({ length: T }, (_, s) => ({ label: view.label(s), value: weight(t, s), spec: s > t ? null : view.spec(name, [t, head, s]), picked: of === head && t === query && s === key })) })));
    looks.show(T, weight, (t) => view.label(t), query);
  }

  return { element, show };
}
