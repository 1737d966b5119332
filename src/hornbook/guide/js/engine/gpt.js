// microgpt on typed arrays with its gradients written out: the numbers of scalar_gpt.js, some thousand steps a second.

import { adam, linear, linearBackwardW, linearBackwardX, rmsnorm, rmsnormBackward, softmax } from "./kernels.js";
import { attention, attentionBackward } from "./attention.js";
import { CONFIG, shapesOf } from "./config.js";
import { Tokenizer } from "./tokenizer.js";

// `parameters`, `gradients` (of the last backward pass) and Adam's `m` and `v` hold a Float64Array under each name of
// `shapes`, views into one memory: write into them to change them. `numbers` and `d` hold what a pass computed and its
// gradients, `T` tokens of it; numbers.js reads both by name. `step` counts the training steps so far.
export class GPT {
  // Without an `rng` to draw them from, the weights are 0. `memory` shares another GPT's parameters.
  constructor(letters, config = CONFIG, rng = null, memory = null) {
    check(letters, config);
    this.tokenizer = new Tokenizer(letters);
    this.config = { ...CONFIG, ...config };
    this.step = this.T = 0;
    this.shapes = shapesOf(letters.length + 1, this.config);
    const total = Object.values(this.shapes).reduce((sum, [rows, columns]) => sum + rows * columns, 0);
    this.memory = { parameters: memory ?? new Float64Array(total) };
    for (const kind of ["gradients", "m", "v"]) this.memory[kind] = new Float64Array(total);
    for (const kind of ["parameters", "gradients", "m", "v"]) this[kind] = views(this.memory[kind], this.shapes);
    if (rng) for (let i = 0; i < total; i++) this.memory.parameters[i] = rng.gauss(0, this.config.init_std);
    this.sizes = sizesOf(this.tokenizer.vocabSize, this.config);
    this.numbers = buffers(this.sizes);
    this.d = buffers(this.sizes);
  }

  // Another GPT over the same weights whose passes leave this one's numbers and gradients alone.
  reader() {
    return new GPT(this.tokenizer.letters, this.config, null, this.memory.parameters);
  }

  // Every number up to the probabilities, for the first `block_size` of some ids.
  forward(ids) {
    const { numbers, parameters, sizes: { D, F, L, V, P } } = this, T = (this.T = Math.min(ids.length, P));
    for (let t = 0; t < T; t++) {
      const token = ids[t] * D, here = t * D;
      for (let i = 0; i < D; i++) numbers.sum[here + i] = parameters.wte[token + i] + parameters.wpe[here + i];
    }
    rmsnorm(numbers.embed_norm, numbers.scale, numbers.sum, T, D);
    let x = numbers.embed_norm;
    for (let i = 0; i < L; i++) x = this.layer(numbers.layers[i], i, x, T, D, F);
    linear(numbers.logits, parameters.lm_head, x, T, V, D);
    for (let t = 0; t < T; t++) softmax(numbers.probabilities, numbers.logits, t * V, V);
    return numbers;
  }

  layer(n, i, x, T, D, F) {
    const at = `layers.${i}`, w = this.parameters;
    rmsnorm(n.norm1, n.scale1, x, T, D);
    linear(n.qkv, this.qkv(w, i), n.norm1, T, 3 * D, D);
    attention(n, T, this.sizes);
    linear(n.out, w[`${at}.attn.wo`], n.z, T, D, D);
    for (let j = 0; j < T * D; j++) n.resid_mid[j] = n.out[j] + x[j];
    rmsnorm(n.norm2, n.scale2, n.resid_mid, T, D);
    linear(n.pre, w[`${at}.mlp.fc1`], n.norm2, T, F, D);
    for (let j = 0; j < T * F; j++) n.post[j] = n.pre[j] > 0 ? n.pre[j] : 0;
    linear(n.mlp_out, w[`${at}.mlp.fc2`], n.post, T, D, F);
    for (let j = 0; j < T * D; j++) n.resid_post[j] = n.mlp_out[j] + n.resid_mid[j];
    return n.resid_post;
  }

  // The matrices wq, wk and wv of a layer, which lie one behind the other, as one.
  qkv(kind, i) {
    const first = kind[`layers.${i}.attn.wq`];
    return new Float64Array(first.buffer, first.byteOffset, 3 * first.length);
  }

  // The mean of −log p(next id) over a name's positions, in nats; leaves its gradient in `gradients` and `d`.
  gradient(ids) {
    this.forward(ids.slice(0, -1));
    const { T, numbers: { probabilities, losses }, d, sizes: { V } } = this;
    let loss = 0;
    for (let t = 0; t < T; t++) {
      const target = t * V + ids[t + 1];
      loss += losses[t] = -Math.log(probabilities[target]);
      for (let i = t * V; i < (t + 1) * V; i++) d.logits[i] = probabilities[i] / T;
      d.logits[target] -= 1 / T;
      d.probabilities.fill(0, t * V, (t + 1) * V);
      d.probabilities[target] = -1 / (T * probabilities[target]);
    }
    this.backward(ids);
    return loss / T;
  }

  backward(ids) {
    const { T, numbers, d, parameters, gradients, sizes: { D, F, L, V } } = this;
    const last = L ? numbers.layers[L - 1].resid_post : numbers.embed_norm;
    linearBackwardW(gradients.lm_head, d.logits, last, T, V, D);
    linearBackwardX(L ? d.layers[L - 1].resid_post : d.embed_norm, parameters.lm_head, d.logits, T, V, D);
    for (let i = L - 1; i >= 0; i--) this.layerBackward(i, i ? d.layers[i - 1].resid_post : d.embed_norm, T, D, F);
    rmsnormBackward(d.sum, this.zeros ??= new Float64Array(d.sum.length), d.embed_norm, numbers.embed_norm, numbers.scale, T, D);
    gradients.wte.fill(0);
    gradients.wpe.fill(0);
    for (let t = 0; t < T; t++) {
      const token = ids[t] * D, here = t * D;
      for (let i = 0; i < D; i++) {
        gradients.wte[token + i] += d.sum[here + i];
        gradients.wpe[here + i] = d.sum[here + i];
      }
    }
  }

  layerBackward(i, below, T, D, F) {
    const n = this.numbers.layers[i], d = this.d.layers[i], w = this.parameters, g = this.gradients, at = `layers.${i}`;
    linearBackwardW(g[`${at}.mlp.fc2`], d.resid_post, n.post, T, D, F);
    linearBackwardX(d.post, w[`${at}.mlp.fc2`], d.resid_post, T, D, F);
    for (let j = 0; j < T * F; j++) d.pre[j] = n.pre[j] > 0 ? d.post[j] : 0;
    linearBackwardW(g[`${at}.mlp.fc1`], d.pre, n.norm2, T, F, D);
    linearBackwardX(d.norm2, w[`${at}.mlp.fc1`], d.pre, T, F, D);
    rmsnormBackward(d.resid_mid, d.resid_post, d.norm2, n.norm2, n.scale2, T, D);
    linearBackwardW(g[`${at}.attn.wo`], d.resid_mid, n.z, T, D, D);
    linearBackwardX(d.z, w[`${at}.attn.wo`], d.resid_mid, T, D, D);
    attentionBackward(n, d, T, this.sizes);
    linearBackwardW(this.qkv(g, i), d.qkv, n.norm1, T, 3 * D, D);
    linearBackwardX(d.norm1, this.qkv(w, i), d.qkv, T, 3 * D, D);
    rmsnormBackward(below, d.resid_mid, d.norm1, n.norm1, n.scale1, T, D);
  }

  // One training step on one name's ids: returns its loss before the step. RangeError, and nothing moved, where that is no number.
  train(ids) {
    const loss = this.gradient(ids);
    if (!Number.isFinite(loss)) throw new RangeError(`the loss became ${loss} at step ${this.step + 1}; try a lower learning rate.`);
    const { parameters, gradients, m, v } = this.memory, rate = this.rate();
    adam(parameters, gradients, m, v, ++this.step, rate, this.config);
    return loss;
  }

  // The learning rate of the next step: it falls in a straight line to 0 after the last, and stays there.
  rate() {
    return this.config.learning_rate * Math.max(0, 1 - this.step / this.config.steps);
  }

  // The loss of some ids; moves nothing.
  loss(ids) {
    const { probabilities } = this.forward(ids.slice(0, -1)), { T, sizes: { V } } = this;
    let loss = 0;
    for (let t = 0; t < T; t++) loss -= Math.log(probabilities[t * V + ids[t + 1]]);
    return loss / T;
  }

  // The gradient of a name's loss in one parameter by nudging it: (L(x + h) − L(x − h)) / 2h.
  slope(ids, name, index, step = 1e-5) {
    const weight = this.parameters[name], x = weight[index];
    weight[index] = x + step;
    const above = this.loss(ids);
    weight[index] = x - step;
    const below = this.loss(ids);
    weight[index] = x;
    return (above - below) / (2 * step);
  }
}

function check(letters, config) {
  if (!letters.length) throw new RangeError("the names have no letters; it needs at least one.");
  if (config.n_embd % config.n_head) throw new RangeError(`n_embd ${config.n_embd} is no multiple of n_head ${config.n_head}.`);
}

function sizesOf(V, config) {
  const { n_embd: D, n_head: A, block_size: P, n_layer: L } = config;
  return { V, D, A, P, L, F: 4 * D, K: D / A };
}

function views(memory, shapes) {
  let at = 0;
  return Object.fromEntries(Object.entries(shapes).map(([name, [rows, columns]]) => {
    at += rows * columns;
    return [name, memory.subarray(at - rows * columns, at)];
  }));
}

function buffers({ V, D, F, A, P, L }) {
  const rows = P + 1, make = (sizes) => Object.fromEntries(Object.entries(sizes).map(([name, width]) => [name, new Float64Array(rows * width)]));
  const layer = { norm1: D, scale1: 1, qkv: 3 * D, scores: A * P, pattern: A * P, z: D, out: D, resid_mid: D,
    norm2: D, scale2: 1, pre: F, post: F, mlp_out: D, resid_post: D };
  const outside = make({ sum: D, scale: 1, embed_norm: D, logits: V, probabilities: V, losses: 1 });
  return { ...outside, layers: Array.from({ length: L }, () => make(layer)) };
}
