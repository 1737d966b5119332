// Every number of a GPT's last pass, by the name that the Python forms give it: read(gpt, "layers.0.attn.pattern").

// name -> [buffer in `numbers` and `d`, numbers a token, width of the buffer's row, where in it they begin]
const OUTSIDE = { embed_norm: "D", logits: "V", probabilities: "V", losses: "one" };
const LAYER = {
  norm1: ["norm1", "D"], "attn.q": ["qkv", "D", 0], "attn.k": ["qkv", "D", 1], "attn.v": ["qkv", "D", 2], "attn.z": ["z", "D"],
  "attn.out": ["out", "D"], resid_mid: ["resid_mid", "D"], norm2: ["norm2", "D"], "mlp.pre": ["pre", "F"],
  "mlp.post": ["post", "F"], "mlp.out": ["mlp_out", "D"], resid_post: ["resid_post", "D"],
};
const PASSED_ON = { "attn.out": "resid_mid", "mlp.out": "resid_post" }; // a sum passes its gradient on as it is
const MATRICES = { "": "parameters", grad: "gradients", m: "m", v: "v" };

// The names of all numbers that a pass computes, in the order in which they are made.
export function computed(gpt) {
  const inside = ["norm1", "attn.q", "attn.k", "attn.v", "attn.scores", "attn.pattern", ...Object.keys(LAYER).slice(4)];
  const layers = Array.from({ length: gpt.sizes.L }, (_, i) => inside.map((part) => `layers.${i}.${part}`));
  return ["embed", "pos_embed", "embed_norm", ...layers.flat(), "logits", "probabilities", "losses", "loss"];
}

// {name, shape, data}: a copy, rows first. "grad." before a name is ∂loss/∂name, "m." and "v." Adam's memory of a matrix.
// What is not computed, as a score of a later key, is NaN. `ids` are those of the pass. RangeError for an unknown name.
export function read(gpt, name, ids) {
  const [, kind, bare] = /^(?:(grad|m|v)\.)?(.+)$/.exec(name);
  if (gpt.shapes[bare]) return { name, shape: gpt.shapes[bare], data: gpt[MATRICES[kind ?? ""]][bare].slice() };
  const found = kind === "grad" ? activation(gpt, gpt.d, bare, ids, true) : kind ? null : activation(gpt, gpt.numbers, bare, ids, false);
  if (!found) throw new RangeError(`there is no number "${name}"; there are ${[...Object.keys(gpt.shapes), ...computed(gpt)].join(", ")}.`);
  return { name, ...found };
}

function activation(gpt, from, name, ids, gradient) {
  const { T, sizes } = gpt, size = { ...sizes, one: 1 };
  if (name === "loss") return { shape: [], data: Float64Array.of(gradient ? 1 : mean(gpt.numbers.losses.subarray(0, T))) };
  if (name === "losses" && gradient) return { shape: [T], data: new Float64Array(T).fill(1 / T) };
  if (name === "embed" || name === "pos_embed") return gradient ? rows(from.sum, T, sizes.D) : table(gpt, name, ids);
  if (OUTSIDE[name]) return rows(from[name], T, size[OUTSIDE[name]], name === "losses");
  const [, layer, part] = /^layers\.(\d+)\.(.+)$/.exec(name) ?? [];
  if (!(layer < sizes.L)) return null;
  if (part === "attn.scores" || part === "attn.pattern") return square(from.layers[layer][part.slice(5)], T, sizes);
  const [buffer, width, third] = LAYER[gradient ? PASSED_ON[part] ?? part : part] ?? [];
  return buffer ? rows(from.layers[layer][buffer], T, size[width], false, third) : null;
}

// T rows of a buffer; of one whose rows are three side by side, that third.
function rows(buffer, T, width, flat = false, third = null) {
  if (third === null) return { shape: flat ? [T] : [T, width], data: buffer.slice(0, T * width) };
  const data = new Float64Array(T * width);
  for (let t = 0; t < T; t++) data.set(buffer.subarray((3 * t + third) * width, (3 * t + third + 1) * width), t * width);
  return { shape: [T, width], data };
}

// (T, A, T): query, head, key.
function square(buffer, T, { A, P }) {
  const data = new Float64Array(T * A * T).fill(NaN);
  for (let row = 0; row < T * A; row++) {
    const known = Math.floor(row / A) + 1;
    data.set(buffer.subarray(row * P, row * P + known), row * T);
  }
  return { shape: [T, A, T], data };
}

function table(gpt, name, ids) {
  const { T, sizes: { D } } = gpt, data = new Float64Array(T * D);
  for (let t = 0; t < T; t++) {
    const weight = name === "embed" ? gpt.parameters.wte : gpt.parameters.wpe, row = name === "embed" ? ids[t] : t;
    data.set(weight.subarray(row * D, (row + 1) * D), t * D);
  }
  return { shape: [T, D], data };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// The place of [i, j, …] in the data of an array of this shape.
export function place(shape, index) {
  return index.reduce((at, i, axis) => at * shape[axis] + i, 0);
}

// The number at [i, j, …] of what `read` returned.
export function at({ shape, data }, ...index) {
  return data[place(shape, index)];
}
