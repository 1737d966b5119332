// Where the random numbers of a name come from: the program's own stream or one of a seed, some draws into it.

import { Random } from "../engine/random.js";
import { sample, steps } from "../engine/sample.js";

export const USUAL = 0.5; // temperature, as in microgpt.py
export const NAMES = 20; // that microgpt.py writes at its end
const EQUAL = 1e-6; // nats, between a loss and the one that Python printed

// A stream of its own, `skip` draws in. Without a seed it is the one that shuffled the names and drew the weights.
export function stream(trainer, seed, skip) {
  const rng = seed === "" ? trainer.rng.copy() : new Random(Number(seed));
  for (let i = 0; i < skip; i++) rng.random();
  return rng;
}

// A whole number that `Random` takes as a seed, or "" for the program's stream.
export function seedOf(text) {
  return /^\d{1,15}$/.test(text.trim()) ? String(Number(text)) : "";
}

// One name: {word, steps: [{position, token, next, logits, probabilities, random, place, cumulative}, …]}.
export function write(trainer, { temperature, seed, skip }) {
  const { gpt } = trainer, made = [...steps(gpt.reader(), stream(trainer, seed, skip), temperature)];
  return { word: made.filter(({ next }) => next !== gpt.tokenizer.bos).map(({ next }) => gpt.tokenizer.token(next)).join(""), steps: made };
}

// Whether every step so far had the loss that Python printed.
export function follows({ gpt, losses }, golden) {
  return losses.length === gpt.step && losses.every((loss, i) => Math.abs(loss - golden[i]) < EQUAL);
}

// The names that the Python program writes at its end, as these weights would.
export function ending(trainer, count) {
  const reader = trainer.gpt.reader(), rng = trainer.rng.copy();
  return Array.from({ length: count }, () => sample(reader, rng, USUAL));
}
