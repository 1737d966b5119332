// Adam's rule taken apart for one parameter: from its gradient over m and v to the update that the last step made.

import { format } from "./format.js";

// Three figures of what is small, six decimals of the rest.
export const fine = (x) => format(x, Math.abs(x) < 0.001 ? 2 : 6);

const signed = (x) => (x < 0 ? `(${fine(x)})` : fine(x));

// What the last step did to parameter `index` of matrix `name`: every number by its name in `adam` of microgpt.py.
export function lastUpdate(gpt, name, index) {
  const { beta1, beta2, epsilon, learning_rate: first, steps } = gpt.config, { step } = gpt;
  const [g, m, v, x] = ["gradients", "m", "v", "parameters"].map((kind) => gpt[kind][name][index]);
  const mHat = m / (1 - beta1 ** step), vHat = v / (1 - beta2 ** step), rate = first * Math.max(0, 1 - (step - 1) / steps);
  const update = (-rate * mHat) / (Math.sqrt(vHat) + epsilon);
  return { g, m, v, x, mHat, vHat, rate, update, before: x - update, mBefore: (m - (1 - beta1) * g) / beta1, vBefore: Math.max(0, (v - (1 - beta2) * g * g) / beta2) };
}

// The rows that tell it: {label, value, meaning, formula, values, line, family}; `line` is a piece of the Python line.
export function rowsOf(gpt, name, index) {
  const { beta1, beta2, epsilon, learning_rate: first, steps } = gpt.config, { step } = gpt, a = lastUpdate(gpt, name, index);
  const share = (beta) => format(1 - beta, 2);
  return [
    { label: "gradient g", value: a.g, meaning: "∂loss/∂x: the slope of the last name's loss in this parameter", formula: "leaf.grad after backward()", line: "child.grad +=", file: "autograd", family: "loss" },
    { label: "m", value: a.m, meaning: "running mean of the gradients", formula: "β₁ m + (1 − β₁) g", values: `${beta1} · ${signed(a.mBefore)} + ${share(beta1)} · ${signed(a.g)}`, line: "m[i] =", family: "memory" },
    { label: "v", value: a.v, meaning: "running mean of their squares", formula: "β₂ v + (1 − β₂) g²", values: `${beta2} · ${fine(a.vBefore)} + ${share(beta2)} · ${signed(a.g)}²`, line: "v[i] =", family: "memory" },
    { label: "m̂", value: a.mHat, meaning: "m, freed of the 0 that it began with", formula: "m / (1 − β₁^step)", values: `${signed(a.m)} / (1 − ${beta1}^${step})`, line: "m_hat, v_hat =", family: "memory" },
    { label: "v̂", value: a.vHat, meaning: "v, freed of the 0 that it began with", formula: "v / (1 − β₂^step)", values: `${fine(a.v)} / (1 − ${beta2}^${step})`, line: "m_hat, v_hat =", family: "memory" },
    { label: "rate", value: a.rate, meaning: "the learning rate of that step", formula: "learning_rate · (1 − (step − 1) / steps)", values: `${first} · (1 − ${step - 1} / ${steps})`, line: "rate = config", family: "stream" },
    { label: "update", value: a.update, meaning: "how far the step moved this parameter", formula: "−rate · m̂ / (√v̂ + ε)", values: `−${fine(a.rate)} · ${signed(a.mHat)} / (√${fine(a.vHat)} + ${epsilon})`, line: "leaf.data -=", family: "loss" },
    { label: "value x", value: a.x, meaning: "the parameter after the step", formula: "x + update", values: `${signed(a.before)} + ${signed(a.update)}`, line: "leaf.data -=", family: "stream" },
  ];
}

// How the last step made Adam's "m" or "v" of a parameter, the values put in.
export function memory(gpt, name, index, kind) {
  return gpt.step ? rowsOf(gpt, name, index).find(({ label }) => label === kind).values : "0: no step has been taken";
}

// The loss of some ids with one parameter a little larger and a little smaller, and the slope between; moves nothing in the end.
export function nudge(gpt, ids, name, index, h = 1e-5) {
  const reader = gpt.reader(), weight = reader.parameters[name], x = weight[index];
  const lossAt = (value) => { weight[index] = value; return reader.loss(ids); };
  const above = lossAt(x + h), below = lossAt(x - h);
  weight[index] = x;
  return { h, above, below, slope: (above - below) / (2 * h) };
}
