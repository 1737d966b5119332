// A few parameters to be watched while the model trains: Adam's m and v of each as two small bars.

import { button, el } from "../shell/el.js";
import { format } from "../shell/format.js";

const KINDS = [["m", "running mean of the gradients"], ["v", "running mean of their squares"]];

// `chosen` {list(), at(text), remove(text), look(text)}: parameters as "wte[4][0]". Returns {element, update}.
export function watched(app, chosen) {
  const list = el("ul", { class: "watched" });
  let rows = [], key = null;

  function update() {
    const all = chosen.list();
    if (all.join() !== key) build(all);
    for (const [kind] of KINDS) {
      const values = all.map((text) => of(kind, text)), largest = Math.max(...values.map(Math.abs), 1e-300);
      rows.forEach((row, i) => paint(row[kind], values[i], largest));
    }
  }

  function of(kind, text) {
    const { name, index } = chosen.at(text);
    return app.model.gpt[kind][name][index];
  }

  function paint({ bar, number }, value, largest) {
    bar.style.setProperty("--size", `${((Math.abs(value) / largest) * 100).toFixed(1)}%`);
    bar.classList.toggle("below", value < 0);
    number.textContent = format(value, Math.abs(value) < 0.001 ? 2 : 5);
  }

  function build(all) {
    key = all.join();
    rows = all.map((text) => ({ m: meter(text, "m"), v: meter(text, "v") }));
    list.replaceChildren(...all.map((text, i) => el("li", {}, button(text, () => chosen.look(text), { class: "name", "aria-label": `Inspect ${text}` }), KINDS.map(([kind]) => rows[i][kind].element),
      el("span", { class: "controls" }, button("×", () => chosen.remove(text), { "aria-label": `Watch ${text} no longer` })))));
  }

  function meter(text, kind) {
    const bar = el("span", { class: "bar", "aria-hidden": "true" }), number = el("span", { class: "number", style: "--family:var(--memory)" });
    const { name, row, column } = chosen.at(text);
    app.number(number, () => ({ name: `${kind}.${name}`, index: [row, column], meaning: KINDS.find(([one]) => one === kind)[1] }));
    return { bar, number, element: el("span", { class: "meter" }, el("span", { class: "kind" }, kind), bar, number) };
  }

  update();
  return { element: el("div", {}, el("h3", {}, "Adam's memory of a few parameters"), list), update };
}
