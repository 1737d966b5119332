// One parameter under the magnifier: chosen in a picture of its matrix or by row and column, with its gradient, m, v and update.

import { button, el, labelled } from "../shell/el.js";
import { family, format } from "../shell/format.js";
import { fine, nudge, rowsOf } from "../shell/adam.js";
import { bracketed } from "../shell/formulas.js";

const KINDS = { "": "value", "grad.last.": "gradient of the last step", "m.": "Adam's m", "v.": "Adam's v" };

// {name, row, column, index} of a text such as "wte[4][0]", or null where the model has no such parameter.
export function parameterAt(gpt, text) {
  const [, name, row, column] = /^(.+)\[(\d+)\]\[(\d+)\]$/.exec(text) ?? [], shape = gpt.shapes[name];
  return shape && row < shape[0] && column < shape[1] ? { name, row: Number(row), column: Number(column), index: row * shape[1] + Number(column) } : null;
}

// `here()` is the chosen parameter, `choose(name, row, column)` another, `watch()` keeps it in sight, `light(rows)` shows Python lines.
export function inspector(app, { here, choose, watch, light }) {
  const matrix = el("select", { onchange: () => choose(matrix.value, 0, 0) }), show = el("select", { onchange: () => update() });
  const row = el("input", { type: "number", min: 0, oninput: () => typed() }), column = el("input", { type: "number", min: 0, oninput: () => typed() });
  show.append(...Object.entries(KINDS).map(([kind, text]) => el("option", { value: kind }, text)));
  const title = el("h4", {}), frame = el("div", { class: "magnified" }), mark = el("span", { class: "mark", "aria-hidden": "true" }), value = app.number(el("span", { class: "number" }), () => spec(""));
  const last = updateRows(app, here, light), check = nudging(app, here);
  let pictures = new Map(), shown = null;
  fillMatrices();

  const spec = (kind) => { const { name, row: i, column: j } = here(); return { name: kind + name, index: [i, j] }; };
  const typed = () => choose(here().name, row.value, column.value);

  function fillMatrices() {
    pictures = new Map();
    matrix.replaceChildren(...Object.keys(app.model.gpt.shapes).map((name) => el("option", { value: name }, name)));
  }

  function update() {
    const { name, row: i, column: j } = here(), [height, width] = app.model.gpt.shapes[name];
    matrix.value = name;
    for (const [input, at, size] of [[row, i, height], [column, j, width]]) {
      input.max = size - 1;
      if (document.activeElement !== input) input.value = at;
    }
    title.textContent = `${name}[${i}][${j}]`;
    value.style.setProperty("--family", `var(--${family(name)})`);
    value.textContent = format(app.model.gpt.parameters[name][here().index], 6);
    picture(show.value + name);
    last.update();
    check.update();
  }

  // The matrix as a heatmap, made when it is first looked at.
  function picture(name) {
    if (!pictures.has(name)) pictures.set(name, heatmap(name));
    const one = pictures.get(name);
    one.update();
    if (shown !== one) frame.replaceChildren(one.element, mark);
    shown = one;
    place(one.element.querySelector("canvas"));
  }

  // A frame around the chosen parameter's cell.
  function place(canvas) {
    const { name, row: i, column: j } = here(), [height, width] = app.model.gpt.shapes[name], w = canvas.offsetWidth / width, h = canvas.offsetHeight / height;
    for (const [side, size] of Object.entries({ left: canvas.offsetLeft + j * w, top: canvas.offsetTop + i * h, width: w, height: h })) mark.style[side] = `${size.toFixed(1)}px`;
  }

  function heatmap(name) {
    const bare = here().name, [height, width] = app.model.gpt.shapes[bare];
    const rowLabel = /^(wte|lm_head)$/.test(bare) ? (i) => app.model.tokenizer.token(i) : String;
    return app.heatmap({ name, cell: Math.max(8, Math.min(14, Math.floor(288 / width))), rowLabel, onPick: (i, j) => { choose(bare, i, j); app.say(`${bare}[${i}][${j}] chosen`); },
      explain: (i, j) => [el("strong", {}, `${bare}[${i}][${j}]`), ...Object.entries(KINDS).map(([kind, text]) => el("span", {}, `${text}: ${format(valueOf(kind, bare, i * width + j), 6)}`)), el("span", {}, "Click or Enter chooses it.")] });
  }

  const valueOf = (kind, name, index) => app.model.gpt[{ "": "parameters", "grad.last.": "gradients", "m.": "m", "v.": "v" }[kind]][name][index];

  const chooser = el("p", { class: "controls" }, labelled("Matrix", matrix), labelled("row", row), labelled("column", column), labelled("Picture of", show));
  const element = el("div", { class: "stage" }, el("h3", {}, "Inspect any parameter"), chooser,
    el("div", { class: "lens" }, frame, el("div", {}, title, el("p", {}, "Value now: ", value, " ", button("Watch this one", watch, { class: "controls" })), last.element, check.element)));
  app.onNames(fillMatrices);
  addEventListener("resize", () => place(frame.querySelector("canvas")));
  return { element, update };
}

// What the last step did to it, row by row, with the values put in.
function updateRows(app, here, light) {
  const caption = el("p", {}), list = el("dl", { class: "update" });
  let rows = null, shownStep = -1;

  function update() {
    const { model } = app, { step } = model, known = step > 0 && model.kind !== "run";
    caption.textContent = known ? `What step ${step} on “${model.names[(step - 1) % model.names.length]}” did to it:`
      : step ? `These weights came from a file, ${model.gpt.memory.m.some((x) => x) ? "Adam's m and v with them, but not the gradients of the last step" : "without Adam's memory: m and v begin at 0 with the next step"}.` : "No step has been taken: there is no gradient yet, and m and v are 0.";
    list.hidden = !known;
    if (!known) return;
    const { name, index } = here(), found = rowsOf(model.gpt, name, index);
    rows ??= build(found);
    rows.forEach((row, i) => row.show(found[i]));
  }

  function build(found) {
    const made = found.map(() => one());
    list.replaceChildren(...made.flatMap(({ label, value }) => [label, value]));
    return made;
  }

  function one() {
    let row = null;
    const label = el("dt", {}), number = el("span", { class: "number" }), formula = el("code", { class: "formula" }), values = el("code", { class: "formula" });
    app.number(number, () => ({ name: `${here().name}[${here().row}][${here().column}] ${row.label}`, value: row.value, meaning: row.meaning, lines: [lineOf(app, row.line, row.file)], file: row.file, formula: row.values ? `${row.formula} = ${row.values}` : row.formula }));
    const item = el("dd", {}, number, " ", formula, " ", values), lit = () => light([lineOf(app, row.line, row.file)], row.file);
    item.addEventListener("focusin", lit);
    item.addEventListener("pointerenter", lit);
    return { label, value: item, show: (next) => {
      row = next;
      label.textContent = row.label;
      number.textContent = fine(row.value);
      number.style.setProperty("--family", `var(--${row.family})`);
      formula.textContent = `= ${row.formula}`;
      values.textContent = row.values ? `= ${row.values}` : "";
    } };
  }

  return { element: el("div", {}, caption, list), update };
}

// The gradient that the next step will find, by the backward pass and by nudging the parameter.
function nudging(app, here) {
  const caption = el("p", {}), gradient = el("span", { class: "number", style: "--family:var(--loss)" }), result = el("div", { class: "nudged", role: "status" });
  let word = "", asked = "";
  app.number(gradient, () => ({ name: `grad.${here().name}`, index: [here().row, here().column], word }));

  function update() {
    const { model } = app, { name, row, column, index } = here(), state = `${name} ${index} ${model.step} ${model.kind} ${model.trainer.name}`;
    if (word !== model.trainer.name || !caption.firstChild) {
      word = model.trainer.name;
      caption.replaceChildren(`Its gradient for the next name, “${word}”, by the backward pass: `, gradient, ".");
    }
    gradient.textContent = fine(app.trace(`grad.${name}`, word).data[index]);
    if (asked !== state) result.replaceChildren();
    asked = state;
    check.setAttribute("aria-label", `Check the gradient of ${name}[${row}][${column}] by nudging`);
  }

  function go() {
    const { name, index } = here(), { gpt, tokenizer } = app.model, { h, above, below, slope } = nudge(gpt, tokenizer.encode(word), name, index);
    const exact = app.trace(`grad.${name}`, word).data[index], off = Math.abs(exact - slope), close = off < 1e-6;
    const number = (label, value, formula, digits) => app.number(el("span", { class: "number", style: "--family:var(--loss)" }, format(value, digits)), { name: label, value, formula, lines: [], meaning: "of the loss with this one parameter moved" });
    result.replaceChildren(
      el("p", {}, "With h = ", number("h", h, "how far the parameter is moved, up and down", 5), ": L(x + h) = ", number("L(x + h)", above, `loss of “${word}” with x + ${h}`, 8), ", L(x − h) = ", number("L(x − h)", below, `loss of “${word}” with x − ${h}`, 8), "."),
      el("p", {}, "(L(x + h) − L(x − h)) / 2h = ", number("slope", slope, `(${format(above, 8)} − ${format(below, 8)}) / ${2 * h}`, 6), "."),
      el("p", {}, `${close ? "✓ The same as the backward pass" : "✗ Not what the backward pass says"}: they differ by `, number("difference", off, `|${format(exact, 8)} − ${bracketed(slope, 8)}|`, 9), "."));
  }

  const check = button("Check by nudging", go);
  return { element: el("div", {}, caption, el("p", { class: "controls" }, check), result), update };
}

function lineOf(app, piece, file = "microgpt") {
  return app.data.sources[file].lines.findIndex((line) => line.trim().startsWith(piece)) + 1;
}
