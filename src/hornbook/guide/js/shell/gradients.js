// How each gradient of microgpt comes from those behind it: the chain rule with this run's numbers put in.

import { at } from "../engine/read.js";
import { bracketed as signed, products } from "./formulas.js";
import { format } from "./format.js";

const row = ({ shape, data }, t) => data.subarray(t * shape[1], (t + 1) * shape[1]);
const column = ({ shape: [rows, width], data }, i) => Array.from({ length: rows }, (_, o) => data[o * width + i]);
const total = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const dot = (a, b) => ({ text: products(a, b), value: total(Array.from(a), b) });
const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);

// Column i of the weights · the gradients of what they made.
const through = (weight, made) => (see, [t, i], { layer }) => dot(column(see(layer + weight), i), row(see(`grad.${layer}${made}`), t));
const same = (made) => (see, [t, i], { layer }) => one(at(see(`grad.${layer}${made}`), t, i));
const one = (value) => ({ text: format(value), value });
const plus = (a, b) => ({ text: `${a.text} + ${signed(b.value)}`, value: a.value + b.value });

// Back through y = x · scale: (∂y − y · mean of y·∂y) · scale.
function normed(see, x, name, t, i) {
  const y = row(see(name), t), g = row(see(`grad.${name}`), t), D = y.length;
  const scale = (total(x, x) / D + 1e-5) ** -0.5, mean = total(Array.from(y), g) / D;
  return { text: `(${format(g[i])} − ${signed(y[i])}·${signed(mean)}) · ${format(scale)}`, value: (g[i] - y[i] * mean) * scale };
}

const source = (see, t) => Array.from(row(see("embed"), t), (a, i) => a + row(see("pos_embed"), t)[i]);
const fromSource = (see, [t, i]) => normed(see, source(see, t), "embed_norm", t, i);

// What stands before a layer is read by its norm, and goes around its attention.
function before(see, [t, i], next, name) {
  return plus(one(at(see(`grad.${next}resid_mid`), t, i)), normed(see, Array.from(row(see(name), t)), `${next}norm1`, t, i));
}

const lastOrNext = (see, index, where, name, depth) => (depth === where.sizes.L ? through("lm_head", "logits")(see, index, { layer: "" }) : before(see, index, `layers.${depth}.`, name));
const later = (see, t) => range(t, see("losses").shape[0]);

// A weight of a matrix: at each position the gradient of what its row made, times what its column read.
const weight = (made, x) => (see, [o, i], { layer }) => dot(column(see(`grad.${layer}${made}`), o), column(see(layer + x), i));

// A number of a table: the gradients of all positions that took its row.
function taken(see, name, i, positions, none) {
  const found = positions.map((t) => at(see(name), t, i)), value = found.reduce((sum, x) => sum + x, 0);
  return { text: found.length ? found.map((x, k) => (k ? signed(x) : format(x))).join(" + ") : `0: ${none}`, value };
}

const GRADIENTS = {
  wte: (see, [id, i], { ids }) => taken(see, "grad.embed", i, later(see, 0).filter((t) => ids[t] === id), "no position read this token"),
  wpe: (see, [position, i]) => taken(see, "grad.pos_embed", i, later(see, 0).filter((t) => t === position), "the name is shorter"),
  "attn.wq": weight("attn.q", "norm1"),
  "attn.wk": weight("attn.k", "norm1"),
  "attn.wv": weight("attn.v", "norm1"),
  "attn.wo": weight("attn.out", "attn.z"),
  "mlp.fc1": weight("mlp.pre", "norm2"),
  "mlp.fc2": weight("mlp.out", "mlp.post"),
  lm_head: (see, index, { sizes: { L } }) => weight("logits", L ? `layers.${L - 1}.resid_post` : "embed_norm")(see, index, { layer: "" }),
  embed: fromSource,
  pos_embed: fromSource,
  embed_norm: (see, index, where) => lastOrNext(see, index, where, "embed_norm", 0),
  norm1: (see, index, where) => ["q", "k", "v"].map((part) => through(`attn.w${part}`, `attn.${part}`)(see, index, where)).reduce(plus),
  "attn.q": (see, [t, i], { layer, sizes: { K } }) => dot(range(0, t + 1).map((s) => at(see(`grad.${layer}attn.scores`), t, Math.floor(i / K), s) / Math.sqrt(K)),
    range(0, t + 1).map((s) => at(see(`${layer}attn.k`), s, i))),
  "attn.k": (see, [s, i], { layer, sizes: { K } }) => dot(later(see, s).map((t) => at(see(`grad.${layer}attn.scores`), t, Math.floor(i / K), s) / Math.sqrt(K)),
    later(see, s).map((t) => at(see(`${layer}attn.q`), t, i))),
  "attn.v": (see, [s, i], { layer, sizes: { K } }) => dot(later(see, s).map((t) => at(see(`${layer}attn.pattern`), t, Math.floor(i / K), s)),
    later(see, s).map((t) => at(see(`grad.${layer}attn.z`), t, i))),
  "attn.scores": (see, [t, head, s], { layer }) => {
    const of = (name) => range(0, t + 1).map((key) => at(see(name), t, head, key)), p = of(`${layer}attn.pattern`), g = of(`grad.${layer}attn.pattern`), mean = total(p, g);
    return { text: `${format(p[s])} · (${format(g[s])} − ${signed(mean)})`, value: p[s] * (g[s] - mean) };
  },
  "attn.pattern": (see, [t, head, s], { layer, sizes: { K } }) => {
    const part = (name, position) => row(see(name), position).subarray(head * K, (head + 1) * K);
    return dot(part(`grad.${layer}attn.z`, t), part(`${layer}attn.v`, s));
  },
  "attn.z": through("attn.wo", "attn.out"),
  "attn.out": same("resid_mid"),
  resid_mid: (see, [t, i], { layer }) => plus(one(at(see(`grad.${layer}resid_post`), t, i)), normed(see, Array.from(row(see(`${layer}resid_mid`), t)), `${layer}norm2`, t, i)),
  norm2: through("mlp.fc1", "mlp.pre"),
  "mlp.pre": (see, [t, i], { layer }) => {
    const on = at(see(`${layer}mlp.pre`), t, i) > 0, g = at(see(`grad.${layer}mlp.post`), t, i);
    return { text: `${format(g)} · ${on ? "1, as it is above 0" : "0, as it is not above 0"}`, value: on ? g : 0 };
  },
  "mlp.post": through("mlp.fc2", "mlp.out"),
  "mlp.out": same("resid_post"),
  resid_post: (see, index, where) => lastOrNext(see, index, where, `${where.layer}resid_post`, where.depth + 1),
  logits: (see, [t, o], { ids }) => {
    const p = at(see("probabilities"), t, o), T = see("losses").shape[0], hit = Number(ids[t + 1] === o);
    return { text: `(${format(p)} − ${hit}) / ${T}`, value: (p - hit) / T };
  },
  probabilities: (see, [t, o], { ids }) => {
    const p = at(see("probabilities"), t, o), T = see("losses").shape[0];
    return ids[t + 1] === o ? { text: `−1 / (${T} · ${format(p)})`, value: -1 / (T * p) } : { text: "0: the loss does not look at it", value: 0 };
  },
  losses: (see) => ({ text: `1 / ${see("losses").shape[0]}`, value: 1 / see("losses").shape[0] }),
  loss: () => ({ text: "1: the loss in itself", value: 1 }),
};

// {text, value}: how grad.NAME[index] is computed, as `filled` of formulas.js says it of NAME; null where there is no rule.
export function gradient(name, index, see, ids, sizes) {
  const [layer = "", depth] = /^layers\.(\d+)\./.exec(name) ?? [];
  return GRADIENTS[name.slice(layer.length)]?.(see, index, { layer, depth: Number(depth), ids, sizes }) ?? null;
}
