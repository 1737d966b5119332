// Formulas with the values put in: how one number of microgpt came from others, written out with this run's numbers.

import { at } from "../engine/read.js";
import { format } from "./format.js";

const TERMS = 3; // of a long sum that are written out

// Every rule gives {text, value}: what is written, and what it comes to.
const dot = (a, b) => ({ text: products(a, b), value: Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0) });

// Σ a·b of two lists of numbers, the first terms written out.
export function products(a, b) {
  const shown = Array.from(a).slice(0, TERMS).map((x, i) => `${i ? bracketed(x) : format(x)}·${bracketed(b[i])}`);
  return shown.join(" + ") + (a.length > TERMS ? ` + … (${a.length} products)` : "");
}

// A number as it stands behind a sign: in brackets where it has one of its own.
export const bracketed = (x, digits) => (x < 0 ? `(${format(x, digits)})` : format(x, digits));

const row = ({ shape, data }, i) => data.subarray(i * shape[1], (i + 1) * shape[1]);
const sum = (a, b) => ({ text: `${format(a)} + ${bracketed(b)}`, value: a + b });
const LATER = { text: "a later key: not seen", value: NaN };

// weight[o] · x[t]: the sum behind one output of a matrix.
const linear = (weight, x) => (see, [t, o], layer) => dot(row(see(layer + weight), o), row(see(layer + x), t));

function normed(values, i) {
  const meanSquare = values.reduce((total, a) => total + a * a, 0) / values.length;
  return { text: `${format(values[i])} / √(${format(meanSquare)} + 0.00001)`, value: values[i] / Math.sqrt(meanSquare + 0.00001) };
}

const norm = (x) => (see, [t, i], layer) => normed(row(see(x(layer)), t), i);
const sumOfEmbeddings = (see, t) => row(see("embed"), t).map((a, i) => a + row(see("pos_embed"), t)[i]);
const below = (layer) => (layer === "layers.0." ? "embed_norm" : `layers.${layer.split(".")[1] - 1}.resid_post`);

function shares(values, i) {
  const known = Array.from(values).filter((x) => !Number.isNaN(x)), largest = Math.max(...known);
  const total = known.reduce((all, x) => all + Math.exp(x - largest), 0);
  return { text: `exp(${format(values[i])} − ${bracketed(largest)}) / ${format(total)}`, value: Math.exp(values[i] - largest) / total };
}

const heads = ({ shape: [T, , width], data }, t, head, sizes) => data.subarray((t * sizes + head) * T, (t * sizes + head + 1) * T);

// name pattern -> (see, index, layer, app's sizes) => {text, value}; `layer` is "layers.0." or "".
const FORMULAS = {
  embed_norm: (see, [t, i]) => normed(sumOfEmbeddings(see, t), i),
  "layers.i.norm1": norm(below),
  "layers.i.attn.q": linear("attn.wq", "norm1"),
  "layers.i.attn.k": linear("attn.wk", "norm1"),
  "layers.i.attn.v": linear("attn.wv", "norm1"),
  "layers.i.attn.scores": (see, [t, head, s], layer, { K }) => {
    const part = (name, position) => row(see(`${layer}attn.${name}`), position).subarray(head * K, (head + 1) * K), { text, value } = dot(part("q", t), part("k", s));
    return s > t ? LATER : { text: `(${text}) / √${K}`, value: value / Math.sqrt(K) };
  },
  "layers.i.attn.pattern": (see, [t, head, s], layer, { A }) => (s > t ? LATER : shares(heads(see(`${layer}attn.scores`), t, head, A), s)),
  "layers.i.attn.z": (see, [t, i], layer, { A, K }) => {
    const pattern = heads(see(`${layer}attn.pattern`), t, Math.floor(i / K), A).subarray(0, t + 1);
    return dot(pattern, Array.from(pattern, (_, s) => at(see(`${layer}attn.v`), s, i)));
  },
  "layers.i.attn.out": linear("attn.wo", "attn.z"),
  "layers.i.resid_mid": (see, [t, i], layer) => sum(at(see(`${layer}attn.out`), t, i), at(see(below(layer)), t, i)),
  "layers.i.norm2": norm((layer) => `${layer}resid_mid`),
  "layers.i.mlp.pre": linear("mlp.fc1", "norm2"),
  "layers.i.mlp.post": (see, [t, i], layer) => {
    const pre = at(see(`${layer}mlp.pre`), t, i);
    return { text: `max(0, ${format(pre)})`, value: Math.max(0, pre) };
  },
  "layers.i.mlp.out": linear("mlp.fc2", "mlp.post"),
  "layers.i.resid_post": (see, [t, i], layer) => sum(at(see(`${layer}mlp.out`), t, i), at(see(`${layer}resid_mid`), t, i)),
  logits: (see, [t, o], layer, { L }) => dot(row(see("lm_head"), o), row(see(L ? `layers.${L - 1}.resid_post` : "embed_norm"), t)),
  probabilities: (see, [t, o]) => shares(row(see("logits"), t), o),
  losses: (see, [t], layer, sizes, ids) => {
    const chance = at(see("probabilities"), t, ids[t + 1]);
    return { text: `−ln ${format(chance)}`, value: -Math.log(chance) };
  },
  loss: (see) => {
    const { data, shape: [T] } = see("losses");
    return { text: `(${Array.from(data, (x) => format(x)).join(" + ")}) / ${T}`, value: data.reduce((total, x) => total + x, 0) / T };
  },
};

// The name as the table of names has it, layers.3.… as layers.i.…
export function pattern(name) {
  return name.replace(/^layers\.\d+/, "layers.i");
}

// {text, value} of a number's formula with the values in it, or null where there is none: a weight is not computed.
// `see(name)` is what `read` returns for the same pass, `ids` those of the name, `sizes` those of the GPT.
export function filled(name, index, see, ids, sizes) {
  const formula = FORMULAS[pattern(name)], layer = /^layers\.\d+\./.exec(name)?.[0] ?? "";
  return formula ? formula(see, index, layer, sizes, ids) : null;
}
