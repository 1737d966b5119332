// One cell of attention taken apart: query times key, the sum, √K, the softmax of its row, and what was gathered.

import { el } from "../shell/el.js";
import { format } from "../shell/format.js";
import { bracketed, products } from "../shell/formulas.js";
import { valueAt } from "./5_view.js";

// Returns {element, show}.
export function dot(app, view) {
  const element = el("div", { class: "attended", role: "group", "aria-label": "One cell taken apart" });

  function show() {
    const [head, t, s] = view.cell;
    element.replaceChildren(el("h3", {}, `Head ${head}: how ${view.letter(t)} (position ${t}) looks at ${view.letter(s)} (position ${s})`),
      el("div", { class: "apart" }, product(app, view, head, t, s), shares(app, view, head, t, s), gathered(app, view, head, t)),
      el("p", { class: "source" }, [view.name("scores"), view.name("pattern"), view.name("z")].map((name) => app.sourceLine("microgpt", app.lines(name).find((line) => inside(app, line))))));
    element.dataset.cell = `${head}.${t}.${s}`;
    element.querySelectorAll("table").forEach((table) => table.setAttribute("aria-label", table.caption.textContent));
  }

  return { element, show };
}

// The line of attention() itself among the lines of a number.
export const inside = (app, line) => { const [first, last] = app.data.sources.microgpt.parts.attention; return line >= first && line <= last; };

const number = (app, spec, value) => app.number(el("span", { class: "number", style: "--family:var(--attention)" }, format(value)), { ...spec, value });
const of = (app, view, name, index, now = true) => number(app, view.spec(view.name(name), index, now), valueAt(now ? view.see(view.name(name)) : view.unchanged(view.name(name)), index));

// q and k are unchanged; the push multiplies the score afterwards.
function product(app, view, head, t, s) {
  const { K } = view.sizes, range = Array.from({ length: K }, (_, j) => head * K + j), all = (name, at) => range.map((j) => valueAt(view.unchanged(view.name(name)), [at, j])), q = all("q", t), k = all("k", s);
  const lines = app.lines(view.name("scores")), sum = q.reduce((total, x, j) => total + x * k[j], 0), score = [view.name("scores"), [t, head, s]];
  const rows = range.map((j, i) => [`${j}`, of(app, view, "q", [t, j], false), of(app, view, "k", [s, j], false), number(app, { name: `attn.q[${t}][${j}] · attn.k[${s}][${j}]`, meaning: `product ${i + 1} of ${K}`, formula: `${format(q[i])} · ${bracketed(k[i])}`, lines }, q[i] * k[i])]);
  const ends = [["sum", number(app, { name: "q · k", meaning: `the ${K} products added`, formula: products(q, k), lines }, sum)], [`÷ √${K} = score`, of(app, view, "scores", [t, head, s], false)]];
  if (view.factor !== 1 && view.heads.includes(head)) ends.push([`${view.times} (slider)`, number(app, view.spec(...score), valueAt(view.see(score[0]), score[1]))]);
  return table("1. Query times key", ["", `q of ${view.letter(t)}`, `k of ${view.letter(s)}`, "product"], [...rows, ...ends.map(([label, value]) => [label, "", "", value])]);
}

function shares(app, view, head, t, s) {
  const pattern = view.name("pattern"), scores = Array.from({ length: t + 1 }, (_, key) => valueAt(view.see(view.name("scores")), [t, head, key])), largest = Math.max(...scores), powers = scores.map((score) => Math.exp(score - largest));
  const total = powers.reduce((sum, x) => sum + x, 0), lines = app.lines(pattern);
  const rows = scores.map((score, key) => [`${view.label(key)}${key === s ? " ◀" : ""}`, of(app, view, "scores", [t, head, key]),
    number(app, { name: `exp(score[${key}] − largest)`, meaning: "the score as a power of e, the largest taken off first", formula: `exp(${format(score)} − ${bracketed(largest)})`, lines }, powers[key]), of(app, view, "pattern", [t, head, key])]);
  return table("2. Softmax of the row", ["key", "score", "exp", "weight"], [...rows, ["sum", "", number(app, { name: "total", meaning: "what each power is divided by", formula: powers.map((x) => format(x)).join(" + "), lines }, total), number(app, { name: "sum of weights", meaning: "weights of a row add up to 1", lines }, powers.reduce((sum, x) => sum + x / total, 0))]]);
}

function gathered(app, view, head, t) {
  const { K } = view.sizes, columns = Array.from({ length: K }, (_, j) => head * K + j), weight = (key) => valueAt(view.see(view.name("pattern")), [t, head, key]), v = (key, j) => valueAt(view.see(view.name("v")), [key, j]);
  const rows = Array.from({ length: t + 1 }, (_, key) => [view.label(key), ...columns.map((j) => number(app, { name: `attn.pattern[${t}][${head}][${key}] · attn.v[${key}][${j}]`, meaning: "weight times value", formula: `${format(weight(key))} · ${bracketed(v(key, j))}`, lines: app.lines(view.name("z")) }, weight(key) * v(key, j) + 0))]);
  return table("3. Weight times value, added: z", ["key", ...columns.map(String)], [...rows, ["sum = z", ...columns.map((j) => of(app, view, "z", [t, j]))]]);
}

function table(caption, heads, rows) {
  return el("div", { class: "wide" }, el("table", {}, el("caption", {}, caption), el("thead", {}, el("tr", {}, heads.map((head) => (head ? el("th", { scope: "col" }, head) : el("td", {}))))),
    el("tbody", {}, rows.map(([label, ...values]) => el("tr", { class: /◀|sum|score|×/.test(label) ? "chosen" : null }, el("th", { scope: "row" }, label), values.map((value) => el("td", {}, value)))))));
}
