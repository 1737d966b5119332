// One training step on a copy of the model: the rows of wte that a name uses move, every other stays where it was.

import { button, el } from "../shell/el.js";
import { format } from "../shell/format.js";
import { gradient } from "../shell/gradients.js";
import { GPT } from "../engine/gpt.js";
import { read } from "../engine/read.js";

export function step(app, code) {
  const say = el("p", { role: "status" }), table = el("tbody", {}), detail = el("div", {}), take = button("", go), back = button("Back to the beginning", reset);
  let gpt, before, counts, word, chosen = 0, taken = [];
  renew();
  const heads = ["token", "in the name", "gradient", "moved by", "so it"].map((text) => el("th", { scope: "col" }, text));
  const all = el("details", { ontoggle: () => fill() }, el("summary", {}, "All rows"), el("div", { class: "wide" }, el("table", { class: "rows" }, el("thead", {}, el("tr", {}, heads)), table)));
  const heat = app.heatmap({ title: "How far each number of wte moved", family: "embedding", cell: 12, values: () => ({ shape: gpt.shapes.wte, data: gpt.parameters.wte.map((x, i) => x - before.wte[i]) }),
    rowLabel: (i) => token(i), explain: (i, j) => app.explanation(spec(i, j)), explainCell: (cell, i, j) => app.number(cell, () => spec(i, j)), onPick: (i) => pick(i) });
  heat.element.querySelector("canvas").after(el("figcaption", { class: "remark" }, "A row for each token, a column for each of its numbers; empty is 0, a bar marks what went down."));

  const token = (id) => gpt.tokenizer.token(id), D = () => gpt.sizes.D;

  // A copy of the weights with Adam's memory empty, so that this step's gradient alone decides.
  function renew() {
    const { model } = app;
    gpt = new GPT(model.tokenizer.letters, model.gpt.config);
    gpt.memory.parameters.set(model.gpt.memory.parameters);
    taken = [];
    remember();
  }

  function reset() {
    renew();
    update();
  }

  function remember() {
    before = { wte: gpt.parameters.wte.slice(), m: gpt.m.wte.slice(), v: gpt.v.wte.slice(), rate: gpt.rate() };
  }

  function go() {
    ({ word } = app.model);
    remember();
    const ids = gpt.tokenizer.encode(word), loss = gpt.train(ids), read = ids.slice(0, gpt.T);
    taken.push(word);
    counts = Array.from({ length: gpt.sizes.V }, (_, id) => read.filter((other) => other === id).length);
    [chosen] = read.slice(1);
    chosen ??= read[0];
    update(loss);
    code.light(span(app.data.sources.microgpt.parts.adam));
    app.say(say.textContent);
  }

  const span = ([first, last]) => Array.from({ length: last - first }, (_, i) => first + 1 + i);

  function update(loss) {
    take.textContent = `Take one step on “${app.model.word}”`;
    back.disabled = !taken.length;
    counts ??= [];
    if (!taken.length) counts = new Array(gpt.sizes.V).fill(0);
    const moved = distances(), by = (test) => moved.map((far, id) => id).filter((id) => test(id)).map(token).join(" ") || "none";
    say.replaceChildren(...(!taken.length ? ["No step taken yet: nothing has moved."] : [`Step ${taken.length} on “${word}”: its loss was `, app.shown(lossOf(loss)), `. Moved and used: ${by((id) => moved[id] > 0 && counts[id])}. `
      + `Moved without being used: ${by((id) => moved[id] > 0 && !counts[id])}. Exactly where they were: ${moved.filter((far) => far === 0).length} of ${moved.length} rows.`
      + (moved.some((far, id) => far > 0 && !counts[id]) ? " Those moved by Adam's memory of an earlier step, not by a gradient." : "")]));
    fill();
    heat.element.hidden = !taken.length;
    heat.update();
    pick(Math.min(chosen, gpt.sizes.V - 1), false);
  }

  // The table of all rows, only while it can be seen.
  function fill() {
    table.replaceChildren(...(all.open ? distances().map((far, id) => line(id, far)) : []));
  }

  const distances = () => Array.from({ length: gpt.sizes.V }, (_, id) => size(row(gpt.parameters.wte, id).map((x, j) => x - before.wte[id * D() + j])));
  const row = (array, id) => array.slice(id * D(), (id + 1) * D());
  const size = (vector) => Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));

  function line(id, far) {
    const slope = taken.length ? size(row(gpt.gradients.wte, id)) : 0, number = (value, name, meaning, formula) => app.number(el("span", {}, format(value)), { name, index: [id], value, meaning, formula, lines: app.lines("wte") });
    return el("tr", { class: far > 0 ? "moved" : null }, el("th", { scope: "row" }, button(token(id), () => pick(id), { "aria-pressed": String(id === chosen) })), el("td", {}, counts[id] ? `${counts[id]}×` : "–"),
      el("td", {}, number(slope, "‖grad.wte‖", `the length of the gradient of row ${id}`, "√Σ (∂loss/∂wte[id][i])²")), el("td", {}, number(far, "‖Δwte‖", `how far row ${id} moved`, "√Σ (after − before)²")), el("td", {}, far > 0 ? "moved" : "stayed"));
  }

  // One row in full: before, gradient, change, after.
  function pick(id, aloud = true) {
    chosen = id;
    table.querySelectorAll("button").forEach((one, i) => one.setAttribute("aria-pressed", String(i === id)));
    const from = row(before.wte, id), to = row(gpt.parameters.wte, id), slope = taken.length ? row(gpt.gradients.wte, id) : from.map(() => 0);
    const names = ["before", "gradient", "change", "after"], parts = [from, slope, to.map((x, j) => x - from[j]), to];
    const made = app.matrix({ title: `Row ${id} of wte, “${token(id)}”`, family: "embedding", values: () => ({ shape: [4, D()], data: Float64Array.from(parts.flatMap((one) => [...one])) }), rowLabel: (i) => names[i],
      explain: (cell, i, j) => app.number(cell, () => (i === 1 ? { name: "grad.wte", index: [id, j], value: parts[1][j], formula: slopeOf(id, j) } : i === 0 ? { name: "wte", index: [id, j], value: from[j] } : { ...spec(id, j), value: parts[i][j] })) });
    detail.replaceChildren(el("h4", {}, `Row ${id} of wte, “${token(id)}”`), made.element);
    if (aloud) app.say(`Row ${id}, ${token(id)}: ${parts[2].some((x) => x) ? "moved" : "still"}`);
  }

  const lossOf = (value) => {
    const { data } = read(gpt, "losses", gpt.tokenizer.encode(word));
    return { name: "loss of the step", value, meaning: "mean surprise at the name's letters, in nats, before the step", formula: `(${Array.from(data, (x) => format(x)).join(" + ")}) / ${data.length}`, lines: app.lines("loss").slice(0, 1) };
  };

  // How the gradient of one number came from the positions that read its row: of this step, not of the model above.
  function slopeOf(id, j) {
    const ids = gpt.tokenizer.encode(word ?? "");
    return taken.length ? gradient("wte", [id, j], (name) => read(gpt, name, ids), ids, gpt.sizes).text : "0: no step has been taken";
  }

  // What Adam did to one number, with the values put in.
  function spec(id, j) {
    const k = id * D() + j, { beta1, beta2, epsilon } = gpt.config, n = gpt.step, m = gpt.m.wte[k], v = gpt.v.wte[k], adam = app.data.sources.microgpt.parts.adam;
    const formula = taken.length ? `− ${format(before.rate)}·${format(m / (1 - beta1 ** n))} / (√${format(v / (1 - beta2 ** n), 6)} + ${epsilon})` : "no step yet";
    return { name: "Δwte", index: [id, j], value: gpt.parameters.wte[k] - before.wte[k], meaning: counts[id] ? "how far this number moved" : "a row the name did not use: its gradient is 0", formula, lines: [adam[1] - 1] };
  }

  app.onWord(() => { take.textContent = `Take one step on “${app.model.word}”`; });
  app.onStep((done) => { if (!done) reset(); });
  app.onNames(reset);
  reset();
  const stage = el("div", { class: "stage", id: "meaning-step", tabindex: 0, role: "group", "aria-label": "One training step" }, el("h3", {}, "One step moves the rows that were used"),
    el("p", {}, "The same step as in training, on a copy of the model whose memory in ", app.term("Adam"), " is empty. Only the tokens that are read have a ", app.term("gradient"), " in wte; all others have exactly 0. Take a second step on another name to see what Adam's memory does."),
    el("p", { class: "controls" }, take, back), say, heat.element, detail, all);
  app.keys(stage, "Meaning", { Enter: ["take a step on the name", go], Backspace: ["back to before the steps", reset] });
  return stage;
}
