// One drawn letter taken apart: the random number on the cumulative line, and logits to probabilities token by token.

import { el, svg } from "../shell/el.js";
import { format } from "../shell/format.js";
import { bracketed } from "../shell/formulas.js";

// The line from 0 to the total, a piece for each token as long as its probability, and the place where the number fell.
export function line(app, { cumulative, probabilities, random, place, next }, where) {
  const total = cumulative[cumulative.length - 1], share = (p) => `${((100 * p) / total).toFixed(3)}%`, token = (id) => app.model.tokenizer.token(id);
  const label = `The cumulative line from 0 to ${format(total)}: ${format(place)} falls into the piece of ${token(next)}, from ${format(cumulative[next] - probabilities[next])} to ${format(cumulative[next])}`;
  return el("div", { class: "draw", role: "img", "aria-label": label, style: `--place:${share(place)}` }, told(app, el("div", { class: place > total / 2 ? "place left" : "place" }, format(place)), placeSpec(random, place, total, where)),
    el("div", { class: "pieces" }, Array.from(probabilities, (p, id) => el("span", { class: id === next ? "hit" : null, style: `width:${share(p)}` }, p > 0.03 * total ? token(id) : null))),
    el("div", { class: "ends" }, el("span", {}, "0"), told(app, el("span", {}, format(total)), totalSpec(total, where))));
}

// Numbers of a picture, explained where the pointer is on them; the keyboard finds them in the sentence below.
const told = (app, element, spec) => app.tip.explain(element, () => app.explanation(spec));
const totalSpec = (total, where) => ({ name: "total", value: total, meaning: "sum of all probabilities, as random.choices adds them up", lines: [where("rng.choices")] });
const placeSpec = (random, place, total, where) => ({ name: "place", value: place, meaning: "the place on the cumulative line", formula: `${format(random, 6)} · ${format(total, 6)}`, lines: [where("rng.choices")] });

// In words, every number of it explained.
export function sentence(app, step, where) {
  const { random, place, cumulative, probabilities, next } = step, total = cumulative[cumulative.length - 1], letter = app.model.tokenizer.token(next), lines = [where("rng.choices")];
  const number = (spec, digits) => app.shown({ lines, ...spec }, digits);
  return el("p", {}, "Mersenne Twister: random() = ", number({ name: "random()", value: random, meaning: "the next number of the random stream, anywhere from 0 up to 1, each place as likely", formula: "(a · 2²⁶ + b) / 2⁵³ of 27 and 26 random bits" }, 6),
    ", times the total ", number(totalSpec(total, where), 4), " = ", number(placeSpec(random, place, total, where), 6),
    ". It is at least ", number({ name: `cumulative before ${letter}`, value: cumulative[next] - probabilities[next], meaning: "sum of the probabilities of all tokens before it" }), " and below ",
    number({ name: `cumulative of ${letter}`, value: cumulative[next], meaning: "the first running total above the place" }), `: random.choices takes “${letter}”.`);
}

// What explains the probability of a token: its power of e over the sum of all.
export function chanceSpec(app, { logits, probabilities }, temperature, id, where) {
  const largest = Math.max(...logits) / temperature, powers = Array.from(logits, (logit) => Math.exp(logit / temperature - largest)), token = app.model.tokenizer.token(id);
  return { name: `probability of ${token}`, value: probabilities[id], meaning: `how likely “${token}” was to be drawn`, formula: `${format(powers[id])} / ${format(powers.reduce((sum, x) => sum + x, 0))}`, lines: [where("return [power / total")] };
}

const COLUMNS = ["logit", "÷ T", "exp", "probability", "cumulative"];

// Every token's way from logit to probability, as a grid; the drawn one is marked.
export function table(app, step, { temperature, word }, where) {
  const { logits, probabilities, cumulative, position, next } = step, { V } = app.model.gpt.sizes, largest = Math.max(...logits) / temperature;
  const powers = Array.from(logits, (logit) => Math.exp(logit / temperature - largest));
  const token = (id) => app.model.tokenizer.token(id);
  const specs = [
    (id) => ({ name: "logits", index: [position, id], value: logits[id], word }),
    (id) => ({ name: `logit of ${token(id)} / temperature`, value: logits[id] / temperature, meaning: "below 1 the temperature stretches differences, above 1 it shrinks them", formula: `${format(logits[id])} / ${temperature}`, lines: [where("probabilities = [p.data")] }),
    (id) => ({ name: `exp(score of ${token(id)} − largest)`, value: powers[id], meaning: "the largest score is taken off first so that nothing overflows", formula: `exp(${format(logits[id] / temperature)} − ${bracketed(largest)})`, lines: [where("powers =")] }),
    (id) => chanceSpec(app, step, temperature, id, where),
    (id) => ({ name: `cumulative of ${token(id)}`, value: cumulative[id], meaning: "its probability and those of all tokens before it", formula: id ? `${format(cumulative[id - 1])} + ${format(probabilities[id])}` : format(probabilities[0]), lines: [where("rng.choices")] }),
  ];
  const columns = [logits, logits.map((logit) => logit / temperature), powers, probabilities, cumulative];
  const grid = app.matrix({ title: `From logits to probabilities at position ${position}`, family: "loss", rowLabel: (id) => (id === next ? `${token(id)} ◀ drawn` : token(id)), columnLabel: (j) => COLUMNS[j],
    values: () => ({ shape: [V, 5], data: Float64Array.from({ length: V * 5 }, (_, k) => columns[k % 5][Math.floor(k / 5)]) }), explain: (cell, id, j) => app.number(cell, () => specs[j](id)) });
  grid.element.querySelectorAll("tbody tr")[next].classList.add("drawn");
  return grid;
}

// A distribution as narrow bars, the drawn one marked by colour and by a triangle.
export function small(probabilities, next) {
  const largest = Math.max(...probabilities), step = 3, height = 40, bars = Array.from(probabilities, (p, id) => svg("rect", { x: id * step, width: step - 0.6, y: height - (p / largest) * height, height: (p / largest) * height, class: id === next ? "hit" : "piece" }));
  return svg("svg", { viewBox: `-3 0 ${probabilities.length * step + 6} ${height + 8}`, class: "small", "aria-hidden": "true" }, bars, svg("path", { d: `M${next * step + 1.2},${height + 1} l4,6 h-8 z`, class: "hit" }));
}
