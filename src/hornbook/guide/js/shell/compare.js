// Two runs held against each other: their losses, how far their weights are apart, the names they write.

import { GPT } from "../engine/gpt.js";
import { Random } from "../engine/random.js";
import { sample } from "../engine/sample.js";
import { begin } from "../engine/trainer.js";

const NAMES = 300; // on which both losses are measured

// A run of its own, {gpt, losses, step}, of a kind of `model.saved`, "untrained", or "here": the weights as they are now.
export function runOf(model, kind) {
  if (kind === "untrained") return { gpt: begin(model.list, model.config, model.seed).gpt, losses: [], step: 0 };
  const { letters, config, arrays, losses, step } = kind === "here" ? model.snapshot() : model.saved[kind], gpt = new GPT(letters, config);
  gpt.memory.parameters.set(arrays.parameters);
  return { gpt, losses, step };
}

// The mean of −ln p over the letters of the first names that a run can read; null where it can read none.
export function lossOn(gpt, names) {
  const known = names.slice(0, NAMES).filter((name) => !gpt.tokenizer.unknown(name).length);
  let nats = 0, letters = 0;
  for (const name of known) {
    const loss = gpt.loss(gpt.tokenizer.encode(name));
    nats += loss * gpt.T;
    letters += gpt.T;
  }
  return letters ? { loss: nats / letters, letters, names: known.length } : null;
}

// [{name, a, b, apart, cosine}] of every matrix both have in one shape: root mean squares of both and of their difference.
export function apart(a, b) {
  const same = Object.keys(a.shapes).filter((name) => b.shapes[name]?.join() === a.shapes[name].join());
  return same.map((name) => {
    const x = a.parameters[name], y = b.parameters[name], xx = mean(x), yy = mean(y), xy = mean(x, y);
    return { name, a: Math.sqrt(xx), b: Math.sqrt(yy), apart: Math.sqrt(mean(x.map((value, i) => value - y[i]))), cosine: xy / Math.sqrt(xx * yy) };
  });
}

// Names that a run writes from a seed: two runs with the same luck.
export function written(gpt, seed, count = 5, temperature = 0.5) {
  const rng = new Random(seed);
  return Array.from({ length: count }, () => sample(gpt, rng, temperature));
}

const mean = (x, y = x) => x.reduce((sum, value, i) => sum + value * y[i], 0) / x.length;
