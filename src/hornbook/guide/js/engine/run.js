// A run as JSON, such as "Save this run" and hornbook.guide.exchange write it, read into a model.

import { CONFIG, shapesOf } from "./config.js";
import { GPT } from "./gpt.js";

export const FORMAT = "hornbook microgpt 1";

// Numbers as the page carries them: eight bytes each, in base64.
const doubles = (text) => new Float64Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

const whole = (least) => (value) => Number.isSafeInteger(value) && value >= least;
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const letter = (text) => typeof text === "string" && [...text].length === 1;
const sizes = { n_layer: whole(0), n_embd: whole(1), n_head: whole(1), block_size: whole(1), steps: whole(1) };
const isConfig = (config) => isObject(config) && Object.keys(CONFIG).every((key) => config[key] === undefined || (sizes[key] ?? Number.isFinite)(config[key]));

// What a run must say, what it may say, and how a person is told of it.
const PARTS = {
  letters: [true, "a list of single letters, each once", (found) => Array.isArray(found) && found.every(letter) && new Set(found).size === found.length],
  config: [true, `numbers for ${Object.keys(CONFIG).join(", ")}`, isConfig],
  parameters: [true, "matrices by name", isObject],
  step: [false, "a whole number from 0", whole(0)],
  losses: [false, "a list of numbers", (found) => Array.isArray(found) && found.every(Number.isFinite)],
  seed: [false, "a whole number from 0", whole(0)],
  m: [false, "matrices by name", isObject],
  v: [false, "matrices by name", isObject],
};

// {gpt, losses, step}. RangeError, and nothing made, where it is something else, or a matrix has not the numbers that it should.
export function readRun(run) {
  if (run?.format !== FORMAT) throw new RangeError(`this is no run of microgpt as JSON: its format is ${run?.format}, not ${FORMAT}.`);
  for (const [part, [needed, what, right]] of Object.entries(PARTS)) {
    const found = run[part] ?? undefined;
    if (found === undefined ? needed : !right(found)) throw new RangeError(`its ${part} should be ${what}, and ${found === undefined ? "there is nothing" : `is ${shortened(found)}`}.`);
  }
  const gpt = new GPT(run.letters, run.config);
  for (const kind of ["parameters", ...(run.m && run.v ? ["m", "v"] : [])]) fill(gpt[kind], run[kind], kind, shapesOf(run.letters.length + 1, gpt.config));
  gpt.step = run.step ?? 0;
  return { gpt, losses: [...(run.losses ?? [])], step: gpt.step };
}

function fill(matrices, given, kind, shapes) {
  for (const [name, [height, width]] of Object.entries(shapes)) {
    const found = given[name], flat = typeof found === "string" ? doubles(found) : Array.isArray(found) ? found.flat() : [];
    if (flat.length !== height * width || !flat.every(Number.isFinite)) throw new RangeError(`its ${kind === "parameters" ? "" : `${kind}.`}${name} is not ${height} × ${width} numbers.`);
    matrices[name].set(flat);
  }
}

const shortened = (found) => { const text = JSON.stringify(found); return text.length > 40 ? `${text.slice(0, 40)} …` : text; };

// {format, config, letters, step, parameters, losses, seed, m, v} of a GPT, matrices as lists of rows.
export function asRun(gpt, losses, seed) {
  const { shapes, config, step, tokenizer: { letters } } = gpt;
  const rows = (matrices) => Object.fromEntries(Object.entries(shapes).map(([name, [height, width]]) => [name, Array.from({ length: height }, (_, i) => Array.from(matrices[name].subarray(i * width, (i + 1) * width)))]));
  return { format: FORMAT, config, letters, step, parameters: rows(gpt.parameters), losses, seed, m: rows(gpt.m), v: rows(gpt.v) };
}
