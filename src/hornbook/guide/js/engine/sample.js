// Writing names: letter after letter drawn from softmax(logits / temperature), every step of it kept for showing.

import { softmax } from "./kernels.js";

// Write one name; yields {position, token, next, logits, probabilities, random, place, cumulative} for each letter and the end.
export function* steps(gpt, rng, temperature = 0.5) {
  if (!(temperature > 0)) throw new RangeError(`temperature ${temperature} is not above 0.`);
  const { V, P } = gpt.sizes, ids = [gpt.tokenizer.bos];
  for (let position = 0; position < P; position++) {
    const all = gpt.forward(ids).logits.slice(position * V, (position + 1) * V);
    const probabilities = all.map((logit) => logit / temperature);
    softmax(probabilities, probabilities, 0, V);
    const { index, ...drawn } = rng.draw(probabilities);
    yield { position, token: ids[position], next: index, logits: all, probabilities, ...drawn };
    if (index === gpt.tokenizer.bos) return;
    ids.push(index);
  }
}

// Write one name, as a string.
export function sample(gpt, rng, temperature = 0.5) {
  let word = "";
  for (const { next } of steps(gpt, rng, temperature)) if (next !== gpt.tokenizer.bos) word += gpt.tokenizer.token(next);
  return word;
}
