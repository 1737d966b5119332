// What the push does further on: to what the head gathers, to what attention adds, to the next letter, to the loss.

import { el } from "../shell/el.js";
import { cells } from "../shell/cells.js";
import { valueAt } from "./5_view.js";

const MOST = 8; // letters shown as bars

// Returns {element, show}.
export function effect(app, view) {
  const heading = el("h3", {}), loss = el("p", {}), z = cells(app, { title: "attn.z, unchanged and now", family: "attention" }), out = cells(app, { title: "attn.out, unchanged and now", family: "attention" });
  const all = cells(app, { title: "Probabilities of the next letter, unchanged and now", family: "loss" });
  const bars = app.bars({ title: "Next letter now, and unchanged", items: likely, family: "loss", explain: (element, { index }) => app.number(element, () => view.spec("probabilities", index)) });
  const element = el("div", { class: "attended" }, heading, el("div", { class: "effects" }, el("div", {}, el("h4", {}, "What the heads gather: attn.z"), z.element, el("h4", {}, "What attention adds to the stream: attn.out"), out.element),
    el("div", {}, el("h4", {}, "The next letter: the likeliest"), bars.element, loss)), el("details", { class: "behind" }, el("summary", {}, "Every letter"), all.element));

  function likely() {
    const [, t] = view.cell, { tokenizer } = app.model, chance = (now, i) => valueAt(now ? view.see("probabilities") : view.unchanged("probabilities"), [t, i]);
    const order = [...Array(tokenizer.vocabSize).keys()].sort((a, b) => chance(true, b) - chance(true, a)).slice(0, MOST);
    return order.map((i) => ({ label: tokenizer.token(i), value: chance(true, i), index: [t, i], chosen: i === view.ids[t + 1], note: view.factor === 1 ? null : ["unchanged ", app.shown(view.spec("probabilities", [t, i], false))] }));
  }

  function rows(name, label = String) {
    const [, t] = view.cell, row = (text, now) => {
      const found = now ? view.see(name) : view.unchanged(name);
      return { label: text, items: Array.from({ length: found.shape[1] }, (_, i) => ({ label: label(i), value: valueAt(found, [t, i]), spec: view.spec(name, [t, i], now) })) };
    };
    return view.factor === 1 ? [row("unchanged", false)] : [row("unchanged", false), row("now", true)];
  }

  function show() {
    const [, t] = view.cell;
    heading.textContent = `What ${view.letter(t)} (position ${t}) makes of it`;
    z.show(rows(view.name("z")));
    out.show(rows(view.name("out")));
    all.show(rows("probabilities", (i) => app.model.tokenizer.token(i)));
    bars.update();
    loss.replaceChildren("Loss of the whole name: ", app.shown({ name: "loss", word: view.word }), ...(view.factor === 1 ? [] : [" unchanged, ", app.shown({ ...view.spec("loss", []), name: "loss" }), " now"]), ".");
  }

  return { element, show };
}
