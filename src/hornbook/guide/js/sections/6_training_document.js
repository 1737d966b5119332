// The name of a training step: its letters with the pair being looked at marked, and for every pair the chance and the loss.

import { el } from "../shell/el.js";
import { format } from "../shell/format.js";
import { BOS } from "../engine/tokenizer.js";

// `last()` is {step, name, losses, chances} of the last step, or null where none was taken here. Returns {element, update}.
export function reading(app, last) {
  const heading = el("h3", {}), letters = el("ol", { class: "tokens", "aria-label": "Tokens of the name" }), frame = el("div", { class: "pairs" });
  const mean = el("p", {}), means = ["before", "now"].map((which) => meanLoss(app, last, which));
  let name = null, table = null, kind = "", marked = 0;

  function update() {
    const found = last(), next = found?.name ?? app.model.trainer.name, what = found ? "both" : "now";
    heading.textContent = found ? `Step ${found.step} was on “${next}”` : `Step ${app.model.step + 1} will be on “${next}”`;
    if (next !== name || what !== kind) build(next, what);
    else table.update();
    for (const { refresh } of means) refresh();
  }

  function build(next, what) {
    [name, kind] = [next, what];
    const ids = app.model.tokenizer.encode(name), pieces = ids.map((id) => app.model.tokenizer.token(id));
    const T = Math.min(ids.length - 1, app.model.gpt.sizes.P);
    letters.replaceChildren(...pieces.map((letter) => el("li", { class: letter === BOS ? "token bos" : "token" }, el("span", { class: "letter" }, letter), el("span", { class: "role" }))));
    table = app.matrix({ title: `Input and target pairs of ${name}`, family: "loss", values: () => numbers(T, ids), rowLabel: (i) => `${pieces[i]} → ${pieces[i + 1]}`,
      columnLabel: (j) => columns(ids)[j].label, explain: (cell, i, j) => app.number(cell, () => columns(ids)[j].spec(i)) });
    frame.replaceChildren(table.element);
    mean.replaceChildren("Loss of the name, the mean over its pairs: ", ...(what === "both" ? [means[0].element, " before the step, "] : []), means[1].element, " with the weights as they are now.");
    mark(Math.min(marked, T - 1));
  }

  // Chance of the target and loss, before the step where there was one and with the weights of now: numbers and explanations.
  function columns(ids) {
    const found = last(), chances = (t) => app.trace("probabilities", name).data[t * app.model.gpt.sizes.V + ids[t + 1]];
    const spec = (kind, t, more) => ({ name: kind, index: kind === "losses" ? [t] : [t, ids[t + 1]], word: name, ...more });
    const before = found ? [
      { label: "chance before", of: (t) => found.chances[t], spec: (t) => spec("probabilities", t, { value: found.chances[t], formula: `exp(−${format(found.losses[t])})` }) },
      { label: "loss before", of: (t) => found.losses[t], spec: (t) => spec("losses", t, { value: found.losses[t], formula: `−ln ${format(found.chances[t])}` }) }] : [];
    return [...before, { label: "chance now", of: chances, spec: (t) => spec("probabilities", t) }, { label: "loss now", of: (t) => app.trace("losses", name).data[t], spec: (t) => spec("losses", t) }];
  }

  function numbers(T, ids) {
    const all = columns(ids);
    return { shape: [T, all.length], data: Float64Array.from({ length: T * all.length }, (_, k) => all[k % all.length].of(Math.floor(k / all.length))) };
  }

  // Show which letter is the input of a pair, and which the target.
  function mark(t) {
    marked = Math.max(0, t);
    [...letters.children].forEach((item, i) => {
      item.classList.toggle("input", i === marked);
      item.classList.toggle("target", i === marked + 1);
      item.lastChild.textContent = i === marked ? "input" : i === marked + 1 ? "target" : "";
    });
  }

  const follow = ({ target }) => {
    const row = target.closest("tbody tr");
    if (row) mark([...row.parentNode.children].indexOf(row));
  };
  frame.addEventListener("focusin", follow);
  frame.addEventListener("pointerover", follow);
  return { element: el("div", { class: "stage" }, heading, letters, el("p", {}, "At every position the model reads the ", app.term("input"), " and all before it, and should have foreseen the ", app.term("target"),
    ". Point at a pair or go through them with the arrow keys."), frame, mean), update };
}

// The mean loss as one explained number that changes in place.
function meanLoss(app, last, which) {
  const element = el("span", { class: "number", style: "--family:var(--loss)" }), word = () => last()?.name ?? app.model.trainer.name;
  const before = ({ loss, losses }) => ({ name: "loss", value: loss, formula: `(${Array.from(losses, (x) => format(x)).join(" + ")}) / ${losses.length}` });
  app.number(element, () => (which === "now" ? { name: "loss", word: word() } : before(last())));
  return { element, refresh: () => { element.textContent = format(which === "now" ? app.trace("loss", word()).data[0] : last()?.loss); } };
}
