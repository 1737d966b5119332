// The numbers of one operation at one position as rows of cells, each with what explains it.

import { at } from "../engine/read.js";
import { format } from "../shell/format.js";
import { bracketed } from "../shell/formulas.js";

const WIDTHS = { "attn.keys": "attn.k", "attn.values": "attn.v" };
const bare = (name) => name.replace(/^layers\.\d+\./, "");
const range = (n) => Array.from({ length: n }, (_, i) => i);

// Rows of cells of a number at position t; with `back`, of its gradient. Headed by heads where it has them.
export function rowsOf(app, name, t, back) {
  const kind = bare(name), layer = name.slice(0, name.length - kind.length), { A, K } = app.model.gpt.sizes;
  if (kind === "sum") return [{ items: sums(app, t, back) }];
  if (kind === "heads") return range(A).flatMap((head) => ["q", "k", "v"].map((part) => ({ label: `head ${head}, ${part}`, items: items(app, `${layer}attn.${part}`, t, back, head * K, K) })));
  if (WIDTHS[kind]) return range(t + 1).map((s) => ({ label: `${s}: ${letterAt(app, s)}`, items: items(app, layer + WIDTHS[kind], s, back) }));
  if (kind === "attn.scores" || kind === "attn.pattern") return range(A).map((head) => ({ label: `head ${head}`, items: range(t + 1).map((s) => item(app, name, [t, head, s], letterAt(app, s), back)) }));
  if (kind === "attn.z") return range(A).map((head) => ({ label: `head ${head}`, items: items(app, name, t, back, head * K, K) }));
  if (kind === "losses") return [{ items: range(app.trace("losses").shape[0]).map((s) => item(app, name, [s], next(app, s), back, s === t)) }];
  if (kind === "loss") return [{ items: [item(app, name, [], "mean", back)] }];
  return [{ items: items(app, name, t, back) }];
}

function items(app, name, t, back, from = 0, count = app.trace(name).shape[1] - from) {
  const { tokenizer } = app.model, over = name === "logits" || name === "probabilities", target = over ? ids(app)[t + 1] : null;
  return range(count).map((j) => item(app, name, [t, from + j], over ? tokenizer.token(from + j) : String(from + j), back, over ? from + j === target : undefined));
}

function item(app, name, index, label, back, picked) {
  const spec = { name: back ? `grad.${name}` : name, index };
  return { label, value: at(app.trace(spec.name), ...index), spec, picked };
}

function sums(app, t, back) {
  const [a, b] = ["embed", "pos_embed"].map((name) => app.trace(name)), lines = linesOf(app, { name: "sum" });
  return range(a.shape[1]).map((i) => {
    if (back) return item(app, "embed", [t, i], String(i), true);
    const one = at(a, t, i), other = at(b, t, i);
    return { label: String(i), value: one + other, spec: { name: "embed + pos_embed", index: [t, i], value: one + other, lines, meaning: "token and position, added", formula: `${format(one)} + ${bracketed(other)}` } };
  });
}

// The lines of microgpt.py that an operation is, its own first.
export function linesOf(app, { name }) {
  const { lines, parts } = app.data.sources.microgpt, line = (text) => lines.findIndex((one) => one.includes(text)) + 1;
  if (name === "sum") return [parts.add[1], ...app.lines("embed")];
  if (bare(name) === "heads") return [line("part = range("), ...app.lines(name.replace("heads", "attn.z")).slice(1, 2)];
  return app.lines(name).filter((number) => number < parts.loss[0] || number === app.lines(name)[0] || name === "probabilities");
}

export const ids = (app) => app.model.tokenizer.encode(app.model.word);
export const letterAt = (app, t) => app.model.tokenizer.token(ids(app)[t]);
export const next = (app, t) => `${letterAt(app, t)} → ${letterAt(app, t + 1)}`;
