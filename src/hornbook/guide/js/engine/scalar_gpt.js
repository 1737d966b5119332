// microgpt number by number on `Value` nodes: reference/microgpt.py with its names, its order of sums, its graph.

import { Value, name, sum } from "./value.js";
import { shapesOf } from "./config.js";

// Every weight a leaf drawn from N(0, init_std²), row by row: {wte: V rows of D, …}, matrices as (out, in).
export function init(vocabSize, config, rng) {
  return leaves(shapesOf(vocabSize, config), () => rng.gauss(0, config.init_std));
}

// The weights of a GPT of typed arrays as leaves.
export function weightsOf(gpt) {
  return leaves(gpt.shapes, (label, row, column) => gpt.parameters[label][row * gpt.shapes[label][1] + column]);
}

function leaves(shapes, number) {
  const row = (label, o, width) => name(`${label}[${o}]`, range(width).map((i) => new Value(number(label, o, i))));
  const matrix = ([label, [height, width]]) => [label, range(height).map((o) => row(label, o, width))];
  return Object.fromEntries(Object.entries(shapes).map(matrix));
}

const range = (n) => Array.from({ length: n }, (_, i) => i);

const add = (x, y) => x.map((a, i) => a.add(y[i]));

// weight · x, one sum of products for each output.
export function linear(x, weight) {
  return weight.map((row) => sum(row.map((w, i) => w.mul(x[i]))));
}

// exp(score) / Σ exp(score); the largest score is taken off first so that nothing overflows.
export function softmax(scores) {
  const largest = Math.max(...scores.map((score) => score.data));
  const powers = scores.map((score) => score.sub(largest).exp()), total = sum(powers);
  return powers.map((power) => power.div(total));
}

// x / √(mean of x² + 1e-5): the direction of x, at length √D. Zhang & Sennrich 2019.
export function rmsnorm(x) {
  const scale = sum(x.map((a) => a.mul(a))).div(x.length).add(1e-5).pow(-0.5);
  return x.map((a) => a.mul(scale));
}

// softmax(q · k / √K) over every position so far, then the mean of their values, head by head.
export function attention(q, keys, values, nHead, where) {
  const K = Math.floor(q.length / nHead), here = keys.length - 1, z = [];
  for (let head = 0; head < nHead; head++) {
    const part = range(K).map((j) => head * K + j);
    const fit = (k) => sum(part.map((j) => q[j].mul(k[j]))).div(K ** 0.5);
    const scores = name(`${where}.scores[${here}][${head}]`, keys.map(fit));
    const pattern = name(`${where}.pattern[${here}][${head}]`, softmax(scores));
    z.push(...part.map((j) => sum(pattern.map((p, s) => p.mul(values[s][j])))));
  }
  return z;
}

// The V logits of what follows `token` at `position`; `cache` holds each layer's keys and values so far.
export function forward(weights, token, position, cache, config) {
  const see = (label, vector) => name(`${label}[${position}]`, vector);
  let x = see("embed_norm", rmsnorm(add(weights.wte[token], weights.wpe[position])));
  for (let i = 0; i < config.n_layer; i++) {
    const attn = `layers.${i}.attn`, mlp = `layers.${i}.mlp`, [keys, values] = cache[i];
    let n = see(`layers.${i}.norm1`, rmsnorm(x));
    const q = see(`${attn}.q`, linear(n, weights[`${attn}.wq`]));
    keys.push(see(`${attn}.k`, linear(n, weights[`${attn}.wk`])));
    values.push(see(`${attn}.v`, linear(n, weights[`${attn}.wv`])));
    const z = see(`${attn}.z`, attention(q, keys, values, config.n_head, attn));
    let out = see(`${attn}.out`, linear(z, weights[`${attn}.wo`]));
    x = see(`layers.${i}.resid_mid`, add(out, x));
    n = see(`layers.${i}.norm2`, rmsnorm(x));
    const pre = see(`${mlp}.pre`, linear(n, weights[`${mlp}.fc1`]));
    const post = see(`${mlp}.post`, pre.map((a) => a.relu()));
    out = see(`${mlp}.out`, linear(post, weights[`${mlp}.fc2`]));
    x = see(`layers.${i}.resid_post`, add(out, x));
  }
  return see("logits", linear(x, weights.lm_head));
}

export function emptyCache(config) {
  return range(config.n_layer).map(() => [[], []]);
}

// Mean of −log p(next id) over the positions of one name, at most `block_size` of them, in nats.
export function loss(weights, ids, config) {
  const cache = emptyCache(config), losses = [];
  for (let position = 0; position < Math.min(ids.length - 1, config.block_size); position++) {
    const logits = forward(weights, ids[position], position, cache, config);
    const probabilities = name(`probabilities[${position}]`, softmax(logits));
    losses.push(probabilities[ids[position + 1]].log().neg());
  }
  const mean = sum(name("losses", losses)).mul(1 / losses.length);
  mean.name = "loss";
  return mean;
}

// Move every leaf against its gradient g: x −= rate · m̂ / (√v̂ + ε). Kingma & Ba 2015. Clears the gradients.
export function adam(leaves, m, v, step, config) {
  const rate = config.learning_rate * (1 - (step - 1) / config.steps);
  leaves.forEach((leaf, i) => {
    m[i] = config.beta1 * m[i] + (1 - config.beta1) * leaf.grad;
    v[i] = config.beta2 * v[i] + (1 - config.beta2) * leaf.grad ** 2;
    const mHat = m[i] / (1 - config.beta1 ** step), vHat = v[i] / (1 - config.beta2 ** step);
    leaf.data -= (rate * mHat) / (vHat ** 0.5 + config.epsilon);
    leaf.grad = 0;
  });
}
