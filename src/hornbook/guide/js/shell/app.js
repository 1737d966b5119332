// What a section is given: the model, the names of numbers, the address, and the parts that all sections are made of.

import { spelt, family, format } from "./format.js";
import { filled, pattern } from "./formulas.js";
import { gradient } from "./gradients.js";
import { GLOSSARY } from "./glossary.js";
import { memory } from "./adam.js";
import { bars } from "./bars.js";
import { button, el } from "./el.js";
import { chart } from "./chart.js";
import { code } from "./code.js";
import { heatmap } from "./heatmap.js";
import { Keys } from "./keys.js";
import { matrix } from "./matrix.js";
import { Model } from "./model.js";
import { State } from "./state.js";
import { Tip } from "./tip.js";
import { at, place } from "../engine/read.js";
import { listOf } from "../engine/names.js";

export class App {
  constructor(data) {
    this.data = data;
    if (data.expected) data.expected.losses ??= data.run.losses;
    this.terms = { ...GLOSSARY };
    this.state = new State();
    this.keyboard = new Keys();
    this.tip = new Tip();
    this.model = new Model(listOf(data, data.run?.seed), data.config ?? undefined, data.run?.seed);
    this.themes = new Set();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.retheme());
    this.stillness = matchMedia("(prefers-reduced-motion: reduce)");
    const word = this.state.get("name", this.model.word);
    if (word && !this.model.tokenizer.unknown(word).length) this.model.look(word);
    this.state.on("name", (text) => { if (text && !this.model.tokenizer.unknown(text).length) this.model.look(text); });
    this.model.on("word", (text) => this.state.set("name", text));
  }

  // Motion is unwelcome: show the end of an animation at once.
  get still() { return this.stillness.matches; }

  trace(name, word) { return this.model.trace(name, word); }
  onStep(callback) { return this.model.on("step", callback); }
  onWord(callback) { return this.model.on("word", callback); }
  onNames(callback) { return this.model.on("names", callback); }
  onKept(callback) { return this.model.on("kept", callback); }

  onTheme(callback) { this.themes.add(callback); }
  retheme() { for (const callback of this.themes) callback(); }

  // Explain the number that an element shows. {name, index}: of this pass, or {value, name, formula, lines, file, meaning}.
  // `spec` may be a function that returns one, for elements whose number changes.
  number(element, spec) {
    if (!element.matches("button, a, input, summary, td, [tabindex]")) element.tabIndex = 0;
    if (!element.hasAttribute("role") && !element.matches("button, a, input, summary, td")) element.setAttribute("role", "note");
    return this.tip.explain(element, () => this.explanation(typeof spec === "function" ? spec() : spec));
  }

  // An element with a number in it, explained.
  shown(spec, digits = 4) {
    const value = spec.value ?? at(this.trace(spec.name, spec.word), ...(spec.index ?? []));
    return this.number(el("span", { class: "number", style: `--family:var(--${family(spec.name)})` }, format(value, digits)), { ...spec, value });
  }

  // The nodes that the box shows for a number.
  explanation({ name, index = [], value, word, formula, meaning, lines, file = "microgpt" }) {
    const bare = name.replace(/^(grad\.last|grad|m|v)\./, ""), kind = name.slice(0, name.length - bare.length), row = this.data.numbers[pattern(bare)];
    const known = value ?? at(this.trace(name, word), ...index);
    const text = formula ?? this.filled(kind, bare, index, word), general = kind ? this.ofKind(kind, bare) : row?.formula;
    const where = lines ?? (kind ? this.linesOfKind(kind) : row?.lines ?? []), from = kind.startsWith("grad") && !lines ? "autograd" : file;
    return [
      el("strong", {}, `${spelt(name, index)} = ${format(known, 6)}`),
      meaning ?? row?.meaning ? el("span", {}, meaning ?? row.meaning) : null,
      general ? el("span", { class: "formula" }, general) : null,
      text ? el("span", { class: "formula" }, `= ${text}`) : null,
      where.length ? el("span", { class: "source" }, ...where.slice(0, 2).map((line) => this.sourceLine(from, line))) : null,
    ].filter(Boolean);
  }

  ofKind(kind, bare) {
    return { "m.": "β₁ m + (1 − β₁) gradient", "v.": "β₂ v + (1 − β₂) gradient²" }[kind] ?? `∂loss/∂${bare}`;
  }

  linesOfKind(kind) {
    const { lines, parts } = this.data.sources[kind.startsWith("grad") ? "autograd" : "microgpt"];
    const sought = { "m.": "m[i] =", "v.": "v[i] =" }[kind] ?? "child.grad +=", found = lines.findIndex((line) => line.trim().startsWith(sought));
    return found < 0 ? [parts.adam?.[0]] : [found + 1];
  }

  sourceLine(file, line) {
    return el("code", {}, `${file}.py:${line}  ${this.data.sources[file].lines[line - 1].trim()}`);
  }

  // The right-hand side of a number's formula with the values in it; null where it is not computed, or no longer known.
  filled(kind, name, index, word = this.model.word) {
    const { gpt, tokenizer, step } = this.model, rule = { "": filled, "grad.": gradient }[kind];
    if (kind === "m." || kind === "v.") return step && this.model.kind === "run" ? null : memory(gpt, name, place(gpt.shapes[name], index), kind[0]);
    return rule?.(name, index, (other) => this.trace(other, word), tokenizer.encode(word), gpt.sizes)?.text;
  }

  // The lines of microgpt.py in which a number is made, its own first: for code(…).light.
  lines(name) { return this.data.numbers[pattern(name)]?.lines ?? []; }

  // A term of the field with its explanation behind it; `label` where the text says it otherwise.
  term(term, label = term) {
    if (!this.terms[term]) throw new RangeError(`"${term}" is not in the glossary.`);
    return this.tip.explain(button(label, () => {}, { class: "term" }), () => [el("strong", {}, term), el("span", {}, this.terms[term])]);
  }

  // Tell those who listen to the page rather than look at it; the last message of half a second is said.
  say(text) {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { document.getElementById("said").textContent = text; }, 250);
  }

  keys(element, heading, bindings) { this.keyboard.on(element, heading, bindings); }

  matrix(spec) {
    return matrix({ family: spec.name && family(spec.name), ...this.ofTrace(spec), ...spec });
  }

  heatmap(spec) {
    return heatmap(this, { family: spec.name && family(spec.name), ...this.ofTrace(spec), ...spec });
  }

  // What a matrix or heatmap of a named array needs: its numbers and how each is explained.
  ofTrace({ name, word }) {
    if (!name) return {};
    const index = (i, j) => (this.trace(name, word).shape.length === 1 ? [j] : [i, j]);
    return {
      title: name,
      values: () => this.trace(name, word),
      explain: (cellOrRow, i, j) => (cellOrRow instanceof Element ? this.number(cellOrRow, () => ({ name, word, index: index(i, j) }))
        : this.explanation({ name, word, index: index(cellOrRow, i) })),
      explainCell: (cell, i, j) => this.number(cell, () => ({ name, word, index: index(i, j) })),
    };
  }

  bars(spec) { return bars(spec); }
  chart(spec) { return chart(this, spec); }
  code(...parts) { return code(this, parts); }
}

